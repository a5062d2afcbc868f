from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from yarl import URL

from songdalle_core import __version__
from songdalle_core.songs.fetching import Courtesy, Fetcher, user_agent
from songdalle_core.songs.provider import ProviderBusy, ProviderFailed
from tests.songs.server import ProviderServer, Reply

QUICK = {"gap": 0.0, "attempt_seconds": 0.4, "patience": 5.0, "attempts": 2}


def serve(
    replies: Sequence[Reply],
    use: Callable[[Fetcher, URL, ProviderServer], Awaitable[Any]],
    **courtesy: Any,
) -> Any:
    """What `use` returns of a fetcher of a server that answers `/page` so."""

    async def run() -> Any:
        async with ProviderServer({"/page": replies}) as server:
            fetcher = Fetcher(
                "Lamps", user_agent("https://example.org"), Courtesy(**QUICK | courtesy)
            )
            try:
                return await use(fetcher, URL(server.url) / "page", server)
            finally:
                await fetcher.close()

    return asyncio.run(run())


async def get(fetcher: Fetcher, url: URL, server: ProviderServer) -> tuple[bytes | None, int]:
    """The body, and how many requests it took."""
    body = await fetcher.get(url)
    return body, len(server.asked)


def test_the_user_agent_names_the_project() -> None:
    async def agent(fetcher: Fetcher, url: URL, server: ProviderServer) -> str:
        await fetcher.get(url)
        return server.asked[0].headers["User-Agent"]

    header = serve([Reply("lamp")], agent)
    assert header == f"SongDALL-E/{__version__} (+https://example.org)"


@pytest.mark.parametrize(
    ("first", "body", "requests"),
    [
        (Reply("lamp"), b"lamp", 1),
        (Reply(status=404), None, 1),
        (Reply(status=500), b"lamp", 2),
        (Reply("half", fault="cut"), b"lamp", 2),
        (Reply(fault="silent"), b"lamp", 2),
        (Reply(status=429, headers={"Retry-After": "1"}), b"lamp", 2),
    ],
    ids=["answer", "nothing", "error", "cut", "silent", "wait"],
)
def test_what_passes_is_tried_again(first: Reply, body: bytes | None, requests: int) -> None:
    assert serve([first, Reply("lamp")], get) == (body, requests)


@pytest.mark.parametrize(
    ("reply", "message", "requests"),
    [
        (Reply(status=500), "status 500", 2),
        (Reply(status=400), "status 400", 1),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:9/"}), "status 302", 1),
        (Reply("half", fault="cut"), "cannot be reached", 2),
        (Reply(fault="silent"), "in time", 2),
        (Reply(fault="endless"), "more than a song", 1),
    ],
    ids=["error", "refusal", "redirect", "cut", "silent", "endless"],
)
def test_what_fails(reply: Reply, message: str, requests: int) -> None:
    async def fail(fetcher: Fetcher, url: URL, server: ProviderServer) -> int:
        with pytest.raises(ProviderFailed, match=message):
            await fetcher.get(url)
        return len(server.asked)

    assert serve([reply], fail) == requests


def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    async def fail(fetcher: Fetcher, *_: Any) -> None:
        with pytest.raises(ProviderFailed, match="cannot be reached"):
            await fetcher.get(URL(f"http://127.0.0.1:{port}/page"))

    serve([Reply()], fail)


def test_patience_holds_for_all_attempts_together() -> None:
    async def fail(fetcher: Fetcher, url: URL, server: ProviderServer) -> None:
        with pytest.raises(ProviderFailed, match=r"within 0\.5 s"):
            await fetcher.get(url)

    serve([Reply(fault="silent")], fail, patience=0.5, attempts=9)


def test_an_unpacked_bomb_is_not_kept() -> None:
    import gzip

    packed = Reply(gzip.compress(b" " * 8 * 2**20), headers={"Content-Encoding": "gzip"})

    async def fail(fetcher: Fetcher, url: URL, server: ProviderServer) -> None:
        with pytest.raises(ProviderFailed, match="more than a song"):
            await fetcher.get(url)

    serve([packed], fail)


def test_a_long_wait_is_passed_on_and_kept() -> None:
    async def busy(fetcher: Fetcher, url: URL, server: ProviderServer) -> tuple[int, int]:
        for _ in range(2):
            with pytest.raises(ProviderBusy) as refused:
                await fetcher.get(url)
        return refused.value.retry_after, len(server.asked)

    wait, requests = serve([Reply(status=429, headers={"Retry-After": "900"})], busy)
    assert 895 <= wait <= 900
    assert requests == 1


@pytest.mark.parametrize("status", [403, 429])
def test_a_refusal_ends_it(status: int) -> None:
    async def busy(fetcher: Fetcher, url: URL, server: ProviderServer) -> tuple[int, int]:
        for _ in range(3):
            with pytest.raises(ProviderBusy) as refused:
                await fetcher.get(url)
        return refused.value.retry_after, len(server.asked)

    refusals = {"stops_on": frozenset({403, 429}), "rest": 600.0}
    wait, requests = serve([Reply(status=status), Reply("lamp")], busy, **refusals)
    assert 595 <= wait <= 600
    assert requests == 1


def test_requests_keep_their_distance() -> None:
    """The last of four arrives after three gaps; a busy machine only makes that later."""

    async def last(fetcher: Fetcher, url: URL, server: ProviderServer) -> float:
        began = time.monotonic()
        await asyncio.gather(*(fetcher.get(url) for _ in range(4)))
        return server.times[-1] - began

    assert serve([Reply("lamp")], last, gap=0.5) >= 1.49


def test_the_queue_is_bounded() -> None:
    async def crowd(fetcher: Fetcher, url: URL, server: ProviderServer) -> list[Any]:
        asked = (fetcher.get(url) for _ in range(5))
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = serve([Reply("lamp")], crowd, gap=0.05, waiting=3)
    assert answers[:3] == [b"lamp"] * 3
    assert all(isinstance(answer, ProviderBusy) for answer in answers[3:])
    assert serve([Reply("lamp")], get, waiting=1) == (b"lamp", 1)
