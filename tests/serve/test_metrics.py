"""`GET /metrics` of the running application, Prometheus that reads it, and the dashboard over both."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deployments.telemetry.metrics import ALL
from tests.serve.conftest import ROOT, Draw
from tests.serve.prometheus import programs, prometheus, query, wait_for
from tests.serve.test_crowd import order
from tests.serve.test_streaming import listen

DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
SONG = "풍선을 타고 날아가는 예쁜 꿈"
# Nothing goes wrong in these tests for certain, and a counter is not exported before it counts.
RARE = {
    "retries", "fallbacks", "translator_stand_ins", "engine_cancelled", "jobs_taken_up",
    "prompts_refused", "withheld",
}  # fmt: skip
LAG = 30.0


@pytest.fixture(scope="module", autouse=True)
def _watched(client: httpx2.Client) -> None:
    """Somebody looks on while covers are drawn: only then are there previews."""
    names = [event.name for event in listen(client, order(seed=21))]
    assert "preview" in names


Value = Callable[..., float]


def value(client: httpx2.Client, name: str, **labels: str) -> float:
    """Sum of a sample over all series with these labels."""
    response = client.get("/metrics")
    assert response.status_code == 200, response.text[:300]
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = [s for f in text_string_to_metric_families(response.text) for s in f.samples]
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


def expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def reach(read: Callable[[], float], wanted: float) -> None:
    """Wait for Ray's next reports to bring a value up to `wanted`, and no further."""
    end = time.monotonic() + LAG
    while (now := read()) < wanted:
        assert time.monotonic() < end, f"{now} never became {wanted}"
        time.sleep(0.5)
    assert now == pytest.approx(wanted)


def test_a_request_is_counted_once(client: httpx2.Client, draw: Draw) -> None:
    def done() -> float:
        return value(client, "ray_songdalle_requests_total", outcome="done")

    def images() -> float:
        return value(client, "ray_songdalle_images_total")

    draw(SONG)
    time.sleep(3)  # what came before has been reported
    before = done(), images()
    for _ in range(2):
        assert draw(SONG, candidates=5).status_code == 200
    reach(done, before[0] + 2)
    reach(images, before[1] + 10)
    for stage in ("clean", "summarize", "translate", "sentiment", "prompt", "generate", "rerank"):
        assert value(client, "ray_songdalle_stage_seconds_total", stage=stage) > 0
    for stage in ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker"):
        assert value(client, "ray_songdalle_work_seconds_total", worker=stage) > 0
    assert value(client, "ray_serve_num_http_requests_total", route="/v1/covers") > 0


def test_nothing_is_left_once_all_is_done(client: httpx2.Client, generator: Any) -> None:
    for name in ("engine_slots_in_use", "queue_depth", "requests_in_progress"):
        end = time.monotonic() + LAG
        while value(client, f"ray_songdalle_{name}"):
            assert time.monotonic() < end, name
            time.sleep(0.5)
    assert generator.stats.remote().result(timeout_s=30)["occupied"] == 0
    sizes = generator.describe.remote().result(timeout_s=30).details
    slots = value(client, "ray_songdalle_engine_slots", deployment="Pictures")
    assert slots == sizes["slots"]


def test_who_leaves_is_counted_and_leaves_nothing(
    client: httpx2.Client, address: str, generator: Any
) -> None:
    def left() -> float:
        return value(client, "ray_songdalle_requests_total", outcome="cancelled")

    def given_up() -> float:
        return value(client, "ray_songdalle_engine_cancelled_total")

    async def leave() -> None:
        async with httpx2.AsyncClient(base_url=address, timeout=180, trust_env=False) as visitor:
            order = {"lyrics": SONG, "candidates": 24}
            posts = [asyncio.create_task(visitor.post("/v1/covers", json=order)) for _ in range(3)]
            end = time.monotonic() + LAG
            while not (await generator.stats.remote())["occupied"]:
                assert time.monotonic() < end
                await asyncio.sleep(0.02)
            for post in posts:
                post.cancel()
            await asyncio.gather(*posts, return_exceptions=True)

    before = left(), given_up()
    asyncio.run(leave())
    end = time.monotonic() + LAG
    while left() < before[0] + 3 or given_up() <= before[1]:
        assert time.monotonic() < end, (before, left(), given_up())
        time.sleep(0.5)
    test_nothing_is_left_once_all_is_done(client, generator)


def test_every_series_stands_once(client: httpx2.Client) -> None:
    lines = [line for line in client.get("/metrics").text.splitlines() if line[0] != "#"]
    series = [line.rpartition(" ")[0] for line in lines]
    assert len(set(series)) == len(series) > 100


def test_what_is_promised_is_exported(client: httpx2.Client, draw: Draw) -> None:
    assert draw(SONG).status_code == 200
    promised = {name for m in ALL if m.name not in RARE for name in m.exported}
    end = time.monotonic() + LAG
    while missing := promised - set(re.findall(r"^(\w+)\{", client.get("/metrics").text, re.M)):
        assert time.monotonic() < end, missing
        time.sleep(0.5)


@pytest.fixture(scope="module")
def server(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus(address, tmp_path_factory.mktemp("prometheus")) as server:
        yield server


def test_prometheus_answers_a_query(server: str, draw: Draw, client: httpx2.Client) -> None:
    assert draw(SONG, candidates=4).status_code == 200
    assert wait_for(server, "up")[0]["value"][1] == "1"
    rate = "sum(rate(ray_songdalle_images_total[30s])) > 0"
    end = time.monotonic() + LAG
    while not query(server, rate):
        assert time.monotonic() < end, "prometheus never saw a picture"
        assert draw(SONG, candidates=4).status_code == 200
        time.sleep(1)
    stages = query(server, "sum by (stage) (ray_songdalle_stage_seconds_total)")
    assert {"clean", "generate", "rerank"} <= {series["metric"]["stage"] for series in stages}


@pytest.mark.parametrize("expression", expressions())
def test_the_dashboard_asks_for_what_there_is(
    expression: str, server: str, client: httpx2.Client
) -> None:
    """Names are exported, labels are there, and Prometheus understands the query."""
    names = set(re.findall(r"\bray_\w+", expression))
    ours = {name for metric in ALL for name in metric.exported}
    page = client.get("/metrics").text
    assert names
    for name in names:
        assert name in ours or re.search(rf"^{name}{{", page, re.M), name
    rare = any(f"ray_songdalle_{name}" in expression for name in RARE)
    asked = expression.replace("$__rate_interval", "5m")
    vector = query(server, asked) if rare else wait_for(server, asked, LAG)
    for label in re.findall(r"by \(([\w, ]+)\)", asked):
        for row in vector:
            assert set(label.split(", ")) - {"le"} <= set(row["metric"])


def test_promtool_accepts_the_configuration(tmp_path: Path) -> None:
    tool = programs(tmp_path) / "promtool"
    config = ROOT / "deploy" / "prometheus.yml"
    done = subprocess.run([tool, "check", "config", config], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
