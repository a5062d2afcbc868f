from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
import torch

from scripts.training.common import HELD_OUT
from scripts.training.judge.labels import Labels
from scripts.training.judge.scenes import FIRST, JudgeScenes, compose, open_composer, seeds_of
from scripts.training.scenes.art import JUDGE_SETS, load_concepts

LABELS = Labels.of(load_concepts())


def test_no_seed_is_shared_or_held_out() -> None:
    assert seeds_of(0, 8) == range(FIRST, FIRST + 8)
    assert seeds_of(1, 8).start == seeds_of(0, 8).stop
    with pytest.raises(ValueError, match="held-out"):
        seeds_of((HELD_OUT - FIRST) // 8, 8)


def test_a_resumed_stream_goes_on_where_it_would_have_been(shape_art: Path) -> None:
    def stream(start: int) -> JudgeScenes:
        return JudgeScenes(shape_art, JUDGE_SETS, LABELS, batch=3, start=start)

    whole = list(islice(stream(0), 3))
    (images, targets), *_ = islice(stream(2), 1)
    assert torch.equal(images, whole[2][0])
    assert torch.equal(targets, whole[2][1])
    assert not torch.equal(whole[0][0], whole[1][0])


def test_targets_belong_to_the_composed_scenes(shape_art: Path) -> None:
    composer = open_composer(shape_art, JUDGE_SETS)
    images, targets = compose(composer, LABELS, range(40))
    assert images.shape == (40, 3, 96, 96)
    for seed in range(40):
        spec = composer.spec(seed)
        assert LABELS.names["setting"][targets[seed, 2]] == (spec.setting or "none")
        assert LABELS.names["style"][targets[seed, 4]] == spec.style
