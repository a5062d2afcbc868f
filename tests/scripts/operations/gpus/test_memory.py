from __future__ import annotations

import pytest
import torch
from torch import nn

from scripts.operations.gpus.memory import Peak, stored, tensors_of


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_what_is_alive_at_once(device: str) -> None:
    before = torch.zeros(1000, device=device)
    with Peak() as peak:
        first = before + 1  # 4,000 bytes
        second = first.view(10, 100) * 2  # 8,000
        del first
        third = second + 1  # 8,000
        third.mul_(2)
        del second, third
    assert peak.most == 8_000
    assert peak.now == 0


def test_shared_memory_counts_once() -> None:
    layer = nn.Linear(10, 10, bias=False)
    tied = nn.Linear(10, 10, bias=False)
    tied.weight = layer.weight
    assert stored(*tensors_of(layer, tied)) == 400
    whole = torch.zeros(100)
    assert stored(whole[:50], whole[50:], torch.zeros(1)) == 404
