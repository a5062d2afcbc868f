"""Tables, JSON and the options every evaluation shares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.common import reports
from scripts.evaluation.texts.gold import read_gloss


def test_a_table_lines_up() -> None:
    made = reports.table(("kind", "n", "share"), [("all", 12, 0.5), ("loan", 3, None)])
    assert made.split("\n") == ["kind   n  share", "all   12  0.500", "loan   3      -"]


def test_figures_are_written_where_asked(tmp_path: Path) -> None:
    reports.write_json(None, {"a": 1})
    reports.write_json(tmp_path / "new" / "figures.json", {"가": 1.5})
    text = (tmp_path / "new" / "figures.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"가": 1.5}
    assert "가" in text


def test_misses_must_be_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    parser = reports.parser("about", Path("set.tsv"), "lines")
    assert parser.parse_args(["--misses", "0"]).misses == 0
    assert parser.parse_args([]).misses is None
    with pytest.raises(SystemExit):
        parser.parse_args(["--misses", "-1"])
    assert "give 0 or more" in capsys.readouterr().err


def test_a_set_that_cannot_be_measured_on_ends_with_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = reports.parser("about", Path("set.tsv"), "lines")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{}")
    for path, message in (
        (empty, "is empty: give at least one line"),
        (broken, "line 1: give an object with exactly the fields"),
        (tmp_path / "none.jsonl", "No such file"),
    ):
        with pytest.raises(SystemExit) as ended:
            reports.read(parser, read_gloss, path)
        assert ended.value.code == 2
        assert message in capsys.readouterr().err
