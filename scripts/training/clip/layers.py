"""The layers that scenes are composed of as the embedded generator draws them at its best."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from scripts.training.content.codes import FILE, CachedCodes
from scripts.training.scenes.composer import LAYER_SIDE
from songdalle_core.captions.layers import layer_captions
from songdalle_core.imagegen.model.autoencoder import to_pixels
from songdalle_core.imagegen.model.generator import load_generator

AT_ONCE = 16


@torch.inference_mode()
def drawn_layers(generator: Path, rqvae: Path) -> dict[str, np.ndarray]:
    """Every layer of a generator by its caption, uint8 (LAYER_SIDE, LAYER_SIDE, 4), premultiplied.

    Its own decoder draws them from the codes that its transformer was taught; a layer that was taught no
    codes is left out.

    Args:
        generator: folder of `collect_weights.py`.
        rqvae: folder of `train_rqvae.py`.

    Raises:
        FileNotFoundError: one of the folders lacks a file.
        ValueError: the generator draws no layers, or the codes are not of its RQ-VAE.
    """
    loaded, cached = load_generator(generator), CachedCodes.read(rqvae)
    if cached is None:
        raise FileNotFoundError(f"{rqvae / FILE} is missing: train_rqvae.py writes it")
    if loaded.recaptioner is None or loaded.planner is None:
        raise ValueError(f"{generator} draws no layers")
    book = cached.frozen["quantizer.codebooks.0.weight"]
    if not torch.allclose(book, loaded.rqvae.quantizer.codebook(0).weight, 0.01, 0.01):  # halves
        raise ValueError(f"{generator} was not made of {rqvae}: its codebook is another one")
    numbers = {caption: number for number, caption in enumerate(cached.captions)}
    known = [name for name in layer_captions(loaded.recaptioner.vocabulary) if name in numbers]
    codes = cached.codes[[numbers[name] for name in known]]
    pixels = [to_pixels(loaded.rqvae.decode(part)).numpy() for part in codes.split(AT_ONCE)]
    size = (LAYER_SIDE, LAYER_SIDE)
    return {
        name: np.asarray(cv2.resize(layer, size, interpolation=cv2.INTER_AREA))
        for name, layer in zip(known, np.concatenate(pixels), strict=True)
    }
