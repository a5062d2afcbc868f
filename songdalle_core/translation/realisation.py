"""Surface realisation: noun phrases and clauses become English (Reiter and Dale, 2000, chapter 6).

Korean puts every modifier before its head; English puts articles and adjectives before a noun,
participles and prepositional phrases after it, and in a clause subject, verb, manner, object, place,
time.
"""

from __future__ import annotations

from songdalle_core.translation import english
from songdalle_core.translation.phrases import Clause, NounPhrase, is_motion
from songdalle_core.wordsets import word_set

MAX_ADJECTIVES = 2

# What people do somewhere: "걷던 골목길" is an alley one walked in, not an alley that walks.
_HUMAN_ACTIONS = word_set(
    "walk run dance sing play sit wait ride drive cross meet kiss travel live drink eat hold hug "
    "read write call look watch stand jump sleep go leave come cry laugh smile talk"
)
# Actions that show a person, though nothing else is named.
VISIBLE_ACTIONS = _HUMAN_ACTIONS | word_set(
    "fly hide kneel shout scream nod clap jog swim climb crawl fall tremble shiver wander spin "
    "stroll crouch lean fight work pray burn dash rush wave lie wink blow march bow close open"
)
# What does not come, fall or stop is not there; what does not move is.
_COMING = word_set("come fall appear rise stop bloom shine blow visit flow pour clear")
_SEEING = word_set("look gaze stare listen wait dream")
# Actions that bring forth a song or letter rather than being its content.
_MAKING = word_set("sing write read draw paint send receive make play hear listen tell")


class Realiser:
    """Realises the clauses and noun phrases of one text, each noun and each verb once.

    Attributes:
        nouns: how many nouns were realised.
    """

    def __init__(self) -> None:
        self._mentioned: set[str] = set()
        self.nouns = 0

    # noun phrases --------------------------------------------------------------------------

    def noun(self, phrase: NounPhrase, *, definite: bool = False) -> str:
        """'a red bicycle', 'stars', 'two cats drinking milk'; empty if unpaintable or mentioned before.

        Args:
            definite: put "the" where the noun has no modifier (for places).
        """
        if not phrase.shown or not phrase.head or self._mentioned & {phrase.name, phrase.head}:
            return ""
        self._mentioned |= {phrase.name, phrase.head}
        self.nouns += 1
        before, after = self._modifiers(phrase)
        core = self._counted(phrase)
        words = [*before, *phrase.adjectives][:MAX_ADJECTIVES]
        words = [w for w in words if w not in core.split() and w not in self._mentioned]
        self._mentioned.update(words)
        text = " ".join([*dict.fromkeys(words), core])
        plain = not words and not phrase.number and not phrase.measure
        plain = plain and (definite or not after)
        text = self._with_article(phrase, text, core, plain, definite)
        for other in phrase.companions:
            companion = self.noun(other, definite=definite)
            text = f"{text} and {companion}" if companion else text
        return " ".join([text, *after])

    def _nouns(self, phrases: list[NounPhrase]) -> str:
        """The noun phrases joined by "and"."""
        return " and ".join(filter(None, map(self.noun, phrases)))

    @staticmethod
    def _counted(phrase: NounPhrase) -> str:
        name = phrase.name
        many = phrase.many or phrase.number > 1
        if not phrase.number and english.head_word(name) in english.USUALLY_MANY:
            many = True
        if phrase.measure:
            measure = english.plural(phrase.measure) if phrase.number > 1 else phrase.measure
            name, many = f"{measure} of {name}", False
        name = english.plural(name) if many else name
        numbers = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
        if 1 < phrase.number < len(numbers):
            return f"{numbers[phrase.number]} {name}"
        return f"{phrase.number} {name}" if phrase.number >= len(numbers) else name

    @staticmethod
    def _with_article(phrase: NounPhrase, text: str, core: str, plain: bool, definite: bool) -> str:
        if phrase.number > 1 or english.has_article(core) or english.never_article(core):
            return text
        if plain and (definite or english.head_word(core) in english.UNIQUE):
            return f"the {text}"
        countless = english.is_mass(core) and not phrase.measure
        if countless or english.is_plural(core):
            return text
        return english.article(text)

    def _modifiers(self, phrase: NounPhrase) -> tuple[list[str], list[str]]:
        """(adjectives made of clauses, what follows the noun)."""
        before: list[str] = []
        after: list[str] = []
        for clause in phrase.clauses[-2:]:
            self._adnominal(phrase, clause, before, after)
        if phrase.of is not None:
            owner = phrase.of
            owned = set(owner.name.split()) <= set(
                phrase.name.split()
            )  # 도시의 야경: a city night view
            located = owner.is_place or bool(owner.preposition)
            owner_text = self.place(owner) if located else self.noun(owner)
            if owner_text and not owned:
                after.insert(0, owner_text if located else f"of {owner_text}")
        after += [f"like {simile}" for simile in map(self.noun, phrase.likes) if simile]
        return before, after

    def _adnominal(
        self, phrase: NounPhrase, clause: Clause, before: list[str], after: list[str]
    ) -> None:
        """Turn a clause that describes `phrase` into words before and after the noun."""
        own = [s for s in clause.subjects if s.shown]
        verb = "" if clause.verb in self._mentioned else clause.verb
        if clause.negated:
            absent = [self.noun(s) for s in own] if not clause.verb else []
            after.extend(f"without {a}" for a in absent if a)
            after.extend(self._circumstances(clause))
        elif (
            phrase.is_depiction
            and (not clause.bare or clause.first_word in _HUMAN_ACTIONS or is_motion(clause.verb))
            and clause.verb
            and clause.first_word not in (*_MAKING, "be", "fall")
        ):
            content = self.clause(clause)
            after.extend([f"of {content}"] if content else [])
        elif own:
            self._with_subject(clause, own, after)
        elif not verb or self._is_object_gap(phrase, clause) or self._is_scene(phrase, clause):
            result = english.result(verb) if clause.past and verb else None
            before.extend([result] if result else [])
            self._made(clause, verb, after)
            things = [self.noun(o) for o in [*clause.objects, *self._earlier_objects(clause)]]
            after.extend(f"with {t}" for t in things if t)
            after.extend(self._circumstances(clause))
        else:
            self._doing(clause, before, after)

    def _made(self, clause: Clause, verb: str, after: list[str]) -> None:
        """나무로 만든 집: a house made of wood."""
        means = [p for p in clause.places if p.preposition == "with"]
        if not (verb and means and clause.past):
            return
        material = self.noun(means[0])
        if material:
            link = "of" if verb == "make" else "with"
            after.append(f"{english.past_participle(verb)} {link} {material}")
        clause.places = [p for p in clause.places if p is not means[0]]

    @staticmethod
    def _is_object_gap(phrase: NounPhrase, clause: Clause) -> bool:
        """네가 부르던 노래, 바라본 야경: the noun is what the verb is done to."""
        if clause.objects or not clause.verb:
            return False
        perceived = (
            clause.past and clause.first_word in _SEEING and english.takes_preposition(clause.verb)
        )
        made = (clause.hidden_subject or phrase.is_depiction) and clause.first_word in _MAKING
        return perceived or made or clause.first_word in english.TRANSITIVE

    @staticmethod
    def _is_scene(phrase: NounPhrase, clause: Clause) -> bool:
        """The noun is the place or time of the action, or its subject is hidden."""
        return (
            (phrase.is_place or phrase.is_time)
            and not (phrase.surrounds and is_motion(clause.verb))
            and clause.first_word in _HUMAN_ACTIONS
        ) or clause.hidden_subject

    @staticmethod
    def _earlier_objects(clause: Clause) -> list[NounPhrase]:
        return [o for earlier in clause.earlier for o in earlier.objects]

    def _with_subject(self, clause: Clause, own: list[NounPhrase], after: list[str]) -> None:
        """눈 덮인 거리: covered in snow; 별이 빛나는 거리: with shining stars."""
        doing = english.participle(clause.verb) if clause.verb else ""
        if self._is_done_to(clause, own):
            things = self._nouns(own)
            self._mentioned.add(clause.verb)
            by = f" by {things}" if things else ""
            after.append(f"{english.past_participle(clause.verb)}{by}")
        elif clause.verb.startswith("be ") and doing:
            things = self._nouns(own)
            after.append(english.with_object(clause.verb, things) if things else doing)
        else:
            if (
                doing
                and " " not in doing
                and not clause.objects
                and clause.verb not in self._mentioned
            ):
                self._mentioned.add(clause.verb)
                own[0].adjectives.insert(0, doing)
            things = self._nouns(own)
            after.extend([f"with {things}"] if things else [])
        after.extend(self._circumstances(clause))

    @staticmethod
    def _is_done_to(clause: Clause, own: list[NounPhrase]) -> bool:
        """엄마가 끓여 준 국: soup boiled by a mother."""
        acting = own[0].head_word in english.PEOPLE and clause.first_word in english.TRANSITIVE | {
            "boil",
            "bake",
        }
        return acting and not clause.objects and clause.verb not in ("see", "gaze at", "look at")

    def _doing(self, clause: Clause, before: list[str], after: list[str]) -> None:
        """The noun acts: 'a blooming rose', 'a cat drinking milk'."""
        result = english.result(clause.verb) if clause.past else None
        one_word = " " not in english.participle(clause.verb)
        if clause.bare and (one_word or result):
            self._mentioned.add(clause.verb)
            before.append(result or english.participle(clause.verb))
        elif result and not (clause.objects or clause.earlier or clause.verb in self._mentioned):
            self._mentioned.add(clause.verb)
            after.append(" ".join([result, *self._circumstances(clause)]))
        else:
            action = self.clause(clause)
            after.extend([action] if action else [])

    # clauses -------------------------------------------------------------------------------

    def clause(self, clause: Clause) -> str:
        """Subject, participle, manner, object, place, time; empty if nothing can be painted."""
        if clause.negated:
            coming = clause.first_word in ("", *_COMING)
            there = [s for s in clause.subjects[:1] if not coming or self._has_story(s)]
            subjects = [s for s in map(self.noun, there) if s]
            return " ".join([*subjects, *self._circumstances(clause)])
        described = [c for s in clause.subjects for c in s.clauses if not c.bare]
        subjects = [s for s in map(self.noun, clause.subjects) if s]
        parts = [" and ".join(subjects[:2])] if subjects else []
        if subjects and clause.verb and any(c.verb and not c.subjects for c in described):
            parts.append("and")  # "a child holding a balloon and standing on a hill"
        if not clause.verb and any(earlier.verb for earlier in clause.earlier):
            for thing in clause.objects:
                where = english.preposition(thing.head) if thing.is_place else "with"
                thing.preposition = where
            clause.places, clause.objects = [*clause.objects, *clause.places], []
        for earlier in clause.earlier:
            if not earlier.verb:
                self._absorb(clause, earlier)
                continue
            action = self._action(earlier)
            if action:
                parts.extend([*action, *self._circumstances(earlier), "and"])
        action = self._action(clause)
        if not action and parts and parts[-1] == "and":
            parts.pop()
        if action and not clause.verb and subjects and parts[-1] != "and":
            parts.append("and")
        return " ".join([*parts, *action, *self._circumstances(clause)])

    @staticmethod
    def _has_story(phrase: NounPhrase) -> bool:
        """무지개를 찾아 떠난 소년은 오지 않고: he is painted leaving. A still river is there."""
        return phrase.is_place or any(c.verb and not c.bare for c in phrase.clauses)

    @staticmethod
    def _absorb(clause: Clause, earlier: Clause) -> None:
        """An earlier action that cannot be painted leaves its things and its setting."""
        for thing in earlier.objects:
            thing.preposition = "in" if thing.surrounds else "with"
        clause.precede_settings(earlier)
        clause.places = [*earlier.objects, *clause.places]

    def _action(self, clause: Clause) -> list[str]:
        """Verb, manner and objects; only the objects when the verb cannot be painted."""
        words: list[str] = []
        verb = "" if clause.verb in self._mentioned else clause.verb
        definite = clause.first_word == "play"
        acted = set(verb.split())  # "take a photo" names the photo
        taken = [o for o in clause.objects if o.head not in acted]
        things = [self.noun(o, definite=definite) for o in taken]
        objects = " and ".join(t for t in things if t)
        needs = verb in english.NEEDS_OBJECT or (verb == "gaze at" and not clause.places)
        if verb and (objects or not needs):
            self._mentioned.add(verb)
            # "scatter in the wind" names the wind, "hold hands" the hands.
            self._mentioned.update(w for v in verb.split()[1:] for w in (v, v.removesuffix("s")))
            if objects:
                words.append(english.with_object(verb, objects))
                words.extend(clause.adverbs[:1])
            else:
                words.extend([english.without_object(verb), *clause.adverbs[:1]])
        elif objects:
            words.append(objects)
        return words

    def _circumstances(self, clause: Clause) -> list[str]:
        return list(filter(None, [*map(self.place, clause.places), *map(self.time, clause.times)]))

    def place(self, phrase: NounPhrase) -> str:
        """'on the beach', 'outside the window', 'under a blue sky'; also with, like, without."""
        preposition = phrase.preposition or english.preposition(phrase.name)
        # "outside the window", "in the park", but "in a balloon".
        loose = ("with", "like", "without", "in", "on", "at", "to", "by")
        definite = preposition not in loose or (phrase.is_place and preposition != "like")
        thing = self.noun(phrase, definite=definite)
        return f"{preposition} {thing}" if thing else ""

    def time(self, phrase: NounPhrase) -> str:
        """'at night', 'on a quiet night', 'in winter'; empty for times too vague to paint."""
        if phrase.name in self._mentioned:
            return ""
        before, after = self._modifiers(phrase)
        words = [*before, *phrase.adjectives][:MAX_ADJECTIVES]
        name = " ".join([*words, phrase.name])
        text = english.time_phrase(name, described=bool(words)) or ""
        if text:
            self._mentioned.add(phrase.name)
        return " ".join([text, *after] if text else after)

    def scene(self, phrase: NounPhrase) -> str:
        """A noun phrase that stands alone: 'playing the guitar on the beach at night'.

        A time or a place of human action makes its clause the scene and itself the setting.
        """
        settings = [
            c
            for c in phrase.clauses
            if c.verb
            and not c.negated
            and (
                phrase.is_time
                or (phrase.is_place and not phrase.surrounds and c.first_word in _HUMAN_ACTIONS)
                or (phrase.is_place and not phrase.surrounds and c.objects)
            )
        ]
        if not settings:
            return self.noun(phrase)
        clause = settings[-1]
        phrase.clauses = [c for c in phrase.clauses if c is not clause]
        phrase.preposition = phrase.preposition or english.destination(clause.verb) or ""
        (clause.times if phrase.is_time else clause.places).append(phrase)
        return self.clause(clause)
