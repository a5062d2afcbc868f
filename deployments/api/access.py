"""Who may ask, and how often: access keys, rate limits, other origins; each off unless configured."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.api import problems
from deployments.api.origin import as_address
from deployments.api.paths import route_path
from deployments.config.user_config import AccessTunables
from deployments.contract.covers import COVERS
from deployments.contract.errors import DatabaseUnavailable
from deployments.storage.draw_limits import DrawLimits

# Pictures are reached by the 128 random bits of their address, so that pages can show them.
GUARDED = "/v1/"
PICTURE = re.compile(
    r"/v1/((covers/[^/]+/images|images/[^/]+)/[^/]+\.(png|jpeg|webp)|survey/pictures/[^/]+)"
)
DRAWING = (COVERS, "/v1/images/generations")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
READABLE = (
    "Content-Location",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)
HOME = 64  # bits of an IPv6 address that one household has; it may change the others at will


@dataclass(frozen=True)
class RateLimitState:
    """What is left of one limit.

    Attributes:
        granted: whether this request is within it.
        seconds: until the window is over and the whole quota is there again.
    """

    name: str
    quota: int
    granted: bool
    left: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """As the IETF's RateLimit fields have it (draft-ietf-httpapi-ratelimit-headers)."""
        fields = {
            "RateLimit-Policy": f'"{self.name}";q={self.quota};w=60',
            "RateLimit": f'"{self.name}";r={self.left};t={self.seconds}',
        }
        return fields if self.granted else {**fields, "Retry-After": str(max(1, self.seconds))}


class AccessControl:
    """Knows the keys, and counts.

    Args:
        draws: counts requests for covers, where all ingresses are to do so together.
    """

    def __init__(self, draws: DrawLimits) -> None:
        self.tunables = AccessTunables()
        self._draws = draws
        self._counts = MovingWindowRateLimiter(MemoryStorage())

    def client(self, request: Request) -> str | None:
        """Name of the key that a request brings, "" if none is needed, None if it brings no good one."""
        keys = {key.sha256: key.name for key in self.tunables.keys}
        if not keys:
            return ""
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        key = given.strip() if kind.lower() == "bearer" else request.headers.get("x-api-key", "")
        return keys.get(hashlib.sha256(key.encode("utf-8", "replace")).hexdigest())

    async def allowance(self, request: Request, client: str) -> RateLimitState | None:
        """Count a request for its key, or for its address if it has none; None: there is no limit.

        Raises:
            DatabaseUnavailable: it is counted there.
        """
        drawing = request.method == "POST" and route_path(request.scope) in DRAWING
        name = "draw" if drawing else "request"
        quota = self.tunables.draws_per_minute if drawing else self.tunables.requests_per_minute
        if quota is None:
            return None
        who = f"key {client}" if client else f"address {self.address(request)}"
        if drawing and self.tunables.shared:
            drawn = await self._draws.take(who, quota)
            return RateLimitState(name, quota, drawn.granted, drawn.left, math.ceil(drawn.seconds))
        limit: RateLimitItem = RateLimitItemPerMinute(quota)
        granted = self._counts.hit(limit, name, who)
        window = self._counts.get_window_stats(limit, name, who)
        seconds = max(0, math.ceil(window.reset_time - time.time()))
        return RateLimitState(name, quota, granted, max(0, window.remaining), seconds)

    def address(self, request: Request) -> str:
        """The address, or for IPv6 the network of a household, that requests are counted for."""
        peer = request.client.host if request.client else ""
        address = as_address(peer)
        if address is None or address.version == 4:
            return str(address or peer)
        return str(ipaddress.ip_network((address, HOME), strict=False))


class AccessMiddleware:
    """Lets requests through to an application, or answers for it."""

    def __init__(self, app: ASGIApp, guard: AccessControl) -> None:
        self._app = app
        self._guard = guard
        self._origins: tuple[str, ...] = ()
        self._entrance: ASGIApp = self._check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._guard.tunables.origins != self._origins:
            self._origins = self._guard.tunables.origins
            self._entrance = _open_to(self._origins, self._check) if self._origins else self._check
        await self._entrance(scope, receive, send)

    async def _check(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if not guarded(route_path(scope)):
            await self._app(scope, receive, send)
            return
        client = self._guard.client(request)
        try:
            # Whoever guesses keys is counted like everybody else.
            allowance = await self._guard.allowance(request, client or "")
        except DatabaseUnavailable as error:
            response = await problems.failed(request, error)
            await response(scope, receive, send)
            return
        if client is None and (allowance is None or allowance.granted):
            detail = "this service wants a key: send it as Authorization: Bearer KEY"
            headers = {"WWW-Authenticate": "Bearer"}
            await problems.respond(request, 401, detail, headers=headers)(scope, receive, send)
            return
        if allowance is not None and not allowance.granted:
            detail = f"{allowance.quota} requests a minute are allowed: come back in {allowance.seconds} s"
            headers = allowance.headers()
            await problems.respond(request, 429, detail, headers=headers)(scope, receive, send)
            return
        scope.setdefault("state", {})["client"] = client
        await self._app(scope, receive, _telling(allowance, send) if allowance else send)


def guarded(path: str) -> bool:
    """Whether a path wants a key, if any are configured, and is counted."""
    return path.startswith(GUARDED) and not PICTURE.fullmatch(path)


def _telling(allowance: RateLimitState, send: Send) -> Send:
    """Sends on, with what is left of a limit in the headers."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in allowance.headers().items():
                headers[name] = value
        await send(message)

    return sending


def _open_to(origins: tuple[str, ...], app: ASGIApp) -> ASGIApp:
    """`app` for pages of other origins as well."""
    return CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_methods=list(METHODS),
        allow_headers=["*"],
        expose_headers=list(READABLE),
    )
