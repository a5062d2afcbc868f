"""Words for a scene, varied the way summaries, glosses and people vary them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.scenes.art import Concept
from songdalle_core.moods import Mood

STYLES = ("painting", "picture", "album cover", "drawing", "illustration", "photo")

PLACES: dict[str, tuple[str, ...]] = {
    "sky": (
        "in the sky", "in the blue sky", "above the clouds", "up in the air", "over a blue sky",
        "in the wind", "on the clouds", "on the wind",
    ),
    "sea": (
        "on the sea", "over the sea", "in the ocean", "on the waves", "on a blue sea",
        "on the water", "across the sea",
    ),
    "shore": (
        "on the beach", "by the sea", "on the shore", "at the seaside", "on a summer beach",
        "along the beach", "in front of the sea",
    ),
    "field": (
        "in a field", "on a hill", "in the meadow", "on the grass", "on a green field",
        "over the hills", "in the park",
    ),
    "flower field": (
        "in a flower field", "among flowers", "in a garden", "on a flower path",
        "among the blossoms", "in a spring garden",
    ),
    "forest": ("in the forest", "in the woods", "among the trees", "on a forest path"),
    "mountains": ("in the mountains", "by the mountain", "under the mountains", "on the mountain top"),
    "desert": ("in the desert", "on the sand", "across the desert"),
    "snow": (
        "in the snow", "on a snowy field", "in winter", "on a snowy road", "on white snow",
        "on a winter day",
    ),
    "city": (
        "in the city", "over the city", "among the buildings", "downtown", "above the city lights",
        "on the rooftop",
    ),
    "street": (
        "on the street", "on the road", "in the alley", "in front of the house", "along a road",
        "on a distant road", "on the way home", "at the station",
    ),
    "room": (
        "in a room", "by the window", "at home", "inside the house", "in an empty room",
        "in the kitchen", "on the table",
    ),
    "stage": ("on the stage", "under the spotlight", "at a concert", "under the stage lights"),
    "space": ("in space", "in the universe", "among the stars", "in the galaxy", "in the dark space"),
}  # fmt: skip
TIMES: dict[str, tuple[str, ...]] = {
    "day": (
        "at noon", "in the afternoon", "on a sunny day", "under the sun", "in summer",
        "in warm sunlight", "in the sunlight", "on a clear day", "today",
    ),
    "dawn": (
        "at dawn", "in the morning", "in the early morning", "in spring", "in the morning light",
        "on a spring day",
    ),
    "sunset": (
        "at sunset", "in the evening", "at dusk", "in the twilight", "in autumn",
        "in the sunset glow", "on an autumn day",
    ),
    "night": (
        "at night", "in the dark", "in the dark night", "at midnight", "in the night",
        "through the night", "in the moonlight", "one night",
    ),
    "starry night": (
        "on a starry night", "under the stars", "under the night sky", "in the starlight",
        "on a night full of stars",
    ),
}  # fmt: skip
FALLING: dict[str, tuple[str, ...]] = {
    "rain": (
        "in the rain", "with rain falling", "on a rainy day", "with falling rain",
        "under the pouring rain",
    ),
    "snow": (
        "with snow falling", "in falling snow", "on a snowy day", "with falling white snow",
    ),
}  # fmt: skip
# words that songs put around a subject and that change nothing one could paint here
ADJECTIVES = (
    "pretty", "beautiful", "little", "lonely", "small", "old", "sweet", "warm", "cold", "quiet",
    "silent", "sad", "happy", "lost", "bright", "shining", "soft", "lovely", "cute", "dear",
    "young", "deep", "tired", "precious", "big", "new", "long", "distant", "broken", "dazzling",
    "white", "red", "blue", "yellow", "black", "golden", "pink", "green",
)  # fmt: skip
ACTIONS = (
    "flying", "dancing", "walking", "waiting", "falling", "running", "shining", "floating",
    "standing", "singing", "leaving", "smiling", "crying", "sleeping", "drifting", "burning",
    "rising", "sitting", "flying away", "dozing", "blooming", "sinking", "passing by", "swaying",
    "looking at you", "coming", "disappearing", "turning", "calling me", "shining and falling",
)  # fmt: skip
FRAMES = (
    "a dream of {}", "memories of {}", "the story of {}", "love and {}", "{} and a dream", "{} and you",
    "{} and memories", "you and {}", "a promise of {}", "waiting for {}", "holding {}", "my heart and {}",
    "holding {} on the hands", "i gave you {}", "{} outside the windows",
    "looking at {}", "standing and holding {}", "like {}", "a pretty dream of flying in {}",
    "a dream and {}", "the time of {}", "riding {}", "{} of my heart", "dancing with {}", "tears and {}",
    "only {} left", "leaving me with {}", "walking and thinking of {}", "a song of {}", "you are {}",
)  # fmt: skip
MASS = (
    "love", "music", "snow", "sunlight", "sunshine", "moonlight", "starlight", "candlelight",
    "death", "hair",
)  # fmt: skip
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
    if rng.random() < 0.35:
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
    if rng.random() < 0.35:
        text = f"{text} {_pick(rng, ACTIONS)}"
    if subject.second is not None:
        text = f"{text} and {_noun_phrase(subject.second, rng)}"
    elif rng.random() < 0.25:
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
