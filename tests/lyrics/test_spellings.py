"""One family of spellings, read in all the ways it may be written."""

import re

import pytest

from songdalle_core.lyrics.spellings import family, initials_row, typed_in_latin

FAMILY = re.compile(family(["시씨", "발벌"]))


@pytest.mark.parametrize(
    "text",
    [
        "시발",
        "씨벌",
        "씨이이발",
        "시바아알",
        "씨바ㄹ",
        "ㅅㅣㅂㅏㄹ",
        "ㅅ발",
        "시ㅂ",
        "시1발",
        "씨.발",
        "씨X",
        "x발",
    ],
)
def test_a_family_is_read(text: str) -> None:
    assert FAMILY.fullmatch(text)


@pytest.mark.parametrize("text", ["ㅅㅂ", "시 발", "시다발", "신발", "*발", "시반"])
def test_others_are_not(text: str) -> None:
    assert not FAMILY.match(text)


@pytest.mark.parametrize(
    ("text", "matches"),
    [("ㅅㅂ", 1), ("ㅋㅋㅅㅂㅋ", 1), ("ㅅ1ㅂ", 1), ("ㄱㅅㅂㄷ", 0), ("ㅋㅋ", 0)],
)
def test_rows_of_initials(text: str, matches: int) -> None:
    assert len(re.findall(initials_row(["ㅅㅂ", "ㅂㅅ"]), text)) == matches


def test_the_wrong_keyboard() -> None:
    assert typed_in_latin("시발") == "tlqkf"
