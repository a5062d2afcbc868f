"""A caption for a scene, varied the way summaries, glosses and people vary their words.

It begins and ends as the service's prompts do (`songdalle_core/prompts.py`):
"a painting of ... a mood of joyful".
The subject is the first thing named that could be painted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scripts.training.scenes.art import Concept
from scripts.training.scenes.phrases import (
    ACTIONS,
    ADJECTIVES,
    ASIDES,
    CLAUSES,
    FALLING,
    FRAMES,
    MASS,
    OPENERS,
    PLACES,
    SCENERY,
    SINGULAR_S,
    STYLE_WORDS,
    TAILS,
    TIMES,
    TOGETHER,
)
from scripts.training.scenes.spec import SceneSpec
from songdalle_core.finishing.tint import TINTS

_NEAR = 3  # synonyms that come first in the list are the closest, and can have a colour


def article(noun: str) -> str:
    """`noun` with a or an before it; plurals and uncountable nouns stay as they are."""
    last = noun.split()[-1]
    plural = last.endswith("s") and not noun.endswith(SINGULAR_S)
    if plural or last in MASS or noun.startswith(("a ", "the ", "my ")):
        return noun
    return f"{'an' if noun[0] in 'aeiou' and not noun.startswith(('uni', 'ufo')) else 'a'} {noun}"


def caption(spec: SceneSpec, rng: np.random.Generator, complete: bool = False) -> str:
    """A caption in lower case for a scene.

    Args:
        spec: what the scene shows.
        rng: where the choice of words comes from.
        complete: name every part that shows; otherwise each is left unsaid now and then.
    """
    words = _Words(rng, complete)
    text = words.scenery(spec) if spec.concept is None else words.subject(spec, spec.concept)
    places, before = words.circumstances(spec), words.maybe(0.10)
    if places and before and spec.concept is not None:
        doing = (
            f"{words.pick(ACTIONS)} " if words.maybe(0.4) else ""
        )  # standing on the stage, a king
        text = f"{doing}{places[0]}, {' '.join([text, *places[1:]])}"
    else:
        text = " ".join([text, *places])
    if words.maybe(0.08):
        text = f"{text} {words.pick(TAILS)}"
    elif not complete and spec.second is None and words.maybe(0.09):
        aside = words.pick(ASIDES)
        text = text if spec.concept and spec.concept.name in aside else f"{text}, {aside}"
    if not complete and words.maybe(0.18):
        text = words.opening(text, spec.concept)
    if complete or words.maybe(0.93):
        style = words.pick(STYLE_WORDS[spec.style])
        text = f"{'an' if style[0] in 'aeiou' else 'a'} {style} of {text}"
    return f"{text}. a mood of {spec.mood.lower()}" if spec.mood else text


class _Words:
    """Chooses words with one generator."""

    def __init__(self, rng: np.random.Generator, complete: bool) -> None:
        self._draws = iter(rng.random(48).tolist())
        self._complete = complete

    def maybe(self, odds: float) -> bool:
        return next(self._draws) < odds

    def mentions(self, odds: float) -> bool:
        """Whether a part that shows is named."""
        return self.maybe(odds) or self._complete

    def pick(self, options: Sequence[str]) -> str:
        return options[int(next(self._draws) * len(options))]

    def subject(self, spec: SceneSpec, concept: Concept) -> str:
        noun = self._noun(concept, spec.colour)
        form = next(self._draws)
        phrase = article(noun) if form < 0.68 else f"the {noun}" if form < 0.86 else noun
        acting = self.maybe(0.30)
        if acting:
            phrase = f"{phrase} {self.pick(ACTIONS)}"
        if spec.second is not None:
            return self.pick(TOGETHER).format(phrase, article(self._noun(spec.second, None)))
        if not acting and self.maybe(0.36):
            return self.pick(FRAMES).format(phrase, n=noun)
        return phrase

    def opening(self, text: str, concept: Concept | None) -> str:
        """The text after what a song says first."""
        opener, clause = self.pick(OPENERS), self.pick(CLAUSES)
        if self.maybe(0.5) and not (concept and concept.name in opener):
            return f"{opener}, {text}"
        return f"{clause} {text}"

    def scenery(self, spec: SceneSpec) -> str:
        assert spec.setting is not None
        return self.pick(SCENERY[spec.setting])

    def circumstances(self, spec: SceneSpec) -> list[str]:
        """Where, in what weather and when, in that order or now and then in another."""
        parts = []
        if spec.setting is not None and spec.concept is not None and self.mentions(0.75):
            parts.append(self.pick(PLACES[spec.setting]))
        if spec.weather in FALLING and self.mentions(0.9):
            parts.append(self.pick(FALLING[spec.weather]))
        usual = spec.light == "noon"
        if spec.light is not None and self.mentions(0.35 if usual else 0.78):
            parts.append(self.pick(TIMES[spec.light]))
        if len(parts) > 1 and self.maybe(0.25):
            parts.reverse()
        return parts

    def _noun(self, concept: Concept, colour: str | None) -> str:
        """The canonical name two times in three, otherwise a synonym; its colour when it has one."""
        noun = concept.name
        if concept.synonyms and self.maybe(0.36):
            noun = self.pick(concept.synonyms if colour is None else concept.synonyms[:_NEAR])
        if colour is not None:
            if noun.split()[0] in TINTS:
                noun = concept.name
            noun = f"{colour} {noun}"
        if self.maybe(0.28):
            noun = f"{self.pick(ADJECTIVES)} {noun}"
        return noun
