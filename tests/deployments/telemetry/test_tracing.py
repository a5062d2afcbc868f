from __future__ import annotations

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pydantic import ValidationError

from deployments.config.user_config import IngressTunables, OtlpTraces, TracingTunables
from deployments.telemetry import tracing

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_is_imported_while_tracing_is_off() -> None:
    code = """
import sys
import ray.serve
before = {name for name in sys.modules if name.startswith("opentelemetry")}
from deployments.telemetry import tracing
from deployments.config.user_config import TracingTunables
tracing.configure(TracingTunables())
tracing.incoming({"traceparent": "x"})
with tracing.request_span("covers"), tracing.span("clean"):
    pass
after = {name for name in sys.modules if name.startswith("opentelemetry")}
assert after == before, after - before
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=120)


def test_the_exporter_is_chosen_by_its_kind() -> None:
    tunables = IngressTunables.model_validate({"tracing": {"exporter": {"kind": "otlp"}}})
    assert isinstance(tunables.tracing.exporter, OtlpTraces)
    assert IngressTunables().tracing.exporter is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", "/v1/traces"),
        ("/", "/v1/traces"),
        ("//", "/v1/traces"),
        ("?tenant=a", "/v1/traces?tenant=a"),
        ("/v1/traces", "/v1/traces"),
        ("/otlp/v1/traces", "/otlp/v1/traces"),
        ("/spans/", "/spans/"),
    ],
)
def test_spans_arrive_where_the_collector_expects_them(written: str, meant: str) -> None:
    posted: list[tuple[str, int]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((self.path, len(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}{written}"
        exporter = {"kind": "otlp", "endpoint": endpoint}
        tracing.configure(TracingTunables.model_validate({"exporter": exporter}))
        try:
            with tracing.request_span("covers"), tracing.span("clean"):
                pass
            provider = tracing._provider
            assert provider is not None
            assert provider.force_flush()
            provider.shutdown()
        finally:
            tracing.configure(TracingTunables())
            server.shutdown()
    assert [path for path, _ in posted] == [meant]
    assert posted[0][1] > 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"exporter": {"kind": "jaeger"}}, "otlp"),
        ({"exporter": {"kind": "file"}}, "folder"),
        ({"exporter": {"kind": "otlp", "endpoint": "localhost"}}, "endpoint"),
        ({"exporter": {"kind": "otlp", "endpoint": "localhost:4318"}}, "write http://host:4318"),
        ({"exporter": {"kind": "otlp", "endpoint": "grpc://localhost:4317"}}, "no HTTP address"),
        ({"exporter": {"kind": "otlp", "endpoint": "http:///v1/traces"}}, "no HTTP address"),
        ({"exporter": {"kind": "otlp", "endpoint": "http://a:99999"}}, "no HTTP address"),
        ({"share": 2}, "share"),
    ],
)
def test_nonsense_is_refused(given: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        IngressTunables.model_validate({"tracing": given})
