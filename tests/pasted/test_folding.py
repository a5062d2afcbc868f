from __future__ import annotations

import pytest

from songdalle_core.pasted.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("【나연】：（ｏｋ）", "[나연]:(ok)"),
        ("《비》 – 하늘／별", "<비> - 하늘/별"),
        ("작사｜비\t별", "작사|비|별"),
        ("plain [x]: y", "plain [x]: y"),
        ("愛してる “yes”", '愛してる "yes"'),
    ],
)
def test_signs_have_one_shape(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert len(fold(text)) == len(text)
