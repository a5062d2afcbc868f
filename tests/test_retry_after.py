from __future__ import annotations

import pytest

from songdalle_core.retry_after import parse_retry_after


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("5", 5),
        (" 12 ", 12),
        ("soon", None),
        ("-3", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    assert parse_retry_after(text, now=10) == seconds
