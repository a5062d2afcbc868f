"""Lyrics: cleaning, Korean word spacing, language, repetition and rude words."""

from songdalle_core.lyrics.cleaning import CleanLyrics, clean_lyrics
from songdalle_core.lyrics.language import Language, detect_language
from songdalle_core.lyrics.profanity import (
    Filtered,
    contains_profanity,
    remove_english_profanity,
    remove_profanity,
    remove_profanity_many,
)
from songdalle_core.lyrics.repetition import dedupe_words
from songdalle_core.lyrics.soynlp_spacing import SoynlpSpacer
from songdalle_core.lyrics.spacing import KiwiSpacer, Spacer

__all__ = [
    "CleanLyrics",
    "Filtered",
    "KiwiSpacer",
    "Language",
    "SoynlpSpacer",
    "Spacer",
    "clean_lyrics",
    "contains_profanity",
    "dedupe_words",
    "detect_language",
    "remove_english_profanity",
    "remove_profanity",
    "remove_profanity_many",
]
