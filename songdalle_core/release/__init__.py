"""Release: a chosen cover as the file a store takes: title and artist in type, sRGB, marked as AI-made."""

from songdalle_core.release.options import (
    FORMATS,
    LARGEST_SIDE,
    LAYOUTS,
    MAX_BYTES,
    MAX_TRACKS,
    SMALLEST_SIDE,
    FileFormat,
    Layout,
    ReleaseError,
    SleeveText,
)
from songdalle_core.release.sleeve import Sleeve, make_back, make_front

__all__ = [
    "FORMATS",
    "LARGEST_SIDE",
    "LAYOUTS",
    "MAX_BYTES",
    "MAX_TRACKS",
    "SMALLEST_SIDE",
    "FileFormat",
    "Layout",
    "ReleaseError",
    "Sleeve",
    "SleeveText",
    "make_back",
    "make_front",
]
