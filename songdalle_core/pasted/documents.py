"""Documents that hold a lyric: rich text (RTF), and JSON as players and lyric services answer it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from striprtf.striprtf import rtf_to_text

_RICH_TEXT = "{\\rtf"
_rich_text_as_plain: Callable[..., str] = rtf_to_text
_ESCAPED_BREAK = re.compile(r"(?:\\r)?\\n")
_ONE_TEXT = ("plainLyrics", "plain_lyrics", "lyrics", "lyric", "syncedLyrics", "lrc")
"""Keys of a whole lyric, the plainest first."""
_LINES = ("words", "text", "line", "tx", "utf8", "content")
"""Keys of one line."""
_MAX_DEPTH = 8


def document_text(text: str) -> str:
    """The lyric that a document holds; any other text as it is."""
    head = text.lstrip()[:6]
    if head.startswith(_RICH_TEXT):
        return _rich_text_as_plain(text.strip(), errors="replace")
    if head[:1] in ('{"', "{", "[", '"') and text.rstrip()[-1] in '}]"':
        text = _json_text(text)
    if "\\n" in text and "\n" not in text.strip():  # a string of some program's source
        text = _ESCAPED_BREAK.sub("\n", text)
    return text


def _json_text(text: str) -> str:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(document, str):
        return document
    found = "\n".join(_lyrics_in(document, 0))
    return found or text


def _lyrics_in(node: object, depth: int) -> Iterator[str]:
    """The lines of a JSON document, in its order; of several forms of one lyric the plainest."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, list):
        for item in node:
            yield from _lyrics_in(item, depth + 1)
    elif isinstance(node, dict):
        for key in (*_ONE_TEXT, *_LINES):
            value = node.get(key)
            if isinstance(value, str) and value.strip():
                yield value
                return
            if value and isinstance(value, (list, dict)):
                yield from _lyrics_in(value, depth + 1)
                return
        for value in node.values():
            if isinstance(value, (list, dict)):
                yield from _lyrics_in(value, depth + 1)
