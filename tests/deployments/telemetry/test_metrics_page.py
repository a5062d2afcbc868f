"""Pages of Ray's agents, gathered over HTTP and made one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from deployments.contract.errors import MetricsUnavailable
from deployments.telemetry.metrics_page import Exposition, agents, merge

PAGE = """\
# HELP ray_songdalle_steps_total Steps, each a position.
# TYPE ray_songdalle_steps_total counter
ray_songdalle_steps_total{{node="{node}",otel_scope_name="a \\" }} b",otel_scope_version=""}} {value}
# HELP ray_tasks Tasks.
# TYPE ray_tasks gauge
ray_tasks{{node="{node}"}} 9.0
# HELP ray_serve_wait_ms Wait.
# TYPE ray_serve_wait_ms histogram
ray_serve_wait_ms_bucket{{le="+Inf",node="{node}",otel_scope_name="x"}} 4.0
ray_serve_wait_ms_count{{node="{node}",otel_scope_name="x"}} 4.0
ray_serve_wait_ms_sum{{node="{node}",otel_scope_name="x"}} 8.0
"""


def gather(
    answers: list[Callable[[], web.StreamResponse | float]], patience: float = 60.0
) -> bytes:
    """What an exposition makes of agents that answer so; a number means to sleep first."""

    async def run() -> bytes:
        async def answer(request: web.Request) -> web.StreamResponse:
            made = answers[int(request.match_info["number"])]()
            if isinstance(made, float):
                await asyncio.sleep(made)
                return web.Response(text="")
            return made

        app = web.Application()
        app.router.add_get("/{number}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        addresses = [f"http://127.0.0.1:{port}/{number}" for number in range(len(answers))]
        try:
            return await Exposition(lambda: addresses, patience).page()
        finally:
            await runner.cleanup()

    return asyncio.run(run())


def test_pages_become_one_that_can_be_parsed() -> None:
    pages = [PAGE.format(node=node, value=value) for node, value in (("a", 1.0), ("b", 2.0))]
    page = gather([lambda text=text: web.Response(text=text) for text in pages]).decode()
    assert "otel_scope" not in page
    assert page.count("# TYPE") == 2
    families = {family.name: family for family in text_string_to_metric_families(page)}
    assert set(families) == {"ray_songdalle_steps", "ray_serve_wait_ms"}
    steps = {s.labels["node"]: s.value for s in families["ray_songdalle_steps"].samples}
    assert steps == {"a": 1.0, "b": 2.0}
    assert len(families["ray_serve_wait_ms"].samples) == 6


def test_a_series_stands_once() -> None:
    page = PAGE.format(node="a", value=1.0)
    assert merge([page, page]) == merge([page])


@pytest.mark.parametrize(
    ("answer", "patience", "reason"),
    [(lambda: web.Response(status=500), 60.0, "500"), (lambda: 60.0, 0.3, "within 0.3 s")],
)
def test_a_page_without_a_node_is_no_page(
    answer: Callable[[], web.Response], patience: float, reason: str
) -> None:
    with pytest.raises(MetricsUnavailable, match=reason):
        gather([lambda: web.Response(text=PAGE.format(node="a", value=1.0)), answer], patience)


def test_no_agents_and_unreachable_agents() -> None:
    with pytest.raises(MetricsUnavailable, match="no node"):
        asyncio.run(Exposition(lambda: []).page())
    with pytest.raises(MetricsUnavailable, match=r"127\.0\.0\.1:9"):
        asyncio.run(Exposition(lambda: ["http://127.0.0.1:9/metrics"]).page())


def test_many_who_ask_at_once_cost_one_round() -> None:
    asked = []

    def find() -> list[str]:
        asked.append(True)
        return []

    async def run() -> None:
        exposition = Exposition(find)
        exposition._page, exposition._made = b"x", float("inf")
        assert await asyncio.gather(*[exposition.page() for _ in range(5)]) == [b"x"] * 5

    asyncio.run(run())
    assert not asked


def test_agents_of_any_kind_of_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def node(host: str, port: int, alive: bool = True) -> dict[str, object]:
        return {"NodeManagerAddress": host, "MetricsExportPort": port, "Alive": alive}

    nodes = [
        node("10.0.0.7", 8080), node("fd00::2", 8081), node("[fd00::3]", 8082), node("head", 8083),
        node("10.0.0.8", 8084, alive=False), node("10.0.0.9", 0),
    ]  # fmt: skip
    monkeypatch.setattr("ray.nodes", lambda: nodes)
    assert agents() == [
        "http://10.0.0.7:8080/metrics",
        "http://[fd00::2]:8081/metrics",
        "http://[fd00::3]:8082/metrics",
        "http://head:8083/metrics",
    ]
