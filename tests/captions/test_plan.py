from __future__ import annotations

import pytest

from songdalle_core.captions.layers import layer_captions
from songdalle_core.captions.plan import ABSTRACT, PlannedGround, Planner
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import (
    LIGHT,
    PLACE,
    SCENERY,
    WEATHER,
    Subject,
    Vocabulary,
)
from songdalle_core.moods import MOODS

VOCABULARY = Vocabulary(
    subjects=(
        Subject("cat", "a cat", hands=("fluent", "noto", "classic"), tinted=True),
        Subject("moon", "the moon", hands=("noto",), stance="floats"),
        Subject("whale", "a whale", hands=("fluent",), stance="swims", home="sea"),
    ),
    circumstances={
        "by the sea": (PLACE, "shore"),
        "sea": (PLACE, "sea"),
        "night": (LIGHT, "night"),
        "rain": (WEATHER, "rain"),
    },
    phrases={
        PLACE: {"shore": "by the sea", "sea": "on the sea"},
        SCENERY: {"shore": "the shore", "sea": "the sea"},
        LIGHT: {"night": "at night"},
        WEATHER: {"rain": "in the rain"},
    },
    styles={"painting": "painting", "linocut": "lino cut"},
    colours=("blue",),
    grounds={"shore": 3, "sea": 2, **dict.fromkeys(ABSTRACT[None], 3)},
)
PLANNER = Planner(Recaptioner(VOCABULARY))
SEEDS = range(200)


def test_what_a_prompt_names_is_planned_whatever_the_seed() -> None:
    for seed in SEEDS:
        plan = PLANNER.plan(
            "a painting of a blue cat and the moon by the sea in the rain at night. a mood of sadness",
            seed,
        )
        cat, moon = plan.subjects
        assert (cat.name, cat.colour, cat.stance) == ("cat", "blue", "stands")
        assert (moon.name, moon.colour, moon.stance) == ("moon", None, "floats")
        assert plan.ground is not None
        assert plan.ground.place == "shore"
        asked = plan.style, plan.mood, plan.light, plan.weather
        assert asked == ("painting", "Sadness", "night", "rain")


def test_candidates_differ_in_what_is_not_said() -> None:
    plans = [PLANNER.plan("a cat by the sea", seed) for seed in SEEDS]
    assert {plan.subjects[0].hand for plan in plans} == {"fluent", "noto", "classic"}
    assert {plan.ground.variant for plan in plans if plan.ground} == {0, 1, 2}
    assert PLANNER.plan("a cat by the sea", 7) == PLANNER.plan("a cat by the sea", 7)


def test_who_has_a_home_is_drawn_there_and_others_before_colour_or_shapes() -> None:
    assert {PLANNER.plan("a whale", seed).ground for seed in SEEDS} == {
        PlannedGround("sea", 0),
        PlannedGround("sea", 1),
    }
    grounds = [PLANNER.plan("a cat", seed).ground for seed in SEEDS]
    assert 0.4 < sum(ground is None for ground in grounds) / len(grounds) < 0.9
    assert {ground.place for ground in grounds if ground} <= set(ABSTRACT[None])


@pytest.mark.parametrize("mood", MOODS)
def test_a_prompt_that_names_nothing_gets_the_shapes_of_its_mood(mood: str) -> None:
    plans = [PLANNER.plan(f"i said a word. a mood of {mood.lower()}", seed) for seed in SEEDS]
    assert {plan.ground.place for plan in plans if plan.ground} == set(ABSTRACT[mood])
    assert all(plan.subjects == () and len(plan.captions) == 1 for plan in plans)


def test_an_unknown_mood_is_none() -> None:
    assert PLANNER.plan("a cat. a mood of hunger", 0).mood is None


def test_every_caption_is_that_of_a_layer() -> None:
    known = set(layer_captions(VOCABULARY))
    assert len(known) == 3 + 1 + 1 + 3 + 2 + 18
    for prompt in ("a cat and the moon by the sea", "a whale", "nothing at all", "a cat"):
        for seed in SEEDS:
            assert known.issuperset(PLANNER.plan(prompt, seed).captions)
