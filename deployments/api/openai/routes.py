"""`POST /v1/images/generations` as OpenAI's clients know it: https://platform.openai.com/docs/api-reference/images.

One line without Korean is a prompt and is drawn as it is. Korean, or several lines, or more than fits a
prompt, are lyrics and take the whole way: summary, translation, mood, prompt.
"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from fastapi.sse import format_sse_event
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from deployments.api import sse
from deployments.api.openai import errors
from deployments.api.openai.notes import note_on
from deployments.api.openai.pictures import (
    MEDIA_TYPES,
    ConvertedPictures,
    base64_of,
    quality_of,
    size_of,
)
from deployments.api.openai.schemas import (
    CompletedImage,
    Compression,
    ErrorBody,
    Image,
    ImageRequest,
    Images,
    PartialImage,
    Size,
    side_of,
)
from deployments.api.openapi import described
from deployments.api.requests import JsonRoute, client_of
from deployments.api.service import Service
from deployments.contract.covers import MAX_CANDIDATES, CoverSet
from deployments.contract.events import ALIAS_OF_FAILED, DONE, FAILED, Previewed
from deployments.contract.problems import Problem
from deployments.storage.job_records import EventRecord, Mode
from deployments.telemetry import tracing
from songdalle_core.provenance import PictureFormat, convert

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
EVENTS = (PartialImage, CompletedImage, ErrorBody)


def answer(description: str) -> dict[str, Any]:
    """OpenAPI's description of one error status."""
    return {"description": description, "model": ErrorBody}


UNEXPECTED = answer("The service made a mistake.")
ERRORS: dict[int | str, dict[str, Any]] = {
    400: answer(
        "The body is no JSON, a field cannot be accepted, or the prompt is not drawn here."
    ),
    401: answer("The service wants another key."),
    409: answer("The job was cancelled meanwhile."),
    413: answer("The body is larger than 256 KiB."),
    415: answer("The body is not `application/json`."),
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


def build(service: Service) -> APIRouter:
    """The routes below `/v1/images`."""
    router = APIRouter(tags=["OpenAI"])
    posted = APIRouter(route_class=JsonRoute)
    pictures, runner = ConvertedPictures(service.store), service.runner

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
            body = _translated(events, asked, pictures)
            return StreamingResponse(body, headers=sse.HEADERS, media_type=sse.MEDIA_TYPE)
        made = await runner.result(accepted, client)
        return await run_in_threadpool(_images, made, asked, pictures, str(request.base_url))

    router.include_router(posted)

    for kind, media_type in MEDIA_TYPES.items():
        router.add_api_route(
            f"{errors.PATHS}{{cover_id}}/{{rank}}.{kind}",
            _reader(pictures, kind),
            name=f"get_{kind}",
            summary=f"Get a picture in any size, as {kind.upper()}",
            response_class=Response,
            responses={
                200: {"description": "The picture.", "content": {media_type: {}}},
                400: answer("The rank or the size is none."),
                404: answer("There is no such picture."),
                500: UNEXPECTED,
            },
        )
    return router


def _reader(
    pictures: ConvertedPictures, kind: PictureFormat
) -> Callable[..., Coroutine[Any, Any, Response]]:
    """The handler of one format's address."""

    async def get_image(
        cover_id: Annotated[str, Path(description="Id of a cover set.", examples=["0" * 32])],
        rank: Annotated[int, Path(ge=1, le=MAX_CANDIDATES, description="1 is the best.")],
        size: Annotated[Size, Query()] = "auto",
        output_compression: Annotated[Compression, Query()] = 100,
    ) -> Response:
        """The picture with its notice and metadata; it never changes."""
        picture = await run_in_threadpool(
            pictures.read, cover_id, rank, kind, side_of(size), output_compression
        )
        return Response(picture, media_type=MEDIA_TYPES[kind], headers=FOREVER)

    return get_image


def _images(made: CoverSet, asked: ImageRequest, pictures: ConvertedPictures, base: str) -> Images:
    """The answer; `base` is the service's address as the client wrote it."""
    data = []
    size = ""
    for cover in made.covers[: asked.images]:
        picture = pictures.asked(asked, made.id, cover.rank)
        size = size_of(picture)
        if asked.base64:
            image = Image(b64_json=base64_of(picture), revised_prompt=made.prompt)
        else:
            url = f"{base.rstrip('/')}{_path(asked, made.id, cover.rank)}"
            image = Image(url=url, revised_prompt=made.prompt)
        data.append(image)
    return Images(
        created=int(made.created_at.timestamp()),
        data=data,
        size=size,
        output_format=asked.kind,
        note=note_on(asked, made.note),
    )


def _path(asked: ImageRequest, cover_id: str, rank: int) -> str:
    """Where a picture is in the size and format that was asked for."""
    query: dict[str, str | int] = {}
    if asked.side is not None:
        query["size"] = f"{asked.side}x{asked.side}"
    if asked.kind != "png" and asked.compression != 100:
        query["output_compression"] = asked.compression
    path = f"{errors.PATHS}{cover_id}/{rank}.{asked.kind}"
    return f"{path}?{urlencode(query)}" if query else path


async def _translated(
    events: AsyncGenerator[EventRecord | None], asked: ImageRequest, pictures: ConvertedPictures
) -> AsyncIterator[bytes]:
    """A job's events in OpenAI's words; what it has no word for is left out."""
    partials = Partials(asked)
    async with aclosing(events) as opened:
        async for event in opened:
            if event is None:
                yield sse.HEARTBEAT
            elif event.name == Previewed.name:
                partial = await asyncio.to_thread(partials.of, json.loads(event.data))
                if partial is not None:
                    yield _event(partial.type, partial)
            elif event.name == DONE:
                made = CoverSet.model_validate_json(event.data)
                for cover in made.covers[: asked.images]:
                    completed = await asyncio.to_thread(
                        _completed, made, asked, pictures, cover.rank
                    )
                    yield _event(completed.type, completed)
            elif event.name in (FAILED, ALIAS_OF_FAILED):
                problem = Problem.model_validate_json(event.data)
                yield _event("error", errors.error_of(problem))


def _completed(
    made: CoverSet, asked: ImageRequest, pictures: ConvertedPictures, rank: int
) -> CompletedImage:
    picture = pictures.asked(asked, made.id, rank)
    return CompletedImage(
        b64_json=base64_of(picture),
        created_at=int(time.time()),
        output_format=asked.kind,
        size=size_of(picture),
        note=note_on(asked, made.note),
    )


class Partials:
    """Chooses among a job's previews: so many of each picture, spread over its drawing."""

    def __init__(self, asked: ImageRequest) -> None:
        self._asked = asked
        self._wanted = asked.partial_images or 0
        self._sent: dict[int, int] = {}

    def of(self, preview: dict[str, Any]) -> PartialImage | None:
        """The preview as OpenAI's event, or None if it is one too many or too early."""
        candidate = preview["candidate"]
        sent = self._sent.get(candidate, 0)
        early = preview["fraction"] < (sent + 1) / (self._wanted + 1)
        if candidate >= self._asked.images or sent >= self._wanted or early:
            return None
        self._sent[candidate] = sent + 1
        sketch = base64.b64decode(preview["image"].partition(",")[2])
        quality = quality_of(self._asked.compression)
        picture = convert(sketch, self._asked.kind, quality=quality)
        return PartialImage(
            b64_json=base64_of(picture),
            created_at=int(time.time()),
            output_format=self._asked.kind,
            partial_image_index=sent,
            size=size_of(picture),
        )


def _event(name: str, data: BaseModel) -> bytes:
    return format_sse_event(data_str=data.model_dump_json(), event=name)
