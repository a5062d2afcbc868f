"""Words for a scene, varied the way summaries, glosses and people vary them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.scenes.art import Concept
from songdalle_core.moods import Mood

STYLES = ("painting", "picture", "album cover", "drawing", "illustration", "photo")

PLACES: dict[str, tuple[str, ...]] = {
    "sky": ("in the sky", "in the blue sky", "above the clouds", "up in the air"),
    "sea": ("on the sea", "over the sea", "in the ocean", "on the waves"),
    "shore": ("on the beach", "by the sea", "on the shore", "at the seaside"),
    "field": ("in a field", "on a hill", "in the meadow", "on the grass"),
    "flower field": ("in a flower field", "among flowers", "in a garden", "on a flower path"),
    "forest": ("in the forest", "in the woods", "among the trees"),
    "mountains": ("in the mountains", "by the mountain", "under the mountains"),
    "desert": ("in the desert", "on the sand"),
    "snow": ("in the snow", "on a snowy field", "in winter", "on a snowy road"),
    "city": ("in the city", "over the city", "among the buildings", "downtown"),
    "street": ("on the street", "on the road", "in the alley", "in front of the house"),
    "room": ("in a room", "by the window", "at home", "inside the house"),
    "stage": ("on the stage", "under the spotlight", "at a concert"),
    "space": ("in space", "in the universe", "among the stars", "in the galaxy"),
}
TIMES: dict[str, tuple[str, ...]] = {
    "day": ("at noon", "in the afternoon", "on a sunny day", "under the sun", "in summer"),
    "dawn": ("at dawn", "in the morning", "in the early morning", "in spring"),
    "sunset": ("at sunset", "in the evening", "at dusk", "in the twilight", "in autumn"),
    "night": ("at night", "in the dark", "in the dark night", "at midnight"),
    "starry night": ("on a starry night", "under the stars", "under the night sky"),
}
FALLING: dict[str, tuple[str, ...]] = {
    "rain": ("in the rain", "with rain falling", "on a rainy day"),
    "snow": ("with snow falling", "in falling snow", "on a snowy day"),
}
# words that songs put around a subject and that change nothing one could paint here
ADJECTIVES = tuple(
    [
        "pretty",
        "beautiful",
        "little",
        "lonely",
        "small",
        "old",
        "sweet",
        "warm",
        "cold",
        "quiet",
        "silent",
        "sad",
        "happy",
        "lost",
        "bright",
        "shining",
        "soft",
        "lovely",
        "cute",
        "dear",
        "young",
        "deep",
        "tired",
        "precious",
    ]
)
ACTIONS = tuple(
    [
        "flying",
        "dancing",
        "walking",
        "waiting",
        "falling",
        "running",
        "shining",
        "floating",
        "standing",
        "singing",
        "leaving",
        "smiling",
        "crying",
        "sleeping",
        "drifting",
        "burning",
        "rising",
    ]
)
FRAMES = (
    "a dream of {}", "memories of {}", "the story of {}", "love and {}", "{} and a dream", "{} and you",
    "{} and memories", "you and {}", "a promise of {}", "waiting for {}", "holding {}", "my heart and {}",
)  # fmt: skip
MASS = (
    "love",
    "music",
    "snow",
    "sunlight",
    "sunshine",
    "moonlight",
    "starlight",
    "candlelight",
    "death",
    "hair",
)
PLURAL_LOOKING = ("kiss", "dress", "glass", "compass", "bus", "wedding dress", "christmas")


@dataclass(frozen=True)
class Subject:
    """A concept and whether the caption may put another subject beside it."""

    concept: Concept
    second: Concept | None = None


def article(noun: str) -> str:
    """`noun` with a or an before it; plurals and uncountable nouns stay as they are."""
    plural = noun.endswith("s") and not noun.endswith(PLURAL_LOOKING)
    if plural or noun.endswith(MASS):
        return noun
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _pick(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def _noun(concept: Concept, rng: np.random.Generator) -> str:
    """The canonical name two times in three, otherwise a synonym."""
    if concept.synonyms and rng.random() < 1 / 3:
        return _pick(rng, concept.synonyms)
    return concept.name


def _noun_phrase(concept: Concept, rng: np.random.Generator) -> str:
    noun = _noun(concept, rng)
    if rng.random() < 0.25:
        noun = f"{_pick(rng, ADJECTIVES)} {noun}"
    form = rng.random()
    if form < 0.6:
        return article(noun)
    return f"the {noun}" if form < 0.8 else noun


def caption(
    subject: Subject,
    setting: str | None,
    light: str | None,
    weather: str | None,
    mood: Mood | None,
    rng: np.random.Generator,
) -> str:
    """A caption in lower case; parts given as None are left unsaid."""
    text = _noun_phrase(subject.concept, rng)
    if rng.random() < 0.3:
        text = f"{text} {_pick(rng, ACTIONS)}"
    if subject.second is not None:
        text = f"{text} and {_noun_phrase(subject.second, rng)}"
    elif rng.random() < 0.12:
        text = _pick(rng, FRAMES).format(text)
    parts = [_pick(rng, PLACES[setting])] if setting else []
    if weather in FALLING:
        parts.append(_pick(rng, FALLING[weather]))
    if light:
        parts.append(_pick(rng, TIMES[light]))
    if len(parts) > 1 and rng.random() < 0.2:
        parts.reverse()
    text = " ".join([text, *parts])
    if rng.random() < 0.85:
        text = f"{article(_pick(rng, STYLES))} of {text}"
    return f"{text}. a mood of {mood.lower()}" if mood else text
