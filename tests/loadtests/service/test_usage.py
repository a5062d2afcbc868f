from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from loadtests.service.usage import (
    Owner,
    Program,
    program_of,
    seconds_between,
    seconds_used,
    shares_of_memory,
)
from tests.loadtests.service.test_machine import Titled


@pytest.mark.parametrize(
    ("words", "owner", "name"),
    [
        (["ray::ServeReplica:song-dalle:Generator"], Owner.REPLICA, "Generator"),
        (["ray::ProxyActor"], Owner.RAY, "ProxyActor"),
        (["ray-dashboard-NodeHead-0 (python)"], Owner.RAY, "dashboard-NodeHead"),
        (["raylet"], Owner.RAY, "program"),
    ],
)
def test_programs(words: list[str], owner: Owner, name: str) -> None:
    assert program_of(Titled(*words)) == Program(owner, name)  # type: ignore[arg-type]


def test_seconds_and_memory_of_a_busy_process() -> None:
    code = (
        "import sys, time; held = bytearray(b'x' * 2**25); sys.stdin.readline()\n"
        "end = time.process_time() + 0.3\n"
        "while time.process_time() < end: pass\n"
        "print(flush=True); sys.stdin.readline()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        processes = [psutil.Process(child.pid), psutil.Process(os.getpid())]
        before = seconds_used(processes)
        child.stdin.write(b"\n")
        child.stdin.flush()
        child.stdout.readline()
        after = seconds_used(processes)
        memory = shares_of_memory(processes)
    finally:
        child.communicate()
    busy = seconds_between(before, after)
    assert max(busy.values()) >= 0.25
    assert sum(memory.values()) > 32
    assert seconds_used(processes[:1]) == {}  # it has ended


def test_a_process_that_came_later_counts_whole() -> None:
    worker = Program(Owner.RAY, "IDLE")
    replica = Program(Owner.REPLICA, "Generator")
    used = seconds_between({(1, worker): 2.0}, {(1, replica): 5.0, (2, worker): 1.5})
    assert used == {replica: 3.0, worker: 1.5}
