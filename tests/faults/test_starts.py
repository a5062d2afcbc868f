"""Starts that must fail, and say why; beside an application that goes on."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.operations.serving.watcher import cause
from tests.faults.conftest import Report
from tests.faults.load import Load, assert_nothing_lost_or_done_twice
from tests.faults.service import Service, await_that
from tests.faults.volume import Volume

pytestmark = pytest.mark.long

SECONDS = 150.0
Args = dict[str, Any]


def refusal(service: Service, change: Callable[[Args], None]) -> str:
    """Why a second application does not start, as `scripts/operations/serve.py` would say it."""
    document = copy.deepcopy(service.document)
    second = copy.deepcopy(document["applications"][0])
    second |= {"name": "second", "route_prefix": "/second", "import_path": "deployments.app:build"}
    second["args"]["history"]["url"] = f"sqlite:///{service.folder}/second.sqlite3"
    change(second["args"])
    document["applications"].append(second)
    service.deploy(document)
    try:
        await_that(
            lambda: service.application("second").get("status") == "DEPLOY_FAILED",
            lambda: service.application("second").get("message"),
            SECONDS,
        )
        return cause(service.application("second"))
    finally:
        service.deploy(service.document)
        await_that(lambda: not service.application("second"), lambda: "it is still there")


def test_a_damaged_weight_file_is_refused(service: Service, tmp_path: Path, report: Report) -> None:
    damaged = tmp_path / "generator"
    damaged.mkdir()
    whole = Path(service.document["applications"][0]["args"]["generator"]["folder"])
    for file in whole.iterdir():
        content = file.read_bytes()
        if file.name == "transformer.safetensors":
            content = content[: len(content) // 2]
        (damaged / file.name).write_bytes(content)

    def change(args: Args) -> None:
        args["generator"]["folder"] = str(damaged)

    with Load(service, clients=2) as load:
        message = refusal(service, change)
    assert_nothing_lost_or_done_twice(load, service)
    report(message=message, problems=load.problems())
    assert "Pictures" in message
    assert f"a weight file in {damaged} is damaged" in message
    assert not load.refusals()


def test_a_data_folder_that_is_read_only_is_refused(
    service: Service, tmp_path: Path, report: Report
) -> None:
    with Volume(tmp_path) as volume:
        if not volume.mounted:
            pytest.skip("mounting a disk is not permitted here")
        volume.remount("ro")

        def change(args: Args) -> None:
            args["history"]["url"] = f"sqlite:///{tmp_path}/history.sqlite3"

        message = refusal(service, change)
    report(message=message)
    assert "Ingress" in message
    assert f"cannot use the database sqlite:///{tmp_path}" in message
    assert "Read-only file system" in message
