"""The shapes of OpenAI's image API: https://platform.openai.com/docs/api-reference/images."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from deployments.contract.covers import (
    MAX_CANDIDATES,
    MAX_LYRICS,
    MAX_PROMPT,
    MAX_SEED,
    NORMAL,
    CoverRequest,
)
from songdalle_core.hangul import contains_hangul
from songdalle_core.provenance import LOWEST_QUALITY, SMALLEST_SIDE, PictureFormat

MAX_IMAGES = 10
MAX_PARTIALS = 3
MAX_SIDE = 1024  # pixels a side of an answer
MAX_ASKED = 4096  # pixels a side of a size that is answered with a smaller one
MAX_OTHER = 256  # characters of what is accepted and not looked at
BASE64_MODELS = ("gpt-image", "chatgpt-image")
"""Beginnings of the models whose clients decode base64 without asking for it."""
Ignored = Annotated[str, Field(max_length=MAX_OTHER)] | None


def _size(size: str) -> str:
    sides = re.fullmatch("([0-9]{1,4})x([0-9]{1,4})", size)
    if size != "auto" and not (
        sides and all(SMALLEST_SIDE <= int(side) <= MAX_ASKED for side in sides.groups())
    ):
        raise ValueError(
            f"choose auto or WIDTHxHEIGHT with {SMALLEST_SIDE} to {MAX_ASKED} pixels a side, such as 1024x1024"
        )
    return size


Size = Annotated[str, Field(max_length=9, examples=["1024x1024"]), AfterValidator(_size)]
Compression = Annotated[int, Field(ge=0, le=100)]


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
                {
                    "prompt": "a lighthouse in the snow",
                    "model": "gpt-image-1",
                    "output_format": "webp",
                },
            ]
        },
    )

    prompt: Annotated[str, Field(min_length=1, max_length=MAX_LYRICS), NORMAL] = Field(
        description="One line without Korean is drawn as it is. Korean, or several lines, are lyrics."
    )
    model: Ignored = Field(
        default=None,
        description="There is one; a name that begins with gpt-image or chatgpt-image asks for base64.",
    )
    n: Annotated[int, Field(ge=1, le=MAX_IMAGES)] | None = Field(
        default=None, description="Pictures, best first. null: 1."
    )
    size: Size | None = Field(
        default=None,
        description="null and auto: as the service draws. Covers are square: what fits into the size.",
    )
    response_format: Literal["url", "b64_json"] | None = Field(
        default=None, description="null: url, unless the model says otherwise. A stream has base64."
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
    background: Literal["auto", "opaque", "transparent"] | None = Field(
        default=None, description="Opaque, whatever is asked for."
    )
    output_format: PictureFormat | None = Field(default=None, description="null: png.")
    output_compression: Compression | None = Field(
        default=None, description=f"Quality of jpeg and webp; {LOWEST_QUALITY} at least. null: 100."
    )
    quality: Literal["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"] | None = (
        Field(default=None, description="There is one.")
    )
    complexity: Literal["low", "medium", "high"] | None = Field(
        default=None, description="There is one."
    )
    style: Ignored = Field(default=None, description="Not looked at: say it in the prompt.")
    moderation: Literal["auto", "low"] | None = Field(
        default=None, description="The policy is the same for all."
    )
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

    @property
    def kind(self) -> PictureFormat:
        """The format of the answer."""
        return self.output_format or "png"

    @property
    def compression(self) -> int:
        """The quality of JPEG and WebP, 0 to 100."""
        return 100 if self.output_compression is None else self.output_compression

    @property
    def side(self) -> int | None:
        """Pixels a side of the answer; None: as the service draws."""
        return side_of(self.size)

    @property
    def base64(self) -> bool:
        """Whether the answer holds the pictures, rather than their addresses."""
        if self.response_format is not None:
            return self.response_format == "b64_json"
        name = (self.model or "").strip().lower().rpartition("/")[2]  # gateways write openai/...
        return name.startswith(BASE64_MODELS)

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


class TokenDetails(BaseModel):
    """Always 0: nothing is counted."""

    image_tokens: int = 0
    text_tokens: int = 0


class Usage(BaseModel):
    """Always 0: nothing is counted, but OpenAI's clients expect it."""

    input_tokens: int = 0
    input_tokens_details: TokenDetails = TokenDetails()
    output_tokens: int = 0
    output_tokens_details: TokenDetails = TokenDetails()
    total_tokens: int = 0


Note = Annotated[
    str | None,
    Field(
        description="What was not done as asked, and why.", exclude_if=lambda value: value is None
    ),
]


class Images(BaseModel):
    """The answer to `ImageRequest`, best picture first."""

    created: int = Field(description="Unix time.")
    data: list[Image]
    background: Literal["opaque"] = "opaque"
    output_format: PictureFormat = "png"
    size: str
    usage: Usage = Usage()
    note: Note = None


class Streamed(BaseModel):
    """What both events have."""

    b64_json: str
    created_at: int = Field(description="Unix time.")
    background: Literal["opaque"] = "opaque"
    output_format: PictureFormat = "png"
    quality: Literal["auto"] = "auto"
    size: str


class PartialImage(Streamed):
    """An unfinished picture, small."""

    type: Literal["image_generation.partial_image"] = "image_generation.partial_image"
    partial_image_index: int = Field(ge=0, description="From 0 on, for each picture.")


class CompletedImage(Streamed):
    """A finished picture."""

    type: Literal["image_generation.completed"] = "image_generation.completed"
    usage: Usage = Usage()
    note: Note = None


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(BaseModel):
    """An error as OpenAI's clients read it."""

    error: ErrorDetail


def side_of(size: str | None) -> int | None:
    """Pixels a side of the largest square that fits into a size; None: as the service draws."""
    if size in (None, "auto"):
        return None
    return min(MAX_SIDE, *map(int, size.split("x")))
