"""Songs a second of each text stage's back ends in batches of 1, 4, 8 and 16, and what batching gains.

    python scripts/benchmarks/benchmark_stages.py
    python scripts/benchmarks/benchmark_stages.py --backends kobart --rounds 1 --json kobart.json

The tiny models, and those of the published sizes (kobert, kobart, marian), have random weights: they cost
what trained ones do, but write to their last token, which trained ones seldom do. Songs have 5 to 40 lines,
the same for each size of batch; sizes take turns within a round. Ratios travel between machines better than
songs a second do.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from scripts.benchmarks.stages.backends import NAMES, Backend, Setting, Song, build
from scripts.benchmarks.stages.checkpoints import lyrics
from scripts.common.reports import table, write_json

SMALL = NAMES[:7]
"""Back ends that take seconds; the others take minutes."""


@dataclass(frozen=True)
class Figures:
    """One back end: songs a second by size of batch, and the same over those of the first size.

    Attributes:
        tokens: a song on average; None where the model reads no tokens.
        padding: share of a batch of the last size that is padding, were it not parted by length.
    """

    stage: str
    parameters: int
    tokens: float | None
    padding: float | None
    songs_per_second: dict[int, float]
    ratios: dict[int, float]


def make_songs(count: int, seed: int) -> list[Song]:
    """Songs of 5 to 40 Korean lines of the project's lyrics."""
    stream = random.Random(seed)
    lines = [line for line in lyrics() if any("가" <= letter <= "힣" for letter in line)]
    return [stream.sample(lines, stream.randint(5, 40)) for _ in range(count)]


def measure(backend: Backend, songs: Sequence[Song], sizes: Sequence[int], rounds: int) -> Figures:
    """All songs in batches of each size, sizes taking turns; medians over the rounds."""
    backend.run(songs[: max(sizes)])  # warm
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    for turn in range(rounds):
        for size in sizes if turn % 2 == 0 else reversed(sizes):
            started = time.perf_counter()
            for start in range(0, len(songs), size):
                backend.run(songs[start : start + size])
            seconds[size].append(time.perf_counter() - started)
            taken = f"{seconds[size][-1]:.1f} s for {len(songs)} songs"
            print(f"{backend.name}: batches of {size}, {taken}", file=sys.stderr, flush=True)
    rates = {size: len(songs) / statistics.median(times) for size, times in seconds.items()}
    tokens = backend.tokens and [backend.tokens(song) for song in songs]
    return Figures(
        backend.stage,
        backend.parameters,
        statistics.mean(tokens) if tokens else None,
        _padding(tokens, max(sizes)) if tokens else None,
        {size: round(rate, 3) for size, rate in rates.items()},
        {size: round(rate / rates[sizes[0]], 2) for size, rate in rates.items()},
    )


def _padding(tokens: Sequence[int], size: int) -> float:
    padded = sum(
        max(tokens[start : start + size]) * len(tokens[start : start + size])
        for start in range(0, len(tokens), size)
    )
    return round(1 - sum(tokens) / padded, 3)


def report(measured: dict[str, Figures], sizes: Sequence[int]) -> str:
    """The figures as a table: songs a second at the first size, then what larger batches gain."""
    first, *more = sizes
    header = ("back end", "stage", "M", "tokens", f"songs/s at {first}", *(f"x {n}" for n in more))
    rows = []
    for name, each in measured.items():
        size = f"{each.parameters / 1e6:.1f}" if each.parameters else None
        tokens = None if each.tokens is None else round(each.tokens)
        gains = [f"{each.ratios[n]:.2f}" for n in more]
        rows.append((name, each.stage, size, tokens, f"{each.songs_per_second[first]:.2f}", *gains))
    return table(header, rows)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = made.add_argument
    add("--backends", default=",".join(SMALL), metavar="NAMES",
        help=f"by commas, of {', '.join(NAMES)} (default: those that take seconds)")  # fmt: skip
    add("--batches", default="1,4,8,16", metavar="SIZES", help="by commas (1,4,8,16)")
    add("--songs", type=int, default=32, help="songs a round (32)")
    add("--rounds", type=int, default=3, help="rounds (3)")
    add("--max-length", type=int, default=32, help="tokens written a song (32)")
    add("--num-beams", type=int, default=4, help="beams of the search (4)")
    add("--threads", type=int, default=2, help="CPU threads (2)")
    add("--device", default="cpu", help="torch device (cpu)")
    add("--dtype", choices=("float32", "float16", "bfloat16"), default="float32")
    add("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    made = parser()
    args = made.parse_args(arguments)
    names = [name.strip() for name in args.backends.split(",")]
    if unknown := [name for name in names if name not in NAMES]:
        made.error(f"no back end {unknown[0]!r}: choose from {', '.join(NAMES)}")
    try:
        sizes = [int(size) for size in args.batches.split(",")]
    except ValueError:
        made.error("--batches wants whole numbers parted by commas, as in 1,4,8")
    if min([*sizes, args.songs, args.rounds, args.threads]) < 1:
        made.error("--batches, --songs, --rounds and --threads must be at least 1")
    torch.set_num_threads(args.threads)
    songs = make_songs(args.songs, seed=0)
    measured: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(Path(folder), args.device, args.dtype, args.max_length, args.num_beams)
        for name in names:
            measured[name] = measure(build(name, setting), songs, sizes, args.rounds)
            figures: dict[str, Any] = {name: asdict(each) for name, each in measured.items()}
            write_json(args.json, {"setting": _setting(args), "backends": figures})
    print(report(measured, sizes))
    return 0


def _setting(args: argparse.Namespace) -> dict[str, Any]:
    names = ("songs", "rounds", "max_length", "num_beams", "threads", "device", "dtype")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {**{name: getattr(args, name) for name in names}, "cores": cores}


if __name__ == "__main__":
    sys.exit(main())
