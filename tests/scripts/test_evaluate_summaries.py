"""The measure of the summariser, and that the summariser beats the baselines on the development songs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import evaluate_summaries
from scripts.evaluate_summaries import most_sung, rouge_l

DATA = Path(__file__).resolve().parents[2] / "scripts" / "data" / "summary_songs.jsonl"


@pytest.mark.parametrize(
    ("said", "wanted", "score"),
    [("a b c", "a b c", 1.0), ("a x c", "a b c", 2 / 3), ("c b a", "a b c", 1 / 3), ("", "a", 0.0)],
)
def test_rouge_l(said: str, wanted: str, score: float) -> None:
    assert rouge_l(said.split(), wanted.split()) == pytest.approx(score)


def test_the_line_sung_most_often() -> None:
    assert most_sung(["a", "b", "b", "a", "c"]) == "a"
    assert most_sung(["a", "b", "b"]) == "b"


def test_the_summariser_beats_both_baselines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["evaluate_summaries.py", str(DATA)])
    evaluate_summaries.main()
    rows = [line.split("|")[1:4] for line in capsys.readouterr().out.splitlines()[4:]]
    first, sung, ours = [(float(rouge), float(nouns)) for _, rouge, nouns in rows]
    assert ours[0] > max(first[0], sung[0])
    assert ours[1] > max(first[1], sung[1])
