"""Whole pages, sheets and files as they are copied: what the models get of them is what is sung."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from songdalle_core.lyrics.readable import read_lyrics

DATA = Path(__file__).parents[1] / "data" / "pasted" / "pages.jsonl"
PAGES = [json.loads(row) for row in DATA.read_text(encoding="utf-8").split("\n") if row]


def unspaced(text: str) -> str:
    return text


@pytest.mark.parametrize("page", PAGES, ids=[page["name"] for page in PAGES])
def test_a_page_is_its_lyric(page: dict[str, str]) -> None:
    lyric, unread = read_lyrics(page["text"], spacer=unspaced)
    assert list(lyric.lines) == page["lines"]
    assert all(
        "haneul" in line or "pungseon" in line for line in unread
    )  # romanised, beside Hangul
