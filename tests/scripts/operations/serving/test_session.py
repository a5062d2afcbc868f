"""scripts/operations/serving/session.py: everything a command started is found and stopped."""

import os
import sys
import time
from pathlib import Path

import psutil

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


def start(folder: Path, seconds_to_stop: float) -> Session:
    log = folder / "log"
    command = [sys.executable, "-c", FAMILY, str(seconds_to_stop)]
    session = Session(command, env=os.environ, cwd=folder, log=log)
    end = time.monotonic() + 60
    while "up" not in log.read_text() and time.monotonic() < end:
        time.sleep(0.05)
    return session


def alive(process: psutil.Process) -> bool:
    """An orphan that ended may stay a zombie where the first process of the machine is no init."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def test_stops_orphans_in_other_process_groups(tmp_path: Path) -> None:
    session = start(tmp_path, 0.2)
    members = session.members()
    assert len(members) == 3
    assert any(os.getpgid(process.pid) != session.child.pid for process in members)
    assert psutil.Process() not in members
    assert session.stop(30) == 0
    assert not any(alive(process) for process in members)
    assert session.exit_code == 0
    assert "done" in (tmp_path / "log").read_text(), "the child may finish what it is doing"


def test_a_child_that_does_not_stop_is_ended(tmp_path: Path) -> None:
    session = start(tmp_path, 300)
    assert session.stop(0.5) == 0
    assert session.exit_code is not None
    assert session.exit_code < 0
    assert session.members() == []


def test_hurry_does_not_wait(tmp_path: Path) -> None:
    session = start(tmp_path, 300)
    started = time.monotonic()
    assert session.stop(300, hurry=lambda: True) == 0
    assert time.monotonic() - started < 60
    assert session.members() == []
