"""The comparison of classifiers: the networks learn, the published table fits the data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.evaluation import compare_sentiment
from scripts.training.sentiment.neural import bag_logits, encoder_logits
from songdalle_core.artifacts import WEIGHTS, sha256
from songdalle_core.moods import MOODS
from songdalle_core.sentiment.features import extract_many

ROOT = Path(compare_sentiment.__file__).resolve().parents[2]
SIGNS = ("눈물", "승리", "비명", "웃음", "고요")


def signed_texts(count: int, seed: int) -> tuple[list[str], np.ndarray]:
    """Texts of which one word tells the mood, among words that do not."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(MOODS)
    filler = ["하늘", "바람", "거리", "창문", "노래", "오늘"]
    texts = [" ".join(random.permutation([*random.choice(filler, 3), SIGNS[i]])) for i in labels]
    return texts, labels


def test_the_bag_learns_which_word_tells_the_mood() -> None:
    (known, labels), (unseen, expected) = signed_texts(150, 0), signed_texts(50, 1)
    logits = bag_logits(extract_many(known), labels, extract_many(unseen), seed=0)
    assert logits.shape == (50, len(MOODS))
    assert np.mean(logits.argmax(axis=1) == expected) > 0.9


def test_the_transformer_learns_which_word_tells_the_mood() -> None:
    (known, labels), (unseen, expected) = signed_texts(300, 0), signed_texts(50, 1)
    logits = encoder_logits(known, labels, [*unseen, "세 글자 밖의 낯선 말"], seed=0)
    assert logits.shape == (51, len(MOODS))
    assert np.isfinite(logits).all()
    assert np.mean(logits[:50].argmax(axis=1) == expected) > 0.6


def test_confusions_become_a_picture(tmp_path: Path) -> None:
    counts = np.eye(len(MOODS)) * 9 + 1
    compare_sentiment.draw_confusions(counts, tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        assert min(picture.size) > 400
        assert len(picture.convert("L").getcolors() or []) > 5


def test_the_published_comparison_is_of_the_shipped_data_and_best_model() -> None:
    report = json.loads((ROOT / "docs" / "sentiment.json").read_text(encoding="utf-8"))
    assert report["data_sha256"] == sha256(ROOT / "scripts" / "data" / "mood_passages.jsonl")
    scores = {name: result["macro_f1"] for name, result in report["classifiers"].items()}
    single = {name: score for name, score in scores.items() if not name.startswith("ensemble")}
    assert max(single, key=single.__getitem__) == compare_sentiment.SHIPPED
    metrics = json.loads((WEIGHTS / "sentiment" / "metrics.json").read_text(encoding="utf-8"))
    assert abs(scores[compare_sentiment.SHIPPED] - metrics["macro_f1"]) < 0.02


def test_the_page_shows_the_table_that_was_measured() -> None:
    report = json.loads((ROOT / "docs" / "sentiment.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "sentiment.md").read_text(encoding="utf-8")
    assert compare_sentiment.table(report["classifiers"]) in page


def test_only_the_table_of_the_page_is_replaced() -> None:
    results = {"a": {"macro_f1": 0.5, "seconds": 1.0}, "b": {"macro_f1": 0.25, "seconds": 2.0}}
    page = "before\n\n| classifier | x |\n|---|---|\n| old | 1 |\n\nafter\n"
    written = compare_sentiment.with_table(page, results)
    assert written.startswith("before\n\n| classifier | macro-F1 | seconds |\n")
    assert written.endswith("| b | 0.250 | 2 |\n\nafter\n")
    assert "old" not in written
    with pytest.raises(ValueError, match="lost its table"):
        compare_sentiment.with_table("no table", results)
