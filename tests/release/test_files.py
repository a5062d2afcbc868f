"""Release files: what is in them, and how large they are."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from songdalle_core.provenance import NOTICE, SOURCE_TYPE, CoverMetadata
from songdalle_core.release import FORMATS, MAX_BYTES, FileFormat
from songdalle_core.release.files import QUALITIES, encode, srgb_profile
from tests.release.pictures import half_busy

METADATA = CoverMetadata("a secret prompt", 7, "a model")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_has_profile_mark_and_names_and_no_prompt(kind: FileFormat) -> None:
    file = encode(half_busy(), kind, METADATA, "사랑 & <비>", "선")
    with Image.open(io.BytesIO(file.content)) as image:
        image.load()
        assert (image.format, image.mode, image.size) == (kind.upper(), "RGB", (400, 400))
        assert image.info["icc_profile"] == srgb_profile()
        packet = image.info["xmp"]
    text = packet.decode() if isinstance(packet, bytes) else packet
    for words in (SOURCE_TYPE, NOTICE, "사랑 &amp; &lt;비&gt;", "<rdf:li>선</rdf:li>"):
        assert words in text
    assert b"secret" not in file.content
    assert file.fits


def test_png_loses_nothing() -> None:
    file = encode(half_busy(), "png", METADATA)
    with Image.open(io.BytesIO(file.content)) as image:
        assert np.array_equal(np.asarray(image), half_busy())


def test_a_picture_too_rich_for_ten_megabytes_gets_a_lower_quality() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (2300, 2300, 3), dtype=np.uint8)
    assert encode(half_busy(), "jpeg", METADATA).quality == QUALITIES[0]
    file = encode(noise, "jpeg", METADATA)
    assert file.quality is not None
    assert file.quality < QUALITIES[0]
    assert file.fits == (len(file.content) < MAX_BYTES)


def test_equal_arguments_give_equal_bytes() -> None:
    first, again = (encode(half_busy(), "jpeg", METADATA, "바다") for _ in range(2))
    assert first == again
    written = srgb_profile()[24:36]
    assert int.from_bytes(written[:2], "big") == 2026
