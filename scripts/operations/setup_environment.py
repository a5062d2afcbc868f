"""Create `.venv`, or bring it up to date, from requirements.lock: pip brings uv, and uv the rest.

    python3 scripts/operations/setup_environment.py --help

Nothing is done when the stamp in the environment names this lock already; a changed lock is installed over
the old one. Without a stamp an installation was cut off: the environment is made anew, from uv's cache of
what had arrived. It runs before anything is installed: on the standard library alone, and it loads on Python
3.6, so that an old Python gets a clear line, no SyntaxError (hence the quoted annotations).
"""

import argparse
import ast
import fcntl
import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUPPORTED = [(3, 11), (3, 12), (3, 13), (3, 14)]
"""The Python versions for which every package of the lock has wheels."""
DOWNLOAD_GB, INSTALLED_GB = (3.4, 7.4) if sys.platform.startswith("linux") else (0.6, 2.0)
"""Measured; most of it is torch, which brings its GPU libraries along on Linux."""
HEADROOM_GB = 1.0
STAMP = "setup-stamp"
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST", "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT", "cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY",
}  # fmt: skip
"""pip's settings, and the variables that tell uv the same; it does not read pip's files."""
AGAIN = "(the reason is above); the same command goes on where it stopped"


class SetupError(Exception):
    """A reason to stop that the person at the terminal can act on, and the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def check_interpreter() -> None:
    """Refuse to go on with a Python that is of another version, or lacks what makes environments.

    Raises:
        SetupError: saying what to install.
    """
    version = ".".join(str(part) for part in sys.version_info[:3])
    low, high = ("{}.{}".format(*bound) for bound in (SUPPORTED[0], SUPPORTED[-1]))
    if tuple(sys.version_info[:2]) not in SUPPORTED:
        raise SetupError(
            f"Python {version} is not supported: Python {low} to {high} is needed (make PYTHON=...)"
        )
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        raise SetupError(
            f"Python {version} ({sys.executable}) lacks the module {' and '.join(missing)}, needed to make a "
            f"virtual environment: install it (Debian and Ubuntu: apt install {package})"
        )


def installed_packages(venv: Path) -> "Path | None":
    """Return the environment's site-packages; None where its Python is gone or of another version."""
    code = "import sys; print(*sys.version_info[:2])"
    command = [str(venv / "bin" / "python"), "-S", "-c", code]
    try:
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60).stdout
        version = tuple(int(part) for part in answer.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    folder = venv / "lib" / "python{}.{}".format(*version) / "site-packages"
    return folder if version in SUPPORTED and folder.is_dir() else None


def existing(folder: Path) -> str:
    """Return a folder, or the nearest one above it that is there."""
    return next(str(parent) for parent in (folder, *folder.parents) if parent.exists())


def cache_folder(venv: Path) -> Path:
    """Return where uv keeps downloads: its usual place, or the environment where that is read-only."""
    usual = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    cache = Path(os.environ.get("UV_CACHE_DIR") or os.path.join(usual, "uv")).absolute()
    return cache if os.access(existing(cache), os.W_OK) else venv / "cache"


def folder_gb(folder: Path) -> float:
    """Return how much disk the files under a folder take."""
    paths = (os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return sum(os.lstat(path).st_blocks for path in paths if os.path.lexists(path)) * 512 / 1e9


def check_disk(venv: Path, cache: Path, require_gb: float) -> None:
    """Refuse to begin an installation that a disk cannot hold; on one disk, uv links and does not copy.

    Raises:
        SetupError: naming what is needed, what is free, and where.
    """
    for folder in (venv, cache):
        free, disk = (
            shutil.disk_usage(existing(folder)).free / 1e9,
            os.stat(existing(folder)).st_dev,
        )
        if free >= require_gb:
            continue
        beside = [other for other in (venv, cache) if os.stat(existing(other)).st_dev == disk]
        still = max(HEADROOM_GB, require_gb - max(map(folder_gb, beside)))
        if free < still:
            raise SetupError(
                f"too little disk: {still:.1f} GB are needed for {folder}, {free:.1f} GB are free there; "
                "free some space, or use another disk (make VENV=/other/disk/venv, and UV_CACHE_DIR)"
            )


def uv_settings(pip_listing: str) -> "tuple[dict[str, str], list[str]]":
    """Translate `pip config list` into variables and options that let uv find packages where pip does."""
    settings = {}
    for section in ("global", "install", ":env:"):  # the later goes before the earlier, as with pip
        for name, value in re.findall(rf"^{section}\.([\w-]+)=('.*'|\".*\")$", pip_listing, re.M):
            settings[name] = str(ast.literal_eval(value))
    variables = {}
    for name in sorted(settings.keys() & UV_NAMES.keys()):
        separator = "," if name == "find-links" else " "
        variables[UV_NAMES[name]] = separator.join(settings[name].split())
    if "UV_INDEX" in variables:
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # pip looks in every index, too
    no_index = settings.get("no-index", "").lower() in ("1", "true", "yes", "on")
    return variables, ["--no-index"] if no_index else []


def run(command: "list[str]", env: "dict[str, str]", seconds: float) -> int:
    """Run a command to its end; off a terminal, say every `seconds` that it still runs."""
    started, cache = time.monotonic(), existing(Path(env["UV_CACHE_DIR"]))
    free = shutil.disk_usage(cache).free
    process = subprocess.Popen(command, env=env)
    try:
        while True:
            try:
                return process.wait(timeout=None if sys.stdout.isatty() else seconds)
            except subprocess.TimeoutExpired:
                taken = max(0.0, (free - shutil.disk_usage(cache).free) / 1e9)
                spent = f"{time.monotonic() - started:.0f} s"
                print(f"  still installing: {spent}, {taken:.1f} GB of disk", flush=True)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def install(venv: Path, lock: Path, cache: Path, seconds: float) -> None:
    """Install the lock: the uv that it names with pip, then all of it with uv.

    Raises:
        SetupError: one of them failed; its own message has been shown.
    """
    uv = re.search(r"^uv==[^\s;]+", lock.read_text(encoding="utf-8"), re.M)
    if uv is None:
        raise SetupError(f"{lock} names no uv: write it again with `make lock`")
    env = {**os.environ, "PYTHONNOUSERSITE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    env["UV_CACHE_DIR"] = str(cache)
    python = str(venv / "bin" / "python")
    pip = [python, "-m", "pip", "--no-input"]
    if run([*pip, "install", "--quiet", "--no-deps", uv.group()], env, seconds) != 0:
        raise SetupError(f"pip could not install {uv.group()} {AGAIN}", code=1)
    listing = subprocess.run([*pip, "config", "list"], env=env, stdout=subprocess.PIPE)
    variables, options = uv_settings(listing.stdout.decode())
    (venv / STAMP).unlink(missing_ok=True)
    command = [str(venv / "bin" / "uv"), "pip", "install", "--python", python, "--no-deps"]
    # What the user told uv himself goes before what he told pip.
    if run([*command, *options, "-r", str(lock)], {**variables, **env}, seconds) != 0:
        raise SetupError(f"uv could not install the packages {AGAIN}", code=1)


def create(venv: Path) -> Path:
    """Make an empty environment in place of a broken one or none; return its site-packages.

    Raises:
        SetupError: venv failed; its own message has been shown.
    """
    print(f"{'Rebuilding' if venv.exists() else 'Creating'} {venv}", flush=True)
    # First the long part of clearing: a cut there leaves pyvenv.cfg, which says what the folder is.
    shutil.rmtree(str(venv / "lib"), ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)]).returncode
    packages = installed_packages(venv)
    if made != 0 or packages is None:
        raise SetupError(f"{sys.executable} -m venv {venv} failed {AGAIN}", code=1)
    return packages


def name_project(venv: Path, packages: Path) -> None:
    """Make the project's packages importable, and `songdalle` a command, wherever one is started."""
    (packages / "song_dalle.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command, python = venv / "bin" / "songdalle", shlex.quote(str(venv / "bin" / "python"))
    command.write_text(f'#!/bin/sh\nexec {python} -m songdalle_client "$@"\n', encoding="utf-8")
    command.chmod(0o755)


def set_up(venv: Path, lock: Path, require_gb: float, seconds: float) -> None:
    """Make the environment complete for the lock, doing only what is missing."""
    stamp, text = venv / STAMP, lock.read_bytes()
    wanted = f"python {{}}\nlock sha256:{hashlib.sha256(text).hexdigest()}\n"
    packages = installed_packages(venv) if stamp.is_file() else None
    if packages is not None:
        name_project(venv, packages)
        if stamp.read_text() == wanted.format(packages.parent.name[len("python") :]):
            return
    else:
        check_interpreter()
        if venv.exists() and any(venv.iterdir()) and not (venv / "pyvenv.cfg").is_file():
            raise SetupError(
                f"{venv} exists and is no virtual environment: move it away, or delete it"
            )
    cache, started = cache_folder(venv), time.monotonic()
    check_disk(venv, cache, require_gb)
    if packages is None:
        packages = create(venv)
        name_project(venv, packages)
    print(
        f"Installing {len(re.findall(rb'^[A-Za-z]', text, re.M))} packages of {lock.name} into {venv}: from "
        f"scratch about {DOWNLOAD_GB:g} GB to download and {INSTALLED_GB:g} GB of disk",
        flush=True,
    )
    install(venv, lock, cache, seconds)
    stamp.write_text(wanted.format(packages.parent.name[len("python") :]))
    print(f"{venv} is complete ({time.monotonic() - started:.0f} s)", flush=True)


def main(argv: "list[str] | None" = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    add = parser.add_argument
    add("--venv", type=Path, default=ROOT / ".venv", help="where to make it")
    add("--lock", type=Path, default=ROOT / "requirements.lock", help="what goes in")
    enough = INSTALLED_GB + HEADROOM_GB
    add("--require-gb", type=float, default=enough, help="free disk to begin with (%(default)s)")
    add("--progress-seconds", type=float, default=10, help="between lines, off a terminal")
    options = parser.parse_args(argv)
    venv, lock = options.venv.absolute(), options.lock
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if not lock.is_file():
            raise SetupError(f"the lock {lock} does not exist (make lock writes it)")
        venv.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(str(venv.parent), os.O_RDONLY)
        # Two commands at once on a clean clone: the second waits, then finds all done.
        fcntl.flock(folder, fcntl.LOCK_EX)  # ends with this process
        set_up(venv, lock, options.require_gb, options.progress_seconds)
    except (SetupError, OSError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return error.code if isinstance(error, SetupError) else 1
    except KeyboardInterrupt:
        print("setup: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
