"""Which language a lyric is in, judged by the shares of its letters.

A Hangul syllable carries about as much as two to three Latin letters ("사랑" against "love"), so a
Latin letter weighs half. With h = Hangul syllables and l = Latin letters, the Korean share is
h / (h + l / 2).
"""

from __future__ import annotations

import re
from typing import Literal

from songdalle_core.hangul import SYLLABLES

Language = Literal["ko", "en", "mixed", "other"]

LATIN_WEIGHT = 0.5
"""Weight of one Latin letter against one Hangul syllable."""

KOREAN_FROM = 0.8
"""Korean share from which a lyric is "ko": a Korean song may hold a few English words."""

ENGLISH_UP_TO = 0.2
"""Korean share up to which a lyric is "en": an English song may hold a few Korean words."""

_HANGUL = re.compile(f"[{SYLLABLES}]")
_LATIN = re.compile("[A-Za-z]")


def korean_share(text: str) -> float | None:
    """Weighted share of Hangul among Hangul and Latin letters, 0..1; None without such letters."""
    hangul = len(_HANGUL.findall(text))
    latin = LATIN_WEIGHT * len(_LATIN.findall(text))
    return hangul / (hangul + latin) if hangul or latin else None


def detect_language(text: str) -> Language:
    """ "ko", "en", "mixed", or "other" if the text has neither Hangul syllables nor Latin letters.

    Other scripts are not weighed: they do not survive cleaning, and what survives is what the
    stages after it have to read.
    """
    share = korean_share(text)
    if share is None:
        return "other"
    if share >= KOREAN_FROM:
        return "ko"
    if share <= ENGLISH_UP_TO:
        return "en"
    return "mixed"
