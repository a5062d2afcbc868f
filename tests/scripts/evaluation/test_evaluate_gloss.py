"""The evaluation of the translator, from file to figures, on a lexicon whose faults are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.evaluation import evaluate_gloss
from scripts.evaluation.texts.gold import GlossLine
from songdalle_core.translation.lexicon import Lexicon

LEXICON = """\
바다\tnoun\tsea\tyes
별\tnoun\tstar\tyes
배\tnoun\tboat\tyes
사랑\tnoun\tlove\tno
"""
LINES: list[dict[str, Any]] = [
    {"kind": "plain", "line": "바다 위의 별", "nouns": [["sea", "ocean"], ["star"]]},
    {"kind": "homograph", "line": "달콤한 배", "nouns": [["pear"]]},
    {"kind": "abstract", "line": "사랑해", "nouns": []},
    {"kind": "english", "line": "stars", "nouns": [["star"]]},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lexicon.tsv").write_text(LEXICON, encoding="utf-8")
    images = "사랑\tnoun\tred boat\n"
    (tmp_path / "images_of_abstractions.tsv").write_text(images, encoding="utf-8")
    rows = [json.dumps({**line, "also": [], "gloss": "x"}, ensure_ascii=False) for line in LINES]
    (tmp_path / "gold.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_figures_and_misses_of_a_known_lexicon(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(folder / "gold.jsonl"), "--lexicon", str(folder)]
    assert evaluate_gloss.main([*arguments, "--json", str(folder / "out.json")]) == 0
    groups = json.loads((folder / "out.json").read_text(encoding="utf-8"))["groups"]
    assert groups["plain"] == {
        "lines": 1,
        "gold": 2,
        "extra": 0,
        "precision": 1.0,
        "recall": 1.0,
        "pictured": 0,
    }
    assert (groups["homograph"]["recall"], groups["homograph"]["precision"]) == (0.0, 0.0)
    assert (groups["abstract"]["extra"], groups["abstract"]["pictured"]) == (0, 1)
    assert groups["all"]["recall"] == pytest.approx(3 / 4)
    assert groups["all"]["precision"] == pytest.approx(3 / 4)
    assert groups["korean"]["recall"] == pytest.approx(2 / 3)
    printed = capsys.readouterr().out
    assert "missed: pear; extra: boat" in printed


def test_misses_can_be_kept_out_of_sight(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", str(folder / "gold.jsonl"), "--lexicon", str(folder), "--misses", "0"]
    evaluate_gloss.main(arguments)
    assert "pear" not in capsys.readouterr().out


def test_the_shipped_lexicon_knows_plain_words() -> None:
    line = GlossLine("plain", "바다 위에 뜬 달", (("sea", "ocean"), ("moon",)), (), "moon")
    (score,) = evaluate_gloss.score_all([line], Lexicon.load())
    assert score.missed == ()
    assert score.extra == ()


def test_a_noun_of_another_line_counts_though_the_lexicon_calls_it_abstract(tmp_path: Path) -> None:
    flags = "사랑\tnoun\tlove\tno\n약\tnoun\tmedicine\tno\n"
    (tmp_path / "lexicon.tsv").write_text(flags, encoding="utf-8")
    abstract = GlossLine("abstract", "시간이 약", (), (), "time")
    other = GlossLine("plain", "약병", (("medicine",),), (), "medicine")
    score, _ = evaluate_gloss.score_all([abstract, other], Lexicon.load(tmp_path))
    assert score.extra == ("medicine",)
