"""Songs that have the same words: other spelling, another order of parts, a chorus more or less.

Compared are the sets of a song's distinct lines, by their Jaccard similarity. Candidates are songs that share
one of their few smallest line hashes (A. Broder, "On the resemblance and containment of documents", 1997).
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b

from songdalle_core.summarization.splitting import fold_key, is_vocable

SAME_FROM = 0.8
"""Jaccard similarity of distinct lines from which two songs count as one."""
SKETCH = 8
"""Smallest hashes of a song by which it is found: of two songs as similar as `SAME_FROM`, one in 400,000
pairs shares none (0.2 ** 8)."""
MOST = 64
"""Songs that a line leads to; of lines that more songs share, the first ones count."""


class Duplicates:
    """The songs seen so far, by their lines' hashes: about 300 bytes a song."""

    def __init__(self) -> None:
        self._songs: dict[str, frozenset[int]] = {}
        self._by_line: defaultdict[int, list[str]] = defaultdict(list)

    def find(self, id: str, lyric: str) -> str | None:
        """The song that has the same words; None if there is none, and then this one is remembered."""
        lines = _hashes(lyric)
        sketch = sorted(lines)[:SKETCH]
        for other in dict.fromkeys(song for line in sketch for song in self._by_line.get(line, ())):
            theirs = self._songs[other]
            if len(lines & theirs) >= SAME_FROM * len(lines | theirs):
                return other
        self._songs[id] = lines
        for line in sketch:
            if len(self._by_line[line]) < MOST:
                self._by_line[line].append(id)
        return None


def _hashes(lyric: str) -> frozenset[int]:
    """Of the distinct lines that have words; of all lines where every one is a sung sound."""
    lines = lyric.split("\n")
    worded = [line for line in lines if not is_vocable(line)] or lines
    # spaces do not count: spacing is what sources differ in most
    keys = {fold_key(line).replace(" ", "") for line in worded}
    return frozenset(int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) for key in keys)
