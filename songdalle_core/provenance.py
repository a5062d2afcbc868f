"""Provenance of a cover: the notice that it is AI-made, in its pixels, PNG chunks and XMP packet.

JPEG and WebP have no text chunks; pixels and XMP packet are the same there.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from songdalle_core import __version__, png

NOTICE = "Image created by AI"
SMALLEST_SIDE = 64
"""Pixels of the shorter side below which the notice cannot be read."""

# IPTC's term for media made by a trained model, read by image libraries and platforms:
# https://cv.iptc.org/newscodes/digitalsourcetype/
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_XMP_KEY = "XML:com.adobe.xmp"
_TEXT = (255, 255, 255, 255)
_STRIP = (0, 0, 0, 192)

Resampling = Literal["nearest", "lanczos"]
PictureFormat = Literal["png", "jpeg", "webp"]
LOWEST_QUALITY = 20
"""Of JPEG and WebP: below it the notice cannot be read."""

SOFTWARE = f"Song DALL-E {__version__}"
"""Name and version of this program, as written into every PNG."""


@dataclass(frozen=True)
class CoverMetadata:
    """What a PNG records of its generation.

    Attributes:
        prompt: the text the generator was given, any script.
        seed: seed of this one candidate.
        model: name of the generator.
        notice: the sentence for the viewer; also drawn into the picture.
    """

    prompt: str
    seed: int
    model: str
    notice: str = NOTICE


def label_image(image: npt.NDArray[np.uint8], notice: str = NOTICE) -> npt.NDArray[np.uint8]:
    """Copy of `image` with the notice in its lower right corner, white on a dark strip.

    The letters grow with the square root of the shorter side: what is small must stay readable,
    what is large must not shout.

    Args:
        image: uint8, (H, W, 3), both sides at least `SMALLEST_SIDE`.
        notice: one line of text.

    Returns:
        uint8, (H, W, 3).

    Raises:
        ValueError: wrong dtype or shape, or too small for the notice.
    """
    _check_image(image)
    height, width = image.shape[:2]
    strip = _strip(notice, min(height, width))
    if strip.width > width or strip.height > height:
        raise ValueError(f"the notice {notice!r} does not fit an image of {width}x{height} pixels")
    top, left = height - strip.height, width - strip.width
    labelled = image.copy()
    under = Image.fromarray(image[top:, left:]).convert("RGBA")
    labelled[top:, left:] = np.asarray(Image.alpha_composite(under, strip).convert("RGB"))
    return labelled


def covered_corner(image: npt.NDArray[np.uint8], notice: str = NOTICE) -> npt.NDArray[np.uint8]:
    """The pixels of an image that `label_image` would cover, uint8 (h, w, 3).

    Raises:
        ValueError: see `label_image`.
    """
    _check_image(image)
    strip = _strip(notice, min(image.shape[:2]))
    return image[image.shape[0] - strip.height :, image.shape[1] - strip.width :].copy()


def encode_png(
    image: npt.NDArray[np.uint8],
    metadata: CoverMetadata,
    *,
    upscale: int = 1,
    resampling: Resampling = "lanczos",
) -> bytes:
    """PNG file of a cover as the generator drew it: enlarged, labelled, with its metadata.

    The label is drawn here, after enlarging, so that its letters are sharp and no cover can be
    encoded without it: pass the unlabelled image. Equal arguments give equal bytes (no time
    stamp is written; the bytes also depend on the installed ISA-L and its instruction set).

    Args:
        image: uint8, (H, W, 3).
        metadata: goes into the chunks `prompt`, `seed`, `model`, `notice`, `software`, as tEXt
            where ASCII suffices and as iTXt (UTF-8) elsewhere, and into an XMP packet.
        upscale: whole factor >= 1 for both sides.
        resampling: "lanczos" for paintings, "nearest" for pixel art.

    Raises:
        ValueError: wrong image, factor or resampling.
    """
    large = upscaled(image, upscale, resampling)
    return png.encode(label_image(large, metadata.notice), _chunks(metadata))


def encode_webp(
    image: npt.NDArray[np.uint8], *, side: int | None = None, quality: int = 80
) -> bytes:
    """WebP file of a cover to look at while it is drawn: labelled like the PNG, its XMP packet included.

    Args:
        image: uint8, (H, W, 3), as the generator drew it.
        side: greatest pixels a side; a larger picture is made smaller. None leaves its size.
        quality: 1 to 100.

    Raises:
        ValueError: wrong image, or too small for the notice.
    """
    _check_image(image)
    picture = Image.fromarray(image)
    if side is not None:
        picture.thumbnail((side, side))
    file = io.BytesIO()
    labelled = Image.fromarray(label_image(np.asarray(picture)))
    labelled.save(file, format="WEBP", quality=quality, method=0, xmp=_xmp(NOTICE).encode())
    return file.getvalue()


def read_metadata(cover: bytes) -> dict[str, str]:
    """Text chunks of a PNG, without the XMP packet: the fields `encode_png` wrote, as strings.

    Raises:
        ValueError: not a readable PNG.
    """
    try:
        with Image.open(io.BytesIO(cover), formats=["PNG"]) as image:
            if not isinstance(image, PngImagePlugin.PngImageFile):
                raise ValueError("not a PNG")
            texts = image.text  # reads to the end: chunks may follow the pixels
    except (OSError, SyntaxError) as error:
        raise ValueError(f"cannot read the PNG: {error}") from error
    return {key: str(value) for key, value in texts.items() if key != _XMP_KEY}


def convert(
    cover: bytes, kind: PictureFormat = "png", *, side: int | None = None, quality: int = 100
) -> bytes:
    """A square cover in another format or size, with its notice and XMP packet; a PNG keeps its metadata.

    A smaller picture gets its notice anew, over the one that has shrunk below reading.

    Args:
        cover: what `encode_png` or `encode_webp` gave; returned as it is where format and size are the same.
        side: pixels a side; None leaves them.
        quality: of JPEG and WebP, `LOWEST_QUALITY` to 100. PNG loses nothing.

    Raises:
        ValueError: neither a readable PNG nor WebP, too small for the notice, or too low a quality.
    """
    if side is not None and side < SMALLEST_SIDE:
        raise ValueError(f"side is {side}: the notice needs at least {SMALLEST_SIDE} pixels")
    if not LOWEST_QUALITY <= quality <= 100:
        raise ValueError(f"quality is {quality}: choose {LOWEST_QUALITY} to 100")
    try:
        with Image.open(io.BytesIO(cover), formats=["PNG", "WEBP"]) as image:
            if image.format == kind.upper() and side in (None, image.width):
                return cover
            texts = read_metadata(cover) if image.format == "PNG" else {}
            picture = image.convert("RGB")
    except (OSError, SyntaxError) as error:
        raise ValueError(f"cannot read the PNG or WebP: {error}") from error
    notice = texts.get("notice", NOTICE)
    if side is not None and side != picture.width:
        smaller = side < picture.width
        picture = picture.resize((side, side), Image.Resampling.LANCZOS)
        if smaller:
            picture = Image.fromarray(label_image(np.asarray(picture), notice))
    if kind == "png":
        return png.encode(np.asarray(picture), _info(texts))
    file = io.BytesIO()
    # JPEG would halve the colours' resolution, which blurs the letters.
    detail = {"subsampling": 0} if kind == "jpeg" else {}
    picture.save(file, format=kind.upper(), quality=quality, xmp=_xmp(notice).encode(), **detail)
    return file.getvalue()


def _check_image(image: npt.NDArray[np.uint8]) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            f"expected uint8 of shape (H, W, 3), got {image.dtype} of shape {image.shape}"
        )


def upscaled(
    image: npt.NDArray[np.uint8], factor: int, resampling: Resampling = "lanczos"
) -> npt.NDArray[np.uint8]:
    """An image as `encode_png` enlarges it.

    Raises:
        ValueError: wrong image, factor or resampling.
    """
    _check_image(image)
    if factor < 1:
        raise ValueError(f"upscale must be a whole number of at least 1, not {factor}")
    filters = {"nearest": Image.Resampling.NEAREST, "lanczos": Image.Resampling.LANCZOS}
    if resampling not in filters:
        raise ValueError(f"resampling must be one of {sorted(filters)}, not {resampling!r}")
    if factor == 1:
        return image
    height, width = image.shape[:2]
    large = Image.fromarray(image).resize((width * factor, height * factor), filters[resampling])
    return np.asarray(large)


@lru_cache(maxsize=16)
def _strip(notice: str, side: int) -> Image.Image:
    """The notice on its strip, RGBA, for an image whose shorter side is `side`. Do not modify."""
    if side < SMALLEST_SIDE:
        raise ValueError(
            f"the notice needs an image of at least {SMALLEST_SIDE} pixels a side, got {side}: "
            "enlarge the image first (upscale)"
        )
    size = round(0.75 * sqrt(side))
    pad = max(2, size // 4)
    letters = _letters(notice, size)
    alpha = Image.new("L", (letters.width + 2 * pad, letters.height + 2 * pad), 0)
    alpha.paste(letters, (pad, pad))
    strip = Image.new("RGBA", alpha.size, _STRIP)
    strip.paste(_TEXT, mask=alpha)
    return strip


def _letters(notice: str, size: int) -> Image.Image:
    """Coverage of the letters, 0..255, cropped to their box."""
    font = ImageFont.load_default(size=size)
    small = size < 10
    # At a few pixels a letter the font's own space closes up and thin strokes turn grey.
    gap = 1 if size < 8 else 0
    left, top, right, bottom = (round(edge) for edge in font.getbbox(notice))
    mask = Image.new("L", (right - left + gap * notice.count(" "), bottom - top), 0)
    draw = ImageDraw.Draw(mask)
    x = float(-left)
    for word in notice.split(" "):
        draw.text((round(x), -top), word, font=font, fill=255)
        x += font.getlength(word + " ") + gap
    return mask.point([min(255, round(level * 1.5)) for level in range(256)]) if small else mask


def _chunks(metadata: CoverMetadata) -> PngImagePlugin.PngInfo:
    return _info(
        {
            "prompt": metadata.prompt,
            "seed": str(metadata.seed),
            "model": metadata.model,
            "notice": metadata.notice,
            "software": SOFTWARE,
        }
    )


def _info(fields: Mapping[str, str]) -> PngImagePlugin.PngInfo:
    """Text chunks of the fields, and the XMP packet of their notice."""
    info = PngImagePlugin.PngInfo()
    for key, value in fields.items():
        # NUL ends a PNG text and half a surrogate pair has no UTF-8
        text = value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        if text.isascii():
            info.add_text(key, text)
        else:
            info.add_itxt(key, text)
    info.add_itxt(_XMP_KEY, _xmp(fields.get("notice", NOTICE)))
    return info


def release_xmp(notice: str, title: str = "", artist: str = "") -> str:
    """The XMP packet of a picture: made by a trained model, the notice, and whose release it is."""
    more = f"<dc:title>{_language_alternative(title)}</dc:title>" if title else ""
    if artist:
        more += f"<dc:creator><rdf:Seq><rdf:li>{_escaped(artist)}</rdf:li></rdf:Seq></dc:creator>"
    return _xmp(notice, more)


def _escaped(text: str) -> str:
    return escape(text.replace("\0", "").encode("utf-8", "replace").decode("utf-8"))


def _language_alternative(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{_escaped(text)}</rdf:li></rdf:Alt>'


def _xmp(notice: str, more: str = "") -> str:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
        f"<dc:description>{_language_alternative(notice)}</dc:description>{more}"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
