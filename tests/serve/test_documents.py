"""Every command of the README and of docs/ runs, and their links lead somewhere."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "scripts/README.md"]
KINDS = ("make ", "curl ", "songdalle ", "python scripts/", "python -m loadtests ", "pip install ")
ELSEWHERE = ("podman ", "kubectl ", "docker ", "cp ", "git worktree ")
"""What needs a registry, a cluster or files that are not here; the manifests have tests of their own."""
SETTING = re.compile(r"^(?:[A-Z_]+=\S+ )+")


def commands_of(text: str) -> list[str]:
    """Each command of the bash blocks; a quoted argument or a backslash may make it span lines."""
    commands: list[str] = []
    for block in re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if commands and (commands[-1].count("'") % 2 or commands[-1].endswith("\\")):
                commands[-1] = commands[-1].removesuffix("\\") + "\n" + line
            elif line.strip():
                commands.append(SETTING.sub("", line))
    return commands


COMMANDS = list(
    dict.fromkeys(c for path in DOCUMENTS for c in commands_of(path.read_text(encoding="utf-8")))
)


def starting(word: str) -> list[str]:
    return [command for command in COMMANDS if command.startswith(word)]


def test_every_command_is_of_a_kind_that_is_tested_here() -> None:
    rest = [command for command in COMMANDS if not command.startswith((*KINDS, *ELSEWHERE))]
    assert rest == []
    for kind in KINDS[:5]:
        assert starting(kind), kind


def answers() -> list[tuple[str, dict[str, object]]]:
    """Each answer that a document shows, after the command before it."""
    pairs = []
    for path in DOCUMENTS:
        blocks = re.findall(
            r"^```bash\n(curl .*?)\n```\s+```json\n(.*?)^```", path.read_text(), re.M | re.S
        )
        pairs += [(command, json.loads(answer)) for command, answer in blocks]
    return pairs


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
        examples = [example for asked, example in answers() if asked == command]
        assert examples
        for example in examples:
            assert set(example) <= set(answer)
            assert set(example["timings"]) <= set(answer["timings"])  # type: ignore[call-overload]
            assert example["prompt"] == answer["prompt"]
            assert example["summary"] == answer["summary"]
            assert example["sentiment"]["label"] == answer["sentiment"]["label"]  # type: ignore[index]


def _drawn(address: str) -> str:
    """The id of a finished set of three."""
    order = {"lyrics": "노란 풍선 하나 손에 쥐고", "candidates": 3, "seed": 7}
    made = httpx2.post(f"{address}/v1/covers", json=order, timeout=180).raise_for_status()
    return str(made.json()["id"])


@pytest.mark.parametrize("command", starting("songdalle "))
def test_the_command_line_works(command: str, address: str, tmp_path: Path) -> None:
    (tmp_path / "lyrics.txt").write_text("노란 풍선 하나 손에 쥐고", encoding="utf-8")
    words = [*shlex.split(command)[1:], "--server", address]
    if "ID" in words:
        words[words.index("ID")] = _drawn(address)
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
def test_scripts_have_the_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    path, *arguments = shlex.split(command)[1:]
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    with pytest.raises(SystemExit) as ended:
        module.main(["--help"])
    assert ended.value.code == 0
    usage = capsys.readouterr().out
    assert "usage:" in usage
    for option in (a for a in arguments if a.startswith("--")):
        assert re.search(rf"{re.escape(option)}\b", usage), option


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


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures_are_there(path: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_readme_is_for_newcomers() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
