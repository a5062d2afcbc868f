"""The kernel as a library: compiled for this very CPU at first use, then kept in the user's cache.

The compiler is Clang as the `ziglang` package ships it, so that nothing has to be installed on the machine.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import subprocess
import tempfile
from ctypes import POINTER, c_int, c_void_p
from pathlib import Path

import platformdirs

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
    loaded.crew_new.argtypes, loaded.crew_new.restype = [c_void_p, c_int, c_int], c_void_p
    loaded.crew_step.argtypes, loaded.crew_step.restype = [c_void_p, POINTER(c_void_p), c_int], None
    loaded.crew_free.argtypes, loaded.crew_free.restype = [c_void_p], None
    loaded.decode.argtypes = [c_void_p, c_void_p, c_int, c_void_p, c_void_p]
    loaded.decode.restype = None
    return loaded


def compiled(cache: Path | None = None) -> Path:
    """Path of the library in `cache`, compiled if it is not there yet (two seconds).

    Raises:
        KernelUnavailable: no compiler, or it failed.
    """
    folder = cache or platformdirs.user_cache_path("song-dalle") / "kernel"
    compiler = _compiler()
    path = folder / f"{_key(compiler)}.so"
    if path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="song-dalle-kernel-"))
        path = folder / path.name
    with tempfile.TemporaryDirectory(prefix="song-dalle-") as scratch:
        fresh = Path(scratch) / path.name
        _compile(compiler, fresh, scratch)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(fresh.read_bytes())
        os.replace(partial, path)  # whole or not at all, whoever else compiles it now
    return path


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
