from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from songdalle_core.imagegen.runtimes.runtime import Runtime, TorchRuntime, choose_runtime


class Sums(nn.Module):
    """Two outputs of two inputs, one of them whole numbers."""

    def forward(self, x: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        return x[index] * 2, index + 1


def test_a_bound_call_reads_what_its_inputs_hold_now(runtime: Runtime) -> None:
    x, index = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0, 2])
    call = runtime.compile(Sums(), [x, index]).bind([x, index])
    doubled, following = call()
    assert doubled.tolist() == [2.0, 6.0]
    x[2] = 10.0
    index[0] = 1
    doubled, following = call()
    assert doubled.tolist() == [4.0, 20.0]
    assert following.tolist() == [2, 3]


def test_programs_bound_twice_do_not_mix(runtime: Runtime) -> None:
    first = [torch.tensor([1.0]), torch.tensor([0])]
    second = [torch.tensor([5.0]), torch.tensor([0])]
    program = runtime.compile(Sums(), first)
    one, other = program.bind(first), program.bind(second)
    assert other()[0].item() == 10.0
    assert one()[0].item() == 2.0


def test_openvino_is_for_cpus() -> None:
    with pytest.raises(ValueError, match="choose runtime torch"):
        choose_runtime("openvino", "cuda", 1)
    assert isinstance(choose_runtime("auto", "cuda", 1), TorchRuntime)
    assert not isinstance(choose_runtime("auto", "cpu", 1), TorchRuntime)
