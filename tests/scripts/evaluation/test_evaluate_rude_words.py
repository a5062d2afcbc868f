"""The evaluation of the rude words filter, on outcomes made by hand and on the real filter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.evaluation import evaluate_rude_words
from scripts.evaluation.evaluate_rude_words import by_group, figures, score_line
from scripts.evaluation.texts.gold import RUDE_HEADER, RudeLine

RUDE = RudeLine(True, "이 시발 비가 온다", ("시발",))
CLEAN = RudeLine(False, "사랑의 시발점", ())


def test_a_line_is_found_when_its_span_goes() -> None:
    score = score_line(RUDE, "이 비가 온다")
    assert score.flagged
    assert (score.stayed, score.lost) == ((), 0)


def test_dropping_the_wrong_word_is_found_but_stays_and_loses() -> None:
    score = score_line(RUDE, "이 시발 온다")
    assert score.flagged
    assert (score.stayed, score.lost) == (("시발",), 1)


def test_figures_are_shares_of_their_own_lines() -> None:
    made = figures(
        [
            score_line(RUDE, "이 비가 온다"),
            score_line(RUDE, RUDE.text),
            score_line(CLEAN, CLEAN.text),
            score_line(CLEAN, "사랑의"),
        ]
    )
    assert (made.rude, made.clean, made.words_lost) == (2, 2, 0)
    assert (made.recall, made.false_alarms, made.spans_gone) == (0.5, 0.5, 0.5)
    assert figures([]).recall is None


def test_groups_go_by_the_language_of_the_rude_word() -> None:
    mixed = RudeLine(True, "shit 비가 온다", ("shit",))
    groups = by_group([score_line(mixed, "비가 온다"), score_line(RUDE, RUDE.text)])
    assert (groups["english"].rude, groups["english"].recall) == (1, 1.0)
    assert (groups["korean"].rude, groups["korean"].recall) == (1, 0.0)
    assert groups["all"].recall == 0.5


def test_the_real_filter_from_file_to_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = tmp_path / "rude.tsv", tmp_path / "out.json"
    rows = [RUDE_HEADER, "rude\t이 시발 비가 온다\t시발", "clean\t사랑의 시발점\t-"]
    rows += ["rude\t하늘이 맑다\t하늘"]  # no filter finds this
    data.write_text("\n".join(rows), encoding="utf-8")
    assert evaluate_rude_words.main(["--data", str(data), "--json", str(out)]) == 0
    made = json.loads(out.read_text(encoding="utf-8"))["all"]
    assert (made["recall"], made["false_alarms"]) == (0.5, 0.0)
    assert "missed: 하늘이 맑다" in capsys.readouterr().out
