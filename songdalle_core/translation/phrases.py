"""What is said, before it is said: noun phrases and clauses with their parts attached."""

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
# Predicates that only say that something is there.
_BEING = word_set("be exist remain full filled have many much same such stay appear") | {
    "be full", "be filled", "be left", "be there", "be visible", "be seen", "be many", "be located",
}  # fmt: skip


@dataclass(slots=True)
class NounPhrase:
    """A noun with all that describes it. `head` is English; empty for a pronoun or unknown word.

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
    def described(self) -> bool:
        """True if adjectives, clauses or a number make it one certain thing."""
        return bool(self.adjectives or self.clauses or self.number or self.of or self.likes)

    @property
    def is_place(self) -> bool:
        """True for streets, skies, rooms, and weather one can be in."""
        return english.head_word(self.head or "?") in english.PLACES

    @property
    def surrounds(self) -> bool:
        """True for rain, fog, moonlight."""
        return english.head_word(self.head or "?") in english.WEATHERS

    @property
    def is_time(self) -> bool:
        """True for night, winter, morning ..."""
        return english.head_word(self.head or "?") in english.TIMES

    @property
    def tells(self) -> bool:
        """True for what can hold a story: dream, song, picture."""
        return english.head_word(self.head or "?") in english.CONTENTS


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
    hidden_subject: bool = False  # I, you, we: somebody acts, nobody is painted
    earlier: list[Clause] = field(default_factory=list)  # same subject: "holding hands and ..."

    @property
    def first_word(self) -> str:
        """The verb without its particles."""
        return english.base(self.verb).split()[0] if self.verb else ""

    @property
    def bare(self) -> bool:
        """True if only the verb is there."""
        arguments = [*self.objects, *self.places, *self.times, *self.earlier]
        return not (arguments or self.adverbs or self.subjects)


@dataclass(slots=True)
class Argument:
    """A noun phrase waiting for its verb, with the role its particle gave it."""

    phrase: NounPhrase
    role: str  # subject, topic, object, place, time, mentioned (도, 만), bare (no particle)


@dataclass(slots=True)
class Describers:
    """What waits for the next noun."""

    adjectives: list[str] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    likes: list[NounPhrase] = field(default_factory=list)
    of: NounPhrase | None = None
    nouns: list[str] = field(default_factory=list)
    number: int = 0
    measure: str = ""


def manner(adverb: str) -> bool:
    """True if an English adverb tells how something looks or moves (quietly, together)."""
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
