from __future__ import annotations

from email.utils import formatdate
from time import time

import pytest

from songdalle_client.connection import parse_retry_after, path_part


def test_retry_after_is_seconds_or_a_date() -> None:
    assert parse_retry_after(" 30 ") == 30
    assert parse_retry_after(formatdate(time() + 60, usegmt=True)) == pytest.approx(60, abs=5)
    assert parse_retry_after(formatdate(time() - 60, usegmt=True)) == 0


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "1e9", "9" * 400, "1.5"])
def test_another_retry_after_says_nothing(text: str | None) -> None:
    assert parse_retry_after(text) is None


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_be_another_path_is_refused(name: str) -> None:
    """`DELETE /v1/covers/` is not the end of one job."""
    with pytest.raises(ValueError, match="no id"):
        path_part(name)


def test_a_name_is_one_part_of_a_path() -> None:
    assert path_part("../a?b#c") == "..%2Fa%3Fb%23c"
