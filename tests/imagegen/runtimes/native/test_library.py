from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path

import pytest

from songdalle_core.imagegen.runtimes.native import layout
from songdalle_core.imagegen.runtimes.native import library as module
from songdalle_core.imagegen.runtimes.native.layout import check_layout
from songdalle_core.imagegen.runtimes.native.library import KernelUnavailable, compiled, library


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small source in the place of the kernel's, which takes seconds to compile."""
    folder = tmp_path / "kernel"
    folder.mkdir()
    (folder / "step.c").write_text("int answer(void) { return 42; }\n")
    monkeypatch.setattr(module, "SOURCES", folder)
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.mark.usefixtures("sources")
def test_is_compiled_once_and_kept(cache: Path) -> None:
    path = compiled(cache)
    made = path.stat().st_mtime_ns
    assert compiled(cache) == path
    assert path.stat().st_mtime_ns == made
    assert list(cache.iterdir()) == [path], "nothing is left lying about"
    assert ctypes.CDLL(str(path)).answer() == 42
    assert (cache.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.usefixtures("sources")
def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = compiled(tmp_path / "file" / "cache")
    assert path.is_file()


@pytest.mark.usefixtures("sources")
def test_content_that_was_not_built_is_built_again(cache: Path) -> None:
    path = compiled(cache)
    content = path.read_bytes()
    path.write_bytes(content + b"more")
    assert compiled(cache) == path
    assert path.read_bytes() == content


@pytest.mark.usefixtures("sources")
@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_library_that_others_may_write_is_built_again(cache: Path, mode: int) -> None:
    path = compiled(cache)
    path.chmod(mode)
    assert compiled(cache) == path
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("sources")
def test_a_link_is_not_followed(cache: Path, tmp_path: Path) -> None:
    path = compiled(cache)
    path.rename(tmp_path / "elsewhere.so")
    path.symlink_to(tmp_path / "elsewhere.so")
    assert compiled(cache) == path
    assert not path.is_symlink()


@pytest.mark.usefixtures("sources")
def test_a_library_of_somebody_else_is_not_loaded(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = compiled(cache)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    other = compiled(cache)
    assert other.parent != cache, "nor is the folder written to"
    assert path.exists()


@pytest.mark.usefixtures("sources")
def test_a_folder_that_others_may_write_is_closed(cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o777)
    assert compiled(cache).parent == cache
    assert cache.stat().st_mode & 0o777 == 0o700


def test_changed_sources_are_another_library(sources: Path, cache: Path) -> None:
    first = compiled(cache)
    assert compiled(cache) == first
    with (sources / "step.c").open("a") as file:
        file.write("\n/* changed */\n")
    assert compiled(cache) != first


def test_structures_laid_out_otherwise_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class CNorm(ctypes.Structure):
        _fields_ = [
            ("weight", ctypes.c_void_p),
            ("bias", ctypes.c_void_p),
            ("epsilon", ctypes.c_double),
        ]

    check_layout(library())
    others = tuple(one for one in layout.STRUCTURES if one is not layout.CNorm)
    for structures in (others, (*others, CNorm)):  # one is missing; a field has another size
        monkeypatch.setattr(layout, "STRUCTURES", structures)
        with pytest.raises(RuntimeError, match=r"Norm\.epsilon"):
            check_layout(library())


def test_numbers_that_differ_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(layout.NUMBERS, "BUFFERS", 5)
    with pytest.raises(RuntimeError, match="BUFFERS"):
        check_layout(library())


def test_what_the_compiler_says_is_told(sources: Path, cache: Path) -> None:
    (sources / "step.c").write_text("int step(void) { return missing; }\n")
    with pytest.raises(KernelUnavailable, match="missing"):
        compiled(cache)


def test_a_compiler_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = tmp_path / "zig"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n")
    os.chmod(sleeper, 0o755)
    monkeypatch.setattr(module, "_compiler", lambda: sleeper)
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    with pytest.raises(KernelUnavailable, match="does not run"):
        compiled(tmp_path / "cache")


def test_needs_nothing_but_the_c_library() -> None:
    """What is not in the library itself comes from the C library of the process."""
    symbols = subprocess.run(
        ["readelf", "--dyn-syms", "--wide", str(compiled())],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    unresolved = {
        line.split()[-1].split("@")[0] for line in symbols.splitlines() if " UND " in line
    }
    allowed = {
        "abort",
        "free",
        "memcpy",
        "memset",
        "posix_memalign",
        "sched_yield",
        "UND",
    }
    assert {name for name in unresolved if not name.startswith("pthread_")} <= allowed
