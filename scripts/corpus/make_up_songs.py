"""Make up songs, as many as are wanted, to try the corpus commands with; they say nothing of real songs.

    python scripts/corpus/make_up_songs.py runs/made_up.jsonl --songs 100000

Lines are templates filled with the nouns of the project's lexicon: verses, a chorus that comes back, English
that grows from decade to decade, now and then a copy of another song, or one without lyrics. Each has a
summary, a line of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.common import command_line
from songdalle_core.hangul import decompose, is_syllable
from songdalle_core.translation import Lexicon

YEARS = range(1960, 2030)
FORMS = (
    *("작은", "하얀", "푸른", "낡은", "먼", "젖은", "따뜻한", "외로운"),
    *("빛나는", "조용한", "붉은", "깊은", "슬픈", "높은", "느린"),
)
VERBS = (
    *("걸어가네", "기다리네", "춤을 추네", "흔들려", "멀어져 가", "노래하네"),
    *("잠들어 있어", "빛나고 있어", "울고 있어", "달려가"),
)
FEELINGS = (
    *("그리워서 눈물이 나", "웃으며 춤을 춰", "두려워 숨을 죽여"),
    *("이젠 싸울 거야", "아무 말 없이 쉬어"),
)
KOREAN: tuple[Callable[[Callable[[], str], random.Random], str], ...] = (
    lambda noun, pick: f"{pick.choice(FORMS)} {_with(noun(), '이', '가')} {pick.choice(VERBS)}",
    lambda noun, pick: f"{noun()} 위에 {pick.choice(FORMS)} {noun()} 하나",
    lambda noun, pick: f"{_with(noun(), '을', '를')} 보며 {pick.choice(FEELINGS)}",
    lambda noun, pick: f"너의 {_with(noun(), '과', '와')} 나의 {noun()}",
    lambda noun, pick: f"{noun()} 너머로 {_with(noun(), '이', '가')} {pick.choice(VERBS)}",
)
ENGLISH: tuple[Callable[[Callable[[], str], random.Random], str], ...] = (
    lambda noun, pick: (
        f"I see the {noun()} and the {noun()} {pick.choice(('tonight', 'again', 'alone'))}"
    ),
    lambda noun, pick: f"take my {noun()} to the {noun()}",
    lambda noun, pick: f"oh baby, you are my {noun()}",
)


def made_up(number: int, nouns: Sequence[tuple[str, str]], seed: int) -> dict[str, Any]:
    """Song `number`, always the same.

    Args:
        nouns: Korean and English, those that are sung of most first.
    """
    pick = random.Random(f"{seed}:{number}")
    if number and pick.random() < 0.01:
        return {**made_up(pick.randrange(number), nouns, seed), "title": f"노래 {number} (live)"}
    year = pick.choice(YEARS)
    english = pick.random() < 0.06
    # Zipf's law, roughly: a quarter of all words are of the most frequent two hundred
    theme = [nouns[int(len(nouns) ** pick.random()) - 1] for _ in range(pick.randint(4, 14))]
    share = 1.0 if english else max(0.0, (year - 1985) / 160) * pick.random()
    lines = [_line(theme, pick, share) for _ in range(max(1, round(pick.gauss(13, 6))))]
    chorus = [_line(theme, pick, share) for _ in range(pick.randint(1, 4))]
    middle = len(lines) // 2
    song = [*lines[:middle], *chorus, *lines[middle:], *chorus * pick.randint(0, 2)]
    empty = pick.random() < 0.02
    return {
        "title": f"노래 {number}",
        "artist": f"가수 {pick.randrange(3000)}",
        "year": year,
        "lyric": "" if empty else "\n".join(song),
        "summary": "" if empty else pick.choice(lines),
        "licence": "made up, CC0 1.0",
    }


def _line(theme: Sequence[tuple[str, str]], pick: random.Random, share: float) -> str:
    english = pick.random() < share
    templates = ENGLISH if english else KOREAN
    return pick.choice(templates)(lambda: pick.choice(theme)[english], pick)


def _with(noun: str, closed: str, opened: str) -> str:
    """A noun with its particle: one after a final consonant, the other after a vowel."""
    final = is_syllable(noun[-1]) and decompose(noun[-1])[2]
    return noun + (closed if final else opened)


def write(args: argparse.Namespace) -> None:
    """Write the songs, one a line."""
    entries = [entry for entry in Lexicon.load().nouns() if " " not in entry.english]
    nouns = [(entry.lemma, entry.english) for entry in entries]
    random.Random(args.seed).shuffle(nouns)
    args.file.parent.mkdir(parents=True, exist_ok=True)
    with args.file.open("w", encoding="utf-8") as file:
        for number in range(args.songs):
            song = made_up(number, nouns, args.seed)
            file.write(json.dumps(song, ensure_ascii=False) + "\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed")
    made.add_argument("file", type=Path, metavar="FILE", help="JSON lines to write")
    made.add_argument("--songs", type=command_line.count, default=1000, help="how many")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), write, arguments)


if __name__ == "__main__":
    sys.exit(main())
