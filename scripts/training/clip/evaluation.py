"""How well captions and held-out pictures find each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from scripts.training.clip.chunks import Pixels, pixels_tensor
from scripts.training.clip.scenes import SceneSource
from scripts.training.common import HELD_OUT

GALLERY = 100
"""Scenes among which the right one is to be found."""
CHOICES = 12
"""Pictures of a question, as many as the service draws."""


@dataclass(frozen=True)
class HeldOut:
    """Measures on scenes no step trains on.

    Attributes:
        images: uint8 (N, 3, S, S), whole galleries one after the other.
        captions: their N captions, as composed (parts may be left unsaid).
        questions: for each field, captions and their pictures, uint8 (Q, 12, 3, S, S), of which
            the first is right and the others are wrong in this field alone.
    """

    images: Tensor
    captions: list[str]
    questions: dict[str, tuple[list[str], Tensor]]

    @classmethod
    def collect(
        cls, source: SceneSource, image_size: int, *, galleries: int, questions: int
    ) -> HeldOut:
        """Compose `galleries` times 100 scenes and `questions` questions for each field."""
        seeds = range(HELD_OUT, HELD_OUT + galleries * GALLERY)
        samples = [source.sample(seed) for seed in seeds]
        asked = {}
        for field in source.values:
            texts, pictures = ask(source, field, questions)
            pixels = pixels_tensor(pictures, image_size)
            asked[field] = (texts, pixels.view(len(texts), CHOICES, *pixels.shape[1:]))
        images = pixels_tensor([sample.image for sample in samples], image_size)
        return cls(images, [sample.caption for sample in samples], asked)

    def measure(self, model: Any, tokenizer: Callable[[list[str]], Tensor]) -> dict[str, float]:
        """Retrieval R@1 among 100 both ways, and the share of questions answered, by field."""
        was_training = model.training
        model.eval()
        with torch.inference_mode():
            images = encode_images(model, self.images)
            texts = model.encode_text(tokenizer(self.captions), normalize=True)
            figures = retrieval(images, texts)
            for field, (captions, pixels) in self.questions.items():
                features = encode_images(model, pixels.flatten(0, 1))
                features = features.view(*pixels.shape[:2], -1)  # (Q, 12, D)
                asked = model.encode_text(tokenizer(captions), normalize=True)  # (Q, D)
                scores = torch.einsum("qcd,qd->qc", features, asked)
                figures[f"pick_{field}"] = picked_first(scores)
        model.train(was_training)
        return {name: round(value, 4) for name, value in figures.items()}


def retrieval(images: Tensor, texts: Tensor) -> dict[str, float]:
    """R@1 both ways within consecutive galleries of 100; features (N, D) of unit length."""
    right = torch.arange(GALLERY)
    to_image, to_text = [], []
    for start in range(0, len(images), GALLERY):
        rows = slice(start, start + GALLERY)
        scores = images[rows] @ texts[rows].T  # (image, text)
        to_text.append((scores.argmax(1) == right).float())
        to_image.append((scores.argmax(0) == right).float())
    return {
        "image_to_text_r1": float(torch.cat(to_text).mean()),
        "text_to_image_r1": float(torch.cat(to_image).mean()),
    }


def picked_first(scores: Tensor) -> float:
    """Share of rows (Q, C) whose first score is above all others."""
    return float((scores[:, 0] > scores[:, 1:].max(dim=1).values).float().mean())


def encode_images(model: Any, pixels: Tensor) -> Tensor:
    """Unit features (N, D) of uint8 pictures (N, 3, S, S), normalised as the config says."""
    config = model.visual.preprocess_cfg
    mean = torch.tensor(config["mean"]).view(1, 3, 1, 1)
    std = torch.tensor(config["std"]).view(1, 3, 1, 1)
    parts = [
        model.encode_image((part.float() / 255 - mean) / std, normalize=True)
        for part in torch.split(pixels, 240)
    ]
    return torch.cat(parts)


def ask(source: SceneSource, field: str, count: int) -> tuple[list[str], Sequence[Pixels]]:
    """`count` captions, and twelve pictures for each, of which the first is right.

    Raises:
        ValueError: the scenes give fewer questions.
    """
    texts: list[str] = []
    pictures: list[Pixels] = []
    for seed in range(HELD_OUT + 500_000, HELD_OUT + 500_000 + 100 * count):
        question = source.question(seed, field, CHOICES)
        if question is not None:
            texts.append(question.caption)
            pictures.extend(question.images)
        if len(texts) == count:
            return texts, pictures
    raise ValueError(f"the scenes give fewer than {count} questions about {field}")
