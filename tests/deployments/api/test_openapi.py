"""The document that describes the HTTP contract."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
import schemathesis
import uvicorn
from fastapi.openapi.models import OpenAPI
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from deployments.api.application import build_api
from deployments.api.openai.errors import speaks_openai
from deployments.api.openapi import EXAMPLES
from deployments.api.service import Service
from deployments.config.user_config import JobTunables
from deployments.pipeline.stage_calls import Stages
from deployments.telemetry.metrics_page import Exposition
from songdalle_core.imagegen.model.options import SamplingOptions
from tests.deployments.conftest import Fake, Handle

Song = Callable[..., dict[str, Any]]
PROBLEM = "application/problem+json"
CASES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_bounds_are_those_of_the_sampler(client: TestClient) -> None:
    """A request that the document allows is one that the sampler takes."""
    shapes = client.get("/openapi.json").json()["components"]["schemas"]["CoverRequest"]
    for name in ("temperature", "top_p", "top_k"):
        bounds = shapes["properties"][name]["anyOf"][0]
        if "maximum" in bounds and name != "top_k":
            SamplingOptions(**{name: bounds["maximum"]})
            with pytest.raises(ValueError, match=name):
                SamplingOptions(**{name: bounds["maximum"] + 0.01})
        low = bounds.get("exclusiveMinimum", bounds.get("minimum", 0) - 1)
        with pytest.raises(ValueError, match=name):
            SamplingOptions(**{name: low})


def test_openapi_is_valid_and_complete(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    OpenAPI.model_validate(document)
    assert set(document["paths"]) == {
        "/v1/covers",
        "/v1/covers/{cover_id}",
        "/v1/covers/{cover_id}/covers.zip",
        "/v1/covers/{cover_id}/events",
        "/v1/covers/{cover_id}/ratings",
        "/v1/ratings/summary",
        "/v1/covers/{cover_id}/images/{rank}.png",
        "/v1/covers/{cover_id}/images/{rank}/release",
        "/v1/images/generations",
        "/v1/images/{cover_id}/{rank}.png",
        "/v1/images/{cover_id}/{rank}.jpeg",
        "/v1/images/{cover_id}/{rank}.webp",
        "/v1/songs",
        "/v1/songs/{song_id}",
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/models",
        "/v1/models/{model}",
    }
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in _references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas
    operations = [(p, o) for p, path in document["paths"].items() for o in path.values()]
    assert len({o["operationId"] for _, o in operations}) == len(operations)
    for path, operation in operations:
        kind = "application/json" if speaks_openai(path) else PROBLEM
        assert operation["summary"]
        assert operation["description"]
        for status, response in operation["responses"].items():
            if int(status) >= 400 and operation["summary"] != "Does every stage answer?":
                assert set(response["content"]) == {kind}
    assert "HTTPValidationError" not in schemas
    request = schemas["CoverRequest"]
    assert request["additionalProperties"] is False
    assert all("title" in p for p in request["properties"].values())


def test_answers_have_the_documented_shape(client: TestClient, song: Song) -> None:
    document = client.get("/openapi.json").json()

    def check(name: str, answer: Any) -> None:
        schema = {**document, "$ref": f"#/components/schemas/{name}"}
        jsonschema.Draft202012Validator(schema).validate(answer)

    for name, example in EXAMPLES.items():
        check(name, example)
    check("CoverSet", client.post("/v1/covers", json=song()).json())
    check("Problem", client.post("/v1/covers", json={"a": 1}).json())
    check("Problem", client.get("/nothing").json())
    check("Readiness", client.get("/readyz").json())
    check("Models", client.get("/v1/models").json())
    for example in document["components"]["schemas"]["CoverRequest"]["examples"]:
        check("CoverRequest", example)
        assert client.post("/v1/covers", json=example).status_code == 200


def test_docs_are_served(client: TestClient) -> None:
    assert "/openapi.json" in client.get("/docs").text


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for entry in node:
            yield from _references(entry)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the application over stages that answer at once, served over HTTP."""
    names = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")
    stages = Stages(**{name: Handle(Fake(name)) for name in names})
    service = Service(stages, tmp_path_factory.mktemp("data"), upscale=1)
    service.runner.tunables = JobTunables(pauses_s=(0.01,))
    app = build_api(service, Exposition(list))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_documented(url: str, mode: GenerationMode) -> None:
    """Requests that the document allows, and others, by the hundred."""
    document = schemathesis.openapi.from_url(f"{url}/openapi.json")
    document = document.exclude(path="/metrics")  # needs a cluster: see tests/serve
    tried = 0
    for result in document.get_all_operations():
        operation = result.ok()
        tried += 1

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=CASES,
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
