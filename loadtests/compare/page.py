"""Write the figures of docs/performance.md from those that `compare` measured, so that none is copied by hand.

python -m loadtests readme
python -m loadtests readme --check
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.compare.figures import describe
from loadtests.service.launch import ROOT

FIGURES = ROOT / "docs" / "compare.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN = "<!-- figures of docs/compare.json, written by `python -m loadtests readme` -->"
END = "<!-- end of figures -->"


@dataclass(frozen=True)
class Peer:
    """A speed that somebody else published, on other hardware."""

    system: str
    hardware: str
    images: int
    seconds: float
    source: str

    def row(self) -> str:
        """Of the table, with the seconds an image."""
        each = f"{self.seconds / self.images:.2f}"
        cells = self.system, self.hardware, self.images, f"{self.seconds:g}", each, self.source
        return "| " + " | ".join(map(str, cells)) + " |"


PEERS = (
    Peer("RQ-Transformer 1.4B, codes 8x8x4", "A100", 100, 3.9, "its paper, figure 4"),
    Peer("min-dalle Mega, 256 codes", "A100", 12, 11.0, "its repository's graph"),
    Peer("min-dalle Mega, 256 codes", "T4", 9, 55.0, "its README"),
    Peer("LlamaGen 111M, 576 codes", "A100", 8, 7.8, "its README"),
    Peer("LlamaGen 111M, 576 codes, on vLLM", "A100", 8, 2.39, "its README"),
    Peer("the original Song DALL-E", "not stated", 12, 35.0, "its slides: 30 to 40 s"),
)


def section(comparison: dict[str, Any]) -> str:
    """The figures as Markdown, from what `compare --json` wrote."""
    machine = comparison["machine"]
    lines = [
        BEGIN,
        f"Measured on {machine['cpu']}, {machine['cpus']} cores, {machine['memory_gib']:g} GiB, without a GPU, "
        f"on {comparison['started_at'][:10]}, the load generator on the same cores: "
        f"{comparison['users']} users who ask again as soon as they are answered, candidates "
        f"{comparison['candidates_mix']}. Windows of the ways alternate. Images/s over all windows, then the "
        "slowest and the fastest window; seconds from a request to its whole set.",
        "",
        *describe(comparison),
        "",
        "Published by others, **on other hardware, with other models and sizes**: no comparison, but the place "
        "of the original's 30 to 40 seconds.",
        "",
        "| | hardware | images | seconds | s an image | source |",
        "|---|---|---|---|---|---|",
        *(peer.row() for peer in PEERS),
        END,
    ]
    return "\n".join(lines)


def replaced(page: str, figures: str) -> str:
    """`page` with its section of figures replaced.

    Raises:
        ValueError: it has no such section.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page lacks the lines {BEGIN!r} and {END!r}")
    return before + figures + after


def main(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtests readme",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--figures", type=Path, default=FIGURES, help="default docs/compare.json")
    add("--page", type=Path, default=PAGE, help="default docs/performance.md")
    add("--check", action="store_true", help="write nothing; exit code 1 if they differ")
    args = parser.parse_args(arguments)
    try:
        comparison = json.loads(args.figures.read_text(encoding="utf-8"))
        present = args.page.read_text(encoding="utf-8")
        wanted = replaced(present, section(comparison))
    except (OSError, ValueError) as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 1
    if not args.check:
        args.page.write_text(wanted, encoding="utf-8")
    elif wanted != present:
        print(f"loadtests: {args.page} differs: run `python -m loadtests readme`", file=sys.stderr)
        return 1
    return 0
