"""The steps that make the embedded weights, in order.

The settings are those of the shipped ones but for one thing: the shipped RQ-Transformer and CLIP were trained
in several goes, each with a schedule of its own (docs/embedded_models.md); here one schedule is as long as all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.common.command_line import ROOT
from scripts.training.scenes.art import DEFAULT_SETS

LEXICON = ROOT / "songdalle_core" / "translation" / "lexicon.tsv"
GENERATOR_FILES = (
    "captions.json",
    "config.json",
    "metrics.json",
    "rqvae.safetensors",
    "tokenizer.json",
    "transformer.safetensors",
)
CLIP_FILES = (
    "captions.json",
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

    sets: tuple[str, ...] = DEFAULT_SETS
    rqvae_steps: int = 6000
    transformer_steps: int = 10700
    clip_steps: int = 4000
    judge_steps: int = 2600
    workers: int = 2


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
        workers: processes that train together through torchrun.
        fetched: done as soon as its outputs are there, however they came.
    """

    name: str
    script: str
    options: tuple[str, ...]
    outputs: tuple[Path, ...]
    after: tuple[str, ...] = ()
    folder: Path | None = None
    seconds: float = 0.0
    workers: int = 1
    fetched: bool = False

    def command(self, python: str) -> list[str]:
        """What to run."""
        launcher = [python]
        if self.workers > 1:
            launcher += ["-m", "torch.distributed.run", "--standalone"]
            launcher += ["--nproc-per-node", str(self.workers)]
        return [*launcher, str(ROOT / "scripts" / "training" / self.script), *self.options]


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
    tokenizer, sampling = run / "tokenizer.json", run / "sampling.json"
    art = ("--art", str(places.art), "--sets", ",".join(settings.sets))
    threads = "1" if settings.workers > 1 else "2"

    def words(*options: object, of: str) -> tuple[str, ...]:
        return (*map(str, options), *chosen[of])

    def steps(count: int) -> tuple[str, ...]:
        return () if smoke else ("--steps", str(count))

    made = [
        Step(
            "art",
            "fetch_art.py",
            ("--out", str(places.art)),
            tuple(places.art / name / "icons.json" for name in settings.sets),
            seconds=60,
            fetched=True,
        ),
        Step(
            "rqvae",
            "train_rqvae.py",
            words(*art, "--out", rqvae, *steps(settings.rqvae_steps), of="rqvae"),
            (rqvae / "model.safetensors", rqvae / "config.json", rqvae / "metrics.json"),
            ("art",),
            rqvae,
            settings.rqvae_steps * (32 / 15 + MEASURING / 250),
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
            "rqtransformer",
            "train_rqtransformer.py",
            words(
                *(*art, "--rqvae", rqvae, "--tokenizer", tokenizer, "--out", transformer),
                *("--threads", threads, *steps(settings.transformer_steps)),
                of="rqtransformer",
            ),
            tuple(transformer / name for name in GENERATOR_FILES),
            ("art", "rqvae", "tokenizer"),
            transformer,
            settings.transformer_steps * 32 / 27,
            settings.workers,
        ),
        Step(
            "clip",
            "train_clip.py",
            words(
                *(*art, "--rqvae", rqvae, "--tokenizer", tokenizer, "--run", clip, "--resume"),
                *("--export", weights / "clip", *steps(settings.clip_steps)),
                of="clip",
            ),
            (*(weights / "clip" / name for name in CLIP_FILES), clip / "metrics.json"),
            ("art", "rqvae", "tokenizer"),
            clip,
            settings.clip_steps * 192 / 200,
        ),
        Step(
            "judge",
            "train_judge.py",
            words(
                *(*art, "--rqvae", rqvae, "--run", judge, "--resume"),
                *steps(settings.judge_steps),
                of="judge",
            ),
            (judge / "judge.safetensors", judge / "labels.json", judge / "metrics.json"),
            ("art", "rqvae"),
            judge,
            settings.judge_steps * 128 / 245,
        ),
        Step(
            "sampling",
            "tune_sampling.py",
            words(
                *("--generator", transformer, "--reranker", f"local-dir:{weights / 'clip'}"),
                *("--json", sampling, "--write"),
                of="sampling",
            ),
            (sampling,),
            ("rqtransformer", "clip"),
            seconds=300,
        ),
        Step(
            "sentiment",
            "train_sentiment.py",
            words("--weights", weights, "--cache", run, of="sentiment"),
            (weights / "sentiment" / "classifier.safetensors",),
            seconds=480,
        ),
        Step(
            "collect",
            "collect_weights.py",
            ("--run", str(run), "--weights", str(weights)),
            tuple(weights / "generator" / name for name in GENERATOR_FILES),
            ("rqtransformer", "clip", "sampling", "sentiment"),
            seconds=5,
        ),
    ]
    return [replace(step, seconds=15.0) for step in made] if smoke else made


MEASURING = 50.0  # seconds for an RQ-VAE on 2,000 scenes, a third of training them
FOLDERS = ("rqvae", "rqtransformer", "clip", "judge")
FULL: Mapping[str, tuple[str, ...]] = {
    "rqvae": ("--batch", "32", "--lr", "8e-4", "--save-every", "250", "--eval-scenes", "2000"),
    "tokenizer": (),
    "rqtransformer": ("--batch", "32", "--lr", "1.6e-3", "--save-every", "100"),
    "clip": (),
    "judge": (),
    "sampling": (),
    "sentiment": (
        *("--views", "characters+morphemes+words"),
        *("--inverse-penalty", "10", "--repeats", "2"),
    ),
}
_FEW = ("--steps", "3", "--batch", "4", "--save-every", "3", "--eval-scenes", "8")
SMOKE: Mapping[str, tuple[str, ...]] = {
    "rqvae": _FEW,
    "tokenizer": ("--captions", "300"),
    "rqtransformer": (*_FEW, "--width", "32"),
    "clip": ("--smoke",),
    "judge": ("--smoke",),
    "sampling": ("--guidance", "3", "--temperature", "0.9", "--top-k", "100", "--candidates", "2"),
    "sentiment": (
        *("--views", "characters", "--inverse-penalty", "0.1"),
        *("--repeats", "1", "--folds", "2", "--anchors", "2"),
    ),
}
