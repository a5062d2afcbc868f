"""The survey: questions about covers, answers, and what they come to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from songdalle_core.moods import MOODS

SURVEY_PICTURES = "/v1/survey/pictures"
QuestionKind = Literal["maker", "pair", "fits", "mood", "keyword"]
KINDS: tuple[QuestionKind, ...] = ("maker", "pair", "fits", "mood", "keyword")
OF_PEOPLE: tuple[QuestionKind, ...] = ("maker", "pair")
"""Questions that need covers which people made."""
CHOICES: dict[QuestionKind, tuple[str, ...]] = {
    "maker": ("person", "ai"),
    "pair": ("1", "2"),
    "fits": ("yes", "partly", "no"),
    "mood": MOODS,
}
"""What can be answered; the words of a keyword's question come with it."""
KEYWORDS = 4
CHANCE: dict[QuestionKind, float] = {
    "maker": 1 / 2, "pair": 1 / 2, "mood": 1 / len(MOODS), "keyword": 1 / KEYWORDS,
}  # fmt: skip
PICTURE_PATTERN = r"^[0-9a-f]{32}(\.[0-9]{1,2})?$"
Picture = Annotated[str, Field(pattern=PICTURE_PATTERN)]


class SurveyQuestion(BaseModel):
    """Something to ask a visitor."""

    question: QuestionKind = Field(
        description="maker: a person or an AI? pair: which is the real cover? fits: do cover and words fit? "
        "mood: which? keyword: which of these words was drawn?"
    )
    pictures: list[Picture] = Field(min_length=1, max_length=2)
    urls: list[str] = Field(description="Of the pictures.")
    words: str | None = Field(description="The summary of the song, where it is asked about.")
    choices: list[str]


class SurveyAnswer(BaseModel):
    """What a visitor answers."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    question: QuestionKind
    pictures: list[Picture] = Field(min_length=1, max_length=2, description="As in the question.")
    answer: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="One of its choices.",
    )

    @model_validator(mode="after")
    def _fits(self) -> SurveyAnswer:
        known = CHOICES.get(self.question)
        if known is not None and self.answer not in known:
            raise ValueError(f"the answer to {self.question!r} is one of {', '.join(known)}")
        wanted = 2 if self.question == "pair" else 1
        if len(self.pictures) != wanted:
            raise ValueError(f"a question {self.question!r} has {wanted} of pictures")
        return self


class SurveyVerdict(BaseModel):
    """Whether an answer was right, and what is."""

    right: bool | None = Field(description="Null where there is no right and wrong.")
    truth: str | None
    made_by: list[Literal["person", "ai"]] = Field(description="Who made each picture.")


class SurveyFigures(BaseModel):
    """All answers to one kind of question."""

    question: QuestionKind
    count: int = Field(ge=1)
    right: int | None
    share: float | None = Field(description="Of right answers.")
    low: float | None = Field(description="Lower end of the share's 95% interval.")
    high: float | None
    chance: float | None = Field(description="The share of right answers by mere guessing.")
    answers: dict[str, int] = Field(
        description="How often each choice was taken; none of keywords."
    )
    last_at: datetime
