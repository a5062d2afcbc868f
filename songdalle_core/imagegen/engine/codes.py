"""The step of a code model: one spatial position, all its codes, of every occupied row.

Slots come in groups that step together. A candidate's arithmetic is the same alone and in a crowd, either
because every row has arithmetic of its own (the project's kernel) or because a group always steps as a whole,
idle rows included (PyTorch): a seed gives the same picture bit for bit.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.engine.options import EngineOptions
from songdalle_core.imagegen.engine.requests import GenerationRequest, Kept, Part
from songdalle_core.imagegen.engine.runner import Draft
from songdalle_core.imagegen.engine.slots import Slot
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.sampling import uniforms
from songdalle_core.imagegen.runtimes.runtime import Rows, Runtime, Stepper
from songdalle_core.imagegen.runtimes.stepping import SpatialStep

USUAL_RANKS = 128
"""Logits put in order unless a request needs more: sorting all of them costs a tenth."""

REMEMBERED = 128
"""Decoded layers that are kept; one of 256 pixels takes 256 KiB."""


class CodeRunner:
    """A generator made ready to draw many code maps at once; see `ModelRunner`."""

    def __init__(self, generator: Generator, options: EngineOptions, runtime: Runtime) -> None:
        self._generator = generator
        self.stepper = _stepper(generator, runtime, options.width)
        remembered = REMEMBERED if generator.planner else 0
        self._decoder = BatchDecoder(generator.rqvae, runtime, options.decode_width, remembered)

    def check(self, request: GenerationRequest) -> None:
        """Refuse guidance to a model that was not trained for it, and kept codes that it cannot have drawn."""
        if sampling_of(request).guidance > 1 and not self._generator.guided:
            raise ValueError(f"{self._generator.name} was not trained for guidance: leave it at 1")
        if request.kept is not None:
            self._check_kept(request.prompt, request.kept)

    def _check_kept(self, prompt: str, kept: Kept) -> None:
        config = self._generator.transformer.config
        layers = len(self._generator.captions(prompt, kept.seeds.content))
        fits = kept.codes.shape == (layers, *config.block_size)
        if not fits or int(kept.codes.max()) >= config.vocab_size:
            raise ValueError(
                f"the codes to keep are none of {self._generator.name}'s for this prompt"
            )

    def parts(self, request: GenerationRequest) -> tuple[Part, ...]:
        """Every code map of a request, candidate by candidate."""
        return tuple(
            Part(candidate, layer, caption)
            for candidate in range(request.candidates)
            for layer, caption in enumerate(
                self._generator.captions(request.prompt, request.seeds_of(candidate).content)
            )
        )

    def read(self, caption: str) -> Any:
        """The caption's keys and values, which all rows that draw it share."""
        return self.stepper.read(self._generator.tokenizer.encode(caption))

    def rows(self) -> CodeRows:
        """A group of rows, none occupied."""
        return CodeRows(self.stepper.rows(), self._generator.transformer.config.block_size)

    def step(self, groups: Sequence[CodeRows]) -> None:
        """Draw one position of every occupied row."""
        for rows in groups:
            rows.step()

    def decode(self, drafts: Sequence[Draft]) -> list[np.ndarray]:
        """Pixels uint8 (R, R, C) of each code map."""
        return self._decoder.decode(drafts)


@dataclass(frozen=True, eq=False)
class KeptMap:
    """A code map that a slot takes over: codes (L, D), and which positions of it stay, bool (L,)."""

    slot: Slot
    codes: Tensor
    stays: np.ndarray


class CodeRows:
    """Rows of a runtime, each a code map of shape (h, w, D)."""

    def __init__(self, rows: Rows, shape: tuple[int, int, int]) -> None:
        self._rows = rows
        self._shape = shape
        self.width, self._positions, self._depth = rows.codes.shape
        self._keeping: dict[int, KeptMap] = {}

    def occupy(self, slot: Slot, text: Any) -> None:
        """Begin a slot's drawing in its row."""
        request, part = slot.job.request, slot.part
        slot.steps = self._positions
        slot.shown_at = request.preview_positions(part.candidate, self._positions)
        seed, kept = request.seed_of(part.candidate), request.kept
        if kept is not None and kept.share > 0:
            codes = kept.codes[part.layer].reshape(self._positions, self._depth)
            stays = kept.mask(seed, part.layer)
            self._keeping[slot.index] = KeptMap(slot, torch.from_numpy(codes), stays)
        draws = uniforms(seed, self._positions, self._depth, part.layer)
        self._rows.occupy(slot.index, text, draws, sampling_of(request))

    def release(self, row: int) -> None:
        """Stop drawing in a row."""
        self._keeping.pop(row, None)
        self._rows.release(row)

    def step(self) -> None:
        """Draw one position of every occupied row; what follows kept codes is drawn after them."""
        self._rows.step()
        for row, kept in self._keeping.items():
            position = kept.slot.position
            if kept.stays[position]:
                self._rows.put(row, position, kept.codes[position])

    def draft(self, slot: Slot) -> Tensor:
        """A copy of what is drawn of a slot: codes (h, w, D), zeros where nothing is yet."""
        drawn = self._rows.codes[slot.index].clone()
        drawn[slot.position :] = 0
        return drawn.view(self._shape)


class BatchDecoder:
    """Decodes up to `width` code maps at a time.

    Args:
        rqvae: in evaluation mode.
        runtime: what runs it.
        width: code maps of a batch.
        remembered: pictures kept for when their codes are drawn again, as those of layers often are.
    """

    def __init__(self, rqvae: RQVAE, runtime: Runtime, width: int, remembered: int = 0) -> None:
        self._shape = rqvae.config.code_shape
        self._decoder = runtime.decoder(rqvae, width)
        self._remembered = remembered
        self._known: OrderedDict[tuple[int, bytes], np.ndarray] = OrderedDict()

    def decode(self, maps: Sequence[Draft]) -> list[np.ndarray]:
        """Pixels uint8 (R, R, C) of each of at most `width` code maps; not to be written to."""
        keys = [(one.position, one.latents.numpy().tobytes()) for one in maps]
        new = {key: one for key, one in zip(keys, maps, strict=True) if key not in self._known}
        pictures = self._decode(list(new.values())).numpy() if new else ()
        made = dict(zip(new, pictures, strict=True))
        shown = [made[key] if key in made else self._known[key] for key in keys]
        for one, key, picture in zip(maps, keys, shown, strict=True):
            if one.finished:
                self._known[key] = picture
                self._known.move_to_end(key)
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return shown

    @torch.inference_mode()
    def _decode(self, maps: Sequence[Draft]) -> Tensor:
        """Pixels (N, R, R, C) uint8 on the CPU of N <= `width` code maps."""
        codes = torch.stack([one.latents for one in maps])
        positions = torch.tensor([one.position for one in maps])
        drawn = torch.arange(self._shape[0] * self._shape[1]) < positions[:, None]
        drawn = drawn.float().view(-1, *self._shape[:2])
        return self._decoder.decode(codes.view(-1, *self._shape), drawn)


def sampling_of(request: GenerationRequest) -> SamplingOptions:
    """How a request's codes are chosen.

    Raises:
        ValueError: it was made for a denoiser.
    """
    if not isinstance(request.sampling, SamplingOptions):
        raise ValueError(f"codes are sampled by SamplingOptions, not {request.sampling}")
    return request.sampling


def _stepper(generator: Generator, runtime: Runtime, width: int) -> Stepper:
    """The step, ready for usual requests and for those that choose among more codes."""
    branches = 2 if generator.guided else 1
    step = SpatialStep(generator.transformer, generator.rqvae, width, branches).eval()
    vocab_size = step.config.vocab_size
    usual = max(USUAL_RANKS, generator.sampling.ranks(vocab_size))
    return runtime.stepper(
        step, generator.tokenizer.unconditional(), (min(usual, vocab_size), vocab_size)
    )
