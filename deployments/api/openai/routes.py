"""`POST /v1/images/generations` as OpenAI's clients know it: https://platform.openai.com/docs/api-reference/images.

One line without Korean is a prompt and is drawn as it is. Korean, or several lines, or more than fits a
prompt, are lyrics and take the whole way: summary, translation, mood, prompt.
"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.sse import format_sse_event
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from deployments.api import sse
from deployments.api.openai import errors
from deployments.api.openai.schemas import (
    CompletedImage,
    ErrorBody,
    Image,
    ImageRequest,
    Images,
    PartialImage,
    Size,
    base64_of,
    side_of,
    size_of,
)
from deployments.api.openapi import described
from deployments.api.requests import JsonRoute, client_of
from deployments.api.service import Service
from deployments.contract.covers import MAX_CANDIDATES, CoverSet
from deployments.contract.problems import Problem
from deployments.storage.job_records import EventRecord, Mode
from deployments.storage.pictures import ImageStore
from deployments.telemetry import tracing
from songdalle_core.provenance import resize_png

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
EVENTS = (PartialImage, CompletedImage, ErrorBody)


def answer(description: str) -> dict[str, Any]:
    """OpenAPI's description of one error status."""
    return {"description": description, "model": ErrorBody}


UNEXPECTED = answer("The service made a mistake.")
ERRORS: dict[int | str, dict[str, Any]] = {
    400: answer("The body is not valid JSON in UTF-8."),
    401: answer("The service wants another key."),
    409: answer("The job was cancelled meanwhile."),
    413: answer("The body is larger than 256 KiB."),
    415: answer("The body is not `application/json`."),
    422: answer("A field cannot be accepted, or the prompt is not drawn here."),
    429: answer("Too many requests."),
    500: UNEXPECTED,
    503: answer("Too many requests wait, or a stage is restarting."),
    504: answer("A stage took longer than its time-out."),
    507: answer("The pictures cannot be stored."),
}
STREAM = described(
    "With `stream`: unfinished pictures, then each finished one, or an error.",
    {
        "image_generation.partial_image": "PartialImage",
        "image_generation.completed": "CompletedImage",
        "error": "ErrorBody",
    },
    numbered=False,
)


class ResizedPictures:
    """Pictures of finished sets, in any of the sizes."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store

    def png(self, name: str, rank: int, side: int | None) -> bytes:
        """A picture, `side` pixels a side or as it is stored.

        Raises:
            NotFound: there is none.
        """
        stored = self._store.read(name, rank)
        return resize_png(stored, side) if side else stored


def build(service: Service) -> APIRouter:
    """The routes below `/v1/images`."""
    router = APIRouter(tags=["OpenAI"])
    posted = APIRouter(route_class=JsonRoute)
    shelf, runner = ResizedPictures(service.store), service.runner

    @posted.post(
        f"{errors.PATHS}generations",
        summary="Draw pictures, as OpenAI's clients ask for them",
        response_model=Images,
        responses={200: {"content": STREAM}, **ERRORS},
    )
    async def generate(asked: ImageRequest, request: Request) -> Images | Response:
        """One line without Korean is drawn as it is. Korean, or several lines, are lyrics."""
        tracing.incoming(request.headers)
        client = client_of(request)
        mode = Mode.FOLLOW if asked.stream else Mode.WAIT
        accepted = await runner.accept(asked.order(), mode, client=client)
        if mode is Mode.FOLLOW:
            service.event_streams.linger(accepted.id, client)
            events = service.event_streams.follow(accepted.id, client, after=0)
            body = _translated(events, asked, shelf)
            return StreamingResponse(body, headers=sse.HEADERS, media_type=sse.MEDIA_TYPE)
        made = await runner.result(accepted, client)
        return await run_in_threadpool(_images, made, asked, shelf, str(request.base_url))

    router.include_router(posted)

    @router.get(
        f"{errors.PATHS}{{cover_id}}/{{rank}}.png",
        summary="Get a picture in one of OpenAI's sizes",
        response_class=Response,
        responses={
            200: {"description": "The picture.", "content": {"image/png": {}}},
            404: answer("There is no such picture."),
            422: answer("The rank or the size is unknown."),
            500: UNEXPECTED,
        },
    )
    async def get_image(
        cover_id: Annotated[str, Path(description="Id of a cover set.", examples=["0" * 32])],
        rank: Annotated[int, Path(ge=1, le=MAX_CANDIDATES, description="1 is the best.")],
        size: Annotated[Size, Query()] = "auto",
    ) -> Response:
        """The PNG with its notice and metadata; it never changes."""
        png = await run_in_threadpool(shelf.png, cover_id, rank, side_of(size))
        return Response(png, media_type="image/png", headers=FOREVER)

    return router


def _images(made: CoverSet, asked: ImageRequest, shelf: ResizedPictures, base: str) -> Images:
    """The answer; `base` is the service's address as the client wrote it."""
    data = []
    size = ""
    for cover in made.covers[: asked.images]:
        png = shelf.png(made.id, cover.rank, side_of(asked.size))
        size = size_of(png)
        if asked.response_format == "b64_json":
            image = Image(b64_json=base64_of(png), revised_prompt=made.prompt)
        else:
            place = f"{base.rstrip('/')}{errors.PATHS}{made.id}/{cover.rank}.png"
            url = f"{place}?size={asked.size}" if side_of(asked.size) else place
            image = Image(url=url, revised_prompt=made.prompt)
        data.append(image)
    return Images(created=int(made.created_at.timestamp()), data=data, size=size)


async def _translated(
    events: AsyncGenerator[EventRecord | None], asked: ImageRequest, shelf: ResizedPictures
) -> AsyncIterator[bytes]:
    """A job's events in OpenAI's words; what it has no word for is left out."""
    partials = Partials(asked)
    async with aclosing(events) as opened:
        async for event in opened:
            if event is None:
                yield sse.HEARTBEAT
            elif event.name == "preview" and (partial := partials.of(json.loads(event.data))):
                yield _event(partial.type, partial)
            elif event.name == "done":
                made = CoverSet.model_validate_json(event.data)
                for cover in made.covers[: asked.images]:
                    side = side_of(asked.size)
                    png = await asyncio.to_thread(shelf.png, made.id, cover.rank, side)
                    completed = CompletedImage(
                        b64_json=base64_of(png), created_at=int(time.time()), size=size_of(png)
                    )
                    yield _event(completed.type, completed)
            elif event.name == "error":
                problem = Problem.model_validate_json(event.data)
                yield _event("error", errors.error_of(problem))


class Partials:
    """Chooses among a job's previews: so many of each picture, spread over its drawing."""

    def __init__(self, asked: ImageRequest) -> None:
        self._wanted = asked.partial_images or 0
        self._pictures = asked.images
        self._sent: dict[int, int] = {}

    def of(self, preview: dict[str, Any]) -> PartialImage | None:
        """The preview as OpenAI's event, or None if it is one too many or too early."""
        candidate, webp = preview["candidate"], preview["image"].partition(",")[2]
        sent = self._sent.get(candidate, 0)
        early = preview["fraction"] < (sent + 1) / (self._wanted + 1)
        if candidate >= self._pictures or sent >= self._wanted or early:
            return None
        self._sent[candidate] = sent + 1
        return PartialImage(
            b64_json=webp,
            created_at=int(time.time()),
            partial_image_index=sent,
            size=size_of(base64.b64decode(webp)),
        )


def _event(name: str, data: BaseModel) -> bytes:
    return format_sse_event(data_str=data.model_dump_json(), event=name)
