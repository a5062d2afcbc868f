"""HTML and chords in a pasted text.

Every pattern here is bounded, so that 20,000 brackets cost no more than 20,000 letters.
"""

from __future__ import annotations

import html
import re

_MAX_UNESCAPES = 2  # &amp;#39; is an apostrophe that was escaped twice

# html.unescape reads the number with int(), which refuses more than 4,300 digits.
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9A-Fa-f]{9,});?")
_LINE_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^<>\n]{0,80}>", re.IGNORECASE)
_ELEMENT = re.compile(
    r"</?(?:a|b|i|u|p|em|strong|span|div|font|ul|ol|li|tt|body|head|metadata)\b[^<>\n]{0,200}>"
    r"|<\?xml[^<>\n]{0,200}>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--[^<>]{0,300}-->")

_CHORD = (
    r"[A-G][b#\u266d\u266f]?(?:m|maj|min|dim|aug|sus|add|M|\u00b0|\+)?\d{0,2}(?:sus\d?|add\d{1,2}|maj7|b5|#5|b9|#9)?"
    r"(?:/[A-G][b#]?)?"
)
_BRACKETED_CHORD = re.compile(rf"\[{_CHORD}\]")
_CHORD_LINE = re.compile(rf"[|\s]*{_CHORD}(?:[\s|]+(?:{_CHORD}|%|-))+[|\s]*")
_SURELY_A_CHORD = re.compile(r"[A-G][b#]?(?:m(?![a-z])|maj|dim|sus|add|\d)|[A-G][b#](?:\s|$)|/")
_MIN_CHORDS = 3
_DIRECTIVE = re.compile(
    r" *\{(?:[a-z_]{1,20}|(?:title|t|subtitle|st|artist|album|key|capo|tempo|time|comment|c|ci|define|x_[a-z]+)"
    r" ?:[^{}\n]{0,120})\} *"
)
_SONG_SHEET = re.compile(
    r"\{(?:title|t|artist|soc|eoc|sov|eov|start_of_\w+|end_of_\w+|key|capo|comment|c)[:}]"
)


def unescape(text: str) -> str:
    """HTML references resolved (&#39; -> '), line-breaking elements as newlines, others dropped."""
    for _ in range(_MAX_UNESCAPES):
        if "&" not in text:
            break
        text = html.unescape(_HUGE_REFERENCE.sub(" ", text))
    if "<" in text:
        text = _LINE_BREAK.sub("\n", _COMMENT.sub(" ", text))
        text = _ELEMENT.sub("", text)
    return text


def without_chords(lines: list[str]) -> list[str]:
    """Lines without the chords of a song sheet: [Am], lines of nothing but chords, {title: ...}."""
    text = "\n".join(lines)
    if "{" in text and _SONG_SHEET.search(text):
        lines = [line for line in lines if not _DIRECTIVE.fullmatch(line)]
    if "[" in text and len(set(_BRACKETED_CHORD.findall(text))) >= _MIN_CHORDS:
        lines = [
            " ".join(_BRACKETED_CHORD.sub("", line).split()) if "[" in line else line
            for line in lines
        ]
    return [line for line in lines if not _is_chords(line)]


def _is_chords(line: str) -> bool:
    if len(line) > 120 or line.lstrip(" |")[:1] not in tuple("ABCDEFG"):
        return False
    return _SURELY_A_CHORD.search(line) is not None and _CHORD_LINE.fullmatch(line) is not None
