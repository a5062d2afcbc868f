"""The scene library asked about what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.training.clip.composed import SCENE_SIZE, ComposerScenes
from scripts.training.scenes.composer import INDOORS, OWN_LIGHT

SEEDS = range(60)


@pytest.fixture(scope="module")
def source(shape_art: Path) -> ComposerScenes:
    return ComposerScenes(shape_art)


@pytest.mark.parametrize("field", ["concept", "setting", "light", "weather", "mood", "style"])
def test_a_family_differs_in_one_field(source: ComposerScenes, field: str) -> None:
    asked = 0
    for seed in SEEDS:
        family = source.family(seed, field, 3)
        if family is None:
            continue
        asked += 1
        values = [sample.fields[field] for sample in family]
        assert len(set(values)) == len(family) == 3
        assert values[0] == source.sample(seed).fields[field]
        for sample in family:
            assert not sample.fields["light"] or sample.fields["setting"] not in OWN_LIGHT
        alike = set(source.values) - {field} - ({"light"} if field == "setting" else set())
        assert all(len({sample.fields[other] for sample in family}) == 1 for other in alike)
        if asked == 4:
            break
    assert asked


def test_nothing_is_asked_that_cannot_be_seen(source: ComposerScenes) -> None:
    for seed in SEEDS:
        shown = source.sample(seed).fields
        impossible = {field for field in source.values if not shown[field]}
        if shown["setting"] in OWN_LIGHT:
            assert "light" in impossible
        if shown["setting"] in INDOORS or not shown["setting"]:
            impossible.add("weather")
        for field in impossible:
            assert source.question(seed, field, 12) is None
            assert source.family(seed, field, 3) is None


def test_a_question_has_as_many_pictures_as_the_service_draws(source: ComposerScenes) -> None:
    question = source.question(0, "style", 12)
    assert question is not None
    assert [image.shape for image in question.images] == [(SCENE_SIZE, SCENE_SIZE, 3)] * 12
