from __future__ import annotations

from songdalle_core.wordsets import word_set


def test_words_are_parted_by_any_white_space() -> None:
    assert word_set(" moon  star\n눈 star ") == {"moon", "star", "눈"}
    assert word_set("") == frozenset()
