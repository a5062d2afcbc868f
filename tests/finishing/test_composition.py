"""Devices: every one keeps what it shows large, whole enough and apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from songdalle_core.finishing import composition
from songdalle_core.finishing.colour import to_lab
from songdalle_core.finishing.composition import DEVICES, choose_device
from songdalle_core.finishing.content import Content, GroundLayer, SubjectLayer
from songdalle_core.finishing.devices.parts import paint_cast
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.finish import compose
from songdalle_core.finishing.grounds import as_ground
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.look import choose_look
from songdalle_core.finishing.skies import paint_sky
from songdalle_core.finishing.stage import Actor, Stage, set_stage
from songdalle_core.moods import MOODS

SHAPES_ONLY = [device for device in DEVICES if device.startswith("abstract")]
SUBJECTLESS = ("vista", "great sun", "framed", *SHAPES_ONLY)
WITH_CAST = [device for device in DEVICES if device not in SUBJECTLESS]


def stage_of(content: Content, seed: int = 0, side: int = 128) -> Stage:
    return set_stage(content, choose_look(Direction(), seed), "clear", seed, side)


@pytest.mark.parametrize("device", WITH_CAST)
@pytest.mark.parametrize("stance", ["stands", "floats", "swims", "emblem"])
def test_the_subject_is_large(
    device: str, stance: str, fruit: SubjectLayer, hills: GroundLayer
) -> None:
    for ground in (None, hills):
        content = Content((replace(fruit, stance=stance),), ground)
        for seed in (1, 2):
            scene = compose(content, Direction(device=device), seed, 96)
            rows, columns = np.nonzero(scene.subject > 0.5)
            longer = max(np.ptp(rows), np.ptp(columns)) / scene.side
            assert longer > 0.3
            assert 0.08 < scene.subject.mean() < 0.85


@pytest.mark.parametrize("device", WITH_CAST)
def test_two_subjects_are_both_seen(device: str, fruit: SubjectLayer, house: SubjectLayer) -> None:
    alone = [
        compose(Content((one,)), Direction(device=device), 1, 96).subject.mean()
        for one in (fruit, house)
    ]
    both = compose(Content((fruit, house)), Direction(device=device), 1, 96).subject
    assert 0.1 < both.mean() < 1.2 * sum(alone)
    assert both[:, :48].mean() > 0.05
    assert both[:, 48:].mean() > 0.05


def ink(actor: Actor, spot: Placement) -> tuple[float, float, float]:
    """Left, right and size of what is drawn."""
    half = actor.width * spot.size / 2
    return spot.x - half, spot.x + half, spot.size


def test_two_subjects_hardly_overlap(fruit: SubjectLayer, house: SubjectLayer) -> None:
    for first in (fruit, replace(fruit, stance="floats"), house):
        for seed in range(12):
            stage = stage_of(Content((first, house)), seed)
            for places in (in_air(stage, 0.7), on_floor(stage, 0.7, 0.85)):
                left, right = sorted(map(ink, stage.cast, places))
                assert right[0] - left[1] > -0.02
                assert left[0] > -0.02
                assert right[1] < 1.02
                assert min(left[2], right[2]) > 0.2


def test_two_subjects_are_arranged_in_several_ways(
    fruit: SubjectLayer, house: SubjectLayer
) -> None:
    ways = set()
    for seed in range(24):
        places = in_air(stage_of(Content((replace(fruit, stance="floats"), house)), seed), 0.7)
        (one, two), lift = places, places[0].y - places[1].y
        ratio = one.size / two.size
        ways.add((round(abs(lift), 1) > 0.1, 0.75 < ratio < 1.3, one.x < two.x))
    assert len(ways) >= 4


def test_a_disc_of_the_device_leaves_no_other_sun(house: SubjectLayer, hills: GroundLayer) -> None:
    stage = stage_of(Content((house,), hills))
    paint_sky(stage, 0.6, empty=True)
    plain = stage.canvas.colours.copy()
    lit = stage_of(Content((house,), hills))
    paint_sky(lit, 0.6)
    assert np.abs(lit.canvas.colours - plain).max() > 0.05


def test_a_round_thing_in_the_air_is_the_only_disc(fruit: SubjectLayer) -> None:
    for stance, orb in (("floats", True), ("emblem", False)):
        stage = stage_of(Content((replace(fruit, stance=stance),)))
        assert stage.lead.orb is orb


def test_a_yellow_thing_in_the_air_is_the_only_disc_in_every_mood(fruit: SubjectLayer) -> None:
    golden = fruit.pixels.copy()
    golden[..., :3] = (240, 200, 60)
    golden[:, : golden.shape[1] // 2, 3] = 0  # no disc
    content = Content((replace(fruit, pixels=golden, stance="floats"),))
    for mood in MOODS:
        stage = set_stage(content, choose_look(Direction(mood=mood), 3), "clear", 3, 64)
        assert stage.lead.richness > 1.2
        assert stage.lead.orb


def test_what_has_letters_is_never_mirrored(house: SubjectLayer) -> None:
    canvases = []
    for mirrors, mirrored in ((True, False), (False, True), (True, True)):
        stage = stage_of(Content((replace(house, mirrors=mirrors),)))
        paint_cast(stage, [Placement(0.5, 0.5, 0.6, 0.0, mirrored)], None)
        canvases.append(stage.canvas.colours.copy())
    assert np.array_equal(canvases[0], canvases[1])
    assert not np.array_equal(canvases[0], canvases[2])


def test_plain_silhouettes_are_not_doubly_exposed(fruit: SubjectLayer, hills: GroundLayer) -> None:
    stage = stage_of(Content((fruit,), hills))
    assert stage.lead.richness < 1.5
    assert "double exposure" not in {choose_device(stage, seed) for seed in range(240)}


@pytest.mark.parametrize("mood", ["Sadness", "Calmness"])
def test_planes_of_a_place_stay_apart_in_every_mood(mood: str, hills: GroundLayer) -> None:
    for seed in range(6):
        look = choose_look(Direction(mood=mood), seed)
        drawing = as_ground(hills).recoloured(look).drawing
        lightness = to_lab(drawing.colours)[:, 0]
        assert np.ptp(lightness[drawing.shares > 0.1]) > 8
        middle = float(drawing.shares @ lightness)
        assert abs(middle - to_lab(look.horizon)[0]) > 7


def test_twelve_covers_of_shapes_alone_differ(hills: GroundLayer) -> None:
    content = Content((), replace(hills, place="waves"))
    pictures = [compose(content, Direction(light="noon"), seed, 48).picture for seed in range(12)]
    for number, picture in enumerate(pictures):
        for other in pictures[:number]:
            assert np.abs(picture - other).mean() > 0.04


def test_twelve_candidates_spread_over_devices(placed: Content) -> None:
    pictures = [compose(placed, Direction(light="noon"), seed, 48).picture for seed in range(12)]
    for number, picture in enumerate(pictures):
        for other in pictures[:number]:
            assert np.abs(picture - other).mean() > 0.02


def test_a_named_place_is_shown(placed: Content) -> None:
    shown = [compose(placed, Direction(), seed, 96).ground.mean() for seed in range(12)]
    assert sum(share > 0.03 for share in shown) >= 11


def test_every_kind_of_content_has_twelve_kinds_of_composition() -> None:
    for slots in (
        composition._PLACED,
        composition._INDOORS,
        composition._ALONE,
        composition._ON_SHAPES,
        composition._PLACE_ONLY,
        composition._ROOM_ONLY,
        composition._SHAPES_ONLY,
    ):
        assert len(slots) == 12
        assert {device for kind in slots for device in kind} <= DEVICES.keys()
