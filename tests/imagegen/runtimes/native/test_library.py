from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from songdalle_core.imagegen.runtimes.native import library as module
from songdalle_core.imagegen.runtimes.native.library import KernelUnavailable, compiled


def test_is_compiled_once_and_kept(tmp_path: Path) -> None:
    path = compiled(tmp_path)
    made = path.stat().st_mtime_ns
    assert compiled(tmp_path) == path
    assert path.stat().st_mtime_ns == made
    assert list(tmp_path.iterdir()) == [path], "nothing is left lying about"


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = compiled(tmp_path / "file" / "cache")
    assert path.is_file()


def test_changed_sources_are_another_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "kernel"
    sources.mkdir()
    for source in module.SOURCES.iterdir():
        (sources / source.name).write_bytes(source.read_bytes())
    first = compiled(tmp_path / "cache")
    monkeypatch.setattr(module, "SOURCES", sources)
    assert compiled(tmp_path / "cache") == first
    with (sources / "step.c").open("a") as file:
        file.write("\n/* changed */\n")
    assert compiled(tmp_path / "cache") != first


def test_what_the_compiler_says_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "kernel"
    sources.mkdir()
    (sources / "step.c").write_text("int step(void) { return missing; }\n")
    monkeypatch.setattr(module, "SOURCES", sources)
    with pytest.raises(KernelUnavailable, match="missing"):
        compiled(tmp_path / "cache")


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
        "malloc",
        "memcpy",
        "memset",
        "posix_memalign",
        "sched_yield",
        "UND",
    }
    assert {name for name in unresolved if not name.startswith("pthread_")} <= allowed
