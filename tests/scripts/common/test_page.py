from __future__ import annotations

import base64
import re

from matplotlib.figure import Figure
from PIL import Image

from scripts.common.page import page, paragraph, picture, plot, plot_fonts, table


def test_texts_are_escaped() -> None:
    html = page(
        "a <b>", [paragraph("1 < 2"), table("c & d", ("", "x"), [("<i>", 0.5), ("n", None)])]
    )
    assert "<title>a &lt;b&gt;</title>" in html
    assert "1 &lt; 2" in html
    assert '<th scope="row">&lt;i&gt;</th><td>0.5</td>' in html
    assert "<td>–</td>" in html


def test_numbers_are_short() -> None:
    html = table("t", ("", "a", "b", "c"), [("row", 1234, 0.12345, 98765.4)])
    assert "<td>1,234</td><td>0.123</td><td>98,765</td>" in html


def test_a_plot_keeps_its_text_and_says_what_it_shows() -> None:
    with plot_fonts():
        figure = Figure()
        figure.subplots().set(xlabel="노래 <길이>")
        html = plot(figure, 'lengths of "songs"', "how long")
    assert 'alt="lengths of &quot;songs&quot;"' in html
    assert "<figcaption>how long</figcaption>" in html
    content = re.search(r"data:image/svg\+xml;base64,([^\"]+)", html)
    assert content is not None
    assert "노래 &lt;길이&gt;" in base64.b64decode(content.group(1)).decode()


def test_a_picture_is_part_of_the_page() -> None:
    assert "data:image/webp;base64," in picture(Image.new("RGB", (4, 4)), "black")
