"""What a starting Serve application says of itself: ready, failed, or still waiting for a stage."""

from __future__ import annotations

import http.client
import json
import re
import threading
from pathlib import Path
from typing import Any

from scripts.operations.serving.plan import Plan

ANSI = re.compile(r"\x1b\[[0-9;]*m")
DASHBOARD = re.compile(r"dashboard at\s+http://([\w.\-]+|\[[\w.:%]+\]):(\d+)", re.IGNORECASE)
ERROR = re.compile(r"(?:([\w.]+\.)?\w*(Error|Exception)\b.*|([a-z_]\w*\.)+[A-Z]\w+): ")
BEGINS_ANEW = re.compile(r"[(\[]|\d{4}-|Traceback|File |During |The above |For further ")
"""How a line begins that belongs to no error above it: a log line, or another traceback."""
LACKING = re.compile(r"Resources required for each replica: (\{.*?\}), .*?available: (\{.*?\})")
LONGEST = 300
PERIOD_SECONDS = 0.5


def get(host: str, port: int, path: str, seconds: float) -> tuple[int, bytes]:
    """GET once, past any proxy; return the status (0 where nobody answers) and the body."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def plain_lines(text: str) -> list[str]:
    """Return a text's lines without colours, without surrounding space and without empty ones."""
    return [line.strip() for line in ANSI.sub("", text).splitlines() if line.strip()]


def last_error(text: str) -> str:
    """Return, as one line, what a log or traceback gives as its reason.

    That is the last line that names an error, as "ValueError: ..." does, with what goes on below it
    (pydantic names the field there); without one, the last line.
    """
    lines = plain_lines(text)
    named = [number for number, line in enumerate(lines) if ERROR.match(line)]
    if not named:
        return lines[-1][:LONGEST] if lines else "nothing was printed"
    reason = [lines[named[-1]]]
    for line in lines[named[-1] + 1 : named[-1] + 3]:
        if BEGINS_ANEW.match(line):
            break
        reason.append(line)
    return " ".join(reason)[:LONGEST]


class Watcher(threading.Thread):
    """Asks, every half second and off the main thread, how far the application is.

    The main thread stays free to obey Ctrl-C at once, whatever hangs.
    """

    def __init__(self, plan: Plan, log: Path) -> None:
        super().__init__(daemon=True, name="watcher")
        self._plan = plan
        self._log = log
        self._done = threading.Event()
        self.ready = False
        self.failure: str | None = None
        """Why the application cannot start, once that is certain."""
        self.waiting_for = "Ray"
        """What is not ready yet, in words for a person."""

    def run(self) -> None:
        """Ask until the application is ready or has failed."""
        while not self._done.is_set() and not self.ready and self.failure is None:
            self.look()
            self._done.wait(PERIOD_SECONDS)

    def stop(self) -> None:
        """Ask no more."""
        self._done.set()

    def look(self) -> None:
        """Ask once."""
        status, _ = get(self._plan.address, self._plan.port, self._plan.prefix + "/readyz", 10)
        if status == 200:
            self.ready = True
            return
        applications = self._applications()
        failed = [a for a in applications.values() if a.get("status") == "DEPLOY_FAILED"]
        if failed:
            self.failure = cause(failed[0])
        elif applications:
            self.waiting_for = (
                waiting_for(applications) or f"/readyz (it answers {status or 'not'})"
            )

    def _applications(self) -> dict[str, Any]:
        """Return Ray's own view of the applications; empty while it has none."""
        log = self._log.read_text(encoding="utf-8", errors="replace")
        dashboard = DASHBOARD.search(ANSI.sub("", log))
        if dashboard is None:
            return {}
        host, port = dashboard.groups()
        status, body = get(host.strip("[]"), int(port), "/api/serve/applications/", 5)
        if status != 200:
            return {}
        try:
            applications = json.loads(body).get("applications")
        except (ValueError, AttributeError):
            return {}
        return applications if isinstance(applications, dict) else {}


def cause(application: dict[str, Any]) -> str:
    """Say why an application failed: by its first unhealthy deployment, if one is to blame."""
    for deployment, details in (application.get("deployments") or {}).items():
        if details.get("status") in ("DEPLOY_FAILED", "UNHEALTHY"):
            return f"{deployment}: {last_error(str(details.get('message') or ''))}"
    return last_error(str(application.get("message") or ""))


def waiting_for(applications: dict[str, Any]) -> str:
    """Name the deployments that are not healthy yet, each with what is known to hold it up."""
    parts = []
    for name, application in applications.items():
        deployments = application.get("deployments") or {}
        if not deployments:
            parts.append(f"{name} ({str(application.get('status')).lower()})")
        for deployment, details in deployments.items():
            if details.get("status") != "HEALTHY":
                why = obstacle(str(details.get("message") or ""))
                parts.append(f"{deployment} ({why})" if why else deployment)
    return ", ".join(parts)


def obstacle(message: str) -> str:
    """Return what holds a deployment up: an error, or resources to wait for; else nothing."""
    if any(ERROR.match(line) for line in plain_lines(message)):
        return last_error(message)
    lacking = LACKING.search(message)
    return f"needs {lacking[1]}, the machine has {lacking[2]}" if lacking else ""
