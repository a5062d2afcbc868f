"""The rows of a corpus, one after the other, and the sample of them that is analysed."""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from scripts.corpus.building.corpus import EMPTY, TRAIN, VALIDATION

UNDATED = "unknown"


def rows(corpus: Path) -> Iterator[dict[str, Any]]:
    """The songs of a corpus with lyrics, read line by line.

    Raises:
        ValueError: the folder is no corpus, or a line is malformed; the message says what to do.
    """
    for name in (TRAIN, VALIDATION):
        yield from rows_of(corpus / name)


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The songs of one of a corpus's files, read line by line.

    Raises:
        ValueError: there is no such file, or a line is malformed; the message says what to do.
    """
    if not path.exists():
        raise ValueError(f"{path.parent} has no {path.name}: build it by scripts/corpus/build.py")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                row["lyric"], row["language"], row["id"]
            except (ValueError, KeyError, TypeError):
                raise ValueError(
                    f"{path}, line {number} is no row of a corpus: build it anew with --resume"
                ) from None
            yield row


def songs_without_lyrics(corpus: Path) -> int:
    """How many songs were kept empty."""
    path = corpus / EMPTY
    if not path.exists():
        return 0
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


def decade_of(row: dict[str, Any]) -> str:
    """The decade of a song; `UNDATED` without a year."""
    return str(row.get("decade", UNDATED))


def place_of(row: dict[str, Any]) -> int:
    """A song's place among those of its decade, by its id: random, and always the same."""
    return int.from_bytes(blake2b(str(row["id"]).encode(), digest_size=8).digest())


def sample(corpus: Path, most: int) -> tuple[dict[str, int], dict[str, int]]:
    """Songs of each decade, and the place up to which they are analysed: of at most `most` songs.

    Args:
        most: songs of a decade; 0 analyses all.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    nearest: defaultdict[str, list[int]] = defaultdict(list)  # negated: a heap has its least first
    for row in rows(corpus):
        decade = decade_of(row)
        counts[decade] += 1
        if most and len(nearest[decade]) < most:
            heapq.heappush(nearest[decade], -place_of(row))
        elif most:
            heapq.heappushpop(nearest[decade], -place_of(row))
    limits = {decade: -nearest[decade][0] if most else 2**64 for decade in counts}
    return dict(counts), limits
