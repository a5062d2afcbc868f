"""Errors as `application/problem+json` (RFC 9457), whatever went wrong.

No stack trace leaves the service; the request id leads from a report to the log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.api.openai.errors import error_of, speaks_openai, status_of
from deployments.api.paths import route_path
from deployments.contract import errors
from deployments.contract.problems import KIND, FieldError, Problem, problem_of, well_formed

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20
MAX_FIELD_CHARS = 100

FULL_FOR = "X-Line-Full-For"
"""Seconds for which every request that may not wait would be refused as well: `deployments.api.proxy`."""

_log = logging.getLogger("ray.serve")


class ProblemResponse(JSONResponse):
    """A problem with its media type."""

    media_type = MEDIA_TYPE


def respond(
    request: Request,
    status: int,
    detail: str,
    *,
    kind: str = "about:blank",
    title: str | None = None,
    fields: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response for a problem that is no `CoverError`."""
    problem = Problem(
        type=kind,
        title=title or HTTPStatus(status).phrase,
        status=status,
        detail=well_formed(detail),
        instance=well_formed(request.url.path),
        request_id=request_id(request),
        errors=list(fields),
    )
    return _rendered(request, problem, headers)


def _rendered(
    request: Request, problem: Problem, headers: Mapping[str, str] | None = None
) -> Response:
    """The problem in the shape that the route's clients read."""
    if speaks_openai(route_path(request.scope)):
        body = error_of(problem).model_dump()
        return JSONResponse(body, status_of(problem), headers=dict(headers or {}))
    return ProblemResponse(problem.model_dump(), problem.status, headers=dict(headers or {}))


def request_id(request: Request) -> str:
    """The id Serve gave the request, or the client's own."""
    return well_formed(request.headers.get("x-request-id", ""))[:128]


def install(app: FastAPI) -> None:
    """Let `app` answer every error with a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(errors.CoverError, failed)
    app.add_middleware(UnexpectedErrorMiddleware)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    invalid = error.errors()
    malformed = any(entry["type"] == "json_invalid" for entry in invalid)
    if malformed:
        reason = str(invalid[0].get("ctx", {}).get("error", "not JSON"))
        return respond(request, 400, f"the body is not valid JSON: {reason}")
    fields = [_field(entry) for entry in invalid[:MAX_ERRORS]]
    names = ", ".join(dict.fromkeys(field.field for field in fields))
    more = f" and {len(invalid) - MAX_ERRORS} more" if len(invalid) > MAX_ERRORS else ""
    return respond(
        request,
        422,
        f"change {names}{more}: see errors",
        kind=f"{KIND}invalid",
        title="The request has fields that cannot be accepted",
        fields=fields,
    )


def _field(entry: Mapping[str, Any]) -> FieldError:
    """One of pydantic's errors without the input, which may be anything."""
    where = [str(part) for part in entry["loc"]]
    name = ".".join(where[1:] or where)
    return FieldError(field=well_formed(name)[:MAX_FIELD_CHARS], message=well_formed(entry["msg"]))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    details = {
        400: "the body cannot be read: send JSON in UTF-8",
        404: f"there is nothing at {request.url.path}: see /docs",
        405: f"{request.url.path} does not take {request.method}",
        413: "the body is too large: send at most 256 KiB",
    }
    phrase = HTTPStatus(error.status_code).phrase
    reason = error.detail if error.detail not in (phrase, "") else None
    detail = details.get(error.status_code) or reason or phrase
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = _allowed(request) or headers.get("Allow", "GET, HEAD")
    return respond(request, error.status_code, detail, headers=headers)


def _allowed(request: Request) -> str:
    """Every method that a path of the API takes; Starlette names those of its first route alone."""
    methods: set[str] = set()
    for path, operations in request.app.openapi()["paths"].items():
        if compile_path(path)[0].match(route_path(request.scope)):
            methods |= {method.upper() for method in operations}
    methods |= {"HEAD"} if "GET" in methods else set()
    return ", ".join(sorted(methods))


async def failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.CoverError)
    return answer_to(error, request)


def answer_to(error: errors.CoverError, request: Request) -> Response:
    """The response for a request that could not be served."""
    problem = problem_of(error, request.url.path, request_id(request))
    retry = error.retry_after if isinstance(error, errors.Overloaded) else errors.RETRY_AFTER
    busy = problem.status == HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"Retry-After": str(retry)} if busy else {}
    if isinstance(error, errors.LineFull):
        headers[FULL_FOR] = f"{error.moment:g}"
    return _rendered(request, problem, headers)


class UnexpectedErrorMiddleware:
    """Turns an unforeseen exception into a 500 that tells nothing but where to look."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer for it if that fails before an answer began."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = False

        async def watched(message: Message) -> None:
            nonlocal began
            began = began or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            request = Request(scope)
            name = request_id(request)
            _log.error("request %s failed", name, exc_info=error)
            if began:
                raise
            detail = f"the service made a mistake; its log tells more under request {name}"
            await respond(request, 500, detail)(scope, receive, send)
