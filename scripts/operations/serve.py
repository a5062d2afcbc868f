"""Start Song DALL-E on this machine, say when it is ready, and stop all of it on Ctrl-C.

    make serve [PORT=8001] [CONFIG=serve_config.yaml] [DATA=folder] [ARGS=--verbose]
    python scripts/operations/serve.py --help

`serve run`, Ray's own command, does the serving, in a Ray cluster of its own. A stop refuses new requests
and waits for those under way; asked for twice, it does not. Exit codes: 0 stopped as asked, 1 the
application failed, 2 it could not be begun (a port in use, a wrong option).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

try:
    import psutil
    import yaml

    from scripts.operations.serving.checker import ConfigCheck
    from scripts.operations.serving.draining import Drain
    from scripts.operations.serving.plan import (
        LaunchError,
        Plan,
        change,
        check_port,
        child_environment,
        read_plan,
    )
    from scripts.operations.serving.session import Session
    from scripts.operations.serving.watcher import Watcher, last_error
except ModuleNotFoundError as missing:
    sys.exit(f"serve: {missing}; run `make serve`, which sets up .venv and uses it")

ROOT = Path(__file__).resolve().parents[2]
RAY_GAVE_UP = "timed out during startup"
"""What Ray says when its servers are not up in 30 s, a limit that it offers no option for."""
REPORT_SECONDS = 15.0
"""Between two lines that say what a slow start is waiting for."""


@dataclass(frozen=True)
class Options:
    """The command line, read."""

    config: Path
    host: str | None
    port: int | None
    data: Path | None
    start_seconds: float
    stop_seconds: float
    verbose: bool
    parent: int | None
    keep_logs: bool


def parse(argv: list[str] | None) -> Options:
    """Read the command line."""
    text = (__doc__ or "").split("\n\n")
    parser = argparse.ArgumentParser(description=text[0], epilog=text[2])
    add = parser.add_argument
    add("--config", type=Path, default=ROOT / "serve_config.yaml", help="Ray Serve config file")
    add("--host", help="address to serve on, in place of the config's (all: 0.0.0.0 or ::)")
    add("--port", type=int, help="port to serve on, in place of the config's")
    add("--data", type=Path, help="folder for covers, in place of SONGDALLE_DATA")
    add("--start-seconds", type=float, default=300, help="give up starting (default: %(default)g)")
    add(
        "--stop-seconds",
        type=float,
        default=30,
        help="wait for requests under way (default: %(default)g)",
    )
    add("--verbose", action="store_true", help="show the log of Ray and of every replica")
    add("--parent", type=int, metavar="PID", help="stop when this process has ended")
    add("--keep-logs", action="store_true", help="keep the run's folder after a clean stop")
    return Options(**vars(parser.parse_args(argv)))


def say(text: str) -> None:
    """Print a line now, also into a pipe."""
    print(text, flush=True)


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs; one that only waits to be reaped does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


class Launch:
    """One run of the application, from its start to its end."""

    def __init__(self, plan: Plan, options: Options) -> None:
        # Not the system's TMPDIR: Ray's sockets lie below, and a socket's path is 100 characters.
        parent = os.environ.get("RAY_TMPDIR", "/tmp")
        self.plan = plan
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="songdalle-", dir=parent))
        self.log = self.folder / "serve.log"
        self.asked_to_stop = 0
        self._announced = False
        self._shown = 0
        self._wake = threading.Event()
        self._parent = None if options.parent is None else psutil.Process(options.parent)

    def obey(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal: the first asks for a clean stop, a second for one without waiting."""
        self.asked_to_stop += 1
        self._wake.set()

    def run(self) -> int:
        """Serve until asked to stop or until the application fails; return the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.obey)
        config = self.folder / "serve_config.yaml"
        config.write_text(yaml.safe_dump(self.plan.document, allow_unicode=True, sort_keys=False))
        say(f"Starting Ray Serve with {self.options.config} (log: {self.log})")
        for last in (False, False, True):
            failure, left = self._attempt(config)
            if last or failure is None or RAY_GAVE_UP not in failure:
                break
            say("  Ray did not come up within its own 30 s (a busy machine?); trying again")
        return self._conclude(failure, left)

    def _attempt(self, config: Path) -> tuple[str | None, int]:
        """Serve once; return why that failed (None: asked to stop) and how many processes stay."""
        command = [sys.executable, "-m", "ray.serve.scripts", "run", "--address", "local"]
        env = child_environment(os.environ, root=ROOT, run=self.folder, data=self.options.data)
        session = Session([*command, str(config)], env=env, cwd=ROOT, log=self.log)
        self._shown = 0
        watcher = Watcher(self.plan, self.log)
        watcher.start()
        check = ConfigCheck(config, env)
        try:
            failure = self._watch(session, watcher, check)
        finally:
            watcher.stop()
            check.stop()
            left = self._stop(session)
        return failure, left

    def _watch(self, session: Session, watcher: Watcher, check: ConfigCheck) -> str | None:
        """Wait for the end; return why the application failed, or None if asked to stop."""
        started = reported = time.monotonic()
        self._announced = False
        while not self.asked_to_stop:
            if self._parent is not None and not alive(self._parent):
                self.asked_to_stop += 1  # who started this was killed and cannot ask any more
                break
            now = time.monotonic()
            if check.faults:
                faults = "\n  ".join(check.faults)
                return f"the config {self.options.config} cannot be served:\n  {faults}\n "
            if session.exit_code is not None:
                return f"`serve run` ended by itself: {last_error(self._log_text())}"
            if watcher.failure is not None:
                return f"the application did not start: {watcher.failure}"
            if watcher.ready and not self._announced:
                self._announced = True
                say(f"Song DALL-E is ready: {self.plan.url} (Ctrl-C stops it)")
            elif not self._announced and now - started > self.options.start_seconds:
                limit = f"{self.options.start_seconds:g} s"
                return f"not ready after {limit}: still waiting for {watcher.waiting_for}"
            elif not self._announced and now - reported > REPORT_SECONDS:
                reported = now
                say(f"  {now - started:.0f} s, waiting for {watcher.waiting_for}")
            self._show_log()
            self._wake.wait(0.2)
        return None

    def _stop(self, session: Session) -> int:
        """Stop every process of the run; return how many are left."""
        if self.asked_to_stop:
            if self._announced and session.exit_code is None:
                self._let_requests_end()
            else:
                say("Stopping")
        return session.stop(self.options.stop_seconds, hurry=self._hurry)

    def _hurry(self) -> bool:
        return self.asked_to_stop > 1

    def _let_requests_end(self) -> None:
        """Refuse new requests and wait for those under way, which the end of the processes would cut."""
        seconds = self.options.stop_seconds
        drain = Drain(self.plan.address, self.plan.port, self.folder, self._hurry)
        under_way = drain.begin()
        if not under_way:
            say("Stopping")
        else:
            requests = "1 request is" if under_way == 1 else f"{under_way} requests are"
            say(
                f"Stopping: {requests} under way, for {seconds:g} s at most (Ctrl-C again: at once)"
            )
        left = 0 if under_way is None else drain.finish(seconds)
        if left and not self._hurry():
            say(f"  {left} still under way: told to come back")

    def _conclude(self, failure: str | None, left: int) -> int:
        """Say how the run ended and tidy up after a clean one; return the exit code."""
        self._show_log()
        if left:
            print(f"serve: {left} processes could not be stopped", file=sys.stderr)
        if failure is not None:
            print(f"serve: {failure} (log: {self.log})", file=sys.stderr)
            return 1
        if not self.options.keep_logs:
            shutil.rmtree(self.folder, ignore_errors=True)
        say("Stopped." if not self.options.keep_logs else f"Stopped (logs: {self.folder})")
        return 1 if left else 0

    def _log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _show_log(self) -> None:
        """Copy what the log gained since the last call to the terminal, if that was asked for."""
        if not self.options.verbose:
            return
        with self.log.open("rb") as log:
            log.seek(self._shown)
            new = log.read()
        self._shown += len(new)
        sys.stdout.buffer.write(new)
        sys.stdout.buffer.flush()


def prepare(options: Options) -> Plan:
    """Check everything that can be checked before a process is started.

    Raises:
        LaunchError: naming what to change.
    """
    plan = change(read_plan(options.config), host=options.host, port=options.port)
    check_port(plan.host, plan.port)
    if importlib.util.find_spec("ray") is None:
        raise LaunchError("Ray is not installed here; run `make serve`, which sets up .venv")
    if options.data is not None:
        try:
            options.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LaunchError(
                f"cannot use the data folder {options.data}: {error.strerror}"
            ) from None
    return plan


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(argv)
    try:
        launch = Launch(prepare(options), options)
    except (LaunchError, OSError, psutil.NoSuchProcess) as error:
        print(f"serve: {error}", file=sys.stderr)
        return 2
    return launch.run()


if __name__ == "__main__":
    sys.exit(main())
