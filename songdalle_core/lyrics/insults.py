"""Nouns that insult only in company: 새끼 (young animal or bastard) and 년 (year or bitch).

After a verb's or adjective's adnominal form or a determiner (날 버린 새끼, 거짓말하는 년) they are
insults; a year follows a number, and a young animal stands in a line that speaks of animals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from songdalle_core.morphology import Morpheme

_CUB = frozenset({"새끼", "쌔끼", "섀끼", "쉐끼", "쉐키", "쌕끼"})
_WOMAN = "년"
_DETERMINERS = frozenset(
    [
        "이",
        "그",
        "저",
        "요",
        "이런",
        "그런",
        "저런",
        "그딴",
        "이딴",
        "저딴",
        "딴",
        "어떤",
        "웬",
        "무슨",
        "뭔",
        "어느",
    ]
)
_CUB_DETERMINERS = _DETERMINERS | {"다른", "모든", "아무", "별"}
# 이 년 is two years more often than it is an insult; 어느 년 and 무슨 년 ask for the year.
_WOMAN_DETERMINERS = _DETERMINERS - {"이", "어느", "무슨"}
_ANIMALS = re.compile(
    "어미|아비 새|손[가톱]|발[가톱]|둥지|보금자리|낳|태어|품[은에]|품고|품는|젖|핥|꼬리|동물|먹이|날개|깃털|"
    "마리|어린|갓 |"
    "귀여운|작은|앙증|졸고|눈도? ?(?:못 )?(?:뜬|떠|뜨)|강아지|고양이|송아지|망아지|병아리|늑대|여우|사자|"
    "호랑이|토끼|사슴|노루|펭귄|제비|참새|까치|오리|거북|고래|물개|돼지|염소|양 떼|곰|코끼리|원숭이|다람쥐"
)
_EDGE = Morpheme("", "", "", 0, 0)
_SENTENCE = re.compile(r"[^\n.!?]+")


def insult_spans(text: str, morphemes: Sequence[Morpheme]) -> Iterator[tuple[int, int]]:
    """Character spans of 새끼 and 년 where they insult, each with a determiner before it."""
    animals: list[tuple[int, int]] | None = None
    for before, noun, after in zip(
        [_EDGE, *morphemes], morphemes, [*morphemes[1:], _EDGE], strict=False
    ):
        cub = noun.form in _CUB
        if not cub and (noun.form != _WOMAN or noun.tag != "NNB"):
            continue
        if not (_describes(before) or _points_at(before, cub) or (cub and _calls(after))):
            continue
        if animals is None:
            animals = [m.span() for m in _SENTENCE.finditer(text) if _ANIMALS.search(m.group())]
        if cub and any(start <= noun.start < end for start, end in animals):
            continue
        yield (before.start if before.tag == "MM" else noun.start), noun.end


def _describes(before: Morpheme) -> bool:
    return before.tag == "ETM"


def _points_at(before: Morpheme, cub: bool) -> bool:
    return before.tag == "MM" and before.form in (_CUB_DETERMINERS if cub else _WOMAN_DETERMINERS)


def _calls(after: Morpheme) -> bool:
    """True for the vocative and the plural: 새끼야, 새끼들."""
    return after.tag == "JKV" or after.form in ("들", "야", "아")
