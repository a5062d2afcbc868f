from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scripts.training.judge.labels import HEADS, NONE, Labels
from scripts.training.scenes.art import load_concepts
from scripts.training.scenes.composer import SETTINGS
from scripts.training.scenes.spec import SceneSpec

CONCEPTS = load_concepts()
LABELS = Labels.of(CONCEPTS)


def spec(first: int | None, second: int | None = None, mood: str | None = None) -> SceneSpec:
    pick = [None if k is None else CONCEPTS[k] for k in (first, second)]
    return SceneSpec(pick[0], pick[1], "sea", "noon", "clear", mood, "poster")  # type: ignore[arg-type]


def names(targets: list[int]) -> list[str]:
    heads = ("subject", *HEADS)
    return [LABELS.names[head][k] for head, k in zip(heads, targets, strict=True)]


def test_every_concept_and_none_is_a_subject() -> None:
    assert LABELS.sizes["subject"] == len(CONCEPTS) + 1
    assert LABELS.names["subject"][-1] == NONE
    assert LABELS.sizes["mood"] == 6
    assert LABELS.names["setting"] == (*SETTINGS, NONE)


def test_targets_say_what_a_scene_shows() -> None:
    one, two = CONCEPTS[3].name, CONCEPTS[5].name
    assert names(LABELS.targets(spec(3, None, "Power")).tolist()) == [
        one, one, "sea", "Power", "poster",
    ]  # fmt: skip
    assert names(LABELS.targets(spec(3, 5)).tolist()) == [one, two, "sea", NONE, "poster"]
    assert names(LABELS.targets(spec(None)).tolist())[:2] == [NONE, NONE]
    bare = replace(spec(3), setting=None, light=None)
    assert names(LABELS.targets(bare).tolist())[2] == NONE


def test_labels_survive_their_file(tmp_path: Path) -> None:
    LABELS.write(tmp_path / "labels.json")
    assert Labels.read(tmp_path / "labels.json") == LABELS
    (tmp_path / "labels.json").write_text('{"subject": ["cat"]}')
    with pytest.raises(ValueError, match="does not hold the judge's labels"):
        Labels.read(tmp_path / "labels.json")


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="knows no subject 'qwerty'"):
        LABELS.number("subject", "qwerty")
