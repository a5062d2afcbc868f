"""Composition: which device a cover uses. A set of twelve spreads over twelve of them."""

from __future__ import annotations

from collections.abc import Callable

from songdalle_core.finishing.devices.close_up import close_up, vignette
from songdalle_core.finishing.devices.colour_field import arch_field, disc_field, halves
from songdalle_core.finishing.devices.double_exposure import double_exposure
from songdalle_core.finishing.devices.echo import echo
from songdalle_core.finishing.devices.great_disc import great_disc
from songdalle_core.finishing.devices.landscape import landscape, low_angle
from songdalle_core.finishing.devices.pattern import pattern
from songdalle_core.finishing.devices.procession import procession
from songdalle_core.finishing.devices.reflection import reflection
from songdalle_core.finishing.devices.shapes_only import (
    abstract,
    abstract_detail,
    abstract_framed,
    abstract_quarters,
    abstract_sun,
    abstract_two_colours,
    abstract_window,
)
from songdalle_core.finishing.devices.sleeve import sleeve
from songdalle_core.finishing.devices.stripes import arches, stripes
from songdalle_core.finishing.devices.sunburst import sunburst
from songdalle_core.finishing.devices.vista import framed, great_sun, vista
from songdalle_core.finishing.stage import Stage
from songdalle_core.finishing.streams import stream
from songdalle_core.seeds import STRATA

DEVICES: dict[str, Callable[[Stage], None]] = {
    "landscape": landscape,
    "low angle": low_angle,
    "great disc": great_disc,
    "close-up": close_up,
    "vignette": vignette,
    "disc field": disc_field,
    "arch field": arch_field,
    "halves": halves,
    "sunburst": sunburst,
    "stripes": stripes,
    "arches": arches,
    "pattern": pattern,
    "sleeve": sleeve,
    "reflection": reflection,
    "double exposure": double_exposure,
    "echo": echo,
    "procession": procession,
    "vista": vista,
    "great sun": great_sun,
    "framed": framed,
    "abstract": abstract,
    "abstract detail": abstract_detail,
    "abstract two colours": abstract_two_colours,
    "abstract sun": abstract_sun,
    "abstract window": abstract_window,
    "abstract quarters": abstract_quarters,
    "abstract framed": abstract_framed,
}
Slots = tuple[tuple[str, ...], ...]
"""Twelve kinds of composition, one for each residue of a seed; a kind may have alternatives."""
_PLACED: Slots = (
    ("landscape",), ("great disc",), ("close-up", "vignette"), ("sleeve",),
    ("reflection",), ("disc field", "halves"), ("low angle",), ("stripes", "sunburst"),
    ("arch field",), ("procession",), ("double exposure", "pattern"), ("echo",),
)  # fmt: skip
_INDOORS: Slots = (
    ("landscape",), ("close-up",), ("sleeve",), ("low angle",),
    ("disc field",), ("arch field",), ("echo",), ("double exposure", "halves"),
    ("vignette",), ("landscape",), ("pattern",), ("low angle",),
)  # fmt: skip
_ALONE: Slots = (
    ("disc field", "vignette"), ("great disc",), ("close-up",), ("sunburst",),
    ("halves",), ("landscape",), ("pattern", "double exposure"), ("stripes",),
    ("reflection", "procession"), ("echo",), ("arch field", "arches"), ("sleeve",),
)  # fmt: skip
_ON_SHAPES: Slots = (
    ("vignette",), ("close-up",), ("echo",), ("disc field",), ("arch field",), ("sleeve",),
    ("vignette",), ("double exposure", "sunburst"), ("echo",), ("pattern",), ("halves",), ("sleeve",),
)  # fmt: skip
_PLACE_ONLY: Slots = (
    ("vista",), ("great sun",), ("framed",), ("reflection",), ("vista",), ("great sun",),
    ("vista",), ("great sun",), ("framed",), ("reflection",), ("vista",), ("great sun",),
)  # fmt: skip
_ROOM_ONLY: Slots = (("vista",), ("vista",), ("framed",)) * 4
_SHAPES_ONLY: Slots = (
    ("abstract",), ("abstract sun",), ("abstract two colours",), ("abstract framed",),
    ("abstract quarters",), ("abstract detail",), ("abstract window",), ("abstract window",),
    ("abstract two colours",), ("abstract sun",), ("abstract framed",), ("abstract quarters",),
)  # fmt: skip
_DISCS = ("great disc", "stripes", "vignette")
"""They show a sun or moon of their own, beside which no other is shown."""
_RICH = 2.4  # of a silhouette that can be told when it is filled with something else


def choose_device(stage: Stage, seed: int) -> str:
    """The device of a seed: its remainder names the kind, so that a set shows them all."""
    kind = _suited(stage)[seed % STRATA]
    if stage.cast and stage.lead.richness < _RICH:
        kind = tuple(device for device in kind if device != "double exposure")
    if any(actor.orb for actor in stage.cast):
        kind = tuple(device for device in kind if device not in _DISCS) or ("landscape",)
    return kind[int(stream(seed, "device").integers(len(kind)))]


def _suited(stage: Stage) -> Slots:
    ground = stage.ground
    if ground is None:
        return _ALONE if stage.cast else _PLACE_ONLY
    if ground.abstract:
        return _ON_SHAPES if stage.cast else _SHAPES_ONLY
    if ground.indoors:
        return _INDOORS if stage.cast else _ROOM_ONLY
    return _PLACED if stage.cast else _PLACE_ONLY
