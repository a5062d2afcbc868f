"""The RQ-VAE's decoder in the kernel: a picture's arithmetic is its own, whatever is decoded beside it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from songdalle_core.imagegen.model.autoencoder import (
    AttnBlock,
    Decoder,
    Level,
    Middle,
    ResnetBlock,
)
from songdalle_core.imagegen.model.local import LocalBlock, LocalDecoder, LocalLevel
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.runtimes.decoding import blank_features, washed_features
from songdalle_core.imagegen.runtimes.native.layout import (
    BUFFERS,
    GROUPS,
    LANES,
    LEAST_COLOURS,
    MOST_COLOURS,
    MOST_PATCH,
    MOST_THREADS,
    POINTS,
    TILES,
    CDecoder,
    CLinear,
    COperation,
    Operation,
    Panels,
)
from songdalle_core.imagegen.runtimes.native.library import library

TOGETHER_BYTES = 8 << 20
"""Maps of a thread's pictures: about what its share of the last cache holds."""

# Winograd's F(4 x 4, 3 x 3): Lavin & Gray, CVPR 2016, section 4.2
FILTER_TRANSFORM = torch.tensor(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ],
    dtype=torch.float64,
)


class KernelDecoder:
    """Code maps to pictures.

    Args:
        rqvae: in evaluation mode.
        threads: CPU threads; each decodes pictures of its own.

    Raises:
        KernelUnavailable: it cannot be compiled here.
        ValueError: the decoder has a shape that the kernel does not compute.
    """

    def __init__(self, rqvae: RQVAE, threads: int) -> None:
        shape = rqvae.config.ddconfig
        patch, colours = shape.patch_size, shape.out_ch
        if not 1 <= threads <= MOST_THREADS:
            raise ValueError(f"the kernel decodes with 1 to {MOST_THREADS} threads, not {threads}")
        if patch > MOST_PATCH:
            raise ValueError(
                f"the kernel unfolds patches of up to {MOST_PATCH} pixels, not {patch}"
            )
        if not LEAST_COLOURS <= colours <= MOST_COLOURS:
            raise ValueError(
                f"the kernel paints {LEAST_COLOURS} or {MOST_COLOURS} colours, not {colours}"
            )
        self._rqvae, self._blank = rqvae, blank_features(rqvae)
        self._picture = (shape.resolution, shape.resolution, colours)
        compiler = _Compiler(rqvae)
        self._panels = compiler.panels  # keeps what the operations point to
        operations = compiler.operations
        self._operations = (COperation * len(operations))(*operations)
        largest = max(compiler.areas)
        together = max(1, TOGETHER_BYTES // (4 * BUFFERS * largest))
        widest = max(max(o.linear.inputs, o.linear.outputs) for o in operations)
        attended = max(
            (o.height * o.width for o in operations if o.kind == Operation.ATTEND), default=0
        )
        room, scratch = together * largest + LANES, max(POINTS * TILES * widest, attended) + LANES
        self._memory = np.empty(threads * (BUFFERS * room + 2 * scratch), dtype=np.float32)
        config, last = rqvae.config, operations[-1]
        self._decoder = CDecoder(
            self._operations, len(operations), *config.code_shape[:2], config.embed_dim,
            last.height, last.width, last.linear.outputs, patch, colours,
            together, threads, room, scratch, self._panels.floats(torch.zeros(widest)),
        )  # fmt: skip

    def decode(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """See `PictureDecoder`. Not for two threads at a time.

        Raises:
            ValueError: the kernel does not compute what its operations say.
        """
        features = washed_features(self._rqvae, self._blank, codes, drawn).float().contiguous()
        pixels = torch.empty(len(codes), *self._picture, dtype=torch.uint8)
        refused = library().decode(
            ctypes.byref(self._decoder),
            features.data_ptr(),
            len(codes),
            pixels.data_ptr(),
            self._memory.ctypes.data,
        )
        if refused:
            raise ValueError("the kernel does not decode this shape")
        return pixels


class _Compiler:
    """Operations of a decoder, in order.

    Attributes:
        areas: floats of each operation's result.
    """

    def __init__(self, rqvae: RQVAE) -> None:
        self.panels = Panels()
        self.operations: list[COperation] = []
        self.areas: list[int] = []
        self._height, self._width = rqvae.config.code_shape[:2]
        self._at, *self._spare = range(BUFFERS)  # the buffer with the map so far, and the others
        self._compile(rqvae)

    def _compile(self, rqvae: RQVAE) -> None:
        decoder = rqvae.decoder
        self._move(self._project(rqvae.post_quant_conv, self._at, self._spare[0]))
        self._move(self._convolve(decoder.conv_in, self._at, self._spare[0]))
        if isinstance(decoder, LocalDecoder):
            self._local(decoder)
        else:
            assert isinstance(decoder, Decoder)
            self._normalised(decoder)

    def _local(self, decoder: LocalDecoder) -> None:
        for level in reversed(decoder.up):
            assert isinstance(level, LocalLevel)
            for block in level.block:
                assert isinstance(block, LocalBlock)
                self._local_block(block)
            if hasattr(level, "unfold"):
                self._move(self._unfold(level.unfold, self._at, self._spare[0]))
        first, second, _ = self._spare
        self._activate(decoder.conv_out.in_channels, self._at, first)
        self._convolve(decoder.conv_out, first, second)

    def _local_block(self, block: LocalBlock) -> None:
        first, second, _ = self._spare
        self._activate(block.conv1.in_channels, self._at, first)
        self._convolve(block.conv1, first, second, silu=True)
        self._convolve(block.conv2, second, self._at, added=self._at)

    def _normalised(self, decoder: Decoder) -> None:
        for module in _flattened(decoder):
            if isinstance(module, ResnetBlock):
                self._residual(module)
            elif isinstance(module, AttnBlock):
                self._attention(module)
            else:
                self._height, self._width = 2 * self._height, 2 * self._width
                self._move(self._convolve(module, self._at, self._spare[0], doubled=True))
        first, second, _ = self._spare
        self._normalise(decoder.norm_out, self._at, first, silu=True)
        self._convolve(decoder.conv_out, first, second)

    def _residual(self, block: ResnetBlock) -> None:
        first, second, third = self._spare
        self._normalise(block.norm1, self._at, first, silu=True)
        self._convolve(block.conv1, first, second)
        self._normalise(block.norm2, second, first, silu=True)
        shortcut = self._at
        if hasattr(block, "nin_shortcut"):
            shortcut = self._project(block.nin_shortcut, self._at, second)
        self._move(self._convolve(block.conv2, first, third, added=shortcut))

    def _attention(self, block: AttnBlock) -> None:
        first, second, _ = self._spare
        self._normalise(block.norm, self._at, first, silu=False)
        maps = (block.q, block.k, block.v)
        weight = torch.cat([conv.weight.flatten(1) for conv in maps])
        bias = torch.cat([_bias(conv) for conv in maps])
        self._add(Operation.PROJECT, first, second, self.panels.linear(weight, bias))
        channels = block.q.out_channels
        self._add(Operation.ATTEND, second, first, CLinear(inputs=channels, outputs=channels))
        self._project(block.proj_out, first, self._at, added=self._at)

    def _move(self, buffer: int) -> None:
        """The map so far is in that buffer now."""
        self._spare = [b for b in range(BUFFERS) if b != buffer]
        self._at = buffer

    def _project(self, conv: nn.Module, source: int, target: int, added: int = -1) -> int:
        assert isinstance(conv, nn.Conv2d)
        linear = self.panels.linear(conv.weight.flatten(1), _bias(conv))
        return self._add(Operation.PROJECT, source, target, linear, added)

    def _unfold(self, conv: nn.Conv2d, source: int, target: int) -> int:
        """`pixel_shuffle` of the convolution: its channels (c, 2, 2) come in the kernel's order (2, 2, c)."""
        order = torch.arange(conv.out_channels).view(-1, 4).T.flatten()
        linear = self.panels.linear(conv.weight.flatten(1)[order], _bias(conv)[order])
        self._height, self._width = 2 * self._height, 2 * self._width
        return self._add(Operation.UNFOLD, source, target, linear)

    def _activate(self, channels: int, source: int, target: int) -> None:
        self._add(Operation.ACTIVATE, source, target, CLinear(inputs=channels, outputs=channels))

    def _convolve(
        self,
        conv: nn.Module,
        source: int,
        target: int,
        added: int = -1,
        *,
        doubled: bool = False,
        silu: bool = False,
    ) -> int:
        assert isinstance(conv, nn.Conv2d)
        kernel = conv.weight.detach().double()  # (outputs, inputs, 3, 3)
        points = torch.einsum("pi,ocij,qj->pqoc", FILTER_TRANSFORM, kernel, FILTER_TRANSFORM)
        linear = self.panels.linears(points.flatten(0, 1), _bias(conv))
        return self._add(
            Operation.CONVOLVE, source, target, linear, added, doubled=doubled, silu=silu
        )

    def _normalise(self, norm: nn.Module, source: int, target: int, *, silu: bool) -> None:
        assert isinstance(norm, nn.GroupNorm)
        if norm.num_groups != GROUPS:
            raise ValueError(f"the kernel normalises {GROUPS} groups, not {norm.num_groups}")
        floats = self.panels.floats
        linear = CLinear(
            floats(norm.weight), floats(norm.bias), norm.num_channels, norm.num_channels
        )
        self._add(Operation.NORMALISE, source, target, linear, silu=silu, epsilon=norm.eps)

    def _add(
        self,
        kind: Operation,
        source: int,
        target: int,
        linear: CLinear,
        added: int = -1,
        *,
        doubled: bool = False,
        silu: bool = False,
        epsilon: float = 0.0,
    ) -> int:
        """Append an operation on the current size; `target`."""
        if linear.inputs % LANES:
            raise ValueError(
                f"the kernel decodes channels in multiples of {LANES}, not {linear.inputs}"
            )
        self.operations.append(
            COperation(
                kind,
                self._height,
                self._width,
                source,
                target,
                added,
                doubled,
                silu,
                linear,
                epsilon,
            )
        )
        rows = self._height * self._width // (4 if kind == Operation.UNFOLD else 1)
        self.areas.append(rows * max(linear.inputs, linear.outputs))
        return target


def _flattened(decoder: Decoder) -> Iterator[nn.Module]:
    """Residual blocks, attentions and the convolutions behind a doubling, as `Decoder.forward` applies them."""
    middle = decoder.mid
    assert isinstance(middle, Middle)
    yield from (middle.block_1, middle.attn_1, middle.block_2)
    assert isinstance(decoder.up, nn.ModuleList)
    for level in reversed(decoder.up):
        assert isinstance(level, Level)
        for index, block in enumerate(level.block):
            yield block
            if level.attn:
                yield level.attn[index]
        if hasattr(level, "upsample"):
            convolution = level.upsample.conv
            assert isinstance(convolution, nn.Conv2d)
            yield convolution


def _bias(conv: nn.Conv2d) -> Tensor:
    return torch.zeros(conv.out_channels) if conv.bias is None else conv.bias
