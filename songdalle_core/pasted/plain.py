"""A pasted text as its plain text: what is sung, line by line, and nothing of what stands around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from songdalle_core.normal_form import normal_form
from songdalle_core.pasted.credits import credit_lines
from songdalle_core.pasted.directions import MAX_LENGTH, kind_of
from songdalle_core.pasted.documents import document_text
from songdalle_core.pasted.folding import fold
from songdalle_core.pasted.furniture import says_instrumental, without_blocks, without_furniture
from songdalle_core.pasted.markup import unescape
from songdalle_core.pasted.numbering import without_numbers
from songdalle_core.pasted.singers import echoes, without_singers
from songdalle_core.pasted.song_sheets import without_chords
from songdalle_core.pasted.timing import without_times
from songdalle_core.pasted.titles import (
    bare_title,
    loose_titles,
    prefix_length,
    without_trailing_times,
)

_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
"""Control characters and others without a shape; newlines and tabs are none of them."""

_BRACKETS = re.compile(rf"([\[({{])([^\[\](){{}}\n]{{1,{MAX_LENGTH}}})([\])}}])")
_OPENING = re.compile("[\\[({【〔〖〚⟦［（｛]")
_ROUND = re.compile("[(（]")
_MAX_DEPTH = 3
_BLANK_LINES = re.compile(r"\n{3,}")
_TAGGED_NAMES = re.compile(r"[^:\n]{1,30}: ?(.{1,60})")


@dataclass
class _Brackets:
    """What brackets of a text were found to be."""

    directions: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def plain_lyrics(text: str) -> str:
    """What is sung in a pasted text, in its own words and signs.

    Times, HTML, chords, section tags, stage directions, labels of singers, credits and the furniture of
    lyric pages go; stage directions stay where there is nothing else. Empty if nothing is sung. A text
    that has none of these comes back as it is, but for white space at the ends of lines and empty lines
    beyond one. The time is linear in the length of `text`.
    """
    lines = [
        line.rstrip()
        for line in clean_newlines(unescape(document_text(normal_form(text)))).split("\n")
    ]
    lines = without_numbers(without_chords(without_times(lines)))
    lines = without_blocks([line.strip() for line in lines])
    lines = list(without_furniture(lines, [fold(line) for line in lines]))
    listed = credit_lines([fold(line) for line in lines])
    lines = [line for line, credit in zip(lines, listed, strict=True) if not credit]
    brackets = _Brackets()
    lines = _without_directions(lines, brackets)
    lines = without_singers(lines, [fold(line) for line in lines], brackets.names)
    sung = _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
    if any(map(str.isalnum, sung)):
        return sung
    return "\n".join(brackets.directions)


def is_instrumental(text: str) -> bool:
    """True if a text says that nothing is sung (纯音乐，请欣赏, "Instrumental") and has nothing to sing."""
    lines = [line.strip() for line in without_times(clean_newlines(text).split("\n"))]
    others = [line for line in lines if not says_instrumental(line)]
    return len(others) < len(lines) and not plain_lyrics("\n".join(others))


def clean_newlines(text: str) -> str:
    """Text whose lines end in "\\n", without invisible characters."""
    return INVISIBLE.sub("", _NEWLINES.sub("\n", text))


def _without_directions(lines: list[str], brackets: _Brackets) -> list[str]:
    """Lines without section tags, stage directions and repeat marks; where one was a whole line, an empty one.

    A line that is a bare "Chorus" stays if it is the only one.
    """
    alone = sum(map(bool, lines)) == 1
    poetic = _mostly_bracketed(lines)
    loose = set() if alone else loose_titles([fold(line) for line in lines])
    result: list[str] = []
    titles: dict[str, str] = {"": ""}
    before = ""
    for at, line in enumerate(lines):
        if at in loose:
            result.append("")
            continue
        if line not in titles and not _OPENING.search(line):
            titles[line] = _without_title(line, alone=alone)
        kept = titles.get(line)
        if kept is None:
            kept = _without_brackets(line, before, brackets, poetic=poetic)
            if not _ROUND.search(line):
                titles[line] = kept  # round brackets depend on the line before
        result.append(kept)
        before = kept or before
    return result


def _without_title(line: str, *, alone: bool) -> str:
    """A line without brackets; nothing if it names a part of the song."""
    plain = fold(line)
    if not alone and bare_title(plain):
        return ""
    return without_trailing_times(line[prefix_length(plain) :])


def _without_brackets(line: str, before: str, brackets: _Brackets, *, poetic: bool) -> str:
    """A line without those of its brackets that are not sung, the inner ones first."""
    cut = line
    for _ in range(_MAX_DEPTH):
        shorter = _without_innermost(cut, before, brackets, poetic=poetic)
        if shorter == cut:
            break
        cut = shorter
    if cut == line:
        return line
    cut = " ".join(cut.split())
    return cut if any(map(str.isalnum, cut)) and not bare_title(fold(cut)) else ""


def _without_innermost(line: str, before: str, brackets: _Brackets, *, poetic: bool) -> str:
    plain = fold(line)
    found = list(_BRACKETS.finditer(plain))
    outside = cut_out(plain, [match.span() for match in found])
    whole = not any(map(str.isalnum, outside))
    spans = []
    for match in found:
        content = match.group(2)
        is_round = match.group(1) == "("
        kind = kind_of(content, square=whole and not is_round)
        if poetic and kind == "direction" and kind_of(content, square=False) == "sung":
            kind = "sung"
        if is_round and kind == "direction" and not whole and not content.isascii():
            kind = "sung"  # "들려오네 (노랫소리)": sung behind the line
        if kind == "sung" or (is_round and echoes(content, before if whole else outside)):
            continue
        spans.append(match.span())
        if kind == "direction":
            brackets.directions.append(line[match.start(2) : match.end(2)].strip())
        if whole and not is_round:
            named = _TAGGED_NAMES.fullmatch(content)
            brackets.names.append(named.group(1) if named else content)
    return cut_out(line, spans)


def _mostly_bracketed(lines: Sequence[str]) -> bool:
    """True if most lines stand in square brackets and are no known directions: then they are the lyric."""
    sung = odd = 0
    for line in lines:
        sung += bool(line)
        if line and line[0] in "[{【［" and line[-1] in "]}】］":
            content = fold(line)[1:-1]
            kinds = (kind_of(content, square=True), kind_of(content, square=False))
            odd += kinds == ("direction", "sung")
    return 2 * odd > sung


def cut_out(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """`text` with a space in place of each span, in their order."""
    if not spans:
        return text
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(text)]
    return " ".join(text[start:end] for start, end in zip(starts, ends, strict=True))
