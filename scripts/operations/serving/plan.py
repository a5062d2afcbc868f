"""What to launch: a checked Serve config, with the port and the host that were asked for."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from yarl import URL

from scripts.operations.serving.draining import FOLDER_VARIABLE

LOCALHOST = "127.0.0.1"


class LaunchError(Exception):
    """A reason not to launch that the person at the terminal can act on."""


@dataclass(frozen=True)
class Plan:
    """A Serve config, and where its application is going to answer."""

    document: dict[str, Any]
    """The config as `serve run` gets it."""
    host: str
    port: int
    prefix: str
    """The application's route prefix, without a slash at its end."""

    @property
    def address(self) -> str:
        """The host to connect to: a server on all interfaces is reached on this machine's own."""
        return LOCALHOST if self.host in ("", "0.0.0.0", "::") else self.host

    @property
    def url(self) -> str:
        """The application's address for a browser."""
        return f"{URL.build(scheme='http', host=self.address, port=self.port)}{self.prefix}"


def read_plan(config: Path) -> Plan:
    """Read a Serve config.

    A config that names no host is served on this machine only (Ray's default there would be every
    interface).

    Raises:
        LaunchError: the file is missing, is no YAML, or is no Serve config with one application.
    """
    try:
        document = yaml.safe_load(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise LaunchError(f"cannot read the config {config}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise LaunchError(f"the config {config} is not valid YAML: {reason}") from None
    applications = document.get("applications") if isinstance(document, dict) else None
    if not isinstance(applications, list) or not applications:
        raise LaunchError(f"the config {config} has no list `applications`")
    http = document.get("http_options") or {}
    if not isinstance(http, dict):
        raise LaunchError(f"`http_options` in the config {config} must be a mapping")
    first = applications[0] if isinstance(applications[0], dict) else {}
    prefix = str(first.get("route_prefix") or "/").rstrip("/")
    plan = Plan(document, LOCALHOST, 8000, prefix)
    return change(plan, host=http.get("host", LOCALHOST), port=http.get("port", 8000))


def change(plan: Plan, *, host: str | None = None, port: int | None = None) -> Plan:
    """Return the plan with another host or port; None leaves what the config says.

    An IPv6 address may stand in brackets, as in a URL; Ray and the sockets want it without.

    Raises:
        LaunchError: the port is not a number from 1 to 65535.
    """
    host = str(plan.host if host is None else host)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    port = plan.port if port is None else port
    if not isinstance(port, int) or not 1 <= port <= 65535:
        raise LaunchError(f"the port must be a number from 1 to 65535, not {port!r}")
    http = {**(plan.document.get("http_options") or {}), "host": host, "port": port}
    return replace(plan, document={**plan.document, "http_options": http}, host=host, port=port)


def check_port(host: str, port: int) -> None:
    """Refuse an address that cannot be served on.

    Raises:
        LaunchError: the port is taken or needs rights, or the host is not this machine's.
    """
    taken = (
        f"port {port} is in use on {host}; stop what uses it, or choose another: PORT={port + 1}"
    )
    address = LOCALHOST if host in ("", "0.0.0.0", "::") else host
    try:
        # On macOS a bind beside a server on all interfaces succeeds; a connection tells.
        with socket.create_connection((address, port), timeout=1):
            raise LaunchError(taken)
    except OSError:
        pass
    try:
        family, kind, protocol, _, name = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(name)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise LaunchError(taken) from None
        reason = error.strerror or str(error)
        raise LaunchError(f"cannot serve on {host} port {port}: {reason}") from None


def child_environment(
    inherited: Mapping[str, str], *, root: Path, run: Path, data: Path | None
) -> dict[str, str]:
    """Return the environment for `serve run`: what is set already stays, but for the cluster.

    Args:
        inherited: the launcher's own environment.
        root: the project's folder, from which `deployments` is imported.
        run: the folder of this run; Ray keeps its sockets and logs under it.
        data: where covers are kept; None leaves that to SONGDALLE_DATA or its default.
    """
    env = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",
        "HF_HUB_OFFLINE": "1",
        "RAY_worker_niceness": "0",  # at Ray's 15, replicas starve beside any other work
        # Each of these three takes a share of a core in every process, mostly while nothing happens.
        "RAY_SERVE_METRICS_EXPORT_INTERVAL_MS": "2000",
        "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.25",
        "RAY_task_events_report_interval_ms": "0",
        "RAY_metrics_report_interval_ms": "2000",  # Ray's own ten seconds are half a load test's
        "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "2",  # a dead proxy is replaced sooner than in Ray's 10
        # In Serve's proxy: no client alters time-outs or tells its address, and a stop waits for requests.
        "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "deployments.api.proxy:middlewares",
        "PYTHONUNBUFFERED": "1",
        **inherited,
    }
    # A cluster of its own: neither joined to nor stopped together with one that runs here already.
    env.pop("RAY_ADDRESS", None)
    env["RAY_TMPDIR"] = env[FOLDER_VARIABLE] = str(run)
    env["PYTHONPATH"] = ":".join(filter(None, [str(root), inherited.get("PYTHONPATH", "")]))
    named = data or inherited.get("SONGDALLE_DATA")
    if named:  # from where `make serve` runs; the service's processes run elsewhere
        env["SONGDALLE_DATA"] = str(Path(named).expanduser().absolute())
    return env
