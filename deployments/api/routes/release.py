"""A chosen cover as a file for stores."""

from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deployments.api.openapi import INVALID, NOT_FOUND, UNAVAILABLE, UNEXPECTED, problem
from deployments.api.requests import JsonRoute, client_of
from deployments.api.routes.covers import CoverId, Rank
from deployments.api.service import Service
from deployments.contract.covers import COVERS
from deployments.contract.errors import NotFound
from deployments.contract.release import FACTS, ReleaseFacts, ReleaseRequest
from songdalle_core.release.files import MEDIA_TYPES

FILE = {"schema": {"type": "string", "format": "binary"}}
ENDINGS = {"jpeg": "jpg", "png": "png"}


def build(service: Service) -> APIRouter:
    """The route of releases."""
    router = APIRouter(tags=["release"], route_class=JsonRoute)

    @router.post(
        f"{COVERS}/{{cover_id}}/images/{{rank}}/release",
        summary="Make the sleeve",
        response_class=Response,
        responses={
            200: {
                "description": "The file: 8-bit sRGB with its profile, no alpha, marked as AI-made in "
                "its metadata.",
                "content": dict.fromkeys(MEDIA_TYPES.values(), FILE),
                "headers": {
                    FACTS: {
                        "description": "How it was made, as JSON.",
                        "schema": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "contentSchema": ReleaseFacts.model_json_schema(),
                        },
                    }
                },
            },
            400: problem("The body is not valid JSON in UTF-8."),
            404: NOT_FOUND,
            413: problem("The body is larger than 256 KiB."),
            415: problem("The body is not `application/json`."),
            422: INVALID,
            500: UNEXPECTED,
            503: UNAVAILABLE,
            504: problem("It took longer than its time-out."),
        },
    )
    async def make_release(
        cover_id: CoverId, rank: Rank, asked: ReleaseRequest, request: Request
    ) -> Response:
        """The cover at up to 3000 pixels with title and artist in type, or its back with the tracks."""
        state = await service.runner.job_queue.state(cover_id, client_of(request))
        if state.answer is None:
            raise NotFound(f"the covers of {cover_id} are not finished: ask again when they are")
        made = await service.releases.make(state.answer, rank, asked)
        name = f"{cover_id}-{rank}-{asked.face}.{ENDINGS[asked.format]}"
        headers = {
            FACTS: made.facts.model_dump_json(),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        }
        return Response(made.content, media_type=made.media_type, headers=headers)

    return router
