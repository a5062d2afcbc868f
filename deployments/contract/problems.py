"""How a request or a job failed, as data (RFC 9457); `deployments.api.problems` answers requests with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from pydantic import BaseModel, Field

from deployments.contract import errors


class FieldError(BaseModel):
    """One refused field."""

    field: str
    message: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it (`application/problem+json`)."""

    type: str = Field(description='URI of the kind of problem; "about:blank" for plain HTTP.')
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str = Field(description="Path of the request.")
    request_id: str
    errors: list[FieldError]


KIND = "urn:song-dalle:problem:"


KINDS: Mapping[type[errors.CoverError], tuple[HTTPStatus, str, str]] = {
    errors.NothingToDraw: (HTTPStatus.UNPROCESSABLE_ENTITY, "nothing-to-draw", "Nothing to draw"),
    errors.Disallowed: (HTTPStatus.UNPROCESSABLE_ENTITY, "disallowed", "Not drawn here"),
    errors.Unsupported: (HTTPStatus.UNPROCESSABLE_ENTITY, "unsupported", "Not with this model"),
    errors.Unfit: (HTTPStatus.UNPROCESSABLE_ENTITY, "unfit", "A field does not fit"),
    errors.NotFound: (HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    errors.LyricsProviderBusy: (HTTPStatus.SERVICE_UNAVAILABLE, "lyrics-busy", "Ask again later"),
    errors.LyricsProviderFailed: (HTTPStatus.BAD_GATEWAY, "lyrics-provider", "No lyrics provider"),
    errors.Stopping: (HTTPStatus.SERVICE_UNAVAILABLE, "stopping", "The service is being stopped"),
    errors.Overloaded: (HTTPStatus.SERVICE_UNAVAILABLE, "overloaded", "Too many requests wait"),
    errors.StageUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "A stage is down"),
    errors.StageCrashed: (HTTPStatus.INTERNAL_SERVER_ERROR, "crashed", "A stage died of it"),
    errors.StageTimeout: (HTTPStatus.GATEWAY_TIMEOUT, "timeout", "A stage took too long"),
    errors.MetricsUnavailable: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "metrics",
        "Metrics are incomplete",
    ),
    errors.DatabaseUnavailable: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "database",
        "The database does not answer",
    ),
    errors.PicturesUnavailable: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "pictures",
        "The pictures cannot be reached",
    ),
    errors.KeyReused: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "key-reused",
        "The Idempotency-Key is taken",
    ),
    errors.Cancelled: (HTTPStatus.CONFLICT, "cancelled", "The job was cancelled"),
    errors.StorageFull: (HTTPStatus.INSUFFICIENT_STORAGE, "storage", "Covers cannot be stored"),
}


class Stored(errors.CoverError):
    """A job ended in a problem before; the same is answered again."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def problem_of(error: BaseException, instance: str, request_id: str = "") -> Problem:
    """The problem that an exception is; one that is no `CoverError` tells nothing of itself.

    Args:
        error: what ended a request or a job.
        instance: path of the request or the job.
        request_id: under which the log tells more.
    """
    if isinstance(error, Stored):
        return error.problem.model_copy(update={"instance": instance, "request_id": request_id})
    kind, detail = "about:blank", "the service made a mistake; its log tells more"
    fields: list[FieldError] = []
    status, title = HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.INTERNAL_SERVER_ERROR.phrase
    if isinstance(error, asyncio.CancelledError):
        error = errors.Cancelled("the job was cancelled")
    if isinstance(error, errors.CoverError):
        status, slug, title = _kind(error)
        kind, detail = KIND + slug, str(error)
        fields = _fields(error)
    return Problem(
        type=kind,
        title=title,
        status=status,
        detail=well_formed(detail),
        instance=well_formed(instance),
        request_id=request_id,
        errors=fields,
    )


def _kind(error: errors.CoverError) -> tuple[HTTPStatus, str, str]:
    return KINDS[next(known for known in KINDS if isinstance(error, known))]


def _fields(error: errors.CoverError) -> list[FieldError]:
    """The field that an error is about, if it is about one."""
    if isinstance(error, errors.Disallowed):
        return [FieldError(field=error.field, message=well_formed(error.to_client))]
    if isinstance(error, errors.Unfit):
        return [FieldError(field=error.field, message=well_formed(str(error)))]
    return []


def well_formed(text: str) -> str:
    """`text` with half surrogate pairs replaced, so that it has a UTF-8 form."""
    return text.encode("utf-8", "replace").decode("utf-8")
