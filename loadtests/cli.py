"""Load a running service with songs and report what it made of them.

    python -m loadtests closed --users 8 --duration 60
    python -m loadtests closed --users 1,2,4,8,16 --plot closed.png
    python -m loadtests open --rate 0.5,1,1.5 --candidates-mix 12:0.7,4:0.2,1:0.1 --json open.json
    python -m loadtests search --objective-done 3.0 --markdown search.md
    python -m loadtests soak --minutes 30 --share 0.7
    python -m loadtests compare --quick
    python -m loadtests readme --check

closed: users who ask again as soon as they were answered.
open: requests at their own times, however slow the answers.
search: the highest Poisson rate at which 95% of requests keep the objective.
soak: below the capacity for long, and the memory of every process meanwhile.
compare: ways to serve side by side, started for the purpose.
readme: the figures of docs/performance.md from those of compare.

The tables go to the standard output, progress to the standard error. Ctrl-C ends a test and reports what was
measured. Only services of this machine are loaded unless --allow-remote is given. The exit code is 0, 1 if no
cover set came, 130 after Ctrl-C. `python -m loadtests closed --help` lists the options.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from loadtests.compare import cli as compare
from loadtests.compare import page
from loadtests.load.loads import ClosedLoad, Load, OpenLoad
from loadtests.load.run import STOPPED, print_progress, stop_on_signals
from loadtests.load.search import find_highest_rate
from loadtests.load.workload import read_songs
from loadtests.options import parse
from loadtests.report.plots import draw_report
from loadtests.report.report import Report
from loadtests.service.client import CoverClient, NotReady, is_loopback
from loadtests.service.machine import FindProcesses, no_processes, process_tree, ray_processes
from loadtests.session import Session, SessionOptions
from loadtests.soak import cli as soak

OTHERS = {"compare": compare.main, "readme": page.main, "soak": soak.main}


async def run(args: argparse.Namespace, report: Report, find: FindProcesses) -> None:
    """Measure what the arguments ask for into `report`.

    Raises:
        NotReady: nothing answers at the address.
    """
    stop = asyncio.Event()
    stop_on_signals(stop)
    options = SessionOptions(
        songs=read_songs(),
        mix=args.candidates_mix,
        seed=args.seed,
        objective=report.objective,
        patience=args.timeout,
        warm_windows=args.warm_up,
        find_processes=find,
    )
    client = CoverClient(
        args.url,
        connections=args.connections,
        connect_timeout=args.connect_timeout,
        stream=not args.whole,
    )
    async with client:
        await client.wait_ready(args.ready_timeout, stop)
        session = Session(client, options, stop, print_progress)
        if args.mode == "search":
            await _search(session, args, report)
        else:
            for load in _loads(args):
                if not stop.is_set():
                    await _measure(session, load, report)
    report.interrupted = stop.is_set()


def _loads(args: argparse.Namespace) -> list[Load]:
    if args.mode == "closed":
        return [ClosedLoad(users, args.duration) for users in args.users]
    return [OpenLoad(rate, args.duration, args.arrivals, args.seed) for rate in args.rate]


async def _measure(session: Session, load: Load, report: Report) -> bool | None:
    """Add a load to the report; whether it kept the objective, None if it was stopped."""
    measured = await session.measure(load)
    if measured.outcomes:
        report.loads.append(measured)
    if measured.interrupted:
        return None
    return report.objective.holds(measured.outcomes)


async def _search(session: Session, args: argparse.Namespace, report: Report) -> None:
    async def meets(rate: float) -> bool | None:
        load = OpenLoad(rate, args.duration, args.arrivals, args.seed)
        met = await _measure(session, load, report)
        if met is not None:
            print_progress(f"{load.name}: {'meets' if met else 'does not meet'} the objective")
        return met

    report.search = await find_highest_rate(
        meets, start=args.start, lowest=args.lowest, highest=args.highest, steps=args.steps
    )


def _processes(args: argparse.Namespace) -> FindProcesses:
    """Whose memory to watch.

    Raises:
        ValueError: there is no such process.
    """
    if args.pid is not None:
        return process_tree(args.pid)
    return ray_processes if is_loopback(args.url) else no_processes


def _write(args: argparse.Namespace, report: Report) -> None:
    if args.json:
        report.write_json(args.json)
    if args.markdown:
        args.markdown.write_text(report.markdown(), encoding="utf-8")
    if args.plot:
        draw_report(report, args.plot)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in OTHERS:
        return OTHERS[words[0]](words[1:])
    args = parse(words, __doc__ or "")
    report = Report(
        mode=args.mode,
        target=str(args.url),
        seed=args.seed,
        mix=str(args.candidates_mix),
        objective=args.objective,
        shared=is_loopback(args.url),
    )
    try:
        asyncio.run(run(args, report, _processes(args)))
    except (NotReady, ValueError) as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return STOPPED
    print(report.markdown(), end="")
    _write(args, report)
    if report.interrupted:
        return STOPPED
    return 0 if report.completed else 1
