"""Create `.venv`, or bring it up to date, from requirements.lock.

    python3 scripts/operations/setup_environment.py --help

Nothing is done when the stamp in the environment names this lock already. An interrupted run goes
on where it stopped, a changed lock is installed over the old one, a broken one is made anew.

The file runs before anything is installed: it uses the standard library alone, and it loads on
Python 3.6, so that an old Python gets a clear line, no SyntaxError (hence the quoted annotations).
"""

import argparse
import csv
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = (3, 11), (3, 14)
"""The Python versions for which every package of the lock has wheels."""

LINUX = sys.platform.startswith("linux")
DOWNLOAD_GB, INSTALLED_GB = (3.4, 7.0) if LINUX else (0.6, 2.0)
"""Measured; most of it is torch, which brings its GPU libraries along on Linux."""
HEADROOM_GB = 1.5
"""For the wheels of one batch, which lie beside the environment until they are installed."""
BATCH = 12
"""Packages a pip run: what an interruption can lose, against a second of start-up for each run."""

STAMP = "setup-stamp"
PROBE = """
import importlib.util, json, sys
missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
print(json.dumps({"version": sys.version_info[:3], "missing": missing}))
"""


class SetupError(Exception):
    """A reason to stop that the person at the terminal can act on."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class Interpreter(NamedTuple):
    """What a Python says of itself: its version and which modules for `.venv` it lacks."""

    version: "tuple[int, ...]"
    missing: "tuple[str, ...]"


def unsupported_python(version: "tuple[int, ...]") -> "str | None":
    """Say why this version of Python cannot run the project, or return None where it can."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    have = ".".join(str(part) for part in version)
    low, high = (".".join(str(part) for part in bound) for bound in (OLDEST, NEWEST))
    return f"Python {have} is not supported: Python {low} to {high} is needed (make PYTHON=...)"


def probe(python: str) -> "Interpreter | None":
    """Ask an interpreter about itself; None where it does not run or does not answer."""
    try:
        answer = subprocess.run(
            [python, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
        )
        facts = json.loads(answer.stdout.decode())
        return Interpreter(tuple(facts["version"]), tuple(facts["missing"]))
    except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError):
        return None


def check_interpreter(python: str) -> None:
    """Refuse an interpreter that cannot make the environment.

    Raises:
        SetupError: it does not run, is of an unsupported version, or lacks venv or ensurepip.
    """
    facts = probe(python)
    if facts is None:
        raise SetupError(f"{python} does not run as a Python interpreter (make PYTHON=...)")
    problem = unsupported_python(facts.version)
    if problem is not None:
        raise SetupError(problem)
    if facts.missing:
        short = "{}.{}".format(*facts.version[:2])
        raise SetupError(
            f"Python {short} ({python}) lacks the module {' and '.join(facts.missing)}, needed "
            "to make a virtual environment: install it (Debian and Ubuntu: apt install "
            f"python{short}-venv)"
        )


def venv_python(venv: Path) -> Path:
    """Return where the environment's interpreter lies."""
    return venv / "bin" / "python"


def venv_version(venv: Path) -> "tuple[int, ...] | None":
    """Return the environment's Python version; None where it is missing, broken or unsupported."""
    facts = probe(str(venv_python(venv)))
    if facts is None or unsupported_python(facts.version) is not None:
        return None
    return facts.version if (site_packages(venv, facts.version) / "pip").is_dir() else None


def site_packages(venv: Path, version: "tuple[int, ...]") -> Path:
    """Return the folder that packages are installed into."""
    return venv / "lib" / "python{}.{}".format(*version[:2]) / "site-packages"


def stamp_text(lock: Path, version: "tuple[int, ...]") -> str:
    """Return what the stamp of a complete environment for this lock and this Python says."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"python {version[0]}.{version[1]}\nlock sha256:{digest}\n"


def folder_bytes(folder: Path) -> int:
    """Return how much disk the files under a folder take; files that vanish meanwhile count 0."""
    total = 0
    for parent, _, names in os.walk(str(folder)):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                continue
    return total


def free_gb(folder: Path) -> float:
    """Return the free space, in GB, where a folder lies or is going to lie."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(str(folder)).free / 1e9


def check_disk(venv: Path, require_gb: float) -> None:
    """Refuse to begin an installation that the disk cannot hold.

    Raises:
        SetupError: naming what is needed, what is free, and where.
    """
    have = free_gb(venv)
    still = max(HEADROOM_GB, require_gb - folder_bytes(venv) / 1e9)
    if have < still:
        raise SetupError(
            f"too little disk: {still:.1f} GB are needed for {venv.absolute()}, {have:.1f} GB are "
            "free there; free some space, or use another disk (make VENV=/other/disk/venv)"
        )


def requirements(lock: Path) -> "list[str]":
    """Return the lock's requirement lines, without comments."""
    lines = (line.strip() for line in lock.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def is_whole(info: Path) -> bool:
    """Say whether every file that a package's RECORD lists is there in its full length."""
    try:
        with (info / "RECORD").open(newline="", encoding="utf-8") as record:
            rows = [row for row in csv.reader(record) if len(row) == 3]
        files = [(info.parent / name, size) for name, _, size in rows if name[-4:] != ".pyc"]
        return bool(files) and all(
            path.stat().st_size == int(size) if size else path.exists() for path, size in files
        )
    except (OSError, ValueError):
        return False


def forget_half_installed(packages: Path) -> "list[str]":
    """Make pip see half-installed packages as missing; return their names.

    pip trusts any *.dist-info folder, also one that a killed run left behind.
    """
    broken = [info for info in sorted(packages.glob("*.dist-info")) if not is_whole(info)]
    for info in broken:
        shutil.rmtree(str(info))
    return [info.name[: -len(".dist-info")] for info in broken]


def run_visibly(command: "list[str]", venv: Path, env: "dict[str, str]", seconds: float) -> int:
    """Run pip to its end: with its own bars on a terminal, else with a line every `seconds`."""
    started = time.monotonic()
    process = subprocess.Popen(command, env=env)
    try:
        while True:
            try:
                return process.wait(timeout=None if sys.stdout.isatty() else seconds)
            except subprocess.TimeoutExpired:
                spent, size = time.monotonic() - started, folder_bytes(venv) / 1e9
                print(f"  still installing: {spent:.0f} s, {venv} holds {size:.1f} GB", flush=True)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def install(venv: Path, lock: Path, require_gb: float, seconds: float) -> None:
    """Install the lock into the environment, batch by batch.

    Raises:
        SetupError: pip failed; its own message has been shown.
    """
    lines = requirements(lock)
    temporary = venv / "tmp"
    shutil.rmtree(str(temporary), ignore_errors=True)
    temporary.mkdir()
    # Downloads lie beside the environment: /tmp is small memory on many systems.
    env = {**os.environ, "TMPDIR": str(temporary), "PYTHONNOUSERSITE": "1"}
    pip = [str(venv_python(venv)), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    command = [*pip, "install", "--no-deps"]
    command += [] if sys.stdout.isatty() else ["--quiet"]
    if free_gb(venv) < require_gb + DOWNLOAD_GB:
        command.append("--no-cache-dir")
    for first in range(0, len(lines), BATCH):
        batch = lines[first : first + BATCH]
        print(f"packages {first + 1} to {first + len(batch)} of {len(lines)}", flush=True)
        part = temporary / "batch.txt"
        part.write_text("\n".join(batch) + "\n", encoding="utf-8")
        if run_visibly([*command, "-r", str(part)], venv, env, seconds) != 0:
            raise SetupError(
                "pip could not install the packages (its reason is above); "
                "the same command goes on where it stopped",
                code=1,
            )
    shutil.rmtree(str(temporary))


def name_project(packages: Path) -> None:
    """Make the project's packages importable by name, wherever a command is started."""
    (packages / "song_dalle.pth").write_text(str(ROOT) + "\n", encoding="utf-8")


def name_command(venv: Path) -> None:
    """Put the `songdalle` command beside the environment's Python, as installing the project would."""
    python = venv_python(venv).absolute()
    command = python.with_name("songdalle")
    line = f'exec {shlex.quote(str(python))} -m songdalle_client "$@"'
    command.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    command.chmod(0o755)


def create(python: str, venv: Path) -> "tuple[int, ...]":
    """Make an empty environment in place of a broken one or none; return its Python version.

    Raises:
        SetupError: the interpreter is unfit, or the folder holds something else.
    """
    if venv.exists() and any(venv.iterdir()) and not (venv / "pyvenv.cfg").is_file():
        raise SetupError(f"{venv} exists and is no virtual environment: move it away, or delete it")
    print(f"{'Rebuilding' if venv.exists() else 'Creating'} {venv}", flush=True)
    made = subprocess.run([python, "-m", "venv", "--clear", str(venv)]).returncode
    version = venv_version(venv)
    if made != 0 or version is None:
        raise SetupError(f"{python} -m venv {venv} failed (its reason is above)", code=1)
    name_project(site_packages(venv, version))
    name_command(venv)
    return version


def set_up(python: str, venv: Path, lock: Path, require_gb: float, seconds: float) -> None:
    """Make the environment complete for the lock, doing only what is missing."""
    version = venv_version(venv)
    stamp = venv / STAMP
    if version is not None:
        name_project(site_packages(venv, version))
        name_command(venv)
    if version is not None and stamp.is_file() and stamp.read_text() == stamp_text(lock, version):
        return
    if version is None:
        check_interpreter(python)
    check_disk(venv, require_gb)
    if version is None:
        version = create(python, venv)
    if stamp.exists():
        stamp.unlink()
    packages = site_packages(venv, version)
    for name in forget_half_installed(packages):
        print(f"{name} was only half installed: installing it again", flush=True)
    print(
        f"Installing {len(requirements(lock))} packages of {lock.name} into {venv}: from scratch "
        f"about {DOWNLOAD_GB:g} GB to download and {INSTALLED_GB:g} GB of disk",
        flush=True,
    )
    started = time.monotonic()
    install(venv, lock, require_gb, seconds)
    stamp.write_text(stamp_text(lock, version))
    print(f"{venv} is complete ({time.monotonic() - started:.0f} s)", flush=True)


def parse(argv: "list[str] | None") -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--python", default=sys.executable, help="interpreter to make it with")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="where to make it")
    parser.add_argument(
        "--lock", type=Path, default=ROOT / "requirements.lock", help="what goes in"
    )
    parser.add_argument(
        "--require-gb",
        type=float,
        default=INSTALLED_GB + HEADROOM_GB,
        help="refuse to begin with less free disk than this (default: %(default)s)",
    )
    parser.add_argument(
        "--progress-seconds", type=float, default=10, help="between progress lines, off a terminal"
    )
    return parser.parse_args(argv)


def main(argv: "list[str] | None" = None) -> int:
    """Run the command; return its exit code."""
    problem = unsupported_python(tuple(sys.version_info[:3]))
    if problem is not None:
        print(f"setup: {problem}", file=sys.stderr)
        return 2
    options = parse(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if not options.lock.is_file():
            raise SetupError(f"the lock {options.lock} does not exist (make lock writes it)")
        options.venv.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(str(options.venv.parent), os.O_RDONLY)
        try:
            # Two commands at once on a clean clone: the second waits, then finds all done.
            fcntl.flock(held, fcntl.LOCK_EX)
            venv, lock = options.venv, options.lock
            set_up(options.python, venv, lock, options.require_gb, options.progress_seconds)
        finally:
            os.close(held)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return error.code
    except OSError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
