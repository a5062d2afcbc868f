from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from scripts.training.common import Progress
from scripts.training.embedded import runner
from scripts.training.embedded.runner import StepFailedError, duration, minutes_left, run


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_lines_are_shown_and_kept(tmp_path: Path) -> None:
    shown: list[str] = []
    code = "import sys; print('b'); print('to stderr', file=sys.stderr)"
    for _ in range(2):
        run(python(code), tmp_path / "logs" / "x.log", shown.append)
    assert shown == ["b", "to stderr"] * 2
    assert (tmp_path / "logs" / "x.log").read_text().splitlines() == shown


def test_a_failure_names_its_log(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match=r"exit status 3: see .*x\.log"):
        run(python("raise SystemExit(3)"), tmp_path / "x.log", lambda line: None)


def test_silence_ends_a_step_with_its_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "GRACE", 0.5)
    code = (
        "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "child = subprocess.Popen(['sleep', '600']); print(os.getpid(), child.pid); time.sleep(600)"
    )
    shown: list[str] = []
    with pytest.raises(StepFailedError, match="nothing was heard"):
        run(python(code), tmp_path / "x.log", shown.append, silence=3.0)
    own, child = map(int, shown[0].split())
    with pytest.raises(ProcessLookupError):
        os.kill(own, 0)
    end = time.monotonic() + 20
    while alive(child):  # the kernel takes its time
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_interruption_stops_the_step(tmp_path: Path) -> None:
    def show(line: str) -> None:
        raise KeyboardInterrupt

    before, started = threading.active_count(), time.monotonic()
    deaf = "signal.signal(signal.SIGINT, signal.SIG_IGN)"  # as in the background of a shell
    code = f"import signal, time; {deaf}; print(1); time.sleep(600)"
    with pytest.raises(KeyboardInterrupt):
        run(python(code), tmp_path / "x.log", show)
    assert time.monotonic() - started < runner.GRACE / 2
    assert threading.active_count() <= before + 1


def test_time_left_is_read_from_the_progress_of_the_scripts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Progress(steps=100, batch=8, every=0.0).update(4, loss=1.0)
    assert minutes_left(capsys.readouterr().out.strip()) is not None
    assert minutes_left("step 1/9  loss 2.0  8.1 images/s  73 min left") == 73
    assert minutes_left("nothing of the kind") is None


def test_durations_are_hours_and_minutes() -> None:
    assert [duration(s) for s in (20, 180, 3600, 27_000)] == [
        "0 min",
        "3 min",
        "1 h 0 min",
        "7 h 30 min",
    ]
