"""Text of providers, cleaned: what is sung and nothing else, in its normal form, bounded."""

from __future__ import annotations

import unicodedata

from songdalle_core.normal_form import normal_form
from songdalle_core.pasted import plain_lyrics
from songdalle_core.songs.provider import MAX_LYRICS

MAX_NAME = 200


def tidy_name(text: str) -> str:
    """A title, artist or album on one line, in its normal form, of at most `MAX_NAME` characters."""
    return " ".join(normal_form(_safe(text)).split())[:MAX_NAME]


def tidy_query(text: str) -> str:
    """A search text in one form: composed letters, single spaces."""
    return tidy_name(text)


def tidy_lyrics(text: str) -> str:
    """What is sung in a provider's lyrics; what exceeds `MAX_LYRICS` is cut at the end of a line."""
    tidy = plain_lyrics(_safe(text))
    if len(tidy) <= MAX_LYRICS:
        return tidy
    whole, newline, _ = tidy[: MAX_LYRICS + 1].rpartition("\n")
    return whole if newline else tidy[:MAX_LYRICS]


def _safe(text: str) -> str:
    """Without control characters and half surrogate pairs, which have no place in JSON or UTF-8."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")
    return text.encode("utf-8", "replace").decode("utf-8")
