"""A set's covers in one file."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from deployments import archive
from deployments.errors import NotFound
from deployments.routes.answers import INVALID, NOT_FOUND, UNEXPECTED
from deployments.routes.covers import CoverId
from deployments.routes.preferences import client_of
from deployments.schemas import CoverSet
from deployments.service import Service

MEDIA_TYPE = "application/zip"


def build(service: Service) -> APIRouter:
    """The route of the zip file."""
    router = APIRouter(tags=["covers"])

    @router.get(
        "/v1/covers/{cover_id}/covers.zip",
        summary="Get all covers of a set",
        response_class=Response,
        responses={
            200: {
                "description": "A zip file with the PNGs, the set's facts without the lyrics, and a notice "
                "that an AI drew them.",
                "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
            },
            404: NOT_FOUND,
            422: INVALID,
            500: UNEXPECTED,
        },
    )
    async def get_archive(cover_id: CoverId, request: Request) -> Response:
        """The pictures are those that `images/{rank}.png` gives."""
        standing = await service.runner.ledger.standing(cover_id, client_of(request))
        made: CoverSet | None = standing.answer
        if made is None:
            raise NotFound(f"the covers of {cover_id} are not finished: ask again when they are")
        packed = await run_in_threadpool(
            archive.pack, made, lambda rank: service.store.read(cover_id, rank)
        )
        saved = {"Content-Disposition": f'attachment; filename="covers-{cover_id}.zip"'}
        return Response(packed, media_type=MEDIA_TYPE, headers=saved)

    return router
