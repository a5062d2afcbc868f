"""The evaluation of the mood classifier, on guesses made by hand and on the shipped weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.evaluation import evaluate_moods
from scripts.evaluation.evaluate_moods import by_group, confusions, figures
from scripts.training.sentiment.passages import Passage
from songdalle_core.moods import MOODS, Mood
from songdalle_core.sentiment import Sentiment


def guess(mood: Mood, confidence: float) -> Sentiment:
    rest = (1 - confidence) / (len(MOODS) - 1)
    return Sentiment(mood, {each: confidence if each == mood else rest for each in MOODS})


PASSAGES = [
    Passage("a", "Sadness", "ko", "눈물이 난다\n네가 없어서"),
    Passage("b-f", "Sadness", "ko", "파티는 끝났고\n나만 남았네"),
    Passage("c", "Joyful", "en", "Hey\nSing along"),
    Passage("d", "Power", "mixed", "일어나\nstand up"),
]
GUESSES = [guess("Sadness", 0.9), guess("Joyful", 0.9), guess("Joyful", 0.8), guess("Power", 0.8)]


def test_figures_of_known_guesses() -> None:
    made = figures(PASSAGES, GUESSES)
    assert (made.passages, made.accuracy) == (4, 0.75)
    # F1: Sadness 2/3, Power 1, Joyful 2/3, and nothing of the two others
    assert made.macro_f1 == pytest.approx((2 / 3 + 1 + 2 / 3) / 5)
    # half of the guesses are at 0.9 and right in one of two, half at 0.8 and right
    assert made.ece == pytest.approx(0.5 * 0.4 + 0.5 * 0.2)


def test_groups_by_language_and_hardness() -> None:
    groups = by_group(PASSAGES, GUESSES)
    assert {name: made.passages for name, made in groups.items()} == {
        "all": 4,
        "hard": 1,
        "not hard": 3,
        "ko": 2,
        "en": 1,
        "mixed": 1,
    }
    assert groups["hard"].accuracy == 0
    assert groups["not hard"].accuracy == 1
    assert "hard" not in by_group(PASSAGES[:1], GUESSES[:1])


def test_confusions_have_the_true_moods_down() -> None:
    counts = confusions(PASSAGES, GUESSES)
    assert counts[MOODS.index("Sadness")][MOODS.index("Joyful")] == 1
    assert counts[MOODS.index("Joyful")][MOODS.index("Sadness")] == 0
    assert sum(map(sum, counts)) == 4


def test_the_shipped_weights_from_file_to_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = tmp_path / "moods.jsonl", tmp_path / "out.json"
    rows = [json.dumps(vars(passage), ensure_ascii=False) for passage in PASSAGES]
    data.write_text("\n".join(rows), encoding="utf-8")
    assert evaluate_moods.main(["--data", str(data), "--json", str(out)]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["groups"]["all"]["passages"] == 4
    assert sum(map(sum, report["confusions"])) == 4
    assert list(report["f1"]) == list(MOODS)
    printed = capsys.readouterr().out
    wrong = 4 - sum(report["confusions"][i][i] for i in range(len(MOODS)))
    assert printed.count(", guessed ") == wrong
