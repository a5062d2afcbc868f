"""The Containerfile by its letters: no image is built here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest

from scripts.operations.manifests.cross_checks import locked_ray

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("cpu", "gpu")
PINNED = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")


@dataclass
class Stage:
    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [words for name, words in self.steps if name == instruction]


def parse(text: str) -> tuple[dict[str, str], dict[str, Stage]]:
    """Arguments before the first stage, and the stages in their order."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for line in filter(None, map(str.strip, joined.splitlines())):
        instruction, _, words = line.partition(" ")
        if instruction == "FROM":
            base, _, name = words.partition(" AS ")
            base = re.sub(r"\$\{(\w+)\}", lambda m: arguments[m[1]], base)
            stage = stages[name] = Stage(name, base)
        elif stage is None:
            assert instruction == "ARG", line
            key, _, value = words.partition("=")
            arguments[key] = value
        else:
            stage.steps.append((instruction, words))
    return arguments, stages


ARGUMENTS, STAGES = parse((ROOT / "Containerfile").read_text("utf-8"))


def lineage(name: str) -> list[Stage]:
    """A stage and those below it, the lowest first."""
    stage = STAGES[name]
    return [*(lineage(stage.base) if stage.base in STAGES else []), stage]


def test_there_are_stages_and_both_targets() -> None:
    assert len(STAGES) > 3
    assert set(TARGETS) <= set(STAGES)


def test_every_stage_stands_on_an_earlier_one_or_on_a_pinned_image() -> None:
    for place, stage in enumerate(STAGES.values()):
        earlier = list(STAGES)[:place]
        assert stage.base in earlier or PINNED.fullmatch(stage.base), stage.base


@pytest.mark.parametrize("target", TARGETS)
def test_it_runs_as_somebody_and_not_as_root(target: str) -> None:
    """By number: Kubernetes' runAsNonRoot knows no names."""
    users = [user for stage in lineage(target) for user in stage.all("USER")]
    assert users
    assert re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1])


@pytest.mark.parametrize("target", TARGETS)
def test_kuberays_probe_finds_its_programs(target: str) -> None:
    runs = " ".join(run for stage in lineage(target) for run in stage.all("RUN"))
    installed = set(re.search(r"apt-get install([^&]*)", runs)[1].split())  # type: ignore[index]
    assert {"bash", "wget"} <= installed


@pytest.mark.parametrize("kind", TARGETS)
def test_packages_are_those_of_the_lock(kind: str) -> None:
    (run,) = STAGES[f"packages-{kind}"].all("RUN")
    assert "--constraint requirements.lock --requirement pyproject.toml --extra s3" in run
    assert ("--torch-backend=cpu" in run) == (kind == "cpu")
    (copied,) = [c for c in STAGES[kind].all("COPY") if "venv" in c]
    assert copied == f"--from=packages-{kind} /opt/venv /opt/venv"


def kept() -> list[str]:
    """What .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert lines[1] == "*"
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    for stage in STAGES.values():
        for copy in stage.all("COPY"):
            *sources, _ = copy.split()
            if sources[0].startswith("--from="):
                assert sources[0].removeprefix("--from=") in STAGES
                continue
            for source in sources:
                assert (ROOT / source).exists(), source
                assert any(fnmatch(source, name) for name in kept()), f"{source} is ignored"


@pytest.mark.parametrize("target", TARGETS)
def test_weights_and_everything_that_is_imported_are_inside(target: str) -> None:
    copied = {s for stage in lineage(target) for c in stage.all("COPY") for s in c.split()[:-1]}
    assert {"songdalle_core", "deployments", "songdalle_client", "scripts", "deploy"} <= copied
    assert (ROOT / "songdalle_core" / "weights" / "SHA256SUMS").is_file()
    assert ("/models" in copied) == (target == "gpu")


def test_the_tags_it_tells_name_the_version_of_ray() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    assert set(re.findall(r"song-dalle:ray([\d.]+)-", text)) == {locked_ray(ROOT)}
