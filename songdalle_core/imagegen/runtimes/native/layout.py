"""The kernel's structures and weights: what `kernel/*.h` declare, filled from a `SpatialStep`."""

from __future__ import annotations

from ctypes import (
    CDLL,
    POINTER,
    Structure,
    c_char_p,
    c_float,
    c_int32,
    c_int64,
    c_void_p,
    sizeof,
)  # fmt: skip
from enum import IntEnum
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from songdalle_core.imagegen.model.rqtransformer import DepthLinear
from songdalle_core.imagegen.runtimes.stepping import CachedBlock, SpatialStep

LANES = 16  # floats of a vector
MOST_THREADS = 64
GROUPS = 32  # of a group normalisation, in the kernel as in `autoencoder`
BUFFERS = 4  # maps that the decoder has at a time
MOST_PATCH = 8  # pixels of a patch's side
LEAST_COLOURS, MOST_COLOURS = 3, 4  # of a pixel: the fourth is alpha
TILES, POINTS = 24, 36  # of a convolution: tiles of a block, products a tile
WRITE, ADD, GELU, QUICK_GELU = range(4)


class CLinear(Structure):
    _fields_ = [
        ("weights", c_void_p), ("bias", c_void_p),
        ("inputs", c_int32), ("outputs", c_int32), ("half", c_int32),
    ]  # fmt: skip


class CNorm(Structure):
    _fields_ = [("weight", c_void_p), ("bias", c_void_p), ("epsilon", c_float)]


class CBlock(Structure):
    _fields_ = [
        ("before_attention", CNorm), ("before_mlp", CNorm),
        ("qkv", CLinear), ("proj", CLinear), ("up", CLinear), ("down", CLinear),
    ]  # fmt: skip


class CStack(Structure):
    _fields_ = [
        ("blocks", POINTER(CBlock)), ("count", c_int32), ("heads", c_int32), ("gelu", c_int32),
    ]  # fmt: skip


class CModel(Structure):
    _fields_ = [
        *((name, c_int32) for name in (
            "channels", "depth", "positions", "text", "vocab", "branches", "text_stride",
            "position_stride", "summed",
        )),
        ("body", CStack), ("head", CStack),
        *((name, c_void_p) for name in (
            "body_table", "head_table", "head_bias", "at_position", "at_depth",
        )),
        ("norm", CNorm), ("classifiers", POINTER(CLinear)),
    ]  # fmt: skip


class CFilters(Structure):
    _fields_ = [
        ("temperature", c_float), ("top_p", c_float), ("guidance", c_float), ("top_k", c_int32),
    ]  # fmt: skip


class CSlot(Structure):
    _fields_ = [
        ("text", c_void_p * 2), ("own", c_void_p * 2), ("started", c_void_p * 2),
        ("draws", c_void_p), ("codes", c_void_p), ("position", c_int32), ("filters", CFilters),
    ]  # fmt: skip


class Operation(IntEnum):
    """What the decoder does to a map."""

    CONVOLVE, PROJECT, NORMALISE, ATTEND, ACTIVATE, UNFOLD = range(6)


class COperation(Structure):
    _fields_ = [
        *((name, c_int32) for name in (
            "kind", "height", "width", "source", "target", "added", "doubled", "active",
        )),
        ("linear", CLinear), ("epsilon", c_float),
    ]  # fmt: skip


class CDecoder(Structure):
    _fields_ = [
        ("operations", POINTER(COperation)),
        *((name, c_int32) for name in (
            "count", "height", "width", "channels", "out_height", "out_width", "out_channels",
            "patch", "colours", "together", "threads",
        )),
        ("room", c_int64), ("scratch", c_int64), ("zeros", c_void_p),
    ]  # fmt: skip


STRUCTURES = (CLinear, CNorm, CBlock, CStack, CModel, CFilters, CSlot, COperation, CDecoder)
NUMBERS = {
    "LANES": LANES, "MOST_THREADS": MOST_THREADS, "GROUPS": GROUPS, "BUFFERS": BUFFERS,
    "MOST_PATCH": MOST_PATCH, "LEAST_COLOURS": LEAST_COLOURS, "MOST_COLOURS": MOST_COLOURS,
    "TILES": TILES, "POINTS": POINTS,
    "WRITE": WRITE, "ADD": ADD, "GELU": GELU, "QUICK_GELU": QUICK_GELU,
    **{operation.name: operation.value for operation in Operation},
}  # fmt: skip


class CEntry(Structure):
    _fields_ = [("name", c_char_p), ("offset", c_int64), ("size", c_int64)]


def mirrored() -> dict[str, tuple[int, int]]:
    """This module's structures, fields and numbers as `kernel/layout.c` writes them: offset and size."""
    entries = {name: (value, 0) for name, value in NUMBERS.items()}
    for structure in STRUCTURES:
        name = structure.__name__.removeprefix("C")
        entries[name] = (0, sizeof(structure))
        for field, *_ in structure._fields_:
            place = getattr(structure, field)
            entries[f"{name}.{field}"] = (place.offset, place.size)
    return entries


def check_layout(library: CDLL) -> None:
    """Compare this module with the library that it describes.

    Raises:
        RuntimeError: the compiler laid something out otherwise.
    """
    table = (CEntry * (len(mirrored()) + 1)).in_dll(library, "layout")
    compiled: dict[str, tuple[int, int]] = {}
    for entry in table:
        if entry.name is None:
            break
        compiled[entry.name.decode()] = (entry.offset, entry.size)
    apart = sorted(compiled.items() ^ mirrored().items())
    if apart or entry.name is not None:
        raise RuntimeError(f"the kernel's structures are not those of native/layout.py: {apart}")


def padded(count: int) -> int:
    """The next multiple of the kernel's vector length."""
    return -(-count // LANES) * LANES


class Panels:
    """Weights in the kernel's layout, kept as long as this object is.

    Attributes:
        bytes: size of the maps.
    """

    def __init__(self) -> None:
        self._referenced: list[Any] = []
        self.bytes = 0

    def keep(self, thing: Any) -> None:
        """Something else that a structure points to."""
        self._referenced.append(thing)

    def floats(self, tensor: Tensor) -> int:
        """Address of a copy in single precision, with room for a vector behind its end."""
        flat = tensor.detach().float().reshape(-1)
        copied = F.pad(flat, (0, LANES)).contiguous()
        self.keep(copied)
        return copied.data_ptr()

    def linear(self, weight: Tensor, bias: Tensor | None) -> CLinear:
        """A map (outputs, inputs) in panels of sixteen outputs; in half precision where that loses nothing."""
        weight = weight.detach().float()
        bias = torch.zeros(len(weight)) if bias is None else bias
        half = torch.equal(weight.half().float(), weight)
        return self._packed(weight.half() if half else weight, bias)

    def linears(self, weights: Tensor, bias: Tensor) -> CLinear:
        """Several maps (maps, outputs, inputs) one behind the other, with one bias, in single precision."""
        return self._packed(weights.detach().float(), bias)

    def _packed(self, weights: Tensor, bias: Tensor) -> CLinear:
        outputs, inputs = weights.shape[-2:]
        short = padded(outputs) - outputs
        rows = F.pad(weights, (0, 0, 0, short))
        panels = rows.view(-1, LANES, inputs).transpose(1, 2).contiguous()
        self.keep(panels)
        self.bytes += panels.nbytes
        shifted = F.pad(bias.detach().float(), (0, short))
        half = panels.dtype == torch.float16
        return CLinear(panels.data_ptr(), self.floats(shifted), inputs, outputs + short, half)


class Weights:
    """A step's weights in the kernel's layout.

    Attributes:
        model: what the kernel reads; it points into memory that this object keeps.

    Raises:
        ValueError: the model has a shape that the kernel does not compute.
    """

    def __init__(self, step: SpatialStep) -> None:
        self._panels = Panels()
        config = step.config
        if config.embed_dim % LANES or config.depth > LANES:
            raise ValueError(
                f"the kernel computes channels in multiples of {LANES} and depths up to {LANES}, not "
                f"{config.embed_dim} and {config.depth}"
            )
        classifier = step.classifier.linear
        linears = (CLinear * config.depth)(
            *(self._classifier(classifier, d) for d in range(config.depth))
        )
        self._panels.keep(linears)
        self.model = CModel(
            channels=config.embed_dim,
            depth=config.depth,
            positions=config.positions,
            text=config.block_size_cond,
            vocab=config.vocab_size,
            branches=step.branches,
            text_stride=padded(config.block_size_cond),
            position_stride=padded(config.positions),
            summed=config.cumsum_depth_ctx and config.head_emb_vqvae,
            body=self._stack(step.body),
            head=self._stack(step.head),
            body_table=self._panels.floats(step.body_table),
            head_table=self._panels.floats(step.head_table),
            head_bias=self._panels.floats(step.bias_table),
            at_position=self._panels.floats(step.pos_emb_hw[0]),
            at_depth=self._panels.floats(step.pos_emb_d[0]),
            norm=self._norm(step.classifier.layer_norm),
            classifiers=linears,
        )

    @property
    def bytes(self) -> int:
        """Size of the maps, nearly all of which a step reads."""
        return self._panels.bytes

    def _classifier(self, linear: nn.Linear | DepthLinear, d: int) -> CLinear:
        if isinstance(linear, nn.Linear):
            return self._panels.linear(linear.weight, linear.bias)
        bias = None if linear.bias is None else linear.bias[d]
        return self._panels.linear(linear.weight[d].T, bias)

    def _norm(self, norm: nn.LayerNorm) -> CNorm:
        return CNorm(self._panels.floats(norm.weight), self._panels.floats(norm.bias), norm.eps)

    def _stack(self, modules: nn.ModuleList) -> CStack:
        blocks = [block for block in modules if isinstance(block, CachedBlock)]
        array = (CBlock * len(blocks))(*(self._block(block) for block in blocks))
        self._panels.keep(array)
        gelu = GELU if isinstance(blocks[0].mlp[1], nn.GELU) else QUICK_GELU
        return CStack(array, len(blocks), blocks[0].heads, gelu)

    def _block(self, block: CachedBlock) -> CBlock:
        up, _, down = block.mlp
        assert isinstance(up, nn.Linear)
        assert isinstance(down, nn.Linear)
        return CBlock(
            self._norm(block.ln1),
            self._norm(block.ln2),
            self._panels.linear(block.qkv_weight, block.qkv_bias),
            self._panels.linear(block.proj.weight, block.proj.bias),
            self._panels.linear(up.weight, up.bias),
            self._panels.linear(down.weight, down.bias),
        )
