"""The project's Korean-English lexicon: three TSV files, edited by hand.

lexicon.tsv: lemma, pos, english, picturable. homographs.tsv: lemma, pos, context lemmas (comma
separated), english, picturable: the sense when one of the context lemmas stands nearby.
images_of_abstractions.tsv: lemma, pos, image: something to paint for what cannot be painted.
Lemmas of verbs and adjectives end in 다; pos is noun, verb, adj or adv; picturable is yes or no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from songdalle_core.hangul import FINALS, compose, decompose, is_syllable
from songdalle_core.wordsets import word_set

Pos = Literal["noun", "verb", "adj", "adv"]

# One-syllable nouns that freely build compounds. Two other single syllables side by side are more
# often a word the lexicon lacks (배달 is a delivery, not a ship's moon).
PRODUCTIVE = word_set("꽃 길 밤 밖 속 물 빛 산 강 눈 비 별 달 숲 집 창 문 안 위 옆 앞 뒤 봄")

# kiwi tags (suffixes -R and -I removed) to parts of speech, best guess first.
_POS_OF_TAG: Mapping[str, tuple[Pos, ...]] = {
    "NNG": ("noun", "adv"),
    "NNP": ("noun", "adv"),
    "NNB": ("noun",),
    "NR": ("noun",),
    "XR": ("adj", "noun", "adv"),
    "VV": ("verb", "adj"),
    "VA": ("adj", "verb"),
    "VCP": ("adj",),
    "MM": ("adj", "adv"),
    "MAG": ("adv", "adj", "noun"),
    "IC": ("noun", "adv"),
}


class LexiconError(RuntimeError):
    """A lexicon file is missing or has a line that cannot be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One sense: lemma, part of speech, English, and whether it can be painted."""

    lemma: str
    pos: Pos
    english: str
    picturable: bool


@dataclass(frozen=True, slots=True)
class Homograph:
    """A sense that holds when one of `context` (lemmas) stands nearby."""

    context: frozenset[str]
    entry: Entry

    def near(self, lemma: str) -> bool:
        """True if `lemma` is context, or a compound of one: 밀짚모자 is a 모자."""
        if lemma in self.context:
            return True
        return any(lemma[-size:] in self.context for size in range(2, min(len(lemma), 4)))


class Lexicon:
    """Looks up lemmas, chooses between homographs, splits unknown compounds."""

    def __init__(
        self,
        entries: Sequence[Entry],
        homographs: Sequence[Homograph] = (),
        images: Mapping[tuple[str, Pos], str] | None = None,
    ) -> None:
        self._entries: dict[tuple[str, Pos], Entry] = {}
        for entry in entries:
            self._entries.setdefault((entry.lemma, entry.pos), entry)
        self._homographs: dict[tuple[str, Pos], list[Homograph]] = {}
        for homograph in homographs:
            key = (homograph.entry.lemma, homograph.entry.pos)
            self._homographs.setdefault(key, []).append(homograph)
        self._images = dict(images or {})
        senses = [*entries, *(h.entry for h in homographs)]
        painted = [e for e in senses if e.picturable and e.pos == "noun"]
        self._picturable_lemmas = {e.lemma for e in painted}
        self._picturable_english = {e.english.lower() for e in painted}

    @classmethod
    def load(cls, folder: Path | None = None) -> Lexicon:
        """The lexicon from the three files in `folder`; those of the package if None.

        homographs.tsv and images_of_abstractions.tsv may be absent.

        Raises:
            LexiconError: lexicon.tsv is missing, or a line of a file cannot be read.
        """
        folder = folder or Path(__file__).parent
        entries = [_entry(where, *row) for where, row in _rows(folder / "lexicon.tsv", 4)]
        homographs: list[Homograph] = []
        if (folder / "homographs.tsv").is_file():
            for where, row in _rows(folder / "homographs.tsv", 5):
                lemma, pos, context, english, picturable = row
                lemmas = frozenset(c.strip() for c in context.split(",") if c.strip())
                homographs.append(Homograph(lemmas, _entry(where, lemma, pos, english, picturable)))
        images: dict[tuple[str, Pos], str] = {}
        if (folder / "images_of_abstractions.tsv").is_file():
            for where, (lemma, pos, image) in _rows(folder / "images_of_abstractions.tsv", 3):
                images[lemma, _pos(where, pos)] = image
        return cls(entries, homographs, images)

    def nouns(self) -> Iterator[Entry]:
        """The noun entries."""
        return (entry for (_, pos), entry in self._entries.items() if pos == "noun")

    def __len__(self) -> int:
        return len(self._entries)

    def lookup(
        self, lemma: str, tag: str = "NNG", context: Mapping[str, int] | None = None
    ) -> Entry | None:
        """The entry for a lemma with a kiwi tag, or None.

        Args:
            context: lemmas nearby and their distance in words; the homograph whose context stands
                nearest wins over the plain entry.
        """
        for pos in _POS_OF_TAG.get(tag.partition("-")[0], ()):
            entry = self._in_context(lemma, pos, context or {}) or self._entries.get((lemma, pos))
            if entry is not None:
                return entry
        return None

    def _in_context(self, lemma: str, pos: Pos, context: Mapping[str, int]) -> Entry | None:
        best: tuple[int, Entry] | None = None
        for homograph in self._homographs.get((lemma, pos), ()):
            near = [d for lemma, d in context.items() if homograph.near(lemma)]
            if near and (best is None or min(near) < best[0]):
                best = (min(near), homograph.entry)
        return best[1] if best else None

    def image_of(self, lemma: str, tag: str) -> str | None:
        """Something to paint for an abstract lemma (사랑: a heart), or None."""
        for pos in _POS_OF_TAG.get(tag.partition("-")[0], ()):
            if (lemma, pos) in self._images:
                return self._images[lemma, pos]
        return None

    def split_compound(self, noun: str) -> list[str] | None:
        """An unknown compound as known nouns, longest first part first, or None.

        A first part may have taken the linking ㅅ of compounds (바닷바람: 바다, 바람).
        """
        for size in range(len(noun) - 1, 0, -1):
            head, tail = noun[:size], noun[size:]
            if len(noun) == 2 and not (head in PRODUCTIVE and tail in PRODUCTIVE):
                return None
            known = next((h for h in (head, _without_linking(head)) if self._is_part(h)), None)
            if known is None:
                continue
            rest = [tail] if self._is_part(tail) else self.split_compound(tail)
            if rest is not None:
                return [known, *rest]
        return None

    def part(self, noun: str) -> str | None:
        """`noun` as it stands alone, without the linking ㅅ it may have taken in a compound: 빗, 비."""
        for form in (_without_linking(noun), noun):
            if (form, "noun") in self._entries:
                return form
        return None

    def _is_part(self, noun: str) -> bool:
        if len(noun) == 1 and noun not in PRODUCTIVE:
            return False
        return (noun, "noun") in self._entries or noun in PRODUCTIVE

    def is_picturable(self, lemma: str) -> bool:
        """True if the noun (Korean lemma or English word) names something one can paint.

        Any sense of a homograph counts, and so does the head of an unknown compound.
        """
        if lemma.isascii():
            word = lemma.lower()
            return word in self._picturable_english or word.removesuffix("s") in (
                self._picturable_english
            )
        if (lemma, "noun") in self._entries or lemma in self._picturable_lemmas:
            return lemma in self._picturable_lemmas
        parts = self.split_compound(lemma)
        return parts is not None and any(part in self._picturable_lemmas for part in parts)


def _without_linking(part: str) -> str:
    """`part` without a final ㅅ: 바닷 -> 바다."""
    if not is_syllable(part[-1]):
        return part
    initial, vowel, final = decompose(part[-1])
    return part[:-1] + compose(initial, vowel) if FINALS[final] == "ㅅ" else part


def _rows(path: Path, columns: int) -> Iterator[tuple[str, list[str]]]:
    """('file:line', fields) for each line that is neither empty nor a comment."""
    if not path.is_file():
        raise LexiconError(f"{path} is missing: restore it from the repository")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != columns or not all(fields):
            raise LexiconError(f"{path.name}:{number}: wants {columns} filled columns: {line!r}")
        yield f"{path.name}:{number}", fields


def _entry(where: str, lemma: str, pos: str, english: str, picturable: str) -> Entry:
    if picturable not in ("yes", "no"):
        raise LexiconError(f"{where}: picturable must be yes or no, not {picturable!r}")
    return Entry(lemma, _pos(where, pos), english, picturable == "yes")


def _pos(where: str, pos: str) -> Pos:
    if pos not in get_args(Pos):
        raise LexiconError(f"{where}: pos must be noun, verb, adj or adv, not {pos!r}")
    return cast(Pos, pos)
