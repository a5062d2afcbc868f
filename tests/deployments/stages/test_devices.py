from __future__ import annotations

from types import SimpleNamespace

import pytest
import ray
import torch

from deployments.stages.devices import CONTEXT_BYTES, allocator_share, choose_device

TOTAL = 24_000_000_000


class Gpu:
    """A GPU of 24 GB of which Ray assigned a fraction, as far as `choose_device` looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fraction: float | None) -> None:
        self.shares: list[tuple[float, int]] = []
        ids = [] if fraction is None else ["3"]
        context = SimpleNamespace(
            get_accelerator_ids=lambda: {"GPU": ids},
            get_assigned_resources=lambda: {"CPU": 1.0} | ({"GPU": fraction} if fraction else {}),
        )
        properties = SimpleNamespace(total_memory=TOTAL)
        monkeypatch.setattr(ray, "get_runtime_context", lambda: context)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
        monkeypatch.setattr(
            torch.cuda,
            "set_per_process_memory_fraction",
            lambda share, device: self.shares.append((share, device)),
        )


def test_a_replica_is_held_to_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = Gpu(monkeypatch, 0.25)
    assert choose_device("auto") == "cuda:0"
    ((share, device),) = gpu.shares
    assert share * TOTAL + CONTEXT_BYTES == pytest.approx(0.25 * TOTAL)
    assert device == 0, "Ray shows a replica only its own GPU"


@pytest.mark.parametrize("fraction", [1.0, 2.0])
def test_a_whole_gpu_has_no_limit(fraction: float, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = Gpu(monkeypatch, fraction)
    assert choose_device("cuda") == "cuda:0"
    assert gpu.shares == []


def test_no_share_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = Gpu(monkeypatch, None)
    assert choose_device("auto") == "cpu"
    assert gpu.shares == []
    with pytest.raises(ValueError, match="this replica has no GPU"):
        choose_device("cuda")


def test_a_share_that_the_context_takes_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"num_gpus 0\.02 is 0\.48 GB .*CUDA alone takes about 0\.50"
    ):
        allocator_share(0.02, TOTAL)
