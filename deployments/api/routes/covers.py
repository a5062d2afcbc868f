"""Asking for covers, following how they come about, getting and deleting them."""

import base64
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from deployments.api import sse
from deployments.api.openapi import INVALID, NOT_FOUND, UNAVAILABLE, UNEXPECTED, problem, stream
from deployments.api.paths import below_prefix, prefix_of
from deployments.api.requests import (
    IdempotencyKey,
    JsonRoute,
    LastEventId,
    Prefer,
    client_of,
    respond_async,
)
from deployments.api.service import Service
from deployments.contract.covers import (
    COVERS,
    MAX_CANDIDATES,
    CoverRequest,
    CoverSet,
    JobStatus,
    events_url,
    set_url,
)
from deployments.contract.errors import NotFound, Unfit
from deployments.jobs.streams import last_event
from deployments.storage.job_records import JobState, Mode
from deployments.storage.pictures import ImageStore
from deployments.telemetry import tracing

CoverId = Annotated[str, Path(description="`id` of a cover set.", examples=["0" * 32])]
Rank = Annotated[int, Path(ge=1, le=MAX_CANDIDATES, description="1 is the best.")]
OnlyUnfinished = Annotated[
    bool, Query(description="Only cancel: a job that has ended is left as it is.")
]
PATH = {"description": "Where the job is.", "schema": {"type": "string"}}
UNREACHABLE = problem("The pictures or the database cannot be reached: ask again soon.")
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def build(service: Service) -> APIRouter:
    """The routes below `/v1/covers/{id}`, and the one that makes them."""
    router = APIRouter(tags=["covers"])
    router.include_router(_posting(service))
    runner = service.runner

    @router.get(
        f"{COVERS}/{{cover_id}}",
        summary="Get a cover set, or how its job stands",
        responses={404: NOT_FOUND, 422: INVALID, 500: UNEXPECTED},
    )
    async def get_covers(cover_id: CoverId, request: Request) -> CoverSet | JobStatus:
        """Once it is done, the answer to the request that made it, without base64."""
        state = await runner.job_queue.state(cover_id, client_of(request))
        return below_prefix(state.answer or _status(service, state), prefix_of(request))

    @router.delete(
        f"{COVERS}/{{cover_id}}",
        status_code=204,
        summary="Cancel a job, or delete a cover set",
        responses={404: NOT_FOUND, 422: INVALID, 500: UNEXPECTED, 503: UNREACHABLE},
    )
    async def delete_covers(
        cover_id: CoverId, request: Request, unfinished: OnlyUnfinished = False
    ) -> Response:
        """An unfinished job is cancelled and frees its slots; a finished one goes with its pictures."""
        client = client_of(request)
        if not await runner.cancel(cover_id, client) and not unfinished:
            await service.history.delete(client, cover_id)
        return Response(status_code=204)

    @router.get(
        f"{COVERS}/{{cover_id}}/events",
        summary="Listen to a job",
        response_class=StreamingResponse,
        responses={
            200: {"content": stream("Events after the one that `Last-Event-ID` names, or all.")},
            204: {
                "description": "`Last-Event-ID` names the last event: an EventSource asks no more."
            },
            404: NOT_FOUND,
            422: INVALID,
            500: UNEXPECTED,
        },
    )
    async def get_events(
        cover_id: CoverId, request: Request, last_event_id: LastEventId = None
    ) -> Response:
        """What a job tells, from the beginning or after a lost connection."""
        client = client_of(request)
        state = await runner.job_queue.state(cover_id, client)
        after = sse.last_event(last_event_id)
        if state.final and after >= last_event(state).number:
            return Response(status_code=204)
        events = service.event_streams.follow(cover_id, client, after)
        return sse.respond(events, cover_id, prefix_of(request))

    @router.get(
        f"{COVERS}/{{cover_id}}/images/{{rank}}.png",
        summary="Get a cover",
        response_class=Response,
        responses={
            200: {"description": "The picture.", "content": {"image/png": {}}},
            404: NOT_FOUND,
            422: INVALID,
            500: UNEXPECTED,
            503: UNREACHABLE,
        },
    )
    async def get_image(cover_id: CoverId, rank: Rank) -> Response:
        """The PNG; it never changes. Its address is the key to it, so that pages can show it."""
        png = await run_in_threadpool(service.store.read, cover_id, rank)
        return Response(png, media_type="image/png", headers=FOREVER)

    return router


def _posting(service: Service) -> APIRouter:
    router = APIRouter(route_class=JsonRoute)
    runner = service.runner

    @router.post(
        COVERS,
        summary="Draw covers for a song",
        response_model=CoverSet,
        responses={
            200: {"content": stream("With `Accept: text/event-stream`, what happens meanwhile.")},
            202: {
                "description": "Accepted, with `Prefer: respond-async`; it is done whatever happens.",
                "model": JobStatus,
                "headers": {"Location": PATH},
            },
            400: problem("The body is not valid JSON in UTF-8."),
            409: problem("The job was cancelled meanwhile."),
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
        order: CoverRequest,
        request: Request,
        response: Response,
        prefer: Prefer = None,
        idempotency_key: IdempotencyKey = None,
    ) -> CoverSet | Response:
        """Answers when all covers are drawn and ranked, best first; as a stream of events, at once."""
        tracing.incoming(request.headers)
        client = client_of(request)
        mode = _mode(request, prefer)
        if order.parent is not None:
            order = await _continued(service, order, client)
        accepted = await runner.accept(order, mode, client=client, key=idempotency_key)
        if mode is Mode.LATER:
            state = await runner.job_queue.state(accepted.id, client)
            return _accepted(service, state, prefix_of(request))
        if mode is Mode.FOLLOW:
            if accepted.new:
                service.event_streams.linger(accepted.id, client)
            events = service.event_streams.follow(accepted.id, client, after=0)
            return sse.respond(events, accepted.id, prefix_of(request))
        made = below_prefix(await runner.result(accepted, client), prefix_of(request))
        made = made.model_copy(
            update={"lyrics": order.lyrics}
        )  # whether the history keeps them or not
        response.headers["Content-Location"] = prefix_of(request) + set_url(made.id)
        if order.response_format == "b64_json":
            made = await run_in_threadpool(_with_images, made, service.store)
        return made

    return router


async def _continued(service: Service, order: CoverRequest, client: str) -> CoverRequest:
    """An order that goes on from a set: like one of its covers, it has that set's prompt.

    Raises:
        Unfit: the client has no such set, or it has no such cover.
    """
    parent = order.parent
    assert parent is not None
    try:
        state = await service.runner.job_queue.state(parent.id, client)
    except NotFound as missing:
        raise Unfit(str(missing), "parent.id") from None
    if state.answer is None:
        raise Unfit(f"the covers of {parent.id} are not finished", "parent.id")
    if parent.rank is None:
        return order
    if all(cover.rank != parent.rank for cover in state.answer.covers):
        raise Unfit(f"the set has no cover of rank {parent.rank}", "parent.rank")
    if not parent.keeps_codes:
        return order
    if order.prompt not in (None, state.answer.prompt):
        message = "what stays of a drawing was drawn of its own prompt: leave prompt out, or set codes to 0"
        raise Unfit(message, "prompt")
    return order.model_copy(update={"prompt": state.answer.prompt, "style": state.answer.style})


def _mode(request: Request, prefer: str | None) -> Mode:
    """How the client wants its answer."""
    if respond_async(prefer):
        return Mode.LATER
    return Mode.FOLLOW if sse.wanted(request) else Mode.WAIT


def _accepted(service: Service, state: JobState, prefix: str) -> Response:
    """The answer of a job that is not waited for."""
    headers = {"Location": prefix + set_url(state.id), "Preference-Applied": "respond-async"}
    # There is an answer already where the idempotency key is one of before.
    answer = below_prefix(state.answer or _status(service, state), prefix)
    return JSONResponse(answer.model_dump(mode="json"), 200 if state.answer else 202, headers)


def _status(service: Service, state: JobState) -> JobStatus:
    return JobStatus(
        id=state.id,
        status=state.status,  # type: ignore[arg-type]  # checked by pydantic
        created_at=state.created_at,
        position=state.position,
        estimate_seconds=service.runner.estimate(state),
        stage=state.stage,
        timings=dict(state.timings),
        events_url=events_url(state.id),
        error=state.problem,
    )


def _with_images(made: CoverSet, store: ImageStore) -> CoverSet:
    """The set with its PNGs in base64."""
    pngs: Sequence[bytes] = [store.read(made.id, cover.rank) for cover in made.covers]
    covers = [
        cover.model_copy(update={"b64_json": base64.b64encode(png).decode()})
        for cover, png in zip(made.covers, pngs, strict=True)
    ]
    return made.model_copy(update={"covers": covers})
