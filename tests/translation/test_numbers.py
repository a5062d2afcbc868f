"""Numbers that count things, and numbers of hours, dates, ages and turns, which count none."""

from __future__ import annotations

import pytest

from songdalle_core.morphology import analyse
from songdalle_core.translation import GlossTranslator
from songdalle_core.translation.numbers import quantity_at

PHRASES = {
    # hours are times of day
    "세 시의 그림자": "an afternoon shadow",
    "새벽 두 시의 거리": "a night street",
    "11:59 PM 불꽃놀이": "fireworks at night",
    "새벽 네 시의 편의점": "a dawn convenience store",
    "12시의 종소리": "a midnight bell",
    "열두 시 반 창가에 고양이": "a cat by the window at midnight",
    "오후 세 시의 햇살": "afternoon sunlight",
    "오전 11시 카페": "a cafe in the morning",
    "낮 두 시 놀이터": "a playground in the afternoon",
    "저녁 일곱 시 골목": "an alley in the evening",
    "밤 열한 시 버스 정류장": "a bus stop at night",
    "0시의 거리": "a midnight street",
    "3시 15분의 그림자": "an afternoon shadow",
    "네 시의 정류장": "an afternoon bus stop",
    "두 시의 달빛": "night moonlight",
    "3 am의 거리": "a night street",
    "오후 3:30의 카페": "an afternoon cafe",
    "막차는 열두 시에 떠나": "a last train leaving at midnight",
    # dates, spans, ages, places in a row
    "12월의 밤": "on a december night",
    "2024년의 바다": "the sea",
    "백 년의 나무": "a tree",
    "열 살의 소년": "a boy",
    "스무 살의 바다": "the sea",
    "스물두 살의 사진": "a photo",
    "세 시간의 영화": "a movie",
    "24시간 편의점": "a convenience store",
    "10분 뒤에 도착하는 기차": "a train",
    "3번 출구": "an exit door",
    "세 번째 고양이": "a cat",
    "두 번째 달": "the moon",
    "천 번의 키스": "a kiss",
    "시계탑 열두 번 울리면": "a clock tower ringing",
    "둘만의 밤": "at night",
    "우리 둘의 바다": "the sea",
    # counts
    "세 개의 별": "three stars",
    "네 마리 고양이": "four cats",
    "두 사람": "two people",
    "열두 마리 새": "12 birds",
    "스무 송이 장미": "20 roses",
    "백만 송이 장미": "roses",
    "서너 마리 새": "birds",
    "까마귀가 셋 나를 내려다보고": "three crows looking down",
    "하나의 별": "a star",
}


@pytest.fixture(scope="module")
def translator() -> GlossTranslator:
    return GlossTranslator()


@pytest.mark.parametrize(("korean", "english"), PHRASES.items())
def test_phrases(translator: GlossTranslator, korean: str, english: str) -> None:
    assert translator.translate(korean).text == english


@pytest.mark.parametrize(
    "korean", ["열두 시의 종소리", "십칠 층 창문", "장미 백 송이", "스물다섯 살"]
)
def test_numbers_and_units_are_no_unknown_words(translator: GlossTranslator, korean: str) -> None:
    assert translator.translate(korean).unknown == ()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("두 시", "hour", 2),
        ("열한 시", "hour", 11),
        ("23시", "hour", 23),
        ("스물네 시간", "unit", 24),
        ("이십사 시간", "unit", 24),
        ("이백오십 개", "count", 250),
        ("만 원", "unit", 10_000),
        ("두세 개", "count", None),
        ("몇 송이", "count", None),
        ("3월", "month", 3),
        ("서른 살", "unit", 30),
        ("두 고양이", "count", 2),
        ("24 7", "unit", None),
    ],
)
def test_quantities(text: str, kind: str, value: int | None) -> None:
    quantity = quantity_at(analyse(text), 0)
    assert quantity is not None
    assert (quantity.kind, quantity.value) == (kind, value)


@pytest.mark.parametrize("text", ["네 눈", "네 시를 읽어", "여러 별", "고양이", "시를 쓰다"])
def test_what_is_no_quantity(text: str) -> None:
    assert quantity_at(analyse(text), 0) is None
