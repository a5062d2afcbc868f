"""Words for quantities: a count waits for its noun, an hour is a part of the day, a month one of twelve."""

from __future__ import annotations

from collections.abc import Sequence

from songdalle_core.hours import DAY_PARTS, NIGHT_SIGHTS, part_of_day
from songdalle_core.translation.english import MONTHS, head_word
from songdalle_core.translation.numbers import Quantity
from songdalle_core.translation.vocabulary import MEASURES, Word

MANY = 100
"""From here on things are many, not so many."""


def add_quantity(words: list[Word], quantity: Quantity) -> None:
    """Append a quantity's word to the words before it; units that show nothing keep their form only."""
    value = quantity.value
    if quantity.kind == "hour" and value is not None:
        _add_hour(words, value, quantity.half)
    elif quantity.kind == "month" and value is not None and 1 <= value <= len(MONTHS):
        words.append(Word("noun", "월", MONTHS[value - 1], True, "NNG"))
    elif quantity.kind == "pronoun":
        words.append(Word("pronoun", quantity.form, tag="NP"))
    elif quantity.kind == "count":
        words.append(_count(quantity))
    elif quantity.form:
        words.append(Word("noun", quantity.form, tag=quantity.tag))


def settle_hours(words: Sequence[Word]) -> None:
    """Let what else its sentence names decide on an hour that may be of either half of the day.

    Where a part of the day is named, the hour adds nothing to it.
    """
    sentence: list[Word] = []
    for word in [*words, Word("break", ".")]:
        if word.kind != "break":
            sentence.append(word)
            continue
        hours = [w for w in sentence if w.tag == "HOUR"]
        heads = {head_word(w.english) for w in sentence if w.english and w not in hours}
        for hour in hours:
            if heads & DAY_PARTS:
                hour.english, hour.tag = "", "NNB"
            elif heads & NIGHT_SIGHTS:
                hour.english = "night"
        sentence = []


def _count(quantity: Quantity) -> Word:
    value = quantity.value
    exact = value is not None and value < MANY
    word = Word("number", quantity.form, number=value or 0 if exact else 0, plural=not exact)
    if quantity.counted:
        word.english, word.tag = MEASURES.get(quantity.form, ""), "counted"
    return word


def _add_hour(words: list[Word], value: int, half: str) -> None:
    """The part of the day, in place of one that was said right before: 오후 여섯 시."""
    before = words[-1] if words else None
    said = half
    if before is not None and before.kind in ("noun", "english") and before.english:
        part = head_word(before.english)
        if part in DAY_PARTS:
            said = said or part
            words.pop()
    tag = "NNG" if said or value > 12 or value == 0 else "HOUR"
    words.append(Word("noun", "시", part_of_day(value, said), False, tag))
