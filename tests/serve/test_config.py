"""Ray drops what it does not know in a Serve config without a word. These tests do not."""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError
from ray.serve.schema import ServeDeploySchema

from deployments.app import build
from deployments.config.application import AppOptions
from deployments.config.user_config import (
    BatchTunables,
    GeneratorTunables,
    IngressTunables,
    RerankerTunables,
    SummarizerTunables,
)
from deployments.stages.colocated import StageHandle
from scripts.operations.checking.ray_schema import unknown_keys

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted([ROOT / "serve_config.yaml", *ROOT.glob("deploy/*serve*.yaml")])
EXPLICIT = {
    "num_replicas",
    "max_ongoing_requests",
    "max_queued_requests",
    "graceful_shutdown_timeout_s",
    "health_check_period_s",
    "health_check_timeout_s",
    "ray_actor_options",
}
TUNABLES: dict[str, type[BaseModel]] = {
    "Ingress": IngressTunables,
    "Summarizer": SummarizerTunables,
    "Translator": BatchTunables,
    "Sentiment": BatchTunables,
    "Generator": GeneratorTunables,
    "Reranker": RerankerTunables,
}


@pytest.fixture(params=CONFIGS, ids=lambda path: path.name)
def config(request: pytest.FixtureRequest) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    return loaded


def test_every_key_is_one_that_ray_reads(config: dict[str, Any]) -> None:
    ServeDeploySchema.model_validate(config)
    assert list(unknown_keys(config, ServeDeploySchema)) == []


def test_every_deployment_says_what_it_takes(config: dict[str, Any]) -> None:
    for application in config["applications"]:
        for deployment in application["deployments"]:
            given = set(deployment) | (
                {"num_replicas"} if "autoscaling_config" in deployment else set()
            )
            assert given >= EXPLICIT, deployment["name"]
            assert {"num_cpus", "num_gpus"} <= set(deployment["ray_actor_options"])
            assert deployment["max_queued_requests"] > 0, "-1 would be an unbounded queue"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[ProcessPoolExecutor]:
    """A process in which no batched method has run: Ray cannot serialize a class whose queue is in use."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool


def test_every_deployment_of_the_graph_is_configured(
    config: dict[str, Any], elsewhere: ProcessPoolExecutor
) -> None:
    for application in config["applications"]:
        names = {deployment["name"] for deployment in application["deployments"]}
        assert names == elsewhere.submit(bound, application["args"]).result(timeout=120)


def test_args_and_user_configs_are_the_typed_ones(config: dict[str, Any]) -> None:
    for application in config["applications"]:
        AppOptions.model_validate(application["args"])
        for deployment in application["deployments"]:
            groups = application["args"].get("colocate", {})
            for name, user_config in _user_configs(deployment, groups):
                TUNABLES[name].model_validate(user_config)


def test_the_default_fits_two_cores_without_gpu() -> None:
    config = yaml.safe_load((ROOT / "serve_config.yaml").read_text(encoding="utf-8"))
    options = [
        (deployment["num_replicas"], deployment["ray_actor_options"])
        for deployment in config["applications"][0]["deployments"]
    ]
    assert sum(replicas * o["num_cpus"] for replicas, o in options) <= 2
    assert sum(replicas * o["num_gpus"] for replicas, o in options) == 0
    assert config["http_options"]["host"] == "127.0.0.1"


def test_patience_grows_towards_the_ingress() -> None:
    """A redeployment must not cut a request off that a stage may still take its time for."""
    config = yaml.safe_load((ROOT / "serve_config.yaml").read_text(encoding="utf-8"))
    deployments = {d["name"]: d for d in config["applications"][0]["deployments"]}
    timeouts = deployments["Ingress"]["user_config"]["timeouts"]
    for name, stages in config["applications"][0]["args"]["colocate"].items():
        longest = max(timeouts[stage] for stage in stages)
        assert deployments[name]["graceful_shutdown_timeout_s"] >= longest
    longest = sum(timeouts[n] for n in ("preprocess", "summarizer", "translator", "generator"))
    assert config["http_options"]["request_timeout_s"] >= longest
    assert deployments["Ingress"]["graceful_shutdown_timeout_s"] >= timeouts["generator"] * 2


SCALED = sorted(ROOT.glob("deploy/serve_config.cluster*.yaml"))


@pytest.mark.parametrize("path", SCALED, ids=lambda path: path.name)
def test_what_scales_the_generator_is_all_there(path: Path) -> None:
    """Without any one of these its replicas would stay as they are, or clients would not be told of a start."""
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    (application,) = config["applications"]
    deployments = {d["name"]: d for d in application["deployments"]}
    assert all("autoscaling_config" in d for d in deployments.values()), "the Ingress's as well"
    policy = application["autoscaling_policy"]
    module, _, name = policy["policy_function"].partition(":")
    kwargs = policy["policy_kwargs"]
    getattr(importlib.import_module(module), name)(**kwargs)
    alone = kwargs["generator"] == "Generator"
    assert alone or "generator" in application["args"]["colocate"][kwargs["generator"]]
    generator = deployments[kwargs["generator"]]
    tuned = deployments["Ingress"]["user_config"]
    assert tuned["timeouts"]["generator"] >= 2 * tuned["jobs"]["scaling"]["start_s"]
    assert generator["graceful_shutdown_timeout_s"] >= tuned["timeouts"]["generator"]
    assert config["http_options"]["request_timeout_s"] >= tuned["timeouts"]["generator"] + 120
    assert kwargs["candidates_per_replica"] <= tuned["jobs"]["drawing"], "or the line never shows"


@pytest.mark.parametrize(
    "args",
    [
        {"generater": {}},
        {"generator": {"backend": "embedded", "thread": 1}},
        {"generator": {"backend": "gan"}},
        {"generator": {"backend": "folder"}},
        {"spacing": {"backend": "none"}},
        {"reranker": {"backend": "open_clip", "engine": {}}},
        {"policy": {"pictures": "yes please"}},
        {"policy": {"rounds": 6}},
        {"upscale": 0},
        {"colocate": ["summarizer", "translator"]},
        {"colocate": {"Text": ["summarizer"]}},
        {"colocate": {"Text": ["summarizer", "summarizer"]}},
        {"colocate": {"Text": ["summarizer", "ingress"]}},
        {"colocate": {"text": ["summarizer", "translator"]}},
        {"colocate": {"Generator": ["summarizer", "translator"]}},
        {"colocate": {"A": ["summarizer", "translator"], "B": ["translator", "sentiment"]}},
        {"translator": {"backend": "papago", "fallback": {"backend": "papago"}}},
    ],
)
def test_the_builder_refuses_what_it_does_not_know(args: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        build(args)  # type: ignore[arg-type]


def _user_configs(
    deployment: dict[str, Any], groups: dict[str, list[str]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """A deployment's `user_config`; of a group, each stage's part."""
    given = deployment.get("user_config", {})
    if deployment["name"] not in groups:
        yield from [(deployment["name"], given)] if given else []
    else:
        yield from ((name.capitalize(), part) for name, part in given.items())


def bound(args: Any) -> set[str]:
    """Names of the deployments that `args` bind."""
    return set(_graph(build(args)))


def _graph(application: Any) -> Iterator[str]:
    """Names of the deployments bound in an application."""
    deployment = application._bound_deployment
    yield deployment.name
    for argument in [*deployment.init_args, *deployment.init_kwargs.values()]:
        argument = argument.handle if isinstance(argument, StageHandle) else argument
        if hasattr(argument, "_bound_deployment"):
            yield from _graph(argument)
