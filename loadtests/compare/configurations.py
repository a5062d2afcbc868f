"""What is compared with what."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from loadtests.service.launch import ROOT, Application

SERVICE = "service"
ONE_AT_A_TIME = "one at a time"
ORIGINAL = "original's way"

MANY = 256
BUSY = 0.7
MIXED = "12:0.5,4:0.3,1:0.2"


@dataclass(frozen=True)
class Configuration:
    """One way to serve, of a group.

    Attributes:
        application: Ray's name of the application that serves it; two ways may share one.
        connections: requests that may be under way; the wait for a turn counts in the latency.
    """

    name: str
    about: str
    application: str
    connections: int = MANY


@dataclass(frozen=True)
class Group:
    """Ways to serve that run side by side on one cluster; each is measured against the first.

    Attributes:
        mix: candidate counts that are asked for; None: what the command line says.
        share: requests come by a Poisson process, at this share of the rate that the first configuration
            reaches with the command line's users; None: the users ask again as soon as they are answered.
    """

    name: str
    title: str
    configurations: tuple[Configuration, ...]
    applications: tuple[Application, ...]
    mix: str | None = None
    share: float | None = None


def groups(
    config: Path = ROOT / "serve_config.yaml", models: dict[str, Any] | None = None
) -> list[Group]:
    """All comparisons; `config` is the service's.

    Args:
        models: paths in place of the embedded `generator` and `reranker` of the small applications.
    """
    return [
        _service(config, models or {}),
        _slots(models or {}),
        _replicas(models or {}),
        _batching(models or {}),
    ]


def _service(config: Path, models: dict[str, Any]) -> Group:
    document = yaml.safe_load(config.read_text(encoding="utf-8"))
    service = copy.deepcopy(document["applications"][0])
    original = {
        "name": "original",
        "route_prefix": "/original",
        "import_path": "loadtests.apps.original:build",
        "args": {"threads": 2, **models},
    }
    return Group(
        "service",
        "The service and the original's way",
        (
            Configuration(SERVICE, f"`{config.name}` as it is", service["name"]),
            Configuration(
                ONE_AT_A_TIME, "the same service, one request at a time", service["name"], 1
            ),
            Configuration(
                ORIGINAL,
                "one request at a time, textbook sampler (growing cache, text repeated for each "
                "candidate), covers decoded one by one",
                "original",
            ),
        ),
        (service, original),
    )


def _alone(name: str, models: dict[str, Any], **args: Any) -> Application:
    """The engine alone as an application."""
    drawn = {key: value for key, value in models.items() if key != "reranker"}
    return {
        "name": name,
        "route_prefix": f"/{name}",
        "import_path": "loadtests.apps.generators:build",
        "args": {"kind": "in_flight", "slots": 24, "threads": 2, **drawn, **args},
    }


def _of(about: dict[str, str], applications: Sequence[Application]) -> tuple[Configuration, ...]:
    return tuple(
        Configuration(name, description, application["name"])
        for (name, description), application in zip(about.items(), applications, strict=True)
    )


def _slots(models: dict[str, Any]) -> Group:
    sizes = (1, 12, 48, 96)
    made = tuple(_alone(f"slots-{size}", models, slots=size) for size in sizes)
    about = {f"{n} slot{'s' if n > 1 else ''}": f"the engine alone, {n} at a time" for n in sizes}
    return Group("slots", "Slots of the engine", _of(about, made), made)


def _replicas(models: dict[str, Any]) -> Group:
    made = (
        _alone("one-replica", models, threads=2),
        _alone("two-replicas", models, threads=1, replicas=2),
    )
    about = {
        "1 replica": "the engine alone, two threads",
        "2 replicas": "the engine alone twice, one thread each",
    }
    return Group("replicas", "Replicas of the engine", _of(about, made), made)


def _batching(models: dict[str, Any]) -> Group:
    made = (_alone("batched", models, kind="batched"), _alone("in-flight", models))
    about = {
        "@serve.batch": "requests gathered, drawn and answered together",
        "in flight": "requests join at the next step and leave when done",
    }
    title = f"`@serve.batch` and the engine, at {BUSY:.0%} of the former's most, candidates {MIXED}"
    return Group("batching", title, _of(about, made), made, MIXED, BUSY)
