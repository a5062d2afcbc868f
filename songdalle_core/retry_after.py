"""The header Retry-After."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime


def parse_retry_after(text: str | None, now: float | None = None) -> float | None:
    """Seconds to wait, from the header's seconds or date; None without a readable value.

    Source: RFC 9110, section 10.2.3.

    Args:
        now: seconds since the epoch, for a date.
    """
    if text is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, date.timestamp() - (time.time() if now is None else now))
