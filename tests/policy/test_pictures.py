from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.covers import cover_of
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.policy.pictures import RULES, SUBJECTS, PictureCheck, PictureRule
from songdalle_core.reranking import ClipReranker

CAT = PictureRule("cat", ("a cat", "a kitten"), ("a tiger",))
DOG = PictureRule("dog", ("a dog",), ("a wolf",))
CHECK = PictureCheck((CAT, DOG), ("the sea",))


def logits(**values: float) -> np.ndarray:
    """One picture's logits; those not named are 0."""
    names = {text.replace("a ", "").replace("the ", ""): k for k, text in enumerate(CHECK.texts)}
    row = np.zeros((1, len(names)), dtype=np.float32)
    for name, value in values.items():
        row[0, names[name]] = value
    return row


def test_every_text_is_compared_once() -> None:
    assert CHECK.texts == ("the sea", "a cat", "a kitten", "a tiger", "a dog", "a wolf")
    shared = PictureCheck((CAT, PictureRule("big cat", ("a tiger",), ("a cat",))))
    assert len(shared.texts) == len(set(shared.texts))


def test_a_subject_has_the_share_of_its_texts() -> None:
    # "a cat" e, "a kitten" 1, against "a tiger" and "the sea" of 1 each
    probabilities = CHECK.probabilities(logits(cat=1.0))
    np.testing.assert_allclose(probabilities, [[(np.e + 1) / (np.e + 3), 1 / 3]], rtol=1e-6)


def test_other_subjects_do_not_count_against_one() -> None:
    alone = CHECK.probabilities(logits(cat=4.0))[0, 0]
    assert CHECK.probabilities(logits(cat=4.0, dog=50.0))[0, 0] == pytest.approx(alone)


def test_lookalikes_and_neutral_texts_do() -> None:
    alone = CHECK.probabilities(logits(cat=4.0))[0, 0]
    assert CHECK.probabilities(logits(cat=4.0, tiger=4.0))[0, 0] < alone
    assert CHECK.probabilities(logits(cat=4.0, sea=4.0))[0, 0] < alone


def test_a_bias_changes_nothing() -> None:
    rows = np.random.default_rng(0).normal(0, 5, (7, 6)).astype(np.float32)
    np.testing.assert_allclose(CHECK.probabilities(rows), CHECK.probabilities(rows - 10), rtol=1e-4)


def test_large_logits_do_not_overflow() -> None:
    probabilities = CHECK.probabilities(logits(cat=5000.0, tiger=-5000.0))
    assert probabilities[0, 0] == pytest.approx(1)
    assert np.isfinite(probabilities).all()


def test_a_picture_is_withheld_from_its_threshold_on() -> None:
    rows = np.concatenate([logits(cat=2.0), logits(dog=9.0), logits()])
    cat = CHECK.probabilities(rows)[0, 0]
    assert CHECK.verdicts(rows, {"cat": cat, "dog": 0.9}) == ["cat", "dog", None]
    assert CHECK.verdicts(rows, {"cat": cat + 1e-9, "dog": 0.9}) == [None, "dog", None]
    assert CHECK.verdicts(rows, {"cat": cat}) == ["cat", None, None]
    assert CHECK.verdicts(rows, {}) == [None, None, None]


def test_the_subject_furthest_above_its_threshold_is_named() -> None:
    assert CHECK.verdicts(logits(cat=9.0, dog=9.0), {"cat": 0.9, "dog": 0.1}) == ["dog"]


def test_no_pictures() -> None:
    assert CHECK.verdicts(np.zeros((0, 6), dtype=np.float32), {"cat": 0.5}) == []


def test_the_projects_rules() -> None:
    assert SUBJECTS == ("nudity", "gore", "hateful_symbols", "real_face")
    check = PictureCheck()
    assert len(check.texts) == len(set(check.texts))
    for rule in RULES:
        assert len(rule.texts) >= 5
        assert len(rule.lookalikes) >= 5
        assert not set(rule.texts) & set(rule.lookalikes)


def test_a_subject_of_the_training_is_recognised() -> None:
    """The embedded CLIP on covers that the embedded generator draws, with a subject of its training."""
    check = PictureCheck(
        (PictureRule("cat", ("a cat", "a painting of a cat"), ("a painting of a castle",)),),
        ("a painting of a train", "a painting of the sea", "a painting of a guitar"),
    )
    reranker = ClipReranker.load()
    panel = reranker.read(check.texts)
    generator = load_generator()
    withheld = {}
    with Engine(generator, EngineOptions(slots=6, width=6, decode_width=2)) as engine:
        for shown in ("cat", "train"):
            prompt = f"a painting of a {shown} in the snow"
            request = GenerationRequest(prompt, 6, 1, generator.sampling)
            drawn = engine.draw(request)
            images = np.stack([cover_of(generator, prompt, one) for one in drawn])
            logits = reranker.compare("", images, panel)[1]
            withheld[shown] = check.verdicts(logits, {"cat": 0.5}).count("cat")
    assert withheld["cat"] >= 5
    assert withheld["train"] <= 1
