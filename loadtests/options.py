"""The command line's options and their bounds."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from loadtests.load.loads import MAX_REQUESTS, Arrivals
from loadtests.load.workload import CandidatesMix
from loadtests.report.latency import Objective
from loadtests.service.client import TargetRefused, check_target

Number = TypeVar("Number", int, float)

MAX_DURATION = 3600.0
MAX_LOADS = 16
MAX_USERS = 1000
MAX_RATE = 1000.0


def parse(arguments: list[str] | None, description: str) -> argparse.Namespace:
    """Read the command line; ends the program with a message if it cannot be followed."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtests",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    modes = parser.add_subparsers(dest="mode", required=True, metavar="closed | open | search")
    for mode, (help_text, example, add) in MODES.items():
        add(
            modes.add_parser(
                mode,
                help=help_text,
                description=f"Measure {help_text}.",
                epilog=f"example: python -m loadtests {mode} {example}",
            )
        )
    args = parser.parse_args(arguments)
    try:
        args.url = check_target(args.url, allow_remote=args.allow_remote)
    except TargetRefused as error:
        parser.error(str(error))
    args.objective = Objective(args.objective_done, args.objective_share)
    _check(parser, args)
    return args


def _add_closed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--users",
        type=_several(_between(int, 1, MAX_USERS)),
        default=[8],
        metavar="N[,N...]",
        help="users at once; several are measured one after the other (default 8)",
    )
    _add_common(parser)


def _add_open(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rate",
        type=_several(_between(float, 0.001, MAX_RATE)),
        required=True,
        metavar="R[,R...]",
        help="requests a second; several are measured one after the other",
    )
    _add_arrivals(parser)
    _add_common(parser)


def _add_search(parser: argparse.ArgumentParser) -> None:
    rate = _between(float, 0.001, MAX_RATE)
    parser.add_argument(
        "--start", type=rate, metavar="R", default=1.0, help="first rate tried (default 1)"
    )
    parser.add_argument(
        "--lowest", type=rate, metavar="R", default=0.1, help="lowest rate tried (default 0.1)"
    )
    parser.add_argument(
        "--highest", type=rate, metavar="R", default=16.0, help="highest one (default 16)"
    )
    parser.add_argument(
        "--steps", type=_between(int, 1, MAX_LOADS), default=8, help="rates tried (default 8)"
    )
    _add_arrivals(parser)
    _add_common(parser)


def _add_arrivals(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--arrivals",
        type=Arrivals,
        choices=list(Arrivals),
        default=Arrivals.POISSON,
        help="as strangers come, or evenly spaced (default poisson)",
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    seconds = _between(float, 0.1, 600)
    add = parser.add_argument_group("the load").add_argument
    add(
        "--duration",
        type=_between(float, 0.1, MAX_DURATION),
        default=60.0,
        metavar="S",
        help="seconds of each load, at most an hour (default 60)",
    )
    add(
        "--candidates-mix",
        type=_with_reason(CandidatesMix.parse),
        default=CandidatesMix.parse("12"),
        metavar="MIX",
        help="candidate counts and weights, such as 12:0.7,4:0.2,1:0.1 (default 12)",
    )
    add("--seed", type=int, default=7, help="of songs, counts and arrival times (default 7)")
    add(
        "--warm-up",
        type=_between(int, 0, 50),
        default=10,
        metavar="WINDOWS",
        help="warm up until three windows agree, in so many at most; 0: none (default 10)",
    )
    add(
        "--objective-done",
        type=seconds,
        metavar="S",
        default=3.0,
        help="seconds to a set (default 3.0)",
    )
    add(
        "--objective-share",
        metavar="SHARE",
        type=_between(float, 0.01, 1),
        default=0.95,
        help="share of requests that must keep it (default 0.95)",
    )
    _add_target(parser)
    add = parser.add_argument_group("the report").add_argument
    add("--json", type=Path, metavar="FILE", help="write all figures and every request")
    add("--markdown", type=Path, metavar="FILE", help="write the tables")
    add("--plot", type=Path, metavar="FILE", help="write a PNG")


def _add_target(parser: argparse.ArgumentParser) -> None:
    seconds = _between(float, 0.1, 600)
    add = parser.add_argument_group("the service").add_argument
    add("--url", default="http://127.0.0.1:8000", help="default http://127.0.0.1:8000")
    add("--allow-remote", action="store_true", help="load a service that is not on this machine")
    add(
        "--whole",
        action="store_true",
        help="ask for whole sets, not for streams with their first preview and first cover",
    )
    add("--pid", type=_between(int, 1, 2**31), help="watch the memory of this process's tree")
    add(
        "--timeout",
        type=seconds,
        metavar="S",
        default=60.0,
        help="seconds a request may take (default 60)",
    )
    add(
        "--connect-timeout",
        type=seconds,
        metavar="S",
        default=5.0,
        help="seconds to connect (default 5)",
    )
    add(
        "--ready-timeout",
        type=seconds,
        metavar="S",
        default=10.0,
        help="seconds to be ready (default 10)",
    )
    add(
        "--connections",
        type=_between(int, 1, 4096),
        default=256,
        help="requests under way at most; others wait (default 256)",
    )


MODES: dict[str, tuple[str, str, Callable[[argparse.ArgumentParser], None]]] = {
    "closed": (
        "users who ask again once answered",
        "--users 1,2,4,8 --plot closed.png",
        _add_closed,
    ),
    "open": ("requests at their own times", "--rate 0.5,1,1.5 --json open.json", _add_open),
    "search": (
        "the highest rate that keeps the objective",
        "--objective-done 3.0 --duration 60 --markdown search.md",
        _add_search,
    ),
}


def _check(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """End the program if options contradict each other or a file cannot be written later."""
    if args.mode == "search" and not args.lowest <= args.start <= args.highest:
        parser.error("--lowest, --start and --highest must be in this order")
    rates = {"open": lambda: max(args.rate), "search": lambda: args.highest}
    if args.mode in rates:
        requests = rates[args.mode]() * args.duration
        if requests > MAX_REQUESTS:
            parser.error(f"that is {requests:.0f} requests; a load has at most {MAX_REQUESTS}")
    for path in filter(None, (args.json, args.markdown, args.plot)):
        if path.is_dir() or not path.parent.is_dir():
            parser.error(f"{path} cannot be written: its folder must exist, and it must be a file")


def _between(kind: Callable[[str], Number], low: float, high: float) -> Callable[[str], Number]:
    """Reads a number from low to high."""

    def read(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not (math.isfinite(value) and low <= value <= high):
            raise argparse.ArgumentTypeError(f"{text} is not from {low:g} to {high:g}")
        return value

    return read


def _several(read: Callable[[str], Number]) -> Callable[[str], list[Number]]:
    """Reads numbers with commas between them."""

    def read_all(text: str) -> list[Number]:
        values = [read(part) for part in text.split(",")]
        if len(values) > MAX_LOADS:
            raise argparse.ArgumentTypeError(f"at most {MAX_LOADS} loads a run")
        return values

    return read_all


def _with_reason(read: Callable[[str], CandidatesMix]) -> Callable[[str], CandidatesMix]:
    """Passes on what is wrong with a value; argparse would only say that something is."""

    def reading(text: str) -> CandidatesMix:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reading
