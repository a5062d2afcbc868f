"""Rich text and JSON."""

import json

import pytest

from songdalle_core.pasted.documents import document_text

LINES = ["A lamp is burning", "노란 풍선"]
TEXT = "\n".join(LINES)
RICH = r"""{\rtf1\ansi\ansicpg1252\cocoartf2639
{\fonttbl\f0\fswiss\fcharset0 Helvetica;}
{\colortbl;\red255\green255\blue255;}
\pard\tx566
\f0\fs24 \cf0 A lamp is burning\
\uc0\u45432 \u46976  \u54413 \u49440 }"""


def test_rich_text() -> None:
    assert document_text(RICH) == TEXT
    korean = r"{\rtf1\ansi\ansicpg949{\fonttbl{\f0\fcharset129 x;}}"
    korean += r"\f0 A lamp is burning\par \'b3\'eb\'b6\'f5 \'c7\'b3\'bc\'b1}"
    assert document_text(korean) == TEXT


@pytest.mark.parametrize(
    "document",
    [
        TEXT,
        {"lyrics": TEXT},
        {"id": 1, "trackName": "Lamp", "plainLyrics": TEXT, "syncedLyrics": f"[00:01.00] {TEXT}"},
        {"lrc": {"version": 3, "lyric": TEXT}, "tlyric": {"lyric": "x"}},
        {"lyrics": [{"time": 1.0, "text": line} for line in LINES]},
        [{"startTimeMs": "1", "words": line, "syllables": []} for line in LINES],
        {"lyrics": {"syncType": "LINE_SYNCED", "lines": [{"words": line} for line in LINES]}},
        {
            "wireMagic": "pb3",
            "events": [{"tStartMs": 1, "segs": [{"utf8": line}]} for line in LINES],
        },
    ],
)
def test_json(document: object) -> None:
    assert document_text(json.dumps(document)) == TEXT
    assert document_text(json.dumps(document, ensure_ascii=False, indent=1)) == TEXT


def test_escaped_line_breaks() -> None:
    assert document_text(r"A lamp is burning\n노란 풍선") == TEXT
    assert document_text("A lamp\n\\nobody") == "A lamp\n\\nobody"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[Chorus]\nA lamp\n[Outro]",
        '"Stay," said the lighthouse, "Go"',
        "{nothing}",
        "[1, 2, 3]",
        '{"a": 1}',
        "[" * 20_000 + "]",
        "{" * 20_000 + "}",
        "1" * 5_000,
        "[" + "1" * 5_000 + "]",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert document_text(text) == text


@pytest.mark.parametrize("piece", ["{\\rtf1 ", "{", "\\'", "\\u1 ", "\\a "])
def test_broken_rich_text_ends(piece: str) -> None:
    assert len(document_text(("{\\rtf1 " + piece * 10_000)[:20_000])) <= 20_000
