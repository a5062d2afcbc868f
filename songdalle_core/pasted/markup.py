"""HTML in a pasted text.

Every pattern here is bounded, so that 20,000 brackets cost no more than 20,000 letters.
"""

from __future__ import annotations

import html
import re

_MAX_UNESCAPES = 2  # &amp;#39; is an apostrophe that was escaped twice

# html.unescape reads the number with int(), which refuses more than 4,300 digits.
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9A-Fa-f]{9,});?")
_LINE_BREAK = re.compile(
    r"<(?:br|hr|/p|/div|/li|/tr|/h[1-6]|/text|/title|sync)(?=[\s/>])[^<>\n]{0,200}>", re.IGNORECASE
)
_ELEMENT = re.compile(
    r"</?(?:a|b|i|u|s|p|em|strong|span|div|font|ul|ol|li|tt|body|html|head|title|metadata|h[1-6]|table|thead|tbody"
    r"|tr|td|th|section|article|main|header|footer|blockquote|pre|code|small|big|sub|sup|mark|del|ins|center"
    r"|label|button|ruby|img|link|meta|svg|path|iframe|input|text|transcript|sami|sync)(?=[\s/>])[^<>\n]{0,500}>"
    r"|<(?:\?xml|!doctype)\b[^<>\n]{0,200}>",
    re.IGNORECASE,
)
_UNSUNG = ("head", "script", "style", "noscript", "rt", "rp")
"""Elements whose text is no lyric."""
_COMMENT = re.compile(r"<!--[^<>]{0,300}-->")


def unescape(text: str) -> str:
    """HTML references resolved (&#39; -> '), line-breaking elements as newlines, others dropped."""
    for _ in range(_MAX_UNESCAPES):
        if "&" not in text:
            break
        text = html.unescape(_HUGE_REFERENCE.sub(" ", text))
    if "<" in text:
        for name in _UNSUNG:
            text = _without_element(text, name)
        text = _LINE_BREAK.sub("\n", _COMMENT.sub(" ", text))
        text = _ELEMENT.sub("", text)
    return text


def _without_element(text: str, name: str) -> str:
    """`text` without the elements of a name and all that is in them, in one pass."""
    parts: list[str] = []
    lower, end = text.replace("\u0130", "i").lower(), 0  # the one letter with a longer lower case
    while (start := lower.find(f"<{name}", end)) >= 0:
        head = start + len(name) + 1
        close = lower.find(f"</{name}>", head)
        if close < 0:
            break
        if lower[head : head + 1].isalnum():  # <rtc>, <header>
            parts.append(text[end:head])
            end = head
        else:
            parts.append(text[end:start])
            end = close + len(name) + 3
    return "".join([*parts, text[end:]]) if end else text
