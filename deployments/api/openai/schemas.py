"""The shapes of OpenAI's image API: https://platform.openai.com/docs/api-reference/images."""

from __future__ import annotations

import base64
import io
from typing import Annotated, Literal

import PIL.Image
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from deployments.contract.covers import (
    MAX_CANDIDATES,
    MAX_LYRICS,
    MAX_PROMPT,
    MAX_SEED,
    CoverRequest,
)
from songdalle_core.hangul import contains_hangul

MAX_IMAGES = 10
MAX_PARTIALS = 3
MAX_OTHER = 256  # characters of what is accepted and not looked at
Size = Literal["auto", "256x256", "512x512", "1024x1024"]
Ignored = Annotated[str, Field(max_length=MAX_OTHER)] | None


class ImageRequest(BaseModel):
    """What OpenAI's clients send. `seed` and `candidates` are additions of this service."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"prompt": "a painting of a red balloon over the sea", "n": 1, "size": "512x512"},
                {"prompt": "풍선을 타고 날아가는 예쁜 꿈", "n": 2, "response_format": "b64_json"},
            ]
        },
    )

    prompt: Annotated[str, Field(min_length=1, max_length=MAX_LYRICS)] = Field(
        description="One line without Korean is drawn as it is. Korean, or several lines, are lyrics."
    )
    model: Ignored = Field(default=None, description="Not looked at: there is one.")
    n: Annotated[int, Field(ge=1, le=MAX_IMAGES)] | None = Field(
        default=None, description="Pictures, best first. null: 1."
    )
    size: Size | None = Field(default=None, description="null and auto: as the service draws.")
    response_format: Literal["url", "b64_json"] | None = Field(
        default=None, description="null: url. A stream has base64 always."
    )
    stream: bool | None = None
    partial_images: Annotated[int, Field(ge=0, le=MAX_PARTIALS)] | None = Field(
        default=None, description="Unfinished states to stream of each picture, at most."
    )
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = Field(
        default=None, description="Same request, same seed, same pictures."
    )
    candidates: Annotated[int, Field(ge=1, le=MAX_CANDIDATES)] | None = Field(
        default=None, description="Draw so many and answer with the n best. null: n."
    )
    background: Literal["auto", "opaque"] | None = None
    output_format: Literal["png"] | None = None
    quality: Ignored = Field(default=None, description="Not looked at.")
    style: Ignored = Field(default=None, description="Not looked at: say it in the prompt.")
    moderation: Ignored = Field(default=None, description="Not looked at.")
    user: Ignored = Field(default=None, description="Not looked at and not kept.")
    safety_identifier: Ignored = Field(default=None, description="Not looked at and not kept.")

    @model_validator(mode="after")
    def _enough_candidates(self) -> ImageRequest:
        if self.candidates is not None and self.candidates < self.images:
            raise ValueError(f"candidates is {self.candidates}: choose at least n ({self.images})")
        return self

    @property
    def images(self) -> int:
        """How many pictures are wanted."""
        return self.n or 1

    def order(self) -> CoverRequest:
        """The request for covers that this one means.

        Raises:
            RequestValidationError: the prompt has neither letter nor digit.
        """
        text = self.prompt.strip()
        plain = "\n" not in text and len(text) <= MAX_PROMPT and not contains_hangul(text)
        try:
            return CoverRequest(
                lyrics=self.prompt,
                prompt=text if plain else None,
                candidates=self.candidates or self.images,
                seed=self.seed,
                response_format="url",
            )
        except ValidationError as error:
            problems = [{**entry, "loc": ("body", "prompt")} for entry in error.errors()[:1]]
            raise RequestValidationError(problems) from None


class Image(BaseModel):
    """One picture, by one of the two."""

    url: str | None = Field(default=None, exclude_if=lambda value: value is None)
    b64_json: str | None = Field(default=None, exclude_if=lambda value: value is None)
    revised_prompt: str = Field(description="What was drawn.")


class Images(BaseModel):
    """The answer to `ImageRequest`, best picture first."""

    created: int = Field(description="Unix time.")
    data: list[Image]
    background: Literal["opaque"] = "opaque"
    output_format: Literal["png"] = "png"
    size: str


class TokenDetails(BaseModel):
    """Always 0: nothing is counted."""

    image_tokens: int = 0
    text_tokens: int = 0


class Usage(BaseModel):
    """Always 0: nothing is counted, but OpenAI's clients expect it."""

    input_tokens: int = 0
    input_tokens_details: TokenDetails = TokenDetails()
    output_tokens: int = 0
    total_tokens: int = 0


class Streamed(BaseModel):
    """What both events have."""

    b64_json: str
    created_at: int = Field(description="Unix time.")
    background: Literal["opaque"] = "opaque"
    quality: Literal["auto"] = "auto"
    size: str


class PartialImage(Streamed):
    """An unfinished picture, small."""

    type: Literal["image_generation.partial_image"] = "image_generation.partial_image"
    output_format: Literal["webp"] = "webp"
    partial_image_index: int = Field(ge=0, description="From 0 on, for each picture.")


class CompletedImage(Streamed):
    """A finished picture."""

    type: Literal["image_generation.completed"] = "image_generation.completed"
    output_format: Literal["png"] = "png"
    usage: Usage = Usage()


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(BaseModel):
    """An error as OpenAI's clients read it."""

    error: ErrorDetail


def base64_of(picture: bytes) -> str:
    """A picture as the API writes it."""
    return base64.b64encode(picture).decode()


def side_of(size: Size | None) -> int | None:
    """Pixels a side, or None for the service's own."""
    return None if size in (None, "auto") else int(size.partition("x")[0])


def size_of(picture: bytes) -> str:
    """ "256x256": what a PNG or WebP measures, read from its head."""
    with PIL.Image.open(io.BytesIO(picture)) as opened:
        return f"{opened.width}x{opened.height}"
