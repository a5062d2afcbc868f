"""Fine-tune KoBART on lyrics: first to undo noise, then to summarise; --resume continues.

    python scripts/operations/download_weights.py kobart-base
    python scripts/training/train_kobart.py --data songs.csv --run runs/kobart --export runs/kobart/model

The data are a CSV (UTF-8, commas) or JSON lines with lyric (or a list of lines) and summary; songs without
a summary are learnt from in the first phase only. Denoising (BART, section 2.2) puts a song's lines into
another order and replaces spans of tokens by one mask each; the model learns to write the song as it was. Each
phase has a folder in --run with checkpoints, `history.json` and `curves.png`. The best epoch is the one with
the greatest ROUGE-L on songs held out (in the first phase: the least loss). For the configuration:

    summarizer: {backend: kobart, model: runs/kobart/model}
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import BartForConditionalGeneration, PreTrainedTokenizerFast

from scripts.common import command_line
from scripts.common.command_line import ROOT
from scripts.common.rouge import rouge_l, rouge_n, tokens
from scripts.training.curves import draw_curves
from scripts.training.finetuning import arguments
from scripts.training.finetuning.arguments import device_of, options_of
from scripts.training.finetuning.denoising import infilled, permuted
from scripts.training.finetuning.songs import SummarisedSong, hold_out, read_summaries
from scripts.training.finetuning.trainer import FinetuneOptions, Finetuner, start_or_resume
from songdalle_core.artifacts import WeightsError
from songdalle_core.pretrained import Source, padded
from songdalle_core.summarization import SummaryOptions
from songdalle_core.summarization.kobart import KoBartOptions, KoBartSummarizer

DATA = ROOT / "scripts" / "data" / "development_songs.jsonl"
BASE_MODEL = "gogamza/kobart-base-v2"
IGNORED = -100  # label of padding, which torch's cross-entropy leaves out
PANELS: dict[str, dict[str, tuple[str, ...]]] = {
    "denoise": {"loss": ("loss", "validation_loss")},
    "summarise": {"loss": ("loss",), "held-out songs": ("rouge_1", "rouge_2", "rouge_l")},
}


class Writer:
    """A KoBART, and what training and measuring need of it."""

    def __init__(self, args: argparse.Namespace) -> None:
        source = Source(args.model, device=device_of(args))
        self._tokenizer = source.load_tokenizer(PreTrainedTokenizerFast, "tokenizer.json")
        self.model = source.load_model(BartForConditionalGeneration).requires_grad_(True)
        search = KoBartOptions(max_length=args.max_length, num_beams=args.num_beams)
        self.summarizer = KoBartSummarizer(self.model, self._tokenizer, search)
        self._seed = args.seed

    def denoising_loss(self, songs: list[SummarisedSong], step: int) -> Tensor:
        """Cross-entropy of songs written from their noisy forms, the noise from (seed, step)."""
        stream = np.random.default_rng([self._seed, step])
        mask = int(self._tokenizer.mask_token_id)
        noisy = []
        for song in songs:
            begin, *inner, end = self.summarizer.encode(". ".join(permuted(song.lines, stream)))
            noisy.append([begin, *infilled(inner, mask, stream), end])
        return self._loss(noisy, [". ".join(song.lines) for song in songs])

    def summary_loss(self, songs: list[SummarisedSong], step: int) -> Tensor:
        """Cross-entropy of the songs' summaries."""
        rows = [self.summarizer.encode(". ".join(song.lines)) for song in songs]
        return self._loss(rows, [song.summary or "" for song in songs])

    def validation_loss(self, songs: Sequence[SummarisedSong]) -> dict[str, float]:
        """Loss of undoing the same noise each time, and its negative, which is to grow."""
        with torch.inference_mode():
            losses = [float(self.denoising_loss([song], n)) for n, song in enumerate(songs)]
        return {"validation_loss": mean(losses), "likelihood": -mean(losses)}

    def rouge(self, songs: Sequence[SummarisedSong]) -> dict[str, float]:
        """F1 of ROUGE-1, 2 and L over morphemes, of summaries of as many sentences as it takes."""
        written: list[str] = []
        for start in range(0, len(songs), 8):
            part = [song.lines for song in songs[start : start + 8]]
            summaries = self.summarizer.summarize_many(part, SummaryOptions(sentences=3))
            written += [" ".join(summary.sentences) for summary in summaries]
        candidates, references = tokens(written), tokens([song.summary or "" for song in songs])
        pairs = list(zip(candidates, references, strict=True))
        return {
            "rouge_1": mean(rouge_n(c, r, 1) for c, r in pairs),
            "rouge_2": mean(rouge_n(c, r, 2) for c, r in pairs),
            "rouge_l": mean(rouge_l(c, r) for c, r in pairs),
        }

    def export(self, folder: Path) -> None:
        """Write the model and its vocabulary as the summary stage reads them."""
        self.model.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)

    def _loss(self, rows: list[list[int]], texts: list[str]) -> Tensor:
        device = str(self.model.device)
        ids, mask = padded(rows, self.model.config.pad_token_id, device)
        # without the begin mark: the decoder starts with a token of its own
        targets = [self.summarizer.encode(text)[1:] for text in texts]
        labels, real = padded(targets, IGNORED, device)
        decoder = labels.masked_fill(real == 0, self.model.config.pad_token_id)
        start = torch.full_like(decoder[:, :1], self.model.config.decoder_start_token_id)
        output = self.model(
            input_ids=ids,
            attention_mask=mask,
            decoder_input_ids=torch.cat([start, decoder[:, :-1]], dim=1),
        )
        logits = output.logits.float().flatten(0, 1)  # (songs * tokens, vocabulary)
        return torch.nn.functional.cross_entropy(logits, labels.flatten(), ignore_index=IGNORED)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train as the arguments say; returns the best figures of each phase."""
    songs = read_summaries(args.data)
    if args.held_out:
        known, unseen = songs, read_summaries(args.held_out)
    else:
        known, unseen = hold_out(songs, args.validation, args.seed)
    writer = Writer(args)
    options = options_of(args)
    figures: dict[str, Any] = {"model": Path(args.model).name, "options": asdict(options)}
    for phase in PANELS if args.phase == "both" else (args.phase,):
        figures[phase] = _train(phase, writer, known, unseen, options, args)
    (args.run / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if args.export:
        writer.export(args.export)
        print(f"wrote {args.export}", flush=True)
    return figures


def _train(
    phase: str,
    writer: Writer,
    known: list[SummarisedSong],
    unseen: list[SummarisedSong],
    options: FinetuneOptions,
    args: argparse.Namespace,
) -> dict[str, float]:
    """One phase; its best epoch's figures."""
    denoises = phase == "denoise"
    known, unseen = (
        [song for song in songs if denoises or song.summary] for songs in (known, unseen)
    )
    if not unseen:
        raise ValueError(
            "no held-out song has a summary: give more songs, or a larger --validation"
        )
    measure: Callable[[Sequence[SummarisedSong]], dict[str, float]] = (
        writer.validation_loss if denoises else writer.rouge
    )
    folder = args.run / phase
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{phase}: {len(known)} songs, {len(unseen)} held out", flush=True)
    trainer = Finetuner(
        writer.model,
        known,
        writer.denoising_loss if denoises else writer.summary_loss,
        lambda: measure(unseen),
        "likelihood" if denoises else "rouge_l",
        options,
        folder,
    )
    start_or_resume(trainer, args.resume)
    trainer.train()
    shown = [{k: v for k, v in row.items() if k != "likelihood"} for row in trainer.history]
    draw_curves(shown, PANELS[phase], folder / "curves.png", over="epoch")
    return {**shown[trainer.best], "songs": len(known), "validation_songs": len(unseen)}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = arguments.parser(__doc__, DATA, "songs", BASE_MODEL)
    add = made.add_argument
    add("--held-out", type=Path, metavar="FILE",
        help="songs to measure on, rather than a share of the data")  # fmt: skip
    add("--phase", choices=("both", *PANELS), default="both", help="of training")
    add("--max-length", type=int, default=64, help="most tokens of a summary when measuring")
    add("--num-beams", type=int, default=4, help="beams when measuring")
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), run, words, WeightsError)


if __name__ == "__main__":
    sys.exit(main())
