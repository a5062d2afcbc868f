"""Signs in one shape, so that a rule for "[x]" and ":" also reads 【x】 and ：; a tab parts as "|" does."""

from __future__ import annotations

import re

_SAME = {
    "[": "【〔〖〚⟦〘", "]": "】〕〗〛⟧〙", "<": "〈《‹«「『≪⟨⟪❮", ">": "〉》›»→▶►▷▸⇒➜」』≫⟩⟫❯",
    ":": "︰∶꞉ː", "-": "–—―‐‑‒−─━",
    "|": "│┃¦∣ㅣ∥‖\t", "*": "∗✱＊★☆※◆●■◇○□•‣▪",
    "x": "×✕✖", "~": "〜～∼", " ": "\u00a0\u3000", "'": "‘’`´", '"': "“”",
    ",": "、", "/": "∕⁄",
}  # fmt: skip

_FOLDED = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(other): ord(sign) for sign, others in _SAME.items() for other in others
}


_FOLDABLE = re.compile("[" + re.escape("".join(map(chr, _FOLDED))) + "]")


def fold(text: str) -> str:
    """`text` with ASCII signs for their look-alikes; as long as `text`, character for character."""
    return text.translate(_FOLDED) if _FOLDABLE.search(text) else text
