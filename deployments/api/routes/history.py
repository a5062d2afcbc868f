"""The history: all that was drawn, a page at a time."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from deployments.api.openapi import INVALID, UNEXPECTED
from deployments.api.paths import below_prefix, prefix_of
from deployments.api.requests import client_of
from deployments.api.service import Service
from deployments.contract.covers import COVERS, ID_PATTERN, CoverPage
from songdalle_core.moods import Mood

Limit = Annotated[int, Query(ge=1, le=100, description="Sets on a page.")]
Before = Annotated[
    str | None,
    Query(pattern="^[0-9]{1,18}$", description="`next` of the page before.", examples=["120"]),
]
LyricsReading = Annotated[
    str | None,
    Query(
        max_length=200,
        description="In title, artist, lyrics, summary or prompt, whatever the case and spacing.",
        examples=["바다"],
    ),
]
AParent = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="Only sets that go on from this one.")
]
AMood = Annotated[Mood | None, Query(description="Predicted mood.")]


def build(service: Service) -> APIRouter:
    """The routes of `/v1/covers` that are about many sets."""
    router = APIRouter(tags=["history"])

    @router.get(
        COVERS,
        summary="List and search cover sets",
        responses={422: INVALID, 500: UNEXPECTED},
    )
    async def list_covers(
        request: Request,
        limit: Limit = 20,
        before: Before = None,
        q: LyricsReading = None,
        mood: AMood = None,
        parent: AParent = None,
    ) -> CoverPage:
        """Newest first. A page stays where it is while new sets come in."""
        number = int(before) if before else None
        page = await service.history.page(client_of(request), limit, number, q, mood, parent)
        return below_prefix(page, prefix_of(request))

    @router.delete(
        COVERS,
        status_code=204,
        summary="Delete all cover sets",
        responses={500: UNEXPECTED},
    )
    async def delete_all(request: Request) -> Response:
        """All of the caller's, with their pictures and ratings; unfinished jobs are cancelled first."""
        client = client_of(request)
        for id in await service.history.unfinished(client):
            await service.runner.cancel(id, client)
        await service.history.delete(client)
        return Response(status_code=204)

    return router
