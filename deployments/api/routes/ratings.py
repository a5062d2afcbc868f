"""Rating covers, and what the ratings come to."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deployments.api.openapi import INVALID, NOT_FOUND, UNEXPECTED, problem
from deployments.api.requests import JsonRoute, client_of
from deployments.api.routes.covers import CoverId
from deployments.api.service import Service
from deployments.contract.covers import COVERS
from deployments.contract.ratings import Rating, RatingsSummary, SetRatings


def build(service: Service) -> APIRouter:
    """The routes about ratings."""
    router = APIRouter(tags=["ratings"])
    putting = APIRouter(route_class=JsonRoute)

    @putting.put(
        f"{COVERS}/{{cover_id}}/ratings",
        status_code=204,
        summary="Rate a cover",
        responses={
            400: problem("The body is not valid JSON in UTF-8."),
            404: NOT_FOUND,
            413: problem("The body is larger than 256 KiB."),
            415: problem("The body is not `application/json`."),
            422: INVALID,
            500: UNEXPECTED,
        },
    )
    async def put_rating(cover_id: CoverId, rating: Rating, request: Request) -> Response:
        """In place of the caller's earlier rating of the same cover."""
        await service.ratings.put(cover_id, client_of(request), rating)
        return Response(status_code=204)

    router.include_router(putting)

    @router.get(
        f"{COVERS}/{{cover_id}}/ratings",
        summary="Get the ratings of a set",
        responses={404: NOT_FOUND, 422: INVALID, 500: UNEXPECTED},
    )
    async def get_ratings(cover_id: CoverId, request: Request) -> SetRatings:
        """The caller's own."""
        return await service.ratings.of(cover_id, client_of(request))

    @router.get(
        "/v1/ratings/summary",
        summary="What do the ratings say?",
        responses={500: UNEXPECTED},
    )
    async def get_summary(request: Request) -> RatingsSummary:
        """Satisfaction by style and mood, and how often the felt mood was the predicted one."""
        return await service.ratings.summary(client_of(request))

    return router
