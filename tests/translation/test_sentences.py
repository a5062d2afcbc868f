from __future__ import annotations

import pytest

from songdalle_core.translation.sentences import pieces, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("비가 온다. 바다로 가자!", ["비가 온다.", "바다로 가자!"]),
        ("하나\n둘\n\n 셋 ", ["하나", "둘", "셋"]),
        ("3.5km를 걸었다", ["3.5km를 걸었다"]),
        ("그래… 안녕", ["그래…", "안녕"]),
        (" \n ", []),
    ],
)
def test_sentences_and_lines(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_what_does_not_fit_is_cut_between_words() -> None:
    text = "a bb ccc dddd eeeee ffffff"
    cut = pieces(text, lambda piece: len(piece) <= 10)
    assert " ".join(cut) == text
    assert all(len(piece) <= 10 for piece in cut)
    assert len(cut) > 2
    assert pieces(text, lambda piece: True) == [text]
    assert pieces("x" * 50, lambda piece: False) == ["x" * 50]
