from __future__ import annotations

import hashlib
import random
import re
import shutil
import socket
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from scripts.operations.weights import transfer
from scripts.operations.weights.transfer import (
    DamagedFileError,
    DownloadError,
    Patience,
    download,
    progress,
)
from tests.scripts.operations.weights.file_server import FileServer, Manner

DATA = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(250_000)
MONDAY = "Mon, 05 Jan 2026 10:00:00 GMT"
TUESDAY = "Tue, 06 Jan 2026 10:00:00 GMT"
PATIENT = Patience(timeout=30, retries=5)
ONCE = Patience(timeout=30, retries=0)


@pytest.fixture(autouse=True)
def served(server: FileServer) -> None:
    server.files["/a/big.bin"] = DATA


def move(server: FileServer, folder: Path, patience: Patience = PATIENT, **checksums: str) -> None:
    expected = {f"{algorithm}:{value}": "published" for algorithm, value in checksums.items()}
    download(f"{server.url}/a/big.bin", folder / "big.bin", patience, expected)


def cut_once(server: FileServer, folder: Path, at: int = 100_000) -> Path:
    """The partial file of a download that an earlier run left after `at` bytes."""
    server.ask(Manner(cut=at))
    with pytest.raises(DownloadError):
        move(server, folder, ONCE)
    partial = folder / "big.bin.partial"
    assert partial.stat().st_size == at
    return partial


def only(folder: Path, data: bytes) -> bool:
    """Whether the folder holds the finished file and nothing else."""
    return [p.name for p in folder.iterdir()] == ["big.bin"] and (
        folder / "big.bin"
    ).read_bytes() == data


def test_arrives_byte_for_byte(server: FileServer, tmp_path: Path) -> None:
    move(server, tmp_path)
    assert only(tmp_path, DATA)
    assert server.ranges() == [None]


def test_resumes_where_the_connection_was_cut(server: FileServer, tmp_path: Path) -> None:
    server.ask(Manner(cut=100_000), Manner(cut=50_000), Manner(cut=0))
    move(server, tmp_path)
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=100000-", "bytes=150000-", "bytes=150000-"]
    tag = server.tag("/a/big.bin")
    assert [request.headers.get("if-range") for request in server.requests[1:]] == [tag] * 3


def test_a_later_run_resumes(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    move(server, tmp_path)
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=100000-"]


def test_the_final_error_says_how_to_go_on(server: FileServer, tmp_path: Path) -> None:
    server.manner = Manner(cut=0)
    server.ask(Manner(cut=100_000))
    with pytest.raises(DownloadError) as failed:
        move(server, tmp_path)
    text = str(failed.value)
    assert f"{server.url}/a/big.bin failed 6 times in a row" in text
    assert "100 kB are kept" in text
    assert "run the command again to resume" in text


def test_backs_off_and_gives_up(server: FileServer, tmp_path: Path, pauses: list[float]) -> None:
    server.manner = Manner(status=502)
    with pytest.raises(DownloadError, match="failed 4 times in a row: HTTP 502"):
        move(server, tmp_path, Patience(retries=3))
    assert pauses == [1, 2, 4]
    assert len(server.requests) == 4
    assert list(tmp_path.iterdir()) == []


def test_an_attempt_that_brought_much_is_no_failure(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "GOOD_STEP", 50_000)
    server.ask(*[Manner(cut=60_000)] * 4)
    move(server, tmp_path, Patience(retries=1))
    assert only(tmp_path, DATA)


def test_last_modified_stands_in_for_a_weak_tag(server: FileServer, tmp_path: Path) -> None:
    server.file_headers["/a/big.bin"] = {"ETag": 'W/"weak"'}
    server.dates["/a/big.bin"] = MONDAY
    cut_once(server, tmp_path)
    move(server, tmp_path)
    assert only(tmp_path, DATA)
    assert server.requests[1].headers["if-range"] == MONDAY
    assert server.ranges()[1] == "bytes=100000-"


def test_starts_over_where_nothing_tells_versions_apart(server: FileServer, tmp_path: Path) -> None:
    server.tags = False
    cut_once(server, tmp_path)
    move(server, tmp_path)
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, None]


def test_starts_over_when_the_range_is_ignored(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    server.ask(Manner(ranges=False))
    move(server, tmp_path)
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=100000-"]


def test_starts_over_when_the_file_changed(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    server.files["/a/big.bin"] = OTHER
    move(server, tmp_path)
    assert only(tmp_path, OTHER)
    assert server.ranges() == [None, "bytes=100000-"]


def test_notices_a_changed_file_if_the_server_does_not(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    server.files["/a/big.bin"] = OTHER
    server.manner = Manner(conditions=False)
    move(server, tmp_path, ONCE)
    assert only(tmp_path, OTHER)
    assert server.ranges() == [None, "bytes=100000-", None]


def test_a_date_tells_versions_apart_too(server: FileServer, tmp_path: Path) -> None:
    server.tags = False
    server.dates["/a/big.bin"] = MONDAY
    cut_once(server, tmp_path)
    server.files["/a/big.bin"] = OTHER
    server.dates["/a/big.bin"] = TUESDAY
    server.manner = Manner(conditions=False)
    move(server, tmp_path)
    assert only(tmp_path, OTHER)


def test_starts_over_when_the_file_became_shorter(server: FileServer, tmp_path: Path) -> None:
    server.manner = Manner(conditions=False)
    cut_once(server, tmp_path)
    server.files["/a/big.bin"] = DATA[:1000]
    move(server, tmp_path, ONCE)
    assert only(tmp_path, DATA[:1000])


def test_a_range_that_was_not_asked_for_is_not_appended(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path)
    server.ask(Manner(headers={"Content-Range": "bytes 7-299999/300000"}))
    move(server, tmp_path, ONCE)
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=100000-", None]


def test_a_partial_file_of_unknown_origin_is_not_continued(
    server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "big.bin.partial").write_bytes(b"x" * 1000)
    move(server, tmp_path)
    assert only(tmp_path, DATA)
    assert server.ranges() == [None]


def test_a_whole_partial_file_is_not_sent_again(server: FileServer, tmp_path: Path) -> None:
    cut_once(server, tmp_path).write_bytes(DATA)
    move(server, tmp_path, ONCE)
    assert only(tmp_path, DATA)
    assert server.ranges() == [None, "bytes=300000-"]


def test_a_silent_server_is_left_and_asked_again(server: FileServer, tmp_path: Path) -> None:
    server.ask(Manner(stall=100_000))
    move(server, tmp_path, Patience(timeout=1, retries=20))
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
    move(server, tmp_path)
    assert only(tmp_path, DATA)
    assert pauses == [7, transfer.LONGEST_PAUSE, 4]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_final(
    server: FileServer, tmp_path: Path, status: int, pauses: list[float]
) -> None:
    server.manner = Manner(status=status)
    with pytest.raises(DownloadError, match=f"answered HTTP {status} .*--mirror"):
        move(server, tmp_path)
    assert len(server.requests) == 1
    assert pauses == []


def test_a_refusal_keeps_what_arrived(server: FileServer, tmp_path: Path) -> None:
    partial = cut_once(server, tmp_path)
    server.ask(Manner(status=404))
    with pytest.raises(DownloadError, match="404"):
        move(server, tmp_path)
    assert partial.stat().st_size == 100_000


def test_an_unreachable_server_is_tried_again(tmp_path: Path, pauses: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/big.bin"
        with pytest.raises(DownloadError, match=r"3 times in a row: .*refused"):
            download(url, tmp_path / "big.bin", Patience(retries=2), {})
    assert len(pauses) == 2


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_a_certificate_that_is_not_trusted_is_final(
    server: FileServer, tmp_path: Path, pauses: list[float]
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key)]
    subprocess.run([*command, "-out", str(certificate)], check=True, capture_output=True)
    server.encrypt(certificate, key)
    with pytest.raises(DownloadError, match=r"failed once: .*self-signed certificate"):
        move(server, tmp_path)
    assert pauses == []


def test_a_file_of_unannounced_length_arrives(server: FileServer, tmp_path: Path) -> None:
    server.manner = Manner(length=False)
    move(server, tmp_path)
    assert only(tmp_path, DATA)


def test_says_how_much_room_is_needed(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1e6, 6e5, 4e5))
    url, target = f"{server.url}/a/big.bin", tmp_path / "big.bin"
    with pytest.raises(DownloadError, match=r"unpacking it needs 645 kB free .*where 400 kB are"):
        download(url, target, PATIENT, {}, unpacked=1.15)
    assert list(tmp_path.iterdir()) == []
    move(server, tmp_path)
    assert only(tmp_path, DATA)


def test_a_wrong_checksum_never_gets_the_name(server: FileServer, tmp_path: Path) -> None:
    right = {"sha256": hashlib.sha256(DATA).hexdigest(), "md5": hashlib.md5(DATA).hexdigest()}
    for algorithm, value in right.items():
        wrong = {**right, algorithm: value[::-1]}
        with pytest.raises(DamagedFileError, match=rf"{algorithm} {value}, not .*, published"):
            move(server, tmp_path, **wrong)
        assert list(tmp_path.iterdir()) == []
    move(server, tmp_path, **right)
    assert only(tmp_path, DATA)


def test_a_log_says_now_and_then_how_far_it_is(
    server: FileServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(transfer, "LINE_SECONDS", {False: 0.0})
    move(server, tmp_path)
    first, *_, last = capsys.readouterr().out.splitlines()
    assert re.match(r"big\.bin  \d+ %  \d+ kB of 300 kB  [\d.]+ MB/s  0 min 00 s left$", first)
    assert re.match(r"big\.bin  100 %  300 kB of 300 kB  [\d.]+ MB/s +$", last)


def test_progress() -> None:
    assert progress(1_500_000_000, 3_000_000_000, 1e7) == (
        "50 %  1.5 GB of 3.0 GB  10.0 MB/s  2 min 30 s left"
    )
    assert progress(3_000_000, None, 1.5e6) == "3.0 MB  1.5 MB/s"
    assert progress(12, 24, 0.0) == "50 %  12 bytes of 24 bytes  0.0 MB/s"
