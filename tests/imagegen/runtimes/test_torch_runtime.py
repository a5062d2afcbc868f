from __future__ import annotations

import torch
from torch import Tensor, nn

from songdalle_core.imagegen.runtimes.torch_runtime import TorchRuntime


class Sums(nn.Module):
    """Two outputs of two inputs, one of them whole numbers."""

    def forward(self, x: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        return x[index] * 2, index + 1


def test_a_bound_call_reads_what_its_inputs_hold_now() -> None:
    x, index = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0, 2])
    call = TorchRuntime().bind(Sums(), [x, index])
    doubled, following = call()
    assert doubled.tolist() == [2.0, 6.0]
    x[2] = 10.0
    index[0] = 1
    doubled, following = call()
    assert doubled.tolist() == [4.0, 20.0]
    assert following.tolist() == [2, 3]


def test_calls_of_one_module_do_not_mix() -> None:
    first = [torch.tensor([1.0]), torch.tensor([0])]
    second = [torch.tensor([5.0]), torch.tensor([0])]
    module, runtime = Sums(), TorchRuntime()
    one, other = runtime.bind(module, first), runtime.bind(module, second)
    assert other()[0].item() == 10.0
    assert one()[0].item() == 2.0
