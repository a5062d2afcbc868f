r"""Song sheets: chords above and between the words, tablature, and what a sheet says to the player.

Every pattern here is bounded, so that 20,000 brackets cost no more than 20,000 letters.

Source: https://www.chordpro.org/chordpro/chordpro-directives/ (directives, chords, comments).
"""

from __future__ import annotations

import re

_CHORD = (
    r"[A-G][b#\u266d\u266f]?(?:maj|min|dim|aug|sus|add|m|M|\u00b0|\+)?\d{0,2}"
    r"(?:sus\d?|add\d{1,2}|maj7|M7|b5|#5|b9|#9|\((?:[b#]?\d{1,2}|sus\d|add\d{1,2})\)){0,2}(?:/[A-G][b#]?)?"
)
_BRACKETED_CHORD = re.compile(rf"\[{_CHORD}\]")
_BETWEEN = r"(?:[\s|]|/(?=\s)|- )"
_REST = r"(?:N\.?C\.?|%|-|\([x\u00d7] ?\d\)|[x\u00d7] ?\d)"
_CHORD_LINE = re.compile(rf"[|\s]*{_CHORD}(?:{_BETWEEN}+(?:{_CHORD}|{_REST}))+[|\s/]*")
_ONE_CHORD = re.compile(rf"[|\s]*(?:{_CHORD}|N\.?C\.?)[|\s/]*")
_SURELY_A_CHORD = re.compile(r"[A-G][b#]?(?:m(?![a-z])|maj|dim|sus|add|\d)|[A-G][b#](?:\s|$)|/")
_PART_BEFORE = re.compile(
    r"(?:intro|verse|chorus|bridge|outro|interlude|solo|instrumental|refrain|간주|전주|후주)"
    r" ?\d? ?[:\-] ?(?=[A-G|])",
    re.IGNORECASE,
)
_PART_LETTERS = frozenset("ivcbosrIVCBOSR간전후")
_MIN_CHORDS = 3
_DIRECTIVE = re.compile(
    r" *\{(?:[a-z_]{1,20}|(?:title|t|subtitle|st|artist|album|key|capo|tempo|time|comment|c|ci|define|x_[a-z]+)"
    r" ?:[^{}\n]{0,120})\} *"
)
_SONG_SHEET = re.compile(
    r"\{(?:title|t|artist|soc|eoc|sov|eov|start_of_\w+|end_of_\w+|key|capo|comment|c)[:}]"
)
_COMMENT = re.compile(r" *#(?!\w).*")
_TAGS = re.compile(r"\[/?(?:ch|tab)\]")
_STRING = re.compile(r"(?=.{0,60}[\d|])[A-Ga-g]?[b#]?\s?[|:]?[-\d|hpbrtsxXv/\\~()=^*. <>]{6,}")
_FOR_THE_PLAYER = re.compile(
    rf"(?:capo|카포)(?: ?:)? ?(?:on )?\d{{1,2}}(?:st|nd|rd|th)?(?: fret)?|no capo|tuning ?: ?.{{1,30}}"
    rf"|(?:standard|drop [a-g]|e standard) tuning|(?:key|키|조성?) ?: ?{_CHORD}(?: (?:major|minor))?"
    rf"|(?:bpm|tempo|템포) ?:? ?\d{{2,3}}(?: ?bpm)?|strumming(?: pattern)? ?:.{{0,40}}"
    rf"|(?:chords|tabs?)(?: used)? ?:.{{0,80}}",
    re.IGNORECASE,
)


def without_chords(lines: list[str]) -> list[str]:
    """Lines without the chords of a song sheet: [Am], lines of nothing but chords, tablature, {title: ...}."""
    text = "\n".join(lines)
    if "[ch]" in text or "[tab]" in text:
        lines = [_TAGS.sub("", line) for line in lines]
        text = "\n".join(lines)
    if "{" in text and _SONG_SHEET.search(text):
        lines = [
            line for line in lines if not _DIRECTIVE.fullmatch(line) and not _COMMENT.match(line)
        ]
    if "[" in text and len(set(_BRACKETED_CHORD.findall(text))) >= _MIN_CHORDS:
        lines = [
            " ".join(_BRACKETED_CHORD.sub("", line).split()) if "[" in line else line
            for line in lines
        ]
    kept = [line for line in lines if not _is_chords(line)]
    if len(kept) < len(lines):  # a sheet: then a line of one chord is one
        return [line for line in kept if not _for_the_player(line)]
    return lines


def _is_chords(line: str) -> bool:
    if len(line) > 120:
        return False
    if "--" in line and _STRING.fullmatch(line.strip()):
        return True
    head = line.lstrip(" |\t")[:1]
    if head in _PART_LETTERS and (part := _PART_BEFORE.match(line)):
        line = line[part.end() :]
        head = line.lstrip(" |\t")[:1]
    if not "A" <= head <= "G":
        return False
    return _SURELY_A_CHORD.search(line) is not None and _CHORD_LINE.fullmatch(line) is not None


def _for_the_player(line: str) -> bool:
    plain = line.strip()
    return _ONE_CHORD.fullmatch(plain) is not None or _FOR_THE_PLAYER.fullmatch(plain) is not None
