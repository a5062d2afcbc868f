"""What was done so far, a line of JSON a song: a run that was stopped goes on from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAME = "journal.jsonl"


class Journal:
    """The journal of a corpus in a folder; a line that a crash left unfinished is dropped.

    Args:
        folder: made if need be.
        resume: go on with what is there.

    Raises:
        ValueError: there is a journal, and it was not asked to go on.
    """

    def __init__(self, folder: Path, *, resume: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / NAME
        if self._path.exists() and not resume:
            raise ValueError(
                f"{self._path} exists: add --resume to go on with it, or give another folder"
            )
        self._file = self._path.open("ab")
        self._drop_torn_line()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, row: dict[str, Any]) -> None:
        """Write a row; it is there after a crash of this process."""
        self._file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        self._file.flush()

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows in the order in which they came."""
        with self._path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    def _drop_torn_line(self) -> None:
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
