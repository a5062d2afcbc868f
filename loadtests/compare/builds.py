"""Two builds of the project under the same load, in turn, on one machine in one run.

Each build is started, measured and stopped before the other begins, so that only one of them uses the
processors and the memory; rounds alternate who goes first.
"""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from loadtests.compare.build_figures import BuildFigures, BuildRound, BuildsComparison
from loadtests.compare.figures import Window
from loadtests.load.loads import ClosedLoad
from loadtests.load.run import Run, print_progress
from loadtests.load.workload import CandidatesMix, read_songs, stream_requests
from loadtests.service.client import CoverClient
from loadtests.service.launch import OURS, Checkout, Launched, serving
from loadtests.service.usage import Figures, seconds_between, seconds_used, shares_of_memory

PATIENCE = 300.0  # seconds for a request, and for all requests of a lone user
SETTLE = 5.0  # seconds between the last answer and a look at an idle service
ALONE = Path(__file__).with_name("alone.py")


@dataclass(frozen=True)
class BuildsPlan:
    """How each build is loaded, in every round.

    Attributes:
        lone: requests of a lone user: so many for whole sets, and so many streamed.
        loaded: requests after which memory is looked at.
        idle: seconds of doing nothing.
    """

    users: int
    rounds: int
    duration: float
    mix: CandidatesMix
    seed: int
    lone: int = 10
    loaded: int = 100
    idle: float = 20.0
    warm: int = 4

    @classmethod
    def quick(cls, users: int, mix: CandidatesMix, seed: int) -> BuildsPlan:
        """One short round."""
        return cls(users, 1, 8.0, mix, seed, lone=4, loaded=0, idle=8.0, warm=2)


def checkout_at(path: Path, python: Path | None = None) -> Checkout:
    """A checkout with the interpreter given, else that of its own environment, else this one's.

    Raises:
        ValueError: there is no such checkout or interpreter.
    """
    root = path.expanduser().resolve()
    own = root / ".venv" / "bin" / "python"
    interpreter = python or (own if own.exists() else OURS.python)
    checkout = Checkout(root, interpreter.expanduser().absolute())
    for needed in (checkout.config, checkout.launcher, checkout.python):
        if not needed.is_file():
            raise ValueError(f"{path} is no checkout of this project that can be run: no {needed}")
    return checkout


async def compare_builds(other: Checkout, plan: BuildsPlan) -> BuildsComparison:
    """Measure this build and another, round after round.

    Raises:
        NotReady: one did not start.
    """
    began = time.monotonic()
    builds = [BuildFigures("this build", OURS), BuildFigures("the other", other)]
    comparison = BuildsComparison(
        plan.users, str(plan.mix), plan.seed, plan.rounds, datetime.now(UTC), builds
    )
    for number in range(plan.rounds):
        for build in builds if number % 2 == 0 else builds[::-1]:
            print_progress(f"round {number + 1}, {build.name}: starting {build.checkout.root}")
            async with serving(build.checkout, build.checkout.config) as running:
                measured = await _measure(running, plan, number)
            build.rounds.append(measured)
            print_progress(f"round {number + 1}, {build.name}: {measured.describe()}")
            if len(set(plan.mix.counts)) == 1:
                prompts = [o.answer.prompt for o in measured.lone.done]
                measured.alone = await asyncio.to_thread(
                    measure_alone, build.checkout, plan, prompts
                )
    comparison.seconds = time.monotonic() - began
    return comparison


async def _measure(running: Launched, plan: BuildsPlan, number: int) -> BuildRound:
    """One round of one build; both builds are asked for the same."""
    (url,) = running.urls.values()
    seed = plan.seed + number

    async def play(load: ClosedLoad, count: int | None, *, stream: bool = False) -> Window:
        async with CoverClient(url, stream=stream) as client:
            run = Run(client, PATIENCE, asyncio.Event())
            requests = stream_requests(read_songs(), plan.mix, seed)
            await load.drive(run, requests if count is None else islice(requests, count))
        return Window(run.outcomes, None)

    alone = ClosedLoad(1, PATIENCE)
    crowd = ClosedLoad(plan.users, plan.duration)
    await play(alone, plan.warm)
    looks = [seconds_used(running.processes())]
    lone = await play(alone, plan.lone)
    looks.append(seconds_used(running.processes()))
    streamed = await play(alone, plan.lone, stream=True)
    looks.append(seconds_used(running.processes()))
    many = await play(crowd, None)
    looks.append(seconds_used(running.processes()))
    asked = sum(len(window.outcomes) for window in (lone, streamed, many)) + plan.warm
    if asked < plan.loaded:
        await play(ClosedLoad(plan.users, math.inf), plan.loaded - asked)
    await asyncio.sleep(SETTLE)
    memory = shares_of_memory(running.processes())
    idle = await _idle(running, plan.idle)
    return BuildRound(
        start=running.seconds,
        lone=lone,
        streamed=streamed,
        crowd=many,
        lone_seconds=seconds_between(looks[0], looks[1]),
        crowd_seconds=seconds_between(looks[2], looks[3]),
        memory=memory,
        idle=idle,
    )


async def _idle(running: Launched, seconds: float) -> Figures:
    """Share of one core that each program takes while nobody asks."""
    before, began = seconds_used(running.processes()), time.monotonic()
    await asyncio.sleep(seconds)
    after, took = seconds_used(running.processes()), time.monotonic() - began
    return {program: used / took for program, used in seconds_between(before, after).items()}


def measure_alone(
    checkout: Checkout, plan: BuildsPlan, prompts: Sequence[str]
) -> dict[str, float] | None:
    """The checkout's engine and finish alone, on prompts that its service drew; None if that fails."""
    if not any(prompts):
        return None
    order: dict[str, Any] = {
        "config": str(checkout.config),
        "prompts": [prompt for prompt in prompts if prompt],
        "candidates": plan.mix.counts[0],
        "users": plan.users,
        "seconds": plan.duration,
    }
    done = subprocess.run(
        [str(checkout.python), str(ALONE)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=checkout.root,
        env=checkout.environment(),
        timeout=PATIENCE + 2 * plan.duration,
        check=False,
    )
    try:
        figures: dict[str, float] = json.loads(done.stdout)
    except ValueError:
        print_progress(f"the engine of {checkout.root} alone: {done.stderr[-300:]}")
        return None
    print_progress(
        f"the engine and the finish alone: a set in {figures['lone']:.2f} s, "
        f"{figures['images_per_second']:.1f} images/s, {figures['cpu_seconds']:.2f} s of CPU a set"
    )
    return figures
