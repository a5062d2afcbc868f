"""How fast the generation engine draws, against the textbook sampler and the machine's own limit.

    python scripts/benchmarks/benchmark_generator.py --quick
    python scripts/benchmarks/benchmark_generator.py --candidates 1,12,24,48,96 --widths --arrivals \\
        --json benchmark.json --plot benchmark.png
    python scripts/benchmarks/benchmark_generator.py --shape 350m --candidates 12 --runs 1
    python scripts/benchmarks/benchmark_generator.py --quick --reference ~/src/rq-vae-transformer

Runs of both samplers take turns with nothing else on the machine; figures are medians after warm-up. A set's
parts overlap in the engine (it decodes while it draws), so they may add up to more than the set. "Of limit"
is the time that the transformer's products alone would take at the machine's best rate.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import get_args

import torch

from scripts.benchmarks.generator.agreement import measure_agreement
from scripts.benchmarks.generator.machine import least_seconds, measure_limits
from scripts.benchmarks.generator.measure import (
    Measured,
    draw_set,
    measure_arrivals,
    measure_engine,
    measure_sampler,
    set_threads,
)
from scripts.benchmarks.generator.reference import ReferenceSampler, ReferenceUnusable
from scripts.benchmarks.generator.report import Report
from scripts.benchmarks.generator.shapes import load_shape
from scripts.benchmarks.generator.textbook import TextbookSampler
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.runtimes.runtime import Runtime, RuntimeName, choose_runtime

WIDTHS = (1, 2, 4, 6, 8, 12, 16, 24, 48, 96)


def run(args: argparse.Namespace) -> Report:
    """Measure what the arguments ask for, saying each figure as it comes."""
    torch.set_num_threads(args.threads)
    generator = load_shape(args.shape)
    textbook = None if args.no_textbook else TextbookSampler(generator)
    reference = ReferenceSampler(generator, args.reference) if args.reference else None
    report = Report(generator.name, args.runtime, args.threads, args.width, limits=measure_limits())
    for candidates in args.candidates:
        report.least[candidates] = least_seconds(generator, candidates, report.limits)
        for name, sampler in (("textbook", textbook), ("reference", reference)):
            if sampler is not None:
                torch.set_num_threads(args.threads)
                measured = measure_sampler(sampler, candidates, args.runs, args.warm_ups)
                getattr(report, name).append(_printed(name, measured))
        runtime = _runtime(args)
        sizes = _sizes(args.width, candidates)
        measured = measure_engine(generator, runtime, sizes, candidates, args.runs, args.warm_ups)
        report.engine.append(_printed("engine", measured))
    if args.widths:
        for width in WIDTHS:
            measured = measure_engine(
                generator, _runtime(args), _sizes(width, width), width, args.runs, args.warm_ups
            )
            report.widths.append(_printed("width", measured))
    if args.arrivals:
        _arrivals(generator, _runtime(args), args.slots, report)
    if args.agreement:
        for agreement in measure_agreement(generator, args.agreement):
            report.agreements.append(agreement)
            print(agreement, flush=True)
    return report


def _runtime(args: argparse.Namespace) -> Runtime:
    runtime = choose_runtime(args.runtime, "cpu", args.threads)
    set_threads(args.threads, runtime)
    return runtime


def _sizes(width: int, candidates: int) -> EngineOptions:
    """Whole groups for all candidates of a set at once."""
    return EngineOptions(slots=-(-candidates // width) * width, width=width)


def _printed(name: str, measured: Measured) -> Measured:
    print(
        f"{name} {measured.candidates}: {measured.seconds:.3f} s "
        f"(spread {measured.spread:.3f}), {measured.images_per_second:.1f} covers/s",
        flush=True,
    )
    return measured


def _arrivals(generator: Generator, runtime: Runtime, slots: int, report: Report) -> None:
    with Engine(generator, EngineOptions(slots=slots, width=slots), runtime) as engine:
        draw_set(engine, slots, seed=0)
        for name, together in (("one at a time", False), ("together", True)):
            report.arrivals[name] = measure_arrivals(engine, together=together)
            print(f"arrivals, {name}: {report.arrivals[name]}", flush=True)


def _counts(text: str) -> list[int]:
    counts = [int(word) for word in text.split(",")]
    if min(counts) < 1:
        raise ValueError
    return counts


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--shape",
        default="embedded",
        help="embedded, 350m (random weights) or a generator's folder",
    )
    parser.add_argument("--candidates", type=_counts, default=[1, 12, 24, 48, 96])
    parser.add_argument("--width", type=int, default=12, help="slots of a group (default 12)")
    parser.add_argument("--runs", type=int, default=5, help="timed runs (default 5)")
    parser.add_argument("--warm-ups", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runtime", choices=get_args(RuntimeName), default="auto")
    parser.add_argument("--no-textbook", action="store_true", help="measure the engine alone")
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FOLDER",
        help="also measure a copy of kakaobrain/rq-vae-transformer, with omegaconf and tqdm installed",
    )
    parser.add_argument("--widths", action="store_true", help="what a wider step pays")
    parser.add_argument(
        "--slots", type=int, default=12, help="of the engine that arrivals meet (default 12)"
    )
    parser.add_argument("--arrivals", action="store_true", help="eight requests, 100 ms apart")
    parser.add_argument(
        "--agreement",
        type=int,
        metavar="COVERS",
        help="draw so many in several widths, threads and runtimes: how many are the same?",
    )
    parser.add_argument("--quick", action="store_true", help="12 and 96 covers, within 3 minutes")
    parser.add_argument("--json", type=Path, help="write all figures")
    parser.add_argument("--plot", type=Path, help="write a PNG")
    args = parser.parse_args(arguments)
    if args.quick:
        args.candidates, args.runs = [12, 96], min(args.runs, 3)
    return args


def main(arguments: list[str] | None = None) -> None:
    args = parse(arguments)
    try:
        report = run(args)
    except (ReferenceUnusable, ValueError) as error:
        sys.exit(f"benchmark_generator: {error}")
    print("\n" + report.table())
    if args.json:
        report.write_json(args.json)
    if args.plot:
        report.draw(args.plot)


if __name__ == "__main__":
    main()
