"""Where a request comes from, and which address its client wrote to, as far as that can be believed.

Reverse proxies tell both in X-Forwarded-For, -Proto, -Host and -Prefix. Whoever reaches the service can send
these as well, so those of the proxies that the operator names (`access.proxies`) are read, and nobody else's.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.api.paths import with_one_prefix

Networks = Sequence[IPv4Network | IPv6Network]
SCHEMES = ("http", "https")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")


@dataclass(frozen=True)
class Origin:
    """What is believed of a request.

    Attributes:
        address: of the client; the peer's own name if that is no IP address.
        scheme: that the client used; None: that of the connection.
        host: that the client wrote to; None: that of the Host header.
        prefix: what a proxy took from the front of the path; "" or with a slash at its beginning alone.
    """

    address: str
    scheme: str | None = None
    host: str | None = None
    prefix: str = ""


def origin_of(scope: Scope, proxies: Networks) -> Origin:
    """What is believed of a request: of its peer, and if that is a trusted proxy, of what that tells.

    Each proxy adds whom it was called by to the end of X-Forwarded-For: the client is the last that is no
    trusted proxy. Of the other headers, where several values stand, that of the outermost trusted proxy counts.
    """
    peer = str((scope.get("client") or ("",))[0])
    address = as_address(peer)
    if address is None:
        return Origin(peer)
    headers, hops = Headers(scope=scope), 0
    forwarded = _values(headers, "x-forwarded-for")
    while _trusted(address, proxies):
        hops += 1
        before = as_address(forwarded.pop()) if forwarded else None
        if before is None:
            break
        address = before
    if not hops:
        return Origin(str(address))

    def told(name: str, good: Callable[[str], object]) -> str | None:
        values = _values(headers, f"x-forwarded-{name}")
        value = values[-min(hops, len(values))] if values else ""
        return value if good(value) else None

    scheme = told("proto", lambda value: value.lower() in SCHEMES)
    prefix = told("prefix", lambda value: _PREFIX.fullmatch(value.rstrip("/")))
    return Origin(
        str(address),
        scheme and scheme.lower(),
        told("host", _HOST.fullmatch),
        (prefix or "").rstrip("/"),
    )


def as_address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address of a peer or of an entry of X-Forwarded-For, which may have a port; None if it is none."""
    text = text.strip().strip('"')
    if with_port := _WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])  # fe80::1%eth0
    except ValueError:
        return None
    # a server on all interfaces sees IPv4 clients as ::ffff:192.0.2.1
    return (address.ipv4_mapped or address) if address.version == 6 else address


def _values(headers: Headers, name: str) -> list[str]:
    """The values of a list's lines in their order: a proxy may add a line where another adds to the line."""
    lines = ",".join(headers.getlist(name))
    return [value.strip() for value in lines.split(",")] if lines else []


def _trusted(address: IPv4Address | IPv6Address, proxies: Networks) -> bool:
    return any(address in network for network in proxies)


class OriginMiddleware:
    """Tells an application of each request the client's address, and the address that the client wrote to.

    Args:
        proxies: the networks of trusted proxies, asked for each request.
    """

    def __init__(self, app: ASGIApp, proxies: Callable[[], Networks]) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        believed = origin_of(scope, self._proxies())
        told = with_one_prefix(scope, believed.prefix)
        told["client"] = (believed.address, (scope.get("client") or ("", 0))[1])
        if believed.scheme is not None:
            told["scheme"] = believed.scheme
        if believed.host is not None:
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            told["headers"] = [(b"host", believed.host.encode("latin-1")), *others]
        await self._app(told, receive, send)
