"""The parser's `Word`, and the closed classes of Korean and English words: grammar, not pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from songdalle_core.morphology import Morpheme
from songdalle_core.wordsets import word_set

Kind = Literal[
    "noun", "pronoun", "verb", "adj", "adv", "english", "number", "particle", "position", "break"
]
Ending = Literal["", "adnominal", "chaining", "sequential", "linking", "final", "adverbial"]

POSITIONS = {
    "위": "on", "속": "in", "안": "in", "밖": "outside", "바깥": "outside", "앞": "in front of",
    "뒤": "behind", "옆": "beside", "곁": "beside", "아래": "under", "밑": "under",
    "사이": "between", "틈": "between", "너머": "beyond", "가운데": "in the middle of",
    "한가운데": "in the middle of", "끝": "at the end of", "건너편": "across", "주변": "around",
    "주위": "around", "근처": "near", "가": "by", "가장자리": "at the edge of",
}  # fmt: skip
# Verbs that have become postpositions: 길을 따라 (along the road).
VERB_POSITIONS = {"따르다": "along", "향하다": "toward", "넘다": "over", "지나다": "past"}
# Two syllables that end like a position word and are none.
NO_POSITION = word_set("약속 계속 소속 구속 접속 수속 금속 연속 지속 고속 가속 민속 상속 단속")
MEASURES = {
    "잔": "cup", "병": "bottle", "조각": "piece", "다발": "bouquet", "줄기": "ray", "그릇": "bowl",
    "접시": "plate", "컵": "cup", "상자": "box", "바구니": "basket", "모금": "", "입": "", "젓가락": "",
    "숟가락": "", "스푼": "", "움큼": "", "묶음": "bundle", "무리": "flock", "떼": "flock",
}  # fmt: skip
COUNTERS = word_set(
    "개 마리 송이 장 권 명 그루 방울 켤레 벌 대 척 자루 가닥 점 알 줄 채 쌍 통 톨 올 뼘 평 칸 편 곡"
)
# Said of a person after what the person does: 우체부 아저씨 is a mailman.
TITLES = word_set("아저씨 아줌마 아주머니 씨 님 양반 녀석")
# English words that neither are nor describe a thing: they part it from a run of nouns.
ENGLISH_FUNCTION_WORDS = word_set(
    "a an the i i'm i'll i've you you're your my me we us our he him his she her it its they them is "
    "are was were be been am do does did don't can can't could will won't would should to of in on at "
    "by for from with without up down out off over as into about not no never just so and or but if "
    "then than that this these those there here what when where why how who like let let's get got "
    "gonna wanna go come kiss hold take make give tell say feel want need love know see baby babe hey "
    "hello hi bye yes oh yeah all every more too very again forever always only don't never"
)
# Verbs so general that they name no picture; they are not unknown either.
LIGHT_VERBS = word_set(
    "하다 되다 있다 없다 같다 이다 아니다 않다 못하다 말다 싶다 보다 주다 가지다 대하다 위하다 "
    "알다 모르다 나다 두다 놓다 지다 이러다 그러다 어떻다 이렇다 그렇다 남다"
)
DENIALS = ("않다", "못하다", "말다")
DIRECTIONS = ("가다", "오다")
BREAKS = ("SF", "SP", "SE", "SS", "SSO", "SSC", "SB")
APOSTROPHES = ("'", "’")
SUFFIX_VERBS = ("XSV", "XSA")
ENGLISH_VOCABLE = re.compile(
    r"(?:[ou]+h*|a+h+|y(?:eah?|e+a+h*|ah|o)|(?:la|na|da|doo|uh|oh|ah|ha|hey)+|woo+|mm+)", re.I
)


KOREAN_VOCABLE = re.compile(r"[라랄]+|[우워오와예아]+|[나난]{2,}|[뚜두루]{2,}|샤[라랄]+")
# Endings after which the subject goes on acting: 앉아 졸고 (sitting and dozing).
CHAINING = word_set("고 며 으며 면서 으면서")
SEQUENTIAL = word_set("어 아 여 어서 아서 여서 고서 다가")


@dataclass(slots=True)
class Word:
    """A word with its English, still in Korean order.

    `shown`: it can be painted; `glued`: no space parts it from the word before.
    For particles `lemma` is the kiwi tag and `english` the surface form.
    """

    kind: Kind
    lemma: str
    english: str = ""
    shown: bool = False
    tag: str = ""
    ending: Ending = ""
    past: bool = False
    negated: bool = False
    plural: bool = False
    glued: bool = False
    number: int = 0


def dictionary_form(morpheme: Morpheme) -> str:
    """The lemma with 다: kiwi leaves it off derivational suffixes (하, 되)."""
    lemma = morpheme.lemma
    return lemma if lemma.endswith("다") else f"{lemma}다"
