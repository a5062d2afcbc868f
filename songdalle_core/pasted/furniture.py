"""What lyric pages write around a lyric: contributor counts, "You might also like", copyright, buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

_HERE = Path(__file__).parent
_LONGEST = 200
_GLUED_HEAD = re.compile(
    r"\d{1,4} ?Contributors?[^\[\n]{0,150}?Lyrics|[^\[\n]{1,150} Lyrics(?=\[|$)"
)
_GLUED_BETWEEN = re.compile(
    r"(?:See .{1,60}? Live)?Get tickets as low as \$\d{1,5}|You might also like(?=[\[A-Z가-힣(\"'])"
)
_GLUED_TAIL = re.compile(r"(?<=\S)\d{0,6}(?:Embed|EmbedShare URLCopyEmbedCopy)$")
_DESCRIPTION = re.compile(r".{1,300}… ?Read More ?")
_WORD = re.compile(r"[^\W\d_]\S*")


def says_instrumental(line: str) -> bool:
    """True for a line that says that nothing is sung: 纯音乐，请欣赏, [Instrumental], 연주곡입니다."""
    return _instrumental().fullmatch(line.strip(" []()【】{}*-~")) is not None


def without_furniture(lines: Sequence[str], folded: Sequence[str]) -> Iterator[str]:
    """The lines without the page's own, which may also be glued to a line.

    Args:
        folded: the same lines with plain signs (`folding.fold`).
    """
    full = [at for at, line in enumerate(lines) if line]
    first, last = (full[0], full[-1]) if full else (0, 0)
    for at, line in enumerate(lines):
        if _is_furniture(folded[at]):
            continue
        cut = line
        if "Lyrics" in cut and at <= first + 2 and ("ontributor" in cut or _headline(cut)):
            cut = _GLUED_HEAD.sub("", cut, count=1)
        if "Read More" in cut:
            cut = _DESCRIPTION.sub("", cut)
        if "also like" in cut or "tickets as low" in cut:
            cut = _GLUED_BETWEEN.sub("\n", cut).strip("\n")
        if at == last and "Embed" in cut:
            cut = _GLUED_TAIL.sub("", cut)
        if cut == line:
            yield line
        else:
            yield from (piece for piece in cut.split("\n") if not _is_furniture(piece.strip()))


def _is_furniture(plain: str) -> bool:
    return 0 < len(plain) <= _LONGEST and _furniture().fullmatch(plain) is not None


def _headline(line: str) -> bool:
    """True for "A Song of Two Lyrics[Verse 1]", and for a line of capitalised words that ends in Lyrics."""
    if "Lyrics[" in line:
        return True
    words = _WORD.findall(line)
    capitals = sum(word[0].isupper() for word in words)
    return line.endswith(" Lyrics") and 4 * capitals >= 3 * len(words)


@lru_cache(maxsize=1)
def _furniture() -> re.Pattern[str]:
    return _rows("furniture.txt")


@lru_cache(maxsize=1)
def _instrumental() -> re.Pattern[str]:
    return _rows("instrumental.txt")


def _rows(name: str) -> re.Pattern[str]:
    rows = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return re.compile(
        "|".join(f"(?:{row})" for row in rows if row and not row.startswith("# ")), re.IGNORECASE
    )
