from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scripts.training.scenes.backdrops import INDOORS, SETTINGS
from scripts.training.scenes.colours import COLOURS
from scripts.training.scenes.composer import Composer
from scripts.training.scenes.lights import LIGHTS
from scripts.training.scenes.styles import STYLES
from scripts.training.scenes.weather import WEATHERS
from songdalle_core.moods import MOODS
from tests.scripts.training.scenes.conftest import CONCEPTS

PLAIN: dict[str, str | None] = {
    "concept": "balloon", "second": None, "setting": "sky", "light": "overcast",
    "weather": "clear", "mood": None, "style": "picture", "colour": None,
}  # fmt: skip


def red(image: np.ndarray) -> np.ndarray:
    x = image.astype(int)
    return (x[..., 0] > 180) & (x[..., 1] < 90) & (x[..., 2] < 90)


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
    import hashlib

    for line in result.stdout.splitlines():
        seed, digest = line.split()
        scene = composer.scene(int(seed))
        assert digest == hashlib.sha256(scene.image.tobytes() + scene.caption.encode()).hexdigest()


def test_scenes_cover_everything_there_is(composer: Composer) -> None:
    specs = [composer.spec(seed) for seed in range(3000)]
    names = [s.concept.name for s in specs if s.concept]
    assert set(names) == {"balloon", "house", "shoes"}
    assert 0.5 < np.mean([name == "balloon" for name in names]) < 0.7  # weight 3 of 5
    assert {s.setting for s in specs} == set(SETTINGS)
    assert {s.light for s in specs} == set(LIGHTS)
    assert {s.weather for s in specs} == set(WEATHERS)
    assert {s.style for s in specs} == set(STYLES)
    assert {s.colour for s in specs} == {*COLOURS, None}
    assert {s.mood for s in specs} == {*MOODS, None}
    assert 0.35 < np.mean([s.mood is None for s in specs]) < 0.45
    assert 0.42 < np.mean([s.style == "painting" for s in specs]) < 0.50
    assert 0.02 < np.mean([s.second is not None for s in specs]) < 0.12
    assert 0.03 < np.mean([s.concept is None for s in specs]) < 0.10
    assert all(s.weather == "clear" for s in specs if s.setting in INDOORS)
    assert all(s.concept and s.concept.tint for s in specs if s.colour)


def test_the_subject_fills_much_of_the_frame_on_the_grid(composer: Composer) -> None:
    """A disc five to seven cells wide, whose edges lie on cells of 8 pixels (of 64)."""
    for seed in range(40):
        mask = red(composer.variant(seed, **PLAIN).image)
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        width = columns[-1] + 1 - columns[0]
        assert round(width / 8) in (5, 6, 7)
        assert abs(width / 8 - round(width / 8)) < 0.3
        assert columns[0] % 8 in (0, 1, 7)
        assert rows[0] % 8 in (0, 1, 7)
        assert 16 < columns.mean() < 48
        assert 16 < rows.mean() < 48


def test_a_subject_is_the_same_in_every_weather(composer: Composer) -> None:
    dry, wet = (composer.variant(3, **{**PLAIN, "weather": w}).image for w in ("clear", "rain"))
    inside = red(dry)
    assert inside.mean() > 0.15
    assert np.abs(dry[inside].astype(int) - wet[inside]).mean() < 1  # only its edge blends
    assert (dry[~inside] != wet[~inside]).mean() > 0.2


def test_two_subjects_stand_side_by_side(composer: Composer) -> None:
    both = red(composer.variant(1, **{**PLAIN, "second": "house"}).image)
    assert both[:, :32].sum() > 300
    assert both[:, 33:].sum() == 0


def test_a_colour_changes_the_subject(composer: Composer) -> None:
    plain, blue = composer.variant(2, **PLAIN), composer.variant(2, **{**PLAIN, "colour": "blue"})
    assert red(plain.image).mean() > 0.15
    assert red(blue.image).mean() == 0
    assert blue.image[red(plain.image)].mean(0).argmax() == 2
    assert "blue" in blue.caption


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


def test_larger_scenes_show_the_same(art: Path) -> None:
    small, large = (Composer(art, size, ("one", "two"), CONCEPTS) for size in (128, 256))
    for seed in range(12):
        a, b = small.scene(seed), large.scene(seed)
        assert a.caption == b.caption
        halved = b.image.reshape(128, 2, 128, 2, 3).mean((1, 3))
        assert np.abs(a.image - halved).mean() < 8


def test_refuses_other_sizes_and_missing_art(art: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        Composer(art, 100, ("one",), CONCEPTS)
    with pytest.raises(RuntimeError, match=r"fetch_art\.py"):
        Composer(tmp_path, sets=("noto",))
