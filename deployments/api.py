"""The HTTP routes: they translate a request into a call of the pipeline, and the result back."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from deployments import exposition, problems, tracing
from deployments.exposition import Exposition
from deployments.messages import StageInfo
from deployments.pipeline import Pipeline
from deployments.schemas import (
    MAX_CANDIDATES,
    CoverRequest,
    CoverSet,
    Health,
    Model,
    Models,
    Problem,
    Readiness,
)
from deployments.web_page import include_page
from songdalle_core.provenance import NOTICE

MAX_BODY = 256 * 1024
API_VERSION = "1.0.0"
DESCRIPTION = f"""Song lyrics in, ranked album covers out.

Every picture says "{NOTICE}" in its corner and in its metadata. Errors are
`application/problem+json` (RFC 9457) and name each field that cannot be accepted."""

CoverId = Annotated[str, Path(description="`id` of a cover set.", examples=["0" * 32])]
Rank = Annotated[int, Path(ge=1, le=MAX_CANDIDATES, description="1 is the best.")]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def _problem(description: str, *, wait: bool = False) -> dict[str, Any]:
    """OpenAPI's description of one error status."""
    seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {"headers": {"Retry-After": seconds}} if wait else {}
    return {"description": description, "content": content, **headers}


NOT_FOUND = _problem("There is no such cover set or picture.")
UNEXPECTED = _problem("The service made a mistake.")
INVALID = _problem("A field cannot be accepted, or the lyrics have nothing to draw.")
UNAVAILABLE = _problem("Too many requests wait, or a stage is restarting.", wait=True)


class LimitedRequest(Request):
    """Stops reading a body that is too large, whatever length it claims."""

    async def body(self) -> bytes:
        """The body, read once.

        Raises:
            HTTPException: 413, it is larger than `MAX_BODY`.
        """
        if not hasattr(self, "_body"):
            body = bytearray()
            async for chunk in self.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    raise HTTPException(413)
            self._body = bytes(body)
        return self._body


class JsonRoute(APIRoute):
    """Refuses bodies that are too large or do not claim to be JSON."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind the check."""
        inner: Handler = super().get_route_handler()

        async def checked(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                said = f"not {kind}" if kind else "which the request does not say"
                raise HTTPException(415, f"send the body as application/json, {said[:100]}")
            return await inner(LimitedRequest(request.scope, request.receive))

        return checked


def build_api(pipeline: Pipeline, metrics: Exposition | None = None) -> FastAPI:
    """The ASGI application over a pipeline; its metrics are the cluster's unless given."""
    app = FastAPI(title="Song DALL-E", version=API_VERSION, description=DESCRIPTION)
    app.include_router(_covers(pipeline))
    app.include_router(_service(pipeline))
    app.include_router(_metrics(metrics or Exposition()))
    include_page(app)
    problems.install(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _covers(pipeline: Pipeline) -> APIRouter:
    router = APIRouter(tags=["covers"])
    posted = APIRouter(route_class=JsonRoute)

    @posted.post(
        "/v1/covers",
        summary="Draw covers for a song",
        responses={
            400: _problem("The body is not valid JSON in UTF-8."),
            413: _problem("The body is larger than 256 KiB."),
            415: _problem("The body is not `application/json`."),
            422: INVALID,
            500: UNEXPECTED,
            503: UNAVAILABLE,
            504: _problem("A stage took longer than its time-out."),
            507: _problem("The covers cannot be stored."),
        },
    )
    async def create_covers(order: CoverRequest, request: Request, response: Response) -> CoverSet:
        """Answers when all covers are drawn and ranked, best first."""
        tracing.incoming(request.headers)
        made = await pipeline.make(order)
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
        return await run_in_threadpool(pipeline.store.load, cover_id)

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
        path = await run_in_threadpool(pipeline.store.image, cover_id, rank)
        forever = {"Cache-Control": "public, max-age=31536000, immutable"}
        return FileResponse(path, media_type="image/png", headers=forever)

    return router


def _service(pipeline: Pipeline) -> APIRouter:
    router = APIRouter(tags=["service"])

    @router.get("/healthz", summary="Is the service alive?", responses={500: UNEXPECTED})
    async def healthz() -> Health:
        """Says nothing of the stages: see `/readyz`."""
        return Health(status="ok")

    @router.get(
        "/readyz",
        summary="Does every stage answer?",
        response_model=Readiness,
        responses={503: {"model": Readiness, "description": "Not yet."}, 500: UNEXPECTED},
    )
    async def readyz() -> JSONResponse:
        """Each stage gets a small real call."""
        answers = await pipeline.survey()
        stages = {
            name: "ready" if isinstance(answer, StageInfo) else answer
            for name, answer in answers.items()
        }
        state = Readiness(ready=set(stages.values()) == {"ready"}, stages=stages)
        return JSONResponse(state.model_dump(), 200 if state.ready else 503)

    @router.get(
        "/v1/models",
        summary="What does each stage run?",
        responses={500: UNEXPECTED, 503: UNAVAILABLE},
    )
    async def get_models() -> Models:
        """One entry a stage, in the order of the pipeline."""
        await pipeline.models()
        answers = (await pipeline.survey()).values()
        return Models(
            models=[
                Model(stage=a.stage, model=a.model, details=a.details)
                for a in answers
                if isinstance(a, StageInfo)
            ]
        )

    return router


def _metrics(found: Exposition) -> APIRouter:
    router = APIRouter(tags=["service"])

    @router.get(
        "/metrics",
        summary="Metrics of the whole cluster",
        response_class=PlainTextResponse,
        responses={500: UNEXPECTED, 503: _problem("A metrics agent does not answer.", wait=True)},
    )
    async def get_metrics() -> Response:
        """Ray Serve's and the application's, in Prometheus' text format; new every second."""
        return Response(await found.page(), media_type=exposition.MEDIA_TYPE)

    return router


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document, with the problem schema that the error responses refer to."""
    if not app.openapi_schema:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        template = "#/components/schemas/{model}"
        schema = Problem.model_json_schema(ref_template=template)
        schemas = document["components"]["schemas"]
        schemas |= schema.pop("$defs", {}) | {"Problem": schema}
        app.openapi_schema = document
    return app.openapi_schema
