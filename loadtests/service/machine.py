"""The machine that figures are measured on, and the memory of the service's processes meanwhile."""

from __future__ import annotations

import asyncio
import os
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

EVERY = 0.5  # seconds
TICKS_A_SCAN = 10  # new processes are looked for this seldom: it costs more than a sample
RAY = "ray::"
MEBIBYTE = 2**20

FindProcesses = Callable[[], list[psutil.Process]]


def describe_machine() -> dict[str, Any]:
    """For JSON: processor, cores, memory, system."""
    return {
        "cpu": _processor(),
        "cpus": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


@dataclass(frozen=True)
class ProcessMemory:
    """The most memory one process held: resident set, MiB, shared pages included."""

    pid: int
    name: str
    peak: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"pid": self.pid, "name": self.name, "peak_mib": round(self.peak, 1)}


def process_tree(pid: int) -> FindProcesses:
    """Finds a process and all its descendants.

    Raises:
        ValueError: there is no such process.
    """
    if not psutil.pid_exists(pid):
        raise ValueError(f"there is no process {pid}")

    def find() -> list[psutil.Process]:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]

    return find


def ray_processes() -> list[psutil.Process]:
    """Ray's workers on this machine: replicas, proxies, the controller."""
    return [process for process in psutil.process_iter() if title_of(process).startswith(RAY)]


def no_processes() -> list[psutil.Process]:
    """For a service on another machine."""
    return []


def title_of(process: psutil.Process) -> str:
    """The first word of the command line: where Ray writes what a worker does."""
    try:
        return next(iter(process.cmdline()), "")
    except psutil.Error:
        return ""


def process_name(process: psutil.Process) -> str:
    """ "Generator" for Ray's "ray::ServeReplica:song-dalle:Generator.method()", else the program's."""
    title = title_of(process)
    if not title.startswith(RAY):
        return process.name()
    actor = re.sub(r"\.\w+(\(\))?$", "", title.removeprefix(RAY))
    return actor.rpartition(":")[2] or actor


class MemorySampler:
    """Samples twice a second for as long as its context is open.

    Args:
        find: lists the processes to watch.
    """

    def __init__(self, find: FindProcesses) -> None:
        self._find = find
        self._watched: list[psutil.Process] = []
        self._peaks: dict[int, ProcessMemory] = {}

    async def __aenter__(self) -> MemorySampler:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()

    @property
    def peaks(self) -> list[ProcessMemory]:
        """The largest first."""
        return sorted(self._peaks.values(), key=lambda process: -process.peak)

    async def _run(self) -> None:
        tick = 0
        while True:
            await asyncio.to_thread(self.sample, scan=tick % TICKS_A_SCAN == 0)
            tick += 1
            await asyncio.sleep(EVERY)

    def sample(self, *, scan: bool) -> None:
        """Look at each watched process once; `scan` looks for new ones first."""
        if scan:
            try:
                self._watched = self._find()
            except psutil.NoSuchProcess:
                self._watched = []
        for process in self._watched:
            try:
                self._note(process)
            except psutil.Error:
                continue  # it ended, or is another user's

    def _note(self, process: psutil.Process) -> None:
        now = process.memory_info().rss / MEBIBYTE
        before = self._peaks.get(process.pid)
        peak = max(now, before.peak if before else 0.0)
        # Named anew each time: Ray gives an idle worker a title only when it becomes a replica.
        self._peaks[process.pid] = ProcessMemory(process.pid, process_name(process), peak)
