from __future__ import annotations

import pytest

from songdalle_core.morphology import analyse
from songdalle_core.summarization.splitting import (
    WINDOW_CHARS,
    content_lemmas,
    cut,
    fold_key,
    is_vocable,
    sung_pieces,
    width,
)

LONG = "창밖에 하얀 눈이 조용히 내리고 눈 덮인 거리 위에 발자국만 남았는데 너는 어디에 있니"


@pytest.mark.parametrize(
    "line",
    [
        "라라라",
        "라 라 라",
        "oh yeah",
        "Ooh la la",
        "우우우 워우워",
        "na na na na",
        "샤랄라",
        "",
        "!!!",
        "uh uh",
    ],
)
def test_sung_sounds_are_vocables(line: str) -> None:
    assert is_vocable(line)


@pytest.mark.parametrize(
    "line",
    [
        "라라라 사랑해",
        "oh my love",
        "나는 나",
        "나라",
        "고양이",
        "아이",
        "아야진",
        "moon",
        "밤",
        "호랑이",
    ],
)
def test_words_are_not_vocables(line: str) -> None:
    assert not is_vocable(line)


def test_english_counts_half() -> None:
    assert width("가나다 라마바") == 7
    assert width("walking home") == 6
    assert width("walking 집에") == len("walking 집에")


def test_repeated_lines_share_a_key() -> None:
    assert fold_key("Oh, 나의  별!") == fold_key("oh 나의 별")
    assert fold_key("나의 별") != fold_key("나의 달")


def test_pieces_end_at_punctuation_and_long_text_is_windowed() -> None:
    assert sung_pieces(["달이 뜨네. 별이 지네!", "   ", "..."]) == ["달이 뜨네", "별이 지네"]
    pasted = " ".join(["바다"] * 1000)
    pieces = sung_pieces([pasted])
    assert all(len(piece) <= WINDOW_CHARS for piece in pieces)
    assert " ".join(pieces) == pasted


def test_a_long_line_is_cut_at_clauses() -> None:
    pieces = [piece.text for piece in cut(LONG, analyse(LONG), 24)]
    assert pieces[0] == "창밖에 하얀 눈이 조용히 내리고"
    assert pieces[1] == "눈 덮인 거리 위에 발자국만 남았는데"
    assert all(width(piece) <= 24 for piece in pieces)


def test_an_auxiliary_stays_with_its_verb() -> None:
    text = "나는 지금도 그 자리에서 너를 기다리고 있어 언제까지나 기다리고 있어"
    for piece in cut(text, analyse(text), 26):
        assert not piece.text.startswith("있어")


@pytest.mark.parametrize("limit", [5, 9, 14, 20, 30])
def test_no_cut_is_inside_a_word(limit: int) -> None:
    pieces = cut(LONG, analyse(LONG), limit)
    assert [w for p in pieces for w in p.text.split()] == LONG.split()


def test_english_is_cut_before_a_conjunction() -> None:
    text = "I was walking down the empty road in the rain and you were singing to the moon"
    pieces = [piece.text for piece in cut(text, analyse(text), 30)]
    assert pieces == [
        "I was walking down the empty road in the rain",
        "and you were singing to the moon",
    ]


def test_text_without_spaces_is_cut_where_a_word_begins() -> None:
    text = "사랑해너를사랑해하늘만큼사랑해너를사랑해바다만큼"
    pieces = cut(text, analyse(text), 10)
    assert len(pieces) > 1
    assert "".join(piece.text for piece in pieces) == text


def test_content_lemmas_of_korean_and_english() -> None:
    text = "나는 하얀 눈을 밟고 the silver moon"
    lemmas, nouns = content_lemmas(text, analyse(text))
    assert {"눈", "silver", "moon"} <= nouns
    assert {"하얗다", "밟다"} <= lemmas - nouns
    assert not lemmas & {"나", "the", "을"}
