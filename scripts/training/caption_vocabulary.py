"""Write the vocabulary of the scenes' captions, by which the embedded models read prompts.

    python scripts/training/caption_vocabulary.py songdalle_core/weights/generator songdalle_core/weights/clip

Each folder gets a `captions.json`; the SHA256SUMS of the folder above lists it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.common import command_line
from scripts.training.content.grounds import VARIANTS
from scripts.training.content.layers import hands_of
from scripts.training.scenes.art import Concept, load_concepts
from scripts.training.scenes.captions import article
from scripts.training.scenes.phrases import FALLING, PLACES, SCENERY, STYLE_WORDS, TIMES
from scripts.training.weight_sums import update_sums
from songdalle_core.captions.vocabulary import (
    FILE,
    LIGHT,
    PLACE,
    WEATHER,
    Subject,
    Vocabulary,
)
from songdalle_core.captions.vocabulary import SCENERY as ALONE
from songdalle_core.finishing.tint import TINTS

STAND_INS = Path(__file__).parent / "scenes" / "stand_ins.tsv"
HOMES = Path(__file__).parent / "scenes" / "homes.tsv"
STANCES = Path(__file__).parent / "scenes" / "stances.tsv"
NEAR = 3  # synonyms that come first in the list are the closest
PEOPLE = frozenset(
    (
        "woman", "man", "girl", "boy", "baby", "family", "old woman", "old man", "runner", "traveler",
        "student", "eye", "eyes", "hand", "hand wave", "two hands", "praying hands", "holding hands", "fist",
        "lips", "kiss", "smile", "tears", "sleeping face", "heart", "swimmer",
    )
)  # fmt: skip
"""Who acts, and with what: named in most lines beside what the line is about."""
LETTERED = frozenset(
    (
        "shop", "calendar", "money", "coin", "musical note", "sheet music", "playing cards", "ticket",
        "clock", "wrist watch",
    )
)  # fmt: skip
"""What has letters, numbers or notes on it: its mirror image cannot be read."""
FAINT = frozenset(
    (
        "love", "lovers", "lover", "romance", "affection", "couple", "farewell", "goodbye", "parting",
        "promise", "power", "victory", "winner", "magic", "spell", "future", "story", "time", "waiting",
        "date", "weekend", "surprise", "song", "home", "friend", "friends", "people", "parents", "death",
        "faith", "attraction", "hurt", "sleep", "run", "walk", "swim", "dance", "look", "climb", "pray", "hug",
        "explode", "driving", "flight", "reflection", "run", "running", "world", "bar", "card", "page",
        "match", "band", "organ", "sweet", "present", "spirit", "match", "bill", "goal", "stem", "wall",
        "trail", "palm", "bow", "rail", "captain", "music", "day on the calendar", "rich man", "frozen",
        "hello", "sparkle", "twinkle", "person", "face", "laughter", "laugh", "glance", "gaze", "hood",
        "shade", "forest path", "autumn", "storm", "festival", "paradise", "shimmer", "glitter",
        "hugging", "skating", "camping", "surfing", "swimming", "waving", "crying", "sobbing", "sleeping",
        "gambling", "stargazing", "barefoot", "flock", "gold", "silver",
    )
)  # fmt: skip
"""Words of subjects that mostly say something else, or that a scene has besides its subject."""
NOUNS = {
    PLACE: {
        "sky": "sky skies air", "sea": "sea seas ocean oceans horizon waves",
        "shore": "beach beaches shore seaside seashore coastline sand",
        "river": "river rivers stream riverside riverbank canal streamside",
        "lake": "lake lakes pond ponds",
        "field": "field fields hill hills meadow meadows lawn ranch orchard vineyard yard "
        "plain plains prairie savanna grass",
        "flower field": "blossoms", "forest": "forest forests woods jungle trees",
        "mountains": "mountain mountains valley canyon ridge slope",
        "desert": "desert deserts wasteland dunes",
        "village": "village town countryside hometown neighborhood country",
        "city": "city cities downtown",
        "street": "street streets sidewalk crossroads crosswalk square boulevard avenue gutter",
        "road": "road roads highway roadside path", "alley": "alley alleys",
        "room": "room rooms kitchen floor attic basement hallway bathroom ceiling corner desk "
        "drawer bed table shelf door",
        "window": "window windows windowsill",
        "stage": "stage theater spotlight spotlights concert", "space": "space universe galaxy",
        "underwater": "underwater seabed reef corals",
        "harbour": "harbour harbor pier dock port quay lighthouse",
        "island": "island islands cliff cliffs", "bridge": "bridge bridges",
        "railway": "railway railroad tracks platform station",
        "rooftop": "rooftop rooftops roof roofs balcony", "temple yard": "temple shrine palace",
        "garden": "garden gardens", "park": "park parks bench playground",
        "amusement park": "fair carnival funfair", "cafe": "cafe bar restaurant counter",
        "bedroom": "bedroom blanket", "library": "library bookshop bookstore",
    },
    LIGHT: {
        "dawn": "dawn morning sunrise", "noon": "noon afternoon sunlight sunshine daytime",
        "golden hour": "sunset", "dusk": "dusk evening twilight", "night": "night nights midnight moonlight",
        "starry": "starlight", "neon": "neon",
    },
    WEATHER: {
        "rain": "rain rainy drizzle", "snow": "snowfall snowstorm", "fog": "fog mist foggy misty",
        "wind": "wind breeze windy", "petals": "petals",
    },
}  # fmt: skip
"""Nouns that say where and when, whatever words are round them."""
MORE = {
    "starry night": (LIGHT, "starry"), "night sky": (LIGHT, "starry"), "snow field": (PLACE, "snow"),
    "snowy": (PLACE, "snow"), "flower field": (PLACE, "flower field"), "cloudy day": (LIGHT, "overcast"),
    "flower garden": (PLACE, "garden"),
    "deep sea": (PLACE, "underwater"), "city lights": (PLACE, "city"), "milky way": (PLACE, "space"),
    "snow": (PLACE, "snow"), "falling snow": (WEATHER, "snow"), "snow falling": (WEATHER, "snow"),
    "sand dunes": (PLACE, "desert"), "blade of grass": (PLACE, "field"), "pine trees": (PLACE, "forest"),
}  # fmt: skip
SEASONS = ("winter",)  # a place only as "in winter": there is a winter sea


def stand_ins() -> dict[str, list[str]]:
    """Words for subjects that no caption has, by the subject's name."""
    return {name: words.split() for name, words in _rows(STAND_INS)}


def homes() -> dict[str, str]:
    """The setting that each subject is at home in, for those that are in one."""
    return {name: setting for setting, names in _rows(HOMES) for name in names.split(",")}


def stances() -> dict[str, str]:
    """How each subject is placed over a ground."""
    return {name: stance for stance, names in _rows(STANCES) for name in names.split(",")}


def _rows(path: Path) -> list[tuple[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return [(first, second) for first, second in (line.split("\t") for line in lines)]


def vocabulary() -> Vocabulary:
    """The vocabulary of `scripts/training/scenes`."""
    phrasings = {PLACE: PLACES, LIGHT: TIMES, WEATHER: FALLING, ALONE: SCENERY}
    circumstances, more = dict(MORE), stand_ins()
    home, stance = homes(), stances()
    for kind, values in NOUNS.items():
        for value, nouns in values.items():
            circumstances.update(dict.fromkeys(nouns.split(), (kind, value)))
    for kind, phrases in ((PLACE, PLACES), (LIGHT, TIMES), (WEATHER, FALLING)):
        for value, options in phrases.items():
            for option in options:
                circumstances.setdefault(option, (kind, value))
    for value, options in SCENERY.items():
        for option in options:
            bare = option.removeprefix("the ").removeprefix("a ").removeprefix("an ")
            if bare not in SEASONS:
                circumstances.setdefault(bare, (PLACE, value))
    return Vocabulary(
        subjects=tuple(
            _subject(
                concept,
                more.get(concept.name, []),
                home.get(concept.name, ""),
                stance[concept.name],
            )
            for concept in load_concepts()
        ),
        circumstances=circumstances,
        phrases={
            kind: {value: options[0] for value, options in phrases.items()}
            for kind, phrases in phrasings.items()
        },
        faint=FAINT,
        styles={word: style for style, words in STYLE_WORDS.items() for word in words},
        colours=TINTS,
        grounds=dict(VARIANTS),
    )


def _subject(concept: Concept, more: Sequence[str], home: str, stance: str) -> Subject:
    return Subject(
        concept.name,
        article(concept.name),
        (*concept.synonyms, *more),
        concept.weight,
        NEAR,
        bool(concept.tint),
        concept.name in PEOPLE,
        home,
        hands_of(concept),
        stance,
        concept.name not in LETTERED,
    )


def write_vocabulary(folder: Path) -> Path:
    """Put the vocabulary beside the weights of a folder."""
    path = folder / FILE
    vocabulary().write(path)
    return path


def main(arguments: list[str] | None = None) -> int:
    parser = command_line.parser(__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="of weights")
    for folder in parser.parse_args(arguments).folders:
        if not folder.is_dir():
            parser.error(f"{folder}: no such folder")
        update_sums(folder.parent, [f"{folder.name}/{write_vocabulary(folder).name}"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
