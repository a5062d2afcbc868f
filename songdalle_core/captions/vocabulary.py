"""The words of the captions that the embedded image models were trained on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FILE = "captions.json"
SUBJECT, PLACE, LIGHT, WEATHER, MOOD, STYLE = (
    "concept",
    "setting",
    "light",
    "weather",
    "mood",
    "style",
)
"""What a scene is made of, named as in training."""
SCENERY = "scenery"


@dataclass(frozen=True)
class Subject:
    """Something the models can draw.

    Attributes:
        name: as captions mostly call it.
        phrase: the name with its article.
        words: other words for it, the closest first.
        often: how often songs name it, relative to the others.
        near: how many of `words` are synonyms; the rest only suggest it.
        tinted: whether captions give it a colour.
        minor: people and parts of them, who are named beside what a line is about.
        home: the place where it is drawn when nothing says where it is; "" if it may be anywhere.
        hands: that drew it, of `layers.HANDS`.
        stance: how it is placed over a ground: "stands", "floats", "swims" or "emblem".
        mirrors: whether its mirror image is as good; letters and notes read one way.
    """

    name: str
    phrase: str
    words: tuple[str, ...] = ()
    often: float = 1.0
    near: int = 3
    tinted: bool = False
    minor: bool = False
    home: str = ""
    hands: tuple[str, ...] = ()
    stance: str = "stands"
    mirrors: bool = True


@dataclass(frozen=True)
class Vocabulary:
    """What the captions of the training scenes are made of; `scripts/training/caption_vocabulary.py` writes it.

    Attributes:
        subjects: all that can be drawn.
        circumstances: phrases and single nouns of places, lights and weathers: kind and value.
        phrases: how captions say a value: kind, value, phrase; `SCENERY` is a place without a subject.
        faint: words of subjects that mostly mean something else in a sentence (love, time, running).
        styles: words for styles, as prompts begin with them, and the style of each.
        colours: that a tinted subject can have.
        grounds: how many drawings there are of each place; empty for a model that draws no layers.
    """

    subjects: tuple[Subject, ...]
    circumstances: dict[str, tuple[str, str]]
    phrases: dict[str, dict[str, str]]
    faint: frozenset[str] = frozenset()
    styles: dict[str, str] = field(default_factory=dict)
    colours: tuple[str, ...] = ()
    grounds: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """The vocabulary of a JSON file.

        Raises:
            ValueError: the file is no vocabulary.
        """
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            subjects = [_subject(each) for each in raw.pop("subjects")]
            circumstances = {k: (v[0], v[1]) for k, v in raw.pop("circumstances").items()}
            return cls(
                subjects=tuple(subjects),
                circumstances=circumstances,
                phrases=raw["phrases"],
                faint=frozenset(raw["faint"]),
                styles=dict(raw["styles"]),
                colours=tuple(raw["colours"]),
                grounds=dict(raw.get("grounds", {})),
            )
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise ValueError(f"{path} is no caption vocabulary: {error!r}") from error

    def write(self, path: Path) -> None:
        """Store as `read` reads it."""
        raw = {**asdict(self), "faint": sorted(self.faint)}
        path.write_text(json.dumps(raw, ensure_ascii=False) + "\n", encoding="utf-8")


def _subject(raw: dict[str, Any]) -> Subject:
    lists = {name: tuple(raw.get(name, ())) for name in ("words", "hands")}
    return Subject(**{**raw, **lists})
