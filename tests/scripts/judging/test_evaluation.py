from __future__ import annotations

import torch

from scripts.judging.evaluation import accuracy


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
    found = accuracy(guesses, targets)
    assert found["subject"] == 0.5
    assert (found["setting"], found["mood"], found["style"]) == (0.75, 1.0, 0.0)


def test_top_five_has_five() -> None:
    scores = torch.arange(10.0).flip(0).repeat(2, 1)  # labels by falling score
    targets = torch.tensor([[4, 4, 0, 0, 0], [5, 5, 0, 0, 0]])
    others = {head: chosen([0, 0], 2) for head in ("setting", "mood", "style")}
    found = accuracy({"subject": scores, **others}, targets)
    assert (found["subject"], found["subject_top5"]) == (0.0, 0.5)
