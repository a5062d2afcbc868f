"""Chords, tablature and directives of song sheets."""

import pytest

from songdalle_core.pasted.song_sheets import without_chords


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (["Dm  G  C", "A lamp", "| Am | G/B |", "on the hill"], ["A lamp", "on the hill"]),
        (["A [C]lamp in [G]the [Am]snow"], ["A lamp in the snow"]),
        (["{title: Moon}", "{soc}", "A lamp", "{eoc}"], ["A lamp"]),
        (["Am", "A lamp", "C    G7sus4", "on the hill"], ["A lamp", "on the hill"]),
        (["Intro: Am G F C (x2)", "A lamp", "| Am / / / | G / / / |"], ["A lamp"]),
        (["C#m7b5 - F#7(b9)", "N.C.", "A lamp"], ["A lamp"]),
        (["[ch]Am[/ch]   [ch]G[/ch]", "[tab]A lamp[/tab]"], ["A lamp"]),
        (["Capo 2", "Tuning: Standard", "Key: G", "Am  G", "A lamp"], ["A lamp"]),
        (["e|---0h2---2p0---|", "B |---3/5---5~----|", "D|-2-------", "A lamp"], ["A lamp"]),
        (["{t: Lamp}", "# mine", "A lamp", "#lonely"], ["A lamp", "#lonely"]),
        (["Key: the brass one", "Am", "Capo 2"], ["Key: the brass one", "Am", "Capo 2"]),
        (["A B C", "Am I awake"], ["A B C", "Am I awake"]),
        (["[A] one", "[B] two"], ["[A] one", "[B] two"]),
        (["{nothing}"], ["{nothing}"]),
    ],
)  # fmt: skip
def test_chords_go(sheet: list[str], words: list[str]) -> None:
    assert without_chords(sheet) == words
