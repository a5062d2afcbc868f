from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from loadtests.cli import main
from tests.loadtests.fake_service import PREVIEW, FakeService

ROOT = Path(__file__).resolve().parents[2]


def load(service: FakeService, folder: Path, *words: object) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of a run that watches the memory of this process."""
    files = ["--json", folder / "a.json", "--markdown", folder / "a.md"]
    common = ["--url", service.url, "--warm-up", 0, "--pid", os.getpid(), *files]
    code = main([str(word) for word in (*words, *common)])
    return code, json.loads((folder / "a.json").read_text())


def test_closed_from_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeService(["covers", "500", "covers", "covers"], delay=0.01) as service:
        words = ("closed", "--users", "1,3", "--duration", 0.4, "--candidates-mix", "4:1,2:1")
        words += ("--plot", tmp_path / "a.png")
        code, figures = load(service, tmp_path, *words)
    assert code == 0
    assert [load["users"] for load in figures["loads"]] == [1, 3]
    for load_figures in figures["loads"]:
        assert load_figures["offered"] == len(load_figures["requests"])
        assert load_figures["offered"] == load_figures["completed"] + sum(
            load_figures["failed"].values()
        )
        assert load_figures["latency"]["p50"] >= 0.01
        assert load_figures["stages"]["generate"]["mean"] == 0.5
        assert load_figures["memory"][0]["peak_mib"] > 5
        images = sum(r["candidates"] for r in load_figures["requests"] if r["kind"] == "done")
        assert load_figures["images_per_second"] == pytest.approx(
            images / load_figures["seconds"], rel=1e-3
        )
    assert figures["machine"]["shared_with_service"] is True
    markdown = (tmp_path / "a.md").read_text()
    assert "| 3 users |" in markdown
    assert "## Failed" in markdown
    assert "request-7" in markdown
    assert "## Peak memory" in markdown
    assert capsys.readouterr().out == markdown
    with Image.open(tmp_path / "a.png") as plot:
        assert plot.width > 800


def test_streams_tell_when_something_was_seen(tmp_path: Path) -> None:
    with FakeService(["stream"]) as service:
        code, figures = load(service, tmp_path, "closed", "--users", 1, "--duration", 0.3)
        assert code == 0
        load_figures = figures["loads"][0]
        assert PREVIEW <= load_figures["first_preview"]["p50"] < load_figures["first_cover"]["p50"]
        assert load_figures["first_cover"]["p50"] <= load_figures["latency"]["p50"]
        assert set(load_figures["requests"][0]["firsts"]) == {"first_preview", "first_cover"}
        assert "## First sight, s" in (tmp_path / "a.md").read_text()
        words = ("closed", "--users", 1, "--duration", 0.1, "--whole")
        assert load(service, tmp_path, *words)[1]["loads"][0]["first_preview"] is None
    assert "First sight" not in (tmp_path / "a.md").read_text()


def test_open_counts_refusals_apart(tmp_path: Path) -> None:
    with FakeService(["covers", "503", "429", "cut"]) as service:
        words = ("open", "--rate", "20", "--arrivals", "constant", "--duration", 0.4)
        code, figures = load(service, tmp_path, *words, "--objective-done", 60)
    load_figures = figures["loads"][0]
    assert code == 0
    assert load_figures["completed"] == 2
    assert load_figures["refused"]["503"] == {
        "count": 2,
        "without_retry_after": 0,
        "retry_after": [5, 5],
    }
    assert load_figures["refused"]["429"]["count"] == 2
    assert load_figures["failed"] == {"cut": 2}
    assert load_figures["share_within_objective"] == 0.25
    assert "| constant 20/s | 503 | 2 | 5 |" in (tmp_path / "a.md").read_text()


def test_search_reports_each_step(tmp_path: Path) -> None:
    with FakeService(delay=0.01) as service:
        words = ("search", "--duration", 0.3, "--start", 20, "--highest", 40, "--steps", 2)
        code, figures = load(service, tmp_path, *words, "--objective-done", 60)
    assert code == 0
    assert figures["search"]["rate"] == 40
    assert [step["rate"] for step in figures["search"]["steps"]] == [20, 40]
    assert len(figures["loads"]) == 2
    assert "Highest rate that met the objective: 40" in (tmp_path / "a.md").read_text()


def test_a_service_that_only_fails(tmp_path: Path) -> None:
    with FakeService(["500"]) as service:
        words = ("closed", "--users", 1, "--duration", 0.2, "--plot", tmp_path / "a.png")
        code, figures = load(service, tmp_path, *words)
    assert code == 1
    assert figures["loads"][0]["latency"] is None
    assert (tmp_path / "a.png").exists()


def test_ctrl_c_writes_what_was_measured(tmp_path: Path) -> None:
    written = tmp_path / "a.json"
    words = ["closed", "--users", "2", "--duration", "600", "--json", str(written)]
    with FakeService(delay=0.05) as service:
        command = [
            sys.executable,
            "-m",
            "loadtests",
            *words,
            "--url",
            service.url,
            "--warm-up",
            "0",
        ]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while len(service.bodies) < 6 and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    figures = json.loads(written.read_text())
    assert figures["interrupted"] is True
    assert figures["loads"][0]["completed"] >= 2
    assert figures["loads"][0]["seconds"] < 120
    assert "Interrupted" in printed


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["closed", "--url", "http://127.0.0.1:9", "--ready-timeout", "0.1"]
    assert main(words) == 1
    assert "make serve" in capsys.readouterr().err


def test_a_process_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["closed", "--pid", str(2**30)]) == 1
    assert "no process" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--help"], ["open", "--help"], ["search", "--help"]])
def test_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(words)
    assert exit_info.value.code == 0
    assert "python -m loadtests" in capsys.readouterr().out
