"""Tables for the terminal and for Markdown, and figures for a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns under a header for the terminal: the first to the left, the others to the right.

    Floats get three decimals, None a dash; so they do in `markdown`.
    """
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def markdown(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The same as a Markdown table."""
    cells = (
        list(header),
        ["---"] * len(header),
        *([_cell(value) for value in row] for row in rows),
    )
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def write_json(path: Path | None, report: dict[str, Any]) -> None:
    """Write the figures as indented JSON, into a folder made if need be; no path, no file."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
