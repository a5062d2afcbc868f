"""Songs of realistic lengths, composed of original lines (lines.txt), and requests for their covers.

    python -m loadtests.load.workload          # writes loadtests/lyrics.jsonl again, the same bytes

The original service's lyrics had 6 to 998 tokens of two or three characters, 267 on average, with a long
tail to the right. The lengths here are the quantiles of a log-normal distribution with those figures, so
that the spread owes nothing to luck. Every tenth song comes as people paste it: with times, tags, singers or
credits, which the service takes out again.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist

from loadtests.service.exchange import Request
from songdalle_client.requests import MAX_CANDIDATES, MAX_SEED

HERE = Path(__file__).resolve().parents[1]
LINES = HERE / "lines.txt"
LYRICS = HERE / "lyrics.jsonl"

CHARS_PER_TOKEN = 2.5
SHORTEST, LONGEST = 6, 998
MEDIAN, SIGMA = 226, 0.6  # tokens; the mean of the clipped distribution is then 267
LANGUAGES = {"Korean": 0.6, "English": 0.2, "Mixed": 0.2}
SECTION = 4  # lines of a verse or a chorus
EVERY = 10  # songs, the last of which comes as it is pasted
SONGS = 100
SEED = 20


@dataclass(frozen=True)
class Song:
    """Lyrics, the headings of lines.txt they come from, and their length in tokens.

    Attributes:
        tokens: of what is sung.
        form: how they are pasted, one of `FORMS`, or "plain".
    """

    language: str
    tokens: int
    lyrics: str
    form: str = "plain"


def read_lines(path: Path = LINES) -> dict[str, list[str]]:
    """Lines by heading ("# Korean").

    Raises:
        ValueError: a line stands before the first heading.
    """
    lines: dict[str, list[str]] = {}
    heading = None
    for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
        if line.startswith("#"):
            heading = line.lstrip("# ")
            lines[heading] = []
        elif heading is None:
            raise ValueError(f"{path.name}: {line!r} stands before the first heading")
        else:
            lines[heading].append(line)
    return lines


def song_lengths(songs: int) -> list[int]:
    """Tokens of each of `songs` songs, from the shortest to the longest."""
    normal = NormalDist(math.log(MEDIAN), SIGMA)
    middles = (normal.inv_cdf((number + 0.5) / songs) for number in range(songs))
    lengths = [min(LONGEST, max(SHORTEST, round(math.exp(middle)))) for middle in middles]
    return [SHORTEST, *lengths[1:-1], LONGEST]


def count_tokens(text: str) -> int:
    """Length of a text in tokens of two or three characters."""
    return round(len(text) / CHARS_PER_TOKEN)


def compose_song(lines: Sequence[str], tokens: int, rng: random.Random) -> str:
    """Verses with a chorus that returns after each, up to `tokens`; the last section may be cut short."""
    room = int(tokens * CHARS_PER_TOKEN)
    text = ""
    for line, opens_section in _song_lines(lines, rng):
        gap = ("\n\n" if opens_section else "\n") if text else ""
        left = room - len(text) - len(gap)
        if len(line) > left:
            fitting = [other for other in lines if len(other) <= left]
            return text + gap + max(fitting, key=len) if fitting else text
        text += gap + line
    raise AssertionError("lines never run out")


def _song_lines(lines: Sequence[str], rng: random.Random) -> Iterator[tuple[str, bool]]:
    """Endless lines of one song, and whether each opens a section."""
    chorus = rng.sample(lines, SECTION)
    fresh: list[str] = []
    while True:
        if len(fresh) < SECTION:
            fresh = rng.sample(lines, len(lines))
        verse, fresh = fresh[:SECTION], fresh[SECTION:]
        for section in (verse, chorus):
            for number, line in enumerate(section):
                yield line, number == 0


def _timed(lyrics: str) -> str:
    """As an LRC file."""
    sung = [line for line in lyrics.split("\n") if line]
    stamps = (divmod(4 * number, 60) for number in range(1, len(sung) + 1))
    rows = (f"[{m:02}:{s:02}.50]{line}" for (m, s), line in zip(stamps, sung, strict=True))
    return "\n".join(["[ti:A song]", "[ar:Nobody]", *rows])


def _subtitled(lyrics: str) -> str:
    """As an SRT file."""
    cues = []
    for number, line in enumerate(filter(None, lyrics.split("\n")), 1):
        m, s = divmod(4 * number, 60)
        cues.append(f"{number}\n00:{m:02}:{s:02},000 --> 00:{m:02}:{s:02},900\n<i>{line}</i>")
    return "\n\n".join(cues)


def _tagged(lyrics: str) -> str:
    """With the tags of song tools and fans."""
    tags = ("[Verse]", "[Emotional Chorus]", "(간주중)\n\n[빗소리]", "[Chorus (x2)]")
    parts = enumerate(lyrics.split("\n\n"))
    return "\n\n".join(f"{tags[number % len(tags)]}\n{part}" for number, part in parts)


def _shared(lyrics: str) -> str:
    """With who sings each part."""
    parts = enumerate(lyrics.split("\n\n"))
    return "\n\n".join(f"{('하늘: ', '비: ')[number % 2]}{part}" for number, part in parts)


def _credited(lyrics: str) -> str:
    """With what a page writes above and below."""
    above = "작사 : 빨간 나비\n작곡 : 종이 배\nMixing Engineer: Nobody\n\n"
    return f"{above}{lyrics}\n\n© 2024 Nobody. All rights reserved.\n7Embed"


FORMS = {
    "timed": _timed,
    "subtitled": _subtitled,
    "tagged": _tagged,
    "shared": _shared,
    "credited": _credited,
}


def compose_songs(lines: Mapping[str, Sequence[str]], songs: int = SONGS) -> list[Song]:
    """The workload's songs, always the same ones for the same lines."""
    rng = random.Random(SEED)
    lengths = song_lengths(songs)
    rng.shuffle(lengths)
    languages = rng.choices(list(LANGUAGES), list(LANGUAGES.values()), k=songs)
    composed = []
    forms = list(FORMS)
    for number, (language, length) in enumerate(zip(languages, lengths, strict=True), 1):
        lyrics = compose_song(lines[language], length, rng)
        tokens, form = count_tokens(lyrics), "plain"
        if number % EVERY == 0:
            form = forms[number // EVERY % len(forms)]
            lyrics = FORMS[form](lyrics)
        composed.append(Song(language, tokens, lyrics, form))
    return composed


def write_songs(songs: Sequence[Song], path: Path = LYRICS) -> None:
    """One JSON object a line."""
    rows = (json.dumps(asdict(song), ensure_ascii=False) for song in songs)
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def read_songs(path: Path = LYRICS) -> list[Song]:
    """The songs of a file that `write_songs` wrote.

    Raises:
        ValueError: the file holds no song, or a line that is none.
    """
    songs = []
    text = path.read_text(encoding="utf-8").removesuffix("\n")
    rows = text.split("\n") if text else []  # U+2028 ends no line of JSON
    for number, row in enumerate(rows, 1):
        try:
            songs.append(Song(**json.loads(row)))
        except (TypeError, ValueError):
            raise ValueError(f"{path.name}, line {number}: not a song") from None
    if not songs:
        raise ValueError(f"{path.name} holds no song")
    return songs


@dataclass(frozen=True)
class CandidatesMix:
    """How often each candidate count is asked for."""

    counts: tuple[int, ...]
    weights: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> CandidatesMix:
        """Read "12:0.7,4:0.2,1:0.1"; weights are relative, "12" alone means all.

        Raises:
            ValueError: a count outside 1..24 or twice, or a weight that is not above 0.
        """
        counts, weights = [], []
        for part in text.split(","):
            count, _, weight = part.partition(":")
            counts.append(int(count))
            weights.append(float(weight) if weight else 1.0)
        if not all(1 <= count <= MAX_CANDIDATES for count in counts):
            raise ValueError(f"{text!r}: candidate counts are 1 to {MAX_CANDIDATES}")
        if len(set(counts)) < len(counts):
            raise ValueError(f"{text!r} names a candidate count twice")
        if not all(0 < weight < float("inf") for weight in weights):
            raise ValueError(f"{text!r}: weights are numbers above 0")
        return cls(tuple(counts), tuple(weights))

    def __str__(self) -> str:
        whole = sum(self.weights)
        parts = zip(self.counts, self.weights, strict=True)
        return ",".join(f"{count}:{weight / whole:g}" for count, weight in parts)


def stream_requests(songs: Sequence[Song], mix: CandidatesMix, seed: int) -> Iterator[Request]:
    """Endless requests; every song comes once, in random order, before any comes again."""
    rng = random.Random(f"orders {seed}")
    while True:
        for song in rng.sample(songs, len(songs)):
            count = rng.choices(mix.counts, mix.weights)[0]
            yield Request(song.lyrics, count, rng.randint(0, MAX_SEED))


if __name__ == "__main__":
    write_songs(compose_songs(read_lines()))
    print(LYRICS.name)
