"""Plain summarisers within the length of a summary."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from scripts.evaluation.texts import baselines
from songdalle_core.summarization.textrank import SummaryOptions

LINES = ("하얀 새벽이 왔네", "라라라라", "파란 우산을 쓰고 걸어가", "라라라라", "비가 내린다")
ROOM = SummaryOptions(min_chars=12, max_chars=26)


def test_first_lines_fill_the_length() -> None:
    assert baselines.first_lines(LINES, ROOM) == "하얀 새벽이 왔네 라라라라"
    assert baselines.first_lines(LINES, SummaryOptions(min_chars=1, max_chars=5)) == LINES[0]


def test_the_most_repeated_line_is_no_sung_sound() -> None:
    lines = [*LINES, "비가, 내린다", "끝"]
    assert baselines.most_repeated(lines, ROOM) == "비가 내린다 비가, 내린다"


def test_of_lines_sung_as_often_the_first_is_taken() -> None:
    assert baselines.most_repeated(LINES, ROOM) == baselines.first_lines(LINES, ROOM)


def test_a_song_of_sounds_falls_back_to_its_beginning() -> None:
    assert baselines.most_repeated(["라라라라", "라라라라"], ROOM) == "라라라라 라라라라"


def _krwordrank(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    """A package krwordrank whose summariser gives `answer`, or raises it."""

    def summarize_with_sentences(lines: list[str], **options: Any) -> tuple[dict[str, float], Any]:
        if isinstance(answer, Exception):
            raise answer
        return {}, answer

    module = ModuleType("krwordrank.sentence")
    module.summarize_with_sentences = summarize_with_sentences  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "krwordrank", ModuleType("krwordrank"))
    monkeypatch.setitem(sys.modules, "krwordrank.sentence", module)


def test_key_sentences_stand_in_song_order_and_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    _krwordrank(monkeypatch, [LINES[4], LINES[0], LINES[2]])
    assert baselines.krwordrank(LINES, ROOM) == f"{LINES[0]} {LINES[4]}"


@pytest.mark.parametrize("answer", [ValueError("0 feature(s)"), []])
def test_a_song_without_key_sentences_is_said_so(
    monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    _krwordrank(monkeypatch, answer)
    with pytest.raises(baselines.KeySentencesError):
        baselines.krwordrank(LINES, ROOM)
