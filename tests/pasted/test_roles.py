from __future__ import annotations

import pytest

from songdalle_core.pasted.roles import grade_of, grade_without_colon


@pytest.mark.parametrize(
    ("word", "with_colon", "without"),
    [
        ("작사", "strong", "strong"),
        ("기타", "weak", "weak"),
        ("매니지먼트", "weak", "none"),
        ("하늘", "none", "none"),
    ],
)
def test_a_role_is_as_sure_as_the_list_says(word: str, with_colon: str, without: str) -> None:
    assert (grade_of(word), grade_without_colon(word)) == (with_colon, without)
