from __future__ import annotations

import unicodedata

import pytest

from deployments.storage.search_text import folded, search_text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("ÉTOILE", "étoile"),
        ("ТАНЕЦ", "танец"),
        ("ΟΔΟΣ", "οδος"),
        ("STRASSE", "straße"),
        ("바다", unicodedata.normalize("NFD", "바다")),
        ("바다", "ﾊﾞ다".replace("ﾊﾞ", "바")),
        ("바다", "\uffb2\uffc2\uffa7\uffc2"),
        ("푸른 하늘", "  푸른\n\t하늘 "),
        ("a b", "A\0B"),
        ("", " \n"),
    ],
)
def test_what_is_the_same_to_a_reader_is_the_same_text(text: str, same: str) -> None:
    assert folded(text) == folded(same)
    assert folded(folded(text)) == folded(text)


def test_each_text_is_a_line_of_its_own() -> None:
    assert search_text("A", None, "b\nc", "") == "a\nb c"
