"""A chosen cover as files for stores: what is asked for, and a zip of front, back and how they were made."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict

from songdalle_client.answers import CoverSet

FACTS = "X-Release"
Layout = Literal["headline", "corner", "centred", "split", "none"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
FileFormat = Literal["jpeg", "png"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
SMALLEST_SIDE, LARGEST_SIDE = 1000, 3000
MAX_TRACKS = 40
HOW = "HOW_IT_WAS_MADE.txt"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


class ReleaseRequest(BaseModel):
    """The body of `POST /v1/covers/{id}/images/{rank}/release`; what is left out is the service's to choose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = LARGEST_SIDE
    format: FileFormat = "jpeg"
    face: Literal["front", "back"] = "front"
    title: str | None = None
    artist: str | None = None
    tracks: list[str] = []
    layout: Layout | None = None
    seed: int | None = None
    notice: bool = True

    def body(self) -> dict[str, Any]:
        """For JSON: the fields that were given."""
        return self.model_dump(exclude_unset=True)


class ReleaseFacts(BaseModel):
    """What the service says of a release file."""

    layout: str
    size: int
    bytes: int
    fits: bool
    quality: int | None
    made: str
    notice: str
    signed: bool
    contrast: float | None


@dataclass(frozen=True)
class ReleaseFile:
    """One face of a sleeve."""

    content: bytes
    media_type: str
    facts: ReleaseFacts

    @property
    def ending(self) -> str:
        """Of its name."""
        return _ENDINGS.get(self.media_type, "bin")


TEXT = """\
{notice}

The picture was drawn by an AI from the words of a song; no person painted it. Title, artist and tracks were set
in type by the program. {shown}

이 그림은 AI가 노래 가사를 보고 그렸으며 사람이 그린 것이 아닙니다. 제목과 가수, 곡 목록은
프로그램이 조판했습니다. {shown_ko}

Apple Music wants to be told: ask your distributor for the "Artwork" transparency tag.

Set: {id}, cover {rank}, seed {seed}
Prompt: {prompt}
Generator: {generator}
Drawn: {made:%Y-%m-%d %H:%M} UTC
"""
_SHOWN = {
    "visible": (
        "It says so in its corner and in its metadata.",
        "그림 모서리와 메타데이터에 그 사실이 적혀 있습니다.",
    ),
    "metadata": (
        "It says so in its metadata alone, as stores refuse other text: say so wherever you show it.",
        "상점이 다른 글자를 받지 않아 메타데이터에만 적혀 있습니다. 보여 줄 때에는 직접 알려 주세요.",
    ),
}


def describe(name: str, file: ReleaseFile) -> str:
    """A face in a line."""
    facts = file.facts
    quality = "" if facts.quality is None else f", quality {facts.quality}"
    signed = ", C2PA manifest" if facts.signed else ""
    contrast = "" if facts.contrast is None else f", contrast of type {facts.contrast:g}"
    size = f"{facts.size} x {facts.size}, {facts.bytes / 1e6:.2f} MB"
    return f"{name}: {size}{quality}, {facts.made}, layout {facts.layout}{contrast}{signed}"


def pack(covers: CoverSet, rank: int, faces: dict[str, ReleaseFile]) -> bytes:
    """The zip file of a release.

    Args:
        covers: the set that the cover is of.
        rank: of the cover.
        faces: "front", and "back" where there is one.
    """
    cover = next(cover for cover in covers.covers if cover.rank == rank)
    shown, shown_ko = _SHOWN.get(faces["front"].facts.notice, ("", ""))
    text = TEXT.format(
        notice=covers.notice,
        shown=shown,
        shown_ko=shown_ko,
        id=covers.id,
        rank=rank,
        seed=cover.seed,
        prompt=covers.prompt,
        generator=covers.models.get("generator", ""),
        made=covers.created_at,
    )
    names = {f"{face}.{file.ending}": file for face, file in faces.items()}
    text += "".join(f"{describe(name, file)}\n" for name, file in names.items())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, file in names.items():
            archive.writestr(name, file.content)
        archive.writestr(HOW, text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
