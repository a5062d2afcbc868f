"""Cleaning: what reaches the models is ['A-Za-z0-9가-힣.] and single spaces, a sentence a line.

The order: what a paste adds to a lyric (`songdalle_core.pasted`), laughter grown onto words, Unicode
(NFKC, accents, controls, quotes), newline to full stop, the characters that survive, spacing,
repeated characters, lower case. Each later step may rely on the earlier ones.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from unicodedata import combining

from songdalle_core.hangul import COMPATIBILITY_JAMO, SYLLABLES
from songdalle_core.lyrics.language import Language, detect_language
from songdalle_core.lyrics.laughter import without_grown_laughter
from songdalle_core.lyrics.repetition import collapse_characters, collapse_units, shorten_runs
from songdalle_core.lyrics.spacing import KiwiSpacer, Spacer
from songdalle_core.pasted import plain_lyrics
from songdalle_core.pasted.plain import INVISIBLE, clean_newlines

SENTENCE_BREAK = ". "


@dataclass(frozen=True, slots=True)
class CleanLyrics:
    """A cleaned lyric; empty text, no lines and "other" if nothing readable was left.

    Attributes:
        text: every line, joined by ". ".
        lines: the lines in song order, repeated ones included (a chorus comes back).
        language: of the cleaned text.
    """

    text: str
    lines: tuple[str, ...]
    language: Language


_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛ʼʻ′`´＇", "'"))
# Letters that look accented but have no decomposition.
_STROKED = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss"}
    | {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D"}
)

# Lone jamo (ㅋㅠㅠ). NFKC would turn them into conjoining ones and compose 큐.
_LONE_JAMO = re.compile(f"[{COMPATIBILITY_JAMO}]+")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_MARKS = re.compile(r"[^\w\s\x00-\x7f]+")  # all combining marks, and signs
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]+")
_WORD_CHARACTERS = f"A-Za-z0-9{SYLLABLES}"
_REFUSED = re.compile(f"[^'{_WORD_CHARACTERS}.]+")
_LONE_APOSTROPHES = re.compile(f"(?<![{_WORD_CHARACTERS}])'+(?![{_WORD_CHARACTERS}])")
_APOSTROPHES = re.compile("'{2,}")
_STOPS = re.compile(r" ?\.(?: ?\.)+ ?| \. ?")
_STOP_BEFORE_HANGUL = re.compile(rf"\.(?=[{SYLLABLES}])")


def clean_lyrics(text: str, *, spacer: Spacer | None = None) -> CleanLyrics:
    """The cleaned lyric; see the module's docstring for the steps.

    Args:
        text: the lyric as typed or pasted, in any Unicode form.
        spacer: corrects Korean spacing line by line; `KiwiSpacer()` if None.

    Raises:
        ValueError: `text` is not a string.
    """
    if not isinstance(text, str):
        raise ValueError(f"lyrics must be a string, not {type(text).__name__}: send text")
    spacer = spacer if spacer is not None else KiwiSpacer()
    sung = without_grown_laughter(plain_lyrics(text))
    raw = [" ".join(line.split()) for line in normalise(sung).split("\n")]
    cleaned: dict[str, str] = {}
    for line in raw:
        if line not in cleaned:
            cleaned[line] = _clean_line(line, spacer)
    lines = tuple(cleaned[line] for line in raw if cleaned[line])
    whole = SENTENCE_BREAK.join(lines)
    return CleanLyrics(whole, lines, detect_language(whole))


def normalise(text: str) -> str:
    """NFKC text without accents, lone jamo, control or invisible characters; quotes are straight.

    Newlines of any kind come back as "\\n". Combining marks go first: putting thousands of them in
    canonical order takes quadratic time, and none survives cleaning.
    """
    text = clean_newlines(text)
    text = _LONE_JAMO.sub(" ", text.translate(_QUOTES))
    if not _NOT_ASCII.search(text):
        return text
    text = _without_marks(text)
    text = clean_newlines(unicodedata.normalize("NFKC", text))
    text = _ACCENTED.sub(lambda match: _plain(match.group()), text)
    return INVISIBLE.sub("", text).translate(_QUOTES).translate(_STROKED)


def _plain(letters: str) -> str:
    return _without_marks(unicodedata.normalize("NFD", letters))


def _without_marks(text: str) -> str:
    return _MARKS.sub(lambda run: "".join(c for c in run.group() if not combining(c)), text)


def _clean_line(line: str, spacer: Spacer) -> str:
    line = _tidy(line)
    if not line:
        return ""
    # A long cry costs the spacer seconds and collapses to one syllable anyway.
    line = spacer(shorten_runs(line))
    return _tidy(collapse_units(collapse_characters(line))).lower()


def _tidy(line: str) -> str:
    """Only the surviving characters, single spaces, single full stops, none at the edges."""
    line = _REFUSED.sub(" ", line)
    line = _APOSTROPHES.sub("'", _LONE_APOSTROPHES.sub(" ", line))
    line = " ".join(line.split())  # long runs of spaces would make the next pattern quadratic
    line = _STOPS.sub(SENTENCE_BREAK, line)
    line = _STOP_BEFORE_HANGUL.sub(SENTENCE_BREAK, line)
    return " ".join(line.split()).strip(" .")
