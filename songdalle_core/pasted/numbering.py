"""Numbers of lines and stanzas, as editions of poems, hymnals and pasted lists have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_BEFORE = re.compile(
    r"\s*\(?(\d{1,4})(?P<sign>[.)](?=\s|[^\W\d])|\s{2,}|\t| ?\| ?| (?=\S))\s*(?=\S)"
)
_BEHIND = re.compile(r"(?<=\S)(?: {3,}| *\t+ *)\(?(\d{1,4})\)?$")
_FEW, _MANY = 3, 6
_EVERY = 5


def without_numbers(lines: Sequence[str]) -> list[str]:
    """The lines without numbers that count them, or their stanzas: 1. 2. 3. before them, 5 and 10 behind.

    Numbers that count something else stay: they must go on by one, line by line, and be before every line;
    six of them where no sign stands between ("1 for the money, 2 for the show").
    """
    return _without_behind(_without_before(list(lines)))


def _without_before(lines: list[str]) -> list[str]:
    sung = [at for at, line in enumerate(lines) if line.strip()]
    if not sung or not lines[sung[0]].lstrip(" (")[:1].isdigit():
        return lines
    found = {at: match for at in sung if (match := _BEFORE.match(lines[at]))}
    counts = [int(match.group(1)) for match in found.values()]
    if len(counts) < 2 or any(after != one + 1 for one, after in pairwise(counts)):
        return lines
    signs = {match.group("sign")[0] for match in found.values()}
    bare = any(match.group("sign") == " " for match in found.values())
    every = len(found) == len(sung) and len(found) >= (_MANY if bare else _FEW)
    opens = [at for at in sung if at == 0 or not lines[at - 1].strip()]
    stanzas = list(found) == opens and signs <= {".", ")"} and counts[0] == 1
    if not every and not (stanzas and len(sung) > len(opens)):
        return lines
    return [line[found[at].end() :] if at in found else line for at, line in enumerate(lines)]


def _without_behind(lines: list[str]) -> list[str]:
    ended = (at for at, line in enumerate(lines) if line[-1:].isdecimal() or line[-1:] == ")")
    found = {at: match for at in ended if (match := _BEHIND.search(lines[at]))}
    counts = [int(match.group(1)) for match in found.values()]
    if not counts or counts != sorted(set(counts)) or any(count % _EVERY for count in counts):
        return lines
    return [line[: found[at].start()] if at in found else line for at, line in enumerate(lines)]
