from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts.training import caption_vocabulary
from scripts.training.caption_vocabulary import FAINT, NOUNS, PEOPLE, homes, stand_ins, vocabulary
from scripts.training.scenes.art import load_concepts
from scripts.training.scenes.captions import caption
from scripts.training.scenes.composer import SETTINGS
from scripts.training.scenes.spec import SceneSpec
from songdalle_core.artifacts import WEIGHTS, read_sums
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import FILE, LIGHT, PLACE, WEATHER, Vocabulary

CONCEPTS = {concept.name: concept for concept in load_concepts()}
RECAPTIONER = Recaptioner(vocabulary())


@pytest.mark.parametrize("folder", ["generator", "clip"])
def test_the_embedded_models_have_it(folder: str) -> None:
    assert Vocabulary.read(WEIGHTS / folder / FILE) == vocabulary(), (
        "run python scripts/training/caption_vocabulary.py "
        "songdalle_core/weights/generator songdalle_core/weights/clip"
    )


def test_every_list_names_what_scenes_have() -> None:
    words = {word for concept in CONCEPTS.values() for word in (concept.name, *concept.synonyms)}
    assert set(CONCEPTS) >= PEOPLE
    assert not FAINT - words
    more = stand_ins()
    assert set(CONCEPTS) >= set(more)
    assert not words & {word for others in more.values() for word in others}
    assert len(more) > 50
    assert set(CONCEPTS) >= set(homes())
    assert set(SETTINGS) >= set(homes().values())
    phrases = vocabulary().phrases
    for kind in (PLACE, LIGHT, WEATHER):
        assert set(NOUNS[kind]) <= set(phrases[kind])


@pytest.mark.parametrize("name", sorted(CONCEPTS))
def test_every_subject_is_recognised_by_its_name(name: str) -> None:
    prompt = RECAPTIONER.caption(f"a painting of holding {name}. a mood of power")
    assert name in prompt
    assert prompt.endswith(". a mood of power")


def test_most_captions_keep_their_subject_place_and_light() -> None:
    rng = np.random.default_rng(0)
    names = sorted(CONCEPTS)
    complete, count = 0, 400
    for number in range(count):
        concept = CONCEPTS[names[number % len(names)]]
        spec = SceneSpec(concept, None, "lake", "night", "rain", "TENSION", "painting", None)
        prompt = RECAPTIONER.caption(caption(spec, rng, complete=True))
        complete += all(part in prompt for part in (concept.name, "lake", "night", "in the rain"))
    assert complete > 0.9 * count


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (
            "a painting of we run until the morning comes a taxi cuts through the city lights",
            "a painting of a taxi in the city at dawn",
        ),
        (
            "a painting of dancing, a withered bouquet placed. a mood of sadness",
            "a painting of a bouquet. a mood of sadness",
        ),
        ("a watercolour of love", "a watercolour of a heart"),
        ("a blue hydrangea in the orchard", "a blue flower in a field"),
        ("a poster of a lamb on a snowy hill", "a poster of a sheep in the snow"),
        (
            "a painting of a yellow umbrella with cherry blossoms falling",
            "a painting of a yellow umbrella with petals falling",
        ),
    ],
)
def test_songs_become_captions(prompt: str, expected: str) -> None:
    assert RECAPTIONER.caption(prompt) == expected


def test_the_command_lists_what_it_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "generator"
    folder.mkdir()
    assert caption_vocabulary.main([str(folder)]) == 0
    assert Vocabulary.read(folder / FILE) == vocabulary()
    assert set(read_sums(tmp_path)) == {f"generator/{FILE}"}
    with pytest.raises(SystemExit):
        caption_vocabulary.main([str(tmp_path / "nowhere")])
    assert "no such folder" in capsys.readouterr().err
