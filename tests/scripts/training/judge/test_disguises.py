"""The judge's own degradations of scenes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch

from scripts.training import judge
from scripts.training.judge.disguises import disguise
from scripts.training.judge.labels import Labels
from scripts.training.judge.scenes import compose, open_composer
from scripts.training.scenes.art import JUDGE_SETS, load_concepts


@pytest.fixture(scope="module")
def images(shape_art: Path) -> torch.Tensor:
    composer = open_composer(shape_art, JUDGE_SETS)
    return compose(composer, Labels.of(load_concepts()), range(24))[0]


def test_disguises_follow_their_generator_and_change_the_colours(images: torch.Tensor) -> None:
    first = disguise(images, torch.Generator().manual_seed(1))
    assert first.shape == images.shape
    assert torch.equal(first, disguise(images, torch.Generator().manual_seed(1)))
    other = disguise(images, torch.Generator().manual_seed(2))
    assert float(first.min()) >= -1
    assert float(first.max()) <= 1
    means = (first - other).mean(dim=(2, 3)).abs()  # of each picture and channel
    assert float(means.max()) > 0.02


def test_a_disguised_scene_is_still_like_itself(images: torch.Tensor) -> None:
    disguised = disguise(images, torch.Generator().manual_seed(3)).flatten(1)
    plain = images.float() / 127.5 - 1
    either_way = torch.stack([plain.flatten(1), plain.flip(-1).flatten(1)])
    distances = (either_way[:, :, None] - disguised[None, None]).pow(2).mean(dim=3).amin(dim=0)
    assert (distances.argmin(dim=0) == torch.arange(len(images))).float().mean() > 0.9
    changes = distances.diagonal()  # no two pictures alike, none untouched
    assert float(changes.min()) > 0
    assert len(set(changes.tolist())) == len(images)


def test_a_grey_picture_has_no_shape_to_lose() -> None:
    grey = torch.full((4, 3, 64, 64), 128, dtype=torch.uint8)
    disguised = disguise(grey, torch.Generator().manual_seed(4))
    assert float((disguised - disguised.mean(dim=(2, 3), keepdim=True)).abs().mean()) < 0.06


def test_the_judge_imports_nothing_of_the_models_it_judges() -> None:
    folder = Path(judge.__file__).parent
    imported = {
        node.module or ""
        for path in (*folder.glob("*.py"), folder.parent / "train_judge.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    assert not [name for name in imported if name.startswith("scripts.training.clip")]
    assert not [name for name in imported if name.startswith("scripts.training.rq")]
