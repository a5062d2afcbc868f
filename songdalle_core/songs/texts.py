"""Text of providers, cleaned: no time tags, no control characters, bounded lengths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from songdalle_core.songs.provider import MAX_LYRICS

MAX_NAME = 200

_TIME = r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]"
_TIMES = re.compile(rf"(?:\s*{_TIME})+")
_ONE_TIME = re.compile(_TIME)
_WORD_TIME = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_HEADER = re.compile(
    r"\s*\[(?:ar|al|ti|au|by|lr|re|ve|la|id|tool|length|offset|#)\s*:[^\]\n]*\]\s*", re.IGNORECASE
)


def tidy_name(text: str) -> str:
    """A title, artist or album on one line, of at most `MAX_NAME` characters."""
    return " ".join(_safe(text).split())[:MAX_NAME]


def tidy_query(text: str) -> str:
    """A search text in one form: composed letters, single spaces."""
    return unicodedata.normalize("NFC", tidy_name(text))


def tidy_lyrics(text: str) -> str:
    """Lines of lyrics without time tags; what exceeds `MAX_LYRICS` is cut at the end of a line."""
    lines = (line.strip() for line in without_time_tags(_safe(text)).split("\n"))
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(tidy) <= MAX_LYRICS:
        return tidy
    whole, newline, _ = tidy[: MAX_LYRICS + 1].rpartition("\n")
    return whole if newline else tidy[:MAX_LYRICS]


def without_time_tags(text: str) -> str:
    """The lines of an LRC file in the order in which they are sung.

    "[01:02.30]" before a line, "<01:02.30>" before a word and headers such as "[ar: name]" go. A line with
    several times is sung several times. Text without tags stays as it is.
    """
    lines = list(_timed_lines(text))
    if any(repeated for _, repeated, _ in lines):
        # stable: a line without a time stays behind its neighbour
        lines.sort(key=lambda line: line[0])
    return "\n".join(line for _, _, line in lines)


def _timed_lines(text: str) -> Iterator[tuple[float, bool, str]]:
    """Seconds of each line, whether it is sung more than once, and the line; headers are left out."""
    last = 0.0
    for line in text.split("\n"):
        if _HEADER.fullmatch(line):
            continue
        tags = _TIMES.match(line)
        if tags is None:
            yield last, False, line
            continue
        rest = line[tags.end() :]
        words = " ".join(_WORD_TIME.sub(" ", rest).split()) if _WORD_TIME.search(rest) else rest
        times = [_seconds(*groups) for groups in _ONE_TIME.findall(tags.group())]
        for time in times:
            yield time, len(times) > 1, words.strip()
        last = times[0]


def _seconds(minutes: str, seconds: str, fraction: str) -> float:
    return 60 * int(minutes) + float(f"{seconds}.{fraction or 0}")


def _safe(text: str) -> str:
    """Without control characters and half surrogate pairs, which have no place in JSON or UTF-8."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")
    return text.encode("utf-8", "replace").decode("utf-8")
