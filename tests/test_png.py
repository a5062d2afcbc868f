from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from songdalle_core.png import encode


def info(**texts: str) -> PngInfo:
    made = PngInfo()
    for key, text in texts.items():
        made.add_itxt(key, text)
    return made


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (33, 64), (512, 512)])
def test_pixels_come_back_bit_for_bit(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    png = encode(image, info())
    with Image.open(io.BytesIO(png)) as read:
        read.verify()  # checksums
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), image)
    by_libpng = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(by_libpng[..., ::-1], image)


def test_views_of_pictures_are_written_as_they_look() -> None:
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    mirrored = image[:, ::-1]
    assert encode(mirrored, info()) == encode(np.ascontiguousarray(mirrored), info())


def test_texts_stand_before_the_pixels() -> None:
    png = encode(np.zeros((2, 2, 3), np.uint8), info(prompt="눈물", seed="7"))
    with Image.open(io.BytesIO(png)) as read:
        assert read.info == {"prompt": "눈물", "seed": "7"}  # without reading on to the end
    assert png.index(b"prompt") < png.index(b"IDAT")


def test_a_smooth_picture_takes_a_fraction_of_its_pixels() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 256, axis=1)
    assert len(encode(np.repeat(ramp, 3, axis=2), info())) < 256 * 256 * 3 / 50
