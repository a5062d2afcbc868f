"""Devices as a Ray worker sees them."""

from __future__ import annotations

import pytest
import ray


def test_a_gpu_that_ray_did_not_give_is_not_taken(address: str) -> None:
    @ray.remote(num_cpus=0)
    def choose(wanted: str) -> str:
        from deployments.stages.devices import choose_device

        return choose_device(wanted)  # type: ignore[arg-type]

    assert ray.get(choose.remote("auto")) == "cpu"
    with pytest.raises(ValueError, match="no GPU: give it num_gpus"):
        ray.get(choose.remote("cuda"))
