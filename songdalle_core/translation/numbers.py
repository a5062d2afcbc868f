"""Numbers of Korean, and what they number: things, which a picture counts, or hours, dates, ages and turns.

세 송이 (three blossoms) is a count; 세 시 (three o'clock), 세 살 (three years old) and 세 번째 (the third) are
none. Which it is stands in the word after the number: kiwi marks the bound nouns of units (NNB), and of
these only those of `COUNTERS` and `MEASURES` count what a painter could paint.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from songdalle_core.morphology import Morpheme
from songdalle_core.translation.vocabulary import COUNTERS, MEASURES
from songdalle_core.wordsets import word_set

Kind = Literal["count", "pronoun", "hour", "month", "unit"]

_NATIVE_ONES = {
    "한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "석": 3, "네": 4, "넷": 4, "넉": 4,
    "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9,
}  # fmt: skip
_NATIVE_TENS = {
    "열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70,
    "여든": 80, "아흔": 90,
}  # fmt: skip
_SINO_ONES = {c: n for n, c in enumerate("일이삼사오육칠팔구", start=1)}
_SINO_PLACES = {"십": 10, "백": 100, "천": 1000, "만": 10_000, "억": 100_000_000}
_NATIVE = re.compile(f"({'|'.join(_NATIVE_TENS)})?({'|'.join(_NATIVE_ONES)})?")
_SINO = re.compile(f"[{''.join(_SINO_ONES)}{''.join(_SINO_PLACES)}]+")
_SEVERAL = word_set(
    "한두 두세 두셋 서너 서넛 너댓 네댓 네다섯 대여섯 예닐곱 일고여덟 여남은 여러 몇 수십 수백 수천 "
    "수만 수십만 수백만 수천만 수억"
)
# Units that kiwi also knows as nouns of their own: after a number they number no thing.
_UNITS = word_set(
    "시 시간 분 초 주 주일 주년 달 개월 해 철 세기 년대 살 세 층 호 호선 학년 교시 끼 등 도 원 위"
)
_TURNS = word_set("번 번째 째 회")
_TAIL = word_set("쯤 경 무렵 즈음 정각 반")
"""What may follow an hour: half past, about, sharp."""
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_HALVES = word_set("am pm")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and the unit after it, read together.

    Attributes:
        kind: "count" of things; "pronoun" (둘이서, the two of us); "hour" of the day; "month" of the year;
            "unit" of anything else, which no picture shows.
        value: the number; None for several (몇, 두세) and what is too large to be counted.
        end: index of the morpheme after it.
        form, tag: the unit's; "" for none, and for a turn (세 번), which is said like an adverb.
        half: "am" or "pm" where it was said in English; "" if not.
        counted: a counter follows the number.
    """

    kind: Kind
    value: int | None
    end: int
    form: str = ""
    tag: str = ""
    half: str = ""
    counted: bool = False


def quantity_at(morphemes: Sequence[Morpheme], index: int) -> Quantity | None:
    """The quantity that begins at `index`, or None if no number does."""
    clock = _CLOCK.fullmatch(morphemes[index].form)
    if clock and int(clock[1]) <= 24:
        half = morphemes[index + 1].form.lower() if index + 1 < len(morphemes) else ""
        said = half in _HALVES
        return _hour(morphemes, int(clock[1]), index + 1 + said, half if said else "")
    end = index
    while end < len(morphemes) and _is_number(morphemes[end]):
        end += 1
    if end == index or (morphemes[index].form == "네" and not is_four(morphemes, index)):
        return None
    forms = [morpheme.form for morpheme in morphemes[index:end]]
    value = _value(forms)
    unit = morphemes[end] if end < len(morphemes) else None
    if unit is None:
        return _bare(morphemes, index, end, value)
    half = unit.form.lower()
    if half in _HALVES or _is_digital_clock(morphemes, index, end):
        hour = value if len(forms) == 1 else int(forms[0])
        return _hour(morphemes, hour, end + (half in _HALVES), half if half in _HALVES else "")
    if not unit.tag.startswith("N"):
        return _bare(morphemes, index, end, value)
    return _with_unit(morphemes, end, value) or _bare(morphemes, index, end, value)


def is_four(morphemes: Sequence[Morpheme], index: int) -> bool:
    """네 is four before a unit or counter; else "your", or an ending."""
    morpheme, following = morphemes[index], morphemes[index + 1 : index + 2]
    glued = index > 0 and morphemes[index - 1].end == morpheme.start
    if not following or glued or morpheme.tag not in ("MM", "IC", "NP"):
        return False
    form = following[0].form
    if form == "시":  # 네 시를: your poem
        return not any(m.tag == "JKO" for m in morphemes[index + 2 : index + 3])
    counts = form in COUNTERS or form in MEASURES or form in _UNITS or form in _TURNS
    return counts and following[0].tag in ("NNB", "NNG")


def _is_number(morpheme: Morpheme) -> bool:
    if morpheme.tag == "SN":
        return morpheme.form.isascii() and morpheme.form.isdigit()
    if morpheme.tag == "NR" or (morpheme.form == "네" and morpheme.tag in ("IC", "NP")):
        return True
    return morpheme.tag == "MM" and (
        morpheme.form in _SEVERAL or (morpheme.form != "" and _native(morpheme.form) is not None)
    )


def _value(forms: Sequence[str]) -> int | None:
    """The number that the parts spell together; None for several or more numbers than one."""
    digits = [form for form in forms if form.isdigit()]
    if len(digits) == 1 and len(forms) == 1:
        return int(digits[0])
    whole = "".join(forms)
    if digits or whole in _SEVERAL:
        return None
    native = _native(whole)
    return native if native is not None else _sino(whole)


def _native(text: str) -> int | None:
    match = _NATIVE.fullmatch(text)
    if not match or not text:
        return None
    return _NATIVE_TENS.get(match[1], 0) + _NATIVE_ONES.get(match[2], 0)


def _sino(text: str) -> int | None:
    if not _SINO.fullmatch(text):
        return None
    total = section = one = 0
    for character in text:
        if character in _SINO_ONES:
            one = _SINO_ONES[character]
        elif _SINO_PLACES[character] >= _SINO_PLACES["만"]:
            total += max(section + one, 1) * _SINO_PLACES[character]
            section = one = 0
        else:
            section += max(one, 1) * _SINO_PLACES[character]
            one = 0
    return total + section + one


def _is_digital_clock(morphemes: Sequence[Morpheme], index: int, end: int) -> bool:
    """오후 3 30: a time of day whose colon went when the text was cleaned."""
    forms = [morpheme.form for morpheme in morphemes[index:end]]
    said = morphemes[index - 1].form.lower() if index else ""
    return (
        len(forms) == 2
        and all(form.isdigit() for form in forms)
        and (len(forms[1]) == 2 and int(forms[0]) <= 24 and int(forms[1]) < 60)
        and (said in _HALVES or said in ("오전", "오후", "새벽", "아침", "낮", "저녁", "밤"))
    )


def _with_unit(morphemes: Sequence[Morpheme], end: int, value: int | None) -> Quantity | None:
    """The quantity of a number before the noun at `end`; None if that is no unit."""
    unit = morphemes[end]
    following = morphemes[end + 1] if end + 1 < len(morphemes) else None
    ordinal = following is not None and following.form == "째"
    if unit.form in _TURNS or ordinal:
        return Quantity("unit", value, end + 1 + ordinal)
    if unit.form == "시" and value is not None and value <= 24:
        return _hour(morphemes, value, end + 1)
    if unit.form in COUNTERS or unit.form in MEASURES:
        return Quantity("count", value, end + 1, unit.form, counted=True)
    if unit.form == "월":
        return Quantity("month", value, end + 1, unit.form)
    if unit.tag == "NNB" or unit.form in _UNITS:
        return Quantity("unit", value, end + 1, unit.form, unit.tag)
    return None


def _hour(
    morphemes: Sequence[Morpheme], value: int | None, end: int, half: str = ""
) -> Quantity | None:
    """An hour with its minutes, half and about."""
    while end < len(morphemes):
        minutes = end
        while minutes < len(morphemes) and _is_number(morphemes[minutes]):
            minutes += 1
        unit = morphemes[minutes].form if minutes < len(morphemes) else ""
        if minutes > end and unit in ("분", "초"):
            end = minutes + 1
        elif minutes == end and unit in _TAIL and morphemes[end].tag[0] in "NXM":
            end += 1
        else:
            break
    return Quantity("hour", value, end, "시", half=half)


def _bare(
    morphemes: Sequence[Morpheme], index: int, end: int, value: int | None
) -> Quantity | None:
    """A number without a unit: before a noun its count, before a particle a pronoun, else nothing."""
    first, following = morphemes[index], morphemes[end] if end < len(morphemes) else None
    tags = {morpheme.tag for morpheme in morphemes[index:end]}
    if first.form in _SEVERAL and tags == {"MM"}:
        return None  # 여러, 몇: words of the lexicon
    whole = "".join(morpheme.form for morpheme in morphemes[index:end])
    counts = value is not None and (
        _native(whole) is not None or (tags == {"SN"} and end == index + 1 and value < 100)
    )
    if not counts:
        return Quantity("unit", value, end)
    after_noun = index > 0 and morphemes[index - 1].tag in ("NNG", "NNP")  # 펭귄 둘이
    particle = following is not None and following.tag.startswith("J")
    if tags == {"NR"} and particle and following is not None and not after_noun:
        alone = whole != "하나" or following.tag != "JKG"
        return Quantity("pronoun" if alone else "count", value, end, whole)
    return Quantity("count", value, end, whole)
