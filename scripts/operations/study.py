"""Study what training on a corpus changes: summaries, covers and CLIP scores before and after, as a page.

    python scripts/operations/study.py runs/corpus --run runs/study
    python scripts/operations/study.py runs/corpus --run runs/study --model scratch --epochs 20 --lr 1e-3

KoBART is trained on the corpus, first to undo noise and then to summarise (train_kobart.py), and summarises
held-out songs. Covers are drawn from its summaries before and after and from the natural ones, and from prompts
with each of the four transformations alone and together. `scratch` is a small BART made from the corpus, where
nothing can be downloaded: its summaries before training are noise. --resume goes on with a run that was
stopped, and draws anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from scripts.benchmarks.stages.checkpoints import Size, write_kobart
from scripts.common import command_line
from scripts.common.reports import write_json
from scripts.common.rouge import rouge_l, rouge_n, tokens
from scripts.common.tally import Tally
from scripts.corpus.building.corpus import FIGURES, TRAIN, VALIDATION
from scripts.corpus.description.reading import rows_of
from scripts.evaluation.covers.drawing import Painter
from scripts.evaluation.covers.prompts import CoverPrompt
from scripts.evaluation.covers.writing import WORDINGS, Writer
from scripts.evaluation.study.clip_scores import Row, draw_rows, figures
from scripts.evaluation.study.page import study_page
from scripts.evaluation.study.songs import SUMMARIES, StudySong, read_songs, summaries
from scripts.training import train_kobart
from songdalle_core.artifacts import WeightsError
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.pretrained import Source
from songdalle_core.reranking import ClipReranker
from songdalle_core.summarization.kobart import KoBartOptions, KoBartSummarizer

SCRATCH = "scratch"
SMALL = Size(layers=3, width=192, heads=4, feed_forward=512, vocabulary=4000, positions=1026)
SHOWN = 4  # covers of a song and summary on the page


def study(args: argparse.Namespace) -> dict[str, Any]:
    """Train, draw, score and write the page; returns the figures."""
    torch.set_num_threads(args.threads)
    songs = read_songs(args.corpus / VALIDATION, args.songs)
    before = _scratch(args) if args.model == SCRATCH else args.model
    after = args.run / "model"
    training = _trained(args, before, after)
    search = KoBartOptions(max_length=args.max_length, num_beams=args.num_beams)
    written = {
        "pretrained": summaries(before, songs, search),
        "own": summaries(str(after), songs, search),
        "natural": [song.natural for song in songs],
    }
    by_summary, by_wording = _drawn(args, songs, written, str(after), search)
    result = {
        "corpus": json.loads((args.corpus / FIGURES).read_text(encoding="utf-8")),
        "model": args.model,
        "songs": len(songs),
        "candidates": args.candidates,
        "training": training,
        "histories": {phase: _history(args.run / phase) for phase in train_kobart.PANELS},
        "rouge": {
            name: _rouge(written[name], written["natural"]) for name in ("pretrained", "own")
        },
        "summaries": [
            {"title": song.title, **{name: written[name][song.number] for name in SUMMARIES}}
            for song in songs
        ],
        "by_summary": figures(by_summary),
        "by_transformation": figures(by_wording),
    }
    out = args.out or args.run / "study.html"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(study_page(result, songs, by_summary), encoding="utf-8")
    write_json(out.with_suffix(".json"), result)
    print(out)
    return result


def _scratch(args: argparse.Namespace) -> str:
    """A small BART whose vocabulary is the corpus's; made once a run."""
    folder = args.run / SCRATCH
    if not (folder / "config.json").exists():
        torch.manual_seed(args.seed)
        lines = [line for row in rows_of(args.corpus / TRAIN) for line in row["lyric"].split("\n")]
        write_kobart(folder, SMALL, lines)
    return str(folder)


def _trained(args: argparse.Namespace, before: str, after: Path) -> dict[str, Any]:
    """The best figures of each phase; trains unless a finished run is resumed."""
    metrics = args.run / "metrics.json"
    if args.resume and metrics.exists() and (after / "config.json").exists():
        return dict(json.loads(metrics.read_text(encoding="utf-8")))
    words: list[object] = ["--data", args.corpus / TRAIN, "--held-out", args.corpus / VALIDATION]
    words += ["--model", before, "--run", args.run, "--export", after, "--epochs", args.epochs]
    words += ["--batch", args.batch, "--lr", args.lr, "--patience", args.patience]
    words += ["--seed", args.seed, "--threads", args.threads, "--device", args.device]
    words += ["--max-length", args.max_length, "--num-beams", args.num_beams]
    words += ["--resume"] if args.resume else []
    return train_kobart.run(train_kobart.parser().parse_args(list(map(str, words))))


def _drawn(
    args: argparse.Namespace,
    songs: Sequence[StudySong],
    written: dict[str, list[str]],
    own: str,
    search: KoBartOptions,
) -> tuple[list[Row], list[Row]]:
    """Covers of the three summaries, and of the transformations alone and together."""
    writer = Writer(KoBartSummarizer.load(Source(own), search))
    prompts = {
        name: [writer.write_summary(texts[s.number].split(". "), s.mood) for s in songs]
        for name, texts in written.items()
    }
    asked = [CoverPrompt(s.number, "lyric", "\n".join(s.lines), (), (), s.mood) for s in songs]
    wordings = {
        name: [writer.write(p, wording) for p in asked] for name, wording in WORDINGS.items()
    }
    generator = load_generator(args.generator)
    reranker = ClipReranker.load(args.reranker, None, "cpu")
    tally = Tally("cover sets", len(songs) * (len(prompts) + len(wordings)))
    with Painter(generator, reranker, args.candidates, args.threads) as painter:
        by_summary, by_wording = (
            draw_rows(
                ways, prompts["natural"], painter, args.candidates, args.seed, SHOWN, tally.add
            )
            for ways in (prompts, wordings)
        )
    return by_summary, by_wording


def _history(folder: Path) -> list[dict[str, float]]:
    return list(json.loads((folder / "history.json").read_text(encoding="utf-8")))


def _rouge(written: Sequence[str], natural: Sequence[str]) -> dict[str, float]:
    pairs = list(zip(tokens(written), tokens(natural), strict=True))
    return {
        "rouge_1": mean(rouge_n(ours, theirs, 1) for ours, theirs in pairs),
        "rouge_2": mean(rouge_n(ours, theirs, 2) for ours, theirs in pairs),
        "rouge_l": mean(rouge_l(ours, theirs) for ours, theirs in pairs),
    }


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads", "resume")
    add = made.add_argument
    add(
        "corpus", type=Path, metavar="DIR", help="folder of scripts/corpus/build.py, with summaries"
    )
    add("--run", type=Path, required=True, metavar="DIR", help="checkpoints and the model go here")
    add("--out", type=Path, metavar="FILE", help="HTML to write; the JSON has the same name")
    add("--model", default=train_kobart.BASE_MODEL, help=f"folder, name on the hub, or {SCRATCH}")
    add("--epochs", type=command_line.count, default=10, help="most epochs of each phase")
    add("--batch", type=command_line.count, default=8, help="songs a step")
    add("--lr", type=float, default=5e-5, help="peak learning rate")
    add("--patience", type=command_line.amount, default=2,
        help="stop after so many epochs without a better measure; 0: never")  # fmt: skip
    add("--max-length", type=command_line.count, default=64, help="most tokens of a summary")
    add("--num-beams", type=command_line.count, default=4, help="beams")
    add("--songs", type=command_line.count, default=24, help="held-out songs that are drawn")
    add("--candidates", type=command_line.count, default=4, help="covers a prompt")
    add("--generator", default="embedded", help="generator folder")
    add("--reranker", default="embedded", help="open_clip model")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="to train on")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), study, arguments, WeightsError)


if __name__ == "__main__":
    sys.exit(main())
