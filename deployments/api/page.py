"""The page at `/` and its files at `/web`, with headers that let it load nothing else.

There is no build step: the folder `web` is what the browser gets.
"""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "web"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",  # previews are data URLs; blobs are pictures behind a key
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",  # no text ever becomes markup
    "trusted-types": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Names carry no version, so that a browser asks each time; unchanged files cost a 304.
    "Cache-Control": "no-cache",
}


class PageFiles(StaticFiles):
    """The folder's files with `HEADERS`, also on a 304."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, or a 304 where the browser has it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(HEADERS)
        return response


def include_page(app: FastAPI, folder: Path = FOLDER, *, survey: bool = False) -> None:
    """Serve the page's HTML at `/` and its files below `/web`; neither is part of the API.

    Args:
        survey: also its page, at `/survey`.
    """
    files = PageFiles(directory=folder)

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page(request: Request) -> Response:
        return await files.get_response("index.html", request.scope)

    if survey:

        @app.api_route("/survey", methods=["GET", "HEAD"], include_in_schema=False)
        async def survey_page(request: Request) -> Response:
            return await files.get_response("survey.html", request.scope)

    app.mount("/web", files)
