"""Traces of the running application: switched on in place, sent to a collector and written to a file."""

from __future__ import annotations

import copy
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.serve.conftest import NAME, Draw, wait_until_running

SONG = "풍선을 타고 날아가는 예쁜 꿈"
STAGES = {
    "clean", "sentiment", "summarize", "translate", "prompt", "generate", "rerank", "store",
}  # fmt: skip

Spans = "queue.Queue[Any]"


@pytest.fixture
def collector() -> Iterator[tuple[str, Spans]]:
    """A collector's address, and the spans that it got."""
    spans: Spans = queue.Queue()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        spans.put(span)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", spans
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def traced(document: dict[str, Any], address: str) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Switches tracing in the running application, and off again."""

    def switch(tracing: dict[str, Any]) -> None:
        from ray import serve
        from ray.serve.context import _get_global_client
        from ray.serve.schema import ServeDeploySchema

        changed = copy.deepcopy(document)
        for deployment in changed["applications"][0]["deployments"]:
            if deployment["name"] == "Ingress":
                deployment["user_config"]["tracing"] = tracing
        config = ServeDeploySchema.model_validate(changed)
        _get_global_client().deploy_apps(config, _blocking=False)
        end = time.monotonic() + 60
        while serve.status().applications[NAME].status == "DEPLOYING":
            assert time.monotonic() < end
            time.sleep(0.1)
        time.sleep(1)
        wait_until_running()

    yield switch
    switch({"exporter": None, "share": 1.0})


def test_one_trace_a_request_with_its_stages(
    collector: tuple[str, Spans], traced: Callable[..., None], client: httpx2.Client
) -> None:
    endpoint, spans = collector
    traced({"exporter": {"kind": "otlp", "endpoint": endpoint}})
    caller = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    headers = {"traceparent": f"00-{caller[0]}-{caller[1]}-01"}
    body = {"lyrics": SONG, "candidates": 2}
    assert client.post("/v1/covers", json=body, headers=headers).status_code == 200
    by_name: dict[str, Any] = {}
    while set(by_name) != STAGES | {"covers"}:
        span = spans.get(timeout=30)
        if span.trace_id.hex() == caller[0]:  # a job of another test may still be drawn
            assert span.name not in by_name or span.name == "rerank"  # once for each half
            by_name.setdefault(span.name, span)
    root = by_name["covers"]
    assert root.parent_span_id.hex() == caller[1]
    for name in STAGES:
        assert by_name[name].parent_span_id == root.span_id, name
        assert root.start_time_unix_nano <= by_name[name].start_time_unix_nano
        assert by_name[name].end_time_unix_nano <= root.end_time_unix_nano
    assert by_name["clean"].end_time_unix_nano <= by_name["summarize"].start_time_unix_nano
    assert SONG.encode() not in b"".join(s.SerializeToString() for s in by_name.values())


def test_requests_side_by_side_have_traces_of_their_own(
    traced: Callable[..., None], draw: Draw, tmp_path: Path
) -> None:
    traced({"exporter": {"kind": "file", "folder": str(tmp_path / "spans")}})
    threads = [threading.Thread(target=draw, args=(SONG,), kwargs={"seed": n}) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end = time.monotonic() + 30
    while True:
        files = list((tmp_path / "spans").glob("*.jsonl"))
        traces: dict[str, set[str]] = {}
        for line in "".join(path.read_text() for path in files).splitlines():
            span = json.loads(line)
            traces.setdefault(span["context"]["trace_id"], set()).add(span["name"])
        if list(traces.values()) == [STAGES | {"covers"}] * 3:
            break
        assert time.monotonic() < end, traces
        time.sleep(0.5)
