from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from songdalle_client.answers import CoverSet
from songdalle_client.errors import Unexpected
from songdalle_client.sheet import CELL, GAP, HEADER, contact_sheet
from songdalle_core.provenance import NOTICE, read_metadata
from tests.songdalle_client.service import cover_set, picture


def made(count: int, **changes: Any) -> CoverSet:
    found = cover_set("0" * 32, {"lyrics": "la", "candidates": count})
    return CoverSet.model_validate(found | changes)


def files(count: int) -> dict[int, bytes]:
    return {rank: picture(20 * rank) for rank in range(1, count + 1)}


def test_covers_stand_in_the_order_of_their_ranks() -> None:
    sheet = contact_sheet(made(6), files(6))
    with Image.open(io.BytesIO(sheet)) as image:
        step = CELL + GAP
        middles = [(GAP + n * step + CELL // 2, HEADER + CELL // 2) for n in range(4)]
        colours = [image.convert("RGB").getpixel(middle) for middle in middles]
        assert image.width == GAP + 4 * step
        assert image.height > 2 * step
    assert colours == [(20, 90, 160), (40, 90, 160), (60, 90, 160), (80, 90, 160)]


def test_it_says_who_made_it() -> None:
    said = read_metadata(contact_sheet(made(1, notice="x" * 500), files(1)))
    assert said["notice"] == NOTICE
    assert said["prompt"] == "a painting of a lamp on the hill"


def test_a_long_prompt_is_cut_short() -> None:
    long = contact_sheet(made(2, prompt="lamp " * 200), files(2))
    short = contact_sheet(made(2), files(2))
    with Image.open(io.BytesIO(long)) as one, Image.open(io.BytesIO(short)) as other:
        assert one.size == other.size


def test_a_set_without_covers_is_a_sheet() -> None:
    assert contact_sheet(made(1, covers=[]), {})


@pytest.mark.parametrize("file", [b"", b"no picture", picture(1)[:60], picture(1, "WEBP")], ids=len)
def test_what_is_no_png(file: bytes) -> None:
    with pytest.raises(Unexpected, match="no PNG"):
        contact_sheet(made(1), {1: file})


@pytest.mark.parametrize("side", [5000, 15_000])
def test_a_picture_of_any_size_is_not_unpacked(side: int) -> None:
    large = io.BytesIO()
    Image.new("1", (side, side)).save(large, format="PNG")
    with pytest.raises(Unexpected, match="larger"):
        contact_sheet(made(1), {1: large.getvalue()})
