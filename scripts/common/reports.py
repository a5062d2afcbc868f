"""Tables for the terminal and figures for a file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

Item = TypeVar("Item")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns under a header: the first to the left, numbers to the right with three decimals."""
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def write_json(path: Path | None, report: dict[str, Any]) -> None:
    """Write the figures as indented JSON, into a folder made if need be; no path, no file."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")


def parser(description: str | None, data: Path, what: str) -> argparse.ArgumentParser:
    """The options that every evaluation shares.

    Args:
        data: the default evaluation set.
        what: what the set holds, for the help text.
    """
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--data",
        type=Path,
        default=data,
        metavar="FILE",
        help=f"{what} (default: scripts/data/evaluation/{data.name})",
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    made.add_argument(
        "--misses",
        type=_count,
        metavar="N",
        help="print at most N misses; 0 prints none (default: all)",
    )
    return made


def read(
    parser: argparse.ArgumentParser, reader: Callable[[Path], list[Item]], path: Path
) -> list[Item]:
    """The items of an evaluation set; a set that cannot be read or is empty ends the program with
    what is wrong with it."""
    try:
        items = reader(path)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not items:
        parser.error(f"{path} is empty: give at least one line to measure on")
    return items


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"give 0 or more, not {number}")
    return number


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
