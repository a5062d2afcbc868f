"""The textbook sampler, timed: what the engine is measured against."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from songdalle_core.imagegen.model.autoencoder import to_pixels
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.textbook import code_maps, draw_codes, prefill


@dataclass(frozen=True)
class Seconds:
    """Where the time of a set went."""

    prefill: float
    autoregression: float
    decode: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.prefill + self.autoregression + self.decode


class TextbookSampler:
    """Draws one request at a time, and decodes its pictures one by one."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    @torch.inference_mode()
    def draw(self, prompt: str, candidates: int, seed: int) -> tuple[Tensor, Seconds]:
        """Pictures uint8 (N, R, R, C) of all layers of the seeds from `seed` on, and the time they took."""
        generator, seeds = self.generator, range(seed, seed + candidates)
        started = time.perf_counter()
        parts = code_maps(generator, prompt, seeds)
        context, cache = prefill(generator, [part.caption for part in parts])
        prefilled = time.perf_counter()
        codes = draw_codes(generator, context, cache, parts, generator.sampling)
        drawn = time.perf_counter()
        pictures = [to_pixels(generator.rqvae.decode(one)) for one in codes.split(1)]
        seconds = Seconds(prefilled - started, drawn - prefilled, time.perf_counter() - drawn)
        return torch.cat(pictures), seconds
