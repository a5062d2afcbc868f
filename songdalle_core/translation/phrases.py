"""Phrase specifications, the parser's output: noun phrases and clauses with their parts attached."""

from __future__ import annotations

from dataclasses import dataclass, field

from songdalle_core.translation import english
from songdalle_core.wordsets import word_set

_MOTIONS = word_set(
    "fly go leave run drift float travel cross soar depart sail come return wander roam rise "
    "drive move head set dash speed walk stroll stagger march crawl"
)
_MANNERLESS = word_set(
    "really truly finally suddenly always only probably simply barely hardly already newly merely "
    "actually certainly surely especially recently lately originally usually constantly "
    "completely entirely endlessly eternally exactly mostly particularly possibly nearly"
)
# Predicates that only express existence.
_BEING = word_set("be exist remain full filled have many much same such stay appear") | {
    "be full", "be filled", "be left", "be there", "be visible", "be seen", "be many", "be located",
}  # fmt: skip


@dataclass(slots=True)
class NounPhrase:
    """A noun with its modifiers. `head` is English; empty for a pronoun or unknown word.

    `preposition` is set by a position word (위, 속) and wins over the one the head would take.
    """

    head: str
    shown: bool
    adjectives: list[str] = field(default_factory=list)
    nouns: list[str] = field(default_factory=list)  # compound parts before the head
    clauses: list[Clause] = field(default_factory=list)
    of: NounPhrase | None = None
    likes: list[NounPhrase] = field(default_factory=list)
    companions: list[NounPhrase] = field(default_factory=list)  # "and ..."
    without: bool = False
    number: int = 0
    measure: str = ""
    many: bool = False
    preposition: str = ""

    @property
    def name(self) -> str:
        """Compound and head without what describes them: 'cherry blossom road'."""
        words = " ".join([*self.nouns, self.head]).split()
        return " ".join(w for i, w in enumerate(words) if w not in words[i + 1 :])

    @property
    def head_word(self) -> str:
        """The head without its compound parts, the key of the tables in `english`; "?" if it is empty."""
        return english.head_word(self.head or "?")

    @property
    def described(self) -> bool:
        """True if adjectives, clauses or a number make it one certain thing."""
        return bool(self.adjectives or self.clauses or self.number or self.of or self.likes)

    @property
    def is_place(self) -> bool:
        """True for streets, skies, rooms, and weather one can be in."""
        return self.head_word in english.PLACES

    @property
    def surrounds(self) -> bool:
        """True for rain, fog, moonlight."""
        return self.head_word in english.WEATHERS

    @property
    def is_time(self) -> bool:
        """True for night, winter, morning ..."""
        return self.head_word in english.TIMES

    @property
    def is_vague_time(self) -> bool:
        """True for times that a picture cannot show: day, today, season."""
        return self.is_time and not english.TIMES[self.head_word]

    @property
    def is_depiction(self) -> bool:
        """True for what can have a scene as its content: dream, song, picture."""
        return self.head_word in english.CONTENTS


@dataclass(slots=True)
class Clause:
    """A verb with its arguments; the verb is empty when it cannot be painted."""

    verb: str = ""
    past: bool = False
    negated: bool = False
    subjects: list[NounPhrase] = field(default_factory=list)
    objects: list[NounPhrase] = field(default_factory=list)
    places: list[NounPhrase] = field(default_factory=list)  # with their prepositions
    times: list[NounPhrase] = field(default_factory=list)
    adverbs: list[str] = field(default_factory=list)
    sequential: bool = False  # ended by -아/어: and then, rather than while
    hidden_subject: bool = False  # a pronoun (I, you, we), which is not painted
    earlier: list[Clause] = field(default_factory=list)  # same subject: "holding hands and ..."

    @property
    def first_word(self) -> str:
        """First word of the verb: 'look' of 'look at'; empty without a verb."""
        return english.base(self.verb).split()[0] if self.verb else ""

    @property
    def is_setting(self) -> bool:
        """True for a clause that names a time and nothing else."""
        rest = self.objects or self.places or self.earlier or self.verb or self.negated
        return bool(self.subjects) and all(s.is_time for s in self.subjects) and not rest

    def join(self, earlier: Clause) -> None:
        """Put an earlier action of the same subject before this one."""
        if earlier.first_word == "ride" and is_motion(self.verb) and earlier.objects:
            vehicle = earlier.objects[0]
            vehicle.preposition = "in" if vehicle.head_word in english.VEHICLES_IN else "on"
            self.places.insert(0, vehicle)
            self.precede_settings(earlier)
        elif earlier.negated:
            self.precede_settings(earlier)
        elif not self.negated:
            self.earlier = [*earlier.earlier, earlier]
            earlier.earlier = []
        self.subjects = self.subjects or earlier.subjects
        self.hidden_subject = self.hidden_subject or earlier.hidden_subject
        earlier.subjects = []

    def precede_settings(self, earlier: Clause) -> None:
        """Put the places and times of an earlier clause before this one's."""
        self.places = [*earlier.places, *self.places]
        self.times = [*earlier.times, *self.times]

    @property
    def bare(self) -> bool:
        """True if the verb has no argument and no modifier."""
        arguments = [*self.objects, *self.places, *self.times, *self.earlier]
        return not (arguments or self.adverbs or self.subjects)


@dataclass(slots=True)
class Argument:
    """A noun phrase waiting for its verb, with the role its particle gave it."""

    phrase: NounPhrase
    role: str  # subject, topic, object, place, time, mentioned (도, 만), bare (no particle)


@dataclass(slots=True)
class Describers:
    """Modifiers that precede their noun, until the parser reaches it."""

    adjectives: list[str] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    likes: list[NounPhrase] = field(default_factory=list)
    of: NounPhrase | None = None
    nouns: list[str] = field(default_factory=list)
    number: int = 0
    measure: str = ""
    many: bool = False


def is_manner(adverb: str) -> bool:
    """True for an English adverb of manner: how something looks or moves (quietly, together)."""
    word = adverb.split()[0] if adverb else ""
    if word in ("together", "alone", "high", "hand"):
        return True
    return word.endswith("ly") and word not in _MANNERLESS


def only_being(verb: str) -> bool:
    """True for predicates that add nothing to a picture: to exist, to remain, to be full."""
    return english.base(verb) in _BEING


def is_motion(verb: str) -> bool:
    """True for going somewhere: fly, sail, leave."""
    return bool(verb) and english.base(verb).split()[0] in _MOTIONS


def moves_through(verb: str) -> bool:
    """True for motion whose Korean object is the way taken: to walk (along) a road."""
    return is_motion(verb) and english.base(verb).split()[0] not in ("cross", "leave", "sail")
