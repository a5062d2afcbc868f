"""One real application a session: Ray, Serve and HTTP, from `serve_config.yaml`.

Where the checkout has the embedded weights, that file is used as it is, but for a free port; where it
has not, small random models of the same formats take their places.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.serve.lyrics_provider import lyrics_provider

ROOT = Path(__file__).resolve().parents[2]
NAME = "song-dalle"
START_SECONDS = 420.0

Draw = Callable[..., httpx2.Response]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_ray(folder: str) -> None:
    """A cluster of its own; a second try, because Ray gives its daemon 30 s whatever the machine."""
    import ray

    def start() -> None:
        ray.init(
            address="local",
            num_cpus=4,
            num_gpus=0,
            include_dashboard=False,
            log_to_driver=bool(os.environ.get("SONGDALLE_TEST_LOGS")),
            object_store_memory=100 * 2**20,
            _temp_dir=folder,
        )

    try:
        start()
    except Exception:
        ray.shutdown()
        start()


def wait_until_running() -> None:
    """Until every replica runs, which a busy machine may take minutes for."""
    from ray import serve

    end = time.monotonic() + START_SECONDS
    while (application := serve.status().applications.get(NAME)) is None or (
        application.status != "RUNNING"
    ):
        statuses = application and {
            name: (deployment.status, deployment.message)
            for name, deployment in application.deployments.items()
        }
        failed = application is not None and application.status == "DEPLOY_FAILED"
        assert not failed, f"{application and application.message}\n{statuses}"
        assert time.monotonic() < end, f"not running after {START_SECONDS:g} s: {statuses}"
        time.sleep(0.2)


@pytest.fixture(scope="session")
def lyrics_address() -> Iterator[str]:
    """URL of a provider of lyrics."""
    with lyrics_provider() as address:
        yield address


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory, lyrics_address: str) -> dict[str, Any]:
    """`serve_config.yaml`, with a free port, with models that are there, and a provider of lyrics that is."""
    from songdalle_core.artifacts import WEIGHTS
    from tests.serve.tiny_models import write_clip, write_generator

    config: dict[str, Any] = yaml.safe_load((ROOT / "serve_config.yaml").read_text())
    config["http_options"]["port"] = free_port()
    args = config["applications"][0]["args"]
    args["songs"] = {"providers": [{"provider": "lrclib", "address": lyrics_address, "gap_s": 0.1}]}
    models = tmp_path_factory.mktemp("models")
    if not (WEIGHTS / "generator" / "config.json").is_file():
        folder = write_generator(models / "generator")
        args["generator"] |= {"backend": "folder", "folder": str(folder)}
    if not (WEIGHTS / "clip" / "open_clip_config.json").is_file():
        args["reranker"]["model"] = f"local-dir:{write_clip(models / 'clip')}"
    return config


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SONGDALLE_DATA of the running application."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def address(document: dict[str, Any], data: Path) -> Iterator[str]:
    """URL of the running application; "running" means that every replica has warmed up."""
    settings = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",
        "HF_HUB_OFFLINE": "1",
        "RAY_metrics_report_interval_ms": "1000",
        "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "deployments.api.proxy:middlewares",
        "PYTHONPATH": str(ROOT),
        "SONGDALLE_DATA": str(data),
    }
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(dir="/tmp") as temp:
        for name in ("RAY_ADDRESS", "RAY_worker_niceness"):  # the latter comes from the config
            patch.delenv(name, raising=False)
        for name, value in settings.items():
            patch.setenv(name, value)
        import ray
        from ray import serve
        from ray.serve.context import _get_global_client
        from ray.serve.schema import ServeDeploySchema

        start_ray(temp)
        try:
            http = document["http_options"]
            serve.start(proxy_location=document["proxy_location"], http_options=http)
            config = ServeDeploySchema.model_validate(document)
            _get_global_client().deploy_apps(config, _blocking=False)
            wait_until_running()
            yield f"http://{http['host']}:{http['port']}"
        finally:
            serve.shutdown()
            ray.shutdown()


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[httpx2.Client]:
    """A client of the running application."""
    with httpx2.Client(base_url=address, timeout=180, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def draw(client: httpx2.Client) -> Draw:
    """Ask for covers of a lyric; three of them unless told otherwise."""

    def ask(lyrics: Any, **changes: Any) -> httpx2.Response:
        return client.post("/v1/covers", json={"lyrics": lyrics, "candidates": 3, **changes})

    return ask


@pytest.fixture(scope="session")
def generator(address: str) -> Any:
    """Handle of the running Generator."""
    from ray import serve

    from deployments.stages.colocated import StageHandle

    return StageHandle(serve.get_deployment_handle("Pictures", NAME), "generator")
