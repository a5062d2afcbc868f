from __future__ import annotations

import pytest

from deployments.api.openai.errors import error_of, speaks_openai, status_of
from deployments.contract.problems import FieldError, Problem


def problem(status: int, kind: str = "about:blank", *fields: tuple[str, str]) -> Problem:
    return Problem(
        type=kind,
        title="Title",
        status=status,
        detail="the detail",
        instance="/v1/images/generations",
        request_id="1",
        errors=[FieldError(field=field, message=message) for field, message in fields],
    )


@pytest.mark.parametrize(
    ("status", "kind", "type_", "code"),
    [
        (400, "about:blank", "invalid_request_error", None),
        (401, "about:blank", "authentication_error", "invalid_api_key"),
        (401, "urn:song-dalle:problem:no-key", "authentication_error", "invalid_api_key"),
        (403, "about:blank", "permission_error", None),
        (404, "urn:song-dalle:problem:not-found", "not_found_error", "not_found"),
        (429, "urn:song-dalle:problem:slow-down", "rate_limit_error", "rate_limit_exceeded"),
        (500, "about:blank", "server_error", None),
        (503, "urn:song-dalle:problem:overloaded", "server_error", "overloaded"),
    ],
)
def test_types_and_codes(status: int, kind: str, type_: str, code: str | None) -> None:
    error = error_of(problem(status, kind)).error
    assert (error.type, error.code, error.param) == (type_, code, None)
    assert error.message == "the detail"


def test_bad_fields_are_named() -> None:
    refusal = problem(422, "urn:song-dalle:problem:invalid", ("n", "too many"), ("size", "unknown"))
    error = error_of(refusal).error
    assert (error.param, error.code) == ("n", "invalid_value")
    assert error.message == "n: too many; size: unknown"


def test_fields_go_by_openais_names() -> None:
    refusal = problem(422, "urn:song-dalle:problem:disallowed", ("lyrics", "not drawn"))
    error = error_of(refusal).error
    assert (error.param, error.code) == ("prompt", "content_policy_violation")


def test_nothing_to_draw_is_about_the_prompt() -> None:
    assert error_of(problem(422, "urn:song-dalle:problem:nothing-to-draw")).error.param == "prompt"


@pytest.mark.parametrize(("status", "told"), [(422, 400), (400, 400), (404, 404), (503, 503)])
def test_a_refusal_is_a_bad_request(status: int, told: int) -> None:
    assert status_of(problem(status)) == told


@pytest.mark.parametrize(
    ("path", "theirs"),
    [
        ("/v1/images/generations", True),
        ("/v1/images/edits", True),
        ("/v1/models/gpt-image-1", True),
        ("/v1/models", False),
        ("/v1/covers", False),
        ("/v1/modelsx/1", False),
    ],
)
def test_whose_routes(path: str, theirs: bool) -> None:
    assert speaks_openai(path) == theirs
