"""HTML, section tags and repeat marks."""

import time

import pytest

from songdalle_core.lyrics.markup import strip_markers, unescape


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
    ],
)
def test_unescape(text: str, expected: str) -> None:
    assert unescape(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        "[Verse 1]",
        "[Verse 1: IU & Suho]",
        "(Chorus)",
        "{Hook}",
        "Verse 2:",
        "Verse 2",
        "CHORUS",
        "[후렴]",
        "[Pre-Chorus]",
        "Pre-Chorus:",
        "1절",
        "(간주)",
        "[Chorus] x2",
        "[Chorus x2]",
        "(x2)",
        "x3",
        "*2",
        "(repeat x2)",
        "[Repeat Chorus]",
        "(반복)",
        "(2x)",
        "(x 4)",
        "Bridge:",
        "[Guitar Solo]",
        "Hook 2",
        "[Outro – 선우]",
        "(×2)",
    ],
)
def test_lines_of_nothing_but_marks_vanish(line: str) -> None:
    assert strip_markers(line) == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[Verse 1] 봄이 와", "봄이 와"),
        ("사랑해 (x2)", "사랑해"),
        ("사랑해 x3", "사랑해"),
        ("사랑해 *2", "사랑해"),
        ("사랑해 (repeat x2)", "사랑해"),
        ("사랑해 (Chorus)", "사랑해"),
        ("소리쳐 (say ho)", "소리쳐 (say ho)"),
        ("(bridge over the river)", "(bridge over the river)"),
        ("verses of the heart", "verses of the heart"),
        ("Drop", "Drop"),
        ("빛이 나는 솔로", "빛이 나는 솔로"),
        ("malcolm x2 is here", "malcolm x2 is here"),
        ("max 2", "max 2"),
        ("2 x 2 is four", "2 x 2 is four"),
        ("첫 1절처럼", "첫 1절처럼"),
    ],
)
def test_lyrics_stay(line: str, expected: str) -> None:
    assert strip_markers(line) == expected


def test_a_lyric_of_one_bare_label_is_a_lyric() -> None:
    assert strip_markers("Chorus", alone=True) == "Chorus"
    assert strip_markers("[Chorus]", alone=True) == ""


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "[",
        "[a",
        "(verse ",
        "<",
        "<b",
        "<!--",
        "&",
        "&#",
        "&#1",
        "x2 ",
        "verse ",
        "*",
        "repeat ",
    ],
)
def test_long_input_is_fast(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    start = time.process_time()
    strip_markers(unescape(text))
    assert time.process_time() - start < 1
