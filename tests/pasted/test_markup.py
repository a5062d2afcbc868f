"""HTML and chords."""

import pytest

from songdalle_core.pasted.markup import unescape, without_chords


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("&#39;Cause I&amp;you", "'Cause I&you"),
        ("&amp;#39;cause", "'cause"),
        ("one<br>two<BR />three", "one\ntwo\nthree"),
        ("&lt;br&gt;", "\n"),
        ("<b>loud</b> <span class='x'>soft</span>", "loud soft"),
        ("<!-- ad -->word", " word"),
        ("i <3 you & me", "i <3 you & me"),
        ("&#" + "1" * 5_000 + ";love", " love"),
        ("&#x" + "f" * 5_000 + ";love", " love"),
        (
            '<p begin="00:01.00" end="00:02.00">A lamp</p><p>in the snow</p>',
            "A lamp\nin the snow\n",
        ),
    ],
)
def test_unescape(text: str, expected: str) -> None:
    assert unescape(text) == expected


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (["Dm  G  C", "A lamp", "| Am | G/B |", "on the hill"], ["A lamp", "on the hill"]),
        (["A [C]lamp in [G]the [Am]snow"], ["A lamp in the snow"]),
        (["{title: Moon}", "{soc}", "A lamp", "{eoc}"], ["A lamp"]),
        (["A B C", "Am I awake"], ["A B C", "Am I awake"]),
        (["[A] one", "[B] two"], ["[A] one", "[B] two"]),
        (["{nothing}"], ["{nothing}"]),
    ],
)  # fmt: skip
def test_chords_go(sheet: list[str], words: list[str]) -> None:
    assert without_chords(sheet) == words
