"""The engine alone, and the contract that load tests read."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from starlette.requests import Request

from loadtests.apps.contract import covers, order_of, other
from loadtests.apps.generators import Answering, Drawer, Gathering, build
from loadtests.service import exchange
from tests.serve.tiny_models import write_generator


def test_orders_side_by_side_are_drawn_whole(tmp_path: Path) -> None:
    args = {"slots": 4, "threads": 1, "generator": str(write_generator(tmp_path / "tiny"))}
    drawer = Drawer(args)
    orders = [{"lyrics": "the sea", "candidates": n, "seed": n} for n in (1, 6, 3)]

    async def run() -> list[int]:
        return await asyncio.gather(*map(drawer.draw, orders))

    try:
        assert asyncio.run(run()) == [1, 6, 3]
        assert drawer._engine.stats.drawn == 10
    finally:
        drawer._engine.stop()


@pytest.mark.parametrize(
    ("kind", "name", "way"),
    [("in_flight", "InFlight", Answering), ("batched", "Batched", Gathering)],
)
def test_the_kind_chooses_the_deployment(kind: str, name: str, way: type) -> None:
    bound = build({"kind": kind, "slots": 12, "replicas": 2})._bound_deployment
    assert (bound.name, bound.num_replicas) == (name, 2)
    assert isinstance(bound.func_or_class, type)
    assert issubclass(bound.func_or_class, way)
    assert issubclass(bound.func_or_class, Gathering) is (kind == "batched")


def request(method: str, path: str, body: bytes = b"") -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    return Request(scope, receive)


def test_answers_are_what_a_load_test_reads() -> None:
    order = {"lyrics": "x", "candidates": 2, "seed": 1}
    asked = request("POST", "/original/v1/covers", json.dumps(order).encode())
    assert asyncio.run(order_of(asked)) == order
    answer = covers([1.5, 2.5], {"total": 0.25})
    read = exchange.read_covers(json.loads(bytes(answer.body)), exchange.Request("x", 2, 1))
    assert read.kind is exchange.Kind.DONE
    assert read.timings == {"total": 0.25}
    assert json.loads(bytes(answer.body))["covers"][0]["score"] == 2.5


def test_anything_else_is_readiness_or_nothing() -> None:
    assert asyncio.run(order_of(request("GET", "/v1/covers"))) is None
    assert other(request("GET", "/original/readyz")).status_code == 200
    assert other(request("GET", "/original")).status_code == 404
