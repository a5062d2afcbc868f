"""How far a near synonym's English may be trusted, by similarity: the data behind MIN_SIMILARITY.

Each picturable noun is taken out of the lexicon in turn and borrows from its nearest kin; the table
counts how often the head word of the borrowed English is the right one. "any" is the nearest
picturable neighbour whatever its form, "akin" the rule in use.

    python scripts/evaluation/measure_borrowing.py --help
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from songdalle_core.morphology import similar_nouns, warm_up
from songdalle_core.translation import Entry, Lexicon
from songdalle_core.translation.borrowing import MIN_SIMILARITY, NEIGHBOURS, akin

BANDS = (0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)


def same_thing(one: str, other: str) -> bool:
    """True if the head word of one gloss stands in the other: guitar, electric guitar."""
    return one.split()[-1] in other.split() or other.split()[-1] in one.split()


def outcomes(
    lexicon: Lexicon, nouns: list[Entry], allowed: Callable[[str, str], bool]
) -> list[tuple[float, bool]]:
    """(similarity, right) for each noun that finds something to borrow."""
    found: list[tuple[float, bool]] = []
    for entry in nouns:
        for neighbour, similarity in similar_nouns(entry.lemma, NEIGHBOURS):
            other = lexicon.lookup(neighbour)
            if other is None or other.pos != "noun" or not other.picturable:
                continue
            if neighbour != entry.lemma and allowed(entry.lemma, neighbour):
                found.append((similarity, same_thing(entry.english, other.english)))
                break
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("--lexicon", type=Path, help="folder of the lexicon; the shipped one")
    lexicon = Lexicon.load(parser.parse_args().lexicon)
    warm_up()
    # A compound of known nouns is split and need not borrow.
    nouns = [
        entry
        for entry in lexicon.nouns()
        if entry.picturable and len(entry.lemma) > 1 and not lexicon.split_compound(entry.lemma)
    ]
    rows = {
        "any": outcomes(lexicon, nouns, lambda *_: True),
        "akin": outcomes(lexicon, nouns, akin),
    }
    print(f"{len(nouns)} nouns; in use: akin, similarity >= {MIN_SIMILARITY}")
    print("similarity   " + "".join(f"{name:>22}" for name in rows))
    for low, high in zip(BANDS, (1.01, *BANDS), strict=False):
        cells = []
        for found in rows.values():
            right = [ok for similarity, ok in found if low <= similarity < high]
            share = f"{sum(right) / len(right):.2f}" if right else "-"
            cells.append(f"{share:>12} of {len(right):>5}  ")
        print(f"{low:.2f} to {min(high, 1):.2f} " + "".join(cells))


if __name__ == "__main__":
    main()
