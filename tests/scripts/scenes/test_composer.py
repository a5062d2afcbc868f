from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts.scenes.backdrops import LIGHTS, SETTINGS, WEATHERS
from scripts.scenes.composer import Composer
from songdalle_core.moods import MOODS


def test_a_seed_always_gives_the_same_scene(composer: Composer) -> None:
    first, again = composer.scene(5), composer.scene(5)
    assert np.array_equal(first.image, again.image)
    assert first.caption == again.caption == composer.caption(5)
    assert first.spec == again.spec
    assert not np.array_equal(first.image, composer.scene(6).image)


def test_scenes_cover_everything_there_is(composer: Composer) -> None:
    specs = [composer.spec(seed) for seed in range(600)]
    assert {s.concept.name for s in specs} == {"balloon", "house", "shoes"}
    assert {s.setting for s in specs} == set(SETTINGS)
    assert {s.light for s in specs} == set(LIGHTS)
    assert {s.weather for s in specs} == set(WEATHERS)
    assert {s.mood for s in specs} == {*MOODS, None}
    assert 0.02 < np.mean([s.second is not None for s in specs]) < 0.2


def test_the_subject_fills_much_of_the_frame(composer: Composer) -> None:
    changes = {"setting": "sky", "light": "night", "weather": "clear", "mood": None, "second": None}
    for seed in range(8):
        image = composer.variant(seed, concept="balloon", **changes).image.astype(int)
        red = (image[..., 0] > 180) & (image[..., 1] < 90) & (image[..., 2] < 90)
        assert 0.2 < red.mean() < 0.6
        y, x = np.argwhere(red).mean(axis=0)
        assert 20 < x < 44
        assert 20 < y < 44


def test_variants_change_only_what_is_named(composer: Composer) -> None:
    base, other = composer.scene(3), composer.variant(3, setting="desert")
    assert other.spec.setting == "desert"
    assert other.spec.concept == base.spec.concept
    with pytest.raises(ValueError, match="colour"):
        composer.variant(3, colour="red")


def test_every_part_is_visible(composer: Composer) -> None:
    base = {"concept": "balloon", "second": None, "light": "day", "weather": "clear", "mood": None}
    seen = [composer.variant(1, setting=s, **base).image for s in SETTINGS]
    seen += [composer.variant(1, setting="field", **{**base, "light": x}).image for x in LIGHTS]
    seen += [composer.variant(1, setting="sea", **{**base, "mood": m}).image for m in MOODS]
    seen += [
        composer.variant(1, setting="city", **{**base, "weather": w}).image for w in WEATHERS[1:]
    ]
    differences = [
        np.abs(a.astype(int) - b.astype(int)).mean()
        for i, a in enumerate(seen)
        for b in seen[i + 1 :]
    ]
    assert (
        sum(d < 1.0 for d in differences) <= 1
    )  # a field by day appears once more among the lights


def test_names_a_missing_art_set(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"fetch_art\.py"):
        Composer(tmp_path, sets=("noto",))
