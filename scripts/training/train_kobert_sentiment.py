"""Train a head for the five moods on KoBERT, and the encoder with it; --resume continues.

    python scripts/operations/download_weights.py kobert
    python scripts/training/train_kobert_sentiment.py --run runs/kobert --export runs/kobert/model

The data are the project's labelled passages, or a CSV (UTF-8, commas) with the columns lyric, mood and, where
songs have several passages, song. Songs held out for validation are never learnt from. Writes checkpoints,
`history.json`, `metrics.json`, `curves.png` and `confusions.png` to the run folder and the best epoch's model
to --export, for the configuration:

    sentiment: {backend: kobert, model: runs/kobert/model}
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from transformers import BertForSequenceClassification

from scripts.common import command_line
from scripts.common.command_line import ROOT
from scripts.training.curves import draw_confusions, draw_curves
from scripts.training.finetuning import arguments
from scripts.training.finetuning.arguments import device_of, options_of
from scripts.training.finetuning.songs import hold_out, read_moods
from scripts.training.finetuning.trainer import Finetuner, start_or_resume
from scripts.training.sentiment.evaluation import confusions, macro_f1
from scripts.training.sentiment.passages import Passage, labels_of
from songdalle_core.artifacts import WeightsError
from songdalle_core.moods import MOODS
from songdalle_core.pretrained import Source, padded
from songdalle_core.sentiment.kobert import BASE_MODEL, VOCABULARY, KoBertTokenizer

DATA = ROOT / "scripts" / "data" / "mood_passages.jsonl"
PANELS = {"loss": ("loss", "validation_loss"), "held-out songs": ("accuracy", "macro_f1")}
NEW = ("classifier.",)
"""Weights that the published encoder does not have."""


class Moods:
    """A KoBERT with its head, and what training and measuring need of it."""

    def __init__(self, args: argparse.Namespace) -> None:
        source = Source(args.model, device=device_of(args))
        self.vocabulary = source.file(VOCABULARY)
        self._tokenizer = KoBertTokenizer(self.vocabulary)
        torch.manual_seed(args.seed)  # of the head's first weights
        self.model = source.load_model(
            BertForSequenceClassification,
            new=NEW,
            id2label=dict(enumerate(MOODS)),
            label2id={mood: number for number, mood in enumerate(MOODS)},
            num_labels=len(MOODS),
            classifier_dropout=args.dropout,
        ).requires_grad_(True)
        self._max_length = min(args.max_length, self.model.config.max_position_embeddings)

    def loss(self, passages: list[Passage], step: int) -> Tensor:
        """Cross-entropy of a batch."""
        labels = torch.from_numpy(labels_of(passages)).to(self.model.device)
        return functional.cross_entropy(self._logits(passages).float(), labels)

    def logits(self, passages: Sequence[Passage]) -> NDArray[np.float64]:
        """Logits (passages, moods)."""
        with torch.inference_mode():
            parts = [
                self._logits(passages[start : start + 32]) for start in range(0, len(passages), 32)
            ]
        return np.asarray(torch.cat(parts).double().cpu())

    def figures(self, passages: Sequence[Passage]) -> dict[str, float]:
        """Loss, accuracy and macro-F1."""
        labels, logits = labels_of(passages), self.logits(passages)
        loss = functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels))
        return {
            "validation_loss": float(loss),
            "accuracy": float((logits.argmax(axis=1) == labels).mean()),
            "macro_f1": macro_f1(labels, logits),
        }

    def export(self, folder: Path) -> None:
        """Write the model and its vocabulary as the sentiment stage reads them."""
        self.model.save_pretrained(folder)
        shutil.copyfile(self.vocabulary, folder / VOCABULARY)

    def _logits(self, passages: Sequence[Passage]) -> Tensor:
        rows = [self._tokenizer.encode(_one_line(p.text), self._max_length) for p in passages]
        ids, mask = padded(rows, self._tokenizer.pad_token_id, str(self.model.device))
        return self.model(input_ids=ids, attention_mask=mask).logits


def _one_line(text: str) -> str:
    """Lines joined as the service's cleaning joins them."""
    return ". ".join(line.strip() for line in text.splitlines() if line.strip())


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train as the arguments say; returns the best epoch's figures."""
    passages = read_moods(args.data)
    known, unseen = hold_out(passages, args.validation, args.seed, lambda p: p.song)
    moods = Moods(args)
    options = options_of(args)
    args.run.mkdir(parents=True, exist_ok=True)
    trainer = Finetuner(
        moods.model, known, moods.loss, lambda: moods.figures(unseen), "macro_f1", options, args.run
    )
    start_or_resume(trainer, args.resume)
    trainer.train()
    counts = confusions(labels_of(unseen), moods.logits(unseen))
    figures: dict[str, Any] = {
        **trainer.history[trainer.best],
        "epochs_done": len(trainer.history),
        "passages": len(known),
        "validation_passages": len(unseen),
        "confusions": counts.tolist(),
        "model": Path(args.model).name,
        "dropout": args.dropout,
        "max_length": args.max_length,
        "options": asdict(options),
    }
    (args.run / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    draw_curves(trainer.history, PANELS, args.run / "curves.png", over="epoch")
    draw_confusions(counts, MOODS, args.run / "confusions.png")
    if args.export:
        moods.export(args.export)
        print(f"wrote {args.export}", flush=True)
    return figures


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = arguments.parser(__doc__, DATA, "labelled passages", BASE_MODEL)
    add = made.add_argument
    add("--max-length", type=int, default=512, help="most tokens of a passage")
    add("--dropout", type=float, default=0.1, help="before the head")
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), run, words, WeightsError)


if __name__ == "__main__":
    sys.exit(main())
