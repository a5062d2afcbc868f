"""Which services may be loaded: those of this machine, unless the user insists."""

from __future__ import annotations

from ipaddress import ip_address

from yarl import URL


class TargetRefused(ValueError):
    """The address is none that may be loaded; the message says why."""


def is_loopback(url: URL) -> bool:
    """Whether the address names this machine and no other."""
    host = url.host or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_target(text: str, *, allow_remote: bool = False) -> URL:
    """The service's address, without a slash at its end.

    Raises:
        TargetRefused: not an http(s) address, or not of this machine while `allow_remote` is off.
    """
    try:
        url = URL(text.rstrip("/"))
    except ValueError as error:
        raise TargetRefused(f"{text!r} is not an address: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise TargetRefused(f"{text!r} is not an address such as http://127.0.0.1:8000")
    if url.query_string or url.fragment:
        raise TargetRefused(f"{text!r} must not have a query or a fragment")
    if not (allow_remote or is_loopback(url)):
        raise TargetRefused(
            f"{url.host} is not this machine, and a load test is an attack on a service that is not "
            "yours: add --allow-remote if it is yours"
        )
    return url
