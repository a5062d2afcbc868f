from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.operations.download_weights import default_cache, main, mirror
from scripts.operations.weights.catalogue import PROFILES, ArchiveProfile, RemoteFile
from tests.scripts.operations.weights.file_server import FileServer, Manner
from tests.scripts.operations.weights.test_checkpoint import ARCHIVE, CONTENT, NOISE, PATH

ROOT = Path(__file__).resolve().parents[3]
MINDALLE = "/brainrepo/models/minDALL-E/57b008f02ceaa02b779c8b7463143315/1.3B.tar.gz"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FileServer().running() as running:
        yield running


@pytest.fixture
def toy(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> FileServer:
    """A server with the archive of a profile `toy`, whose publisher is out of reach."""
    server.files[PATH] = ARCHIVE
    archive = RemoteFile(f"https://publisher.invalid{PATH}")
    profile = ArchiveProfile("toy", "a toy", "CC BY-NC 4.0", False, archive, tuple(CONTENT))
    monkeypatch.setitem(PROFILES, "toy", profile)
    return server


def run(*arguments: object) -> int:
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as ended:
        return int(ended.code or 0)


def test_lists_every_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--list") == 0
    printed = capsys.readouterr().out
    for name in PROFILES:
        assert f"\n{name} " in printed
    assert "non-commercial only" in printed


def test_lists_one_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--list", "clip") == 0
    assert "kobart" not in capsys.readouterr().out


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    printed = capsys.readouterr().out
    assert "python scripts/operations/download_weights.py rq-cc3m kobart" in printed
    assert str(default_cache()) in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name a profile"),
        (["dalle-3"], "no profile 'dalle-3': choose from mindalle, rq-cc3m"),
        (["clip", "--mirror", "mirror.example"], "is not an http:// or https:// address"),
        (["mindalle", "--sha256", "abc"], "64 hexadecimal digits"),
        (["clip", "--sha256", "a" * 64], "exactly one profile that has an archive"),
        (["mindalle", "rq-cc3m", "--sha256", "a" * 64], "exactly one profile"),
        (["clip", "--timeout", "0"], "seconds up to a day, not 0"),
        (["clip", "--timeout", "nan"], "seconds up to a day, not nan"),
        (["clip", "--retries", "-1"], "--retries must be at least 0"),
        (["clip", "--retries", "many"], "argument --retries: invalid int value: 'many'"),
        (["clip", "--cache", __file__], "cannot write to the folder"),
        (["clip", "--no-such-option"], "unrecognized arguments"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert says in printed.err


@pytest.mark.parametrize(
    "text",
    [
        *("", "mirror.example", "file:///etc", "ftp://x", "http://", "http://x/?a=b"),
        *("http://x/#a", "http://x y", "http://x:port", "http://x:0", "http://me:secret@x"),
    ],
)
def test_other_addresses_are_no_mirror(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not an http"):
        mirror(text)


def test_downloads_through_a_mirror(
    toy: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("toy", "--mirror", f"{toy.url}/", "--cache", tmp_path) == 0
    printed = capsys.readouterr().out
    assert "toy: a toy (CC BY-NC 4.0, for non-commercial use only)" in printed
    assert printed.endswith(f"toy is ready: {tmp_path / 'toy'}\n")
    assert (tmp_path / "toy/stage1/model.pt").read_bytes() == NOISE


def test_keeps_the_archive_when_asked(toy: FileServer, tmp_path: Path) -> None:
    assert run("toy", "--mirror", toy.url, "--cache", tmp_path, "--keep-archive") == 0
    assert (tmp_path / "downloads/toy/toy.tar.gz").read_bytes() == ARCHIVE


def test_a_failed_download_is_one_line_and_status_1(
    toy: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.manner = Manner(status=404)
    assert run("toy", "clip", "--mirror", toy.url, "--cache", tmp_path) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("download_weights: toy: ")
    assert "HTTP 404" in printed
    assert len(printed.splitlines()) == 1


def test_retries_may_be_none(
    toy: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.manner = Manner(status=503)
    assert run("toy", "--mirror", toy.url, "--cache", tmp_path, "--retries", 0) == 1
    assert "failed once: HTTP 503" in capsys.readouterr().err


def test_the_published_checksum_of_mindalle_is_held(
    server: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files[MINDALLE] = ARCHIVE
    assert run("mindalle", "--mirror", server.url, "--cache", tmp_path) == 1
    printed = capsys.readouterr()
    assert "not 57b008f02ceaa02b779c8b7463143315, published" in printed.err
    assert server.ranges() == [None, None]
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_ctrl_c_keeps_the_partial_file_and_says_how_to_resume(
    server: FileServer, tmp_path: Path
) -> None:
    data = random.Random(8).randbytes(200_000)
    server.files[MINDALLE] = data
    server.ask(Manner(stall=100_000))
    command = [sys.executable, "scripts/operations/download_weights.py", "mindalle"]
    command += ["--mirror", server.url, "--cache", str(tmp_path), "--timeout", "600"]
    partial = tmp_path / "downloads/mindalle/1.3B.tar.gz.partial"
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(partial, 100_000, child)
        child.send_signal(signal.SIGINT)
        _, error = child.communicate()
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 130
    assert "run the same command again to resume" in error
    assert "Traceback" not in error
    assert partial.read_bytes() == data[:100_000]
    # the rest arrives; that the whole is not minDALL-E's archive is seen afterwards
    assert run("mindalle", "--mirror", server.url, "--cache", tmp_path) == 1
    assert server.ranges()[:2] == [None, "bytes=100000-"]


def wait_for(path: Path, size: int, child: subprocess.Popen[str]) -> None:
    """Wait until a child process has written so many bytes."""
    while not path.is_file() or path.stat().st_size < size:
        assert child.poll() is None, "the command ended early"
        time.sleep(0.02)
