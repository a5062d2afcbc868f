"""A Serve config as the planner reads it: which models share a process, and what share of a GPU it gets."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scripts.operations.gpus import footprints
from scripts.operations.gpus.errors import PlanError
from scripts.operations.gpus.footprints import Footprint
from scripts.operations.gpus.shapes import Raw

Counter = Callable[[Raw, Raw], Footprint]

COUNTERS: dict[str, Counter] = {
    "summarizer": footprints.summarizer,
    "translator": footprints.translator,
    "sentiment": footprints.sentiment,
    "generator": footprints.generator,
    "reranker": footprints.reranker,
}
WITHOUT_TORCH = {"kiwi", "soynlp", "textrank", "gloss", "papago", "classifier"}
"""Back ends that never touch a GPU."""
USUAL = {
    "summarizer": "textrank", "translator": "gloss", "sentiment": "classifier",
    "generator": "embedded", "reranker": "open_clip",
}  # fmt: skip


@dataclass(frozen=True)
class Placement:
    """A deployment that asks for GPUs.

    Attributes:
        fraction: of a GPU, for each replica.
        replicas: how many there are at most.
        surge: how many more there may be during a rolling restart.
        models: what runs in each replica.
    """

    name: str
    fraction: float
    replicas: int
    surge: int
    models: tuple[Footprint, ...]


def read(path: Path) -> list[Placement]:
    """The deployments of a Serve config that ask for a GPU.

    Raises:
        PlanError: it is no Serve config of this application, or a model's shape is unknown.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"cannot read {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    try:
        (application,) = document["applications"]
        args = application["args"]
        deployments = {entry["name"]: entry for entry in application["deployments"]}
    except (KeyError, TypeError, ValueError):
        raise PlanError(
            f"{path} is not a config of this service: it needs one application with args and deployments"
        ) from None
    placements = [_placement(name, entry, args) for name, entry in deployments.items()]
    return [placement for placement in placements if placement is not None]


def _placement(name: str, entry: Raw, args: Raw) -> Placement | None:
    fraction = float((entry.get("ray_actor_options") or {}).get("num_gpus") or 0)
    stages = _groups(args).get(name, [name.lower()])
    on_gpu = [stage for stage in stages if _uses_gpu(stage, args)]
    if not fraction:
        if on_gpu and args.get("device") == "cuda":
            raise PlanError(
                f"{name} has num_gpus 0, but device is cuda and its {', '.join(on_gpu)} would run there"
            )
        return None
    if fraction > 1 and fraction != int(fraction):
        raise PlanError(f"{name} has num_gpus {fraction:g}: above 1 Ray gives whole GPUs only")
    if not on_gpu:
        raise PlanError(
            f"{name} has num_gpus {fraction:g}, but nothing in it uses a GPU: give it 0"
        )
    user = entry.get("user_config") or {}
    models = [
        _counted(
            stage,
            json.dumps(args.get(stage) or {"backend": USUAL[stage]}, sort_keys=True),
            json.dumps(tunables(name, stage, user, args), sort_keys=True),
        )
        for stage in on_gpu
    ]
    scaling = entry.get("autoscaling_config") or {}
    replicas = int(scaling.get("max_replicas") or entry.get("num_replicas") or 1)
    surge = math.ceil(replicas * entry.get("max_surge_percent", 0) / 100)
    return Placement(name, fraction, replicas, surge, tuple(models))


@cache
def _counted(stage: str, options: str, tuned: str) -> Footprint:
    """A stage's footprint; the same options, in JSON, are counted once."""
    return COUNTERS[stage](json.loads(options), json.loads(tuned))


def tunables(name: str, stage: str, user: Raw, args: Raw) -> Raw:
    """A stage's part of its deployment's `user_config`."""
    own: Any = user.get(stage) or {} if name in _groups(args) else user
    return dict(own)


def _groups(args: Raw) -> Mapping[str, Sequence[str]]:
    """The stages that share a process, by the name of their deployment."""
    groups: Mapping[str, Sequence[str]] = args.get("colocate") or {}
    return groups


def _uses_gpu(stage: str, args: Raw) -> bool:
    if stage not in COUNTERS or args.get("device") == "cpu":
        return False
    options = args.get(stage) or {}
    backend = options.get("backend", USUAL[stage])
    fallback = options.get("fallback") or {}
    if backend == "papago" and fallback.get("backend", "gloss") not in WITHOUT_TORCH:
        raise PlanError("a fallback of Papago that runs on a GPU is not planned for: give it gloss")
    return backend not in WITHOUT_TORCH
