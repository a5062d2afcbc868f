"""One service for all the faults of this folder, ended with its last test."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.faults.service import Service, small_document
from tests.faults.volume import Volume
from tests.serve import gpu_service
from tests.serve.tiny_models import write_clip, write_generator

HERE = Path(__file__).parent
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
    "HF_HUB_OFFLINE": "1",
    "RAY_metrics_report_interval_ms": "500",
}
Report = Callable[..., None]
_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """End the service when the tests of another folder begin: it holds gigabytes."""
    yield
    if nextitem is None or HERE not in nextitem.path.parents:
        _running.close()


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A generator and a CLIP."""
    folder = tmp_path_factory.mktemp("faults")
    return {
        "generator": write_generator(folder / "generator"),
        "clip": write_clip(folder / "clip"),
    }


@pytest.fixture(scope="session")
def volume() -> Volume:
    """The disk that the service writes to."""
    folder = Path(tempfile.mkdtemp(prefix="sf", dir="/tmp"))  # short: Ray's sockets lie below
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    (folder / "data").mkdir()
    (folder / "faults").mkdir()
    return _running.enter_context(Volume(folder / "data"))


@pytest.fixture(scope="session")
def started(small_models: dict[str, Path], volume: Volume) -> Service:
    """The service, as it was started."""
    folder = volume.place.parent
    settings = {**SETTINGS, "SONGDALLE_FAULTS": str(folder / "faults")}
    serving = gpu_service.running(small_document(small_models), folder, gpus=0, **settings)
    launched = next(serving)
    _running.callback(serving.close)  # type: ignore[attr-defined]  # a generator
    return Service(launched.url, launched.dashboard, launched.folder, launched.document)


@pytest.fixture
def service(started: Service) -> Iterator[Service]:
    """The service, healthy before a test and after it."""
    started.until_healthy()
    yield started
    started.until_healthy()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Tells figures: on the terminal (-s), and as lines of JSON in the file SONGDALLE_FAULTS_REPORT."""

    def tell(**figures: Any) -> None:
        line = json.dumps({"test": request.node.name} | figures, ensure_ascii=False, default=sorted)
        print(line)
        if path := os.environ.get("SONGDALLE_FAULTS_REPORT"):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    return tell
