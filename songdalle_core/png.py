"""PNG files of painted pictures, in a sixth of Pillow's time.

Pillow tries five filters for each row and leaves the rest to zlib: 18 ms for a cover of 512 pixels, while the
cover itself is painted in 25. One filter and ISA-L's Deflate take 3 ms, for files 5% larger.

Format: Portable Network Graphics, Third Edition (W3C, 2025), sections 5 (chunks), 9 (filters), 11.2.1 (IHDR).
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt
from isal import isal_zlib
from PIL.PngImagePlugin import PngInfo

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LEVEL = 1  # of 0 to 3: the next one saves 1% more and takes 5% longer
_EIGHT_BIT_RGB = struct.pack(
    ">BBBBB", 8, 2, 0, 0, 0
)  # depth, colour type, Deflate, filters, no interlace
_UP = 2  # each byte less the one above it: painted pictures differ less downwards than sidewards


def encode(image: npt.NDArray[np.uint8], info: PngInfo) -> bytes:
    """A PNG file. Equal arguments give equal bytes, on machines of one kind.

    Args:
        image: uint8 (H, W, 3).
        info: chunks that go before the pixels.
    """
    height, width = image.shape[:2]
    rows = np.empty((height, 1 + 3 * width), dtype=np.uint8)
    pixels = image.reshape(height, 3 * width)
    rows[:, 0] = _UP
    rows[0, 1:] = pixels[0]
    np.subtract(pixels[1:], pixels[:-1], out=rows[1:, 1:])
    chunks = [
        _chunk(b"IHDR", struct.pack(">II", width, height) + _EIGHT_BIT_RGB),
        *(_chunk(name, data) for name, data, *_ in info.chunks),
        _chunk(b"IDAT", isal_zlib.compress(rows.data, LEVEL)),
        _chunk(b"IEND", b""),
    ]
    return SIGNATURE + b"".join(chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = isal_zlib.crc32(data, isal_zlib.crc32(name))
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)
