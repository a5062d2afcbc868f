from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scripts.training.content.layers import SIDE, premultiplied
from scripts.training.scenes.composer import (
    COLOURS,
    INDOORS,
    LAYER_SIDE,
    OWN_LIGHT,
    SETTINGS,
    Composer,
)
from songdalle_core.finishing.lights import LIGHTS
from songdalle_core.finishing.styles import STYLES
from songdalle_core.finishing.weather import WEATHERS
from songdalle_core.moods import MOODS
from tests.scripts.training.scenes.conftest import CONCEPTS

PLAIN: dict[str, str | None] = {
    "concept": "balloon", "second": None, "setting": "shore", "light": "noon",
    "weather": "clear", "mood": None, "style": "picture", "colour": None,
}  # fmt: skip


def test_a_seed_always_gives_the_same_scene(composer: Composer) -> None:
    first, again = composer.scene(5), composer.scene(5)
    assert np.array_equal(first.image, again.image)
    assert first.caption == again.caption == composer.caption(5)
    assert first.spec == again.spec
    assert not np.array_equal(first.image, composer.scene(6).image)


def test_another_process_and_order_give_the_same_scenes(composer: Composer, art: Path) -> None:
    code = (
        "import sys, hashlib; from pathlib import Path\n"
        "from tests.scripts.training.scenes.conftest import CONCEPTS\n"
        "from scripts.training.scenes.composer import Composer\n"
        "c = Composer(Path(sys.argv[1]), 64, ('one', 'two'), CONCEPTS)\n"
        "for s in reversed(range(40)):\n"
        "    x = c.scene(s)\n"
        "    print(s, hashlib.sha256(x.image.tobytes() + x.caption.encode()).hexdigest())\n"
    )
    root = Path(__file__).resolve().parents[4]
    result = subprocess.run(
        [sys.executable, "-c", code, str(art)],
        cwd=root, env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(root)},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    for line in result.stdout.splitlines():
        seed, digest = line.split()
        scene = composer.scene(int(seed))
        assert digest == hashlib.sha256(scene.image.tobytes() + scene.caption.encode()).hexdigest()


def test_scenes_cover_everything_there_is(composer: Composer) -> None:
    specs = [composer.spec(seed) for seed in range(4000)]
    names = [s.concept.name for s in specs if s.concept]
    assert set(names) == {"balloon", "house", "shoes"}
    assert 0.5 < np.mean([name == "balloon" for name in names]) < 0.7  # weight 3 of 5
    assert {s.setting for s in specs} == {*SETTINGS, None}
    assert {s.light for s in specs} == {*LIGHTS, None}
    assert {s.weather for s in specs} == set(WEATHERS)
    assert {s.style for s in specs} == set(STYLES)
    assert {s.colour for s in specs} == {*COLOURS, None}
    assert {s.mood for s in specs} == {*MOODS, None}
    assert 0.35 < np.mean([s.mood is None for s in specs]) < 0.45
    assert 0.30 < np.mean([s.style == "painting" for s in specs]) < 0.38
    assert 0.02 < np.mean([s.second is not None for s in specs]) < 0.12
    assert 0.03 < np.mean([s.concept is None for s in specs]) < 0.10
    assert 0.15 < np.mean([s.setting is None for s in specs]) < 0.27


def test_nothing_is_told_that_cannot_be_seen(composer: Composer) -> None:
    for spec in (composer.spec(seed) for seed in range(2000)):
        assert spec.concept or spec.setting
        assert (spec.light is None) == (spec.setting is None or spec.setting in OWN_LIGHT)
        assert spec.weather == "clear" or (spec.setting and spec.setting not in INDOORS)
        assert not spec.colour or (spec.concept and spec.concept.tint)


def test_a_colour_changes_the_subject(composer: Composer) -> None:
    """A red disc before plain colour."""
    plain = {**PLAIN, "setting": None, "light": None}
    red, blue = (composer.variant(2, **{**plain, "colour": c}) for c in (None, "blue"))
    change = blue.image.astype(int) - red.image
    assert change[..., 2].max() > 100
    assert change[..., 0].min() < -100
    assert "blue" in blue.caption


def test_layers_as_a_generator_draws_them_go_before_the_art(art: Path) -> None:
    """The same picture, whether a layer is made of the art or given; another one if it is another."""
    own = Composer(art, 64, ("one",), CONCEPTS)
    balloon = CONCEPTS[0]
    layer = premultiplied(own.sprites.square("one", balloon, SIDE))
    given = Composer(art, 64, ("one",), CONCEPTS, {"one balloon": layer})
    nothing = {"one balloon": np.zeros((LAYER_SIDE, LAYER_SIDE, 4), np.uint8)}
    empty = Composer(art, 64, ("one",), CONCEPTS, nothing)
    first, second, third = (c.variant(4, **PLAIN).image for c in (own, given, empty))
    assert np.array_equal(first, second)
    assert np.abs(first.astype(int) - third).mean() > 2


def test_variants_change_only_what_is_named(composer: Composer) -> None:
    base, other = composer.scene(3), composer.variant(3, setting="desert")
    assert other.spec.setting == "desert"
    assert other.spec.concept == base.spec.concept
    with pytest.raises(ValueError, match="season"):
        composer.variant(3, season="spring")


def test_every_part_is_visible(composer: Composer) -> None:
    parts = {
        "setting": SETTINGS,
        "light": LIGHTS,
        "weather": WEATHERS,
        "mood": MOODS,
        "style": STYLES,
    }
    for part, values in parts.items():
        pictures = [
            composer.variant(1, **{**PLAIN, part: value}).image.astype(int) for value in values
        ]
        apart = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[i + 1 :]]
        assert min(apart) > 1, part


def test_refuses_other_sizes_and_missing_art(art: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Composer(art, 16, ("one",), CONCEPTS)
    with pytest.raises(RuntimeError, match=r"fetch_art\.py"):
        Composer(tmp_path, sets=("noto",))
