"""What OpenAI's clients ask for and the service does otherwise: done as near as can be, and said."""

from __future__ import annotations

from collections.abc import Iterator

from deployments.api.openai.schemas import MAX_SIDE, ImageRequest
from songdalle_core.provenance import LOWEST_QUALITY


def note_on(asked: ImageRequest, made: str | None = None) -> str | None:
    """What was not done as asked, as one text; None if all was.

    Args:
        made: what the covers' own note says.
    """
    notes = [*_differences(asked), *([made] if made else [])]
    return "; ".join(notes) or None


def _differences(asked: ImageRequest) -> Iterator[str]:
    given = f"{asked.side}x{asked.side}"
    if asked.side is not None and asked.size != given:
        yield f"size is {given}, not {asked.size}: covers are square, with {MAX_SIDE} pixels a side at most"
    if asked.background == "transparent":
        yield "background is opaque: there is no transparent one"
    compression = asked.output_compression
    if asked.kind == "png":
        if compression not in (None, 100):
            yield "output_compression was left out: PNG loses nothing, choose jpeg or webp"
    elif compression is not None and compression < LOWEST_QUALITY:
        yield f"output_compression is {LOWEST_QUALITY}: below it the notice cannot be read"
    if asked.quality not in (None, "auto"):
        yield "quality was left out: there is one"
    if asked.complexity is not None:
        yield "complexity was left out: there is one"
    if asked.style is not None:
        yield "style was left out: say it in the prompt"
    if asked.moderation == "low":
        yield "moderation was left out: the policy is the same for all"
    if asked.partial_images and not asked.stream:
        yield "partial_images was left out: only a stream has them"
