"""A command together with everything it starts, so that all of it can be stopped.

The kernel keeps the session a process was born into. Ray's workers leave their parent's process
group, rename themselves and outlive their parent, but they stay in the session of `serve run`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

POLL_SECONDS = 0.1
ORPHAN_SECONDS = 5.0
"""How long what the child left behind may take to end by itself."""
SIGNAL_SECONDS = 3.0
"""How long it may take after SIGTERM, and after SIGKILL."""


class Session:
    """A child process that leads a session of its own."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        with log.open("wb") as output:
            self.child = subprocess.Popen(
                command,
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """The child's exit code; None while it runs."""
        return self.child.poll()

    def members(self) -> list[psutil.Process]:
        """Return the running processes of the session, the child among them."""
        return [process for pid in psutil.pids() if (process := self._member(pid)) is not None]

    def _member(self, pid: int) -> psutil.Process | None:
        try:
            if os.getsid(pid) != self.child.pid:
                return None
            process = psutil.Process(pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except (OSError, psutil.Error):
            return None

    def stop(self, seconds: float, *, hurry: Callable[[], bool] = lambda: False) -> int:
        """Stop every process of the session; return how many could not be stopped.

        The child is asked first, as by Ctrl-C, and given time to let replicas finish; what is left
        then is ended.

        Args:
            seconds: how long the child may take.
            hurry: asked while waiting; True ends the wait.
        """
        if self.exit_code is None:
            # Not the whole group: Ray's own servers are in it, and shutting down needs them.
            self.child.send_signal(signal.SIGINT)
        self._wait(seconds, lambda: self.exit_code is not None or hurry())
        self._wait(0 if hurry() else ORPHAN_SECONDS, lambda: not self.members())
        for last in (signal.SIGTERM, signal.SIGKILL):
            for process in self.members():
                try:
                    process.send_signal(last)
                except psutil.Error:
                    continue
            self._wait(SIGNAL_SECONDS, lambda: not self.members())
        self.child.poll()
        return len(self.members())

    @staticmethod
    def _wait(seconds: float, done: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
