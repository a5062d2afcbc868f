"""Paths of requests without the prefix that the application is mounted under, and addresses with it."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.types import Scope

from deployments.contract.covers import CoverPage, CoverSet, JobStatus
from deployments.contract.events import Queued
from deployments.contract.problems import Problem

Answer = TypeVar("Answer", bound=BaseModel)


def route_path(scope: Scope) -> str:
    """The path as the routes know it: without `root_path`, by whole segments.

    Ray Serve leaves its `route_prefix` in the path and names it in `root_path` (ASGI 3.0), as uvicorn does with
    `http_options.root_path`; whatever is decided by a request's path has to be decided by this one.
    """
    return _below(scope).removesuffix("\n") or "/"  # a route's pattern ends before that


def guessed_prefix(path: str) -> tuple[str, str]:
    """The prefix of an application and one of its routes below `/v1`, of a path that has both.

    For who stands before the application and does not know its prefix; no route has `/v1` in its midst.
    """
    prefix, found, rest = path.removesuffix("\n").rpartition("/v1/")
    return (prefix, found + rest) if found else ("", path)


def with_one_prefix(scope: Scope, outer: str = "") -> Scope:
    """The scope with a `root_path` that begins with a slash and ends with none, and a path below it.

    So every part of the application divides the path in the same place, however the prefix was written.

    Args:
        outer: what a proxy took from the front of the path.
    """
    root = "".join(f"/{segment}" for segment in scope.get("root_path", "").split("/") if segment)
    below = _below(scope)
    if outer and not f"{root}/".startswith(f"{outer}/"):
        root = outer + root
    return {**scope, "root_path": root, "app_root_path": root, "path": root + below}


def _below(scope: Scope) -> str:
    """What follows the prefix; the whole path if that lies elsewhere, "" if it is the prefix itself."""
    path, prefix = str(scope["path"]), str(scope.get("root_path", ""))
    for written in (prefix, prefix.rstrip("/")):
        below = path.removeprefix(written)
        if path.startswith(written) and (not below or below.startswith("/")):
            return below
    return path if path.startswith("/") else f"/{path}"


def prefix_of(request: HTTPConnection) -> str:
    """What stands before the routes' own paths in the addresses that the client can use; "" if nothing does."""
    return str(request.scope.get("root_path", ""))


def below_prefix(answer: Answer, prefix: str) -> Answer:
    """A copy of an answer whose addresses begin with `prefix`; what is stored has them without."""
    if not prefix:
        return answer
    changes: dict[str, Any] = {}
    if isinstance(answer, CoverSet):
        covers = answer.covers
        changes["covers"] = [c.model_copy(update={"url": prefix + c.url}) for c in covers]
    elif isinstance(answer, CoverPage):
        changes["covers"] = [
            c.model_copy(update={"image_url": prefix + c.image_url}) for c in answer.covers
        ]
    elif isinstance(answer, JobStatus):
        changes["events_url"] = prefix + answer.events_url
        changes["error"] = answer.error and below_prefix(answer.error, prefix)
    elif isinstance(answer, Queued):
        changes = {"url": prefix + answer.url, "events_url": prefix + answer.events_url}
    elif isinstance(answer, Problem):
        changes["instance"] = prefix + answer.instance
    return answer.model_copy(update=changes)
