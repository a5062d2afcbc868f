from __future__ import annotations

import subprocess
import sys
import time

from deployments.stages.watchdog import EVERY, Watchdog


def test_it_ends_the_process_once_something_is_not_well() -> None:
    program = """
from deployments.stages.watchdog import Watchdog
looks = iter([True, True, False])
Watchdog(lambda: next(looks), "gone").watch()
print("still here")
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "still here" not in done.stdout


def test_outside_of_a_replica_it_ends_nothing() -> None:
    ended: list[str] = []
    watchdog = Watchdog(lambda: False, "gone", ended.append)
    time.sleep(3 * EVERY)
    watchdog.stop()
    assert not ended
