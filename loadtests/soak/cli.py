"""Load a running service for long, below its capacity, and watch the memory of every process.

    python -m loadtests soak --minutes 30 --share 0.7 --json soak.json --plot soak.png

First the capacity is found: cover sets a second for users who ask again as soon as they are answered. Then
requests come at a share of it, at their own times (Poisson), while the resident memory of every process is
sampled. The slope of each is by least squares, with the interval in which it lies with 95% confidence; what a
process takes while it settles is left out. The exit code is 0 if all requests were answered and no process
grows, 1 otherwise, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests.load.loads import MAX_REQUESTS, Arrivals, ClosedLoad, OpenLoad
from loadtests.load.run import STOPPED, print_progress, stop_on_signals
from loadtests.load.workload import CandidatesMix, read_songs
from loadtests.report.latency import Objective, percentile
from loadtests.report.measured import Measured
from loadtests.service.client import CoverClient, NotReady, TargetRefused, check_target, is_loopback
from loadtests.service.machine import (
    FindProcesses,
    describe_machine,
    no_processes,
    process_tree,
    ray_processes,
)
from loadtests.session import Session, SessionOptions
from loadtests.soak.growth import History, MemoryHistory

SPELLS = 30  # parts of the load whose latencies are told apart


@dataclass
class Soak:
    """What a soak found.

    Attributes:
        capacity: cover sets a second.
        settled: seconds after which memory counts.
    """

    share: float
    settled: float
    capacity: float = 0.0
    load: Measured | None = None
    histories: list[History] = field(default_factory=list)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def lasting(self) -> list[History]:
        """Processes that were there at the end of settling and at the end of all, the largest first."""
        end = max((h.times[-1] for h in self.histories), default=0.0)
        stayed = [
            h for h in self.histories if h.times[0] <= self.settled and h.times[-1] > 0.9 * end
        ]
        return sorted(stayed, key=lambda h: -h.mebibytes[-1])

    @property
    def growing(self) -> list[History]:
        """Processes whose memory grows beyond noise."""
        slopes = ((h, h.slope(self.settled)) for h in self.lasting)
        return [h for h, slope in slopes if slope is not None and slope.grows]

    @property
    def sound(self) -> bool:
        """Whether all requests were answered and nothing grows."""
        load = self.load
        return bool(load and load.done and not load.failed and not load.refused) and not (
            self.growing
        )

    def spells(self) -> list[dict[str, float]]:
        """Latencies in equal parts of the load, so that a slow decay shows."""
        if self.load is None or not self.load.done:
            return []
        length = self.load.span / SPELLS or 1.0
        parts: dict[int, list[float]] = {}
        for outcome in self.load.done:
            parts.setdefault(int(outcome.due / length), []).append(outcome.latency)
        return [
            {
                "second": round(part * length, 1),
                "done": len(latencies),
                "p50": round(percentile(latencies, 50), 4),
                "p95": round(percentile(latencies, 95), 4),
            }
            for part, latencies in sorted(parts.items())
        ]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; single requests only where they failed."""
        load = self.load.as_dict() if self.load else None
        if load is not None:
            load["requests"] = [r for r in load["requests"] if r["kind"] != "done"]
        return {
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "machine": describe_machine(),
            "share": self.share,
            "capacity": round(self.capacity, 4),
            "settled_after": self.settled,
            "sound": self.sound,
            "load": load,
            "spells": self.spells(),
            "processes": [history.as_dict(self.settled) for history in self.lasting],
            "ended_early": sorted(
                {h.name for h in self.histories} - {h.name for h in self.lasting}
            ),
        }

    def markdown(self) -> str:
        """Tables to read."""
        load = self.load
        lines = ["# Soak test", "", f"Capacity: {self.capacity:.3g} cover sets a second.", ""]
        if load is not None and load.latency is not None:
            lines += [
                f"{self.share:.0%} of it for {load.span / 60:.1f} minutes: {len(load.outcomes)} requests, "
                f"{len(load.done)} done, {len(load.refused)} refused, {len(load.failed)} failed; "
                f"p50 {load.latency['p50']:.2f} s, p95 {load.latency['p95']:.2f} s.",
                "",
            ]
        lines += [
            "| process | pid | MiB at first | at last | MiB an hour | 95% interval | grows |",
            "|---|---|---|---|---|---|---|",
        ]
        for history in self.lasting:
            slope = history.slope(self.settled)
            slope_cells = ("-", "-", "-")
            if slope is not None:
                interval = f"{slope.low:.2f} to {slope.high:.2f}"
                slope_cells = (f"{slope.estimate:.2f}", interval, "yes" if slope.grows else "no")
            levels = (f"{history.mebibytes[0]:.1f}", f"{history.mebibytes[-1]:.1f}")
            lines.append(
                f"| {' | '.join((history.name, str(history.pid), *levels, *slope_cells))} |"
            )
        return "\n".join(lines) + "\n"


async def run(args: argparse.Namespace, soak: Soak, find: FindProcesses) -> bool:
    """Find the capacity, then load and watch; whether it was stopped early.

    Raises:
        NotReady: nothing answers at the address.
        ValueError: nothing was answered, or so many requests are more than a load has.
    """
    stop = asyncio.Event()
    stop_on_signals(stop)
    options = SessionOptions(
        songs=read_songs(),
        mix=args.candidates_mix,
        seed=args.seed,
        objective=Objective(args.timeout, 0.95),
        patience=args.timeout,
        warm_windows=args.warm_up,
    )
    async with CoverClient(args.url, stream=not args.whole) as client:
        await client.wait_ready(args.ready_timeout, stop)
        session = Session(client, options, stop, print_progress)
        probe = await session.measure(ClosedLoad(args.users, args.capacity_seconds))
        soak.capacity = probe.requests_per_second
        if not stop.is_set():
            seconds, rate = 60 * args.minutes, args.share * soak.capacity
            if not 0 < rate * seconds <= MAX_REQUESTS:
                raise ValueError(
                    f"{rate:.3g} requests a second for {seconds:.0f} s cannot be sent: a load has "
                    f"1 to {MAX_REQUESTS} requests; choose other --minutes or --share"
                )
            print_progress(f"capacity {soak.capacity:.3g} sets/s; soaking at {rate:.3g} requests/s")
            async with MemoryHistory(find, args.every) as memory:
                load = OpenLoad(rate, seconds, Arrivals.POISSON, args.seed)
                soak.load = await session.measure(load)
            soak.histories = list(memory.histories.values())
    return stop.is_set()


def draw(soak: Soak, path: Path) -> None:
    """A PNG: memory above its first level, process by process, and latency, over the load."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (memory, latency) = pyplot.subplots(2, 1, figsize=(11, 8), layout="constrained")
    for history in soak.lasting:
        record = history.as_dict(soak.settled)
        minutes = [second / 60 for second in record["times"]]
        growth = [mib - record["mebibytes"][0] for mib in record["mebibytes"]]
        memory.plot(minutes, growth, label=f"{history.name} {history.pid}", linewidth=1)
    memory.axvline(soak.settled / 60, color="tab:gray", linestyle=":")
    memory.set(title="resident memory above the first sample", ylabel="MiB")
    if soak.lasting:
        memory.legend(fontsize="x-small", ncols=3)
    spells = soak.spells()
    for name in ("p50", "p95"):
        latency.plot([s["second"] / 60 for s in spells], [s[name] for s in spells], label=name)
    latency.set(title="due to done", xlabel="minutes", ylabel="s", ylim=(0, None))
    if spells:
        latency.legend()
    figure.savefig(path, dpi=100, format="png", metadata={"Software": None})
    pyplot.close(figure)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the program with a message if it cannot be followed."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtests soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--minutes", type=float, default=30.0, help="of the load (default 30)")
    add("--share", type=float, default=0.7, help="of the capacity (default 0.7)")
    add("--users", type=int, default=8, help="at once, to find the capacity (default 8)")
    add("--capacity-seconds", type=float, default=60.0, metavar="S", help="for that (default 60)")
    add("--settle", type=float, default=0.2, help="share of the time that does not count (0.2)")
    add("--every", type=float, default=2.0, metavar="S", help="between samples (default 2)")
    add("--warm-up", type=int, default=10, metavar="WINDOWS", help="at most; 0: none (default 10)")
    add("--candidates-mix", default="12", metavar="MIX", help="as for closed (default 12)")
    add("--seed", type=int, default=7, help="of songs, counts and arrival times (default 7)")
    add("--whole", action="store_true", help="ask for whole sets, not for streams")
    add("--url", default="http://127.0.0.1:8000", help="default http://127.0.0.1:8000")
    add("--allow-remote", action="store_true", help="load a service that is not on this machine")
    add("--pid", type=int, help="watch this process's tree; without it, Ray's workers here")
    add("--timeout", type=float, default=60.0, metavar="S", help="for a request (default 60)")
    add("--ready-timeout", type=float, default=10.0, metavar="S", help="to be ready (default 10)")
    add("--json", type=Path, metavar="FILE", help="write all figures")
    add("--plot", type=Path, metavar="FILE", help="write a PNG")
    args = parser.parse_args(arguments)
    try:
        args.url = check_target(args.url, allow_remote=args.allow_remote)
        args.candidates_mix = CandidatesMix.parse(args.candidates_mix)
    except (TargetRefused, ValueError) as error:
        parser.error(str(error))
    if not (0.01 <= args.minutes <= 1440 and 0.01 <= args.share <= 1 and 0 <= args.settle < 1):
        parser.error("minutes are 0.01 to 1440, the share 0.01 to 1, what settles 0 to below 1")
    if not (1 <= args.users <= 256 and 0.1 <= args.capacity_seconds <= 600 and args.every > 0):
        parser.error("users are 1 to 256, the capacity's seconds 0.1 to 600, samples above 0 s")
    for path in filter(None, (args.json, args.plot)):
        if path.is_dir() or not path.parent.is_dir():
            parser.error(f"{path} cannot be written: its folder must exist, and it must be a file")
    return args


def main(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code."""
    args = parse(arguments)
    soak = Soak(args.share, args.settle * 60 * args.minutes)
    try:
        local = ray_processes if is_loopback(args.url) else no_processes
        find = local if args.pid is None else process_tree(args.pid)
        stopped = asyncio.run(run(args, soak, find))
    except (NotReady, ValueError) as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return STOPPED
    print(soak.markdown(), end="")
    if args.json:
        args.json.write_text(json.dumps(soak.as_dict(), ensure_ascii=False) + "\n", "utf-8")
    if args.plot:
        draw(soak, args.plot)
    return STOPPED if stopped else int(not soak.sound)
