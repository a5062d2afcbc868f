"""The page of a described corpus."""

from __future__ import annotations

from typing import Any

from scripts.common.page import heading, page, paragraph, plot, plot_fonts, table
from scripts.corpus.description import plots
from scripts.corpus.description.reading import UNDATED
from scripts.corpus.description.report import QUANTILES

SHOWN_WORDS = 15


def description(figures: dict[str, Any], name: str) -> str:
    """The whole page.

    Args:
        figures: those of `report`.
        name: of the corpus.
    """
    dated = [decade for decade in figures["by_decade"] if decade["decade"] != UNDATED]
    with plot_fonts():
        parts = [*_overview(figures), *_lengths(figures)]
        if dated:
            parts += _decades(dated)
        parts += _words(figures, dated)
    return page(f"Songs of {name}", parts)


def _overview(figures: dict[str, Any]) -> list[str]:
    songs, analysed = figures["songs"], figures["songs_analysed"]
    part = "all of them" if analysed == songs else "a random part of each decade"
    return [
        paragraph(
            f"{songs:,} songs with lyrics, and {figures['songs_without_lyrics']:,} without, which count "
            "nowhere below. Lengths, languages and repeated lines are of all songs; tokens, words, moods "
            f"and picturable nouns of {analysed:,}, {part}. Intervals are of 95%."
        )
    ]


def _lengths(figures: dict[str, Any]) -> list[str]:
    header = ("", "mean", "least", *(q.replace("_", " ") for q in QUANTILES), "most", "songs")
    names = ("mean", "least", *QUANTILES, "most", "songs")
    rows = [
        (what, *(values[name] for name in names))
        for what, values in figures["lengths"].items()
        if values
    ]
    rows += [
        (f"the original's {what}", *(values.get(name) for name in names))
        for what, values in figures["the_originals"].items()
    ]
    parts = [
        heading("How long they are"),
        table("Lengths of songs and of their summaries", header, rows),
        paragraph(
            "A token is a morpheme of kiwi here, punctuation left out; in the original's figures it is a "
            "token of KoBART's vocabulary."
        ),
    ]
    for unit in ("characters", "tokens"):
        if values := figures["lengths"][unit]:
            drawn = plots.lengths(figures["histograms"][unit], unit, values["mean"])
            parts.append(
                plot(drawn, f"Histogram of the {unit} of a song, mean {values['mean']:,.0f}")
            )
    return parts


def _decades(dated: list[dict[str, Any]]) -> list[str]:
    def told(name: str) -> str:
        known = [(d["decade"], d[name]["mean"]) for d in dated if d[name]]
        return ", ".join(f"{decade} {value:.2f}" for decade, value in known)

    moods = "; ".join(
        f"{d['decade']} " + ", ".join(f"{m} {s['share']:.0%}" for m, s in d["moods"].items())
        for d in dated
        if d["analysed"]
    )
    counts = "; ".join(f"{d['decade']} {d['songs']:,}" for d in dated)
    return [
        heading("By decade"),
        plot(plots.languages(dated), f"Songs by decade and language: {counts}",
             "Songs by decade and language; mixed: Korean and English."),
        plot(plots.means(dated, "repeated_lines", "share of lines sung before"),
             f"Share of lines that repeat an earlier one: {told('repeated_lines')}",
             "Repetition: the share of a song's lines that were sung before."),
        plot(plots.means(dated, "packed", "size after compression"),
             f"Size after compression as a share of the size before: {told('packed')}",
             "Repetition within lines, too: the size after compression (deflate) as a share of the size "
             "before; the less, the more repeats itself."),
        heading("Moods over time"),
        plot(plots.moods(dated), f"Shares of moods: {moods}",
             "The mood that the service's classifier gives each song."),
        heading("What one can picture"),
        plot(plots.means(dated, "picturable_nouns", "picturable nouns a song"),
             f"Different picturable nouns of a song: {told('picturable_nouns')}",
             "Different nouns of a song that the lexicon says one can paint."),
    ]  # fmt: skip


def _words(figures: dict[str, Any], dated: list[dict[str, Any]]) -> list[str]:
    whole = figures["all"]
    parts = []
    if whole["picturable"]:
        parts.append(
            plot(plots.words(whole["picturable"][:20], whole["analysed"]),
                 "Picturable nouns in the most songs: " + _listed(whole["picturable"][:20]),
                 "Picturable nouns by the share of songs they come in.")
        )  # fmt: skip
    parts.append(heading("Most frequent words"))
    shown = [decade for decade in dated if decade["words"]] or [whole]
    rows = [
        (f"{place + 1}", *(_word(decade["words"], place) for decade in shown))
        for place in range(min(SHOWN_WORDS, max(len(decade["words"]) for decade in shown)))
    ]
    caption = "Words without stop words, with the number of songs they come in"
    header = ("", *(decade["decade"] for decade in shown))
    parts.append(table(caption, header, rows, text=True))
    return parts


def _word(words: list[tuple[str, int]], place: int) -> str | None:
    return f"{words[place][0]} {words[place][1]:,}" if place < len(words) else None


def _listed(words: list[tuple[str, int]]) -> str:
    return ", ".join(f"{word} {count:,}" for word, count in words)
