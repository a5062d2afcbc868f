"""The serveConfigV2 of a RayService: Ray's own schema, and the keys that Ray drops without a word."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from ray.serve.config import AutoscalingConfig, AutoscalingPolicy
from ray.serve.schema import ServeDeploySchema

FREE = {"args", "user_config", "runtime_env", "resources"}
"""Keys whose values are not Ray's: the application's own, or names that the cluster's owner makes."""


def problems(text: Any) -> Iterator[str]:
    """What Ray would refuse in a serveConfigV2, or leave out without a word."""
    if not isinstance(text, str):
        yield "serveConfigV2 must be a text (serveConfigV2: |), not a mapping"
        return
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"serveConfigV2 is not valid YAML: {' '.join(str(error).split())}"
        return
    try:
        config = ServeDeploySchema.model_validate(document)
        for application in config.applications:
            for deployment in application.deployments:
                if isinstance(deployment.autoscaling_config, dict):  # which the schema lets through
                    AutoscalingConfig.model_validate(deployment.autoscaling_config)
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(map(str, problem["loc"])) or error.title
            yield f"serveConfigV2: {place}: {problem['msg']}"
        return
    for path in unknown_keys(document, ServeDeploySchema):
        yield f"serveConfigV2: Ray knows no {path}, and would leave it out"


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
