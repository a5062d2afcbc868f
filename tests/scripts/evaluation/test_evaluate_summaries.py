"""The evaluation of the summariser against plain ones, on songs made for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from scripts.evaluation import evaluate_summaries
from scripts.evaluation.evaluate_summaries import SummaryScores
from scripts.evaluation.texts import baselines
from scripts.evaluation.texts.gold import Song
from songdalle_core.summarization.textrank import SummaryOptions
from songdalle_core.translation.lexicon import Lexicon

SONG = Song(
    id="a",
    title="바다",
    language="ko",
    genre="folk",
    lines=("아무 말도 못 했지", "푸른 바다 위에 하얀 배가 떠 있네", "아무 말도 못 했지", "그래"),
    summary=("푸른 바다 위에 하얀 배가 떠 있네",),
    picturable=(("바다",), ("배",)),
)
ROOM = SummaryOptions(min_chars=10, max_chars=20)


def test_the_reference_itself_scores_one_and_another_line_nothing() -> None:
    scores = evaluate_summaries.score_all([SONG, SONG], [SONG.summary[0], "그래"])
    assert scores.rouge.tolist() == [1.0, 0.0]
    assert scores.nouns.tolist() == [1.0, 0.0]
    assert scores.widths.tolist() == [19.0, 2.0]


def test_textrank_asks_the_lexicon_what_can_be_painted() -> None:
    (text,) = evaluate_summaries.textrank([SONG], Lexicon.load(), ROOM)
    assert "바다" in text


def test_where_a_baseline_finds_nothing_the_beginning_stands_in() -> None:
    def nothing(lines: Sequence[str], options: SummaryOptions) -> str:
        raise baselines.KeySentencesError("no key sentence")

    texts, failed = evaluate_summaries.summaries([SONG], nothing, ROOM)
    assert failed == 1
    assert texts == [baselines.first_lines(SONG.lines, ROOM)]


def test_figures_are_means_over_the_chosen_songs() -> None:
    scores = evaluate_summaries.score_all([SONG, SONG], [SONG.summary[0], "그래"])
    both = evaluate_summaries.figures(scores, np.array([True, True]))
    second = evaluate_summaries.figures(scores, np.array([False, True]))
    assert (both.songs, both.rouge_l, both.noun_recall, both.width) == (2, 0.5, 0.5, 10.5)
    assert (second.songs, second.rouge_l) == (1, 0.0)


def test_leads_are_paired_by_song() -> None:
    rng = np.random.default_rng(1)
    theirs = SummaryScores([], rng.random(40), rng.random(40), np.ones(40))
    ours = SummaryScores([], theirs.rouge + 0.1, rng.random(40), np.ones(40))
    rouge, nouns = evaluate_summaries.leads(ours, theirs)
    assert astuple(rouge) == pytest.approx((0.1, 0.1, 0.1))
    assert nouns.low < nouns.mean < nouns.high
    assert nouns.mean == pytest.approx((ours.nouns - theirs.nouns).mean())


@pytest.mark.parametrize("installed", [True, False])
def test_from_file_to_figures(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    installed: bool,
) -> None:
    monkeypatch.setattr(baselines, "has_krwordrank", lambda: installed)
    monkeypatch.setattr(baselines, "krwordrank", baselines.first_lines)
    record = {**vars(SONG), "summary": SONG.summary[0]}
    data, out = tmp_path / "songs.jsonl", tmp_path / "out.json"
    data.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    assert evaluate_summaries.main(["--data", str(data), "--json", str(out)]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    names = ["TextRank", "first lines", "most repeated line", *(["KR-WordRank"] * installed)]
    assert list(report["summarisers"]) == names
    assert list(report["lead_of_textrank"]) == names[1:]
    assert report["summarisers"]["TextRank"]["noun_recall"] == 1.0
    assert ("KR-WordRank is left out" in capsys.readouterr().out) != installed
