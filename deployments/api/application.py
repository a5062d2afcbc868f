"""The HTTP application: its routes, its errors, its OpenAPI document."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from deployments.api import access, openapi, problems
from deployments.api.head import HeadMiddleware
from deployments.api.openai import errors, routes
from deployments.api.openapi import EXAMPLES
from deployments.api.origin import OriginMiddleware
from deployments.api.page import include_page
from deployments.api.routes import (
    archive,
    covers,
    history,
    ratings,
    release,
    songs,
    state,
    survey,
)
from deployments.api.service import Service
from deployments.contract.problems import Problem
from deployments.telemetry.metrics_page import Exposition
from songdalle_core.provenance import NOTICE
from songdalle_core.songs import Catalogue

KEYS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "If the service wants keys."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
API_VERSION = "1.1.0"
DESCRIPTION = f"""Song lyrics in, ranked album covers out.

Every picture says "{NOTICE}" in its corner and in its metadata. Errors are
`application/problem+json` (RFC 9457) and name each field that cannot be accepted."""


def build_api(
    service: Service,
    metrics: Exposition | None = None,
    catalogue: Catalogue | None = None,
    refused: Callable[[], str] = str,
) -> FastAPI:
    """The ASGI application over a service; metrics are the cluster's, songs nobody's, unless given.

    Args:
        refused: why the ingress's last `user_config` was refused; "" if it was not.
    """
    app = FastAPI(
        title="Song DALL-E",
        version=API_VERSION,
        description=DESCRIPTION,
        lifespan=service.lifespan,
    )
    app.include_router(history.build(service))
    app.include_router(covers.build(service))
    app.include_router(routes.build(service))
    app.include_router(archive.build(service))
    app.include_router(release.build(service))
    app.include_router(ratings.build(service))
    app.include_router(songs.build(catalogue or Catalogue(())))
    calls = service.runner.pipeline.calls
    app.include_router(state.build(calls, metrics or Exposition(), refused))
    if service.survey is not None:
        app.include_router(survey.build(service, service.survey))
    include_page(app, survey=service.survey is not None)
    # The last one added is the first to see a request.
    app.add_middleware(HeadMiddleware)
    app.add_middleware(access.AccessMiddleware, guard=service.guard)
    problems.install(app)
    app.add_middleware(OriginMiddleware, proxies=lambda: service.guard.tunables.proxies)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document, with what it cannot know: schemas of events, examples, keys and their refusals."""
    if not app.openapi_schema:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        schemas |= openapi.schemas((Problem, *openapi.EVENTS, *routes.EVENTS))
        for name, example in EXAMPLES.items():
            schemas[name]["examples"] = [example]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        document["components"]["securitySchemes"] = KEYS
        for path, operations in document["paths"].items():
            if errors.speaks_openai(path):
                for operation in operations.values():
                    operation["responses"].pop("422", None)  # FastAPI's own: it is 400 there
            if access.guarded(path):
                for operation in operations.values():
                    refusals = {"401": openapi.NO_KEY, "429": openapi.TOO_MANY}
                    always = {"503": openapi.UNAVAILABLE}
                    operation["responses"] = always | refusals | operation["responses"]
                    operation["security"] = [{}, *({name: []} for name in KEYS)]
        app.openapi_schema = document
    return app.openapi_schema
