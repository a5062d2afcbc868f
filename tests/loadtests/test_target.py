from __future__ import annotations

import pytest

from loadtests.target import TargetRefused, check_target, is_loopback


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:8000", "http://localhost:8000/", "http://[::1]:80", "https://127.8.8.8"],
)
def test_this_machine_is_allowed(text: str) -> None:
    assert is_loopback(check_target(text))


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com",
        "http://10.0.0.1:8000",
        "http://0.0.0.0:8000",
        "http://127.0.0.1@example.com/",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
    ],
)
def test_other_machines_need_a_word(text: str) -> None:
    with pytest.raises(TargetRefused, match="--allow-remote"):
        check_target(text)
    assert not is_loopback(check_target(text, allow_remote=True))


@pytest.mark.parametrize(
    "text",
    ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://127.0.0.1/?x=1", "http://[::"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(TargetRefused):
        check_target(text, allow_remote=True)


def test_a_path_is_kept() -> None:
    assert str(check_target("http://localhost/covers/") / "v1") == "http://localhost/covers/v1"
