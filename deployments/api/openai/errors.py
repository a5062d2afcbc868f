"""Problems (RFC 9457) in the shape that OpenAI's clients read: `{"error": {message, type, param, code}}`."""

from __future__ import annotations

from http import HTTPStatus

from deployments.api.openai.schemas import ErrorBody, ErrorDetail
from deployments.contract.problems import Problem

PATHS = "/v1/images/"
MODELS = "/v1/models/"

_TYPES = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.NOT_FOUND: "not_found_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}
_CODES = {
    HTTPStatus.UNAUTHORIZED: "invalid_api_key",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_exceeded",
}
_KINDS = {"disallowed": "content_policy_violation", "invalid": "invalid_value"}
_FIELDS = {"lyrics": "prompt"}
"""Fields of a request for covers that have another name here."""
_ABOUT = {"nothing-to-draw": "prompt"}


def speaks_openai(path: str) -> bool:
    """Whether the errors of a route have this shape, wherever they come from."""
    return path.startswith((PATHS, MODELS))


def status_of(problem: Problem) -> int:
    """The status that OpenAI's clients know it by: what cannot be accepted is a bad request."""
    refused = problem.status == HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.BAD_REQUEST if refused else problem.status


def no_such_model(name: str) -> ErrorBody:
    """The error of a model that is not listed."""
    message = f"there is no model {name[:100]!r}: see /v1/models; pictures are drawn under any name"
    detail = ErrorDetail(
        message=message, type="invalid_request_error", param="model", code="model_not_found"
    )
    return ErrorBody(error=detail)


def error_of(problem: Problem) -> ErrorBody:
    """The same said to an OpenAI client."""
    status = HTTPStatus(problem.status)
    kind = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    slug = problem.type.rpartition(":")[2] if problem.type.startswith("urn:") else ""
    fields = [(_FIELDS.get(entry.field, entry.field), entry.message) for entry in problem.errors]
    message = "; ".join(f"{field}: {message}" for field, message in fields)
    return ErrorBody(
        error=ErrorDetail(
            message=message or problem.detail,
            type=_TYPES.get(status, kind),
            param=fields[0][0] if fields else _ABOUT.get(slug),
            code=_CODES.get(status) or _KINDS.get(slug) or slug.replace("-", "_") or None,
        )
    )
