"""scripts/operations/serving/session.py: everything a command started is found and stopped."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from scripts.operations.serving import session
from scripts.operations.serving.session import Session

FAMILY = """
import os, subprocess, sys, time
grandchild = "import time; time.sleep(300)"
# In a process group of its own and stubborn, as Ray's workers are; its parent leaves at once.
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
parent = f"import os, subprocess, sys; subprocess.Popen([sys.executable, '-c', {stubborn!r}], process_group=0)"
subprocess.Popen([sys.executable, "-c", grandchild])
subprocess.run([sys.executable, "-c", parent])
print("up", flush=True)
try:
    time.sleep(300)
except KeyboardInterrupt:
    print("asked to stop", flush=True)
    time.sleep(float(sys.argv[1]))
    print("done", flush=True)
"""


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the orphans ends by itself: no need to wait for that as long as for Ray's."""
    monkeypatch.setattr(session, "ORPHAN_SECONDS", 0.5)
    monkeypatch.setattr(session, "SIGNAL_SECONDS", 0.5)


def start(folder: Path, seconds_to_stop: float) -> Session:
    log = folder / "log"
    command = [sys.executable, "-c", FAMILY, str(seconds_to_stop)]
    family = Session(command, env=os.environ, cwd=folder, log=log)
    end = time.monotonic() + 60
    while "up" not in log.read_text() and time.monotonic() < end:
        time.sleep(0.05)
    return family


def alive(process: psutil.Process) -> bool:
    """An orphan that ended may stay a zombie where the first process of the machine is no init."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def test_stops_orphans_in_other_process_groups(tmp_path: Path) -> None:
    family = start(tmp_path, 0.2)
    members = family.members()
    assert len(members) == 3
    assert any(os.getpgid(process.pid) != family.child.pid for process in members)
    assert psutil.Process() not in members
    assert family.stop(30) == 0
    assert not any(alive(process) for process in members)
    assert family.exit_code == 0
    assert "done" in (tmp_path / "log").read_text(), "the child may finish what it is doing"


def test_a_child_that_does_not_stop_is_ended(tmp_path: Path) -> None:
    family = start(tmp_path, 300)
    assert family.stop(0.5) == 0
    assert family.exit_code is not None
    assert family.exit_code < 0
    assert family.members() == []


def test_hurry_does_not_wait(tmp_path: Path) -> None:
    family = start(tmp_path, 300)
    started = time.monotonic()
    assert family.stop(300, hurry=lambda: True) == 0
    assert time.monotonic() - started < 60
    assert family.members() == []
