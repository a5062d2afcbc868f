"""`scripts/operations/serve.py`, run as `make serve` runs it; once with Ray itself, else with a stand-in."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scripts.operations import serve
from scripts.operations.serve import alive

FIXTURES = Path(__file__).parent / "fixtures"
CONFIG = FIXTURES / "tiny_config.yaml"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def command(*arguments: str) -> list[str]:
    return [sys.executable, serve.__file__, "--config", str(CONFIG), *arguments]


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Path]:
    """Return a folder for the runs' folders, short enough for Ray's sockets."""
    folder = Path("/tmp") / f"sd-{os.getpid()}"
    folder.mkdir()
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@pytest.fixture
def env(runs: Path) -> dict[str, str]:
    path = [str(Path(serve.__file__).parents[2]), str(FIXTURES)]
    return {**os.environ, "RAY_TMPDIR": str(runs), "PYTHONPATH": ":".join(path)}


def assert_refused(env: dict[str, str], *arguments: str) -> str:
    """A refusal is one line on standard error, exit code 2, and nothing left behind."""
    words = command(*arguments)
    result = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120)
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("serve: ")
    assert list(Path(env["RAY_TMPDIR"]).iterdir()) == []
    return line


def test_port_in_use(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        line = assert_refused(env, "--port", str(port))
    assert f"port {port} is in use on 127.0.0.1" in line


def test_options_that_cannot_work(env: dict[str, str], tmp_path: Path) -> None:
    port = str(free_port())
    assert "1 to 65535, not 70000" in assert_refused(env, "--port", "70000")
    missing = str(tmp_path / "none.yaml")
    assert missing in assert_refused(env, "--config", missing, "--port", port)
    (tmp_path / "file").touch()
    line = assert_refused(env, "--data", str(tmp_path / "file"), "--port", port)
    assert "cannot use the data folder" in line


def test_without_its_packages_it_names_the_command(tmp_path: Path) -> None:
    words = [sys.executable, "-S", "-I", serve.__file__, "--help"]
    result = subprocess.run(words, capture_output=True, text=True, timeout=60)
    (line,) = result.stderr.splitlines()
    assert "make serve" in line


def test_help_names_exit_codes_and_every_option(env: dict[str, str]) -> None:
    result = subprocess.run(command("--help"), env=env, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0
    assert "Exit codes" in result.stdout
    for option in ("--port", "--host", "--data", "--start-seconds", "--verbose", "--parent"):
        assert option in result.stdout


@pytest.fixture
def stand_in(env: dict[str, str], tmp_path: Path) -> tuple[dict[str, str], Path]:
    """Put a `ray` of the test's own before Ray; return the environment and its command's file."""
    folder = tmp_path / "stand_in" / "ray" / "serve"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "__init__.py").touch()
    return {**env, "PYTHONPATH": f"{tmp_path / 'stand_in'}:{env['PYTHONPATH']}"}, (
        folder / "scripts.py"
    )


def fail(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    words = command("--port", str(free_port()), *arguments)
    result = subprocess.run(words, env=env, capture_output=True, text=True, timeout=180)
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert "http://" not in result.stdout
    log = re.search(r"\(log: (.+)\)$", result.stderr.splitlines()[-1])
    assert log is not None
    assert Path(log.group(1)).is_file(), "the log of a failure is kept"
    return result


def test_serve_run_that_ends_by_itself(stand_in: tuple[dict[str, str], Path]) -> None:
    env, script = stand_in
    script.write_text("raise ValueError('no field of this name')\n")
    (line,) = fail(env).stderr.splitlines()
    assert "`serve run` ended by itself: ValueError: no field of this name" in line


def test_ray_too_slow_for_its_own_limit_is_tried_again(
    stand_in: tuple[dict[str, str], Path], tmp_path: Path
) -> None:
    env, script = stand_in
    tries = tmp_path / "tries"
    script.write_text(
        f"open({str(tries)!r}, 'a').write('x')\n"
        "raise Exception('The current node timed out during startup.')\n"
    )
    result = fail(env)
    assert tries.read_text() == "xxx"
    assert result.stdout.count("trying again") == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_config_with_a_slip_is_refused_while_ray_starts(
    env: dict[str, str], tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.read_text().replace("proxy_location", "proxy_place"))
    result = fail(env, "--config", str(config))
    first, fault, *_ = result.stderr.splitlines()
    assert first == f"serve: the config {config} cannot be served:"
    assert "proxy_place: Ray has no such key and drops it" in fault
    assert "is it proxy_location?" in fault


def test_limit_on_the_start(stand_in: tuple[dict[str, str], Path], tmp_path: Path) -> None:
    env, script = stand_in
    pid = tmp_path / "pid"
    script.write_text(
        "import os, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"open({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)\n"
    )
    (line,) = fail(env, "--start-seconds", "5", "--stop-seconds", "0.5").stderr.splitlines()
    assert "not ready after 5 s: still waiting for Ray" in line
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_ends_with_the_process_that_started_it(
    stand_in: tuple[dict[str, str], Path], tmp_path: Path, runs: Path
) -> None:
    env, script = stand_in
    pid = tmp_path / "pid"
    script.write_text(
        f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)\n"
    )
    parent = subprocess.Popen(["sleep", "300"])
    words = command("--port", str(free_port()), "--parent", str(parent.pid))
    launcher = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not (pid.is_file() and pid.read_text()):
        assert launcher.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
    parent.kill()  # and not waited for: it stays a zombie
    printed, _ = launcher.communicate(timeout=120)
    parent.wait()
    assert launcher.returncode == 0
    assert "Stopped." in printed
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert list(runs.iterdir()) == []


def test_serves_until_ctrl_c_and_leaves_nothing(
    env: dict[str, str], runs: Path, tmp_path: Path
) -> None:
    """With Ray itself: one line with the URL once it answers; Ctrl-C ends all that was started.

    RAY_ADDRESS names a cluster that does not exist: the launcher must make its own all the same.
    """
    port, data = free_port(), tmp_path / "covers"
    words = command("--port", str(port), "--data", str(data))
    started = {**env, "RAY_ADDRESS": "127.0.0.1:1"}
    pipe = subprocess.PIPE
    launcher = subprocess.Popen(
        words, env=started, stdout=pipe, stderr=subprocess.STDOUT, text=True
    )
    assert launcher.stdout is not None
    guard = threading.Timer(540, launcher.kill)
    guard.start()
    lines: list[str] = []
    try:
        for line in launcher.stdout:
            lines.append(line)
            if "http://" in line:
                break
        assert f"http://127.0.0.1:{port} " in lines[-1], lines
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        assert response.status == 200
        assert json.loads(response.read()) == {"ready": True, "data": str(data)}
        assert data.is_dir()

        family = psutil.Process(launcher.pid).children(recursive=True)
        titles = " ".join(" ".join(process.cmdline()) for process in family if alive(process))
        assert "gcs_server" in titles
        assert "raylet" in titles
        assert "ServeReplica:tiny:Stage" in titles
    finally:
        launcher.send_signal(signal.SIGINT)
        lines += launcher.stdout.readlines()
        code = launcher.wait(timeout=120)
        guard.cancel()
    assert code == 0, lines
    assert sum("http://" in line for line in lines) == 1
    assert lines[-1] == "Stopped.\n"
    assert [process for process in family if alive(process)] == []
    ours = [p.pid for p in psutil.process_iter() if alive(p) and str(runs) in " ".join(p.cmdline())]
    assert ours == []
    assert list(runs.iterdir()) == [], "the folder of a clean run is removed"
