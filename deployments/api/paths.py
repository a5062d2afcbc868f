"""Paths of requests without the prefix that the application is mounted under."""

from __future__ import annotations

from starlette.types import Scope


def route_path(scope: Scope) -> str:
    """The path as the routes know it: without `root_path`, by whole segments.

    Ray Serve leaves its `route_prefix` in the path and names it in `root_path` (ASGI 3.0); whatever is decided
    by a request's path has to be decided by this one.
    """
    path, prefix = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    if path == prefix or path.startswith(f"{prefix}/"):
        return path[len(prefix) :] or "/"
    return path
