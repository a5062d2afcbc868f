"""Text of the service on a terminal, which must not take it for commands."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

INDENT = 4


def plain(text: str | None, limit: int = 300) -> str:
    """One line without control characters, which could move the cursor or change the title."""
    printable = (
        c if unicodedata.category(c) not in ("Cc", "Cf", "Cs") else " " for c in text or ""
    )
    line = " ".join("".join(printable).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def print_table(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table whose cells stand as they are; the first column is never cut short."""
    table = Table(box=None, pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console.print(table)


def print_entry(console: Console, head: Sequence[str | None], below: Sequence[str | None]) -> None:
    """A line of short texts, and longer ones below it, indented and wrapped: for rows too wide for a table.

    Empty ones are left out.
    """
    console.print(Text("  ".join(filter(None, map(plain, head)))))
    for text in filter(None, map(plain, below)):
        console.print(Padding(Text(text), (0, 0, 0, INDENT), expand=False))
