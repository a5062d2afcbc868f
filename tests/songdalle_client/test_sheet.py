from __future__ import annotations

import io
import struct
import zlib
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageOps

from songdalle_client.answers import CoverSet
from songdalle_client.errors import Unexpected
from songdalle_client.sheet import CELL, FOOTER, GAP, HEADER, contact_sheet
from songdalle_core.provenance import NOTICE, CoverMetadata, encode_png, read_metadata
from tests.songdalle_client.service import cover_set, picture


def made(count: int, **changes: Any) -> CoverSet:
    answer = cover_set("0" * 32, {"lyrics": "la", "candidates": count})
    return CoverSet.model_validate(answer | changes)


def files(count: int) -> dict[int, bytes]:
    return {rank: picture(20 * rank) for rank in range(1, count + 1)}


def source_type(file: bytes) -> str:
    """What kind of source the XMP packet of a PNG names, in IPTC's terms."""
    with Image.open(io.BytesIO(file)) as image:
        packet = ElementTree.fromstring(image.info["XML:com.adobe.xmp"])
    return packet.findtext(
        ".//{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType", default=""
    )


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
    """As the covers do, whatever an answer says: to the eye, in the metadata, and to other programs."""
    file = contact_sheet(made(1, notice="x" * 500, prompt="등불\0"), files(1))
    cover = encode_png(np.zeros((64, 64, 3), np.uint8), CoverMetadata("등불", 5, "fake"))
    metadata = read_metadata(file)
    assert metadata == read_metadata(cover)
    assert metadata["notice"] == NOTICE
    with Image.open(io.BytesIO(file)) as sheet:
        footer = sheet.convert("L").crop((0, sheet.height - FOOTER, *sheet.size))
    assert ImageOps.invert(footer).getbbox() is not None
    assert source_type(file) == source_type(cover) != ""


def test_a_long_prompt_is_cut_short() -> None:
    long = contact_sheet(made(2, prompt="lamp " * 200), files(2))
    short = contact_sheet(made(2), files(2))
    with Image.open(io.BytesIO(long)) as one, Image.open(io.BytesIO(short)) as other:
        assert one.size == other.size
        header = one.convert("L").crop((0, 0, one.width, HEADER))
    left, _, right, _ = ImageOps.invert(header).getbbox() or (0, 0, 0, 0)
    assert left >= GAP
    assert one.width - GAP - 30 < right <= one.width - GAP  # as much as there is room for


def test_a_set_without_covers_is_a_sheet() -> None:
    assert contact_sheet(made(1, covers=[]), {})


@pytest.mark.parametrize("file", [b"", b"no picture", picture(1)[:60], picture(1, "WEBP")], ids=len)
def test_what_is_no_png(file: bytes) -> None:
    with pytest.raises(Unexpected, match="no PNG"):
        contact_sheet(made(1), {1: file})


@pytest.mark.parametrize("side", [5000, 15_000])
def test_a_picture_of_any_size_is_not_unpacked(side: int) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    small = picture(1)
    large = small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]
    with pytest.raises(Unexpected, match="larger"):
        contact_sheet(made(1), {1: large})
