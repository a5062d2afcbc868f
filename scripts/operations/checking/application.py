"""What the application itself says of a config's `args`, deployments and `user_config`, without starting it.

The application is the one that `import_path` names: its builder binds the graph, which loads no model.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from ray.serve import Application
from ray.serve.deployment import Deployment

ELSEWHERE = ("working_dir", "py_modules", "pip", "uv", "conda", "image_uri", "container")
"""Keys of a `runtime_env` by which an application's code may be another than what is installed here."""


def application_faults(entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one of `applications`, as far as the code that is installed here tells."""
    if any(key in (entry.get("runtime_env") or {}) for key in ELSEWHERE):
        return
    try:
        application = _built(entry)
    except Exception as error:  # whatever the builder raises, Ray would fail on it too
        yield f"{_one_line(error)}"
        return
    deployments = dict(_graph(application))
    for number, deployment in enumerate(entry.get("deployments") or ()):
        name = deployment.get("name")
        place = f"deployments[{number}] ({name})"
        if name not in deployments:
            yield f"{place}: there is no such deployment; there are {', '.join(deployments)}"
            continue
        for fault in _user_config_faults(deployments[name], deployment.get("user_config")):
            yield f"{place}.user_config: {fault}"


def _built(entry: Mapping[str, Any]) -> Application:
    """The graph.

    Raises:
        Exception: `import_path` leads nowhere, or the builder does not take the `args`.
    """
    path, args = str(entry.get("import_path")), entry.get("args") or {}
    module, _, name = path.replace(":", ".").rpartition(".")
    try:
        builder = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"import_path: {path} leads nowhere: {_one_line(error)}") from None
    if isinstance(builder, Application):
        return builder
    signature: inspect.Signature = inspect.signature(builder)
    kind = next(iter(signature.parameters.values())).annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        # The project's own options say it for people; others as pydantic does.
        read = getattr(kind, "read", kind.model_validate)
        try:
            args = read(args)
        except ValueError as error:
            raise ValueError(f"args: {_one_line(error)}") from None
    built: Application = builder(args)
    return built


def _graph(application: Application) -> Iterator[tuple[str, Deployment]]:
    """Every deployment that is bound in an application, by name."""
    deployment = application._bound_deployment
    yield deployment.name, deployment
    named: Any = deployment.init_kwargs  # a dict, whatever Ray's type says
    yield from _below([*deployment.init_args, *named.values()])


def _below(value: Any) -> Iterator[tuple[str, Deployment]]:
    """The deployments bound in an argument, or in what it holds."""
    if isinstance(value, Application):
        yield from _graph(value)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _below(item)
    elif isinstance(value, Mapping):
        yield from _below(list(value.values()))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _below([getattr(value, field.name) for field in dataclasses.fields(value)])


def _user_config_faults(deployment: Deployment, user_config: Any) -> Iterator[str]:
    kind = deployment.func_or_class
    if user_config is None:
        return
    if not hasattr(kind, "reconfigure"):
        yield "there is nothing to tune here: leave it out"
        return
    check = getattr(kind, "check", None)
    if check is None:
        return  # not a deployment of this project; only the running one can tell
    try:
        check(user_config, *deployment.init_args)
    except ValueError as error:
        yield _one_line(error)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
