"""Write requirements.lock: every package the project needs, transitive ones too, in one version.

    python scripts/operations/compile_lock.py --help

The resolver is uv's, for every platform and from the oldest Python on; markers say what goes where.
Versions already in the lock stay unless pyproject.toml forbids them or --upgrade is given.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = """\
# Every package of the project, its tests and its tools, in one version, for Python 3.11 and newer.
# Written by `make lock` from pyproject.toml; installed by `make serve` and `make test`.
"""
OLDEST_PYTHON = "3.11"


def command(output: Path, *, upgrade: bool) -> list[str]:
    """Return the resolver's command line; paths in it are relative, for they end up in the lock."""
    options = ["--universal", "--python-version", OLDEST_PYTHON, "--extra", "dev", "--no-header"]
    options += ["--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    options += ["--upgrade"] if upgrade else []
    resolve = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"]
    return [*resolve, *options, "--output-file", str(output)]


def compile_lock(lock: Path, *, upgrade: bool) -> None:
    """Resolve pyproject.toml and put the result at `lock`, in one move once it is complete.

    Raises:
        subprocess.CalledProcessError: the resolver failed; its reason is on standard error.
    """
    with tempfile.TemporaryDirectory(dir=lock.parent) as folder:
        draft = Path(folder) / lock.name
        if lock.exists():
            shutil.copy(lock, draft)
        subprocess.run(command(draft, upgrade=upgrade), cwd=ROOT, check=True)
        draft.write_text(HEADER + draft.read_text(encoding="utf-8"), encoding="utf-8")
        os.replace(draft, lock)


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--lock", type=Path, default=ROOT / "requirements.lock")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    options = parser.parse_args(argv)
    try:
        compile_lock(options.lock.resolve(), upgrade=options.upgrade)
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    return 0


if __name__ == "__main__":
    sys.exit(main())
