from __future__ import annotations

import asyncio
import socket

import pytest
from yarl import URL

from loadtests.service.client import CoverClient, NotReady, TargetRefused, check_target, is_loopback
from loadtests.service.exchange import Answer, Kind, Request
from tests.loadtests.fake_service import PREVIEW, FakeService

REQUEST = Request("노란 풍선", 3, 7)


def ask(
    url: str, patience: float = 30, requests: int = 1, connections: int = 8, stream: bool = False
) -> list[Answer]:
    async def run() -> list[Answer]:
        async with CoverClient(URL(url), connections=connections, stream=stream) as client:
            end = asyncio.get_running_loop().time() + patience
            return await asyncio.gather(*(client.ask(REQUEST, end) for _ in range(requests)))

    return asyncio.run(run())


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def test_covers() -> None:
    with FakeService() as service:
        answer = ask(service.url)[0]
    assert (answer.kind, answer.status, answer.images) == (Kind.DONE, 200, 3)
    assert answer.timings["generate"] == 0.5
    assert service.bodies == [{"lyrics": "노란 풍선", "candidates": 3, "seed": 7}]


@pytest.mark.parametrize("reply", ["stream", "covers"])
def test_a_stream_tells_its_firsts(reply: str) -> None:
    with FakeService([reply]) as service:
        answer = ask(service.url, stream=True)[0]
    assert (answer.kind, answer.status, answer.images) == (Kind.DONE, 200, 3)
    assert answer.timings["generate"] == 0.5
    if reply == "covers":  # a service that does not stream
        assert answer.firsts == {}
    else:
        assert answer.firsts["first_preview"] >= PREVIEW
        assert answer.firsts["first_cover"] >= answer.firsts["first_preview"] + 1.9 * PREVIEW


def test_the_wait_for_a_connection_counts_for_the_firsts() -> None:
    with FakeService(["stream"]) as service:
        answers = ask(service.url, stream=True, requests=2, connections=1)
    later = max(answers, key=lambda answer: answer.waited)
    assert later.waited >= 2.9 * PREVIEW
    assert later.firsts["first_preview"] >= later.waited + 0.9 * PREVIEW


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_is_no_failure(status: int, stream: bool) -> None:
    with FakeService([str(status)]) as service:
        answer = ask(service.url, stream=stream)[0]
    assert (answer.kind, answer.status, answer.label) == (Kind.REFUSED, status, str(status))
    assert answer.retry_after == 5
    assert not answer.failed
    assert answer.detail == f"a problem of kind {status}"


@pytest.mark.parametrize("status", [307, 404, 422, 500, 504])
def test_another_status_is_a_failure(status: int) -> None:
    with FakeService([str(status)]) as service:
        answer = ask(service.url)[0]
    assert (answer.kind, answer.status) == (Kind.STATUS, status)
    assert answer.failed
    assert answer.request_id == "request-7"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("malformed", Kind.MALFORMED),
        ("few", Kind.MALFORMED),
        ("list", Kind.MALFORMED),
        ("cut", Kind.CUT),
    ],
)
def test_broken_answers(reply: str, kind: Kind, stream: bool) -> None:
    with FakeService([reply]) as service:
        answer = ask(service.url, stream=stream)[0]
    assert answer.kind is kind
    assert answer.failed
    assert answer.detail


def test_patience_ends() -> None:
    with FakeService(["hang"]) as service:
        answer = ask(service.url, patience=0.3)[0]
    assert answer.kind is Kind.TIMEOUT


def test_nobody_listens() -> None:
    answer = ask(f"http://127.0.0.1:{closed_port()}")[0]
    assert answer.kind is Kind.CONNECT


def test_connections_are_bounded_and_waiting_for_one_is_known() -> None:
    with FakeService(delay=0.05) as service:
        answers = ask(service.url, requests=6, connections=2)
    assert service.most <= 2
    assert all(answer.kind is Kind.DONE for answer in answers)
    assert max(answer.waited for answer in answers) >= 0.09  # two turns of others


def test_patience_covers_the_wait_for_a_connection() -> None:
    with FakeService(["hang"]) as service:
        answers = ask(service.url, patience=0.3, requests=3, connections=1)
    assert [answer.kind for answer in answers] == [Kind.TIMEOUT] * 3
    assert len(service.bodies) <= 1


def test_readiness() -> None:
    async def wait(url: str, seconds: float) -> None:
        async with CoverClient(URL(url)) as client:
            await client.wait_ready(seconds, asyncio.Event())

    with FakeService() as service:
        asyncio.run(wait(service.url, 30))
    with pytest.raises(NotReady, match="make serve"):
        asyncio.run(wait(f"http://127.0.0.1:{closed_port()}", 0.2))


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
