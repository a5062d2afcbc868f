"""The survey: a question, its pictures, an answer."""

import random

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from deployments.api.openapi import INVALID, NOT_FOUND, UNEXPECTED, problem
from deployments.api.paths import prefix_of
from deployments.api.requests import JsonRoute, client_of
from deployments.api.service import Service
from deployments.contract.survey import (
    PICTURE_PATTERN,
    SURVEY_PICTURES,
    SurveyAnswer,
    SurveyQuestion,
    SurveyVerdict,
)
from deployments.storage.survey import Survey


def build(service: Service, survey: Survey) -> APIRouter:
    """The routes about the survey."""
    router = APIRouter(tags=["ratings"])
    answering = APIRouter(route_class=JsonRoute)

    @router.get(
        "/v1/survey/question",
        summary="Get a question of the survey",
        responses={404: NOT_FOUND, 500: UNEXPECTED},
    )
    async def get_question(request: Request) -> SurveyQuestion:
        """About one of the caller's own covers, another one at each call."""
        asked = await survey.question(client_of(request), random.SystemRandom())
        urls = [prefix_of(request) + url for url in asked.urls]
        return asked.model_copy(update={"urls": urls})

    @answering.post(
        "/v1/survey/answers",
        summary="Answer a question of the survey",
        responses={
            400: problem("The body is not valid JSON in UTF-8."),
            404: NOT_FOUND,
            413: problem("The body is larger than 256 KiB."),
            415: problem("The body is not `application/json`."),
            422: INVALID,
            500: UNEXPECTED,
        },
    )
    async def post_answer(answer: SurveyAnswer, request: Request) -> SurveyVerdict:
        """Noted as it is given; the answer says whether it was right."""
        return await survey.answer(client_of(request), answer)

    router.include_router(answering)

    @router.get(
        f"{SURVEY_PICTURES}/{{picture}}",
        summary="Get a picture of the survey",
        response_class=Response,
        responses={
            200: {
                "description": "A cover of ours with its notice, or one that a person made.",
                "content": {"image/png": {}, "image/jpeg": {}, "image/webp": {}},
            },
            404: NOT_FOUND,
            422: INVALID,
            500: UNEXPECTED,
        },
    )
    async def get_picture(picture: str = Path(pattern=PICTURE_PATTERN)) -> Response:
        """Its address does not tell who made it."""
        if picture in survey.people:
            content, kind = await run_in_threadpool(survey.people.read, picture)
        else:
            id, _, rank = picture.partition(".")
            content = await run_in_threadpool(service.store.read, id, int(rank or 0))
            kind = "image/png"
        return Response(content, media_type=kind)

    return router
