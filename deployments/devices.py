"""Which device a replica's torch runs on."""

from __future__ import annotations

import ray
import torch

from deployments.options import Device


def choose_device(wanted: Device) -> str:
    """ "cuda:0" or "cpu" for this replica.

    "auto" takes a GPU only if Ray assigned one: with `num_gpus: 0` Ray leaves CUDA_VISIBLE_DEVICES
    alone, so that a visible GPU may belong to another replica.

    Raises:
        ValueError: "cuda" is wanted and not there.
    """
    if wanted == "cpu":
        return "cpu"
    assigned = ray.get_runtime_context().get_accelerator_ids().get("GPU", [])
    usable = bool(assigned) and torch.cuda.is_available()
    if wanted == "cuda" and not usable:
        raise ValueError(
            "device is cuda, but this replica has no GPU: give it num_gpus in serve_config.yaml "
            "and a machine with CUDA, or choose auto or cpu"
        )
    return "cuda:0" if usable else "cpu"
