"""What a stage's model takes of a GPU's memory: counted on shapes, by the code that runs them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from scripts.operations.gpus.memory import Peak, stored, tensors_of
from scripts.operations.gpus.shapes import KOBERT, Raw, generator_shape, transformer_shape
from songdalle_core.imagegen.engine.engine import EngineOptions
from songdalle_core.imagegen.model.rqtransformer import RQTransformer
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.runtimes.decoding import PixelDecoder
from songdalle_core.imagegen.runtimes.stepping import SpatialStep
from songdalle_core.imagegen.runtimes.torch_runtime import StepInputs
from songdalle_core.moods import MOODS

MOST_CANDIDATES = 24
"""Covers of one request, at most (the HTTP contract); the reranker scores them together."""
LONGEST_SENTENCE = 512
"""Tokens of a sentence for a translator, at most."""


@dataclass(frozen=True)
class Footprint:
    """Bytes of one model in one process.

    Attributes:
        model: name and type.
        weights: parameters, buffers and tables.
        cache: keys and values of the generator's slots, or of a beam search.
        working: most that is alive while it runs, beside those.
        slot: of `cache`, what one more slot of the generator takes.
    """

    model: str
    weights: int
    cache: int
    working: int
    slot: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.working


def generator(options: Raw, tunables: Raw) -> Footprint:
    """The engine: the transformer with its step, the RQ-VAE, caches of all slots, a step, a decoding."""
    if options.get("backend") == "diffusers":
        from scripts.operations.gpus.denoisers import denoiser

        return denoiser(options, tunables)
    shape = generator_shape(options)
    sizes = EngineOptions(**options.get("engine", {}))
    slots = max(sizes.slots, tunables.get("slots") or 0)
    dtype, groups = dtype_of(options), -(-slots // sizes.width)
    with torch.device("meta"), torch.no_grad():
        rqvae, model = RQVAE(shape.rqvae).eval(), RQTransformer(shape.transformer).eval().to(dtype)
        step = SpatialStep(model, rqvae, sizes.width, 2 if shape.guided else 1).eval()
        caches = step.empty_cache()
        text = torch.zeros(shape.transformer.block_size_cond, dtype=torch.int64)
        read = step.read_text(text)
        with Peak() as stepping:
            step(*StepInputs.idle(step), *caches)
        codes = torch.zeros((sizes.decode_width, *shape.rqvae.code_shape), dtype=torch.int64)
        with Peak() as decoding:
            PixelDecoder(rqvae)(codes, torch.ones(codes.shape[:3]))
    text_bytes = stored(*read)  # at worst every slot draws for another request
    # a recorded graph keeps its memory: one for each group and number of ranks
    recorded = 2 * groups if options.get("cuda_graphs") else 1
    working = recorded * stepping.most + decoding.most  # the engine's two threads
    slot = stored(*caches) // sizes.width + text_bytes
    cache = slot * groups * sizes.width
    weights = stored(*tensors_of(model, rqvae, step))
    return Footprint(named(shape.name, dtype), weights, cache, working, slot)


def summarizer(options: Raw, tunables: Raw) -> Footprint:
    """KoBART on the longest songs of a batch."""
    from transformers import BartForConditionalGeneration

    model = options.get("model", "gogamza/kobart-summarization")
    config = transformer_shape(model)
    longest = config.max_position_embeddings - 2
    return _searched(BartForConditionalGeneration, config, model, longest, 64, options, tunables)


def translator(options: Raw, tunables: Raw) -> Footprint:
    """MarianMT or NLLB on the longest sentences of a batch."""
    from transformers import M2M100ForConditionalGeneration, MarianMTModel

    marian = options["backend"] == "marian"
    kind = MarianMTModel if marian else M2M100ForConditionalGeneration
    usual = "Helsinki-NLP/opus-mt-ko-en" if marian else "facebook/nllb-200-distilled-600M"
    model = options.get("model", usual)
    config = transformer_shape(model)
    longest = min(LONGEST_SENTENCE, config.max_position_embeddings)
    return _searched(kind, config, model, longest, 128, options, tunables)


def sentiment(options: Raw, tunables: Raw) -> Footprint:
    """A classifying encoder on the longest songs of a batch."""
    from transformers import AutoModelForSequenceClassification

    model = options.get("model", KOBERT)
    # a trained KoBERT lies in a folder that may not be here yet, and has KoBERT's shape
    known = KOBERT if options["backend"] == "kobert" and not Path(model).is_dir() else model
    config = transformer_shape(known)
    if known == KOBERT:
        config.num_labels = len(MOODS)
    longest = min(options.get("max_length", 512), config.max_position_embeddings)
    rows = _rows(longest, options, tunables)
    dtype = dtype_of(options)
    with torch.device("meta"), torch.no_grad():
        built = AutoModelForSequenceClassification.from_config(config).eval().to(dtype)
        ids = torch.zeros(rows, longest, dtype=torch.int64)
        with Peak() as peak:
            built(input_ids=ids)
    working = peak.most + _mask(rows, longest, dtype)
    return Footprint(named(model, dtype), stored(*tensors_of(built)), 0, working)


def reranker(options: Raw, tunables: Raw) -> Footprint:
    """CLIP or SigLIP on the covers of the largest request."""
    import open_clip

    model = options.get("model", "embedded")
    if options["backend"] == "siglip2":
        model = options.get("model", "ViT-B-32-SigLIP2-256")
    if model == "embedded":
        from songdalle_core.artifacts import WEIGHTS

        source = f"local-dir:{WEIGHTS / 'clip'}"
    else:
        source = model
    dtype = dtype_of(options)
    with torch.device("meta"), torch.no_grad():
        built: Any = open_clip.create_model(source, load_weights=False, device="meta")
        built = built.eval().to(dtype)
        size = built.visual.image_size
        side = size[0] if isinstance(size, tuple) else size
        images = torch.zeros(MOST_CANDIDATES, 3, side, side, dtype=dtype)
        with Peak() as peak:
            built.encode_image(images, normalize=True)
    name = model.removeprefix("local-dir:")
    working = peak.most + stored(images)
    return Footprint(named(name, dtype), stored(*tensors_of(built)), 0, working)


def _searched(
    kind: Any, config: Any, model: str, longest: int, most: int, options: Raw, tunables: Raw
) -> Footprint:
    """An encoder-decoder: the encoder on the longest texts, then a beam search over them."""
    dtype = dtype_of(options)
    rows = _rows(longest, options, tunables)
    beams, written = rows * options.get("num_beams", 4), options.get("max_length", most)
    with torch.device("meta"), torch.no_grad():
        built = kind(config).eval().to(dtype)
        ids = torch.zeros(rows, longest, dtype=torch.int64)
        with Peak() as encoding:
            built.get_encoder()(input_ids=ids)
    token = beams * config.d_model * dtype.itemsize
    states = token * longest  # the encoder's, repeated for each beam
    layer = 2 * token * (longest + written)
    cache = layer * config.decoder_layers
    # Reordering beams copies a layer at a time. Scores are in single precision, and so are their
    # softmax, its sum with the beams' own and the sorted ones.
    scores = 4 * beams * config.vocab_size * torch.float32.itemsize
    working = max(encoding.most + _mask(rows, longest, dtype), states + layer + scores)
    return Footprint(named(model, dtype), stored(*tensors_of(built)), cache, working)


def _rows(longest: int, options: Raw, tunables: Raw) -> int:
    """Texts of the greatest length that go through a model together."""
    batch = tunables.get("max_batch_size", 8)
    return int(max(1, min(batch, options.get("batch_tokens", 8192) // longest)))


def _mask(rows: int, longest: int, dtype: torch.dtype) -> int:
    """What hides padding, (rows, 1, longest, longest); shapes alone do not tell whether there is any."""
    return rows * longest * longest * dtype.itemsize


def dtype_of(options: Raw) -> torch.dtype:
    """The type that the options name."""
    dtype: torch.dtype = getattr(torch, options.get("dtype", "float32"))
    return dtype


def named(model: str, dtype: torch.dtype) -> str:
    """A model and its type, for the report."""
    return f"{model.rstrip('/').rpartition('/')[2]} ({str(dtype).removeprefix('torch.')})"
