from __future__ import annotations

from pathlib import Path

import pytest

from scripts.training.embedded.recipe import Step
from scripts.training.embedded.state import FILE, Record, State, Status, locked, set_aside


def step(folder: Path, fetched: bool = False) -> Step:
    return Step("one", "one.py", (), (folder / "out",), folder=folder, fetched=fetched)


def status(run: Path, fingerprint: str = "f", fetched: bool = False) -> Status:
    return State(run).status(step(run / "one", fetched), fingerprint)


def test_a_step_is_done_by_its_outputs_and_its_options(tmp_path: Path) -> None:
    assert status(tmp_path) is Status.NEW
    (tmp_path / "one").mkdir()
    assert status(tmp_path) is Status.OTHER  # nobody knows how that came about
    State(tmp_path)["one"] = Record("f", False, 1.0, "command")
    assert status(tmp_path) is Status.RESUME
    State(tmp_path)["one"] = Record("f", True, 2.0, "command")
    assert status(tmp_path) is Status.NEW  # its output is gone
    (tmp_path / "one" / "out").touch()
    assert status(tmp_path) is Status.DONE
    assert status(tmp_path, "g") is Status.OTHER


def test_fetched_files_only_have_to_be_there(tmp_path: Path) -> None:
    assert status(tmp_path, fetched=True) is Status.NEW
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "out").touch()
    assert status(tmp_path, fetched=True) is Status.DONE


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"one": {"fingerprint": "f"}}')
    with pytest.raises(ValueError, match=r"state\.json is damaged"):
        State(tmp_path)


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "run"),
        pytest.raises(ValueError, match="in use"),
        locked(tmp_path / "run"),
    ):
        pass
    with locked(tmp_path / "run"):
        pass


def test_nothing_is_overwritten_when_set_aside(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "rqvae").mkdir()
        (tmp_path / "rqvae" / "x").write_text(str(number))
        assert set_aside(tmp_path / "rqvae") == tmp_path / f"rqvae.{number}"
    assert (tmp_path / "rqvae.1" / "x").read_text() == "1"
