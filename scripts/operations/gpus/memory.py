"""Bytes of tensors: what is kept, and what is alive at most while something runs.

On PyTorch's meta device tensors have shapes but no memory, so that a model of any size is counted in a
second, by the very code that runs it.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def stored(*tensors: Tensor) -> int:
    """Bytes of the storages behind tensors; one that several share counts once."""
    storages = {tensor.untyped_storage()._cdata: tensor.untyped_storage() for tensor in tensors}
    return sum(storage.nbytes() for storage in storages.values())


def tensors_of(*modules: nn.Module) -> Iterable[Tensor]:
    """Parameters and buffers."""
    for module in modules:
        yield from module.parameters()
        yield from module.buffers()


class Peak(TorchDispatchMode):
    """Counts the bytes that operations allocate, within a `with`; `most` were alive at once.

    What an operation needs for itself, such as a library's workspace, is not seen.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.most = 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for tensor in _tensors((args, kwargs)):
            if tensor.untyped_storage()._cdata not in self._known:
                self._watch(tensor, 0)  # it was there before
        made = func(*args, **(kwargs or {}))
        for tensor in _tensors(made):
            if tensor.untyped_storage()._cdata not in self._known:
                self._watch(tensor, tensor.untyped_storage().nbytes())
        return made

    def _watch(self, tensor: Tensor, size: int) -> None:
        storage = tensor.untyped_storage()
        self._known.add(storage._cdata)
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._forget, storage._cdata, size).atexit = False

    def _forget(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size


def _tensors(values: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]
