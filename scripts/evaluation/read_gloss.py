"""What the embedded translator makes of lyric lines, one a row, to be read by a person.

    python scripts/evaluation/read_gloss.py
    python scripts/evaluation/read_gloss.py my_lines.txt

After the English stand the words it dropped (?), borrowed English for (<) and found an image for (~).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from songdalle_core.translation import GlossTranslator, Translation

LINES = Path(__file__).resolve().parents[1] / "data" / "gloss_lines.txt"


def row(line: str, said: Translation) -> str:
    """The line, its English and the notes, parted by tabs."""
    notes = [f"?{word}" for word in said.unknown]
    notes += [f"<{word}={lender}" for word, lender in said.borrowed]
    notes += [f"~{word}" for word in said.images]
    return "\t".join([line, said.text, " ".join(notes)]).rstrip("\t")


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument(
        "lines", nargs="?", type=Path, default=LINES, help="one line of lyrics a row"
    )
    text = parser.parse_args().lines.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for line, said in zip(lines, GlossTranslator().translate_many(lines), strict=True):
        print(row(line, said))


if __name__ == "__main__":
    main()
