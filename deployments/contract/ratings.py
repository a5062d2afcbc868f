"""What people think of covers: ratings, and what they come to."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from deployments.contract.covers import MAX_CANDIDATES, Style
from deployments.contract.survey import SurveyFigures
from songdalle_core.moods import Mood


class Rating(BaseModel):
    """What somebody thinks of one cover."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rank": 1,
                    "satisfaction": 4,
                    "felt_mood": "Joyful",
                    "favourite": True,
                    "favourite_style": "watercolour",
                }
            ]
        },
    )

    rank: Annotated[int, Field(ge=1, le=MAX_CANDIDATES)] = Field(description="Of the cover.")
    satisfaction: Annotated[int, Field(ge=1, le=5)] = Field(description="5 is the best.")
    felt_mood: Mood | None = Field(default=None, description="The mood that the cover conveys.")
    favourite: bool = Field(default=False, description="The best of its set, or of all.")
    favourite_style: Style | None = Field(
        default=None, description="The style in which it would be liked best: its own, or another."
    )


class SetRatings(BaseModel):
    """What the caller thinks of the covers of a set."""

    ratings: list[Rating] = Field(description="Of those that were rated, best rank first.")


class RatingGroup(BaseModel):
    """The ratings of covers that have something in common."""

    name: str = Field(description='The style or the mood; "" for none.')
    count: int = Field(ge=1)
    satisfaction: float = Field(ge=1, le=5, description="Mean.")
    favourites: int = Field(ge=0)


class RatingsSummary(BaseModel):
    """All of a client's ratings in figures."""

    count: int = Field(ge=0)
    satisfaction: float | None = Field(description="Mean, 1 to 5; null without ratings.")
    favourites: int = Field(ge=0)
    moods_told: int = Field(ge=0, description="Ratings that tell a felt mood.")
    mood_agreement: float | None = Field(
        description="Share of those in which it is the predicted one."
    )
    felt_moods: dict[Mood, dict[Mood, int]] = Field(
        description="Predicted mood to felt mood to the number of ratings."
    )
    favourite_styles: dict[str, int] = Field(
        description="Style to the number of ratings that would like it best, most wanted first."
    )
    by_style: list[RatingGroup]
    by_mood: list[RatingGroup] = Field(description="By predicted mood.")
    survey: list[SurveyFigures] = Field(description="Answers to the survey's questions, if any.")
