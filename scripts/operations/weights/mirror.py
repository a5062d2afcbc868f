"""Another host in place of the publisher's."""

from __future__ import annotations

from urllib.parse import urlsplit


def checked(text: str) -> str:
    """The address of a mirror, without a slash at its end.

    Raises:
        ValueError: it is not an http(s) address, or has more than a host, port and path.
    """
    parts = urlsplit(text)
    if any(character.isspace() for character in text) or parts.port == 0 or parts.username:
        raise ValueError(f"{text!r} has a space, port 0 or a user name")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text!r} is not an http:// or https:// address")
    if parts.query or parts.fragment:
        raise ValueError(f"{text!r} has a query or fragment; a path may follow the host, no more")
    return text.rstrip("/")


def through(mirror: str | None, url: str) -> str:
    """`url` with its scheme and host replaced by the mirror's address; its path stays."""
    return url if mirror is None else mirror + urlsplit(url).path
