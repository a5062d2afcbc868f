"""What is asked for, and the limits of the service that a client can tell beforehand.

The limits repeat the service's own, as the client is installed without it; a test holds them equal.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict

Mood = Literal["Sadness", "Power", "Tension", "Joyful", "Calmness"]
MOODS: tuple[Mood, ...] = get_args(Mood)
MAX_CANDIDATES = 24
MAX_SEED = 2**32 - 1


class CoverRequest(BaseModel):
    """The body of `POST /v1/covers`; what is left out is the service's to choose.

    `/docs` of the service tells what each field means. Bounds are checked there, not here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lyrics: str
    title: str | None = None
    artist: str | None = None
    prompt: str | None = None
    style: str | None = None
    use_mood: bool = True
    mood: Mood | None = None
    sentences: int = 1
    remove_repeats: bool = True
    remove_profanity: bool = True
    candidates: int = 12
    seed: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    response_format: Literal["url", "b64_json"] = "url"
    parent: dict[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        """For JSON: the fields that were given."""
        return self.model_dump(exclude_unset=True)
