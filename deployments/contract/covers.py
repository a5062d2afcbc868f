"""The shapes of the HTTP contract, `/v1`. Field documentation here is what `/docs` shows."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    model_validator,
)

from deployments.contract.problems import Problem
from songdalle_core.imagegen.model.options import MAX_TEMPERATURE
from songdalle_core.lyrics import Language
from songdalle_core.moods import Mood
from songdalle_core.normal_form import normal_form
from songdalle_core.prompts import MAX_STYLE_CHARS, check_style
from songdalle_core.provenance import NOTICE

MAX_LYRICS = 20_000
MAX_NAME = 200
MAX_CANDIDATES = 24
MAX_PROMPT = 400
MAX_SEED = 2**32 - 1
ID_PATTERN = "^[0-9a-f]{32}$"
COVERS = "/v1/covers"


def set_url(id: str) -> str:
    """Absolute path of a set, or of the job that makes it."""
    return f"{COVERS}/{id}"


def events_url(id: str) -> str:
    """Absolute path of a job's event stream."""
    return f"{set_url(id)}/events"


def image_url(id: str, rank: int) -> str:
    """Absolute path of a picture."""
    return f"{set_url(id)}/images/{rank}.png"


def without_controls(text: str) -> str:
    """`text` without control characters such as NUL; line ends become "\\n", tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def _normal(value: object) -> object:
    return normal_form(value) if isinstance(value, str) else value


NORMAL = BeforeValidator(_normal)
"""Text comes in one normal form from here on; limits count the characters of that form."""


def _style(style: str) -> str:
    check_style(style)
    return style


Style = Annotated[str, Field(max_length=MAX_STYLE_CHARS), NORMAL, AfterValidator(_style)]


def _saying_something(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("there is no letter and no digit in it")
    return text


def one_line(text: str) -> str:
    """`text` without control characters, in one line."""
    return " ".join(without_controls(text).split())


Name = Annotated[str, Field(max_length=MAX_NAME), NORMAL, AfterValidator(without_controls)]


class Part(BaseModel):
    """A rectangle of a layer's code positions, which are 8 by 8 for the embedded generator."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    layer: Annotated[int, Field(ge=0, le=2)] = Field(description="Subjects first, the ground last.")
    top: Annotated[int, Field(ge=0, le=63)]
    left: Annotated[int, Field(ge=0, le=63)]
    height: Annotated[int, Field(ge=1, le=64)]
    width: Annotated[int, Field(ge=1, le=64)]


class Parent(BaseModel):
    """The set that another one goes on from; with a `rank`, the cover that its covers are like."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    rank: Annotated[int, Field(ge=1, le=MAX_CANDIDATES)] | None = Field(
        default=None, description="null: the same song again, nothing of its covers."
    )
    codes: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=1.0,
        description="Share of the code positions of its drawing that stay; 0: something else is drawn.",
    )
    composition: bool = Field(default=False, description="Whether all stands where it stood.")
    finish: bool = Field(default=False, description="Whether light, weather and strokes stay.")
    part: Part | None = Field(
        default=None, description="Draw this anew and leave all else, in place of the three."
    )

    @model_validator(mode="after")
    def _something_varies(self) -> Parent:
        if self.rank is None and self.part is not None:
            raise ValueError("part needs the rank of the cover that it is of")
        same = self.codes == 1 and self.composition and self.finish and self.part is None
        if self.rank is not None and same:
            raise ValueError(
                "nothing is left to vary: lower codes, or let composition or finish go"
            )
        return self

    @property
    def keeps_codes(self) -> bool:
        """Whether something of the drawing itself stays."""
        return self.rank is not None and (self.codes > 0 or self.part is not None)


class CoverRequest(BaseModel):
    """A song, and how its covers should be drawn."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"lyrics": "풍선을 타고 날아가는 예쁜 꿈", "seed": 7, "candidates": 12}]
        },
    )

    lyrics: Annotated[
        str, Field(min_length=1, max_length=MAX_LYRICS), NORMAL, AfterValidator(without_controls)
    ] = Field(
        description="Korean, English or mixed, as pasted: times, tags and credits are not drawn."
    )
    title: Name | None = None
    artist: Name | None = None
    prompt: (
        Annotated[
            str,
            Field(min_length=1, max_length=MAX_PROMPT),
            NORMAL,
            AfterValidator(one_line),
            AfterValidator(_saying_something),
        ]
        | None
    ) = Field(
        default=None,
        description="Draw this in place of the written prompt; style and mood are then not added to it.",
    )
    style: Style | None = Field(
        default="painting",
        description='"a STYLE of ..."; letters, digits, spaces and hyphens. null: no style.',
    )
    use_mood: bool = Field(default=True, description="Whether the prompt names a mood.")
    mood: Mood | None = Field(
        default=None, description="For the prompt, in place of the predicted mood."
    )
    sentences: Annotated[int, Field(ge=1, le=3)] = Field(
        default=1, description="Length of the summary."
    )
    remove_repeats: bool = Field(default=True, description="Say a word of the prompt only once.")
    remove_profanity: bool = Field(default=True, description="Leave rude words out of the prompt.")
    candidates: Annotated[int, Field(ge=1, le=MAX_CANDIDATES)] = Field(
        default=12, description="How many covers to draw."
    )
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = Field(
        default=None, description="Same request, same seed, same pictures. null: a random one."
    )
    temperature: Annotated[float, Field(gt=0, le=MAX_TEMPERATURE, allow_inf_nan=False)] | None = (
        Field(default=None, description="Below 1 plays safe, above 1 dares. null: the model's own.")
    )
    top_k: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(
        default=None, description="Codes to choose from; 0: all. null: the model's own."
    )
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = Field(
        default=None, description="Probability mass to choose from. null: the model's own."
    )
    response_format: Literal["url", "b64_json"] = Field(
        "url", description='"b64_json" puts the PNGs into the answer as well.'
    )
    parent: Parent | None = Field(
        default=None,
        title="Parent",
        description="Go on from a finished set. Like one of its covers: its prompt.",
    )


class SentimentScores(BaseModel):
    """The predicted mood of the lyrics."""

    label: Mood
    scores: dict[Mood, FiniteFloat] = Field(description="One for each mood; they sum to 1.")


class WordNotes(BaseModel):
    """What became of words on the way from the lyrics to the prompt."""

    unread: list[str] = Field(
        default=[],
        description="The first lines left out because they are neither Korean nor English: other languages, "
        "romanised Korean.",
    )
    dropped: list[str] = Field(
        default=[],
        description="Words of the summary that the translator does not know and left out.",
    )
    borrowed: dict[str, str] = Field(
        default={},
        description="Words it does not know, each with the near synonym whose English it took.",
    )
    pictured: list[str] = Field(
        default=[],
        description="Abstract words that an image of its own table stands for (사랑: a heart).",
    )
    fallback: str | None = Field(
        default=None,
        description="The translator that did some or all of it because the chosen one failed. null: none.",
    )
    rude_removed: int = Field(
        default=0, ge=0, description="Rude words left out of the prompt. Not which."
    )
    repeats_removed: int = Field(
        default=0, ge=0, description="Repeated words left out of the prompt."
    )


class Cover(BaseModel):
    """One picture."""

    rank: int = Field(ge=1, description="1 fits the prompt best.")
    score: FiniteFloat = Field(description="CLIP's; comparable within this set only.")
    seed: int = Field(ge=0, le=MAX_SEED)
    url: str = Field(description="Absolute path of the PNG.")
    b64_json: str | None = Field(
        default=None,
        description="The PNG in base64, if asked for.",
        exclude_if=lambda png: png is None,
    )


class CoverSet(BaseModel):
    """The covers of a song, best first, and how they came about."""

    id: str = Field(pattern=ID_PATTERN)
    created_at: datetime
    status: Literal["done"]
    title: str | None
    artist: str | None
    lyrics: str = Field(description="Empty in the history of a service that keeps no lyrics.")
    language: Language
    summary: str
    translation: str = Field(description="The summary in English.")
    words: WordNotes = Field(default=WordNotes(), description="Words dropped, borrowed, removed.")
    sentiment: SentimentScores
    style: str | None = Field(default=None, description="As asked for.")
    prompt: str = Field(description="What the generator was given.")
    seed: int = Field(ge=0, le=MAX_SEED)
    parent: Parent | None = Field(
        default=None,
        description="The set it goes on from.",
        exclude_if=lambda parent: parent is None,
    )
    models: dict[str, str] = Field(description="Stage to model.")
    timings: dict[str, float] = Field(
        description='Stage to seconds, and their total. "queue" is the part of "generate" before drawing began.'
    )
    covers: list[Cover]
    withheld: int = Field(
        default=0, ge=0, description="Covers that were drawn and are not shown, by policy."
    )
    note: str | None = Field(
        default=None,
        description="Why there are fewer covers than asked for.",
        exclude_if=lambda note: note is None,
    )
    notice: str = Field(default=NOTICE, description="Show this with the covers: they are AI-made.")


class JobStatus(BaseModel):
    """A job that is not done: how it stands, or how it failed."""

    id: str = Field(pattern=ID_PATTERN)
    status: Literal["queued", "running", "failed", "cancelled"]
    created_at: datetime
    position: int = Field(ge=0, description="Place in line, 1 is the next; 0: being worked on.")
    estimate_seconds: float = Field(
        ge=0,
        description="Until it is done, by the recent pace; with the start of a generator that sleeps.",
    )
    stage: str | None = Field(description="What is being done, for jobs that somebody may follow.")
    timings: dict[str, float] = Field(description="Stage to seconds, of those begun.")
    events_url: str
    error: Problem | None = Field(
        default=None,
        description="Why there are no covers.",
        exclude_if=lambda problem: problem is None,
    )


class CoverSummary(BaseModel):
    """A cover set in the history."""

    id: str = Field(pattern=ID_PATTERN)
    created_at: datetime
    title: str | None
    artist: str | None
    summary: str
    prompt: str
    mood: Mood
    style: str | None
    parent: str | None = Field(
        default=None,
        description="`id` of the set it goes on from.",
        exclude_if=lambda parent: parent is None,
    )
    image_url: str = Field(description="The best cover.")


class CoverPage(BaseModel):
    """A part of the history, newest first."""

    covers: list[CoverSummary]
    next: str | None = Field(description="`before` of the next page; null: there is none.")
