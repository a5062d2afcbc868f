from __future__ import annotations

import json
from pathlib import Path

import torch

from scripts.training.judge.evaluation import HeldOut, accuracy
from scripts.training.judge.labels import Labels
from scripts.training.scenes.art import load_concepts


def chosen(labels: list[int], size: int) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor(labels), size).float()


def test_either_subject_counts_and_other_heads_on_their_own() -> None:
    targets = torch.tensor([[0, 1, 0, 0, 0], [2, 2, 1, 1, 1], [3, 3, 0, 0, 1], [4, 4, 1, 0, 1]])
    guesses = {
        "subject": chosen([1, 2, 9, 9], 10),
        "setting": chosen([0, 1, 0, 0], 2),
        "mood": chosen([0, 1, 0, 0], 2),
        "style": chosen([1, 0, 0, 0], 2),
    }
    shares = accuracy(guesses, targets)
    assert shares["subject"] == 0.5
    assert (shares["setting"], shares["mood"], shares["style"]) == (0.75, 1.0, 0.0)


def test_top_five_has_five() -> None:
    scores = torch.arange(10.0).flip(0).repeat(2, 1)  # labels by falling score
    targets = torch.tensor([[4, 4, 0, 0, 0], [5, 5, 0, 0, 0]])
    others = {head: chosen([0, 0], 2) for head in ("setting", "mood", "style")}
    shares = accuracy({"subject": scores, **others}, targets)
    assert (shares["subject"], shares["subject_top5"]) == (0.0, 0.5)


def test_scenes_show_what_their_sets_have(shape_art: Path, tmp_path: Path) -> None:
    """Its label stays, but a subject without art is in no scene."""
    data = json.loads((shape_art / "twemoji" / "icons.json").read_text())
    concepts = load_concepts()
    data["icons"] = {concept.icon: data["icons"][concept.icon] for concept in concepts[:3]}
    (tmp_path / "twemoji").mkdir()
    (tmp_path / "twemoji" / "icons.json").write_text(json.dumps(data))
    labels = Labels.of(concepts)
    held_out = HeldOut.collect(tmp_path, ("twemoji",), labels, 30)
    shown = {labels.names["subject"][k] for k in held_out.targets[:, 0].tolist()}
    assert shown <= {*(concept.name for concept in concepts[:3]), "none"}
