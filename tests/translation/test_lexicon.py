from __future__ import annotations

from pathlib import Path

import pytest

from songdalle_core.translation import Entry, Lexicon, LexiconError

LEXICON = """# lemma\tpos\tenglish\tpicturable
눈\tnoun\teye\tyes
바다\tnoun\tsea\tyes
바람\tnoun\twind\tyes
강변\tnoun\triverside\tyes
도로\tnoun\troad\tyes
꽃\tnoun\tflower\tyes
길\tnoun\troad\tyes
배\tnoun\tboat\tyes
달\tnoun\tmoon\tyes
사랑\tnoun\tlove\tno
타다\tverb\tride\tyes
달콤하다\tadj\tsweet\tno
조용히\tadv\tquietly\tno
"""
HOMOGRAPHS = """눈\tnoun\t내리다,겨울\tsnow\tyes
눈\tnoun\t감다\teye\tyes
타다\tverb\t장작, 불\tburn\tyes
"""
IMAGES = "사랑\tnoun\theart\n"


def write(folder: Path, lexicon: str, homographs: str = "", images: str = "") -> Path:
    (folder / "lexicon.tsv").write_text(lexicon, encoding="utf-8")
    if homographs:
        (folder / "homographs.tsv").write_text(homographs, encoding="utf-8")
    if images:
        (folder / "images_of_abstractions.tsv").write_text(images, encoding="utf-8")
    return folder


@pytest.fixture
def lexicon(tmp_path: Path) -> Lexicon:
    return Lexicon.load(write(tmp_path, LEXICON, HOMOGRAPHS, IMAGES))


def test_looks_up_a_lemma_by_kiwi_tag(lexicon: Lexicon) -> None:
    assert lexicon.lookup("바다", "NNG") == Entry("바다", "noun", "sea", True)
    assert lexicon.lookup("달콤하다", "VA-I") == Entry("달콤하다", "adj", "sweet", False)
    assert lexicon.lookup("조용히", "MAG") == Entry("조용히", "adv", "quietly", False)


def test_a_noun_tag_does_not_find_a_verb(lexicon: Lexicon) -> None:
    assert lexicon.lookup("타다", "NNG") is None
    assert lexicon.lookup("없는말", "NNG") is None


def test_the_nearest_context_chooses_the_homograph(lexicon: Lexicon) -> None:
    def sense(context: dict[str, int]) -> str:
        entry = lexicon.lookup("눈", "NNG", context)
        assert entry is not None
        return entry.english

    assert sense({}) == "eye"
    assert sense({"내리다": 3}) == "snow"
    assert sense({"내리다": 1, "감다": 5}) == "snow"
    assert sense({"내리다": 5, "감다": 1}) == "eye"


def test_spaces_around_context_lemmas_do_not_matter(lexicon: Lexicon) -> None:
    entry = lexicon.lookup("타다", "VV", {"불": 1})
    assert entry is not None
    assert entry.english == "burn"


@pytest.mark.parametrize(
    ("compound", "parts"),
    [
        ("꽃길", ["꽃", "길"]),
        ("바닷바람", ["바다", "바람"]),
        ("강변도로", ["강변", "도로"]),
        ("바닷바람길", ["바다", "바람", "길"]),
        ("배달", None),  # a delivery, not boat and moon
        ("컴퓨터", None),
    ],
)
def test_splits_unknown_compounds_into_known_parts(
    lexicon: Lexicon, compound: str, parts: list[str] | None
) -> None:
    assert lexicon.split_compound(compound) == parts


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("바다", True),
        ("사랑", False),
        ("타다", False),
        ("꽃길", True),
        ("없는말", False),
        ("Moon", True),
        ("flowers", True),
        ("love", False),
    ],
)
def test_picturable_nouns(lexicon: Lexicon, word: str, expected: bool) -> None:
    assert lexicon.is_picturable(word) is expected


def test_images_of_abstractions(lexicon: Lexicon) -> None:
    assert lexicon.image_of("사랑", "NNG") == "heart"
    assert lexicon.image_of("바다", "NNG") is None


def test_the_two_smaller_files_may_be_absent(tmp_path: Path) -> None:
    lexicon = Lexicon.load(write(tmp_path, LEXICON))
    assert lexicon.image_of("사랑", "NNG") is None
    assert len(lexicon) == 13


def test_a_missing_lexicon_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"lexicon\.tsv is missing"):
        Lexicon.load(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("하늘\tnoun\tsky", "4 filled columns"),
        ("하늘\tnoun\t\tyes", "4 filled columns"),
        ("하늘\tthing\tsky\tyes", "pos must be"),
        ("하늘\tnoun\tsky\tmaybe", "picturable must be"),
    ],
)
def test_an_unreadable_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    write(tmp_path, f"# comment\n{line}\n")
    with pytest.raises(LexiconError, match=rf"lexicon\.tsv:2: .*{message}"):
        Lexicon.load(tmp_path)


def test_the_shipped_lexicon_loads() -> None:
    lexicon = Lexicon.load()
    assert len(lexicon) >= 1000
    assert lexicon.is_picturable("풍선")
    entry = lexicon.lookup("눈", "NNG", {"내리다": 2})
    assert entry is not None
    assert entry.english == "snow"
