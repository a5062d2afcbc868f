"""Weather, light and seasons by themselves, in the embedded models' own vocabulary."""

from __future__ import annotations

import pytest

from songdalle_core.artifacts import WEIGHTS
from songdalle_core.captions.plan import Planner
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import LIGHT, SUBJECT, WEATHER

READER = Recaptioner.of(WEIGHTS / "generator")
assert READER is not None


@pytest.mark.parametrize(
    ("prompt", "weather", "light"),
    [
        ("rain at night", "rain", "night"),
        ("snow is falling", "snow", None),
        ("white snow falling at night", "snow", "night"),
        ("it's raining", "rain", None),
        ("it rained all day", "rain", None),
        ("raining all night long", "rain", "night"),
        ("the snow falls down", "snow", None),
        ("let it snow", "snow", None),
        ("snowing at dawn", "snow", "dawn"),
        ("a blizzard at midnight", "snow", "night"),
        ("storm at midnight", "rain", "night"),
        ("rainy season", "rain", None),
        ("fog in the morning", "fog", "dawn"),
        ("wind is blowing", "wind", None),
        ("cloudy afternoon", None, "overcast"),
        ("sunset", None, "golden hour"),
        ("night", None, "night"),
        ("3 a.m.", None, "night"),
        ("half past two", None, "noon"),
        ("a cold winter night", None, "night"),
    ],
)
def test_scenery_with_its_weather_and_light(
    prompt: str, weather: str | None, light: str | None
) -> None:
    reading = READER.read(f"a painting of {prompt}. a mood of calmness")
    assert reading.values[SUBJECT] == ()
    assert (reading.first(WEATHER), reading.first(LIGHT)) == (weather, light)
    plans = [Planner(READER).plan(f"a painting of {prompt}", seed) for seed in range(20)]
    places = {plan.ground.place for plan in plans if plan.ground is not None}
    assert len([plan for plan in plans if plan.ground is not None]) == len(plans)
    assert places <= {*reading.scenes, reading.home}
    assert {(plan.weather, plan.light, plan.subjects) for plan in plans} == {(weather, light, ())}


@pytest.mark.parametrize(
    ("prompt", "caption"),
    [
        ("rain at night", "a street in the rain at night"),
        ("snow is falling at dawn", "a snow field with snow falling at dawn"),
        ("winter", "a snow field"),
        ("spring breeze", "a flower field in the wind"),
        ("a street with snow", "a street with snow falling"),
        ("a cat in the snow", "a cat in the snow"),
        ("a cat watching the snow fall", "a cat with snow falling"),
        ("a girl in the snow", "a girl in the snow"),
        ("a snowflake", "a snowflake in the snow"),
        ("the sun is setting", "a sun in the sky at sunset"),
        ("moonlight", "a moon in the sky at night"),
        ("a dragon in the storm", "a dragon in the rain"),
        ("3 a.m. on an empty street", "a street at night"),
        ("five o'clock, a cat", "a cat at noon"),
    ],
)
def test_captions(prompt: str, caption: str) -> None:
    assert READER.caption(prompt) == caption


def test_weathers_vary_their_places_and_stay_the_same_for_a_seed() -> None:
    planner = Planner(READER)
    places = [planner.plan("rain at night", seed).ground for seed in range(40)]
    assert len({ground.place for ground in places if ground is not None}) == 3
    assert places == [planner.plan("rain at night", seed).ground for seed in range(40)]
