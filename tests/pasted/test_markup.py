"""HTML."""

import pytest

from songdalle_core.pasted.markup import unescape


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
        ("<!DOCTYPE html><head><title>x</title></head><h1>Lamp</h1>it snows", "Lamp\nit snows"),
        ("<script>if (1 < 2) {}</script>a <style>p {}</style>lamp", "a lamp"),
        ("<ruby>노란<rt>noran</rt></ruby> 풍선", "노란 풍선"),
        ("<header>one</header> <head>two", "one two"),
        ("<table><tr><td>A lamp</td></tr><tr><td>burns</td></tr></table>", "A lamp\nburns\n"),
        ("<SYNC Start=1><P Class=KRCC>A lamp<SYNC Start=2><P>burns", "\nA lamp\nburns"),
        ("<RM> <Rose> <V>", "<RM> <Rose> <V>"),
        ("İ<script>x</script>y", "İy"),
    ],
)
def test_unescape(text: str, expected: str) -> None:
    assert unescape(text) == expected
