"""Published transformers behind the text stages. Imported only by a replica that runs one."""

from __future__ import annotations

from pathlib import Path

import torch

from deployments.config.base import Device, PretrainedOptions
from deployments.stages.devices import choose_device
from songdalle_core.pretrained import Source


def source_of(options: PretrainedOptions, device: Device) -> Source:
    """Where the model comes from and where it runs; gives torch its threads, too.

    Raises:
        ValueError: a device or dtype that is not to be had here.
    """
    torch.set_num_threads(options.threads)
    return Source(options.model, options.revision, choose_device(device), options.dtype)


def described(options: PretrainedOptions, source: Source) -> tuple[str, dict[str, str]]:
    """The model's name for clients, who need not know where a folder lies, and how it is run."""
    path = Path(options.model)
    name = path.resolve().name if path.is_dir() else options.model
    return name, {"device": source.device, "dtype": source.dtype}
