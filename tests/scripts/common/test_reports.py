"""Tables and JSON."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.common import reports


def test_a_table_lines_up() -> None:
    made = reports.table(("kind", "n", "share"), [("all", 12, 0.5), ("loan", 3, None)])
    assert made.split("\n") == ["kind   n  share", "all   12  0.500", "loan   3      -"]


def test_markdown_holds_the_same_cells() -> None:
    made = reports.markdown(("kind", "n", "share"), [("all", 12, 0.5), ("loan", 3, None)])
    assert made.split("\n") == [
        "| kind | n | share |",
        "| --- | --- | --- |",
        "| all | 12 | 0.500 |",
        "| loan | 3 | - |",
    ]


def test_figures_are_written_where_asked(tmp_path: Path) -> None:
    reports.write_json(None, {"a": 1})
    reports.write_json(tmp_path / "new" / "figures.json", {"가": 1.5})
    text = (tmp_path / "new" / "figures.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"가": 1.5}
    assert "가" in text
