"""Where the cast stands: sizes and places that keep every subject large and apart."""

from __future__ import annotations

from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.stage import Actor, Stage

_TILTS: dict[str | None, float] = {
    "Tension": 24.0,
    "Power": 16.0,
    "Calmness": 4.0,
}  # degrees an emblem may lean
_PAIR = 0.86  # size of each of two, against one alone


def presence(actor: Actor, size: float) -> float:
    """The side of a square that gives a subject the weight of `size`: thin ones are made larger."""
    filled = float(actor.width * actor.height)
    return min(0.94, size * min(1.3, max(1.0, (0.62 / max(filled, 0.05)) ** 0.3)))


def on_floor(stage: Stage, size: float, floor: float, x: float | None = None) -> list[Placement]:
    """The cast on the floor; what floats hangs in the air above it, what swims lies in it."""
    if len(stage.cast) == 2:
        return _pair_on_floor(stage, size, floor)
    actor = stage.lead
    size = presence(actor, size)
    x = _third(stage, actor, size) if x is None else x
    return [_at(stage, actor, x, size, floor, stage.coin() and actor.stance != "emblem")]


def in_air(stage: Stage, size: float, x: float = 0.5, y: float = 0.5) -> list[Placement]:
    """The cast about a point, without a floor."""
    if len(stage.cast) == 2:
        return _pair(stage, size, _arrangement(stage), y)
    reach = _TILTS.get(stage.look.mood, 10.0)
    tilt = stage.between(-reach, reach) if stage.lead.stance == "emblem" else 0.0
    return [Placement(x, y, presence(stage.lead, size), tilt, stage.coin(0.4))]


def _pair_on_floor(stage: Stage, size: float, floor: float) -> list[Placement]:
    """Two on the floor, side by side or one farther off; what floats hangs above."""
    arrangement = _arrangement(stage)
    placed = _pair(stage, size, arrangement, 0.5)
    far = min(placed, key=lambda spot: spot.size)
    places = []
    for actor, spot in zip(stage.cast, placed, strict=True):
        if actor.stance == "floats" and arrangement == "diagonal":
            places.append(spot)
            continue
        step = 0.0 if arrangement == "beside" else -0.045 if spot is far else 0.03
        foot = min(floor + step, 0.96)
        places.append(_at(stage, actor, spot.x, spot.size, foot, mirrored=spot.mirrored))
    return places


def _arrangement(stage: Stage) -> str:
    """How two come to stand: "beside" one another, one "near" and one far, or "diagonal"."""
    floating = [actor.stance == "floats" for actor in stage.cast]
    odds = (0.3, 0.25, 0.45) if any(floating) else (0.45, 0.55, 0.0)
    return ("beside", "near", "diagonal")[int(stage.chance.choice(3, p=odds))]


def _pair(stage: Stage, size: float, arrangement: str, y: float) -> list[Placement]:
    """Two about a height, facing one another, hardly overlapping."""
    left, right = stage.coin(), stage.coin(0.65)  # whether the first is on the left; the larger
    if arrangement == "diagonal":  # what floats is the smaller and the higher
        right = stage.cast[0].stance != "floats"
    larger, lesser = {"beside": (_PAIR, _PAIR), "near": (1.0, 0.62), "diagonal": (0.94, 0.68)}[
        arrangement
    ]
    sizes = [larger * size, lesser * size] if right else [lesser * size, larger * size]
    sizes = [
        min(presence(actor, part), 0.9 / max(actor.height, 0.2))
        for actor, part in zip(stage.cast, sizes, strict=True)
    ]
    widths = [part * actor.width for part, actor in zip(sizes, stage.cast, strict=True)]
    room = 0.93 if arrangement == "beside" else 0.95
    squeeze = min(1.0, room / sum(widths))
    sizes, widths = ([squeeze * value for value in values] for values in (sizes, widths))
    gap = (1 - sum(widths)) / 3
    on_left, on_right = widths[0] / 2 + gap, 1 - widths[1] / 2 - gap
    if not left:
        on_left, on_right = 1 - on_left, 1 - on_right
    heights = [y, y]
    if arrangement == "diagonal":
        high, low = (0, 1) if sizes[0] < sizes[1] else (1, 0)
        heights[high] = max(0.5 * sizes[high] * stage.cast[high].height + 0.05, y - 0.22)
        heights[low] = min(0.95 - 0.5 * sizes[low] * stage.cast[low].height, y + 0.1)
    elif arrangement == "beside":
        lift = stage.between(-0.04, 0.04)
        heights = [y + lift, y - lift]
    else:
        near = int(sizes[1] > sizes[0])
        heights[near], heights[1 - near] = y + 0.06, y - 0.04
    return [
        Placement(on_left, heights[0], sizes[0], 0.0, not left),
        Placement(on_right, heights[1], sizes[1], 0.0, left),
    ]


def _third(stage: Stage, actor: Actor, size: float) -> float:
    """On a third, as far as the cover's edge allows."""
    room = max(0.0, 0.5 - actor.width * size / 2 - 0.03)
    offset = min(room, stage.between(0.06, 0.15))
    return 0.5 + (offset if stage.coin() else -offset)


def _at(
    stage: Stage, actor: Actor, x: float, size: float, floor: float, mirrored: bool
) -> Placement:
    if actor.stance == "floats":
        hanging = floor - 0.16 - 0.5 * actor.height * size
        y = min(max(0.5 * actor.height * size + 0.05, hanging), 0.48)
        return Placement(x, y, size, 0.0, mirrored)
    if actor.stance == "swims":
        water = floor if stage.water is None else max(stage.water, 0.06 + actor.height * size)
        return actor.standing(x, water + 0.04 * actor.height * size, size, mirrored)
    if actor.stance == "emblem":
        return Placement(x, min(0.5, floor - 0.45 * size * actor.height), size, 0.0, mirrored)
    return actor.standing(x, floor, size, mirrored)
