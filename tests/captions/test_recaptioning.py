from __future__ import annotations

from pathlib import Path

import pytest

from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import (
    FILE,
    LIGHT,
    MOOD,
    PLACE,
    SCENERY,
    STYLE,
    SUBJECT,
    WEATHER,
    Subject,
    Vocabulary,
)

VOCABULARY = Vocabulary(
    subjects=(
        Subject("cat", "a cat", ("kitten", "kitty"), often=7),
        Subject("clock", "a clock", ("alarm clock", "time"), often=7, tinted=True),
        Subject("balloon", "a balloon", ("red balloon",), often=6, tinted=True),
        Subject("wrist watch", "a wrist watch", (), often=3),
        Subject("zebra", "a zebra", (), often=2),
        Subject("whale", "a whale", (), often=3, home="sea"),
        Subject("orange", "an orange", (), often=3),
        Subject("spoon", "a spoon", ("bowl",), often=2),
        Subject("fire", "fire", ("flame", "spark", "ember", "ashes"), often=5),
        Subject("window", "a window", ("curtain",), often=5),
        Subject("girl", "a girl", ("daughter",), often=5, minor=True),
        Subject("boots", "boots", (), often=3, tinted=True),
    ),
    circumstances={
        "by the sea": (PLACE, "shore"),
        "sea": (PLACE, "sea"),
        "pond": (PLACE, "lake"),
        "window": (PLACE, "window"),
        "night": (LIGHT, "night"),
        "midnight": (LIGHT, "night"),
        "rain": (WEATHER, "rain"),
    },
    phrases={
        PLACE: {
            "shore": "on the beach",
            "sea": "on the sea",
            "lake": "by the lake",
            "window": "by the window",
        },
        SCENERY: {"shore": "the shore", "sea": "the sea", "lake": "a lake", "window": "a view"},
        LIGHT: {"night": "at night"},
        WEATHER: {"rain": "in the rain"},
    },
    faint=frozenset({"time"}),
    styles={"painting": "painting", "sketch": "pencil sketch", "pencil sketch": "pencil sketch"},
    colours=("red", "blue", "orange"),
)
RECAPTIONER = Recaptioner(VOCABULARY)


@pytest.mark.parametrize(
    ("prompt", "caption"),
    [
        # what cannot be painted goes, what can be is said as captions say it
        (
            "a painting of i never said a word kittens dozing by the old pond at midnight. a mood of calmness",
            "a painting of a cat by the lake at night. a mood of calmness",
        ),
        ("a pencil sketch of a cat", "a pencil sketch of a cat"),
        ("A Painting of A CAT!", "a painting of a cat"),
        # longest words first; place, weather and light in the captions' order
        ("rain at night by the sea and a cat", "a cat on the beach in the rain at night"),
        ("a cat, the sea", "a cat on the sea"),
        # the rare thing rather than the usual one, people or a figure of speech
        ("time goes by, a clock and you", "a clock"),
        ("time for a zebra", "a zebra"),
        ("a girl hugging a zebra", "a zebra"),
        ("a girl at night", "a girl at night"),
        ("a cat running like a zebra", "a cat"),
        ("a cat in front of a zebra", "a cat"),
        ("a cat chasing a zebra", "a cat"),
        ("time", "a clock"),
        ("a zebra, a red balloon", "a red balloon"),
        ("a cat in a balloon zebra", "a cat"),
        ("on a broken old zebra, a cat", "a cat"),
        # joined plainly, both stay
        ("a cat and a zebra by the sea", "a cat and a zebra on the beach"),
        ("a girl with a red balloon", "a girl and a red balloon"),
        ("a zebra with ashes", "a zebra"),
        ("a cat next to a zebra", "a cat and a zebra"),
        # a window is a place beside a subject, a subject alone
        ("a cat behind a window", "a cat by the window"),
        ("an open window at night", "a window at night"),
        ("gazing at the sea outside a window in the rain", "the sea in the rain"),
        (
            "a painting of dreams of the sea. a mood of joyful",
            "a painting of the sea. a mood of joyful",
        ),
        # where a thing is at home, if nothing says where it is
        ("a whale at night", "a whale on the sea at night"),
        ("a whale in a pond", "a whale by the lake"),
        # colours, of what can have one
        ("the blue boots", "blue boots"),
        ("an orange clock", "an orange clock"),
        ("red balloons", "a red balloon"),
        ("a blue cat", "a cat"),
        ("an orange cat", "a cat"),
        ("the cat's gone", "a cat"),
        ("an orange balloon", "an orange balloon"),
        ("an orange in the rain", "an orange in the rain"),
        # measures
        ("a bowl of kittens", "a cat"),
        # what is not there
        ("a cat without a clock", "a cat"),
        ("no zebra but a cat", "a cat"),
        # words written in one
        ("my wristwatch", "a wrist watch"),
    ],
)
def test_prompts_become_captions(prompt: str, caption: str) -> None:
    assert RECAPTIONER.caption(prompt) == caption


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " ",
        "?!",
        "a painting of nothing we know. a mood of power",
        "고양이",
        "a painting of",
        "a mood of joyful",
    ],
)
def test_prompts_without_a_subject_stay(prompt: str) -> None:
    assert RECAPTIONER.caption(prompt) == prompt


def test_what_is_said_is_told_by_field() -> None:
    reading = RECAPTIONER.read(
        "an old pencil sketch of kittens and zebras by the sea at night. a mood of power"
    )
    assert reading is not None
    assert reading.values == {
        SUBJECT: ("cat", "zebra"),
        PLACE: ("shore",),
        LIGHT: ("night",),
        MOOD: ("Power",),
        STYLE: ("pencil sketch",),
    }
    # a home is drawn, but nobody asked for it
    whale = RECAPTIONER.read("a whale")
    assert (whale.caption, whale.values) == ("a whale on the sea", {SUBJECT: ("whale",)})
    scenery = RECAPTIONER.read("the pond")
    assert scenery.values == {SUBJECT: (), PLACE: ("lake",)}
    nothing = RECAPTIONER.read("A painting of Nothing. a mood of calmness")
    assert nothing.caption == "A painting of Nothing. a mood of calmness"
    assert nothing.values == {SUBJECT: (), MOOD: ("Calmness",), STYLE: ("painting",)}
    assert (whale.home, scenery.home, nothing.home) == ("sea", "lake", "")


def test_captions_are_captions() -> None:
    caption = RECAPTIONER.caption(
        "a painting of a kitten and zebras in the rain. a mood of tension"
    )
    assert RECAPTIONER.caption(caption) == caption


def test_long_prompts_are_read_in_time_proportional_to_their_length() -> None:
    assert RECAPTIONER.caption("word " * 20_000 + "zebra") == "a zebra"


def test_the_vocabulary_is_stored_whole(tmp_path: Path) -> None:
    VOCABULARY.write(tmp_path / FILE)
    assert Vocabulary.read(tmp_path / FILE) == VOCABULARY
    reader = Recaptioner.of(tmp_path)
    assert reader is not None
    assert reader.vocabulary == VOCABULARY


def test_a_folder_without_one() -> None:
    assert Recaptioner.of(Path(__file__).parent) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"subjects": [{"title": "cat"}]}', '{"subjects": 3}']
)
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="is no caption vocabulary"):
        Recaptioner.of(tmp_path)
