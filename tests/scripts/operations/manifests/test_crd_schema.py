from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.operations.manifests.crd_schema import problems, read_schema
from scripts.operations.manifests.errors import ManifestError
from scripts.operations.manifests.rendering import Manifest
from tests.scripts.operations.manifests.conftest import dig

PORT = {"x-kubernetes-int-or-string": True, "pattern": "^[0-9]+$"}
SCHEMA = {
    "type": "object",
    "properties": {
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer"},
                "port": PORT,
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "free": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}},
                    "x-kubernetes-preserve-unknown-fields": True,
                },
                "parts": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                },
            },
        },
    },
}


@pytest.fixture
def schema(tmp_path: Path) -> dict[str, Any]:
    versions = [{"name": "v1", "schema": {"openAPIV3Schema": SCHEMA}}]
    (tmp_path / "crd.yaml").write_text(yaml.safe_dump({"spec": {"versions": versions}}))
    return read_schema(tmp_path / "crd.yaml", "v1")


def test_what_the_schema_knows_passes(schema: dict[str, Any]) -> None:
    spec = {"size": 1, "port": "http", "labels": {"any": "thing"}, "free": {"b": 1}}
    assert list(problems({"metadata": {"any": 1}, "spec": spec}, schema)) == []
    assert list(problems({"spec": {"size": 1, "port": 80, "parts": [{"name": "a"}]}}, schema)) == []


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ({}, "spec: 'size' is a required property"),
        ({"size": "1"}, "spec.size: '1' is not of type 'integer'"),
        ({"size": 1, "sizes": 2}, "('sizes' was unexpected)"),
        ({"size": 1, "parts": [{"nam": "a"}]}, "spec.parts.0: Additional properties"),
        ({"size": 1, "port": 1.5}, "spec.port: 1.5 is not valid"),
    ],
)
def test_what_it_does_not_know_is_told(
    schema: dict[str, Any], spec: dict[str, Any], complaint: str
) -> None:
    (told,) = problems({"spec": spec}, schema)
    assert complaint in told


@pytest.mark.parametrize("text", ["", "kind: Pod", "spec: [", "spec: {versions: [{name: v1}]}"])
def test_a_file_that_is_no_crd_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "crd.yaml"
    with pytest.raises(ManifestError, match="cannot read"):
        read_schema(file, "v1")
    file.write_text(text)
    with pytest.raises(ManifestError, match="is no CustomResourceDefinition"):
        read_schema(file, "v1")


def test_kuberays_schema_refuses_the_usual_typos(crd: Path, service: Manifest) -> None:
    schema = read_schema(crd, "v1")
    assert list(problems(service, schema)) == []
    spec = service["spec"]
    dig(spec, "rayClusterConfig", "workerGroupSpecs", 0)["maxReplica"] = 3
    dig(spec, "rayClusterConfig", "headGroupSpec", "template", "spec", "containers", 0)["img"] = "x"
    spec["rayClusterSpec"] = spec["rayClusterConfig"]
    told = " ".join(problems(service, schema))
    for typo in ("maxReplica", "img", "rayClusterSpec"):
        assert f"'{typo}' was unexpected" in told
    with pytest.raises(ManifestError, match="has no version v2, but v1, v1alpha1"):
        read_schema(crd, "v2")
