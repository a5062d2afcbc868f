"""Language by the shares of letters."""

import pytest

from songdalle_core.lyrics.language import ENGLISH_UP_TO, KOREAN_FROM, detect_language, korean_share


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("한 여름 밤의 꿈. 가을 타 겨울 내린 눈", "ko"),
        ("우리 함께 걷던 길 위에 눈이 내리네 oh yeah", "ko"),
        ("when i was young", "en"),
        ("i was walking down the long and empty road to find you 사랑", "en"),
        ("나는 love you 너는 hate me", "mixed"),
        ("사랑", "ko"),
        ("love", "en"),
        ("사랑 love", "mixed"),
        ("1004", "other"),
        ("", "other"),
        ("... '", "other"),
        ("愛してる", "other"),
        ("ㅋㅋㅋ", "other"),
    ],
)
def test_detect_language(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_a_latin_letter_weighs_half() -> None:
    assert korean_share("사랑love") == pytest.approx(2 / (2 + 4 / 2))
    assert korean_share("123") is None


def test_the_thresholds_are_inclusive() -> None:
    hangul, latin = 20, 10
    assert korean_share("가" * hangul + "a" * latin) == pytest.approx(KOREAN_FROM)
    assert detect_language("가" * hangul + "a" * latin) == "ko"
    assert detect_language("가" * hangul + "a" * (latin + 1)) == "mixed"
    hangul, latin = 5, 40
    assert korean_share("가" * hangul + "a" * latin) == pytest.approx(ENGLISH_UP_TO)
    assert detect_language("가" * hangul + "a" * latin) == "en"
    assert detect_language("가" * (hangul + 1) + "a" * latin) == "mixed"
