"""`make kernel-check`: the kernel on random small shapes under sanitizers, in a process of its own.

The kernel's own compiler instruments it; the sanitizers' libraries are those of the system's GCC, since the
compiler brings none of them. Where they are missing, a test is skipped and says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from songdalle_core.imagegen.runtimes.native import library

DRIVER = Path(__file__).with_name("kernel_check.c")
SANITIZERS = {
    "addresses and undefined behaviour": ("address", "undefined", "float-cast-overflow"),
    "threads": ("thread",),
}
SHAPES = int(os.environ.get("KERNEL_CHECK_SHAPES", "12"))
PATIENCE_S = 600.0


@pytest.fixture(scope="module")
def zig(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of the compiler: its caches are thrown away."""
    folder = str(tmp_path_factory.mktemp("zig"))
    return {**os.environ, "ZIG_GLOBAL_CACHE_DIR": folder, "ZIG_LOCAL_CACHE_DIR": folder}


def run(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-6000:]}"
    return done.stdout


def build(name: str, folder: Path, zig: dict[str, str]) -> Path:
    """The driver and the kernel, instrumented; skips where a sanitizer's library is missing."""
    linker = shutil.which("gcc")
    if linker is None:
        reason = "no gcc, whose libraries of sanitizers are needed: apt install gcc"
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    flags = [f"-fsanitize={one}" for one in SANITIZERS[name]]
    libraries = [flag for flag in flags if flag != "-fsanitize=float-cast-overflow"]
    empty = folder / "empty.c"
    empty.write_text("int main(void) { return 0; }\n")
    tried = subprocess.run(
        [linker, *libraries, str(empty), "-o", str(folder / "empty")],
        capture_output=True,
        text=True,
    )
    if tried.returncode:
        reason = f"gcc cannot link {' '.join(libraries)}: {tried.stderr[-200:]}"
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    kernel = [
        flag for flag in library.FLAGS if not flag.startswith(("-shared", "-nostd", "-O", "-W"))
    ]
    objects = []
    for source in (*sorted(library.SOURCES.glob("*.c")), DRIVER):
        target = folder / f"{source.stem}.o"
        command = [
            str(library._compiler()),
            "cc",
            "-c",
            "-O0",
            "-g",
            "-DINLINE=static",
            *kernel,
        ]
        if "thread" in SANITIZERS[name]:
            # copies are seen by the library, which knows this compiler's own call for them only since GCC 13
            command += ["-mllvm", "-tsan-instrument-memintrinsics=0", "-fno-sanitize=undefined"]
        command += [
            *flags,
            "-fno-sanitize-trap=all",
            f"-I{library.SOURCES}",
            str(source),
            "-o",
            str(target),
        ]
        run(command, zig)
        objects.append(str(target))
    program = folder / "kernel_check"
    run([linker, *libraries, *objects, "-lpthread", "-lm", "-o", str(program)])
    return program


@pytest.mark.parametrize("name", SANITIZERS)
def test_random_shapes_are_clean(name: str, tmp_path: Path, zig: dict[str, str]) -> None:
    program = build(name, tmp_path, zig)
    stop = "halt_on_error=1:exitcode=66"
    options = {
        "ASAN_OPTIONS": stop,
        "UBSAN_OPTIONS": f"{stop}:print_stacktrace=1",
        "TSAN_OPTIONS": stop,
    }
    output = run([str(program), "1", str(SHAPES)], {**os.environ, **options})
    assert output == f"{SHAPES} shapes\n"
