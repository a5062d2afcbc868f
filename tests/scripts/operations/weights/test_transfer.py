from __future__ import annotations

import random
import shutil
import socket
import ssl
import urllib.error
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from scripts.operations.weights import transfer
from scripts.operations.weights.errors import DownloadError, SpaceError
from scripts.operations.weights.progress import Progress
from scripts.operations.weights.transfer import Transfer, TransferOptions
from tests.scripts.operations.weights.file_server import FileServer, Manner

DATA = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(250_000)
MONDAY = "Mon, 05 Jan 2026 10:00:00 GMT"
TUESDAY = "Tue, 06 Jan 2026 10:00:00 GMT"
PATIENT = TransferOptions(timeout=30, retries=5)
ONCE = TransferOptions(timeout=30, retries=0)


@pytest.fixture(autouse=True)
def served(server: FileServer) -> None:
    server.files["/a/big.bin"] = DATA


def move(server: FileServer, folder: Path, options: TransferOptions = PATIENT) -> Transfer:
    return Transfer(f"{server.url}/a/big.bin", folder / "big.bin", options)


def cut_once(server: FileServer, folder: Path, at: int = 100_000) -> Transfer:
    """A download that an earlier run left after `at` bytes."""
    server.ask(Manner(cut=at))
    stopped = move(server, folder, ONCE)
    with pytest.raises(DownloadError):
        stopped.run()
    assert stopped.received == at
    return stopped


def only(folder: Path, data: bytes) -> bool:
    """Whether the folder holds the finished file and nothing else."""
    return [p.name for p in folder.iterdir()] == ["big.bin"] and (
        folder / "big.bin"
    ).read_bytes() == data


def test_arrives_byte_for_byte(server: FileServer, tmp_path: Path) -> None:
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert server.ranges() == [None]


def test_resumes_where_the_connection_was_cut(server: FileServer, tmp_path: Path) -> None:
    server.ask(Manner(cut=100_000), Manner(cut=50_000), Manner(cut=0))
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=100000-", "bytes=150000-", "bytes=150000-"]
    tag = server.tag("/a/big.bin")
    assert [request.headers.get("if-range") for request in server.requests[1:]] == [tag] * 3


def test_a_later_run_resumes(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=100000-"]


def test_the_final_error_says_how_to_go_on(server: FileServer, tmp_path: Path) -> None:
    server.manner = Manner(cut=0)
    server.ask(Manner(cut=100_000))
    with pytest.raises(DownloadError) as failed:
        move(server, tmp_path).run()
    text = str(failed.value)
    assert f"{server.url}/a/big.bin failed 6 times in a row" in text
    assert "100 kB of 300 kB" in text
    assert "run the command again to resume" in text


def test_backs_off_and_gives_up(server: FileServer, tmp_path: Path, pauses: list[float]) -> None:
    server.manner = Manner(status=502)
    with pytest.raises(DownloadError, match="failed 4 times in a row: HTTP 502"):
        move(server, tmp_path, TransferOptions(retries=3)).run()
    assert pauses == [1, 2, 4]
    assert len(server.requests) == 4
    assert list(tmp_path.iterdir()) == []


def test_an_attempt_that_brought_much_is_no_failure(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "GOOD_STEP", 50_000)
    server.ask(*[Manner(cut=60_000)] * 4)
    move(server, tmp_path, TransferOptions(retries=1)).run()
    assert only(tmp_path, DATA)


def test_last_modified_stands_in_for_a_weak_tag(server: FileServer, tmp_path: Path) -> None:
    server.file_headers["/a/big.bin"] = {"ETag": 'W/"weak"'}
    server.dates["/a/big.bin"] = MONDAY
    cut_once(server, tmp_path)
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert server.requests[1].headers["if-range"] == MONDAY
    assert server.ranges()[1] == "bytes=100000-"


def test_resumes_without_any_validator(server: FileServer, tmp_path: Path) -> None:
    server.tags = False
    cut_once(server, tmp_path)
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert "if-range" not in server.requests[1].headers
    assert server.ranges()[1] == "bytes=100000-"


def test_starts_over_when_the_range_is_ignored(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    server.ask(Manner(ranges=False))
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=100000-"]


def test_starts_over_when_the_file_changed(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    server.files["/a/big.bin"] = OTHER
    move(server, tmp_path).run()
    assert only(tmp_path, OTHER)
    assert server.ranges() == [None, "bytes=100000-"]


def test_notices_a_changed_file_if_the_server_does_not(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    server.files["/a/big.bin"] = OTHER
    server.manner = Manner(conditions=False)
    move(server, tmp_path, ONCE).run()
    assert only(tmp_path, OTHER)
    assert server.ranges() == [None, "bytes=100000-", None]


@pytest.mark.parametrize("differs", ["size", "date"])
def test_size_and_date_tell_versions_apart_too(
    server: FileServer, tmp_path: Path, differs: str
) -> None:
    server.tags = False
    server.dates["/a/big.bin"] = MONDAY
    cut_once(server, tmp_path)
    changed = OTHER if differs == "size" else OTHER + DATA[len(OTHER) :]
    server.files["/a/big.bin"] = changed
    server.dates["/a/big.bin"] = MONDAY if differs == "size" else TUESDAY
    server.manner = Manner(conditions=False)
    move(server, tmp_path).run()
    assert only(tmp_path, changed)


def test_starts_over_when_the_file_became_shorter(server: FileServer, tmp_path: Path) -> None:
    server.tags = False
    cut_once(server, tmp_path)
    server.files["/a/big.bin"] = DATA[:1000]
    move(server, tmp_path, ONCE).run()
    assert only(tmp_path, DATA[:1000])


def test_a_range_that_was_not_asked_for_is_not_appended(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    server.ask(Manner(headers={"Content-Range": "bytes 7-299999/300000"}))
    move(server, tmp_path, ONCE).run()
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=100000-", None]


def test_a_partial_file_of_unknown_origin_is_not_continued(
    server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "big.bin.partial").write_bytes(b"x" * 1000)
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert server.ranges() == [None]


def test_a_whole_partial_file_needs_no_request(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    (tmp_path / "big.bin.partial").write_bytes(DATA)
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert len(server.requests) == 1


def test_a_silent_server_is_left_and_asked_again(server: FileServer, tmp_path: Path) -> None:
    server.ask(Manner(stall=100_000))
    move(server, tmp_path, TransferOptions(timeout=1, retries=20)).run()
    assert only(tmp_path, DATA)
    assert "bytes=100000-" in server.ranges()


def test_waits_as_long_as_the_server_asks(
    server: FileServer, tmp_path: Path, pauses: list[float]
) -> None:
    server.ask(
        Manner(status=503, headers={"Retry-After": "7"}),
        Manner(status=429, headers={"Retry-After": "86400"}),
        Manner(status=503, headers={"Retry-After": "soon"}),
    )
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)
    assert pauses == [7, transfer.LONGEST_PAUSE, 4]


def test_retry_after_may_be_a_date() -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    assert 3000 < (transfer._retry_after(format_datetime(later, usegmt=True)) or 0) <= 3600
    assert transfer._retry_after(MONDAY.replace("2026", "2020")) == 0
    assert transfer._retry_after(None) is None


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_final(
    server: FileServer, tmp_path: Path, status: int, pauses: list[float]
) -> None:
    server.manner = Manner(status=status)
    with pytest.raises(DownloadError, match=f"answered HTTP {status} .*--mirror"):
        move(server, tmp_path).run()
    assert len(server.requests) == 1
    assert pauses == []


def test_a_refusal_keeps_what_arrived(server: FileServer, tmp_path: Path) -> None:
    stopped = cut_once(server, tmp_path)
    server.ask(Manner(status=404))
    with pytest.raises(DownloadError, match="404"):
        move(server, tmp_path).run()
    assert stopped.received == 100_000


def test_an_unreachable_server_is_tried_again(tmp_path: Path, pauses: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/big.bin"
        with pytest.raises(DownloadError, match=r"3 times in a row: .*refused"):
            Transfer(url, tmp_path / "big.bin", TransferOptions(retries=2)).run()
    assert len(pauses) == 2


def test_a_certificate_that_is_not_trusted_is_final() -> None:
    bad = ssl.SSLCertVerificationError(1, "no")
    bad.verify_message = "self-signed"
    fault = transfer._network_fault(urllib.error.URLError(bad), "https://x/a")
    assert isinstance(fault, DownloadError)
    assert "self-signed" in str(fault)


def test_a_file_of_unannounced_length_arrives(server: FileServer, tmp_path: Path) -> None:
    server.manner = Manner(length=False)
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)


def test_says_how_much_room_is_needed(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1e6, 6e5, 4e5))
    small = Transfer(f"{server.url}/a/big.bin", tmp_path / "big.bin", PATIENT, unpacks=True)
    with pytest.raises(SpaceError, match=r"unpacking it needs 645 kB free .*where 400 kB are"):
        small.run()
    assert list(tmp_path.iterdir()) == []
    move(server, tmp_path).run()
    assert only(tmp_path, DATA)


def test_a_stop_keeps_what_arrived(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(self: Progress, at: int) -> None:
        raise KeyboardInterrupt

    server.ask(Manner(stall=100_000))
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "update", stop)
        stopped = move(server, tmp_path)
        with pytest.raises(KeyboardInterrupt):
            stopped.run()
    arrived = stopped.received
    assert 0 < arrived <= 100_000
    stopped.run()
    assert server.ranges() == [None, f"bytes={arrived}-"]
    assert only(tmp_path, DATA)
