"""One of two nodes is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.faults import two_nodes
from tests.faults.conftest import SETTINGS, Report
from tests.faults.load import Load, assert_nothing_lost_or_done_twice
from tests.faults.service import ROOT, Service, small_document
from tests.serve.conftest import free_port

pytestmark = pytest.mark.long


def two_of_each(models: dict[str, Path]) -> dict[str, Any]:
    """A replica of each deployment on each of two nodes."""
    document = small_document(models)
    document["http_options"]["port"] = free_port()
    application = document["applications"][0]
    application["import_path"] = "deployments.app:build"
    for deployment in application["deployments"]:
        deployment |= {"num_replicas": 2, "max_replicas_per_node": 1}
    return document


class Nodes:
    """The program of `two_nodes.py`."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self._program = program

    def expect(self, word: str) -> None:
        """Read on until it says a word."""
        assert self._program.stdout is not None
        lines = []
        for line in self._program.stdout:
            lines.append(line)
            if line.strip() == word:
                return
        raise AssertionError("".join(lines)[-2000:])

    def tell(self, word: str) -> None:
        """Have it do something, and wait until it is done."""
        assert self._program.stdin is not None
        self._program.stdin.write(f"{word}\n")
        self._program.stdin.flush()
        self.expect("done")


@contextmanager
def cluster(folder: Path, program_file: str, *arguments: str, **settings: str) -> Iterator[Nodes]:
    """A running cluster; its processes are killed in the end, the program's whole session."""
    paths = {"PYTHONPATH": str(ROOT), "SONGDALLE_DATA": str(folder / "data")}
    settings |= {"RAY_TMPDIR": str(folder), "RAY_worker_niceness": "0", **SETTINGS, **paths}
    pipe = subprocess.PIPE
    program = subprocess.Popen(
        [sys.executable, program_file, *arguments],
        env={**os.environ, **settings},
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        nodes = Nodes(program)
        nodes.expect("ready")
        yield nodes
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait(30)
        _kill_left(folder)


def _kill_left(folder: Path) -> None:
    """End what Ray started in groups of its own: it has the folder in its environment."""
    import psutil

    for process in psutil.process_iter():
        try:
            if process.environ().get("RAY_TMPDIR") == str(folder):
                process.kill()
        except psutil.Error:
            continue


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short enough for Ray's sockets."""
    folder = Path(tempfile.mkdtemp(prefix="sn", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_a_killed_node_is_served_around(
    small_models: dict[str, Path], short: Path, report: Report
) -> None:
    """Who was connected through it repeats the request; the other node serves throughout."""
    document = two_of_each(small_models)
    config = short / "config.yaml"
    config.write_text(yaml.safe_dump(document))
    url = f"http://127.0.0.1:{document['http_options']['port']}"
    with cluster(short, two_nodes.__file__, str(config)) as nodes:
        service = Service(url, "", short, document)
        with Load(service) as load:
            load.wait_for(4)
            killed = time.monotonic()
            nodes.tell("kill")
            load.wait_for(8)
            served = time.monotonic() - killed
            nodes.tell("add")
            whole = time.monotonic() - killed
            load.wait_for(4)
        assert_nothing_lost_or_done_twice(load, service)
    report(
        eight_sets_later=served,
        both_nodes_again=whole,
        asked=len(load.songs),
        problems=load.problems(),
        slowest=load.slowest(),
    )
    assert set(load.refusals()) <= {500, 503}
