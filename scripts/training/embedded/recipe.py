"""The steps that make the embedded weights, in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.common.command_line import ROOT
from scripts.training.clip import trainer as clip_trainer
from scripts.training.judge import trainer as judge_trainer
from scripts.training.rqtransformer import trainer as rqtransformer_trainer
from scripts.training.rqvae import trainer as rqvae_trainer
from scripts.training.scenes.art import ART_SETS

LEXICON = ROOT / "songdalle_core" / "translation" / "lexicon.tsv"
GENERATOR_FILES = (
    "captions.json",
    "config.json",
    "metrics.json",
    "rqvae.safetensors",
    "tokenizer.json",
    "transformer.safetensors",
)
RQVAE_FILES = ("codes.safetensors", "config.json", "metrics.json", "model.safetensors")
TRANSFORMER_FILES = (
    "metrics.json",
    "tokenizer.json",
    "transformer.json",
    "transformer.safetensors",
)
CLIP_FILES = (
    "captions.json",
    "metrics.json",
    "open_clip_config.json",
    "open_clip_model.safetensors",
    "prototypes.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
)


@dataclass(frozen=True)
class Places:
    """Where things are, as absolute paths.

    Attributes:
        art: the art sets.
        run: checkpoints, figures and logs of every step.
        weights: the finished weights, in the layout of `songdalle_core/weights`.
    """

    art: Path
    run: Path
    weights: Path


@dataclass(frozen=True)
class Settings:
    """What may be changed from the command line; rates are fixed by what was measured with them."""

    rqvae_steps: int = rqvae_trainer.PACE.steps
    transformer_steps: int = rqtransformer_trainer.PACE.steps
    clip_steps: int = clip_trainer.TrainOptions.steps
    judge_steps: int = judge_trainer.JudgeOptions.steps
    device: str = "cpu"


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        script: file in `scripts/training/`.
        options: its arguments.
        outputs: files that are there when it is done.
        after: steps whose outputs it reads; made anew, they make this one anew.
        folder: what it resumes from; moved aside if it was made with other options.
        seconds: expected on two EPYC cores, from the rates of earlier runs.
        fetched: done as soon as its outputs are there, however they came.
        apart: no part of the weights, and made only if it is asked for.
    """

    name: str
    script: str
    options: tuple[str, ...]
    outputs: tuple[Path, ...]
    after: tuple[str, ...] = ()
    folder: Path | None = None
    seconds: float = 0.0
    fetched: bool = False
    apart: bool = False

    def command(self, python: str) -> list[str]:
        """What to run."""
        return [python, str(ROOT / "scripts" / "training" / self.script), *self.options]


def fingerprints(steps: Sequence[Step], places: Places) -> dict[str, str]:
    """For each step a digest of its options and of the steps before it; folders may move."""
    moving = (places.weights, places.run, places.art, ROOT)  # weights may lie in the run folder
    digests: dict[str, str] = {}
    for step in steps:
        options = list(step.options)
        for number, folder in enumerate(moving):
            options = [option.replace(str(folder), f"<{number}>") for option in options]
        parts = [step.script, options, [digests[name] for name in step.after]]
        digests[step.name] = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    return digests


def recipe(places: Places, settings: Settings, smoke: bool = False) -> list[Step]:
    """All steps in order; the smoke ones do the same with next to nothing."""
    chosen = SMOKE if smoke else FULL
    run, weights = places.run, places.weights
    rqvae, transformer, clip, judge = (run / name for name in FOLDERS)
    tokenizer, generator = run / "tokenizer.json", weights / "generator"
    art = ("--art", str(places.art))
    device = () if settings.device == "cpu" else ("--device", settings.device)

    def words(*options: object, of: str, steps: int = 0) -> tuple[str, ...]:
        count = ("--steps", str(steps)) if steps and not smoke else ()
        return (*map(str, options), *count, *chosen[of])

    made = [
        Step(
            "art",
            "fetch_art.py",
            ("--out", str(places.art)),
            tuple(places.art / name / "icons.json" for name in ART_SETS),
            seconds=60,
            fetched=True,
        ),
        Step(
            "rqvae",
            "train_rqvae.py",
            words(*art, "--out", rqvae, *device, of="rqvae", steps=settings.rqvae_steps),
            tuple(rqvae / name for name in RQVAE_FILES),
            ("art",),
            rqvae,
            120 + settings.rqvae_steps * 0.86,
        ),
        Step(
            "rqtransformer",
            "train_rqtransformer.py",
            words(
                *("--rqvae", rqvae, "--out", transformer, *device),
                of="rqtransformer",
                steps=settings.transformer_steps,
            ),
            tuple(transformer / name for name in TRANSFORMER_FILES),
            ("rqvae",),
            transformer,
            settings.transformer_steps * 1.0,
        ),
        Step(
            "tokenizer",
            "train_tokenizer.py",
            words(*art, "--out", tokenizer, "--lexicon", LEXICON, of="tokenizer"),
            (tokenizer,),
            ("art",),
            seconds=60,
        ),
        Step(
            "generator",
            "collect_weights.py",
            ("--run", str(run), "--weights", str(weights)),
            tuple(generator / name for name in GENERATOR_FILES),
            ("rqvae", "rqtransformer"),
            seconds=10,
        ),
        Step(
            "clip",
            "train_clip.py",
            words(
                *(*art, "--generator", generator, "--rqvae", rqvae, "--tokenizer", tokenizer),
                *("--run", clip, "--resume", "--export", weights / "clip"),
                of="clip",
                steps=settings.clip_steps,
            ),
            (*(weights / "clip" / name for name in CLIP_FILES), clip / "metrics.json"),
            ("art", "tokenizer", "generator"),
            clip,
            300 + settings.clip_steps * CLIP_SECONDS,
        ),
        Step(
            "judge",
            "train_judge.py",
            words(*art, "--run", judge, "--resume", of="judge", steps=settings.judge_steps),
            (judge / "judge.safetensors", judge / "labels.json", judge / "metrics.json"),
            ("art",),
            judge,
            120 + settings.judge_steps * 128 / SCENES_PER_SECOND,
            apart=True,
        ),
        Step(
            "sentiment",
            "train_sentiment.py",
            words("--weights", weights, "--cache", run, of="sentiment"),
            (weights / "sentiment" / "classifier.safetensors",),
            seconds=480,
        ),
    ]
    return [replace(step, seconds=20.0) for step in made] if smoke else made


SCENES_PER_SECOND = 100.0  # composed on one core, which is what the judge waits for
CLIP_SECONDS = 1.25  # a step on one core, while the other composes
FOLDERS = ("rqvae", "rqtransformer", "clip", "judge")
FULL: Mapping[str, tuple[str, ...]] = {
    "rqvae": (),
    "rqtransformer": (),
    "tokenizer": (),
    "clip": (),
    "judge": (),
    "sentiment": (
        *("--views", "characters+morphemes+words"),
        *("--inverse-penalty", "10", "--repeats", "2"),
    ),
}
_FEW = ("--steps", "3", "--batch", "4", "--save-every", "3")
SMOKE: Mapping[str, tuple[str, ...]] = {
    "rqvae": (*_FEW, "--layers", "24"),
    "rqtransformer": (*_FEW, "--width", "32"),
    "tokenizer": ("--captions", "300"),
    "clip": ("--smoke",),
    "judge": ("--smoke",),
    "sentiment": (
        *("--views", "characters", "--inverse-penalty", "0.1"),
        *("--repeats", "1", "--folds", "2", "--anchors", "2"),
    ),
}
