"""Text from outside, made harmless."""

from __future__ import annotations

import unicodedata


def without_controls(text: str) -> str:
    """`text` without control characters such as NUL; line ends become "\\n", tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def well_formed(text: str) -> str:
    """`text` with half surrogate pairs replaced, so that it has a UTF-8 form."""
    return text.encode("utf-8", "replace").decode("utf-8")
