from __future__ import annotations

from collections.abc import Sequence

import pytest

from songdalle_core.translation.fallback import FallbackTranslator
from songdalle_core.translation.translator import Translation


class First:
    name = "first"

    def __init__(self, *outcomes: Translation | Exception) -> None:
        self.outcomes = outcomes

    def attempt_many(self, texts: Sequence[str]) -> Sequence[Translation | Exception]:
        return self.outcomes


class Second:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def translate_many(self, texts: Sequence[str]) -> list[Translation]:
        self.asked += texts
        return [Translation(text.upper(), unknown=("뷁",)) for text in texts]


def test_the_second_is_asked_for_what_the_first_could_not_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = First(ValueError("busy"), Translation("one"), RuntimeError("gone"))
    second, counts = Second(), list[int]()
    made = FallbackTranslator(first, second, "gloss", counts.append).translate_many(["a", "b", "c"])
    assert made == [
        Translation("A", unknown=("뷁",), stand_in="gloss"),
        Translation("one"),
        Translation("C", unknown=("뷁",), stand_in="gloss"),
    ]
    assert second.asked == ["a", "c"]
    assert counts == [2]
    assert "first failed for 2 of 3 texts, gloss stands in: busy; gone" in caplog.text


def test_the_second_rests_while_the_first_works(caplog: pytest.LogCaptureFixture) -> None:
    second, counts = Second(), list[int]()
    translator = FallbackTranslator(First(Translation("one")), second, "gloss", counts.append)
    assert translator.translate_many(["a"]) == [Translation("one")]
    assert (second.asked, counts, caplog.text) == ([], [], "")
