"""Measure the engine of denoisers against the library's own pipeline on the same weights, as ratios of one run.

    python scripts/benchmarks/benchmark_denoisers.py
    python scripts/benchmarks/benchmark_denoisers.py --shape medium --json denoisers.json

Random weights of a tiny and a medium Stable Diffusion, on the CPU. One request: 12 candidates, 20 steps,
against `num_images_per_prompt=12`. A crowd: requests of 4 candidates that arrive one step apart, against the
library serving one after the other. A sweep: the same at several loads, one of which it can just carry.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from tokenizers import pre_tokenizers

from scripts.common.reports import markdown
from songdalle_core.imagegen.denoisers.engine import DenoisingEngine
from songdalle_core.imagegen.denoisers.loading import Denoiser, DenoiserOptions, load_denoiser
from songdalle_core.imagegen.engine.options import EngineOptions
from songdalle_core.imagegen.engine.requests import Drawn, Event, Failed, GenerationRequest, Preview
from songdalle_core.imagegen.model.options import DenoisingOptions
from songdalle_core.pretrained import Source

PROMPT = "a painting of a red balloon over the sea"
STEPS = 20
CANDIDATES = 12
REQUESTS, EACH = 8, 4
TIMEOUT = 900.0
SHAPES: dict[str, dict[str, Any]] = {
    "tiny": {"channels": (16, 32), "latents": 16},
    "medium": {"channels": (64, 128), "latents": 32},
}
LOADS = (0.5, 1.0, 1.5, 2.0)
"""Arrivals, as multiples of what the library can just carry."""


@dataclass(frozen=True)
class Waits:
    """Seconds of requests: medians over runs of their means."""

    finished: float
    first_preview: float
    images_a_second: float


def build(shape: str, folder: Path) -> Denoiser:
    """A random Stable Diffusion of a shape, saved and loaded as a real one is."""
    torch.manual_seed(0)
    known = SHAPES[shape]
    channels, side = known["channels"], 2 * known["latents"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {word: number for number, word in enumerate(words)}
    text = transformers.CLIPTextConfig(
        hidden_size=64,
        intermediate_size=128,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=len(words),
        bos_token_id=len(words) - 2,
        eos_token_id=len(words) - 1,
    )
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=channels,
        layers_per_block=1,
        sample_size=known["latents"],
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=64,
        attention_head_dim=8,
        norm_num_groups=8,
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=(32, 32),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=side,
    )
    pipe = diffusers.StableDiffusionPipeline(
        vae=vae,
        text_encoder=transformers.CLIPTextModel(text),
        tokenizer=transformers.CLIPTokenizer(vocabulary, [], model_max_length=77),
        unet=unet,
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.save_pretrained(folder)
    return load_denoiser(
        Source(str(folder)), DenoiserOptions(side, side, DenoisingOptions(STEPS, 0.0))
    )


def library(denoiser: Denoiser, images: int, shown: Callable[[], None] | None = None) -> float:
    """Seconds of the library's own pipeline; `shown` is called after its second step."""
    pipe, options = denoiser.family.pipe, denoiser.options
    pipe.set_progress_bar_config(disable=True)

    def look(pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if step == 1 and shown is not None:
            shown()
        return tensors

    started = time.perf_counter()
    pipe(
        PROMPT,
        height=options.height,
        width=options.width,
        num_inference_steps=STEPS,
        guidance_scale=0.0,
        num_images_per_prompt=images,
        generator=[torch.Generator().manual_seed(number) for number in range(images)],
        output_type="np",
        callback_on_step_end=look,
    )
    return time.perf_counter() - started


def engine_set(engine: DenoisingEngine) -> tuple[float, float, float]:
    """Seconds to a set of twelve, seconds to its first preview, and steps done by then."""
    events: queue.Queue[Event] = queue.Queue()
    before, started = engine.stats.steps, time.perf_counter()
    sampling = engine.denoiser.options.drawing
    engine.submit(GenerationRequest(PROMPT, CANDIDATES, 1, sampling, previews=4), events.put)
    first, drawn = None, 0
    while drawn < CANDIDATES:
        event = events.get(timeout=TIMEOUT)
        if isinstance(event, Failed):
            raise RuntimeError(str(event.error))
        if isinstance(event, Preview) and first is None:
            first = (time.perf_counter() - started, event.fraction * STEPS)
        drawn += isinstance(event, Drawn)
    assert first is not None
    assert engine.stats.steps - before >= STEPS
    return time.perf_counter() - started, *first


def engine_crowd(engine: DenoisingEngine, apart: float) -> Waits:
    """Requests that arrive `apart` seconds after one another."""
    waits: list[tuple[float, float]] = []
    lock, done = threading.Lock(), threading.Semaphore(0)
    sampling = engine.denoiser.options.drawing

    def submit(seed: int) -> None:
        arrived, state = time.perf_counter(), {"drawn": 0, "first": 0.0}

        def emit(event: Event) -> None:
            now = time.perf_counter() - arrived
            if not isinstance(event, Failed) and not state["first"]:
                state["first"] = now
            state["drawn"] += isinstance(event, Drawn)
            if state["drawn"] == EACH or isinstance(event, Failed):
                with lock:
                    waits.append((now, state["first"]))
                done.release()

        engine.submit(GenerationRequest(PROMPT, EACH, seed, sampling, previews=4), emit)

    started = time.perf_counter()
    for number in range(REQUESTS):
        time.sleep(max(0.0, started + number * apart - time.perf_counter()))
        submit(number)
    for _ in range(REQUESTS):
        if not done.acquire(timeout=TIMEOUT):
            raise TimeoutError("a request was not drawn in time")
    return _waits(waits, time.perf_counter() - started)


def library_crowd(denoiser: Denoiser, apart: float) -> Waits:
    """The same requests served by the library one after the other."""
    waits: list[tuple[float, float]] = []
    started = time.perf_counter()
    for number in range(REQUESTS):
        arrived = started + number * apart
        time.sleep(max(0.0, arrived - time.perf_counter()))
        first: list[float] = []
        library(denoiser, EACH, partial(_note, first, arrived))
        waits.append((time.perf_counter() - arrived, first[0]))
    return _waits(waits, time.perf_counter() - started)


def _note(seconds: list[float], since: float) -> None:
    seconds.append(time.perf_counter() - since)


def _waits(waits: list[tuple[float, float]], total: float) -> Waits:
    finished, first = (statistics.mean(each) for each in zip(*waits, strict=True))
    return Waits(finished, first, REQUESTS * EACH / total)


def _median(runs: list[Waits]) -> Waits:
    fields = ("finished", "first_preview", "images_a_second")
    return Waits(*(statistics.median(getattr(run, field) for run in runs) for field in fields))


def measure(shape: str, repeats: int, sweep: bool) -> dict[str, Any]:
    """All figures of a shape; runs of both sides take turns."""
    with tempfile.TemporaryDirectory() as folder:
        denoiser = build(shape, Path(folder))
    sizes = EngineOptions(slots=12, width=12, decode_width=4, prefills=8, max_waiting=400)
    with DenoisingEngine(denoiser, sizes) as engine:
        engine_set(engine), library(denoiser, CANDIDATES)  # warm up
        ours, theirs, previews = [], [], []
        for _ in range(repeats):
            theirs.append(library(denoiser, CANDIDATES))
            seconds, preview, steps = engine_set(engine)
            ours.append(seconds)
            previews.append((preview, steps))
        apart = statistics.median(ours) / STEPS
        crowd = _median([engine_crowd(engine, apart) for _ in range(repeats)])
        one_by_one = _median([library_crowd(denoiser, apart) for _ in range(repeats)])
        figures: dict[str, Any] = {
            "shape": shape,
            "one_request": {
                "engine_s": statistics.median(ours),
                "library_s": statistics.median(theirs),
                "ratio": statistics.median(ours) / statistics.median(theirs),
                "first_preview_after_steps": statistics.median(steps for _, steps in previews),
                "first_preview_s": statistics.median(seconds for seconds, _ in previews),
            },
            "crowd": {
                "apart_s": apart,
                "engine": asdict(crowd),
                "library": asdict(one_by_one),
                "finished_ratio": crowd.finished / one_by_one.finished,
                "first_preview_ratio": crowd.first_preview / one_by_one.first_preview,
                "images_a_second_ratio": crowd.images_a_second / one_by_one.images_a_second,
            },
        }
        if sweep:
            carried = statistics.median(library(denoiser, EACH) for _ in range(repeats))
            figures["sweep"] = [_load(engine, denoiser, carried, load) for load in LOADS]
    return figures


def _load(
    engine: DenoisingEngine, denoiser: Denoiser, carried: float, load: float
) -> dict[str, Any]:
    """Both sides at one offered load; 1 is as much as the library can just carry."""
    ours, theirs = (
        engine_crowd(engine, carried / load),
        library_crowd(denoiser, carried / load),
    )
    return {
        "offered_load": load,
        "images_a_second_offered": EACH * load / carried,
        "engine": asdict(ours),
        "library": asdict(theirs),
    }


def tables(measured: list[dict[str, Any]]) -> str:
    """Markdown of the ratios and the sweeps."""
    rows = [
        [
            one["shape"],
            f"{one['one_request']['ratio']:.2f}",
            f"{one['one_request']['first_preview_after_steps']:.0f}",
            f"{one['crowd']['finished_ratio']:.2f}",
            f"{one['crowd']['first_preview_ratio']:.2f}",
            f"{one['crowd']['images_a_second_ratio']:.2f}",
        ]
        for one in measured
    ]
    header = (
        "shape",
        "12 of one request",
        "first preview, step",
        "set",
        "first preview",
        "images/s",
    )
    text = markdown(header, rows)
    swept = [
        [
            one["shape"],
            f"{load['offered_load']:g}" + (" (capacity)" if load["offered_load"] == 1 else ""),
            *(
                f"{load[side][field]:.2f}"
                for field in ("finished", "first_preview")
                for side in ("engine", "library")
            ),
        ]
        for one in measured
        for load in one.get("sweep", [])
    ]
    if swept:
        names = ("shape", "load", "set, engine s", "library s", "preview, engine s", "library s")
        text += "\n\n" + markdown(names, swept)
    return text


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", action="append", choices=list(SHAPES), help="several; else all")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-sweep", action="store_true", help="leave out the loads")
    parser.add_argument("--json", type=Path, help="file to write all figures to")
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    measured = [measure(shape, args.repeats, not args.no_sweep) for shape in args.shape or SHAPES]
    report = {"load_average": os.getloadavg()[0], "threads": args.threads, "shapes": measured}
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(
        f"\nload average {report['load_average']:.1f}, {args.threads} threads; engine : library\n"
    )
    print(tables(measured))


if __name__ == "__main__":
    main()
