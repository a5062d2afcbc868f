"""The stage that cleans the client's text and tells what of it can be read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from deployments.config.text import KiwiSpacing
from deployments.contract.messages import PreprocessedLyrics, PreprocessRequest
from deployments.stages.preprocess import Preprocess


@pytest.fixture(scope="module")
def stage() -> Any:
    return Preprocess.func_or_class(KiwiSpacing())


def preprocess(stage: Any, *request: Any) -> PreprocessedLyrics:
    result: PreprocessedLyrics = asyncio.run(stage.preprocess(PreprocessRequest(*request)))
    return result


def test_lines_that_nothing_reads_are_left_out_and_named(stage: Any) -> None:
    texts = preprocess(stage, "neoui son jabgo\n파란 하늘 아래\nte quiero mi amor")
    assert texts.lines == texts.clean.lines == ("파란 하늘 아래",)
    assert texts.clean.language == "ko"
    assert set(texts.unread) == {"neoui son jabgo", "te quiero mi amor"}


@pytest.mark.parametrize(
    "lyrics", ["neoui son jabgo", "夜空を見上げて love 君を想う", "te quiero mi amor"]
)
@pytest.mark.parametrize("polite", [True, False])
def test_a_text_that_nothing_reads_has_no_lines(stage: Any, lyrics: str, polite: bool) -> None:
    texts = preprocess(stage, lyrics, None, None, polite)
    assert (texts.clean.text, texts.lines) == ("", ())
    assert texts.unread


def test_a_prompt_needs_no_readable_lyrics_but_must_be_readable(stage: Any) -> None:
    texts = preprocess(stage, "te quiero mi amor", "a red kite")
    assert (texts.lines, texts.prompt_unread) == (("te quiero mi amor",), False)
    assert preprocess(stage, "하늘", "una noche de verano en la playa").prompt_unread
    assert preprocess(stage, "하늘", "夜空を見上げて").prompt_unread
    assert not preprocess(stage, "하늘", "파란 하늘").prompt_unread
