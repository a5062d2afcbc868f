"""Runs one step: its output is shown and logged, its silence is limited, its end is waited for."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

SILENCE = 3600.0
"""Seconds without a line after which a step is taken to hang; measuring takes some minutes."""
GRACE = 60.0
"""Seconds that a step has to end by itself when it is stopped."""
_LEFT = re.compile(r"(\d+) min left$")


class StepFailedError(RuntimeError):
    """A step ended with an error, or hung."""


def run(
    command: Sequence[str],
    log: Path,
    show: Callable[[str], None],
    *,
    silence: float = SILENCE,
    keep: Sequence[int] = (),
) -> None:
    """Run a command to its end.

    Args:
        command: program and arguments.
        log: every line is appended to it.
        show: called with every line.
        silence: seconds without a line that are put up with.
        keep: file descriptors that the command inherits.

    Raises:
        StepFailedError: exit status other than 0, or silence.
    """
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # an interruption is passed on once, to all of its processes
        pass_fds=tuple(keep),
    )
    assert child.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(child.stdout, lines), daemon=True).start()
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("a", encoding="utf-8") as file:
            while (line := lines.get(timeout=silence)) is not None:
                file.write(line + "\n")
                file.flush()
                show(line)
        status = child.wait(timeout=GRACE)
    except (queue.Empty, subprocess.TimeoutExpired):
        raise StepFailedError(f"nothing was heard for {silence:.0f} s: see {log}") from None
    finally:
        stop(child)
    if status != 0:
        raise StepFailedError(f"exit status {status}: see {log}")


def stop(child: subprocess.Popen[str]) -> None:
    """End a command and all of its processes, asking before forcing.

    Not by SIGINT: what is started in the background of a shell is deaf to it, and so are its children.
    """
    for how in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            break
        os.killpg(child.pid, how)
        deadline = time.monotonic() + GRACE
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
    with suppress(ProcessLookupError):  # nobody is left
        os.killpg(child.pid, signal.SIGKILL)


def minutes_left(line: str) -> int | None:
    """What a line of `scripts.training.common.Progress` says of the time left."""
    match = _LEFT.search(line)
    return int(match.group(1)) if match else None


def duration(seconds: float) -> str:
    """Hours and minutes."""
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    with stream:
        for line in stream:
            lines.put(line.rstrip("\n"))
    lines.put(None)
