"""Ctrl-C in the middle of a load: what was measured is reported."""

from __future__ import annotations

import asyncio
import signal
import sys

STOPPED = 130  # what shells say of a program that Ctrl-C ended


def stop_on_signals(stop: asyncio.Event) -> None:
    """The first Ctrl-C ends the test, a second one the program."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def end() -> None:
        for number in signals:
            loop.remove_signal_handler(number)
        say("stopping: once more ends without a report")
        stop.set()

    try:
        for number in signals:
            loop.add_signal_handler(number, end)
    except (NotImplementedError, RuntimeError, ValueError):
        return  # not in the main thread, or a system without signals: nothing to listen to


def say(line: str) -> None:
    """Tell of the progress."""
    print(line, file=sys.stderr, flush=True)
