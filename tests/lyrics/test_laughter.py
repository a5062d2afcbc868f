from __future__ import annotations

import pytest

from songdalle_core.lyrics.laughter import without_grown_laughter


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("예쁜 나빜ㅋㅋ", "예쁜 나비ㅋㅋ"),
        ("강아짛ㅎㅎ", "강아지ㅎㅎ"),
        ("웃곀ㅋ 죽겠넼ㅋㅋㅋ", "웃겨ㅋ 죽겠네ㅋㅋㅋ"),
        ("나빜ㅎㅎ 나빜ㅠㅠ", "나비ㅎㅎ 나비ㅠㅠ"),
        ("나빜 날아라", "나비 날아라"),
        ("앜ㅋㅋ", "아ㅋㅋ"),
        ("부엌ㅋㅋ 들녘 새벽녘ㅎㅎ", "부엌ㅋㅋ 들녘 새벽녘ㅎㅎ"),
        ("좋ㅎㅎ 하얗게 그렇지", "좋ㅎㅎ 하얗게 그렇지"),
        ("부엌에 나비", "부엌에 나비"),
        ("보고싶엌ㅋ 부엌ㅋ", "보고싶어ㅋ 부엌ㅋ"),
        ("바닿ㅎㅎ 닿ㅎㅎ 닿아", "바다ㅎㅎ 닿ㅎㅎ 닿아"),
        ("잌히", "잌히"),
        ("", ""),
    ],
)
def test_the_word_stays(text: str, word: str) -> None:
    assert without_grown_laughter(text) == word
