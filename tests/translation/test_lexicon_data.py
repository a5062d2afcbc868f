"""The lexicon's three data files: their format, and that every concept has Korean words.

Read with csv only, so that a mistake in a file shows here and not through the Lexicon class.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from songdalle_core.hangul import is_syllable
from songdalle_core.translation.context import POSSESSED

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "songdalle_core" / "translation"
CONCEPTS = ROOT / "scripts" / "training" / "scenes" / "concepts.tsv"

COLUMNS = {"lexicon.tsv": 4, "homographs.tsv": 5, "images_of_abstractions.tsv": 3}
POS = ("noun", "verb", "adj", "adv")
DETERMINERS = {"새", "옛", "헌", "첫"}
SETTINGS = [
    *("sky", "sea", "shore", "river", "lake", "field", "flower field", "forest", "mountains"),
    *("desert", "snow", "village", "city", "street", "room", "stage", "space"),
    *("dawn", "morning", "noon", "sunset", "dusk", "night", "starry night"),
    *("rain", "fog", "wind"),
]
# What an image may show besides the concepts themselves.
MORE_IMAGES = {"lake", "rain", "sunset", "two hands", "white rose", "dark cloud"}


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if line.strip() and not line.startswith("#"))
        return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def is_korean(word: str) -> bool:
    return bool(word) and all(map(is_syllable, word))


def concepts() -> dict[str, set[str]]:
    """Each concept with all the words captions use for it."""
    words = {}
    for row in rows(CONCEPTS):
        others = {word.strip() for word in row[2].split(",")} if len(row) > 2 else set()
        words[row[0]] = {row[0]} | (others - {""})
    return words


@pytest.mark.parametrize("name", COLUMNS)
def test_every_line_has_the_columns_filled_in(name: str) -> None:
    for row in rows(DATA / name):
        assert len(row) == COLUMNS[name], row
        assert all(field and field == field.strip() for field in row), row
        assert is_korean(row[0]), row
        assert row[1] in POS, row


@pytest.mark.parametrize(("name", "column"), [("lexicon.tsv", 2), ("homographs.tsv", 3)])
def test_glosses_are_short_lower_case_ascii(name: str, column: int) -> None:
    for row in rows(DATA / name):
        english, picturable = row[column], row[column + 1]
        assert english.isascii(), row
        assert english == english.lower(), row
        assert english.replace(" ", "").replace("-", "").replace("'", "").isalpha(), row
        assert len(english.split()) <= 6, row
        assert picturable in ("yes", "no"), row


@pytest.mark.parametrize("name", ["lexicon.tsv", "images_of_abstractions.tsv"])
def test_no_word_is_listed_twice(name: str) -> None:
    counts = Counter((lemma, pos) for lemma, pos, *_ in rows(DATA / name))
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("name", COLUMNS)
def test_verbs_and_adjectives_are_dictionary_forms(name: str) -> None:
    for lemma, pos, *_ in rows(DATA / name):
        if pos in ("verb", "adj") and lemma not in DETERMINERS:
            assert lemma.endswith("다"), lemma


def test_the_lexicon_is_large_enough() -> None:
    counts = Counter(row[1] for row in rows(DATA / "lexicon.tsv"))
    assert counts.total() >= 3_500
    assert counts["verb"] >= 250
    assert counts["adj"] >= 200
    assert counts["adv"] >= 80


def test_every_concept_has_korean_words() -> None:
    """One at least; two for those that songs name often (weight 5 and up)."""
    words: dict[str, set[str]] = {}
    for lemma, _, english, picturable in rows(DATA / "lexicon.tsv"):
        if picturable == "yes":
            words.setdefault(english, set()).add(lemma)
    for lemma, _, image in rows(DATA / "images_of_abstractions.tsv"):
        words.setdefault(image, set()).add(lemma)
    weights = {row[0]: float(row[3]) for row in rows(CONCEPTS)}
    for concept, names in concepts().items():
        lemmas = set().union(*(words.get(name, set()) for name in names))
        assert len(lemmas) >= (2 if weights[concept] >= 5 else 1), (concept, lemmas)


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_has_two_korean_words(setting: str) -> None:
    lemmas = {
        lemma
        for lemma, _, english, picturable in rows(DATA / "lexicon.tsv")
        if english == setting and picturable == "yes"
    }
    lemmas |= {r[0] for r in rows(DATA / "homographs.tsv") if r[3] == setting}
    assert len(lemmas) >= 2, lemmas


def test_homographs_name_korean_context_words_once() -> None:
    table = rows(DATA / "homographs.tsv")
    assert len({(row[0], row[1]) for row in table}) >= 30
    for row in table:
        context = row[2].split(",")
        assert all(is_korean(word) or word == POSSESSED for word in context), row
        assert len(set(context)) == len(context), row


def test_a_homograph_has_another_sense_to_choose() -> None:
    senses: dict[tuple[str, str], set[str]] = {}
    for lemma, pos, english, _ in rows(DATA / "lexicon.tsv"):
        senses.setdefault((lemma, pos), set()).add(english)
    table = rows(DATA / "homographs.tsv")
    lonely = {("이", "noun"), ("장", "noun"), ("줄", "noun"), ("동", "noun"), ("부르다", "adj")}
    for lemma, pos, _, english, _ in table:
        senses.setdefault((lemma, pos), set()).add(english)
    for lemma, pos, *_ in table:
        assert len(senses[lemma, pos]) >= 2 or (lemma, pos) in lonely, lemma


@pytest.mark.parametrize(
    ("lemma", "context", "english"),
    [
        ("눈", "내리다", "snow"),
        ("눈", "감다", "eye"),
        ("배", "바다", "boat"),
        ("배", "먹다", "pear"),
        ("다리", "건너다", "bridge"),
        ("밤", "굽다", "chestnut"),
        ("말", "타다", "horse"),
        ("차", "마시다", "tea"),
        ("타다", "불", "burn"),
        ("쓰다", "편지", "write"),
        ("쓰다", "우산", "hold"),
        ("쓰다", "모자", "wear"),
    ],
)
def test_homographs_of_lyrics_are_disambiguated(lemma: str, context: str, english: str) -> None:
    senses = {r[3] for r in rows(DATA / "homographs.tsv")
              if r[0] == lemma and context in r[2].split(",")}  # fmt: skip
    assert senses == {english}


def test_images_stand_for_known_abstractions_and_can_be_drawn() -> None:
    drawable = set(MORE_IMAGES).union(*concepts().values())
    lexicon = {(r[0], r[1]): r[3] for r in rows(DATA / "lexicon.tsv")}
    table = rows(DATA / "images_of_abstractions.tsv")
    assert len(table) >= 80
    for lemma, pos, image in table:
        assert image in drawable, (lemma, image)
        assert (lemma, pos) in lexicon, (lemma, pos)
        if pos == "noun":
            assert lexicon[lemma, pos] == "no", lemma
