from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.captions.plan import ABSTRACT, Planner
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import PLACE, SCENERY, Subject, Vocabulary
from songdalle_core.covers import SKETCH_SIDE, Painter, content_of, direction_of, straight
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.finish import finish

PROMPT = "a poster of a cat and the moon by the sea. a mood of joyful"
PLANNER = Planner(
    Recaptioner(
        Vocabulary(
            subjects=(
                Subject("cat", "a cat", hands=("fluent",)),
                Subject("moon", "the moon", hands=("noto",), stance="floats"),
            ),
            circumstances={"by the sea": (PLACE, "shore")},
            phrases={PLACE: {"shore": "by the sea"}, SCENERY: {"shore": "the shore"}},
            styles={"poster": "poster"},
            grounds={"shore": 2, **dict.fromkeys(ABSTRACT[None], 1)},
        )
    )
)


def premultiplied_layers() -> np.ndarray:
    """A red disc, a white one and a green ground, half of the disc's edge transparent."""
    y, x = np.mgrid[:64, :64]
    disc = np.clip(30.5 - np.hypot(x - 31.5, y - 31.5), 0, 1)
    ground = (y > 40).astype(float)
    colours = ((220, 30, 40), (250, 250, 250), (60, 150, 70))
    inks = (disc, disc, ground)
    layers = [
        np.dstack([ink[..., None] * np.array(colour), 255 * ink])
        for ink, colour in zip(inks, colours, strict=True)
    ]
    return np.stack(layers).round().astype(np.uint8)


def test_a_painter_gives_each_layer_its_part() -> None:
    layers = premultiplied_layers()
    plan = PLANNER.plan(PROMPT, 5)
    content = content_of(plan, layers)
    assert [subject.stance for subject in content.subjects] == ["stands", "floats"]
    assert content.ground is not None
    assert (content.ground.place, content.ground.variant) == (
        "shore",
        plan.ground and plan.ground.variant,
    )
    assert np.array_equal(content.ground.pixels, straight(layers[2]))
    painted = Painter(PLANNER, 128).paint(PROMPT, 5, layers)
    direction = Direction("poster", "Joyful")
    assert direction_of(plan) == direction
    assert np.array_equal(painted, finish(content, direction, 5, 128))


def test_colour_is_no_longer_multiplied_by_alpha() -> None:
    red = straight(premultiplied_layers()[0])
    inked = red[..., 3] > 32
    assert np.abs(red[inked][:, :3].astype(int) - (220, 30, 40)).max() <= 4
    assert red[..., 3].min() == 0
    assert red[..., 3].max() == 255


@pytest.mark.parametrize("side", [128, 512])
def test_a_sketch_is_small_and_has_no_style(side: int) -> None:
    layers = premultiplied_layers()
    painter = Painter(PLANNER, side)
    sketch = painter.sketch(PROMPT, 5, layers)
    assert sketch.shape == (min(side, SKETCH_SIDE),) * 2 + (3,)
    if side == 128:
        assert not np.array_equal(sketch, painter.paint(PROMPT, 5, layers))


def test_a_layer_without_ink_yet_leaves_the_others() -> None:
    layers = premultiplied_layers()
    layers[0] = 0
    assert Painter(PLANNER, 64).sketch(PROMPT, 5, layers).std() > 1
