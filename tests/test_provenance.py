from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from typing import get_args
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from songdalle_core import __version__
from songdalle_core.provenance import (
    LOWEST_QUALITY,
    NOTICE,
    CoverMetadata,
    PictureFormat,
    convert,
    encode_png,
    encode_webp,
    label_image,
    read_metadata,
)

IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
METADATA = CoverMetadata(prompt="a painting of a balloon", seed=7, model="rqtransformer-7m")


def plain(side: int, value: int) -> npt.NDArray[np.uint8]:
    return np.full((side, side, 3), value, dtype=np.uint8)


def chunk_names(png: bytes) -> list[bytes]:
    """Types of all chunks, read without Pillow, each checksum verified."""
    names, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        body = png[at + 4 : at + 8 + length]
        (checksum,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert zlib.crc32(body) == checksum
        names.append(body[:4])
        at += 12 + length
    return names


def contrast(labelled: npt.NDArray[np.uint8]) -> float:
    """WCAG contrast ratio of the lightest to the darkest pixel of the lower right corner."""
    corner = labelled[-6:, -40:].reshape(-1, 3) / 255.0
    linear = np.where(corner <= 0.04045, corner / 12.92, ((corner + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return float((luminance.max() + 0.05) / (luminance.min() + 0.05))


@pytest.mark.parametrize("side", [64, 128, 256, 512, 1024])
@pytest.mark.parametrize("background", [0, 128, 255])
def test_notice_is_in_the_lower_right_corner_and_nowhere_else(side: int, background: int) -> None:
    image = plain(side, background)
    labelled = label_image(image)
    assert labelled.shape == image.shape
    assert labelled.dtype == np.uint8
    changed = np.argwhere((labelled != image).any(axis=2))
    assert changed.size
    assert changed[:, 0].min() > side * 0.82
    assert changed[:, 1].min() > side * (0.03 if side == 64 else 0.3)


@pytest.mark.parametrize("side", [64, 128, 256, 512])
@pytest.mark.parametrize("background", [0, 64, 128, 200, 255])
def test_letters_stand_out_from_any_background(side: int, background: int) -> None:
    assert contrast(label_image(plain(side, background))) >= 7.0


def test_letters_stand_out_from_a_busy_background() -> None:
    image = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    strip = label_image(image)[-9:, -70:].astype(int).min(axis=2)
    # letters are nearly white, nothing of the background between them is
    assert (strip > 235).any(axis=0).mean() > 0.3
    assert ((strip > 90) & (strip < 110)).mean() < 0.12


def test_words_are_separate_at_the_smallest_size() -> None:
    columns = label_image(plain(64, 0)).max(axis=(0, 2)) > 60
    text = np.flatnonzero(columns)
    gaps = np.diff(text) - 1
    assert (gaps >= 2).sum() == NOTICE.count(" ")


def test_label_leaves_its_input_alone() -> None:
    image = plain(128, 200)
    label_image(image)
    assert (image == 200).all()


def test_wide_and_tall_images() -> None:
    for shape in [(64, 300, 3), (300, 64, 3)]:
        image = np.full(shape, 90, dtype=np.uint8)
        assert (label_image(image)[-5:, -5:] != image[-5:, -5:]).any()


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((128, 128, 3), dtype=np.float32),
        np.zeros((128, 128), dtype=np.uint8),
        np.zeros((128, 128, 4), dtype=np.uint8),
        np.zeros((63, 128, 3), dtype=np.uint8),
    ],
)
def test_wrong_images_are_refused(image: npt.NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=r"uint8|64 pixels"):
        label_image(image)


def test_notice_too_long_for_the_image() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        label_image(plain(64, 0), "a notice as long as a paragraph of the law that asks for it")


def test_metadata_comes_back() -> None:
    assert read_metadata(encode_png(plain(128, 10), METADATA)) == {
        "prompt": "a painting of a balloon",
        "seed": "7",
        "model": "rqtransformer-7m",
        "notice": NOTICE,
        "software": f"Song DALL-E {__version__}",
    }


@pytest.mark.parametrize(
    "prompt",
    ["풍선을 타고 날아가는 예쁜 꿈", "café à minuit", "🎈" * 500, "", "line\nline", "x" * 20_000],
)
def test_any_script_survives(prompt: str) -> None:
    png = encode_png(plain(64, 10), replace(METADATA, prompt=prompt))
    assert read_metadata(png)["prompt"] == prompt


def test_what_png_cannot_hold_is_dropped() -> None:
    png = encode_png(plain(64, 10), replace(METADATA, prompt="a\0b\ud800c"))
    assert read_metadata(png)["prompt"] == "ab?c"


def test_latin_is_text_and_other_scripts_are_international_text() -> None:
    english = chunk_names(encode_png(plain(64, 10), METADATA))
    korean = chunk_names(encode_png(plain(64, 10), replace(METADATA, prompt="바다")))
    assert english.count(b"tEXt") == 5
    assert korean.count(b"tEXt") == 4
    assert korean.count(b"iTXt") == english.count(b"iTXt") + 1
    assert b"tIME" not in english


def test_xmp_names_the_digital_source_type() -> None:
    png = encode_png(plain(64, 10), replace(METADATA, notice="AI & <made>"))
    assert b"digitalsourcetype/trainedAlgorithmicMedia<" in png
    assert b"AI &amp; &lt;made&gt;" in png


def test_equal_arguments_give_equal_bytes() -> None:
    image = np.random.default_rng(1).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    assert encode_png(image, METADATA, upscale=2) == encode_png(image.copy(), METADATA, upscale=2)
    assert encode_png(image, METADATA) != encode_png(image, replace(METADATA, seed=8))


@pytest.mark.parametrize("resampling", ["nearest", "lanczos"])
def test_upscaling_comes_before_the_label(resampling: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    image = np.random.default_rng(2).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    path = tmp_path / "cover.png"
    path.write_bytes(encode_png(image, METADATA, upscale=2, resampling=resampling))  # type: ignore[arg-type]
    with Image.open(path) as opened:
        assert opened.size == (256, 256)
        assert opened.mode == "RGB"
        pixels = np.asarray(opened)
    filters = {"nearest": Image.Resampling.NEAREST, "lanczos": Image.Resampling.LANCZOS}
    large = np.asarray(Image.fromarray(image).resize((256, 256), filters[resampling]))
    assert (pixels[:200] == large[:200]).all()
    assert (pixels == label_image(large)).all()


@pytest.mark.parametrize("upscale", [0, -1])
def test_upscale_must_be_positive(upscale: int) -> None:
    with pytest.raises(ValueError, match="upscale"):
        encode_png(plain(128, 0), METADATA, upscale=upscale)


def test_unknown_resampling() -> None:
    with pytest.raises(ValueError, match="resampling"):
        encode_png(plain(128, 0), METADATA, resampling="cubic")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\nrubbish"]
)
def test_reading_something_else(data: bytes) -> None:
    with pytest.raises(ValueError, match="PNG"):
        read_metadata(data)


def strip_of(picture: bytes) -> npt.NDArray[np.float64]:
    """Brightness of the corner where the notice is, of a cover without anything else in it."""
    with Image.open(io.BytesIO(picture)) as image:
        pixels = np.asarray(image.convert("L"), dtype=np.float64)
    side = len(pixels)
    rows, columns = np.nonzero((label_image(plain(side, 90)) != 90).any(axis=2))
    return pixels[rows.min() :, columns.min() :]


@pytest.mark.parametrize("side", [64, 128, 512])
def test_a_resized_cover_keeps_notice_and_metadata(side: int) -> None:
    metadata = replace(METADATA, prompt="풍선 a balloon")
    png = encode_png(plain(128, 90), metadata, upscale=2)
    resized = convert(png, side=side)
    with Image.open(io.BytesIO(resized)) as image:
        assert image.size == (side, side)
        pixels = np.asarray(image.convert("RGB"))
        assert "trainedAlgorithmicMedia" in str(image.info["XML:com.adobe.xmp"])
    assert read_metadata(resized) == read_metadata(png)
    assert (pixels[: side // 2] == 90).all()
    if side < 256:
        fresh = label_image(plain(side, 90)).astype(int)
        assert np.abs(pixels - fresh)[fresh != 90].max() < 70  # the shrunken one shines through
    assert pixels[side // 2 :].max() > 140
    assert pixels[side // 2 :].min() < 40


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
@pytest.mark.parametrize("side", [None, 64, 128, 512])
@pytest.mark.parametrize("quality", [LOWEST_QUALITY, 80, 100])
def test_other_formats_carry_notice_and_packet(
    kind: PictureFormat, side: int | None, quality: int
) -> None:
    png = encode_png(plain(256, 90), replace(METADATA, notice="made by AI & <us>"))
    made = convert(png, kind, side=side, quality=quality)
    with Image.open(io.BytesIO(made)) as image:
        assert (image.format, image.size) == (kind.upper(), (side or 256,) * 2)
        packet = ElementTree.fromstring(image.info["xmp"])
    assert [element.text for element in packet.iter(f"{IPTC}DigitalSourceType")] == [
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    ]
    assert [element.text for element in packet.iter(f"{RDF}li")] == ["made by AI & <us>"]
    seen = strip_of(convert(encode_png(plain(256, 90), METADATA), kind, side=side, quality=quality))
    wanted = strip_of(convert(encode_png(plain(256, 90), METADATA), side=side))
    assert np.corrcoef(seen.ravel(), wanted.ravel())[0, 1] > 0.85


def test_a_sketch_becomes_any_format() -> None:
    sketch = encode_webp(plain(256, 90), side=128)
    for kind in get_args(PictureFormat):
        made = convert(sketch, kind)
        assert b"trainedAlgorithmicMedia" in made
        with Image.open(io.BytesIO(made)) as image:
            assert (image.format, image.size) == (kind.upper(), (128, 128))
    assert convert(sketch, "webp") is sketch


def test_lower_qualities_are_smaller_files() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    png = encode_png(noise, METADATA)
    for kind in ("jpeg", "webp"):
        sizes = [len(convert(png, kind, quality=quality)) for quality in (20, 60, 100)]
        assert sizes == sorted(set(sizes))


def test_a_cover_of_the_wanted_size_is_left_alone() -> None:
    png = encode_png(plain(128, 90), METADATA)
    assert convert(png, side=128) is png
    assert convert(png) is png


def test_a_cover_is_not_made_too_small_for_its_notice() -> None:
    with pytest.raises(ValueError, match="at least 64"):
        convert(encode_png(plain(128, 90), METADATA), side=32)


@pytest.mark.parametrize("quality", [-1, 0, LOWEST_QUALITY - 1, 101])
def test_the_notice_is_not_blurred_away(quality: int) -> None:
    with pytest.raises(ValueError, match="quality"):
        convert(encode_png(plain(128, 90), METADATA), "jpeg", quality=quality)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\nrubbish"])
def test_converting_something_else(data: bytes) -> None:
    with pytest.raises(ValueError, match="PNG or WebP"):
        convert(data, "jpeg")
