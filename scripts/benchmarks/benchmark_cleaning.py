"""How long pasted lyrics take to become plain ones, on one core.

    python scripts/benchmarks/benchmark_cleaning.py

"plain" is taking out what a paste adds (songdalle_core/pasted), "clean" all of cleaning but the spacing of
Korean, which kiwi corrects line by line, and "spaced" the whole. Processor time of one process, best of some
rounds: milliseconds for 20,000 characters, the most that a request may hold.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.common import command_line
from scripts.common.reports import markdown
from songdalle_core.lyrics import KiwiSpacer, clean_lyrics
from songdalle_core.pasted import plain_lyrics

LINES = Path(__file__).resolve().parents[2] / "loadtests" / "lines.txt"
TAGS = ("[Verse 1]", "[Sound of rain]", "(간주중)", "(oh, baby)", "[Chorus (x2)]")


def _stamp(number: int) -> str:
    return f"{number // 15:02}:{4 * number % 60:02}.50"


FORMS: dict[str, Callable[[int, str], str]] = {
    "plain lines": lambda _, line: line,
    "LRC": lambda number, line: f"[{_stamp(number)}]{line}",
    "LRC, word by word": lambda number, line: (
        f"[{_stamp(number)}]" + " ".join(f"<{_stamp(number)}>{word}" for word in line.split())
    ),
    "SRT": lambda number, line: (
        f"{number}\n00:{_stamp(number).replace('.', ',')}0 --> 00:{_stamp(number).replace('.', ',')}9\n{line}\n"
    ),
    "tags, one line in four": lambda number, line: (
        TAGS[number // 4 % len(TAGS)] if number % 4 == 0 else line
    ),
    "singers": lambda number, line: f"{('비', '하늘', 'RM')[number % 3]}: {line}",
}


def pastes(characters: int) -> Iterator[tuple[str, str]]:
    """A paste of each form, of the load tests' lines."""
    rows = LINES.read_text(encoding="utf-8").splitlines()
    lines = [row for row in rows if row and not row.startswith("#")]
    chance = random.Random(17)
    for name, form in FORMS.items():
        text, number = "", 0
        while len(text) < characters:
            text += form(number, chance.choice(lines)) + "\n"
            number += 1
        yield name, text[:characters]


def best(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of processor time of the fastest round."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return 1000 * min(times)


def unspaced(text: str) -> str:
    """A spacer that leaves a text as it is."""
    return text


def main(arguments: list[str] | None = None) -> int:
    """Measure and print a table."""
    parser = command_line.parser(__doc__)
    add = parser.add_argument
    add("--characters", type=command_line.count, default=20_000, help="length of each paste")
    add("--rounds", type=command_line.count, default=20, help="the fastest of so many counts")
    args = parser.parse_args(arguments)
    kiwi = KiwiSpacer()
    kiwi("데우는 말")
    rows = []
    for name, text in pastes(args.characters):
        work: list[Callable[[], object]] = [
            lambda text=text: plain_lyrics(text),  # type: ignore[misc]
            lambda text=text: clean_lyrics(text, spacer=unspaced),  # type: ignore[misc]
        ]
        row = [best(each, args.rounds) for each in work]
        row.append(best(lambda text=text: clean_lyrics(text, spacer=kiwi), 1))  # type: ignore[misc]
        rows.append([name, str(text.count("\n")), *(f"{value:.1f}" for value in row)])
    print(markdown(["paste", "lines", "plain, ms", "clean, ms", "spaced, ms"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
