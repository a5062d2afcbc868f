"""Labels of singers: names where the text bears them out, lyrics where it does not."""

from __future__ import annotations

from itertools import product

import pytest

from songdalle_core.pasted.folding import fold
from songdalle_core.pasted.singers import without_singers

KOREAN = [
    "노란 풍선이 하늘을 나네",
    "강가에 앉은 소년이 웃어",
    "등불이 언덕에 타오르고",
    "우리는 노래를 불렀지",
]
KOREAN += ["멀리 기차가 지나간다", "창가에 눈이 쌓여"]
ENGLISH = [
    "the lantern burns on the hill",
    "a boy is laughing by the river",
    "we were singing to the moon",
]
ENGLISH += ["far away a train goes by", "snow is falling on the sill", "nobody knows the road"]
PAIRS = [
    ("비", "하늘"),
    ("태양", "백호"),
    ("나연", "지효"),
    ("RM", "Jin"),
    ("RM", "슈가"),
    ("Rose", "Lisa"),
    ("남", "여"),
]
PAIRS += [("M", "F"), ("A", "B"), ("나연, 지효", "다같이"), ("All", "Jin"), ("나연&지효", "모두")]
PAIRS += [("민지", "해린"), ("J-Hope", "V"), ("S.Coups", "Woozi"), ("봄", "산들"), ("여름", "노을")]
BEFORE = [
    "{}: ",
    "{} : ",
    "{}：",
    "{}) ",
    "({}) ",
    "[{}] ",
    "【{}】 ",
    "<{}> ",
    "《{}》 ",
    "〈{}〉",
    "{} | ",
    "{} - ",
]
BEFORE += [
    "{} – ",
    "{}> ",
    "「{}」 ",
    "[{}]: ",
    "({}): ",
    "{}/ ",
    "{}; ",
    "{}→ ",
    "{}▶ ",
    "- {} : ",
    "*{}* ",
    "{}\t",
    "{}] ",
    "{} = ",
    "{} ~ ",
    "{} >> ",
    "{}» ",
    "{} ∥ ",
    "♪{}: ",
    "♥{}: ",
    "@{}: ",
    "__{}__ ",
    "**{}:** ",
    "{}▷ ",
    "{}】 ",
]
ABOVE = [
    "[{}]",
    "({})",
    "<{}>",
    "【{}】",
    "{}:",
    "{} :",
    "#{}",
    "#{}#",
    "*{}",
    "*{}*",
    "-{}-",
    "- {} -",
    "~{}~",
    "《{}》",
]
ABOVE += [
    "「{}」",
    "@{}",
    "{})",
    "**{}**",
    "{}>",
    "({}):",
    "[{}]:",
    "{} -",
    "◆{}",
    "▶ {}",
    "♪ {}",
    "_{}_",
    "### {}",
    "== {} ==",
    "〔{}〕",
]


def sung(lines: list[str]) -> list[str]:
    return [line for line in without_singers(lines, [fold(line) for line in lines]) if line]


def plain(lines: list[str]) -> list[str]:
    return without_singers(lines, [fold(line) for line in lines])


@pytest.mark.parametrize("form", BEFORE)
def test_labels_before_lines_go(form: str) -> None:
    for (one, other), words in product(PAIRS, (KOREAN, ENGLISH)):
        first, second = form.format(one), form.format(other)
        lines = [
            first + words[0],
            words[1],
            second + words[2],
            words[3],
            first + words[4],
            words[5],
        ]
        assert sung(lines) == words


@pytest.mark.parametrize("form", ABOVE)
def test_labels_above_lines_go(form: str) -> None:
    for (one, other), words in product(PAIRS, (KOREAN, ENGLISH)):
        first, second = form.format(one), form.format(other)
        once = [first, *words[:2], second, *words[2:]]
        twice = [first, *words[:2], "", second, *words[2:4], "", first, *words[4:]]
        assert sung(once) == words
        assert sung(twice) == words


@pytest.mark.parametrize("sign", "#*@")
def test_names_called_before_lines_go(sign: str) -> None:
    lines = [f"{sign}나연 {KOREAN[0]}", f"{sign}지효 {KOREAN[1]}", f"{sign}나연 {KOREAN[2]}"]
    assert sung(lines) == KOREAN[:3]


@pytest.mark.parametrize(
    "both", ["태양/백호)", "태양 / 백호)", "태양&백호:", "태양, 백호)", "태양+백호|"]
)
def test_who_sings_together_is_named_together(both: str) -> None:
    sign = both[-1]
    lines = [f"{both} {KOREAN[0]}", f"태양{sign} {KOREAN[1]}", f"백호{sign} {KOREAN[2]}"]
    assert plain([*lines, f"{both} {KOREAN[3]}"]) == KOREAN[:4]


def test_signs_for_women_and_men_are_labels() -> None:
    lines = [f"{sign} {line}" for sign, line in zip("♂♀♂♀", KOREAN, strict=False)]
    assert plain(lines) == KOREAN[:4]
    assert plain([f"{KOREAN[0]} ♂", KOREAN[1]]) == [f"{KOREAN[0]} ♂", KOREAN[1]]


def test_names_of_section_tags_are_known() -> None:
    lines = ["비: 노란 풍선", "하늘: 푸른 바다"]
    assert without_singers(lines, lines, ["비", "하늘"]) == ["노란 풍선", "푸른 바다"]


@pytest.mark.parametrize(
    "lines",
    [
        ["비: 내리는 소리에 잠을 깨고", "창문을 연다"],
        ["사랑: 그것은 아픔", "사랑: 그것은 기쁨"],
        ["봄: 꽃이 핀다", "여름: 비가 온다", "봄: 꽃이 진다", "가을: 잎이 진다"],
        ["하늘 = 바다", "너와 나 = 우리"],
        ["(눈부신 하늘)", "문을 닫는다"],
        ["Monday: rain", "Tuesday: rain", "Wednesday: a bird"],
        ["I said: go", "you said: stay", "I said: why"],
        ["Love - it's a game", "we play", "Love - it's a flame"],
        ["say my name", "(say my name)", "don't stop", "(stop)"],
        ["(사랑해)", "불 꺼진 방에", "(사랑해 사랑해)", "문을 닫는다"],
        ["(Hey) you in the coat", "(Oh) the harbor", "(Hey) come back"],
        ["「안녕」이라고 적힌 쪽지", "『바다』라는 책을 덮는다"],
        ["비: 내린다\u3164", "비: 내린다\u3164"],
    ],
)
def test_what_may_be_sung_stays(lines: list[str]) -> None:
    assert sung(lines) == lines
