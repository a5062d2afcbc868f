"""What stores ask of a cover's file, checked on the file itself.

Distributors differ; what suits them all is a square of 3000 pixels in 8-bit sRGB without alpha, as JPEG or PNG
below 10 MB, upright, and not all of one colour. Which of them asks for what: docs/release.md.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, JpegImagePlugin

from songdalle_core.provenance import SOURCE_TYPE
from songdalle_core.release.options import LARGEST_SIDE, MAX_BYTES

_ORIENTATION = 0x0112
_PLAIN = 2.0  # standard deviation of levels, below which a picture shows nothing


@dataclass(frozen=True)
class Finding:
    """One rule, whether a file keeps it, and what was found."""

    rule: str
    kept: bool
    found: str


def check_release(content: bytes, side: int = LARGEST_SIDE) -> list[Finding]:
    """Every rule, on a file.

    Args:
        content: of the file.
        side: pixels that are wanted.

    Raises:
        ValueError: it is no picture that can be read.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            return _findings(image, content, side)
    except (OSError, SyntaxError) as error:
        raise ValueError(f"no picture that can be read: {error}") from error


def _findings(image: Image.Image, content: bytes, side: int) -> list[Finding]:
    kind, mode = image.format or "", image.mode
    profile = _profile_name(image)
    turned = image.getexif().get(_ORIENTATION, 1)
    spread = float(np.asarray(image.convert("L")).std())
    findings = [
        Finding("JPEG or PNG", kind in ("JPEG", "PNG"), kind),
        Finding("square", image.width == image.height, f"{image.width} x {image.height}"),
        Finding(
            f"{side} pixels a side", image.size == (side, side), f"{image.width} x {image.height}"
        ),
        Finding(
            "8-bit RGB without alpha", mode == "RGB" and "transparency" not in image.info, mode
        ),
        Finding("sRGB profile", "sRGB" in profile, profile or "none"),
        Finding("below 10 MB", len(content) < MAX_BYTES, f"{len(content) / 1e6:.2f} MB"),
        Finding("upright", turned == 1, f"orientation {turned}"),
        Finding("not all of one colour", spread > _PLAIN, f"standard deviation {spread:.1f}"),
        Finding("marked as AI-made", SOURCE_TYPE in _xmp_of(image), "XMP DigitalSourceType"),
    ]
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        sampling = JpegImagePlugin.get_sampling(image)
        name = ("4:4:4", "4:2:2", "4:2:0")[sampling] if sampling >= 0 else "unusual"
        findings.append(Finding("colour at full resolution", sampling == 0, name))
        plain = "progressive" not in image.info
        findings.append(Finding("baseline JPEG", plain, "baseline" if plain else "progressive"))
    return findings


def _profile_name(image: Image.Image) -> str:
    raw = image.info.get("icc_profile")
    if not raw:
        return ""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(raw))
        return ImageCms.getProfileDescription(profile).strip()
    except (ImageCms.PyCMSError, OSError):
        return "unreadable"


def _xmp_of(image: Image.Image) -> str:
    packet = image.info.get("xmp", b"")
    return packet.decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet)
