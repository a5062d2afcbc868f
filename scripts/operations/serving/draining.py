"""Ending the requests under way before the processes that serve them: `serve run` ends them with itself.

Ray Serve's proxy does it, asked by files (`deployments.contract.stopping`); what it answers meanwhile says how
many requests are left.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from pathlib import Path

FOLDER_VARIABLE = "SONGDALLE_STOP_FOLDER"
ASKED, CUT = "stop.asked", "stop.cut"
UNDER_WAY = "X-Requests-Under-Way"
"""As in `deployments.contract.stopping`, which scripts do not import; a test compares them."""
POLL_SECONDS = 0.2
LAST_WORDS_SECONDS = 3.0
"""How long it may take to tell those that are left."""
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTENING = "0A"


class Drain:
    """The requests of one service that is to stop.

    Args:
        host, port: where it answers.
        folder: that its proxy looks into.
        hurry: asked while waiting; True ends the wait.
    """

    def __init__(self, host: str, port: int, folder: Path, hurry: Callable[[], bool]) -> None:
        self._host = host
        self._port = port
        self._folder = folder
        self._hurry = hurry

    def begin(self) -> int | None:
        """Have new requests refused; return how many are under way, None if nobody tells."""
        (self._folder / ASKED).touch()
        return self.under_way()

    def finish(self, seconds: float) -> int:
        """Wait for those under way and tell those that are left; return how many were.

        Args:
            seconds: how long they may take.
        """
        self._wait(seconds)
        left = self.under_way() or 0
        if left and not self._hurry():
            (self._folder / CUT).touch()
            self._wait(LAST_WORDS_SECONDS)
        return left

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        quiet = 0  # looks: between two pieces of an answer there may be nothing to see
        while quiet < 2 and time.monotonic() < end and not self._hurry():
            quiet = 0 if self.under_way() or unsent(self._port) else quiet + 1
            time.sleep(POLL_SECONDS)

    def under_way(self) -> int | None:
        """How many requests the proxy says are under way; None if it does not say."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=5)
        try:
            connection.request("GET", "/-/healthz")
            told = connection.getresponse().getheader(UNDER_WAY, "")
            return int(told) if told.isdecimal() else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def unsent(port: int) -> int:
    """Bytes of answers from a port of this machine that clients have not taken yet; 0 where no table tells."""
    return sum(_waiting(line, port) for table in TABLES for line in _lines(table))


def _lines(table: Path) -> Iterator[str]:
    try:
        yield from table.read_text().splitlines()[1:]
    except OSError:
        return


def _waiting(line: str, port: int) -> int:
    """Of one socket: `sl local_address rem_address st tx_queue:rx_queue ...`, in hexadecimal."""
    _, local, _, state, queues, *_ = line.split()
    ours = int(local.rpartition(":")[2], 16) == port and state != LISTENING
    return int(queues.partition(":")[0], 16) if ours else 0
