"""Titles of parts without a bracket: a line "Verse 2", "1절" or "x3", and "Verse 2:" before what is sung."""

from __future__ import annotations

import re
from collections.abc import Sequence

from songdalle_core.pasted.directions import (
    LOOSE_SECTION,
    MAX_LENGTH,
    NUMBER,
    PART,
    REPEAT,
    SECTION,
    TIMES,
    kind_of,
)

_SOLO = (
    r"(?-i:(?:Guitar|Piano|Drum|Bass|Sax|Saxophone|Violin|Harmonica|Organ|Trumpet|Synth|Instrumental|Dance)"
    r" (?:Solo|Break|Interlude|Riff|Bridge))"
)
_TITLE = re.compile(
    rf"(?:\d(?:st|nd|rd|th)|(?-i:First|Second|Third|Final|Last)) {SECTION} ?:?|{_SOLO} ?:?|"
    rf"{SECTION}{NUMBER}{TIMES}? ?:?|{REPEAT}|{LOOSE_SECTION}(?:{NUMBER} ?:| \d{{1,2}})",
    re.IGNORECASE,
)
_PREFIX = re.compile(rf"{SECTION}{NUMBER} ?[:)] ?(?=\S)", re.IGNORECASE)
_TRAILING_TIMES = re.compile(r"(?:^| )(?:[x×*] ?\d{1,2}|\d{1,2}[x×])$", re.IGNORECASE)
_LOOSE = re.compile(rf"{LOOSE_SECTION}{NUMBER}{TIMES}? ?:?", re.IGNORECASE)
_SHORT_TITLE = re.compile(r"(?:V ?\d|PC ?\d?|Pre|Ch ?\d?|C ?\d?|B ?\d?|Br|O|I)[.:]?")
_SURELY_SHORT = re.compile(r"(?:V ?\d|Ch ?\d?)[.:]?")
_END = re.compile(r"END|FIN")
_NOTES = frozenset("\u2669\u266a\u266b\u266c")
_SEVERAL, _LONGEST_LOOSE = 2, 16
_FRAME = " *~-=_#|/.<>[](){}「」『』\u266a\u266b\u266c\u2669\u2605\ufe0f"


def loose_titles(lines: Sequence[str]) -> set[int]:
    """Places of lines that are titles because there are others: Bridge, 랩 and END beside Verse 1, C beside V1.

    Args:
        lines: folded, without white space at their ends.
    """
    distinct = {line for line in lines if 0 < len(line) <= _LONGEST_LOOSE}
    short = sum(1 for line in distinct if _SURELY_SHORT.fullmatch(line)) >= _SEVERAL
    asked = {line for line in distinct if _is_loose(line) or _END.fullmatch(line)}
    asked |= {line for line in distinct if short and _SHORT_TITLE.fullmatch(line)}
    if not asked:
        return set()
    titled = {line for line in set(lines) if bare_title(line)}
    full = [at for at, line in enumerate(lines) if line]
    found = set()
    for at in full:
        line = lines[at]
        if line not in asked:
            continue
        opens = at == 0 or not lines[at - 1] or lines[at - 1] in titled
        kind = _END.fullmatch(line) is not None if at == full[-1] else opens and _is_loose(line)
        if (titled and kind) or (short and _SHORT_TITLE.fullmatch(line)):
            found.add(at)
    return found


def _is_loose(line: str) -> bool:
    plain = line.strip(_FRAME)
    capital = plain[:1].isupper() or not plain[:1].isascii()
    return capital and _LOOSE.fullmatch(plain) is not None


def bare_title(line: str) -> bool:
    """True for a line that names a part of the song or repeats it, without a bracket: Verse 2, 1절, x3."""
    plain = line.strip(_FRAME)
    if not plain:
        return not _NOTES.isdisjoint(line)
    if len(line) > MAX_LENGTH:
        return False
    if _TITLE.fullmatch(line) or _TITLE.fullmatch(plain) or _instrumental_break(plain):
        return True
    if line[-1] in ")>]" and PART.fullmatch(plain):
        return True
    return _both_ends(line, plain)


def _both_ends(line: str, plain: str) -> bool:
    """True for *Guitar solo* and ~ 빗소리 ~: signs at both ends, and words of the stage in between."""
    ended = line[0] != plain[0] and line[-1] != plain[-1]
    return ended and kind_of(plain, square=False) != "sung"


def _instrumental_break(line: str) -> bool:
    squeezed = line.replace(" ", "")
    return bool(re.fullmatch(r"(?:[간전후]주)(?:중|\d{1,2}마디|시작|부분)?", squeezed))


def prefix_length(line: str) -> int:
    """Characters of a section's name and colon before the words that are sung in it."""
    match = _PREFIX.match(line)
    return match.end() if match else 0


def without_trailing_times(line: str) -> str:
    """A line without "x2" at its end."""
    return _TRAILING_TIMES.sub("", line) if line[-1:].isdigit() or line[-1:] in "xX×" else line
