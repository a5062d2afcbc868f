"""Asking for covers, following how they come about, getting them."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from deployments import sse, tracing
from deployments.routes.answers import (
    INVALID,
    NOT_FOUND,
    UNAVAILABLE,
    UNEXPECTED,
    problem,
    stream,
)
from deployments.routes.bodies import JsonRoute
from deployments.runner import Runner
from deployments.schemas import MAX_CANDIDATES, CoverRequest, CoverSet

CoverId = Annotated[str, Path(description="`id` of a cover set.", examples=["0" * 32])]
Rank = Annotated[int, Path(ge=1, le=MAX_CANDIDATES, description="1 is the best.")]


def build(runner: Runner) -> APIRouter:
    """The routes below `/v1/covers`."""
    router = APIRouter(tags=["covers"])
    posted = APIRouter(route_class=JsonRoute)

    @posted.post(
        "/v1/covers",
        summary="Draw covers for a song",
        response_model=CoverSet,
        responses={
            200: {"content": stream("With `Accept: text/event-stream`, what happens meanwhile.")},
            400: problem("The body is not valid JSON in UTF-8."),
            413: problem("The body is larger than 256 KiB."),
            415: problem("The body is not `application/json`."),
            422: INVALID,
            500: UNEXPECTED,
            503: UNAVAILABLE,
            504: problem("A stage took longer than its time-out."),
            507: problem("The covers cannot be stored."),
        },
    )
    async def create_covers(
        order: CoverRequest, request: Request, response: Response
    ) -> CoverSet | Response:
        """Answers when all covers are drawn and ranked, best first; as a stream of events, at once."""
        tracing.incoming(request.headers)
        if sse.wanted(request):
            return sse.respond(runner.follow(runner.start(order), after=0))
        made = await runner.make(order)
        response.headers["Content-Location"] = f"/v1/covers/{made.id}"
        return made

    router.include_router(posted)

    @router.get(
        "/v1/covers/{cover_id}",
        summary="Get a cover set",
        responses={404: NOT_FOUND, 422: INVALID, 500: UNEXPECTED},
    )
    async def get_covers(cover_id: CoverId) -> CoverSet:
        """The answer to the request that made it, without base64."""
        return await run_in_threadpool(runner.pipeline.store.load, cover_id)

    @router.get(
        "/v1/covers/{cover_id}/events",
        summary="Listen to a job",
        response_class=StreamingResponse,
        responses={
            200: {"content": stream("Events after the one that `Last-Event-ID` names, or all.")},
            404: NOT_FOUND,
            422: INVALID,
            500: UNEXPECTED,
        },
    )
    async def get_events(cover_id: CoverId, request: Request) -> Response:
        """What a streamed request tells, from the beginning or after a lost connection."""
        return sse.respond(runner.follow(runner.find(cover_id), sse.last_event(request)))

    @router.get(
        "/v1/covers/{cover_id}/images/{rank}.png",
        summary="Get a cover",
        response_class=FileResponse,
        responses={
            200: {"description": "The picture.", "content": {"image/png": {}}},
            404: NOT_FOUND,
            422: INVALID,
            500: UNEXPECTED,
        },
    )
    async def get_image(cover_id: CoverId, rank: Rank) -> FileResponse:
        """The PNG; it never changes."""
        path = await run_in_threadpool(runner.pipeline.store.image, cover_id, rank)
        forever = {"Cache-Control": "public, max-age=31536000, immutable"}
        return FileResponse(path, media_type="image/png", headers=forever)

    return router
