"""One normal form: composed, half-width, compatibility and old letters of Hangul."""

from __future__ import annotations

import random
import time
import unicodedata
from pathlib import Path

import pytest

from songdalle_core.hangul import FINALS, INITIALS, VOWELS, decompose, is_syllable
from songdalle_core.normal_form import normal_form

ROOT = Path(__file__).parents[1]
LINES = [
    line
    for line in (ROOT / "scripts" / "data" / "gloss_lines.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if line and not line.startswith("#")
]
HALF_WIDTH = {
    unicodedata.lookup(name.removeprefix("HALFWIDTH ")): chr(code)
    for code in range(0xFFA1, 0xFFDD)
    if (name := unicodedata.name(chr(code), ""))
}


def letters(text: str) -> str:
    """ "사랑" as ㅅㅏㄹㅏㅇ."""
    spelt = ""
    for character in text:
        if is_syllable(character):
            initial, vowel, final = decompose(character)
            spelt += INITIALS[initial] + VOWELS[vowel] + FINALS[final]
        else:
            spelt += character
    return spelt


def test_every_encoding_of_a_line_is_the_same_text() -> None:
    assert len(LINES) > 400
    for line in LINES:
        assert normal_form(line) == line
        assert normal_form(unicodedata.normalize("NFD", line)) == line
        assert normal_form(unicodedata.normalize("NFKD", line)) == unicodedata.normalize(
            "NFKC", line
        )
        assert normal_form(letters(line)) == line
        assert normal_form("".join(HALF_WIDTH.get(c, c) for c in letters(line))) == line


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ㅋㅋㅋ", "ㅋㅋㅋ"),
        ("ㅋㅠㅠ 슬퍼ㅠㅠ", "ㅋㅠㅠ 슬퍼ㅠㅠ"),
        ("ㅇㅅㅇ ㅇㅜㅇ ㅎㅡㅎㅡ", "ㅇㅅㅇ ㅇㅜㅇ ㅎㅡㅎㅡ"),
        ("ㅅㅂ ㄱㅅ ㅇㅋ ㄹㅇ ㅁㅊ", "ㅅㅂ ㄱㅅ ㅇㅋ ㄹㅇ ㅁㅊ"),
        ("나빜ㅋㅋ", "나빜ㅋㅋ"),
        ("나비\u110f\u110f", "나비ㅋㅋ"),
        ("ㅅㅏㄹㅏㅇㅎㅐㅋㅋㅋ", "사랑해ㅋㅋㅋ"),
        ("ㅎㅏㅎㅏ ㄴㅜㄴ", "하하 눈"),
        ("ㅅㅣㅂㅏㄹ 씨ㅂㅏㄹ ㅅ발", "시발 씨발 ㅅ발"),
        ("\u1112\u119e\u11ab\u1100\u1173\u11af", "한글"),
        ("\u1100\u1100\u1161", "까"),
        ("나\u11ab", "난"),
        ("\ua960\u1161", "마"),
        ("ㅿㆍ", "사"),
        ("\u3164hi\uffa0", " hi "),
        ("cafe\u0301 \u2126", "café Ω"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_letters_become_syllables_where_they_stand_for_some(text: str, normal: str) -> None:
    assert normal_form(text) == normal


def test_a_normal_form_is_its_own() -> None:
    chance = random.Random(1)
    blocks = [
        (0x1100, 0x1200),
        (0x3130, 0x3190),
        (0xFFA0, 0xFFDD),
        (0xAC00, 0xD7FC),
        (0xA960, 0xA980),
        (0x300, 0x330),
    ]
    for _ in range(2_000):
        text = "".join(chr(chance.randrange(*chance.choice(blocks))) for _ in range(20))
        normal = normal_form(text)
        assert normal_form(normal) == normal
        assert unicodedata.is_normalized("NFC", normal)


@pytest.mark.parametrize(
    "piece",
    [
        "a" + "\u0300\u0323" * 9,
        "\u0300\u0323",
        "\u1100",
        "ㄱㅏ",
        "ㄱ",
        "가\u11f0",
        "\uffa1",
        "\uffa1\uffc2",
        "ㅋ",
    ],
)
def test_long_input_is_fast(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    normal_form(text)
    assert time.process_time() - start < 2


def test_few_marks_stay_and_many_do_not() -> None:
    assert normal_form("a" + "\u0323" * 5) == unicodedata.normalize("NFC", "a" + "\u0323" * 5)
    assert len(normal_form("a" + "\u0323" * 500)) <= 31
