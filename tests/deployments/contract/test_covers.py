from __future__ import annotations

import unicodedata

import pytest
from pydantic import ValidationError

from deployments.api.openai.schemas import ImageRequest
from deployments.contract.covers import MAX_LYRICS, CoverRequest, without_controls
from deployments.contract.problems import well_formed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1bc\x7fd\x85e", "abcde"),
        ("one\r\ntwo\rthree\nfour\tfive", "one\ntwo\nthree\nfour\tfive"),
        ("한글 😀 e\u0301", "한글 😀 e\u0301"),
        ("\x00", ""),
    ],
)
def test_control_characters_go(text: str, expected: str) -> None:
    assert without_controls(text) == expected


def test_half_surrogate_pairs_become_writable() -> None:
    assert well_formed("a\ud800b").encode() == b"a?b"
    assert well_formed("한 😀") == "한 😀"


DECOMPOSED = unicodedata.normalize("NFD", "노란 나비")
HALF_WIDTH = "\uffa4\uffcc\uffa9\uffc2\uffa4 \uffa4\uffc2\uffb2\uffdc"  # ㄴㅗㄹㅏㄴ ㄴㅏㅂㅣ


@pytest.mark.parametrize("text", [DECOMPOSED, HALF_WIDTH, "ㄴㅗㄹㅏㄴ ㄴㅏㅂㅣ"])
@pytest.mark.parametrize("field", ["lyrics", "prompt", "title", "artist", "style"])
def test_every_text_comes_in_one_normal_form(field: str, text: str) -> None:
    request = CoverRequest(**({"lyrics": "비"} | {field: text}))
    assert getattr(request, field) == "노란 나비"


def test_limits_count_the_normal_form() -> None:
    request = CoverRequest(lyrics=unicodedata.normalize("NFD", "밤" * MAX_LYRICS))
    assert len(request.lyrics) == MAX_LYRICS
    with pytest.raises(ValidationError, match="20000"):
        CoverRequest(lyrics=unicodedata.normalize("NFD", "밤" * (MAX_LYRICS + 1)))


def test_an_image_prompt_in_decomposed_korean_is_korean() -> None:
    order = ImageRequest(prompt=DECOMPOSED).order()
    assert (order.lyrics, order.prompt) == ("노란 나비", None)
