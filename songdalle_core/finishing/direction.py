"""What a cover is asked to look like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Direction:
    """The art direction of a cover; what is None, the seed decides, led by the mood.

    Attributes:
        style: a key of `styles.STYLES`; an unknown one paints nothing over the picture.
        mood: one of `songdalle_core.moods.MOODS`.
        light: a key of `lights.LIGHTS`.
        weather: one of `weather.WEATHERS`.
        device: a key of `composition.DEVICES`: the composition forced, for sheets and tests.
    """

    style: str = "painting"
    mood: str | None = None
    light: str | None = None
    weather: str | None = None
    device: str | None = None
