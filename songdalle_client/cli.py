"""Covers for songs, from the command line.

    songdalle cover lyrics.txt --out covers/
    cat lyrics.txt | songdalle cover - --style watercolor --mood Calmness --seed 7
    songdalle search "title artist"
    songdalle cover --song lrclib:4711
    songdalle history --q balloon
    songdalle get ID --out covers/
    songdalle more ID --rank 3 --codes 0.7 --keep composition
    songdalle release ID --rank 1 --title "노란 풍선" --artist "김하늘"
    songdalle cancel ID
    songdalle delete ID

A lost connection is taken up again where it broke. Ctrl-C cancels the job at the service. A key of the service
is read from SONGDALLE_KEY. The exit code is 0; 1 if the service failed; 2 if it, or this program, cannot accept
what was asked; 3 if it cannot be reached; 4 if it is busy; 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import suppress
from enum import IntEnum

from rich.console import Console

from songdalle_client import commands
from songdalle_client.errors import ClientError, Lost, ServiceError, Unreachable
from songdalle_client.options import KEY_VARIABLE, parse
from songdalle_client.service import SongDalle
from songdalle_client.terminal import plain


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    FAILED = 1
    REFUSED = 2
    UNREACHABLE = 3
    BUSY = 4
    INTERRUPTED = 130
    TERMINATED = 143


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    args = parse(arguments, __doc__ or "")
    log = Console(stderr=True, highlight=False)
    try:
        asyncio.run(_run(args, log))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except asyncio.CancelledError:
        return Exit.TERMINATED
    except BrokenPipeError:
        # Whoever read the output has left; Python would complain again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except (ClientError, ValueError, OSError) as error:
        _complain(log, str(error))
        return exit_code(error)
    return Exit.DONE


def exit_code(error: Exception) -> Exit:
    """The exit code that an error ends in."""
    if isinstance(error, ServiceError):
        if error.status in (429, 503):
            return Exit.BUSY
        return Exit.REFUSED if error.status < 500 else Exit.FAILED
    if isinstance(error, Unreachable | Lost):
        return Exit.UNREACHABLE
    return Exit.FAILED if isinstance(error, ClientError) else Exit.REFUSED


async def _run(args: argparse.Namespace, log: Console) -> None:
    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError, RuntimeError, ValueError):  # another system, another thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    run = commands.COMMANDS[args.command]
    async with SongDalle(args.server, key=os.environ.get(KEY_VARIABLE)) as service:
        try:
            await run(service, args, log)
        except Unreachable as error:
            hint = "start it with `make serve`, or name another with --server"
            raise Unreachable(f"{error}; {hint}") from error
        except ServiceError as error:
            if error.retry_after is not None:
                log.print(f"Try again in {error.retry_after:g} s.", markup=False)
            raise


def _complain(log: Console, message: str) -> None:
    for number, line in enumerate(message.split("\n")):
        start = "songdalle: " if number == 0 else "  "
        log.print(start + plain(line, 1000), markup=False, soft_wrap=True)
