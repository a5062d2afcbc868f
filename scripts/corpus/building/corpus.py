"""The finished corpus: songs to learn from and to measure on, songs without lyrics, and figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from scripts.common.reports import write_json
from scripts.corpus.building.journal import Journal

TRAIN, VALIDATION, EMPTY, FIGURES = (
    "train.jsonl",
    "validation.jsonl",
    "without_lyrics.jsonl",
    "corpus.json",
)
INTERNAL = ("status", "duplicate_of")


def write_corpus(journal: Journal, folder: Path, validation: float, seed: int) -> dict[str, Any]:
    """Write the files of a corpus; returns its figures.

    Of each group, Korean and foreign, the same share is held out; which songs depends on their ids and the seed
    alone.
    """
    held_out = _held_out(journal, validation, seed)
    names = {TRAIN: folder / TRAIN, VALIDATION: folder / VALIDATION, EMPTY: folder / EMPTY}
    drafts = {name: path.with_suffix(".part") for name, path in names.items()}
    files = {name: path.open("w", encoding="utf-8") for name, path in drafts.items()}
    try:
        for row in _songs(journal):
            if row["status"] == "duplicate":
                continue
            name = (
                EMPTY
                if row["status"] == "empty"
                else VALIDATION
                if row["id"] in held_out
                else TRAIN
            )
            kept = {key: value for key, value in row.items() if key not in INTERNAL}
            files[name].write(json.dumps(kept, ensure_ascii=False) + "\n")
    finally:
        for file in files.values():
            file.close()
    for name, draft in drafts.items():
        draft.replace(names[name])
    figures = _figures(_songs(journal), held_out)
    write_json(folder / FIGURES, figures)
    return figures


def _songs(journal: Journal) -> Iterable[dict[str, Any]]:
    return (row for row in journal.rows() if "status" in row)


def _held_out(journal: Journal, validation: float, seed: int) -> frozenset[str]:
    groups: dict[str, list[str]] = {}
    for row in _songs(journal):
        if row["status"] == "kept":
            groups.setdefault(row["group"], []).append(row["id"])
    chosen: set[str] = set()
    for ids in groups.values():
        ids.sort(key=lambda id: sha256(f"{seed}:{id}".encode()).digest())
        chosen.update(ids[: max(round(validation * len(ids)), 1 if len(ids) > 1 else 0)])
    return frozenset(chosen)


def _figures(rows: Iterable[dict[str, Any]], held_out: frozenset[str]) -> dict[str, Any]:
    """How many songs of what kind there are."""
    status: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("language", "group", "decade", "source", "licence", "missing")
    }
    split: dict[str, Counter[str]] = {"train": Counter(), "validation": Counter()}
    summaries = 0
    for row in rows:
        status[row["status"]] += 1
        if row["status"] == "empty":
            counts["missing"][row.get("missing", "no_lyrics")] += 1
        if row["status"] != "kept":
            continue
        summaries += "summary" in row
        split["validation" if row["id"] in held_out else "train"][row["group"]] += 1
        for name in ("language", "group", "licence"):
            counts[name][row[name]] += 1
        counts["decade"][row.get("decade", "unknown")] += 1
        # a folder's songs are one source
        counts["source"][row["source"].partition("/")[0]] += 1
    songs = status["kept"]
    return {
        "songs": songs,
        "duplicates_left_out": status["duplicate"],
        "without_lyrics": status["empty"],
        "why_without": dict(counts["missing"].most_common()),
        "with_summary": summaries,
        "split": {name: dict(groups) for name, groups in split.items()},
        "language_shares": {
            name: round(count / songs, 4) for name, count in counts["language"].most_common()
        },
        "decades": dict(sorted(counts["decade"].items())),
        "sources": dict(counts["source"].most_common()),
        "licences": dict(counts["licence"].most_common()),
    }
