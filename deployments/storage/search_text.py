"""Text as the history is searched: one normal form, whatever the case, white space as single spaces.

It is folded here, not by the database: SQLite knows the case of ASCII alone, PostgreSQL that of its locale.
"""

from __future__ import annotations

import unicodedata

from songdalle_core.normal_form import normal_form


def folded(text: str) -> str:
    """What `text` and everything that only differs from it in case, form or spacing become; one line."""
    plain = "".join(" " if unicodedata.category(c) == "Cc" else c for c in normal_form(text))
    return " ".join(normal_form(plain.casefold()).split())


def search_text(*texts: str | None) -> str:
    """The texts in which a cover set is found, folded, a line each."""
    return "\n".join(folded(text) for text in texts if text)
