"""What Ray Serve itself says of a config, and the keys that it drops without a word."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from ray.serve.config import AutoscalingConfig, AutoscalingPolicy
from ray.serve.schema import ServeDeploySchema

FREE = {"args", "user_config", "runtime_env", "resources"}
"""Keys whose values are not Ray's: the application's own, or names that the cluster's owner makes."""


def schema_faults(document: dict[str, Any]) -> Iterator[str]:
    """What Ray would refuse, and what it would drop."""
    try:
        config = ServeDeploySchema.model_validate(document)
        for application in config.applications:
            for deployment in application.deployments:
                if isinstance(deployment.autoscaling_config, dict):  # which the schema lets through
                    AutoscalingConfig.model_validate(deployment.autoscaling_config)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            place = ".".join(map(str, fault["loc"]))
            yield f"{place}: {fault['msg'].removeprefix('Value error, ')}".removeprefix(": ")
    except ValueError as error:
        yield str(error)
    known = _names(ServeDeploySchema)
    for place in unknown_keys(document, ServeDeploySchema):
        close = difflib.get_close_matches(place.rpartition(".")[2], known, 1)
        meant = f"; is it {close[0]}?" if close else ""
        yield f"{place}: Ray has no such key and drops it without a word{meant}"


def unknown_keys(value: Any, kind: Any, path: str = "") -> Iterator[str]:
    """Paths in `value` that no pydantic model below `kind` has a field for."""
    if path.endswith(".autoscaling_policy"):  # a dict in Serve's schema, this model in Serve
        kind = AutoscalingPolicy
    for model in _models(kind):
        if isinstance(value, dict):
            known = {name: field.annotation for name, field in model.model_fields.items()}
            for key, inner in value.items():
                here = f"{path}.{key}".lstrip(".")
                if key not in known:
                    yield here
                elif key not in FREE:
                    yield from unknown_keys(inner, known[key], here)
            return
    if isinstance(value, list):
        for number, inner in enumerate(value):
            for argument in _arguments(kind, list):
                yield from unknown_keys(inner, argument, f"{path}[{number}]")


def _names(kind: Any) -> list[str]:
    """Names of all keys below a type."""
    names: set[str] = set()
    for model in _models(kind):
        for name, field in model.model_fields.items():
            names |= {name, *_names(field.annotation)}
    for argument in _arguments(kind, list):
        names |= {*_names(argument)}
    return sorted(names)


def _alternatives(kind: Any) -> Iterator[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif origin in (Union, types.UnionType):
        for argument in get_args(kind):
            yield from _alternatives(argument)
    elif origin is not Literal:
        yield kind


def _models(kind: Any) -> list[type[BaseModel]]:
    kinds = _alternatives(kind)
    return [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]


def _arguments(kind: Any, container: type) -> list[Any]:
    return [get_args(k)[0] for k in _alternatives(kind) if get_origin(k) is container]


def duplicate_keys(text: str) -> Iterator[str]:
    """Keys that stand twice in one mapping: the last one counts, for YAML's readers, without a word."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    yield from _duplicates(root) if root is not None else ()


def _duplicates(node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield f"line {key.start_mark.line + 1}: {key.value} stands here for the second time"
            seen.add(key.value)
            yield from _duplicates(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicates(item)
