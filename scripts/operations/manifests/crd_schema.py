"""Manifests against the schema that KubeRay's CustomResourceDefinition gives; unknown keys are refused.

An API server drops what it does not know without a word (or with a warning); here a typo is an error.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from scripts.operations.manifests.errors import ManifestError
from scripts.operations.manifests.rendering import Manifest

KEPT = "x-kubernetes-preserve-unknown-fields"
MIXED = "x-kubernetes-int-or-string"
LEFT_OPEN = frozenset({"metadata"})
"""A CRD says nothing of these: they are Kubernetes' own."""


def read_schema(crd: Path, version: str) -> dict[str, Any]:
    """The schema of one version of a resource, closed to unknown keys.

    Raises:
        ManifestError: the file is missing or is no CRD, or has no such version.
    """
    try:
        document = yaml.load(
            crd.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
        versions = {entry["name"]: entry["schema"] for entry in document["spec"]["versions"]}
    except OSError as error:
        raise ManifestError(f"cannot read {crd}: {error.strerror}") from None
    except (yaml.YAMLError, KeyError, TypeError):
        raise ManifestError(f"{crd} is no CustomResourceDefinition") from None
    if version not in versions:
        raise ManifestError(f"{crd} has no version {version}, but {', '.join(sorted(versions))}")
    schema: dict[str, Any] = closed(versions[version]["openAPIV3Schema"])
    for name in LEFT_OPEN & set(schema["properties"]):
        schema["properties"][name].pop("additionalProperties", None)
    return schema


def closed(schema: Any) -> Any:
    """A copy whose objects take no other properties, and whose numbers may be text where a CRD says so."""
    if isinstance(schema, list):
        return [closed(entry) for entry in schema]
    if not isinstance(schema, dict):
        return copy.deepcopy(schema)
    made = {name: closed(value) for name, value in schema.items()}
    open_object = made.get(KEPT) or "additionalProperties" in made
    if (
        isinstance(made.get("properties"), dict)
        and made.get("type") == "object"
        and not open_object
    ):
        made["additionalProperties"] = False
    if made.get(MIXED) is True:
        made.pop("type", None)
        made["anyOf"] = [{"type": "integer"}, {"type": "string"}]
        made.pop("pattern", None)
    return made


def problems(manifest: Manifest, schema: dict[str, Any]) -> Iterator[str]:
    """What a manifest has that the schema does not allow, with its place."""
    checker = jsonschema.Draft202012Validator(schema)
    for error in sorted(
        checker.iter_errors(manifest), key=lambda error: list(map(str, error.path))
    ):
        place = ".".join(map(str, error.path)) or "the manifest"
        yield f"{place}: {error.message[:200]}"
