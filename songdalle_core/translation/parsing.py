"""The parser: words in Korean order become clauses and noun phrases.

Korean is head-final, so one pass suffices: modifiers wait for their noun, noun phrases wait for their
predicate, and a predicate takes those that wait as its arguments. One with an adnominal ending (-는, -ㄴ,
-던) then waits itself, for the noun it modifies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from songdalle_core.hangul import FINAL_NIEUN
from songdalle_core.translation import english
from songdalle_core.translation.clauses import ClauseBuilder, Item
from songdalle_core.translation.phrases import Clause, Describers, NounPhrase
from songdalle_core.translation.vocabulary import ENGLISH_FUNCTION_WORDS, Word

_COUNTS_ALONE = ("하나", "둘", "셋", "넷")


class PhraseParser:
    """Parses the words of one text; `parse` may be called once."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._clauses = ClauseBuilder()

    def parse(self) -> list[Item]:
        """Top-level clauses, noun phrases and English words, in order."""
        index = 0
        while index < len(self._words):
            word = self._words[index]
            if word.kind in ("noun", "pronoun") or self._is_english_noun(index):
                index = self._noun(index)
                continue
            if word.kind == "english":
                self._clauses.flush()
                index = self._english(index)
                continue
            if word.kind == "number":
                self._number(word, index)
            elif word.kind == "adv":
                self._clauses.adverb(word)
            elif word.kind in ("verb", "adj"):
                self._clauses.predicate(word, self._words[index + 1 :])
            elif word.kind == "break":
                self._clauses.flush(ends=True)
            index += 1
        self._clauses.flush()
        return self._clauses.items

    def _word_at(self, index: int) -> Word | None:
        return self._words[index] if index < len(self._words) else None

    def _is_english_noun(self, index: int) -> bool:
        """An English word with a particle, or the first of a few that name a thing: blue eyes."""
        following = self._word_at(index + 1)
        if self._words[index].kind != "english":
            return False
        marked = following is not None and following.kind in ("particle", "position")
        return marked or self._english_run(index) > 0

    def _english_run(self, index: int) -> int:
        """Length of the run of English words from `index` on if it names a thing, else 0."""
        if index and self._words[index - 1].kind == "english":
            return 0
        end = index
        while end < len(self._words) and self._words[end].kind == "english":
            end += 1
        run = self._words[index:end]
        names = len(run) <= 3 and run[-1].tag == "SLN"
        plain = not any(word.lemma.lower() in ENGLISH_FUNCTION_WORDS for word in run)
        return len(run) if names and plain else 0

    def _english(self, index: int) -> int:
        run: list[str] = []
        while index < len(self._words) and self._words[index].kind == "english":
            if not self._is_english_noun(index) and self._words[index].english not in run:
                run.append(self._words[index].english)
            elif self._is_english_noun(index):
                break
            index += 1
        while len(run) > 1 and run[-1].lower() in ENGLISH_FUNCTION_WORDS - {"me", "you", "it"}:
            run.pop()
        if run:
            self._clauses.items.append(" ".join(run))
        return index

    def _number(self, word: Word, index: int) -> None:
        following = self._word_at(index + 1)
        waiting = self._clauses.last_waiting
        if (
            (word.tag == "counted" or word.lemma in _COUNTS_ALONE)
            and waiting is not None
            and waiting.role in ("subject", "object", "bare")
            and not waiting.phrase.number
            and (following is None or following.kind not in ("noun", "english"))
        ):  # 숟가락이 두 개: two spoons
            _count(waiting.phrase, word)
            return
        _count(self._clauses.describers, word)

    def _noun(self, index: int) -> int:
        """Read a noun with its position words and particles; the index after them."""
        word = self._words[index]
        run = self._english_run(index) if word.kind == "english" else 0
        if run > 1:
            named = " ".join(w.english.lower() for w in self._words[index : index + run])
            word = replace(word, lemma=named, english=named)
        phrase = self._described(word)
        index += max(run, 1)
        particles: list[Word] = []
        while index < len(self._words) and (
            self._words[index].kind in ("position", "particle")
            or (self._words[index].kind == "number" and not particles and self._counts_back(index))
        ):
            following = self._words[index]
            if following.kind == "position":
                phrase.preposition = phrase.preposition or following.english
            elif following.kind == "number":
                counted = phrase.companions[-1] if phrase.companions else phrase
                _count(counted, following)
            else:
                particles.append(following)
            index += 1
        genitive = any(p.lemma == "JKG" for p in particles)
        compound = not particles and not phrase.preposition
        compound = compound and self._builds_compound(word, phrase, index)
        if not compound and not (genitive and phrase.is_time):
            phrase = self._paired(phrase)
        if phrase.preposition and genitive and particles[-1].lemma == "JKG":
            # 창밖의 눈: the place stays an argument of what follows.
            self._clauses.wait(phrase, "place")
        elif genitive:
            self._genitive(phrase)
        elif phrase.preposition and not particles and self._is_place_next(index):
            self._clauses.describers.of = phrase  # 식탁 위 꽃병에: in a vase on the table
        elif compound:
            self._clauses.describers = Describers(
                phrase.adjectives, phrase.clauses, phrase.likes, phrase.of, phrase.nouns
            )
            if (phrase.shown or phrase.is_time) and not phrase.is_vague_time:
                self._clauses.describers.nouns = [*phrase.nouns, phrase.head]
            self._clauses.describers.number = phrase.number
        else:
            self._take_role(phrase, particles)
        return index

    def _stands_apart(self, phrase: NounPhrase, index: int) -> bool:
        """검은 고양이 지붕 위에서: a described noun before a place is not part of its name."""
        after = self._word_at(index + 1)
        placed = after is not None and (after.kind == "position" or after.english in ("에", "에서"))
        return placed and bool(phrase.adjectives) and not phrase.is_place

    def _is_place_next(self, index: int) -> bool:
        """The next word is a noun with a particle or a position word that makes it a place."""
        nouns = self._words[index : index + 2]
        if len(nouns) < 2 or nouns[0].kind != "noun" or not nouns[0].shown:
            return False
        return nouns[1].kind == "position" or nouns[1].english in ("에", "에서")

    def _counts_back(self, index: int) -> bool:
        """A number after its noun: 커피 한 잔, 별 하나; not before the next: 별 두 마리 새."""
        word = self._words[index]
        if word.lemma in _COUNTS_ALONE:
            return True
        if word.english:  # a measure: 사과 한 상자 문 앞에
            return True
        following = self._word_at(index + 1)
        return word.tag == "counted" and (following is None or following.kind != "noun")

    def _builds_compound(self, word: Word, phrase: NounPhrase, index: int) -> bool:
        """A noun right before another noun describes it: 여름 바다 (summer sea)."""
        following = self._word_at(index)
        return (
            word.kind == "noun"
            and following is not None
            and following.kind == "noun"
            and following.tag != "NNB"
            and len(phrase.nouns) < 2
            and (following.glued or not (phrase.number or self._stands_apart(phrase, index)))
            and not self._sets_time(word, self._words[index])
        )

    @staticmethod
    def _sets_time(word: Word, following: Word) -> bool:
        """겨울밤 벽난로: the night is when, not which; but 겨울 바다 is a winter sea."""
        head = english.head_word(word.english or "?")
        return (
            head in english.TIMES
            and head not in english.SEASONS
            and english.head_word(following.english or "?") not in english.TIMES
        )

    def _described(self, word: Word) -> NounPhrase:
        waiting, self._clauses.describers = self._clauses.describers, Describers()
        phrase = NounPhrase(
            word.english,
            word.shown or english.head_word(word.english or "?") in english.TIMES,
            waiting.adjectives,
            waiting.nouns,
            waiting.clauses,
            waiting.of,
            waiting.likes,
            number=waiting.number,
            measure=waiting.measure,
            many=word.plural or waiting.many,
        )
        if phrase.is_vague_time:
            phrase.shown = word.shown or phrase.described or bool(phrase.nouns)
        if not phrase.shown and phrase.nouns:
            phrase.head = phrase.nouns.pop()  # 파도 소리: the waves are painted, not their sound
            phrase.shown = True
        if phrase.is_depiction and phrase.described:
            phrase.shown = True
        return phrase

    def _paired(self, phrase: NounPhrase) -> NounPhrase:
        """The phrase with what came before it and a particle for "and": 커피와 책."""
        if self._clauses.partner is None:
            return phrase
        partner, self._clauses.partner = self._clauses.partner, None
        if not phrase.shown:
            phrase.of = partner
            return phrase
        partner.companions.append(phrase)
        return partner

    def _genitive(self, phrase: NounPhrase) -> None:
        if phrase.number and not phrase.shown:
            self._clauses.describers.number = phrase.number
        elif phrase.is_time and not phrase.described:
            self._clauses.describers.nouns = [*phrase.nouns, phrase.head]  # 밤의 도로: a night road
        elif phrase.shown:
            self._clauses.describers.of = phrase
        else:
            # 별 같은 너의 눈: what describes a pronoun describes what it owns.
            self._clauses.describers.clauses = phrase.clauses
            self._clauses.describers.adjectives = phrase.adjectives
            self._clauses.describers.likes = phrase.likes
            self._clauses.describers.of = phrase.of

    def _take_role(self, phrase: NounPhrase, particles: list[Word]) -> None:
        tags = [p.lemma for p in particles]
        forms = [p.english for p in particles]
        if "SIZE" in tags:
            return
        if "JKV" in tags:
            self._clauses.wait(phrase, "subject")
        elif "COPULA" in tags:
            self._copula(phrase, particles)
        elif "WITHOUT" in tags:
            self._clauses.place_with(phrase, "without")
        elif any(f in ("처럼", "같이", "만큼") for f in forms):
            self._clauses.place_with(phrase, "like")
        elif any(f in ("와", "과", "랑", "이랑", "하고") for f in forms) and phrase.shown:
            self._clauses.partner = phrase
        elif "JKO" in tags:
            if phrase.preposition == "on":
                phrase.preposition = "over"
            self._clauses.wait(phrase, "place" if phrase.preposition else "object")
        elif "JKB" in tags:
            self._adverbial(phrase, forms)
        elif phrase.preposition and phrase.preposition != "by":
            self._clauses.wait(phrase, "place")
        elif "JKS" in tags:
            self._clauses.wait(phrase, "subject")
        elif any(f in ("은", "는", FINAL_NIEUN) for f in forms):
            self._clauses.wait(phrase, "topic")
        elif "JX" in tags and any(f in ("까지", "부터") for f in forms):
            self._clauses.place_with(phrase, "to" if "까지" in forms else "from")
        else:
            plain = "mentioned" if "JX" in tags else "bare"
            self._clauses.wait(phrase, "place" if phrase.preposition else plain)

    def _copula(self, phrase: NounPhrase, particles: list[Word]) -> None:
        """별이야: the predicate noun is what is painted."""
        if particles[-1].ending == "adnominal":
            self._clauses.describers.clauses.append(Clause(subjects=[phrase]))
        else:
            phrase.number = phrase.number or int(not phrase.many)
            self._clauses.wait(phrase, "bare")
            self._clauses.flush()

    def _adverbial(self, phrase: NounPhrase, forms: list[str]) -> None:
        if any(f in ("보다", "보단") for f in forms):
            self._clauses.place_with(phrase, "like")
        elif phrase.is_time and not phrase.preposition:
            self._clauses.wait(phrase, "time")
        elif any(f in ("로", "으로") for f in forms):
            place = phrase.is_place
            through = "over" if phrase.preposition == "on" else phrase.preposition
            means = phrase.surrounds or phrase.head_word in english.ATTRIBUTES
            if phrase.head_word in english.RIDDEN:  # 자전거로: on a bicycle
                through = through or english.preposition(phrase.head)
            towards = place and not means
            self._clauses.place_with(phrase, through or ("to" if towards else "with"))
        elif any(f in ("에게", "한테", "께") for f in forms):
            self._clauses.place_with(phrase, phrase.preposition or "to")
        else:
            self._clauses.wait(phrase, "place")


def _count(counted: NounPhrase | Describers, word: Word) -> None:
    """Give a number word's number and measure to what it counts."""
    counted.number, counted.measure = word.number, word.english
    counted.many = counted.many or word.plural
