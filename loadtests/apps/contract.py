"""The part of the service's HTTP contract that a load test needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def order_of(request: Request) -> dict[str, Any] | None:
    """The body of `POST /v1/covers`; None for anything else."""
    if request.method == "POST" and request.url.path.endswith("/v1/covers"):
        order: dict[str, Any] = await request.json()
        return order
    return None


def other(request: Request) -> Response:
    """The answer to anything else: `GET /readyz`, or 404."""
    ready = request.method == "GET" and request.url.path.endswith("/readyz")
    return JSONResponse({"ready": ready}, 200 if ready else 404)


def covers(scores: Sequence[float], timings: Mapping[str, float]) -> Response:
    """The answer to an order: a cover for each score, best first."""
    ranked = [
        {"rank": rank, "score": round(score, 3)}
        for rank, score in enumerate(sorted(scores, reverse=True), start=1)
    ]
    rounded = {name: round(seconds, 4) for name, seconds in timings.items()}
    return JSONResponse({"status": "done", "timings": rounded, "covers": ranked})
