"""Lexical transfer: kiwi morphemes become the words of a phrase, each with its English.

Several morphemes become one word (노래+하다, 꽃+길, 별+들), one may become two (창밖: 창, 밖),
endings and auxiliaries become properties of their verb.
"""

from __future__ import annotations

from collections.abc import Sequence

from songdalle_core.hangul import FINAL_NIEUN
from songdalle_core.morphology import Morpheme
from songdalle_core.translation.borrowing import borrow
from songdalle_core.translation.context import context_of
from songdalle_core.translation.lexicon import Entry, Lexicon
from songdalle_core.translation.numbers import quantity_at
from songdalle_core.translation.quantities import add_quantity, settle_hours
from songdalle_core.translation.vocabulary import (
    APOSTROPHES,
    BREAKS,
    CHAINING,
    DENIALS,
    DIRECTIONS,
    ENGLISH_VOCABLE,
    KOREAN_VOCABLE,
    LIGHT_VERBS,
    NO_POSITION,
    POSITIONS,
    SEQUENTIAL,
    SUFFIX_VERBS,
    TITLES,
    Kind,
    Word,
    dictionary_form,
)


class WordReader:
    """Reads one analysed text into words; `unknown` collects lemmas without English.

    `borrowed` maps nouns the lexicon lacks to the near synonyms whose English they take;
    `quantities` are the places of the morphemes that are numbers and their units.
    """

    def __init__(self, lexicon: Lexicon, morphemes: Sequence[Morpheme]) -> None:
        self._lexicon = lexicon
        self._morphemes = morphemes
        self._words: list[Word] = []
        self._negate_next = False
        self._progressive = False
        self.unknown: list[str] = []
        self.borrowed: dict[str, str] = {}
        self.quantities: set[int] = set()

    def read(self) -> list[Word]:
        """The words in order; consumes the morphemes once."""
        index = 0
        while index < len(self._morphemes):
            index = self._read_at(index)
        settle_hours(self._words)
        return self._words

    def _read_at(self, index: int) -> int:
        """Read the word that begins at `index`; the index after it."""
        morpheme = self._morphemes[index]
        tag = morpheme.tag.partition("-")[0]
        quantity = quantity_at(self._morphemes, index)
        if quantity is not None:
            add_quantity(self._words, quantity)
            self.quantities.update(range(index, quantity.end))
            return quantity.end
        joined = self._joined_noun(index)
        if joined:
            return joined
        if morpheme.form == "네" and tag == "MM":
            # 달려가네 창밖엔: kiwi takes the ending for "four" where a noun follows;
            # 네 손가락 is your finger: four would be followed by 개, 마리
            tag = "EF" if self._glued(index) else "NP"
        if self._is_vocative(index) or self._is_size(index):
            self._words.append(Word("particle", "JKV" if tag[0] == "N" else "SIZE", morpheme.form))
            return index + (1 if tag[0] == "N" else 3)
        if morpheme.lemma in DENIALS and self._morphemes[index - 1].form == "지":
            tag = "VX"  # 울지 않고, whose 않다 kiwi may take for a verb of its own
        if tag in ("NNG", "NNP", "NNB", "NR", "XR", "MAG", "MM", "SN", "IC"):
            return self._nominal(index, tag)
        if tag in ("VV", "VA", "VX", "VCP", "VCN"):
            self._predicate(index, tag)
        elif tag in SUFFIX_VERBS:
            self._suffix_verb(morpheme, tag)
        elif tag.startswith("E"):
            self._ending(morpheme, tag)
        elif tag == "NP":
            self._words.append(Word("pronoun", morpheme.lemma, tag=tag))
        elif tag == "XSN" and morpheme.form == "들" and self._words:
            self._words[-1].plural = True
        elif tag.startswith("J"):
            self._words.append(Word("particle", tag, morpheme.form, tag=tag))
        elif tag == "SL":
            self._english(index)
        elif tag in BREAKS and morpheme.form not in APOSTROPHES:
            self._words.append(Word("break", morpheme.form))
        return index + 1

    def _english(self, index: int) -> None:
        """An English word; kiwi parts "don't" at its apostrophe."""
        form = self._morphemes[index].form
        before = self._morphemes[index - 1].form if index else ""
        if before in APOSTROPHES and self._glued(index) and self._words:
            if self._words[-1].kind == "english":
                self._words[-1].english += f"'{form}"
        elif not ENGLISH_VOCABLE.fullmatch(form):
            named = self._lexicon.is_picturable(form)
            english = form.lower() if named else form
            self._words.append(Word("english", form, english, True, "SLN" if named else "SL"))

    def _is_vocative(self, index: int) -> bool:
        """심장아, which kiwi may read as two nouns."""
        morpheme = self._morphemes[index]
        called = morpheme.form == "아" and morpheme.tag == "NNG" and self._glued(index)
        return called and bool(self._words) and self._words[-1].kind == "noun"

    def _is_size(self, index: int) -> bool:
        """손바닥만 한 연못: the palm is no part of the picture."""
        forms = [m.form for m in self._morphemes[index : index + 3]]
        return forms == ["만", "하", FINAL_NIEUN] and self._morphemes[index].tag == "JX"

    # nouns ---------------------------------------------------------------------------------

    def _glued(self, index: int) -> bool:
        return index > 0 and self._morphemes[index - 1].end == self._morphemes[index].start

    def _joined_noun(self, index: int) -> int:
        """Read the longest run of neighbours that is one lexicon noun (꽃+길); 0 if none is."""
        if self._morphemes[index].form == "네":
            return 0
        run = [index]
        while len(run) < 4 and run[-1] + 1 < len(self._morphemes):
            following = run[-1] + 1
            noun = self._morphemes[following].tag in ("NNG", "NNP")
            if not noun and self._morphemes[following].form != "들":  # 캔들 is no 캔 in the plural
                break
            run.append(following)
        if self._morphemes[index].tag not in ("NNG", "NNP", "XPN", "MM", "XR"):
            return 0
        for size in range(len(run), 1, -1):
            lemma = "".join(self._morphemes[i].form for i in run[:size])
            entry = self._lexicon.lookup(lemma, "NNG", context_of(self._morphemes, index))
            if entry is not None and entry.pos == "noun":
                self._add_noun(entry.lemma, entry, self._glued(index))
                return run[size - 1] + 1
        return 0

    def _nominal(self, index: int, tag: str) -> int:
        morpheme = self._morphemes[index]
        following = self._morphemes[index + 1] if index + 1 < len(self._morphemes) else None
        if following and following.tag in SUFFIX_VERBS and following.start == morpheme.end:
            lemma = morpheme.form + dictionary_form(following)
            entry = self._lexicon.lookup(lemma, "VV" if following.tag == "XSV" else "VA")
            if entry is not None:
                self._add_predicate(lemma, entry, following.tag)
                return index + 2
        if tag in ("MAG", "MM", "IC"):
            self._adverb(morpheme, tag)
        elif tag == "NNB":
            self._words.append(Word("noun", morpheme.lemma, tag=tag))
        else:
            self._noun(morpheme, index)
        return index + 1

    def _noun(self, morpheme: Morpheme, index: int) -> None:
        form, glued = morpheme.form, self._glued(index)
        if form in POSITIONS and self._words and self._words[-1].kind in (
            "noun", "english", "pronoun", "particle",
        ) and (form != "가" or glued):  # fmt: skip
            self._words.append(Word("position", form, POSITIONS[form]))
            return
        before = self._words[-1] if self._words else None
        if form in TITLES and before and before.shown and self._morphemes[index - 1].tag == "NNG":
            return
        inner = self._lexicon.part(form[:-1]) if len(form) > 1 else None
        place = self._lexicon.lookup(inner) if inner else None
        if form[-1] in "밖속앞옆밑" and form not in NO_POSITION and inner and place is not None:
            self._add_noun(inner, place, glued)
            self._words.append(Word("position", form[-1], POSITIONS[form[-1]]))
            return
        entry = self._lexicon.lookup(
            morpheme.lemma, morpheme.tag, context_of(self._morphemes, index)
        )
        parts = None if entry else self._lexicon.split_compound(form)
        if parts is None:
            self._add_noun(form, entry, glued)
            return
        for number, part in enumerate(parts):
            if number and part in POSITIONS and part == parts[-1]:
                self._words.append(Word("position", part, POSITIONS[part]))
            else:
                self._add_noun(part, self._lexicon.lookup(part), glued or number > 0)

    def _add_noun(self, lemma: str, entry: Entry | None, glued: bool) -> None:
        if entry is None:
            if KOREAN_VOCABLE.fullmatch(lemma):
                return
            synonym = borrow(self._lexicon, lemma)
            if synonym is not None:
                self.borrowed[lemma] = synonym.lemma
                self._words.append(Word("noun", lemma, synonym.english, True, "NNG", glued=glued))
                return
            self.unknown.append(lemma)
            self._words.append(Word("noun", lemma, tag="NNG", glued=glued))
        elif entry.pos == "noun":
            shown = entry.picturable
            self._words.append(Word("noun", lemma, entry.english, shown, "NNG", glued=glued))
        else:
            self._words.append(Word("adv", lemma, entry.english, entry.picturable, "MAG"))

    def _adverb(self, morpheme: Morpheme, tag: str) -> None:
        if morpheme.form in ("안", "못") and tag == "MAG":
            self._negate_next = True
            return
        if morpheme.form == "없이":
            self._words.append(Word("particle", "WITHOUT", morpheme.form))
            return
        entry = self._lexicon.lookup(morpheme.lemma, tag)
        if entry is None:
            if tag == "MAG":
                self.unknown.append(morpheme.lemma)
        elif entry.pos == "noun":
            self._add_noun(morpheme.lemma, entry, False)
        elif entry.pos == "adj":
            self._words.append(
                Word("adj", morpheme.lemma, entry.english, entry.picturable, tag, "adnominal")
            )
        else:
            self._words.append(Word("adv", morpheme.lemma, entry.english, entry.picturable, tag))

    # verbs and adjectives ------------------------------------------------------------------

    def _predicate(self, index: int, tag: str) -> None:
        morpheme = self._morphemes[index]
        if tag == "VX" and self._words and self._words[-1].kind in ("verb", "adj"):
            # An auxiliary lends its ending to the verb before it.
            self._words[-1].ending = ""
            if morpheme.lemma == "싶다" and self._words[-1].lemma == "보다":
                self._words[-1].shown = False  # to miss, not to see
            self._progressive = morpheme.lemma == "있다"
            if morpheme.lemma in DENIALS:
                self._words[-1].negated = True
            return
        if tag == "VCP":
            self._words.append(Word("particle", "COPULA", morpheme.form))
            return
        if tag == "VCN":
            self._words.append(Word("verb", "아니다", tag=tag, negated=True))
            return
        entry = None
        if morpheme.lemma not in ("없다", "있다", "같다"):
            entry = self._object_verb(morpheme) or self._lexicon.lookup(
                morpheme.lemma, tag, context_of(self._morphemes, index)
            )
            # 건너가다 is 건너다 with a direction.
            if entry is None and morpheme.lemma.endswith(DIRECTIONS):
                stem = morpheme.lemma.removesuffix("가다").removesuffix("오다")
                entry = self._lexicon.lookup(f"{stem}다", tag)
        self._add_predicate(morpheme.lemma, entry, tag)

    def _object_verb(self, morpheme: Morpheme) -> Entry | None:
        """춤을 추다 as 춤추다, when the lexicon has it; takes the noun back out of the words."""
        words = self._words
        skip = 1 if words and words[-1].lemma in ("JKO", "JKS") else 0
        if len(words) <= skip or words[-1 - skip].kind != "noun":
            return None
        if skip and words[-1].lemma == "JKS" and words[-2].shown:
            return None  # 꽃이 피다: the flower is painted
        before = words[-2 - skip] if len(words) > skip + 1 else None
        if before is not None and (before.ending == "adnominal" or before.lemma == "JKG"):
            return None
        entry = self._lexicon.lookup(words[-1 - skip].lemma + morpheme.lemma, "VV")
        if entry is not None:
            del words[-1 - skip :]
        return entry

    def _suffix_verb(self, morpheme: Morpheme, tag: str) -> None:
        """하다 after a noun that has no verb of its own in the lexicon: the noun stays."""
        if self._words and self._words[-1].kind in ("adv", "adj") and tag == "XSA":
            last = self._words.pop()
            self._add_predicate(last.lemma, Entry(last.lemma, "adj", last.english, last.shown), tag)
            return
        self._add_predicate(dictionary_form(morpheme), None, tag)

    def _add_predicate(self, lemma: str, entry: Entry | None, tag: str) -> None:
        kind: Kind = "adj" if tag in ("VA", "XSA") else "verb"
        if entry is not None and entry.pos in ("verb", "adj"):
            kind = "verb" if entry.pos == "verb" else "adj"
        elif lemma not in LIGHT_VERBS:
            self.unknown.append(lemma)
        self._progressive = False
        word = Word(kind, lemma, entry.english if entry else "", tag=tag)
        word.shown = entry is not None and (entry.picturable or kind == "adj")
        word.negated, self._negate_next = self._negate_next, False
        self._words.append(word)

    def _ending(self, morpheme: Morpheme, tag: str) -> None:
        word = self._words[-1] if self._words else None
        if word is None or (word.kind not in ("verb", "adj") and word.lemma != "COPULA"):
            return
        if tag == "EP":
            word.past = word.past or morpheme.form in ("었", "았", "였")
        elif tag == "ETM":
            word.ending = "adnominal"
            if word.kind == "verb" and morpheme.form in (FINAL_NIEUN, "은", "던"):
                word.past = True
        elif tag == "EC" and morpheme.form == "게" and word.kind == "adj":
            word.ending = "adverbial"
        else:
            self._close(word, morpheme, tag)

    def _close(self, word: Word, morpheme: Morpheme, tag: str) -> None:
        # "빛나고 있어" ends there, though kiwi may call its ending a connective.
        over = self._progressive and morpheme.form in ("어", "아")
        if tag == "EF" or over:
            word.ending = "final"
        elif morpheme.form in CHAINING:
            word.ending = "chaining"
        else:
            word.ending = "sequential" if morpheme.form in SEQUENTIAL else "linking"
