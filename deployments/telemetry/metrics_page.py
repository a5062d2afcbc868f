"""The whole cluster's metrics as one page in Prometheus' text format.

Ray's metrics agent on each node serves what that node's processes report. A registry in the ingress would be
one of several, of which the proxy picks another each time, so that counters would jump.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Sequence

import aiohttp
import ray
from yarl import URL

from deployments.contract.errors import MetricsUnavailable

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FAMILIES = ("ray_serve_", "ray_songdalle_")
PATIENCE = 5.0  # seconds for all agents together; Prometheus gives a scrape ten
FRESH = 1.0  # seconds for which a page is served again
MAX_PAGE = 64 * 2**20  # bytes of one agent's

_HEADER = re.compile(r"# (?:HELP|TYPE) (\S+)")
_INTERNAL = re.compile(r'otel_scope_\w+="(?:[^"\\]|\\.)*",?')

Agents = Callable[[], Sequence[str]]


def agents() -> list[str]:
    """Addresses of the metrics agents of all living nodes."""
    return [
        _address(node["NodeManagerAddress"], node["MetricsExportPort"])
        for node in ray.nodes()  # type: ignore[no-untyped-call]
        if node["Alive"] and node.get("MetricsExportPort")
    ]


def _address(host: str, port: int) -> str:
    """Of an agent, whose host may be an IPv6 address, with brackets or without."""
    return str(URL.build(scheme="http", host=host.strip("[]"), port=port, path="/metrics"))


class Exposition:
    """Gathers the page, at most once a second however many ask.

    Args:
        find: lists the agents; it may block.
        patience: seconds for all of them to answer.
    """

    def __init__(self, find: Agents = agents, patience: float = PATIENCE) -> None:
        self._find = find
        self._patience = patience
        self._gathering = asyncio.Lock()
        self._page = b""
        self._made = -FRESH

    async def page(self) -> bytes:
        """The page.

        Raises:
            MetricsUnavailable: an agent does not answer; a page without its node would make sums fall.
        """
        async with self._gathering:
            if time.monotonic() - self._made >= FRESH:
                self._page = await self._gather()
                self._made = time.monotonic()
            return self._page

    async def _gather(self) -> bytes:
        try:
            async with asyncio.timeout(self._patience), aiohttp.ClientSession() as session:
                agents = await asyncio.to_thread(self._find)
                pages = await asyncio.gather(*[_read(session, agent) for agent in agents])
        except TimeoutError:
            raise MetricsUnavailable(
                f"Ray's metrics agents did not all answer within {self._patience:g} s"
            ) from None
        if not pages:
            raise MetricsUnavailable("no node of the cluster has a metrics agent")
        return (await asyncio.to_thread(merge, pages)).encode()


async def _read(session: aiohttp.ClientSession, agent: str) -> str:
    try:
        async with session.get(agent) as response:
            response.raise_for_status()
            body = bytearray()
            async for chunk in response.content.iter_chunked(2**18):
                body += chunk
                if len(body) > MAX_PAGE:
                    raise MetricsUnavailable(f"the page of {agent} does not end")
            return body.decode()
    except (aiohttp.ClientError, UnicodeDecodeError) as error:
        raise MetricsUnavailable(f"Ray's metrics agent {agent} failed: {error}") from None


def merge(pages: Iterable[str]) -> str:
    """One page of several, of the families that are wanted; each family and each series stands once.

    Without the labels that tell of OpenTelemetry's inside.
    """
    headers: dict[str, dict[str, None]] = {}
    samples: dict[str, dict[str, str]] = {}
    for page in pages:
        family = ""
        for line in page.splitlines():
            if header := _HEADER.match(line):
                family = header[1] if header[1].startswith(FAMILIES) else ""
                if family:
                    headers.setdefault(family, {})[line] = None
            elif family and line and not line.startswith("#"):
                series, _, value = _INTERNAL.sub("", line).rpartition(" ")
                samples.setdefault(family, {})[series.replace(",}", "}")] = value
    lines: list[str] = []
    for family, values in samples.items():
        kinds = {header.split(" ", 2)[1]: header for header in headers[family]}
        lines += kinds.values()
        lines += [f"{series} {value}" for series, value in values.items()]
    return "\n".join(lines) + "\n"
