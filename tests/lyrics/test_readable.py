"""Lines that the stages can read, and lines in other languages; `latin_lines.tsv` has them by what they are."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from songdalle_core.lyrics.readable import (
    MOST_NAMED,
    is_foreign_script,
    is_readable,
    named,
    read_lines,
    read_lyrics,
)

ROWS = [
    row.split("\t")
    for row in (Path(__file__).parent / "latin_lines.tsv").read_text(encoding="utf-8").splitlines()
    if not row.startswith("#")
]
ENGLISH = [line for kind, line in ROWS if kind == "english"]
ROMANISED = [line for kind, line in ROWS if kind == "romanised"]
OTHERS = [line for kind, line in ROWS if kind == "other"]


def unspaced(line: str) -> str:
    return line


@pytest.mark.parametrize("line", ENGLISH)
def test_english_is_never_refused(line: str) -> None:
    assert is_readable(line)
    assert read_lines([line]).readable == (line,)


def test_english_stays_among_english() -> None:
    lines = [*ENGLISH, "te quiero mi amor", "neoui son jabgo"]
    assert read_lines(lines).readable == tuple(ENGLISH)


@pytest.mark.parametrize(("lines", "share"), [(ROMANISED, 0.9), (OTHERS, 0.8)])
def test_others_are_told_line_by_line(lines: list[str], share: float) -> None:
    told = [line for line in lines if not is_readable(line)]
    assert len(told) >= share * len(lines), set(lines) - set(told)


@pytest.mark.parametrize("lines", [ROMANISED, OTHERS])
def test_others_are_told_by_the_rest_of_their_text(lines: list[str]) -> None:
    """But those that are half in English."""
    assert len(read_lines(lines).readable) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "neoui son jabgo",
        "te quiero mi amor",
        "aku cinta kamu selamanya\nhujan turun di malam ini",
        "Anh yêu em rất nhiều\nEm là tất cả của anh",
        "Corazón\nquiero volver a verte\nno puedo vivir sin ti",
        "夜空を見上げて 君を想う",
        "夜空を見上げて love 君を想う",
        "夜空を見上げて\nlove\n君を想う夜",
        "愛してる baby\nずっとそばにいて",
        "Я тебя люблю\nbaby",
        "我爱你一万年 oh yeah",
        "ฉันรักเธอ\nlove",
        "saranghae\nneol saranghae\nbaby",
        "hola\nte quiero mi amor",
    ],
)
def test_a_text_that_nothing_can_read(text: str) -> None:
    clean, unread = read_lyrics(text, spacer=unspaced)
    assert (clean.text, clean.lines, clean.language) == ("", (), "other")
    assert unread


@pytest.mark.parametrize(
    ("text", "lines", "language"),
    [
        ("neoui son jabgo\n파란 하늘 아래", ("파란 하늘 아래",), "ko"),
        ("te quiero mi amor\na red balloon in the sky", ("a red balloon in the sky",), "en"),
        (
            "夜空を見上げて love\nwalking in the rain tonight",
            ("walking in the rain tonight",),
            "en",
        ),
        ("붉은 장미 te quiero mi amor", ("붉은 장미 te quiero mi amor",), "mixed"),
        ("je t'aime mon amour\n사랑해 너만을", ("사랑해 너만을",), "ko"),
        ("나는 愛를 몰라", ("나는 를 몰라",), "ko"),
        ("la la la\noh yeah", ("la la la", "oh yeah"), "en"),
        ("Ｗａｌｋｉｎｇ ｉｎ ｔｈｅ ｒａｉｎ", ("walking in the rain",), "en"),
    ],
)
def test_what_can_be_read_of_a_text(text: str, lines: tuple[str, ...], language: str) -> None:
    clean, _ = read_lyrics(text, spacer=unspaced)
    assert (clean.lines, clean.language) == (lines, language)
    assert clean.text == ". ".join(lines)


def test_unread_lines_are_named_as_they_came() -> None:
    text = "夜空を見上げて love\nTe quiero mi amor\nTe quiero mi amor\nwalking in the rain tonight"
    assert read_lyrics(text, spacer=unspaced)[1] == ("夜空を見上げて love", "te quiero mi amor")
    assert len(named(["x" * 500] * 30)) == MOST_NAMED
    assert {len(line) for line in named(["x" * 500])} == {120}


def test_scripts() -> None:
    assert is_foreign_script("愛してる love")
    assert is_foreign_script("привет, мир")
    assert not is_foreign_script("夜空 hello world my love")
    assert not is_foreign_script("Beyoncé à Paris 사랑 ㅋㅋ 3 !")
    assert not is_readable("こんにちは世界")
    assert is_readable("하늘")
    assert is_readable("")


def test_a_long_text_is_read_in_time() -> None:
    text = "\n".join(f"quiero volver a verte {n} en la noche del mar" for n in range(450))[:20_000]
    read_lines(text.split("\n"))
    begun = time.process_time()
    assert read_lines([f"{line} sol" for line in text.split("\n")]).readable == ()
    assert time.process_time() - begun < 1.0


def test_a_line_of_accented_words_is_unread() -> None:
    clean, unread = read_lyrics("Em ơi Hà Nội phố\n노란 풍선", spacer=unspaced)
    assert (clean.lines, unread) == (("노란 풍선",), ("Em ơi Hà Nội phố",))
    assert read_lyrics("Đêm nay trăng sáng", spacer=unspaced)[0].lines == ()
    for english in ("Café olé at the harbor", "Beyoncé, café, déjà vu and a naïve smile"):
        assert read_lyrics(english, spacer=unspaced)[1] == ()


def test_letters_in_costume_are_latin() -> None:
    assert read_lyrics("𝓐 𝓵𝓪𝓶𝓹 𝓸𝓷 𝓽𝓱𝓮 𝓱𝓲𝓵𝓵", spacer=unspaced)[0].lines == ("a lamp on the hill",)
