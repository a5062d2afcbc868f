"""Roles of those who make a song, by `roles.tsv`: how sure a word is that a line is a credit."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

Grade = Literal["strong", "weak", "faint", "none"]

_FILE = Path(__file__).with_name("roles.tsv")
_NEEDS_COLON = "colon"
"""The file's grade of a role that is weak, and with a colon behind it only."""


def grade_of(word: str) -> Grade:
    """How sure a word, in lower case and without spaces, is a role; "none" if it is none."""
    grade = _grades().get(word)
    if grade is None:
        return "none"
    return "strong" if grade == "strong" else "weak"


def grade_without_colon(word: str) -> Grade:
    """The same where no colon follows the word."""
    return "none" if _grades().get(word) == _NEEDS_COLON else grade_of(word)


@lru_cache(maxsize=1)
def _grades() -> dict[str, str]:
    """The file's grade of each word."""
    rows = _FILE.read_text(encoding="utf-8").splitlines()
    pairs = (row.split("\t") for row in rows if row and not row.startswith("#"))
    return {word: grade for grade, word in pairs}
