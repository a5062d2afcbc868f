"""What every process of a service uses: seconds of the processors, and its share of the memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from loadtests.service.machine import MEBIBYTE, RAY, process_name, title_of

REPLICA = f"{RAY}ServeReplica:"
DASHBOARD = "ray-dashboard-"


class Owner(StrEnum):
    """Whose process it is."""

    REPLICA = "replica"  # the project's own code
    RAY = "ray"  # Ray's servers, Serve's controller and proxy, idle workers, the launcher


@dataclass(frozen=True, order=True)
class Program:
    """What processes do: those of one name count together."""

    owner: Owner
    name: str

    def __str__(self) -> str:
        return self.name


Figures = Mapping[Program, float]


def program_of(process: psutil.Process) -> Program:
    """Its deployment if it is a replica, else the server, actor or script that it runs."""
    title = title_of(process)
    if title.startswith(REPLICA):
        return Program(Owner.REPLICA, process_name(process))
    if title.startswith(RAY):
        return Program(Owner.RAY, process_name(process))
    if title.startswith(DASHBOARD):
        return Program(Owner.RAY, title.removeprefix("ray-").split("-0")[0])
    return Program(Owner.RAY, _script(process) or process.name())


def _script(process: psutil.Process) -> str:
    """The script or module that an interpreter runs; "" of other programs."""
    if not process.name().startswith("python"):
        return ""
    words = process.cmdline()[1:]
    if "-m" in words[:-1]:
        return words[words.index("-m") + 1]
    return next((Path(word).name for word in words if word.endswith(".py")), "")


def seconds_used(processes: Iterable[psutil.Process]) -> dict[tuple[int, Program], float]:
    """Processor seconds, user's and system's, of each process so far."""
    used = {}
    for process in processes:
        try:
            times = process.cpu_times()
            used[process.pid, program_of(process)] = times.user + times.system
        except psutil.Error:
            continue  # it has ended
    return used


def seconds_between(
    before: Mapping[tuple[int, Program], float], after: Mapping[tuple[int, Program], float]
) -> Figures:
    """What each program used from one look to the next; what ended meanwhile is not in it."""
    by_pid = {pid: seconds for (pid, _), seconds in before.items()}
    used: dict[Program, float] = {}
    for (pid, program), seconds in after.items():
        used[program] = used.get(program, 0.0) + seconds - by_pid.get(pid, 0.0)
    return used


def shares_of_memory(processes: Iterable[psutil.Process]) -> Figures:
    """MiB of each program: proportional set size, in which pages that N processes share count 1/N each."""
    held: dict[Program, float] = {}
    for process in processes:
        try:
            mebibytes = process.memory_full_info().pss / MEBIBYTE
            program = program_of(process)
        except psutil.Error:
            continue
        held[program] = held.get(program, 0.0) + mebibytes
    return held
