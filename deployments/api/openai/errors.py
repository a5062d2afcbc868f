"""Problems (RFC 9457) in the shape that OpenAI's clients read: `{"error": {message, type, param, code}}`."""

from __future__ import annotations

from http import HTTPStatus

from deployments.api.openai.schemas import ErrorBody, ErrorDetail
from deployments.contract.problems import Problem

PATHS = "/v1/images/"
"""Below it errors have this shape, wherever they come from."""

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
