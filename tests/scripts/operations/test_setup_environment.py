"""scripts/operations/setup_environment.py, run as `make` runs it: on locks of one small local package."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.operations import setup_environment
from scripts.operations.setup_environment import forget_half_installed, is_whole, unsupported_python

SCRIPT = Path(setup_environment.__file__)


@pytest.mark.parametrize("version", [(3, 11), (3, 11, 2), (3, 12, 1), (3, 13, 0), (3, 14, 9)])
def test_supported_pythons(version: tuple[int, ...]) -> None:
    assert unsupported_python(version) is None


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13), (3, 15, 0), (4, 0, 0)])
def test_unsupported_pythons_are_named(version: tuple[int, ...]) -> None:
    problem = unsupported_python(version)
    assert problem is not None
    assert ".".join(map(str, version)) in problem
    assert "3.11 to 3.14" in problem


def wheel(folder: Path, version: str) -> None:
    """Write a wheel of the package `tinylyric` by hand: no network, no build."""
    info = f"tinylyric-{version}.dist-info"
    files = {
        "tinylyric.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tinylyric\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"tinylyric-{version}-py3-none-any.whl", "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, text)


Run = Callable[..., subprocess.CompletedProcess[str]]


def runner(folder: Path) -> Run:
    """Return how to run the script on a folder's environment and lock, with its wheels alone."""
    for version in ("1.0", "2.0"):
        wheel(folder, version)
    (folder / "tiny.lock").write_text("# a comment\ntinylyric==1.0\n    # via nothing\n")
    env = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SCRIPT), "--venv", str(folder / "venv")]
        command += ["--lock", str(folder / "tiny.lock"), "--require-gb", "0.1", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)

    return run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the script where there is no environment yet."""
    return runner(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Make one environment for the module; return it and what the script said."""
    folder = tmp_path_factory.mktemp("made")
    result = runner(folder)()
    assert result.returncode == 0, result.stderr
    return folder / "venv", result.stdout


@pytest.fixture
def venv(made: tuple[Path, str], tmp_path: Path) -> Path:
    """Return a copy of that environment, for one test to change."""
    return Path(shutil.copytree(made[0], tmp_path / "venv", symlinks=True))


def installed_version(venv: Path) -> str:
    code = "import tinylyric, scripts.operations.setup_environment; print(tinylyric.VERSION)"
    python = str(venv / "bin" / "python")
    answer = subprocess.run([python, "-c", code], cwd="/", capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def assert_one_line(result: subprocess.CompletedProcess[str], code: int) -> str:
    """A refusal is one line on standard error, without a traceback."""
    assert result.returncode == code, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("setup: ")
    return line


def test_creation(made: tuple[Path, str]) -> None:
    venv, said = made
    assert installed_version(venv) == "1.0"
    assert "Creating" in said
    assert "1 packages" in said
    assert "GB to download" in said
    assert "GB of disk" in said


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
    (tmp_path / "tiny.lock").write_text("tinylyric==2.0\n")
    result = run()
    assert result.returncode == 0, result.stderr
    assert installed_version(venv) == "2.0"
    assert (venv / "witness").exists()
    assert run().stdout == ""


def test_half_installed_package_is_repaired(run: Run, venv: Path) -> None:
    (venv / setup_environment.STAMP).unlink()
    next(venv.glob("lib/*/site-packages/tinylyric.py")).unlink()
    result = run()
    assert "tinylyric-1.0 was only half installed" in result.stdout
    assert installed_version(venv) == "1.0"


def test_broken_environment_is_rebuilt(run: Run, venv: Path) -> None:
    """Its interpreter is gone, as after an upgrade of the system's Python."""
    (venv / "bin" / "python").unlink()
    (venv / "witness").touch()
    result = run()
    assert "Rebuilding" in result.stdout
    assert not (venv / "witness").exists()
    assert installed_version(venv) == "1.0"


def test_unobtainable_package_leaves_no_stamp(run: Run, venv: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.lock").write_text("tinylyric==3.0\n")
    result = run()
    assert result.returncode == 1
    assert "setup: pip could not install" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert not (venv / setup_environment.STAMP).exists()


def test_two_at_once(run: Run, venv: Path, tmp_path: Path) -> None:
    """The second waits for the first, then finds all done."""
    (tmp_path / "tiny.lock").write_text("tinylyric==2.0\n")
    results: list[subprocess.CompletedProcess[str]] = []
    threads = [threading.Thread(target=lambda: results.append(run())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.returncode for result in results] == [0, 0]
    assert sorted("Installing" in result.stdout for result in results) == [False, True]


def test_too_little_disk(run: Run, tmp_path: Path) -> None:
    line = assert_one_line(run("--require-gb", "999999"), 2)
    assert "999999.0 GB are needed" in line
    assert str(tmp_path / "venv") in line
    assert not (tmp_path / "venv").exists()


def fake_interpreter(folder: Path, answer: str) -> str:
    script = folder / "python-fake"
    script.write_text(f"#!/bin/sh\necho '{answer}'\n")
    script.chmod(0o755)
    return str(script)


def test_old_interpreter(run: Run, tmp_path: Path) -> None:
    python = fake_interpreter(tmp_path, '{"version": [3, 9, 18], "missing": []}')
    assert "Python 3.9.18 is not supported" in assert_one_line(run("--python", python), 2)


def test_interpreter_without_ensurepip(run: Run, tmp_path: Path) -> None:
    python = fake_interpreter(tmp_path, '{"version": [3, 12, 3], "missing": ["ensurepip"]}')
    line = assert_one_line(run("--python", python), 2)
    assert "lacks the module ensurepip" in line
    assert "apt install python3.12-venv" in line


@pytest.mark.parametrize("answer", ["hello", '{"version": 3}'])
def test_not_an_interpreter(run: Run, tmp_path: Path, answer: str) -> None:
    python = fake_interpreter(tmp_path, answer)
    assert "does not run as a Python interpreter" in assert_one_line(run("--python", python), 2)


def test_missing_interpreter_and_missing_lock(run: Run, tmp_path: Path) -> None:
    missing = str(tmp_path / "no-such-python")
    assert missing in assert_one_line(run("--python", missing), 2)
    assert "make lock" in assert_one_line(run("--lock", missing), 2)


def test_a_folder_of_somebody_is_not_deleted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "thesis.txt").write_text("three years of work")
    assert "is no virtual environment" in assert_one_line(run(), 2)
    assert (tmp_path / "venv" / "thesis.txt").exists()


SLOW_PIP = """
import os, time
with open({!r}, "w") as file:
    file.write(str(os.getpid()))
time.sleep(120)
"""


def test_progress_lines_and_interruption(venv: Path, tmp_path: Path) -> None:
    """Off a terminal a slow pip gives lines; SIGTERM ends pip too and leaves no stamp."""
    (tmp_path / "tiny.lock").write_text("tinylyric==2.0\n")
    pip = next(venv.glob("lib/*/site-packages/pip/__main__.py"))
    pid_file = tmp_path / "pid"
    pip.write_text(SLOW_PIP.format(str(pid_file)))
    # The record must fit, or the script would not trust this pip.
    record = next(venv.glob("lib/*/site-packages/pip-*.dist-info/RECORD"))
    record.write_text("pip/__main__.py,,\n")
    command = [sys.executable, str(SCRIPT), "--venv", str(venv), "--require-gb", "0.1"]
    command += ["--lock", str(tmp_path / "tiny.lock"), "--progress-seconds", "0.5"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    # What is installed, which batch, and then what a slow pip makes necessary.
    lines = [process.stdout.readline() for _ in range(3)]
    assert "still installing" in lines[2], lines
    while not pid_file.exists():
        process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 143
    pid = int(pid_file.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not (venv / setup_environment.STAMP).exists()


def test_half_installed_packages_are_recognised(tmp_path: Path) -> None:
    info = tmp_path / "song-1.0.dist-info"
    info.mkdir()
    (tmp_path / "song.py").write_text("la la la\n")
    assert not is_whole(info)
    (info / "RECORD").write_text("song.py,sha256=x,9\nsong-1.0.dist-info/RECORD,,\n")
    assert is_whole(info)
    assert forget_half_installed(tmp_path) == []
    (tmp_path / "song.py").write_text("la")
    assert not is_whole(info)
    assert forget_half_installed(tmp_path) == ["song-1.0"]
    assert not info.exists()
