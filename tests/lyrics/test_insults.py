"""새끼 and 년 as insults, as young animals and as years."""

import pytest

from songdalle_core.lyrics.insults import insult_spans
from songdalle_core.morphology import analyse


def insults_in(text: str) -> list[str]:
    return [text[start:end] for start, end in insult_spans(text, analyse(text))]


@pytest.mark.parametrize(
    ("text", "insults"),
    [
        ("날 버린 새끼가 뭘 알아", ["새끼"]),
        ("어떤 새끼가 그랬어", ["어떤 새끼"]),
        ("새끼들아 덤벼", ["새끼"]),
        ("거짓말하는 년은 싫어", ["년"]),
        ("날 떠난 그 년이", ["그 년"]),
    ],
)
def test_insults(text: str, insults: list[str]) -> None:
    assert insults_in(text) == insults


@pytest.mark.parametrize(
    "text",
    [
        "갓 태어난 새끼가 눈을 떠",
        "그 새끼들을 핥는 어미 개",
        "둥지의 새끼들이 입을 벌려",
        "새끼줄을 꼬는 밤",
        "몇 년이 지나도",
        "이 년이 지나도",
        "흐른 년도",
    ],
)
def test_young_animals_and_years(text: str) -> None:
    assert insults_in(text) == []


def test_animals_of_another_line_excuse_nothing() -> None:
    assert insults_in("둥지의 새가 운다\n날 버린 새끼가 뭘 알아") == ["새끼"]
