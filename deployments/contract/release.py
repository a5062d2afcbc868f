"""The shapes of a release: what is asked for, and what the answer says of its file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from deployments.contract.covers import MAX_NAME, MAX_SEED, NORMAL, one_line, set_url
from songdalle_core.release.options import (
    LARGEST_SIDE,
    MAX_TRACKS,
    SMALLEST_SIDE,
    FileFormat,
    Layout,
)

FACTS = "X-Release"
"""Header of the answer: `ReleaseFacts` as JSON."""

Line = Annotated[str, Field(max_length=MAX_NAME), NORMAL, AfterValidator(one_line)]


def release_url(id: str, rank: int) -> str:
    """Absolute path of a cover's release."""
    return f"{set_url(id)}/images/{rank}/release"


class ReleaseRequest(BaseModel):
    """A sleeve of a chosen cover."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "노란 풍선", "artist": "김하늘", "notice": False}]
        },
    )

    size: Annotated[int, Field(ge=SMALLEST_SIDE, le=LARGEST_SIDE)] = Field(
        default=LARGEST_SIDE, description="Pixels a side; stores advise 3000."
    )
    format: FileFormat = Field(
        default="jpeg", description="jpeg stays below 10 MB; png loses nothing and may not."
    )
    face: Literal["front", "back"] = Field(
        default="front", description="The back lists tracks in the front's colours."
    )
    title: Line | None = Field(
        default=None, description="Exactly as in the release's metadata. null: the set's own."
    )
    artist: Line | None = Field(default=None, description="Likewise.")
    tracks: Annotated[list[Line], Field(max_length=MAX_TRACKS)] = Field(
        default=[], description="For the back, in order."
    )
    layout: Layout | None = Field(
        default=None,
        description='How title and artist are set; "none": no text. null: as the seed has it.',
    )
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = Field(
        default=None, description="Of layout, weight and ink. null: the cover's own."
    )
    notice: bool = Field(
        default=True,
        description="Whether the picture says that an AI made it. Stores refuse any text but title and "
        "artist: with false the mark stays in the metadata (XMP, and C2PA where the service has a "
        "certificate), and it is yours to say it wherever you show the picture.",
    )


class ReleaseFacts(BaseModel):
    """What a release file is, and how it was made."""

    layout: Layout
    size: int
    bytes: int
    fits: bool = Field(description="Below 10 MB, as every store wants it.")
    quality: int | None = Field(description="Of JPEG.")
    made: Literal["finished anew", "enlarged"] = Field(
        description="Painted at this size from what was drawn, or enlarged from the stored picture."
    )
    notice: Literal["visible", "metadata"]
    signed: bool = Field(description="Whether it has a C2PA manifest.")
    contrast: float | None = Field(description="WCAG's, of the type; null without type.")
