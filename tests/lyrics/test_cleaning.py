"""The five rules of cleaning with the original's examples, and the traps of real lyric pages."""

import random
import re
import time
import unicodedata
from typing import cast

import pytest

from songdalle_core.lyrics import CleanLyrics, clean_lyrics
from songdalle_core.lyrics.cleaning import normalise
from songdalle_core.morphology import warm_up


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("한 여름 밤의 꿈\n가을 타 겨울 내린 눈", "한 여름 밤의 꿈. 가을 타 겨울 내린 눈"),
        ("소리쳐 (say ho)", "소리쳐 say ho"),
        ("스쳐가고아무 말 못한 채", "스쳐가고 아무 말 못한 채"),
        ("아아아 어려워", "아 어려워"),
        ("When I was young", "when i was young"),
    ],
    ids=["newline", "characters", "spacing", "repeated", "case"],
)
def test_the_five_rules(text: str, expected: str) -> None:
    assert clean_lyrics(text).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You’re my everything", "you're my everything"),
        ("‘Cause I ʼm in love", "'cause i 'm in love"),
        ("&#39;Cause I&amp;you", "'cause i you"),
        ("it&#x27;s &quot;love&quot;", "it's love"),
        (unicodedata.normalize("NFD", "사랑해 너를"), "사랑해 너를"),
        ("ＬＯＶＥ　ｙｏｕ　１２３", "love you 123"),
        ("Café Ångström naïve Øre Straße", "cafe angstrom naive ore strasse"),
        (unicodedata.normalize("NFD", "Café"), "cafe"),
        ("1000000번 2222 3.14", "1000000번 2222 3.14"),
        ("사랑해사랑해사랑해", "사랑해 사랑해 사랑해"),
        ("춤추자라라라라라", "춤추자 라"),
        ("라라라라라", "라"),
        ("라 라 라 라 라", "라 라 라 라 라"),
        ("랄라랄라랄라", "랄라"),
        ("babyletsgo", "babyletsgo"),
        ("Oh yeahhhh so goooood", "oh yeah so good"),
        ("ㅋㅋㅋ 웃겨 ㅠㅠ", "웃겨"),
        ("ㅋㅠㅠ 슬퍼", "슬퍼"),
        ("하늘🎈을 ❤️ 날아", "하늘 을 날아"),
        ("사\x00랑\x00해", "사랑해"),
        ("사\u200b랑해 lo\u00adve", "사랑해 love"),
        ("a\tb\u00a0c", "a b c"),
        ("Wait... what?! no...", "wait. what no"),
        ("난 가.너도 가", "난 가. 너도 가"),
        ("rock 'n' roll ' '' lovin'", "rock 'n' roll lovin'"),
        ("愛 love 사랑", "love 사랑"),
        ("na-na-na", "na na na"),
        ("예쁜 나빜ㅋㅋ", "예쁜 나비"),
        ("강아짛ㅎㅎ 웃네", "강아지 웃네"),
        ("ㄴㅏㅂㅣㄱㅏ 날아 ㅋㅋ", "나비가 날아"),
    ],
)
def test_traps_within_a_line(text: str, expected: str) -> None:
    assert clean_lyrics(text).text == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("봄\n\n\n여름\n \n가을", ("봄", "여름", "가을")),
        ("봄\r\n여름\r가을\u2028겨울", ("봄", "여름", "가을", "겨울")),
        ("봄<br>여름<br/>가을", ("봄", "여름", "가을")),
        ("봄.\n여름...\n!!!\n가을", ("봄", "여름", "가을")),
        (
            "[Verse 1]\n봄이 와\n(Chorus)\n꽃이 펴\n{Hook}\nVerse 2:\n눈이 와",
            ("봄이 와", "꽃이 펴", "눈이 와"),
        ),
        (
            "봄이 와 (x2)\n꽃이 펴 x3\n눈이 와 (repeat x2)\n비가 와 *2\nx2",
            ("봄이 와", "꽃이 펴", "눈이 와", "비가 와"),
        ),
    ],
)
def test_lines(text: str, lines: tuple[str, ...]) -> None:
    clean = clean_lyrics(text)
    assert clean.lines == lines
    assert clean.text == ". ".join(lines)
    assert ". ." not in clean.text


PASTED = [
    "[ti:Lamp]\n[00:01.00]노란 풍선 하나\n[00:04.50]푸른 하늘 위로",
    "1\n00:00:01,000 --> 00:00:03,000\n노란 풍선 하나\n\n2\n00:00:03,000 --> 00:00:05,000\n푸른 하늘 위로",
    "작사 : 빨간 나비\n[Emotional Chorus]\n노란 풍선 하나\n(간주중)\n푸른 하늘 위로\n7Embed",
    "남: 노란 풍선 하나\n여: 푸른 하늘 위로",
    unicodedata.normalize("NFD", "[빗소리]\n노란 풍선 하나\n푸른 하늘 위로ㅋㅋ"),
]


@pytest.mark.parametrize("text", PASTED)
def test_what_a_paste_adds_is_not_read(text: str) -> None:
    assert clean_lyrics(text).lines == ("노란 풍선 하나", "푸른 하늘 위로")


def test_repeated_lines_are_kept_in_song_order() -> None:
    clean = clean_lyrics("돌아와 줘\n봄이 와\n돌아와 줘\n돌아와 줘")
    assert clean.lines == ("돌아와 줘", "봄이 와", "돌아와 줘", "돌아와 줘")
    assert clean.language == "ko"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n",
        "...",
        "!?!?()[]{}''\"",
        "🎈🎉",
        "愛してる",
        "Привет",
        "ㅋㅋㅋㅋ",
        "\x00",
        "[Chorus]",
    ],
)
def test_nothing_readable_is_empty(text: str) -> None:
    assert clean_lyrics(text) == CleanLyrics("", (), "other")


def test_a_bare_label_alone_is_the_lyric() -> None:
    assert clean_lyrics("Chorus").text == "chorus"
    assert clean_lyrics("Chorus\nlove").text == "love"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("봄이 와", "ko"),
        ("Spring is here", "en"),
        ("봄이 와 spring is here", "mixed"),
        ("1004", "other"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert clean_lyrics(text).language == language


def test_cleaning_twice_changes_nothing() -> None:
    once = clean_lyrics(
        "스쳐가고아무 말 못한 채\nYou’re gooood (x2)\n오늘 밤은 나랑 같 이 있 어 줘"
    )
    assert clean_lyrics("\n".join(once.lines)) == once


def test_the_spacer_is_the_callers_choice() -> None:
    spaced: list[str] = []

    def spacer(text: str) -> str:
        spaced.append(text)
        return text.replace("별밤", "별 밤")

    clean = clean_lyrics("별밤\n별밤\nNight!", spacer=spacer)
    assert clean.lines == ("별 밤", "별 밤", "night")
    assert spaced == ["별밤", "Night"]


def test_not_a_string_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a string, not int"):
        clean_lyrics(cast(str, 5))


def test_only_the_allowed_characters_survive() -> None:
    chance = random.Random(7)
    for _ in range(60):
        text = "".join(
            chr(chance.choice([chance.randrange(1, 0x250), chance.randrange(0xD800)]))
            for _ in range(80)
        )
        clean = clean_lyrics(text)
        assert re.fullmatch(r"[a-z0-9가-힣'. ]*", clean.text)
        assert not re.search(r"  |\. \.|\.\.|^[. ]|[. ]$", clean.text)


def test_normalise_keeps_newlines_and_composes() -> None:
    assert normalise("é\x85ＡＢ\u2029가") == "e\nAB\n가"


LONG = {
    "brackets": "(" * 20_000,
    "square": "[" * 20_000,
    "letters": "a" * 20_000,
    "stops": ". " * 10_000,
    "quotes": "' " * 10_000,
    "spaces": " " * 20_000,
    "newlines": "\n" * 20_000,
    "references": "&#" + "1" * 19_998,
    "ampersands": "&" * 20_000,
    "angles": "<" * 20_000,
    "marks": "a" + "\u0300\u0323" * 10_000,
    "one syllable": "가" * 20_000,
    "vocable": "랄라" * 10_000,
    "scattered": "가 " * 10_000,
    "x2": "x2 " * 6_666,
    "mixed runs": "aaabbb가가가" * 2_222,
    "ligatures": "\ufdfa" * 20_000,
    "random": "".join(chr(random.Random(i).randrange(0xAC00, 0xD7A4)) for i in range(20_000)),
}


@pytest.mark.parametrize("name", LONG)
def test_hostile_input_is_fast(name: str) -> None:
    warm_up()
    start = time.process_time()
    clean_lyrics(LONG[name])
    # Processor time, with a margin for a slow machine; quadratic time would be minutes.
    assert time.process_time() - start < 3


WORDS = "너를 사랑해 오늘 밤 하늘을 나는 새처럼 바람에 날려 꿈속에서 다시만난 love you"


def test_a_long_song_is_fast() -> None:
    words = WORDS.split()
    chance = random.Random(3)
    song = "\n".join(" ".join(chance.choices(words, k=6)) for _ in range(1_000))[:20_000]
    warm_up()
    start = time.process_time()
    clean = clean_lyrics(song)
    assert time.process_time() - start < 3
    assert len(clean.lines) > 700
