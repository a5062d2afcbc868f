from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.corpus.description.reading import decade_of, place_of, rows, sample


def corpus(folder: Path, songs: int) -> Path:
    lines = [
        json.dumps(
            {"id": f"{n}", "lyric": "별", "language": "ko", "decade": f"{1980 + n % 2 * 10}s"}
        )
        for n in range(songs)
    ]
    (folder / "train.jsonl").write_text("\n".join(lines[1:]) + "\n")
    (folder / "validation.jsonl").write_text(lines[0] + "\n")
    return folder


def test_the_sample_is_as_large_as_was_asked_for_and_always_the_same(tmp_path: Path) -> None:
    folder = corpus(tmp_path, 101)
    counts, limits = sample(folder, 20)
    assert counts == {"1980s": 51, "1990s": 50}
    chosen = [row["id"] for row in rows(folder) if place_of(row) <= limits[decade_of(row)]]
    assert len(chosen) == 40
    assert sample(folder, 20) == (counts, limits)
    for most in (0, 500):
        _, limits = sample(folder, most)
        assert all(place_of(row) <= limits[decade_of(row)] for row in rows(folder))


def test_what_is_no_corpus_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"build it by scripts/corpus/build.py"):
        list(rows(tmp_path))
    corpus(tmp_path, 3)
    with (tmp_path / "train.jsonl").open("a") as file:
        file.write('{"lyric": "별"}\n')
    with pytest.raises(ValueError, match=r"train.jsonl, line 3 is no row of a corpus"):
        list(rows(tmp_path))
