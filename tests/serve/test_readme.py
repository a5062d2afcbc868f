"""Every command of the README runs, and its links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Each command of the bash blocks; a quoted argument may span lines."""
    found: list[str] = []
    for block in re.findall(r"^```bash\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if found and found[-1].count("'") % 2:
                found[-1] += "\n" + line
            elif line.strip():
                found.append(line)
    return found


def starting(word: str) -> list[str]:
    return [command for command in commands() if command.startswith(word)]


def test_every_command_is_of_a_kind_that_is_tested_here() -> None:
    words = ("make ", "curl ", "songdalle ", "python scripts/", "python -m loadtests ")
    kinds = [command for word in words for command in starting(word)]
    assert sorted(kinds) == sorted(commands())
    assert len(starting("curl ")) >= 3


@pytest.mark.parametrize("command", starting("curl "))
def test_curl_commands_answer(command: str, address: str) -> None:
    local = command.replace("http://127.0.0.1:8000", address)
    assert local != command
    done = subprocess.run(
        ["bash", "-c", local], capture_output=True, text=True, timeout=180, check=True
    )
    if command.endswith("/metrics"):
        assert "# TYPE ray_serve_" in done.stdout
        return
    if "event-stream" in command:
        assert "event: preview" in done.stdout
        assert "event: done" in done.stdout
        return
    answer = json.loads(done.stdout)
    assert "status" not in answer or answer["status"] == "done", answer
    if "covers?" in command:
        assert set(answer) == {"covers", "next"}
    elif "/v1/covers" in command:
        assert len(answer["covers"]) == 12
        shown = json.loads(re.search(r"^```json\n(.*?)^```", README, re.M | re.S)[1])  # type: ignore[index]
        assert set(shown) <= set(answer)
        assert shown["prompt"] == answer["prompt"]
        assert shown["summary"] == answer["summary"]
        assert shown["sentiment"]["label"] == answer["sentiment"]["label"]


@pytest.mark.parametrize("command", starting("songdalle "))
def test_the_command_line_works(command: str, address: str, tmp_path: Path) -> None:
    (tmp_path / "lyrics.txt").write_text("노란 풍선 하나 손에 쥐고", encoding="utf-8")
    words = [*shlex.split(command)[1:], "--server", address]
    done = subprocess.run(
        [sys.executable, "-m", "songdalle_client", *words],
        capture_output=True, text=True, timeout=180, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if "--out" in words:
        assert len(list(tmp_path.glob("covers/??.png"))) == 12


@pytest.mark.parametrize("command", starting("make "))
def test_make_targets_exist(command: str) -> None:
    target = command.split()[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", starting("python scripts/"))
def test_scripts_run(command: str) -> None:
    arguments = command.split()[1:]
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert "usage:" in done.stdout


LOADS = [f"python -m loadtests {mode}" for mode in ("closed", "open", "search")]


@pytest.mark.parametrize("command", [c for load in LOADS for c in starting(load)])
def test_load_tests_run(command: str, address: str, tmp_path: Path) -> None:
    """As they stand, but shorter: of an option given twice the last one counts."""
    brief = ["--duration", "2", "--warm-up", "0", "--candidates-mix", "1", "--timeout", "30"]
    brief += ["--url", address, "--json", str(tmp_path / "figures.json")]
    brief += ["--steps", "1"] if " search" in command else []
    done = subprocess.run(
        [sys.executable, *command.split()[1:], *brief],
        capture_output=True, text=True, timeout=300, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures


@pytest.mark.long
def test_the_comparison_runs(tmp_path: Path) -> None:
    """As it stands, but shorter, on a cluster of its own; its ratios are no figures then."""
    (command,) = starting("python -m loadtests compare")
    brief = ["--duration", "2", "--rounds", "1", "--users", "2", "--candidates-mix", "1"]
    brief += ["--json", str(tmp_path / "figures.json")]
    done = subprocess.run(
        [sys.executable, *command.split()[1:], *brief],
        capture_output=True, text=True, timeout=500, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-800:]
    figures = json.loads((tmp_path / "figures.json").read_text())
    for ratio in ("throughput_ratio", "p95_ratio", "one_at_a_time_ratio"):
        assert figures[ratio] > 0
    assert 0 < figures["overhead"]["share"] < 1
    ours = figures["groups"]["service"]["configurations"][0]
    assert ours["left"] == 0
    assert ours["occupancy"] > 0
    names = {process["name"] for process in figures["groups"]["service"]["memory"]}
    assert {"Generator", "Original", "Ingress"} <= names


def test_figures_are_those_that_were_measured() -> None:
    (command,) = starting("python -m loadtests readme")
    subprocess.run([sys.executable, *command.split()[1:]], check=True, timeout=60, cwd=ROOT)


def test_links_and_pictures_are_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
