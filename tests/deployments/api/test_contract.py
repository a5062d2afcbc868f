"""Requests that the OpenAPI document allows, and others, by the hundred: every answer is documented."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deployments.api.application import build_api
from deployments.api.service import Service
from deployments.config.user_config import JobTunables
from deployments.pipeline.stage_calls import Stages
from deployments.telemetry.metrics_page import Exposition
from tests.deployments.conftest import Fake, Handle

EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the application over stages that answer at once, served over HTTP."""
    names = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")
    stages = Stages(**{name: Handle(Fake(name)) for name in names})
    service = Service(stages, tmp_path_factory.mktemp("data"), upscale=1)
    service.runner.tunables = JobTunables(pauses_s=(0.01,))
    app = build_api(service, Exposition(list))
    with socket.socket() as event_streams:
        event_streams.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [event_streams]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{event_streams.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_documented(url: str, mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_url(f"{url}/openapi.json")
    document = document.exclude(path="/metrics")  # needs a cluster: see tests/serve
    tried = 0
    for result in document.get_all_operations():
        operation = result.ok()
        tried += 1

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        try:
            check()
        except Unsatisfiable:  # nothing can be wrong with a request that has no parameters
            assert mode is GenerationMode.NEGATIVE
            tried -= 1
    assert tried >= 5
