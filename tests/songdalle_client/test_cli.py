from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from songdalle_client.cli import Exit, main
from songdalle_core.provenance import NOTICE
from tests.songdalle_client.service import PROMPT, FakeService, Job, picture

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def lyrics(tmp_path: Path) -> Path:
    path = tmp_path / "lyrics.txt"
    path.write_text("\ufeffa lamp on the hill\n언덕 위의 등불\n", encoding="utf-8")
    return path


def run(service: FakeService | str, *words: object) -> int:
    url = service if isinstance(service, str) else service.url
    return main([*map(str, words), "--server", url])


def test_covers_are_written(
    lyrics: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "covers"
    with FakeService(cuts=[9, 2]) as service:
        words = ("--candidates", 5, "--seed", 7, "--mood", "Joyful", "--style", "watercolor")
        assert run(service, "cover", lyrics, "--out", out, *words) == Exit.DONE
    (job,) = service.jobs.values()
    assert job.body == {
        "lyrics": "a lamp on the hill\n언덕 위의 등불\n", "candidates": 5, "seed": 7, "mood": "Joyful",
        "style": "watercolor",
    }  # fmt: skip
    names = ["01.png", "02.png", "03.png", "04.png", "05.png", "contact_sheet.png", "covers.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert (out / "03.png").read_bytes() == picture(60)
    assert json.loads((out / "covers.json").read_text())["words"]["dropped"] == []
    printed = capsys.readouterr().out
    assert "Calmness: a painting of a lamp on the hill" in printed
    assert "05.png" in printed
    assert NOTICE in printed


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16be", "utf-32", "utf-8"])
def test_lyrics_are_read_by_their_byte_order_mark(
    encoding: str, lyrics: Path, tmp_path: Path
) -> None:
    mark = "" if encoding in ("utf-16", "utf-32") else "\ufeff"  # Python writes those two's itself
    lyrics.write_bytes(f"{mark}a lamp\n{mark}언덕 위의 등불\n".encode(encoding))
    with FakeService() as service:
        assert run(service, "cover", lyrics, "--out", tmp_path / "covers") == Exit.DONE
    (job,) = service.jobs.values()
    assert job.body["lyrics"] == "a lamp\n언덕 위의 등불\n"


def test_json_is_all_that_is_printed(
    lyrics: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeService() as service:
        run(service, "cover", lyrics, "--out", tmp_path / "covers", "--json", "--candidates", 2)
    made = json.loads(capsys.readouterr().out)
    assert [cover["rank"] for cover in made["covers"]] == [1, 2]
    assert made["words"]["rude_removed"] == 0


def test_none_is_a_choice_and_the_folder_has_a_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("등불".encode())))
    with FakeService() as service:
        assert run(service, "cover", "-", "--style", "none", "--mood", "none") == Exit.DONE
    (job,) = service.jobs.values()
    assert job.body["style"] is None
    assert (job.body["mood"], job.body["use_mood"]) == (None, False)
    assert (tmp_path / f"covers-{job.id}" / "12.png").is_file()


def test_a_found_song_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeService() as service:
        assert run(service, "search", "등불 심지") == Exit.DONE
        song = capsys.readouterr().out.splitlines()[1].split()[0]
        assert run(service, "cover", "--song", song, "--out", tmp_path / "covers") == Exit.DONE
    (job,) = service.jobs.values()
    assert (job.body["title"], job.body["lyrics"]) == ("등불", "a lamp on the hill")


def test_nothing_found(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeService() as service:
        assert run(service, "search", "nothing") == Exit.DONE
        assert "No song" in capsys.readouterr().err
        assert run(service, "search", "nothing", "--json") == Exit.DONE
    assert json.loads(capsys.readouterr().out) == {"songs": []}


def test_history_get_and_cancel(
    lyrics: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeService() as service:
        assert run(service, "history") == Exit.DONE
        assert "no covers" in capsys.readouterr().err
        run(service, "cover", lyrics, "--out", tmp_path / "one", "--candidates", 1)
        (job,) = service.jobs
        capsys.readouterr()
        assert run(service, "history", "--q", "lamp") == Exit.DONE
        output = capsys.readouterr()
        assert job in output.out
        assert "\x1b" not in output.out  # of an artist who would like to colour the terminal
        assert "--before cursor-2" in output.err
        assert run(service, "history", "--json") == Exit.DONE
        assert json.loads(capsys.readouterr().out)["next"] == "cursor-2"
        assert run(service, "get", job, "--out", tmp_path / "two") == Exit.DONE
        assert (tmp_path / "two" / "01.png").read_bytes() == picture(20)
        assert run(service, "cancel", "f" * 32) == Exit.REFUSED


def test_a_finished_set_is_deleted_and_not_cancelled(
    lyrics: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeService() as service:
        run(service, "cover", lyrics, "--out", tmp_path / "one", "--candidates", 1)
        (job,) = service.jobs
        assert run(service, "cancel", job) == Exit.REFUSED
        assert f"nothing to cancel: `songdalle delete {job}`" in capsys.readouterr().err
        assert run(service, "get", job, "--out", tmp_path / "two") == Exit.DONE
        assert not [call for call in service.calls if call.startswith("DELETE")]
        capsys.readouterr()
        assert run(service, "delete", job, "--json") == Exit.DONE
        assert json.loads(capsys.readouterr().out) == {"id": job}
        assert run(service, "get", job, "--out", tmp_path / "three") == Exit.REFUSED
        assert run(service, "delete", job) == Exit.REFUSED


def test_an_unfinished_job_is_cancelled_and_not_deleted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with FakeService(holds=3) as service:
        job = Job("a" * 32, {"lyrics": "x"})
        service.jobs[job.id] = job
        assert run(service, "delete", job.id) == Exit.REFUSED
        assert f"the job is running: `songdalle cancel {job.id}`" in capsys.readouterr().err
        for _ in range(2):
            assert run(service, "cancel", job.id) == Exit.DONE
            assert "Cancelled." in capsys.readouterr().err
        assert job.cancelled
        assert run(service, "get", job.id) == Exit.REFUSED
        assert "the job is cancelled" in capsys.readouterr().err
        assert run(service, "delete", job.id) == Exit.DONE
    assert service.jobs == {}


@pytest.mark.parametrize("columns", ["80", "60"])
def test_the_history_is_readable(
    columns: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    with FakeService() as service:
        for number in (1, 2):
            job = Job(f"{number:032x}", {"lyrics": "x"})
            service.jobs[job.id] = job
        assert run(service, "history") == Exit.DONE
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert all(cell_len(line) <= int(columns) for line in lines)
    first = lines.index(next(line for line in lines if line.startswith(f"{1:032x}  ")))
    assert lines[first].endswith("Calmness")
    assert lines[first + 1] == "    Wicks - Lamp".replace("Wicks", "[31mWicks")
    words = " ".join(" ".join(lines[first + 2 : len(lines) // 2]).split())
    assert words == PROMPT


def test_a_folder_with_something_in_it_is_left_alone(
    lyrics: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeService() as service:
        words = ("cover", lyrics, "--candidates", 1, "--out")
        assert run(service, *words, tmp_path) == Exit.REFUSED
        assert "--overwrite" in capsys.readouterr().err
        assert run(service, *words, lyrics) == Exit.REFUSED
        assert run(service, *words, lyrics / "x") == Exit.REFUSED
        assert service.jobs == {}
        assert run(service, *words, tmp_path, "--overwrite") == Exit.DONE


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (422, Exit.REFUSED),
        (429, Exit.BUSY),
        (503, Exit.BUSY),
        (500, Exit.FAILED),
        (401, Exit.REFUSED),
    ],
)
def test_refusals(
    status: int, code: Exit, lyrics: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeService(refusals=[status]) as service:
        assert run(service, "cover", lyrics, "--out", lyrics.parent / "new") == code
    message = capsys.readouterr().err
    assert f"songdalle: a problem of kind {status}" in message
    assert ("style: too long" in message) == (status == 422)
    assert ("Try again in 3 s" in message) == (code is Exit.BUSY)


def test_nobody_there(lyrics: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("cover", lyrics, "--out", lyrics.parent / "new")
    assert run("http://127.0.0.1:9", *words) == Exit.UNREACHABLE
    assert "make serve" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no lyrics"),
        (b" \n ", "no lyrics"),
        ("등불".encode("cp949"), "iconv -f cp949"),
        ("a lamp".encode("utf-16le"), "iconv -f utf-16le"),
        ("\ufeff \n".encode("utf-16"), "no lyrics"),
        (b"\xff\xfea", "begins like utf-16, but is not"),
        (b"x" * (2**20 + 1), "too large"),
    ],
)
def test_unreadable_lyrics(
    content: bytes, message: str, lyrics: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lyrics.write_bytes(content)
    assert run("http://127.0.0.1:9", "cover", lyrics) == Exit.REFUSED
    assert message in capsys.readouterr().err


def test_lyrics_that_are_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("http://127.0.0.1:9", "cover", "no/such/file") == Exit.REFUSED
    assert "cannot be read" in capsys.readouterr().err


def start(service: FakeService, lyrics: Path) -> subprocess.Popen[str]:
    words = ["cover", str(lyrics), "--out", str(lyrics.parent / "new"), "--server", service.url]
    command = [sys.executable, "-m", "songdalle_client", *words]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)],
)
def test_an_end_from_outside_cancels_the_job(
    number: signal.Signals, code: Exit, lyrics: Path
) -> None:
    with FakeService(holds=9) as service:
        process = start(service, lyrics)
        wait_until(service.holding.is_set)
        process.send_signal(number)
        _, message = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Cancelled." in message
    (job,) = service.jobs.values()
    assert job.cancelled
    assert list((lyrics.parent / "new").iterdir()) == []


def test_a_reader_may_leave() -> None:
    """In a process of its own: Python writes what is left over on its way out, and would complain."""
    with FakeService() as service:
        words = ["search", "x", "--json", "--server", service.url]
        end, beginning = os.pipe()
        os.close(end)
        done = subprocess.run(
            [sys.executable, "-m", "songdalle_client", *words],
            cwd=ROOT, stdout=beginning, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.close(beginning)
    assert (done.returncode, done.stderr) == (Exit.FAILED, "")


def test_a_reader_of_a_table_may_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    end, beginning = os.pipe()
    os.close(end)
    with FakeService() as service, os.fdopen(beginning, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        with pytest.raises(SystemExit) as end_of_program:  # rich ends it
            run(service, "search", "x")
    assert end_of_program.value.code == Exit.FAILED


def test_covers_that_cannot_be_fetched_are_not_lost(
    lyrics: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeService(missing=True) as service:
        words = ("cover", lyrics, "--out", lyrics.parent / "new", "--candidates", 1)
        assert run(service, *words) == Exit.REFUSED
    (job,) = service.jobs
    assert f"songdalle get {job}" in capsys.readouterr().err
