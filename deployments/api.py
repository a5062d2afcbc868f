"""The HTTP application: its routes, its errors, its OpenAPI document."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from deployments import problems
from deployments.exposition import Exposition
from deployments.routes import answers, covers, service
from deployments.runner import Runner
from deployments.schemas import Problem
from deployments.web_page import include_page
from songdalle_core.provenance import NOTICE

API_VERSION = "1.0.0"
DESCRIPTION = f"""Song lyrics in, ranked album covers out.

Every picture says "{NOTICE}" in its corner and in its metadata. Errors are
`application/problem+json` (RFC 9457) and name each field that cannot be accepted."""


def build_api(runner: Runner, metrics: Exposition | None = None) -> FastAPI:
    """The ASGI application over a runner; its metrics are the cluster's unless given."""
    app = FastAPI(title="Song DALL-E", version=API_VERSION, description=DESCRIPTION)
    app.include_router(covers.build(runner))
    app.include_router(service.build(runner.pipeline.caller, metrics or Exposition()))
    include_page(app)
    problems.install(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document, with the schemas that only descriptions of answers refer to."""
    if not app.openapi_schema:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        document["components"]["schemas"] |= answers.schemas((Problem, *answers.EVENTS))
        app.openapi_schema = document
    return app.openapi_schema
