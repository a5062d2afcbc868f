"""What a client says in headers about how it wants to be answered, and whose request it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header
from starlette.requests import Request

KEY_PATTERN = r"^[\x21-\x7e]{1,128}$"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="The same key with the same body gives the same job again, also after a lost answer.",
        examples=["5f0c1d7e"],
    ),
]
Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        max_length=200,
        description="`respond-async` (RFC 7240): answer with 202 as soon as the job is accepted.",
        examples=["respond-async"],
    ),
]
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=200,
        description="The `id` of the last event received; those after it are sent.",
        examples=["1000007"],
    ),
]


def respond_async(prefer: str | None) -> bool:
    """Whether `Prefer` asks not to wait."""
    wishes = (wish.partition(";")[0].strip().lower() for wish in (prefer or "").split(","))
    return "respond-async" in wishes


def client_of(request: Request) -> str:
    """Name of the access key that the request came with; "" when the service asks for none."""
    return str(getattr(request.state, "client", ""))
