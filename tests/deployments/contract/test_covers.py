from __future__ import annotations

import pytest

from deployments.contract.covers import without_controls
from deployments.contract.problems import well_formed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1bc\x7fd\x85e", "abcde"),
        ("one\r\ntwo\rthree\nfour\tfive", "one\ntwo\nthree\nfour\tfive"),
        ("한글 😀 e\u0301", "한글 😀 e\u0301"),
        ("\x00", ""),
    ],
)
def test_control_characters_go(text: str, expected: str) -> None:
    assert without_controls(text) == expected


def test_half_surrogate_pairs_become_writable() -> None:
    assert well_formed("a\ud800b").encode() == b"a?b"
    assert well_formed("한 😀") == "한 😀"
