"""Weather, light and season as what a picture is of: which words say them, and the places that show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from songdalle_core.captions.vocabulary import LIGHT, SCENERY, WEATHER, Vocabulary
from songdalle_core.wordsets import word_set

Key = tuple[str, ...]

SNOW: Key = ("snow",)
"""The ground where nothing falls, the weather where something does."""
_FALLING = word_set(
    "fall falls falling fell pour pours pouring swirl swirling drift drifting blow blowing come comes "
    "coming came keep keeps"
)
_SINKING = word_set("setting sets set sinking sinks down")
_RISING = word_set("rising rises rose up")
# Said of weather and light, and not among the nouns of the captions.
_WORDS: Mapping[tuple[str, str], str] = {
    (WEATHER, "rain"): (
        "raining, rains, rained, rainfall, downpour, rainstorm, thunderstorm, thunderstorms, storm, storms, "
        "stormy, rainy season, monsoon, drizzling, drizzly, rain falling, rainwater"
    ),
    (WEATHER, "snow"): "snowing, snows, snowed, snowstorms, blizzard, sleet, hail, hailstorm",
    (WEATHER, "fog"): "fogs, mists, haze, hazy, smog",
    (WEATHER, "wind"): "winds, breezes, breezy, gust, gusts, gale",
    (LIGHT, "dawn"): "daybreak, dawning, sunup",
    (LIGHT, "noon"): "midday, daylight, sunny",
    (LIGHT, "golden hour"): "sundown",
    (LIGHT, "dusk"): "nightfall, gloaming",
    (LIGHT, "night"): "overnight, nighttime, midnights, moonlit, late night",
    (LIGHT, "starry"): "starry, starlit",
    (LIGHT, "overcast"): "cloudy, overcast, gloomy, gray skies, grey skies, gray sky, grey sky",
}
# Where weather, light or season is all there is to show: the first is the caption's, candidates take any.
_BY_WEATHER: Mapping[str, Key] = {
    "rain": ("street", "city", "lake"),
    "snow": ("snow", "forest", "village"),
    "fog": ("forest", "lake", "mountains"),
    "wind": ("field", "shore", "mountains"),
    "petals": ("park", "garden", "road"),
    "fireworks": ("city", "river"),
}
_BY_LIGHT: Mapping[str, Key] = {
    "dawn": ("sky", "mountains", "lake"),
    "noon": ("field", "shore", "sky"),
    "golden hour": ("sea", "field", "shore"),
    "dusk": ("village", "field", "sea"),
    "night": ("city", "sky", "street"),
    "starry": ("sky", "mountains", "lake"),
    "overcast": ("sky", "field", "sea"),
    "neon": ("city", "street", "alley"),
}
_BY_SEASON: Mapping[str, Key] = {
    "spring april": ("flower field", "garden", "field"),
    "summer midsummer june july": ("shore", "field", "sea"),
    "autumn september october november": ("park", "forest", "road"),
    "winter midwinter december january february": ("snow", "forest", "village"),
}
_SEASONS = {word: places for words, places in _BY_SEASON.items() for word in words.split()}


def words_of_weather(vocabulary: Vocabulary) -> dict[Key, tuple[str, str]]:
    """Words for weathers and lights beside the vocabulary's own, each with its kind and value."""
    return {
        tuple(word.split()): (kind, value)
        for (kind, value), words in _WORDS.items()
        if value in vocabulary.phrases.get(kind, {})
        for word in words.split(", ")
    }


def is_falling(near: Collection[str]) -> bool:
    """Whether one of the words beside "snow" says that it falls."""
    return not _FALLING.isdisjoint(near)


def light_of_sun(words: Collection[str]) -> str:
    """The light of a sun that rises or sets; "" if it does neither."""
    if not _SINKING.isdisjoint(words):
        return "golden hour"
    return "" if _RISING.isdisjoint(words) else "dawn"


def places_for(
    circumstances: Mapping[str, str], words: Collection[str], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Places that show a weather, light or season by itself; empty if none of them is named.

    Args:
        circumstances: kind and value of what the prompt names.
        words: of the prompt.
    """
    weather, light = circumstances.get(WEATHER, ""), circumstances.get(LIGHT, "")
    season = next((_SEASONS[word] for word in words if word in _SEASONS), ())
    if weather and weather != "wind":
        places = _BY_WEATHER.get(weather, ())
    else:
        places = season or _BY_WEATHER.get(weather, ()) or _BY_LIGHT.get(light, ())
    known = vocabulary.phrases.get(SCENERY, {})
    return tuple(place for place in places if place in known)
