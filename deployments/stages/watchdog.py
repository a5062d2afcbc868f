"""A replica that hangs or has lost its engine ends its process.

Ray Serve would find out by its health checks too, but only after several, and would then wait for the very
requests that hang. A dead process is replaced at once, and its callers make their calls again elsewhere.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from ray import serve
from ray.serve.exceptions import RayServeException

EVERY = 0.1  # seconds between looks

_log = logging.getLogger("ray.serve")


def end_process(reason: str) -> None:
    """End this process at once, whatever it does."""
    _log.critical("%s: this replica ends, for another to take its place", reason)
    logging.shutdown()
    os._exit(1)


class Watchdog:
    """A thread that ends the process once something in it is not well. Outside of a replica it does nothing.

    Args:
        well: looked at again and again.
        reason: for the log.
    """

    def __init__(
        self, well: Callable[[], bool], reason: str, end: Callable[[str], None] = end_process
    ) -> None:
        self._well, self._reason, self._end = well, reason, end
        self._stopping = threading.Event()
        try:
            serve.get_replica_context()
        except RayServeException:
            return
        threading.Thread(target=self.watch, name="watchdog", daemon=True).start()

    def watch(self) -> None:
        """Look until stopped."""
        while not self._stopping.wait(EVERY):
            if not self._well():
                self._end(self._reason)
                return

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
