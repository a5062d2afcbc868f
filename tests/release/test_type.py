"""Type: characters, lines, sizes."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from songdalle_core.release.type import RATIO, Typeface, broken, clusters, draw_lines, size_of


def test_every_modern_syllable_has_a_shape() -> None:
    face = Typeface(400)
    syllables = "".join(chr(code) for code in range(0xAC00, 0xD7A4, 37))
    assert face.missing(syllables + "뷁똠펲 Ångström naïve – “quoted” & 1/2") == []


def test_what_the_family_lacks_is_named_once() -> None:
    assert Typeface(400).missing("a ก b ก 😀") == ["ก", "😀"]


def test_sizes_are_on_a_scale() -> None:
    sizes = [size_of(step, 3000) for step in range(6)]
    assert sizes[0] == 66
    assert all(b / a == pytest.approx(RATIO, rel=0.01) for a, b in pairwise(sizes))


def test_weights_differ_in_ink() -> None:
    def ink(weight: int) -> int:
        mask, face = Image.new("L", (400, 200)), Typeface(weight)
        draw_lines(mask, face, 100, [(face.set_line("한글 A", 100), 10, 130)])
        return int(np.asarray(mask, dtype=np.int64).sum())

    assert ink(100) < 0.6 * ink(500) < 0.6 * ink(900)


def test_lines_are_balanced_and_lose_nothing() -> None:
    face, title = Typeface(700), "Everything I Never Told You"
    lines = broken(title, 2, face, 100, anywhere=False)
    assert " ".join(lines) == title
    first, second = (face.set_line(line, 100).width for line in lines)
    assert max(first, second) < 0.7 * face.set_line(title, 100).width
    assert broken("바다", 3, face, 100, anywhere=False) == ["바다"]


def test_a_word_is_parted_between_syllables() -> None:
    title = "가나다라마바사아자차카타"
    lines = broken(title, 3, Typeface(700), 100, anywhere=True)
    assert "".join(lines) == title
    assert [len(line) for line in lines] == [4, 4, 4]


def test_marks_stay_with_their_letters() -> None:
    assert clusters(unicodedata.normalize("NFD", "é") + "a") == ["e\u0301", "a"]


def test_tracking_widens_a_line_by_its_gaps() -> None:
    face = Typeface(400)
    plain, tracked = face.set_line("ABCD", 100), face.set_line("ABCD", 100, 0.1)
    assert tracked.width == pytest.approx(plain.width + 30, abs=0.5)
    assert [cluster for cluster, _ in tracked.places] == list("ABCD")
