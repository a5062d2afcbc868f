"""ROUGE-L by hand-counted examples."""

from __future__ import annotations

import pytest

from scripts.common.rouge import rouge_l, rouge_n, tokens


def test_tokens_are_morphemes_without_punctuation() -> None:
    assert tokens(["눈이 와, Snow!"]) == [["눈", "이", "오", "어", "snow"]]


@pytest.mark.parametrize(
    ("candidate", "reference", "score"),
    [
        ("a b c", "a b c", 1.0),
        ("a x b", "a b", 0.8),  # common 2, precision 2/3, recall 1
        ("b a", "a b", 0.5),
        ("x", "a b", 0.0),
        ("", "a", 0.0),
        ("a", "", 0.0),
    ],
)
def test_f1_of_the_longest_common_subsequence(candidate: str, reference: str, score: float) -> None:
    assert rouge_l(candidate.split(), reference.split()) == pytest.approx(score)


def test_particles_do_not_hide_a_shared_noun() -> None:
    one, other = tokens(["바다를", "바다가"])
    assert rouge_l(one, other) == pytest.approx(0.5)


def test_n_grams_count_as_often_as_both_have_them() -> None:
    candidate, reference = list("aabc"), list("abcd")
    assert rouge_n(candidate, reference, 1) == pytest.approx(3 / 4)
    assert rouge_n(candidate, reference, 2) == pytest.approx(2 / 3)
    assert rouge_n(reference, reference, 2) == 1
    assert rouge_n(["a"], reference, 2) == rouge_n([], [], 1) == 0
