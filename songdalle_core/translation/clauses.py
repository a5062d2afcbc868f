"""The predicate half of the parser: verbs and adjectives take the noun phrases before them as arguments."""

from __future__ import annotations

from collections.abc import Sequence

from songdalle_core.translation import english
from songdalle_core.translation.phrases import (
    Argument,
    Clause,
    Describers,
    NounPhrase,
    is_manner,
    is_motion,
    moves_through,
    only_being,
)
from songdalle_core.translation.vocabulary import VERB_POSITIONS, Word

Item = Clause | NounPhrase | str

# Verbs after which their subject is no longer there: 비 그친 거리.
CEASING = ("그치다", "멎다", "개다")
# Demonstrative adjectives: as adverbs (그렇게) they add nothing to a picture.
POINTING = ("그렇다", "이렇다", "저렇다", "어떻다")
# Roles a subject may wait in; "mentioned" is marked by 도 or 만, "bare" by nothing.
SUBJECTS = ("topic", "subject", "mentioned", "bare")


class ClauseBuilder:
    """Collects noun phrases until a predicate takes them as arguments.

    Attributes:
        items: the finished parts of the text, in order.
        waiting: arguments whose predicate has not come yet.
        describers: modifiers whose noun has not come yet.
        partner: the first noun phrase of a coordination ("A와"), waiting for the second.
    """

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.waiting: list[Argument] = []
        self.describers = Describers()
        self.partner: NounPhrase | None = None
        self._sentence = 0  # where in `items` the current sentence begins
        self._links: list[Clause] = []  # clauses with a chaining ending, not yet continued
        self._adverbs: list[str] = []

    @property
    def last_waiting(self) -> Argument | None:
        """The argument nearest to the word that is read."""
        return self.waiting[-1] if self.waiting else None

    def place_with(self, phrase: NounPhrase, preposition: str) -> None:
        """Let a noun phrase wait as a place with this preposition."""
        phrase.preposition = preposition
        self.wait(phrase, "place")

    def wait(self, phrase: NounPhrase, role: str) -> None:
        """Let a noun phrase wait for its verb; what describes an unpaintable noun stands alone."""
        if phrase.shown and not (
            phrase.is_vague_time and phrase.clauses and role in ("time", *SUBJECTS)
        ):
            self.waiting.append(Argument(phrase, role))
            return
        if role in SUBJECTS:
            self.waiting.append(Argument(NounPhrase("", False), role))
        self.items.extend(c for c in phrase.clauses if not (c.bare and c.hidden_subject))
        for other in phrase.likes:
            other.preposition = ""
            self.items.append(other)
        if phrase.of is not None:
            phrase.of.preposition = phrase.of.preposition or phrase.preposition
            self.waiting.append(Argument(phrase.of, role))

    def adverb(self, word: Word) -> None:
        """Keep an adverb of manner for the next verb."""
        if word.lemma in ("함께", "같이") and self.partner is not None:  # 피터 팬과 함께
            partner, self.partner = self.partner, None
            self.place_with(partner, "with")
        elif word.english and (word.shown or is_manner(word.english)):
            self._adverbs.append(word.english)

    def predicate(self, word: Word, following: Sequence[Word]) -> None:
        """Take a verb or adjective with what waits for it; `following` are the words after it."""
        if self.partner is not None and word.ending != "adnominal":  # 용과 싸우다
            partner, self.partner = self.partner, None
            self.place_with(partner, "with")
        if self._postposition(word) or self._simile(word):
            return
        if word.ending == "adverbial":
            if word.lemma not in POINTING:
                self._adverbs.append(f"~{word.english}")  # becomes the subject's adjective
        elif word.kind == "adj" and word.english and not word.negated:
            self._adjective(word, following)
        else:
            self._verb(word)

    def _postposition(self, word: Word) -> bool:
        """길을 따라: along the road."""
        last = self.last_waiting
        if last is None:
            return False
        going_on = word.ending in ("chaining", "sequential", "linking", "") and last.phrase.shown
        if word.lemma in VERB_POSITIONS and last.role != "time" and going_on:
            last.phrase.preposition = VERB_POSITIONS[word.lemma]
            last.role = "place"
            return True
        return False

    def _simile(self, word: Word) -> bool:
        """별 같은 눈: eyes like stars."""
        last = self.last_waiting
        if word.lemma not in ("같다", "닮다") or last is None:
            return False
        self.waiting.pop()
        if last.phrase.shown:
            if word.ending == "adnominal":
                last.phrase.preposition = ""
                self.describers.likes.append(last.phrase)
            else:
                last.phrase.preposition = "like"
                self.waiting.append(Argument(last.phrase, "place"))
        return True

    def _adjective(self, word: Word, following: Sequence[Word]) -> None:
        shown = word.english if not only_being(word.english) else ""
        shown = english.participle(shown) if shown.startswith("be ") else shown
        last = self.last_waiting
        subject = last if last is not None and last.role in SUBJECTS[1:] else None
        if word.ending == "adnominal":
            if subject is not None and (
                subject.role == "bare" or self._describes_through(subject.phrase, following)
            ):
                self.waiting.pop()
                subject.phrase.adjectives += [shown] if shown else []
                self.describers.clauses.append(Clause(subjects=[subject.phrase]))
            elif shown:
                self.describers.adjectives.append(shown)
            self._take_similes()
            return
        subjects = [a.phrase for a in self.waiting if a.role in SUBJECTS and a.phrase.shown]
        if subjects and shown:
            subjects[-1].adjectives.append(shown)
        self._finish(Clause(), word)

    @staticmethod
    def _describes_through(subject: NounPhrase, following: Sequence[Word]) -> bool:
        """눈이 큰 소녀가 빨간 풍선을: the eyes belong to 큰, the girl does not belong to 빨간.

        A subject before an adjective waits for a later verb when the noun to come is its object
        or place, unless it is a part of something.
        """
        if not subject.shown or subject.head_word in english.ATTRIBUTES:
            return subject.shown
        noun = next((i for i, w in enumerate(following) if w.kind == "noun"), None)
        if noun is None:
            return True
        timely = english.head_word(following[noun].english or "?") in english.HOURS
        if any(w.kind == "verb" for w in following[noun:]):
            return timely
        after = following[noun + 1] if noun + 1 < len(following) else None
        placed = after is not None and (after.kind == "position" or after.lemma in ("JKO", "JKB"))
        return timely or not placed

    def _take_similes(self) -> None:
        for argument in [a for a in self.waiting if a.phrase.preposition == "like"]:
            self.waiting.remove(argument)
            argument.phrase.preposition = ""
            self.describers.likes.append(argument.phrase)

    def _verb(self, word: Word) -> None:
        nothing = word.lemma == "없다" or word.lemma in CEASING
        verb = word.english if word.shown and not only_being(word.english) else ""
        if word.lemma in CEASING and word.ending == "adnominal":
            if self.waiting and self.waiting[-1].role in SUBJECTS:
                self.waiting.pop()
            return
        if word.lemma == "꺼지다" and word.ending == "adnominal" and self._is_dark(word):
            return
        clause = Clause(verb, word.past, word.negated or nothing)
        if word.ending == "adnominal":
            self._describe_by(clause, word)
        else:
            self._finish(clause, word)

    def _is_dark(self, word: Word) -> bool:
        """불 꺼진 역: a dark station; takes the light away."""
        last = self.last_waiting
        if last is None or last.phrase.name not in ("fire", "light", "lights"):
            return False
        self.waiting.pop()
        self.describers.adjectives.append("dark")
        return True

    def _describe_by(self, clause: Clause, word: Word) -> None:
        """Make the clause wait for the noun it describes."""
        subjects = [a for a in self.waiting if a.role == "subject"]
        topics = [a for a in self.waiting if a.role == "topic" or a in subjects[:-1]]
        self.waiting = [a for a in self.waiting if a not in topics]
        if clause.negated or (not clause.verb and word.lemma == "없다"):
            self._take_absent(clause)
        else:
            self._take_arguments(clause)
            if clause.verb:
                self._take_links(clause, describing=True)
        if not clause.verb and clause.bare and not clause.negated:
            self.waiting = [*topics, *self.waiting]
            return
        self.describers.clauses.append(clause)
        self.waiting = topics

    def _take_absent(self, clause: Clause) -> None:
        """구름 없는 하늘: only the nearest noun is denied; the rest waits on."""
        if self.waiting and self.waiting[-1].role in ("object", *SUBJECTS):
            clause.subjects = [self.waiting.pop().phrase]
        rest, self.waiting = self.waiting, []
        clause.places = [a.phrase for a in rest if a.role == "place"]
        clause.times = [a.phrase for a in rest if a.role == "time"]

    def _finish(self, clause: Clause, word: Word) -> None:
        """Close a clause at a linking or final ending."""
        self._take_arguments(clause)
        if not clause.subjects and not clause.hidden_subject:
            self._take_links(clause)
        self._emit_links()
        if clause.is_setting:  # 가을이 오면: when something else happens
            self.waiting += [Argument(phrase, "time") for phrase in clause.subjects]
        elif word.ending in ("chaining", "sequential"):
            clause.sequential = word.ending == "sequential"
            self._links.append(clause)
        else:
            self.items.append(clause)

    def _take_links(self, clause: Clause, *, describing: bool = False) -> None:
        """Join earlier actions; those of another subject or time describe no noun to come."""
        apart = describing and not clause.bare  # 베어 문: one action in two verbs
        unjoined = [
            link
            for link in self._links
            if describing and (link.subjects or (link.sequential and apart))
        ]
        for link in self._links:
            if link not in unjoined:
                clause.join(link)
        self._links = unjoined

    def _emit_links(self) -> None:
        self.items.extend(self._links)
        self._links = []

    def _take_arguments(self, clause: Clause) -> None:
        waiting, self.waiting = self.waiting, []
        bare: list[NounPhrase] = []
        for argument in waiting:
            phrase = argument.phrase
            if argument.role == "place":
                clause.places.append(phrase)
            elif argument.role == "time" or (
                argument.role in ("topic", "mentioned") and phrase.is_time
            ):
                clause.times.append(phrase)
            elif not phrase.shown:
                clause.hidden_subject = True
            elif (
                argument.role == "object"
                and phrase.is_time
                and (not clause.verb or is_motion(clause.verb))
            ):
                clause.times.append(phrase)
            elif argument.role == "object" and moves_through(clause.verb) and phrase.is_place:
                phrase.preposition = english.passage(phrase.name)
                clause.places.append(phrase)
            elif argument.role == "object":
                clause.objects.append(phrase)
            elif argument.role == "bare" or (
                argument.role == "mentioned" and clause.verb in english.NEEDS_OBJECT
            ):
                bare.append(phrase)
            else:
                clause.subjects.append(phrase)
        for phrase in bare:
            if phrase.is_time and (clause.verb or len(waiting) > 1):
                clause.times.append(phrase)
            elif not clause.objects and (
                clause.subjects or clause.first_word in english.TRANSITIVE
            ):
                clause.objects.append(phrase)
            else:
                clause.subjects.append(phrase)
        if is_motion(clause.verb):
            for phrase in clause.places:
                if phrase.surrounds and phrase.preposition == "with":
                    phrase.preposition = "into"  # 어둠으로 달려가
        self._take_adverbs(clause)

    def _take_adverbs(self, clause: Clause) -> None:
        for adverb in self._adverbs:
            if not adverb.startswith("~"):
                clause.adverbs.append(adverb)
            elif adverb[1:] in clause.verb.split():
                continue  # 빨갛게 물들다: the verb names the colour already
            elif clause.subjects:
                clause.subjects[0].adjectives.append(adverb[1:])
            else:
                self.describers.adjectives.append(adverb[1:])
        self._adverbs = []

    def flush(self, *, ends: bool = False) -> None:
        """Close whatever waits: a phrase without a verb is a clause without one."""
        self._emit_links()
        if self.partner is not None:
            self.wait(self.partner, "bare")
            self.partner = None
        if len(self.waiting) == 1 and self.waiting[0].role in SUBJECTS:
            phrase = self.waiting[0].phrase
            self.items.extend([phrase] if phrase.shown else [])
            self.waiting = []
        elif self.waiting:
            clause = Clause()
            self._take_arguments(clause)
            self._append_setting(clause)
        self.items.extend(self.describers.clauses)
        self.describers = Describers()
        self._adverbs = []
        if ends:
            self._sentence = len(self.items)

    def _append_setting(self, clause: Clause) -> None:
        """기다려 정류장에서: a setting sung after its verb goes back to it."""
        last = self.items[-1] if len(self.items) > self._sentence else None
        setting = not (clause.subjects or clause.objects or clause.hidden_subject)
        if setting and isinstance(last, Clause) and last.verb and not last.places:
            last.places, last.times = clause.places, [*last.times, *clause.times]
        else:
            self.items.append(clause)
