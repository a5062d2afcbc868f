"""The study as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from scripts.common.draw_sheet import row as sheet_row
from scripts.common.page import heading, page, paragraph, picture, plot, plot_fonts, table
from scripts.evaluation.study.clip_scores import Row
from scripts.evaluation.study.songs import SUMMARIES, StudySong

SHOWN_SONGS = 4
SHOWN_SIDE = 160  # pixels of a cover on the page


def study_page(study: dict[str, Any], songs: Sequence[StudySong], rows: Sequence[Row]) -> str:
    """The whole page.

    Args:
        study: the figures, as in the JSON.
        rows: of the three summaries, for their covers.
    """
    with plot_fonts():
        parts = [*_overview(study), *_training(study), *_summaries(study), *_scores(study)]
    parts += _covers(songs, rows)
    return page("What training on a corpus changes", parts)


def _overview(study: dict[str, Any]) -> list[str]:
    corpus = study["corpus"]
    return [
        paragraph(
            f"A corpus of {corpus['songs']:,} songs, {corpus['with_summary']:,} of them with a summary; "
            f"{study['training']['denoise']['songs']:,} were learnt from. The model is {study['model']}. "
            f"Summaries, covers and scores below are of {study['songs']} songs that no training saw, "
            f"{study['candidates']} covers each. Intervals are of 95%, by bootstrap over songs."
        )
    ]


def _training(study: dict[str, Any]) -> list[str]:
    histories = study["histories"]
    denoise, summarise = histories["denoise"], histories["summarise"]
    losses = ", ".join(f"{row['validation_loss']:.2f}" for row in denoise)
    rouge = ", ".join(f"{row['rouge_l']:.3f}" for row in summarise)
    header = ("", "ROUGE-1", "ROUGE-2", "ROUGE-L")
    rows = [(name, *study["rouge"][name].values()) for name in ("pretrained", "own")]
    return [
        heading("Training"),
        paragraph(
            "First the model learns to undo noise: spans of tokens replaced by one mask each, and lines in "
            "another order (text infilling and sentence permutation; Lewis et al., BART, section 2.2). "
            "Then it learns to summarise. The best epoch of each phase is kept."
        ),
        plot(_curves("loss", denoise, ("loss", "validation_loss")),
             f"Loss of undoing noise on held-out songs, epoch by epoch: {losses}",
             "Undoing noise: loss on the songs learnt from and on those held out."),
        plot(_curves("F1", summarise, ("rouge_1", "rouge_2", "rouge_l")),
             f"ROUGE-L of summaries of held-out songs, epoch by epoch: {rouge}",
             "Summarising: ROUGE over morphemes on held-out songs."),
        table("Summaries against the natural ones, over morphemes", header, rows),
    ]  # fmt: skip


def _summaries(study: dict[str, Any]) -> list[str]:
    rows = [
        (example["title"], *(example[name] for name in SUMMARIES)) for example in study["summaries"]
    ]
    header = ("song", "pretrained, before", "own, after", "natural")
    return [
        heading("Summaries before and after"),
        paragraph(
            "Of a song of which a model writes nothing, the first line stands for the summary, as in the "
            "service."
        ),
        table("Summaries side by side", header, rows, text=True),
    ]


def _scores(study: dict[str, Any]) -> list[str]:
    told = (
        "The CLIP score of a cover against the prompt that drew it, and against the same words in every "
        "row: the prompt of the natural summary. The gain is over the first row, song by song."
    )
    return [
        heading("CLIP scores by summary"),
        paragraph(told),
        table("CLIP scores by whose summary was drawn", HEADER, _score_rows(study["by_summary"])),
        heading("CLIP scores by transformation"),
        paragraph(
            "The four transformations of a prompt alone and together: a style before it, a mood after it, "
            "its length (our own model's summary in place of every line), and the removal of repeated and "
            "rude words."
        ),
        table("CLIP scores by transformation", HEADER, _score_rows(study["by_transformation"])),
    ]


INTERVAL = "95% interval"
HEADER = ("", "words", "own prompt", INTERVAL, "reference", INTERVAL, "gain", INTERVAL)


def _score_rows(figures: Sequence[dict[str, Any]]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for row in figures:
        cells: list[object] = [row["name"], row["words"]]
        for name in ("own", "reference", "gain"):
            interval = row[name]
            cells += ["–", "–"] if interval is None else [
                f"{interval['mean']:+.3f}" if name == "gain" else f"{interval['mean']:.3f}",
                f"{interval['low']:.3f} to {interval['high']:.3f}",
            ]  # fmt: skip
        rows.append(tuple(cells))
    return rows


def _covers(songs: Sequence[StudySong], rows: Sequence[Row]) -> list[str]:
    parts = [heading("Covers")]
    for song in songs[:SHOWN_SONGS]:
        strips = [sheet_row(row.name, _small(row.best[song.number])) for row in rows]
        told = "; ".join(f"{row.name}: {row.prompts[song.number]}" for row in rows)
        drawn = Image.fromarray(np.concatenate(strips))
        parts.append(
            picture(
                drawn, f"Covers of {song.title}, a row for each summary", f"{song.title}. {told}"
            )
        )
    return parts


def _small(pictures: np.ndarray) -> list[np.ndarray]:
    side = (SHOWN_SIDE, SHOWN_SIDE)
    return [np.asarray(Image.fromarray(one).resize(side)) for one in pictures]


def _curves(label: str, history: Sequence[dict[str, float]], names: Sequence[str]) -> Figure:
    figure = Figure(figsize=(7.5, 3.0), layout="constrained")
    axes = figure.subplots()
    for name in names:
        values = [row[name] for row in history]
        axes.plot([row["epoch"] for row in history], values, marker=".", label=name)
    axes.set(xlabel="epoch", ylabel=label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure
