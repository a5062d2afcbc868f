"""Which device a replica's torch runs on."""

from __future__ import annotations

import logging

import ray
import torch

from deployments.config.base import Device

logger = logging.getLogger("ray.serve")

CONTEXT_BYTES = 500_000_000
"""What a process takes of a GPU before PyTorch stores anything; an estimate, see docs/gpu.md."""


def choose_device(wanted: Device) -> str:
    """ "cuda:0" or "cpu" for this replica, which is held to its share of that GPU's memory.

    "auto" takes a GPU only if Ray assigned one: with `num_gpus: 0` Ray leaves CUDA_VISIBLE_DEVICES
    alone, so that a visible GPU may belong to another replica.

    Raises:
        ValueError: "cuda" is wanted and not there, or the share is too small for anything.
    """
    if wanted == "cpu":
        return "cpu"
    context = ray.get_runtime_context()
    assigned = context.get_accelerator_ids().get("GPU", [])
    usable = bool(assigned) and torch.cuda.is_available()
    if wanted == "cuda" and not usable:
        raise ValueError(
            "device is cuda, but this replica has no GPU: give it num_gpus in serve_config.yaml "
            "and a machine with CUDA, or choose auto or cpu"
        )
    share = context.get_assigned_resources().get("GPU", 0.0)  # type: ignore[no-untyped-call]
    if assigned:
        logger.info("Ray assigned %g of GPU %s; CUDA: %s", share, ",".join(assigned), usable)
    if not usable:
        return "cpu"
    _hold_to_share(share)
    return "cuda:0"


def allocator_share(fraction: float, total: int, context: int = CONTEXT_BYTES) -> float:
    """Share of a GPU's memory that PyTorch may fill so that the whole process keeps within `fraction`.

    Args:
        fraction: of the GPU, that Ray assigned.
        total: bytes of the GPU.
        context: bytes that the process takes beside what PyTorch stores.

    Raises:
        ValueError: the context alone takes the fraction.
    """
    left = fraction * total - context
    if left <= 0:
        raise ValueError(
            f"num_gpus {fraction:g} is {fraction * total / 1e9:.2f} GB of this GPU, and CUDA alone takes "
            f"about {context / 1e9:.2f} GB of it: give more (python scripts/operations/plan_gpus.py)"
        )
    return left / total


def _hold_to_share(fraction: float) -> None:
    """Ray only counts fractions; this makes PyTorch refuse what would be another replica's memory."""
    if fraction < 1:
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(allocator_share(fraction, total), 0)
