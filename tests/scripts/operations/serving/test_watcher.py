"""scripts/operations/serving/watcher.py: what Ray says, made into words for a person."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from scripts.operations.serving.plan import Plan
from scripts.operations.serving.watcher import Watcher, cause, last_error, waiting_for

STAGE_FAILED = """A replica failed to start with exception. Retrying 1 more time(s). Error:
\x1b[36mray::ServeReplica:tiny:Stage.initialize()\x1b[39m (pid=13889)
  File "app.py", line 37, in __init__
    raise RuntimeError(options.fail)
RuntimeError: the weights are missing
"""


UNSCHEDULED = """Deployment 'Reranker' has 1 replicas that have taken more than 30s to be scheduled.
Resources required for each replica: {"CPU": 0.1, "GPU": 0.5}, total resources available: {"CPU": 2.0}.
"""


def test_last_error_of_a_traceback() -> None:
    assert last_error(STAGE_FAILED) == "RuntimeError: the weights are missing"


def test_an_error_of_another_name_is_one_too() -> None:
    text = "OSError: [Errno 30] Read-only file system\n\nThe above exception was the direct cause\n"
    error = "deployments.contract.errors.StorageFull: cannot use the database"
    assert last_error(f"{text}{error}\n") == error


def test_last_error_goes_on_below_it_but_not_into_the_log() -> None:
    text = (
        "pydantic_core._pydantic_core.ValidationError: 1 error: for Schema\n"
        "applications.0.import_path\n  Field required\n    For further information visit\n"
    )
    assert last_error(text).endswith("for Schema applications.0.import_path Field required")
    assert last_error("ValueError: no\n(raylet) a log line\n") == "ValueError: no"


def test_last_error_without_an_error() -> None:
    assert last_error("one\n\x1b[31mtwo\x1b[0m\n\n") == "two"
    assert last_error("") == "nothing was printed"
    assert len(last_error("ValueError: " + "x" * 9999)) == 300


def test_waiting_for_names_the_unhealthy() -> None:
    applications = {
        "song": {
            "status": "DEPLOYING",
            "deployments": {
                "Ingress": {"status": "HEALTHY", "message": ""},
                "Generator": {"status": "UPDATING", "message": "This may be slow."},
                "Stage": {"status": "UPDATING", "message": STAGE_FAILED},
                "Reranker": {"status": "UPDATING", "message": UNSCHEDULED},
            },
        },
        "other": {"status": "DEPLOYING", "deployments": {}},
    }
    assert waiting_for(applications) == (
        "Generator, Stage (RuntimeError: the weights are missing), "
        'Reranker (needs {"CPU": 0.1, "GPU": 0.5}, the machine has {"CPU": 2.0}), '
        "other (deploying)"
    )


def test_cause_blames_the_deployment() -> None:
    application: dict[str, Any] = {
        "message": "Failed to update the deployments ['Stage'].",
        "deployments": {"Stage": {"status": "DEPLOY_FAILED", "message": STAGE_FAILED}},
    }
    assert cause(application) == "Stage: RuntimeError: the weights are missing"
    application["deployments"] = {}
    assert cause(application) == "Failed to update the deployments ['Stage']."


class Server(BaseHTTPRequestHandler):
    """Stands for the application and for Ray's dashboard at once."""

    ready: ClassVar[int] = 503
    applications: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        asks_ready = self.path == "/readyz"
        body = json.dumps({} if asks_ready else {"applications": Server.applications}).encode()
        self.send_response(Server.ready if asks_ready else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class IPv6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


NO_IPV6 = pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="there is no IPv6")


@pytest.fixture(params=["127.0.0.1", pytest.param("::1", marks=NO_IPV6)])
def watcher(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Watcher]:
    host, written = request.param, "[::1]" if request.param == "::1" else request.param
    server = (IPv6Server if host == "::1" else ThreadingHTTPServer)((host, 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    log = tmp_path / "log"
    log.write_text(f"View the dashboard at \x1b[1m\x1b[32mhttp://{written}:{port} \x1b[22m\n")
    Server.ready, Server.applications = 503, {}
    yield Watcher(Plan({}, host, port, ""), log)
    server.shutdown()
    server.server_close()


def test_watcher_sees_ready(watcher: Watcher) -> None:
    watcher.look()
    assert not watcher.ready
    Server.ready = 200
    watcher.look()
    assert watcher.ready


def test_watcher_sees_failure(watcher: Watcher) -> None:
    deployments = {"Stage": {"status": "UPDATING", "message": ""}}
    Server.applications = {"song": {"status": "DEPLOYING", "deployments": deployments}}
    watcher.look()
    assert (watcher.failure, watcher.waiting_for) == (None, "Stage")
    Server.applications = {"song": {"status": "DEPLOY_FAILED", "message": "no such module"}}
    watcher.look()
    assert watcher.failure == "no such module"


def test_watcher_names_an_ingress_that_is_not_ready(watcher: Watcher) -> None:
    deployments = {"Ingress": {"status": "HEALTHY", "message": ""}}
    Server.applications = {"song": {"status": "RUNNING", "deployments": deployments}}
    watcher.look()
    assert watcher.waiting_for == "/readyz (it answers 503)"
