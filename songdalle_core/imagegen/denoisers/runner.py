"""One step of many candidates: each row at a timestep of its own, those of one bucket in calls of fixed width.

A candidate's arithmetic is the same alone and in a crowd: its noise is its own generator's, drawn on the CPU;
prompts have the length of their bucket; and the network is called with `width` rows, idle ones filled up with
copies, so that it chooses the same kernels each time. With guidance a candidate takes two rows, its own and the
negative prompt's, of any calls: guidance is applied to each candidate alone, so that those with and without it,
and with different scales, share calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.denoisers.families.family import Text
from songdalle_core.imagegen.denoisers.loading import Denoiser
from songdalle_core.imagegen.denoisers.schedules import Schedule
from songdalle_core.imagegen.engine.options import EngineOptions
from songdalle_core.imagegen.engine.requests import TOGETHER, GenerationRequest, Part
from songdalle_core.imagegen.engine.runner import Draft
from songdalle_core.imagegen.engine.slots import Slot
from songdalle_core.imagegen.model.options import DenoisingOptions

FIRST_SHOWN = 2
"""After so many steps a candidate may be looked at: before that it is fog."""


@dataclass(eq=False)
class Candidate:
    """What is known of a candidate between steps: latents (1, ...), float32, on the device."""

    latents: Tensor
    schedule: Schedule
    texts: tuple[Text, ...]  # the prompt's, and with guidance the negative prompt's
    guidance: float
    estimate: Tensor | None = None  # of the finished latents

    def advance(self, denoiser: Denoiser, predictions: Sequence[Tensor]) -> None:
        """Take a step, given the network's prediction (1, ...) for each text."""
        prediction = predictions[0]
        if len(predictions) == 2:
            prediction = denoiser.family.guide(prediction, predictions[1], self.guidance)
        self.latents, self.estimate = self.schedule.step(prediction, self.latents)


class DenoiserRows:
    """Rows of candidates; they meet in calls with rows of other groups, so this only keeps them."""

    def __init__(self, runner: DenoiserRunner, width: int) -> None:
        self.width = width
        self.candidates: dict[int, Candidate] = {}
        self._runner = runner

    def occupy(self, slot: Slot, text: Text) -> None:
        """Draw the noise of a slot's candidate."""
        candidate, slot.steps = self._runner.begin(slot.job.request, slot.part, text)
        slot.shown_at = preview_steps(slot.job.request, slot.part.candidate, slot.steps)
        self.candidates[slot.index] = candidate

    def release(self, row: int) -> None:
        """Forget a row's candidate."""
        del self.candidates[row]

    def draft(self, slot: Slot) -> Tensor:
        """Finished latents, or the estimate of them."""
        candidate = self.candidates[slot.index]
        drawn = candidate.latents if slot.finished else candidate.estimate
        assert drawn is not None  # it is looked at after a step
        return drawn[0].float().cpu()


class DenoiserRunner:
    """A denoiser made ready to draw many candidates at once; see `ModelRunner`."""

    def __init__(self, denoiser: Denoiser, options: EngineOptions) -> None:
        self._denoiser = denoiser
        self._family = denoiser.family
        self._options = options
        self._device = self._family.network.device
        self._dtype = self._family.network.dtype
        self._scheduler = cache(self._family.scheduler)
        self._negative: Text | None = None

    def check(self, request: GenerationRequest) -> None:
        """Refuse steps that the scheduler cannot space, and codes to keep, of which a denoiser has none."""
        options = denoising_of(request)
        if request.kept is not None:
            raise ValueError(f"{self._denoiser.name} draws no codes: leave those to keep out")
        made = len(self._scheduler(options.steps).timesteps)
        if made != options.steps:
            raise ValueError(
                f"steps is {options.steps}, of which {self._denoiser.name}'s scheduler makes {made}: "
                "choose another number"
            )

    def parts(self, request: GenerationRequest) -> tuple[Part, ...]:
        """A slot a candidate."""
        return tuple(Part(candidate, 0, request.prompt) for candidate in range(request.candidates))

    @torch.no_grad()
    def read(self, caption: str) -> Text:
        """What the text encoders make of a prompt."""
        return self._family.read(caption)

    def rows(self) -> DenoiserRows:
        """A group of rows, none occupied."""
        return DenoiserRows(self, self._options.width)

    @torch.no_grad()
    def begin(self, request: GenerationRequest, part: Part, text: Text) -> tuple[Candidate, int]:
        """A candidate before its first step, and how many it takes."""
        options = denoising_of(request)
        scheduler = self._scheduler(options.steps)
        generator = torch.Generator().manual_seed(request.seed_of(part.candidate))
        texts: tuple[Text, ...] = (text,)
        if self._family.guided(options.guidance):
            texts = (text, self._read_negative())
        noise = self._family.noise(generator, scheduler)
        schedule = Schedule(scheduler, generator)
        return Candidate(noise, schedule, texts, options.guidance), options.steps

    def _read_negative(self) -> Text:
        if self._negative is None:
            self._negative = self._family.read_negative(self._denoiser.options.negative_prompt)
        return self._negative

    @torch.no_grad()
    def step(self, groups: Sequence[DenoiserRows]) -> None:
        """Take one step of every candidate: a call of the network for each `width` rows of a bucket."""
        candidates = [each for rows in groups for each in rows.candidates.values()]
        buckets: dict[Hashable, list[tuple[Candidate, int]]] = defaultdict(list)
        for candidate in candidates:
            for number, text in enumerate(candidate.texts):
                buckets[text.bucket].append((candidate, number))
        made: dict[tuple[int, int], Tensor] = {}
        width = self._options.width
        for rows in buckets.values():
            for start in range(0, len(rows), width):
                call = rows[start : start + width]
                predictions = self._predict(call).split(1)
                made |= {
                    (id(candidate), number): prediction
                    for (candidate, number), prediction in zip(call, predictions, strict=False)
                }
        for candidate in candidates:
            predicted = [made[id(candidate), number] for number in range(len(candidate.texts))]
            candidate.advance(self._denoiser, predicted)

    def _predict(self, call: Sequence[tuple[Candidate, int]]) -> Tensor:
        """Predictions (W, ...) of at most W rows; those beyond them are of copies."""
        rows = [*call, *[call[0]] * (self._options.width - len(call))]
        latents = torch.cat([each.schedule.scaled(each.latents) for each, _ in rows])
        timesteps = torch.stack([each.schedule.timestep.float() for each, _ in rows])
        guidance = torch.tensor([each.guidance for each, _ in rows])
        texts = self._family.batch([each.texts[number] for each, number in rows])
        return self._family.predict(
            latents.to(self._dtype),
            timesteps.to(self._device),
            texts,
            guidance.to(self._device),
        )

    @torch.no_grad()
    def decode(self, drafts: Sequence[Draft]) -> list[np.ndarray]:
        """Pixels uint8 (H, W, 3): finished ones by the VAE, `decode_width` at a time, others as previews."""
        finished = [number for number, draft in enumerate(drafts) if draft.finished]
        others = [number for number, draft in enumerate(drafts) if not draft.finished]
        pixels: dict[int, np.ndarray] = {}
        if finished:
            filled = [*finished, *[finished[0]] * (self._options.decode_width - len(finished))]
            latents = self._family.vae_latents(self._stacked(drafts, filled))
            pixels |= zip(finished, to_pixels(self._family.decode(latents)), strict=False)
        if others:
            shown = to_pixels(self._denoiser.preview(self._stacked(drafts, others)))
            pixels |= zip(others, shown, strict=True)
        return [pixels[number] for number in range(len(drafts))]

    def _stacked(self, drafts: Sequence[Draft], numbers: Sequence[int]) -> Tensor:
        return torch.stack([drafts[number].latents for number in numbers]).to(self._device)


def denoising_of(request: GenerationRequest) -> DenoisingOptions:
    """How a request is denoised.

    Raises:
        ValueError: it was made for a code model.
    """
    if not isinstance(request.sampling, DenoisingOptions):
        raise ValueError(f"a denoiser draws by DenoisingOptions, not {request.sampling}")
    return request.sampling


def preview_steps(request: GenerationRequest, candidate: int, steps: int) -> frozenset[int]:
    """After which steps a candidate is shown unfinished: in rounds as of codes, but from `FIRST_SHOWN` on.

    A picture's composition is there after a few steps, so that the first round comes at once and the others are
    spread over the rest.
    """
    together = min(TOGETHER, request.candidates)
    rounds = -(-request.previews // together)
    turns = range(candidate, request.previews, request.candidates)
    spread = max(0, steps - FIRST_SHOWN)
    shown = (min(FIRST_SHOWN, steps - 1) + turn // together * spread // rounds for turn in turns)
    return frozenset(step for step in shown if 0 < step < steps)


def to_pixels(pictures: Tensor) -> np.ndarray:
    """uint8 (N, H, W, 3) on the CPU, of pictures (N, 3, H, W) in [-1, 1]."""
    scaled = pictures.float().mul(127.5).add(127.5).round().clamp(0, 255)
    pixels: np.ndarray = scaled.to(torch.uint8).movedim(1, -1).contiguous().cpu().numpy()
    return pixels
