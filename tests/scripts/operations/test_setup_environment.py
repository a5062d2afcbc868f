"""scripts/operations/setup_environment.py, run as `make` runs it: with the real pip and uv, on a tiny lock."""

import ast
import fcntl
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from scripts.operations import setup_environment
from scripts.operations.setup_environment import STAMP, installed_packages, uv_settings

SCRIPT = Path(setup_environment.__file__)
UV = f"uv=={metadata.version('uv')}"
Run = Callable[..., subprocess.CompletedProcess[str]]


def write_wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> None:
    """Write a wheel by hand: no network, no build."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, data in {**files, f"{info}/RECORD": record.encode()}.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = (0o100755 if "/scripts/" in path else 0o100644) << 16
            archive.writestr(member, data)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the uv of this environment, and two versions of a package `tinylyric`."""
    folder = tmp_path_factory.mktemp("wheels")
    program = next(path for path in metadata.files("uv") or [] if path.name == "uv").locate()
    data = Path(str(program)).read_bytes()
    version = UV.removeprefix("uv==")
    write_wheel(folder, "uv", version, {f"uv-{version}.data/scripts/uv": data})
    for version in ("1.0", "2.0"):
        code = f"VERSION = {version!r}\n".encode()
        write_wheel(folder, "tinylyric", version, {"tinylyric.py": code})
    return folder


def runner(folder: Path, wheels: Path) -> Run:
    """How to run the script on a folder's environment, lock and cache, with some wheels alone."""
    write_lock(folder, "1.0")
    env = {n: text for n, text in os.environ.items() if not n.startswith(("PIP_", "UV_"))}
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    env |= {"UV_CACHE_DIR": str(folder / "cache")}

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SCRIPT), "--venv", str(folder / "venv")]
        command += ["--lock", str(folder / "tiny.lock"), "--require-gb", "0.1", *arguments]
        environment = {n: text for n, text in {**env, **variables}.items() if text}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)

    return run


def write_lock(folder: Path, version: str) -> None:
    text = f"# a comment\ntinylyric=={version}\n    # via nothing\n{UV}\n"
    (folder / "tiny.lock").write_text(text)


@pytest.fixture
def run(tmp_path: Path, wheels: Path) -> Run:
    """Run the script in the test's folder."""
    return runner(tmp_path, wheels)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> tuple[Path, str]:
    """One environment for the module, and what the script printed."""
    folder = tmp_path_factory.mktemp("made")
    result = runner(folder, wheels)()
    assert result.returncode == 0, result.stderr
    return folder / "venv", result.stdout


@pytest.fixture
def venv(made: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of that environment, for one test to change."""
    return Path(shutil.copytree(made[0], tmp_path / "venv", symlinks=True))


def installed_version(venv: Path) -> str:
    code = "import tinylyric, scripts.operations.setup_environment; print(tinylyric.VERSION)"
    python = str(venv / "bin" / "python")
    answer = subprocess.run([python, "-c", code], cwd="/", capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    """A refusal is one line on standard error, without a traceback."""
    assert result.returncode == 2, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("setup: ")
    return line


def test_creation(made: tuple[Path, str]) -> None:
    venv, printed = made
    assert installed_version(venv) == "1.0"
    assert "Creating" in printed
    assert "Installing 2 packages" in printed
    assert "GB to download" in printed
    assert "GB of disk" in printed


def test_the_command_finds_the_client_from_anywhere(made: tuple[Path, str]) -> None:
    """This tiny environment lacks what the client needs; that it says so shows that it was found."""
    command = made[0] / "bin" / "songdalle"
    answer = subprocess.run([command, "--version"], cwd="/", capture_output=True, text=True)
    assert "songdalle_client/__init__.py" in answer.stderr
    assert "ModuleNotFoundError: No module named 'pydantic'" in answer.stderr


def test_nothing_to_do_says_nothing(run: Run, venv: Path) -> None:
    result = run()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_changed_lock_is_installed_in_place(run: Run, venv: Path, tmp_path: Path) -> None:
    (venv / "witness").touch()
    write_lock(tmp_path, "2.0")
    result = run()
    assert result.returncode == 0, result.stderr
    assert installed_version(venv) == "2.0"
    assert (venv / "witness").exists()
    assert run().stdout == ""


def test_an_installation_that_was_cut_off_is_made_anew(run: Run, venv: Path) -> None:
    (venv / STAMP).unlink()
    next(venv.glob("lib/*/site-packages/tinylyric.py")).unlink()
    (venv / "witness").touch()
    assert "Rebuilding" in run().stdout
    assert not (venv / "witness").exists()
    assert installed_version(venv) == "1.0"


def test_a_broken_interpreter_is_noticed(venv: Path) -> None:
    """As after an upgrade of the system's Python."""
    assert installed_packages(venv) == next(venv.glob("lib/*/site-packages"))
    (venv / "bin" / "python").unlink()
    assert installed_packages(venv) is None
    (venv / "bin" / "python").symlink_to("/bin/echo")
    assert installed_packages(venv) is None


def test_unobtainable_package_leaves_no_stamp(run: Run, venv: Path, tmp_path: Path) -> None:
    write_lock(tmp_path, "3.0")
    result = run()
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert "setup: uv could not install" in last
    assert "the same command goes on where it stopped" in last
    assert "Traceback" not in result.stderr
    assert not (venv / STAMP).exists()


@pytest.mark.parametrize("variable", ["PIP_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_a_broken_network_is_no_traceback(
    run: Run, venv: Path, tmp_path: Path, variable: str
) -> None:
    write_lock(tmp_path, "2.0")
    nobody = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "UV_HTTP_RETRIES": "0"}
    result = run(**nobody, **{variable: "http://127.0.0.1:9/simple"})
    assert result.returncode == 1
    assert "127.0.0.1:9" in result.stderr
    assert "setup: uv could not install" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


@pytest.fixture
def index(wheels: Path, tmp_path: Path) -> Iterator[str]:
    """Address of a package index of our own (PEP 503) with all the wheels."""
    for name in ("uv", "tinylyric"):
        page = tmp_path / "index" / "simple" / name / "index.html"
        page.parent.mkdir(parents=True)
        for wheel in wheels.glob(f"{name}-*"):
            (page.parent / wheel.name).symlink_to(wheel)
        links = [f'<a href="{wheel.name}">{wheel.name}</a>' for wheel in wheels.glob(f"{name}-*")]
        page.write_text(f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>")
    handler = functools.partial(_QuietHandler, directory=str(tmp_path / "index"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    server.shutdown()
    thread.join()
    server.server_close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""


def test_uv_asks_the_indexes_that_pip_asks(
    run: Run, venv: Path, tmp_path: Path, index: str
) -> None:
    """pip's file names an extra index beside one that knows nothing; no UV_* is set."""
    write_lock(tmp_path, "2.0")
    empty = tmp_path / "index" / "empty"
    empty.mkdir()
    config = tmp_path / "pip.conf"
    config.write_text(
        f"[global]\nindex-url = {index.replace('simple', 'empty')}\nextra-index-url =\n  {index}\n"
    )
    result = run(PIP_NO_INDEX="", PIP_FIND_LINKS="", PIP_CONFIG_FILE=str(config))
    assert result.returncode == 0, result.stderr
    assert installed_version(venv) == "2.0"


def test_settings_of_pip_become_those_of_uv() -> None:
    listing = """:env:.default-timeout='180'
:env:.find-links='/a /b'
:env:.no-index='1'
global.cert='/etc/ca.crt'
global.extra-index-url='\\nhttp://one/simple\\nhttp://two/simple'
global.find-links='/never'
global.index-url="http://o'brien/simple"
install.trusted-host='one'
list.format='columns'
"""
    variables, options = uv_settings(listing)
    assert variables == {
        "UV_HTTP_TIMEOUT": "180",
        "UV_FIND_LINKS": "/a,/b",
        "SSL_CERT_FILE": "/etc/ca.crt",
        "UV_INDEX": "http://one/simple http://two/simple",
        "UV_DEFAULT_INDEX": "http://o'brien/simple",
        "UV_INSECURE_HOST": "one",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    assert options == ["--no-index"]
    assert uv_settings("") == ({}, [])


def test_two_at_once(run: Run, venv: Path, tmp_path: Path) -> None:
    """The second waits for the first, then finds all done."""
    write_lock(tmp_path, "2.0")
    results: list[subprocess.CompletedProcess[str]] = []
    threads = [threading.Thread(target=lambda: results.append(run())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.returncode for result in results] == [0, 0]
    assert sorted("Installing" in result.stdout for result in results) == [False, True]


def test_too_little_disk(run: Run, tmp_path: Path) -> None:
    line = refusal(run("--require-gb", "999999"))
    assert "999999.0 GB are needed" in line
    assert "GB are free there" in line
    assert str(tmp_path / "venv") in line
    assert not (tmp_path / "venv").exists()


def test_what_has_arrived_needs_no_more_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "wheel").write_bytes(os.urandom(2_000_000))
    free = shutil._ntuple_diskusage(10_000_000_000, 0, 1_999_000_000)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with pytest.raises(setup_environment.SetupError, match=r"2\.0 GB are needed"):
        setup_environment.check_disk(tmp_path / "venv", tmp_path / "none", 2.0)
    setup_environment.check_disk(tmp_path / "venv", tmp_path / "cache", 2.0)


def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the command in this process, where it is refused; return the line."""
    write_lock(tmp_path, "1.0")
    options = ["--venv", str(tmp_path / "venv"), "--lock", str(tmp_path / "tiny.lock")]
    handler = signal.getsignal(signal.SIGTERM)
    try:
        assert setup_environment.main(options) == 2
    finally:
        signal.signal(signal.SIGTERM, handler)
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 15, 0), (4, 0, 0)])
def test_unsupported_pythons_are_named(
    version: tuple[int, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    line = call(tmp_path, capsys)
    assert f"Python {'.'.join(map(str, version))} is not supported: Python 3.11 to 3.14" in line


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_interpreter_without_a_module(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == module else real(n))
    line = call(tmp_path, capsys)
    assert f"lacks the module {module}," in line
    assert "apt install python{}.{}-venv".format(*sys.version_info[:2]) in line


def test_missing_lock_and_lock_without_uv(run: Run, venv: Path, tmp_path: Path) -> None:
    assert "make lock" in refusal(run("--lock", str(tmp_path / "no-such-lock")))
    (tmp_path / "tiny.lock").write_text("tinylyric==2.0\n")
    assert "names no uv" in refusal(run())


def test_a_folder_of_somebody_is_not_deleted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "thesis.txt").write_text("three years of work")
    assert "is no virtual environment" in refusal(run())
    assert (tmp_path / "venv" / "thesis.txt").exists()


def test_progress_lines_and_interruption(venv: Path, tmp_path: Path, wheels: Path) -> None:
    """Off a terminal a slow uv gives lines; SIGTERM ends uv too and leaves no stamp."""
    write_lock(tmp_path, "2.0")
    pid_file = tmp_path / "pid"
    (venv / "bin" / "uv").write_text(f"#!/bin/sh\necho $$ > {pid_file}\nexec sleep 120\n")
    command = [sys.executable, str(SCRIPT), "--venv", str(venv), "--require-gb", "0.1"]
    command += ["--lock", str(tmp_path / "tiny.lock"), "--progress-seconds", "0.5"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    deadline = time.monotonic() + 120
    while not pid_file.is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert any("still installing" in process.stdout.readline() for _ in range(300))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    assert not (venv / STAMP).exists()
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the next command need not wait
    os.close(folder)
