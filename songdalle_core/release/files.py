"""Release files: JPEG 4:4:4 or PNG, 8-bit sRGB with its profile, no alpha, marked as AI-made in their metadata.

JPEG: ITU-T T.81, with the ICC profile in APP2 (ICC.1:2022, B.4) and XMP in APP1 (XMP part 3, 1.1.3).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, PngImagePlugin

from songdalle_core import png
from songdalle_core.provenance import CoverMetadata, release_xmp
from songdalle_core.release.options import MAX_BYTES, FileFormat

QUALITIES = (95, 93, 91, 88, 84, 79, 72)
"""Of JPEG, the best that stays below the limit is taken."""
MEDIA_TYPES: dict[FileFormat, str] = {"jpeg": "image/jpeg", "png": "image/png"}
_WRITTEN = slice(24, 36)  # of a profile's header: when it was made
_ON = bytes([7, 234, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])  # 2026-01-01 00:00:00, in 16-bit numbers


@dataclass(frozen=True)
class ReleaseFile:
    """A file and what is to be known of it.

    Attributes:
        quality: of JPEG; None for PNG, which loses nothing.
    """

    content: bytes
    media_type: str
    quality: int | None

    @property
    def fits(self) -> bool:
        """Whether it is as small as every store wants it."""
        return len(self.content) < MAX_BYTES


@cache
def srgb_profile() -> bytes:
    """The ICC profile of sRGB, always the same: LittleCMS writes the time into it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_WRITTEN] = _ON
    return bytes(profile)


def encode(
    pixels: npt.NDArray[np.uint8],
    kind: FileFormat,
    metadata: CoverMetadata,
    title: str = "",
    artist: str = "",
) -> ReleaseFile:
    """A release file. Equal arguments give equal bytes.

    Args:
        pixels: uint8 (S, S, 3), sRGB.
        metadata: its notice goes into the XMP packet; prompt, seed and model stay out of a file for all.
        title, artist: into the XMP packet.
    """
    xmp = release_xmp(metadata.notice, title, artist)
    if kind == "png":
        info = PngImagePlugin.PngInfo()
        info.add(b"iCCP", _compressed_profile())
        info.add_itxt("XML:com.adobe.xmp", xmp)
        return ReleaseFile(png.encode(pixels, info), MEDIA_TYPES[kind], None)
    picture = Image.fromarray(pixels)
    # No `optimize`: Pillow gives it a buffer of one or two bytes a pixel, which rich pictures overflow.
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(
            file,
            format="JPEG",
            quality=quality,
            subsampling=0,
            icc_profile=srgb_profile(),
            xmp=xmp.encode(),
        )
        if file.tell() < MAX_BYTES:
            break
    return ReleaseFile(file.getvalue(), MEDIA_TYPES[kind], quality)


@cache
def _compressed_profile() -> bytes:
    """Data of an iCCP chunk (PNG, 11.3.2.3): name, method, profile."""
    from isal import isal_zlib

    return b"sRGB\0\0" + isal_zlib.compress(srgb_profile())
