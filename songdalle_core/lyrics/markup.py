"""What a lyric page adds to a lyric: HTML, section tags ([Verse 1]), repeat marks (x2).

Every pattern here is bounded, so that 20,000 brackets cost no more than 20,000 letters.
"""

from __future__ import annotations

import html
import re

_MAX_TAG = 60
_MAX_UNESCAPES = 2  # &amp;#39; is an apostrophe that was escaped twice

# html.unescape reads the number with int(), which refuses more than 4,300 digits.
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9A-Fa-f]{9,});?")
_LINE_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^<>\n]{0,80}>", re.IGNORECASE)
_ELEMENT = re.compile(
    r"</?(?:a|b|i|u|p|em|strong|span|div|font|ul|ol|li)\b[^<>\n]{0,80}>", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--[^<>]{0,300}-->")

_SECTION = (
    r"(?:(?:pre|post)[ -]?chorus|chorus|verse|refrain|intro|outro|interlude|instrumental"
    r"|(?:프리|포스트)[ -]?코러스|코러스|벌스|후렴구?|간주|전주|인트로|아웃트로|\d{1,2}절)"
)
_LOOSE_SECTION = (
    r"(?:(?:dance[ -]?|guitar[ -]?)?(?:break(?:down)?|solo)|hook|bridge|rap|drop|coda|skit"
    r"|ad[ -]?libs?|narration|훅|브릿지|브리지|랩|내레이션|나레이션|애드립)"
)
_NUMBER = r"(?: ?(?:\d{1,2}|[IVivABC]{1,3}))?"
_TIMES = r"(?:[x×*] ?\d{1,2}|\d{1,2} ?[x×]|\d{1,2} ?번 ?반복|\d{1,2} times)"
_REPEAT = rf"(?:repeat(?: {_SECTION}{_NUMBER})?(?: ?{_TIMES})?|반복(?: ?{_TIMES})?|{_TIMES})"

_BRACKETS = re.compile(rf"[\[({{]([^\[\](){{}}\n]{{1,{_MAX_TAG}}})[\])}}]")
_TAG = re.compile(
    rf"(?:(?:{_SECTION}|{_LOOSE_SECTION}){_NUMBER}(?: ?{_TIMES})?(?: ?[:,|/–—-].*)?|{_REPEAT})",
    re.IGNORECASE,
)
_TITLE = re.compile(
    rf"{_SECTION}{_NUMBER}(?: ?{_TIMES})? ?:?|{_REPEAT}"
    rf"|{_LOOSE_SECTION}(?:{_NUMBER} ?:| \d{{1,2}})",
    re.IGNORECASE,
)
_TRAILING_TIMES = re.compile(r"(?:^| )(?:[x×*] ?\d{1,2}|\d{1,2}[x×])$", re.IGNORECASE)


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


def strip_markers(line: str, *, alone: bool = False) -> str:
    """One line without section tags and repeat marks; empty if it held nothing else.

    Args:
        line: a line with single spaces.
        alone: True if it is the only line of the lyric: then a bare "Chorus" is the lyric.
    """
    line = _BRACKETS.sub(_drop_tag, line)
    line = " ".join(line.split())
    if not alone and len(line) <= _MAX_TAG and _TITLE.fullmatch(line):
        return ""
    return _TRAILING_TIMES.sub("", line)


def _drop_tag(match: re.Match[str]) -> str:
    return " " if _TAG.fullmatch(match.group(1).strip()) else match.group()
