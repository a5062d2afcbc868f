"""scripts/operations/compile_lock.py: what it asks the resolver, and how it replaces the lock."""

import subprocess
from pathlib import Path

import pytest

from scripts.operations import compile_lock


def test_command_is_universal_from_the_oldest_python() -> None:
    words = compile_lock.command(Path("draft"), upgrade=False)
    assert "--universal" in words
    assert words[words.index("--python-version") + 1] == "3.11"
    assert words[words.index("--output-file") + 1] == "draft"
    assert "--upgrade" not in words
    assert "--upgrade" in compile_lock.command(Path("draft"), upgrade=True)


def test_lock_is_replaced_whole_and_begins_with_its_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("old==1\n")
    seen: list[str] = []

    def resolve(words: list[str], **_: object) -> None:
        draft = Path(words[words.index("--output-file") + 1])
        seen.append(draft.read_text())
        draft.write_text("new==2\n")

    monkeypatch.setattr(subprocess, "run", resolve)
    compile_lock.compile_lock(lock, upgrade=False)
    assert seen == ["old==1\n"], "the versions of the old lock are the resolver's first choice"
    assert lock.read_text() == compile_lock.HEADER + "new==2\n"
    assert list(tmp_path.iterdir()) == [lock]


def test_failed_resolution_leaves_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("old==1\n")

    def fail(words: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(3, words)

    monkeypatch.setattr(subprocess, "run", fail)
    assert compile_lock.main(["--lock", str(lock)]) == 3
    assert lock.read_text() == "old==1\n"
