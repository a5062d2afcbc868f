"""The stores' rules, on files that keep them and on files that break one each."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from songdalle_core.provenance import CoverMetadata
from songdalle_core.release import FORMATS, FileFormat
from songdalle_core.release.files import encode, srgb_profile
from songdalle_core.release.rules import check_release
from tests.release.pictures import half_busy

METADATA = CoverMetadata("", 0, "")


def broken(content: bytes, side: int = 400) -> set[str]:
    return {finding.rule for finding in check_release(content, side) if not finding.kept}


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_our_own_files_keep_all_of_them(kind: FileFormat) -> None:
    assert broken(encode(half_busy(), kind, METADATA).content) == set()


def test_each_broken_rule_is_named() -> None:
    picture = Image.fromarray(half_busy())
    plain = {"icc_profile": srgb_profile(), "subsampling": 0}
    unmarked = {"marked as AI-made"}
    assert broken(saved(picture, **plain)) == unmarked
    assert broken(saved(picture, subsampling=0)) == unmarked | {"sRGB profile"}
    assert broken(saved(picture, icc_profile=srgb_profile(), subsampling=2)) == unmarked | {
        "colour at full resolution"
    }
    assert broken(saved(picture, **plain, progressive=True)) == unmarked | {"baseline JPEG"}
    exif = Image.Exif()
    exif[0x0112] = 6
    assert broken(saved(picture, **plain, exif=exif)) == unmarked | {"upright"}
    rgba = saved(picture.convert("RGBA"), "PNG", icc_profile=srgb_profile())
    assert broken(rgba) == unmarked | {"8-bit RGB without alpha"}
    tall = saved(picture.resize((400, 300)), **plain)
    assert broken(tall) == unmarked | {"square", "400 pixels a side"}
    webp = saved(picture, "WEBP", icc_profile=srgb_profile())
    assert broken(webp) == unmarked | {"JPEG or PNG"}
    white = Image.fromarray(np.full((400, 400, 3), 255, np.uint8))
    assert broken(saved(white, **plain)) == unmarked | {"not all of one colour"}


def test_size_in_bytes_is_a_rule() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (2000, 2000, 3), dtype=np.uint8)
    assert broken(encode(noise, "png", METADATA).content, 2000) == {"below 10 MB"}


def test_what_is_no_picture_is_said() -> None:
    with pytest.raises(ValueError, match="no picture"):
        check_release(b"GIF nothing")
