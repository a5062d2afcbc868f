from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from loadtests.service import machine
from loadtests.service.machine import MemorySampler, no_processes, process_tree


class Titled:
    """A process with a command line."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def cmdline(self) -> list[str]:
        return list(self.words)

    def name(self) -> str:
        return "program"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("ray::ServeReplica:song-dalle:Generator", "Generator"),
        ("ray::ServeReplica:song-dalle:Reranker.handle_request()", "Reranker"),
        ("ray::IDLE", "IDLE"),
        ("ray::ProxyActor.ready", "ProxyActor"),
        ("python", "program"),
    ],
)
def test_names(title: str, name: str) -> None:
    assert machine.process_name(Titled(title)) == name  # type: ignore[arg-type]


def test_a_tree_is_sampled_with_its_children() -> None:
    code = "import sys; held = bytearray(b'x' * 2**25); print(flush=True); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdout.readline()
        sampler = MemorySampler(process_tree(os.getpid()))
        sampler.sample(scan=True)
    finally:
        child.stdin.close()
        child.wait(30)
        child.stdout.close()
    sampler.sample(scan=False)  # the child is gone, its peak stays
    peaks = {process.pid: process.peak for process in sampler.peaks}
    assert peaks[child.pid] > 32
    assert peaks[os.getpid()] > 5
    assert [p.peak for p in sampler.peaks] == sorted(peaks.values(), reverse=True)


def test_it_samples_while_open() -> None:
    async def run() -> int:
        async with MemorySampler(process_tree(os.getpid())) as sampler:
            while not sampler.peaks:
                await asyncio.sleep(0.01)
        return len(sampler.peaks)

    assert asyncio.run(asyncio.wait_for(run(), 30)) >= 1


def test_no_such_process() -> None:
    with pytest.raises(ValueError, match="no process"):
        process_tree(2**30)
    sampler = MemorySampler(no_processes)
    sampler.sample(scan=True)
    assert sampler.peaks == []
