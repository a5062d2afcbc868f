"""Run ways to serve side by side on this machine, alternating, and say how they differ.

    python -m loadtests compare --quick
    python -m loadtests compare --groups service,slots --rounds 3 --json compare.json
    python -m loadtests compare --against ../other-checkout --json builds.json --plot builds.png

Every group starts a Ray cluster of its own with all its applications; windows of load go round them in turn, so
that what the machine does meanwhile meets all alike. --quick measures the service, the same service one request
at a time, and the original's way, in less than five minutes. Ctrl-C ends it.

--against measures the default service of this checkout and of another one, each with its own modules, weights,
environment, port and data folder, one after the other in every round: a lone request, its first preview, users
at once, the memory and the idle and busy processor time of every process, the start, and the engine and the
finish alone. It takes about seven minutes a round, with --quick four.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from loadtests.compare.build_figures import BuildsComparison
from loadtests.compare.build_picture import draw_builds
from loadtests.compare.builds import BuildsPlan, checkout_at, compare_builds
from loadtests.compare.configurations import Configuration, Group, groups
from loadtests.compare.figures import Comparison, GroupFigures, Window
from loadtests.compare.overhead import measure_overhead
from loadtests.load.loads import Arrivals, ClosedLoad, Load, OpenLoad
from loadtests.load.run import STOPPED, Run, print_progress
from loadtests.load.workload import CandidatesMix, read_songs, stream_requests
from loadtests.service.client import CoverClient, NotReady
from loadtests.service.launch import Launched, launched
from loadtests.service.machine import MemorySampler
from loadtests.service.metrics import EngineFigures, MetricsReader

QUICK_ROUNDS = 2
QUICK_SECONDS = 8.0
QUICK_LIMIT = 255.0  # seconds by which the last round must end; what follows takes up to 40
WARM_UP = 2
MIN_RATE = 0.1
SINGLE = 8  # requests of a lone user
PATIENCE = 300.0


@dataclass(frozen=True)
class Plan:
    """How every configuration is loaded.

    Attributes:
        limit: seconds since the start by which the last round must end; the first is measured in any case.
    """

    users: int
    rounds: int
    duration: float
    mix: CandidatesMix
    seed: int
    limit: float = math.inf


async def compare(chosen: Sequence[Group], plan: Plan, quick: bool) -> Comparison:
    """Measure groups one after the other.

    Raises:
        NotReady: an application did not start.
    """
    began = time.monotonic()
    comparison = Comparison(plan.users, str(plan.mix), plan.seed, quick, datetime.now(UTC))
    for group in chosen:
        print_progress(f"{group.name}: starting {len(group.applications)} applications")
        async with launched(group.applications) as running:
            comparison.groups.append(await _measure_group(group, running, plan, began))
            if group.name == "service":
                await _measure_single(group.configurations[0], running, plan, comparison)
    comparison.seconds = time.monotonic() - began
    print_progress(f"{comparison.seconds:.0f} s in all")
    return comparison


async def _measure_group(group: Group, running: Launched, plan: Plan, began: float) -> GroupFigures:
    figures = GroupFigures(group)
    mix = CandidatesMix.parse(group.mix) if group.mix else plan.mix
    plan = dataclasses.replace(plan, mix=mix)
    for configuration in group.configurations:
        await _play(configuration, running, plan, ClosedLoad(1, PATIENCE), count=WARM_UP)
    async with MemorySampler(running.processes) as memory:
        rate = await _rate(group, running, plan)
        for number in range(plan.rounds):
            started = time.monotonic()
            for configuration in group.configurations:
                load = _load(plan, rate, number)
                window = await _play(configuration, running, plan, load, number)
                figures.windows[configuration.name].append(window)
                print_progress(
                    f"{group.name}, round {number + 1}, {configuration.name}: {window.describe()}"
                )
            now = time.monotonic()
            if now - began + (now - started) > plan.limit:
                break
    figures.memory = list(memory.peaks)
    return figures


async def _rate(group: Group, running: Launched, plan: Plan) -> float | None:
    """Requests a second to offer to all of a group; None: users ask again once answered."""
    if group.share is None:
        return None
    first = group.configurations[0]
    probe = await _play(first, running, plan, ClosedLoad(plan.users, plan.duration))
    print_progress(f"{group.name}, {first.name} at its most: {probe.describe()}")
    return (
        max(MIN_RATE, group.share * len(probe.done) / probe.seconds) if probe.seconds else MIN_RATE
    )


def _load(plan: Plan, rate: float | None, number: int) -> Load:
    if rate is None:
        return ClosedLoad(plan.users, plan.duration)
    return OpenLoad(rate, plan.duration, Arrivals.POISSON, plan.seed + number)


async def _measure_single(
    configuration: Configuration, running: Launched, plan: Plan, comparison: Comparison
) -> None:
    """A lone user's requests, and what of their time is HTTP's and Ray's."""
    reader = MetricsReader(running.urls[configuration.application], configuration.application)
    before = await reader.settled()
    load = ClosedLoad(1, PATIENCE)
    comparison.single = await _play(configuration, running, plan, load, count=SINGLE)
    comparison.overhead = measure_overhead(
        comparison.single.outcomes, before, await reader.settled()
    )


async def _play(
    configuration: Configuration,
    running: Launched,
    plan: Plan,
    load: Load,
    number: int = 0,
    *,
    count: int | None = None,
) -> Window:
    """One window; the same number asks every configuration for the same songs in the same order."""
    url = running.urls[configuration.application]
    reader = MetricsReader(url, configuration.application)
    async with CoverClient(url, connections=configuration.connections) as client:
        run = Run(client, PATIENCE, asyncio.Event())
        requests = stream_requests(read_songs(), plan.mix, plan.seed + number)
        before = await reader.read() if count is None else None
        if count is None:
            await load.drive(run, requests)
        else:
            await load.drive(run, islice(requests, count))
        after = await reader.settled() if before is not None else None
    return Window(run.outcomes, EngineFigures.between(before, after))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the program with a message if it cannot be followed."""
    names = [group.name for group in groups()]
    parser = argparse.ArgumentParser(
        prog="python -m loadtests compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="the service's group only, in short windows")
    add("--groups", default=",".join(names), help=f"of {', '.join(names)} (default: all)")
    add("--users", type=int, default=8, help="users at once (default 8)")
    add(
        "--rounds",
        type=int,
        help=f"windows of each (default 3; quick: {QUICK_ROUNDS}, with --against 1)",
    )
    add("--duration", type=float, metavar="S", help="seconds of a window (default 30; quick: 8)")
    add("--candidates-mix", default="12", metavar="MIX", help="as for closed (default 12)")
    add("--seed", type=int, default=7, help="of songs and counts (default 7)")
    add("--json", type=Path, metavar="FILE", help="write all figures")
    add("--markdown", type=Path, metavar="FILE", help="write the tables")
    add = parser.add_argument_group("two builds").add_argument
    add("--against", type=Path, metavar="PATH", help="another checkout, in place of the groups")
    add(
        "--against-python",
        type=Path,
        metavar="FILE",
        help="its interpreter (default: its .venv's, without one this one's)",
    )
    add("--plot", type=Path, metavar="FILE", help="write a PNG")
    args = parser.parse_args(arguments)
    chosen = ["service"] if args.quick else args.groups.split(",")
    if unknown := set(chosen) - set(names):
        parser.error(f"there is no group {', '.join(sorted(unknown))}: choose of {names}")
    args.chosen = [group for group in groups() if group.name in chosen]
    rounds = args.rounds or (QUICK_ROUNDS if args.quick else 3)
    duration = args.duration or (QUICK_SECONDS if args.quick else 30.0)
    if not (1 <= args.users <= 256 and 1 <= rounds <= 20 and 0.5 <= duration <= 600):
        parser.error("users are 1 to 256, rounds 1 to 20, a window 0.5 to 600 s")
    try:
        mix = CandidatesMix.parse(args.candidates_mix)
    except ValueError as error:
        parser.error(str(error))
    for path in filter(None, (args.json, args.markdown, args.plot)):
        if path.is_dir() or not path.parent.is_dir():
            parser.error(f"{path} cannot be written: its folder must exist, and it must be a file")
    limit = QUICK_LIMIT if args.quick else math.inf
    args.plan = Plan(args.users, rounds, duration, mix, args.seed, limit)
    if args.against is None:
        if args.plot or args.against_python:
            parser.error("--plot and --against-python belong to --against")
        return args
    try:
        args.other = checkout_at(args.against, args.against_python)
    except ValueError as error:
        parser.error(str(error))
    args.builds = BuildsPlan(args.users, rounds, duration, mix, args.seed)
    if args.quick:
        quick = BuildsPlan.quick(args.users, mix, args.seed)
        args.builds = dataclasses.replace(
            quick, rounds=args.rounds or quick.rounds, duration=args.duration or quick.duration
        )
    return args


def main(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code."""
    args = parse(arguments)
    try:
        comparison: Comparison | BuildsComparison
        if args.against is not None:
            comparison = asyncio.run(compare_builds(args.other, args.builds))
            if args.plot:
                draw_builds(comparison, args.plot)
        else:
            comparison = asyncio.run(compare(args.chosen, args.plan, args.quick))
    except NotReady as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return STOPPED
    print(comparison.markdown(), end="")
    if args.json:
        comparison.write_json(args.json)
    if args.markdown:
        args.markdown.write_text(comparison.markdown(), encoding="utf-8")
    return 0 if comparison.complete else 1
