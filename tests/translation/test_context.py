"""The context of a word: distances, whole 하다 verbs, possessive pronouns."""

from __future__ import annotations

from collections.abc import Mapping

from songdalle_core.morphology import analyse_many
from songdalle_core.translation.context import POSSESSED, context_of


def near(text: str, form: str) -> Mapping[str, int]:
    """The context of the first morpheme of this form."""
    morphemes = analyse_many([text])[0]
    return context_of(morphemes, next(i for i, m in enumerate(morphemes) if m.form == form))


def test_what_follows_a_noun_is_nearer_than_what_precedes_it() -> None:
    distances = near("바다 배 바람", "배")
    assert distances["바람"] < distances["바다"]


def test_what_precedes_a_verb_is_nearer_than_what_follows_it() -> None:
    distances = near("기차를 타고 산으로", "타")
    assert distances["기차"] < distances["산"]


def test_verbs_of_hada_are_whole() -> None:
    assert "운전하다" in near("차를 운전하던 밤", "차")


def test_only_a_pronoun_possesses() -> None:
    assert near("내 눈에 너", "눈")[POSSESSED] == 0
    assert POSSESSED not in near("겨울의 눈", "눈")
    assert POSSESSED not in near("눈 내리는 밤", "눈")


def test_the_window_is_bounded() -> None:
    assert "바다" not in near("바다 하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열 배", "배")
