"""Several clients at once: sharing, leaving, and being too many."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx2

from tests.serve.conftest import Draw

SONG = "풍선을 타고 날아가는 예쁜 꿈"
WAIT_SECONDS = 60.0


def order(**changes: Any) -> dict[str, Any]:
    return {"lyrics": SONG, "candidates": 12, "seed": 7} | changes


def stats(generator: Any) -> dict[str, int]:
    """The engine's counters."""
    counters: dict[str, int] = generator.stats.remote().result(timeout_s=30)
    return counters


def settle(generator: Any) -> dict[str, int]:
    """The engine's counters once it is idle."""
    end = time.monotonic() + WAIT_SECONDS
    while (now := stats(generator))["occupied"] or now["waiting"]:
        assert time.monotonic() < end, f"the engine is still busy: {now}"
        time.sleep(0.1)
    return now


def open_client(address: str) -> httpx2.AsyncClient:
    every = httpx2.Limits(max_connections=None)
    return httpx2.AsyncClient(base_url=address, timeout=180, trust_env=False, limits=every)


async def pictures(client: httpx2.AsyncClient, made: dict[str, Any]) -> dict[int, bytes]:
    """PNG bytes by seed."""
    return {c["seed"]: (await client.get(c["url"])).content for c in made["covers"]}


def test_a_seed_ignores_the_crowd(address: str) -> None:
    async def run() -> None:
        async with open_client(address) as client:
            alone = (await client.post("/v1/covers", json=order())).json()
            others = [
                client.post("/v1/covers", json=order(seed=100 * n, candidates=n, style="photo"))
                for n in (1, 5, 24)
            ]
            answers = await asyncio.gather(client.post("/v1/covers", json=order()), *others)
            assert [a.status_code for a in answers] == [200] * 4
            assert [len(a.json()["covers"]) for a in answers] == [12, 1, 5, 24]
            crowded = answers[0].json()
            assert await pictures(client, crowded) == await pictures(client, alone)
            assert [c["seed"] for c in crowded["covers"]] == [c["seed"] for c in alone["covers"]]

    asyncio.run(run())


def test_requests_share_steps(address: str, generator: Any) -> None:
    """Two sets drawn side by side take the steps of one, not of two."""

    async def post(count: int) -> None:
        async with open_client(address) as client:
            orders = [order(seed=n, candidates=6) for n in range(count)]
            posts = [client.post("/v1/covers", json=each) for each in orders]
            assert [a.status_code for a in await asyncio.gather(*posts)] == [200] * count

    def steps(count: int) -> int:
        before = settle(generator)["steps"]
        asyncio.run(post(count))
        return settle(generator)["steps"] - before

    assert steps(3) < 2.5 * steps(1)


def test_health_answers_while_drawing(address: str, generator: Any) -> None:
    async def run() -> None:
        async with open_client(address) as client:
            orders = [order(seed=n, candidates=24) for n in range(3)]
            drawing = asyncio.gather(*[client.post("/v1/covers", json=o) for o in orders])
            await _until_drawing(generator)
            assert (await client.get("/healthz")).status_code == 200
            assert not drawing.done(), "the drawing ended first: nothing was shown"
            assert [answer.status_code for answer in await drawing] == [200] * 3

    settle(generator)
    asyncio.run(run())


def test_a_client_that_leaves_frees_its_slots(address: str, generator: Any) -> None:
    async def run() -> None:
        async with open_client(address) as client:
            wanted = [order(seed=1000 * n, candidates=24) for n in range(6)]
            posts = [asyncio.create_task(client.post("/v1/covers", json=each)) for each in wanted]
            await _until_drawing(generator)
            for post in posts:
                post.cancel()
            await asyncio.gather(*posts, return_exceptions=True)

    before = settle(generator)
    asyncio.run(run())
    after = settle(generator)
    assert after["cancelled"] > before["cancelled"]
    assert after["drawn"] - before["drawn"] < 6 * 24 / 2


def test_too_many_are_told_when_to_come_back(
    address: str, generator: Any, document: dict[str, Any], draw: Draw
) -> None:
    ingress = document["applications"][0]["deployments"][0]
    jobs = ingress["user_config"]["jobs"]
    crowd = jobs["drawing"] // 24 + jobs["waiting"] + 6
    assert crowd < ingress["max_ongoing_requests"]

    async def run() -> httpx2.Response:
        async with open_client(address) as client:
            wanted = [order(seed=1000 * n, candidates=24) for n in range(crowd)]
            posts = {asyncio.create_task(client.post("/v1/covers", json=each)) for each in wanted}
            refused: httpx2.Response | None = None
            pending = posts
            while pending and refused is None:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for post in done:
                    answer = post.result()
                    assert answer.status_code in (200, 503), answer.text[:300]
                    refused = answer if answer.status_code == 503 else refused
            for post in pending:
                post.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        assert refused is not None, "nobody was refused"
        return refused

    settle(generator)
    refused = asyncio.run(run())
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"].endswith("overloaded")
    settle(generator)
    assert draw(SONG, candidates=1).status_code == 200


async def _until_drawing(generator: Any) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not (await generator.stats.remote())["occupied"]:
        assert time.monotonic() < end, "drawing never began"
        await asyncio.sleep(0.02)
