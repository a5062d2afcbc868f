"""The kernel as a library: compiled for this very CPU at first use, then kept in the user's cache.

The compiler is Clang as the `ziglang` package ships it, so that nothing has to be installed on the machine.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from ctypes import POINTER, c_int, c_void_p
from pathlib import Path

import platformdirs

from songdalle_core.imagegen.runtimes.native.layout import check_layout

SOURCES = Path(__file__).parent / "kernel"
FLAGS = (
    "-shared", "-fPIC", "-nostdlib", "-O3", "-mcpu=native",
    "-ffp-contract=off", "-fno-math-errno", "-Wall", "-Wextra", "-Werror",
)  # fmt: skip
PATIENCE_S = 120.0


class KernelUnavailable(RuntimeError):
    """The kernel cannot be compiled or loaded here."""


@functools.cache
def library() -> ctypes.CDLL:
    """The kernel's functions.

    Raises:
        KernelUnavailable: no compiler, or it failed.
    """
    try:
        loaded = ctypes.CDLL(str(compiled()))
    except OSError as error:
        raise KernelUnavailable(f"the compiled kernel does not load: {error}") from error
    check_layout(loaded)
    loaded.crew_new.argtypes, loaded.crew_new.restype = [c_void_p, c_int, c_int], c_void_p
    loaded.crew_step.argtypes, loaded.crew_step.restype = [c_void_p, POINTER(c_void_p), c_int], None
    loaded.crew_free.argtypes, loaded.crew_free.restype = [c_void_p], None
    loaded.decode.argtypes = [c_void_p, c_void_p, c_int, c_void_p, c_void_p]
    loaded.decode.restype = c_int
    return loaded


def compiled(cache: Path | None = None) -> Path:
    """Path of the library in `cache`, compiled if it is not there yet (two seconds).

    A library's name ends with the SHA-256 of its content. It is only used if it is what was built and nobody
    else may have written it, or the folder around it; else it is built again.

    Raises:
        KernelUnavailable: no compiler, or it failed.
    """
    compiler = _compiler()
    key = _key(compiler)
    folder = _private(cache or platformdirs.user_cache_path("song-dalle") / "kernel")
    for path in sorted(folder.glob(f"{key}-*.so")):
        if _ours(path) and path.name == f"{key}-{_digest(path)}.so":
            return path
        path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="song-dalle-") as scratch:
        fresh = Path(scratch) / "kernel.so"
        _compile(compiler, fresh, scratch)
        path = folder / f"{key}-{_digest(fresh)}.so"
        partial = path.with_suffix(f".{os.getpid()}")
        shutil.copyfile(fresh, partial)
        partial.chmod(0o600)
        os.replace(partial, path)  # whole or not at all, whoever else compiles it now
    return path


def _private(folder: Path) -> Path:
    """The folder, made where it is missing, or a new one where somebody else may write into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(0o700)
    except OSError:
        pass
    if folder.is_dir() and _ours(folder.resolve()) and os.access(folder, os.W_OK):
        return folder
    return Path(tempfile.mkdtemp(prefix="song-dalle-kernel-"))


def _ours(path: Path) -> bool:
    """Whether this user alone may write it, no link followed."""
    status = path.lstat()
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _compiler() -> Path:
    try:
        import ziglang
    except ImportError as error:
        raise KernelUnavailable("the ziglang package is missing: pip install ziglang") from error
    return Path(ziglang.__file__).parent / "zig"


def _compile(compiler: Path, out: Path, scratch: str) -> None:
    sources = [str(source) for source in sorted(SOURCES.glob("*.c"))]
    command = [str(compiler), "cc", *FLAGS, *sources, "-o", str(out)]
    caches = {"ZIG_GLOBAL_CACHE_DIR": scratch, "ZIG_LOCAL_CACHE_DIR": scratch}
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **caches},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KernelUnavailable(f"the kernel's compiler does not run: {error}") from error
    if done.returncode:
        raise KernelUnavailable(f"the kernel does not compile: {done.stderr[-2000:]}")


def _key(compiler: Path) -> str:
    """What the library depends on: sources, flags, compiler and the CPU's instructions."""
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for source in sorted(SOURCES.iterdir()):
        digest.update(source.name.encode() + source.read_bytes())
    digest.update(f"{compiler.stat().st_size} {platform.machine()}".encode())
    digest.update(_instructions().encode())
    return digest.hexdigest()[:16]


def _instructions() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")
