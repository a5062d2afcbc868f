"""`pip install ./songdalle_client` is all that the `songdalle` command needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from songdalle_client.version import __version__
from tests.songdalle_client.service import FakeService

ROOT = Path(__file__).resolve().parents[2]

REFUSE_OTHERS = """
import importlib.abc, sys

class OnlyTheRequired(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, OnlyTheRequired())
"""


def requirements(lines: list[str]) -> set[str]:
    """The distributions that requirements bring, those of the requirements' own included."""
    names: set[str] = set()
    pending = [Requirement(line) for line in lines]
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if needed and name not in names:
            names.add(name)
            pending += map(Requirement, metadata.requires(name) or [])
    return names


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel in it, built from nothing but the client's own folder."""
    folder = tmp_path_factory.mktemp("client")
    unwanted = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    shutil.copytree(ROOT / "songdalle_client", folder / "source", ignore=unwanted)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--target", folder / "site"]
    subprocess.run([*pip, *options, folder / "source"], check=True, timeout=120)
    return folder / "site"


@pytest.fixture(scope="module")
def environment(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables by which Python finds the installed client, and refuses all that it does not require."""
    (description,) = installed.glob("songdalle_client-*.dist-info/METADATA")
    lines = HeaderParser().parsestr(description.read_text()).get_all("Requires-Dist") or []
    assert 1 <= len(lines) <= 4
    distributions = requirements(lines)
    refused = {
        module
        for module, providers in metadata.packages_distributions().items()
        if not distributions & {canonicalize_name(provider) for provider in providers}
    }
    assert refused >= {"numpy", "torch", "ray"}
    refused |= {path.name for path in ROOT.iterdir() if path.is_dir()} - {"songdalle_client"}
    hook = tmp_path_factory.mktemp("hook")
    hook_source = REFUSE_OTHERS.replace("{refused!r}", repr(refused))
    (hook / "sitecustomize.py").write_text(hook_source)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (hook, installed)))}


def run(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, words)), env=environment, cwd="/", capture_output=True, text=True, timeout=60
    )


def test_the_models_and_the_server_are_not_there(
    installed: Path, environment: dict[str, str]
) -> None:
    code = "import songdalle_client as c; print(c.__file__); import songdalle_core"
    done = run(environment, sys.executable, "-c", code)
    assert Path(done.stdout.strip()).is_relative_to(installed)
    assert done.stderr.endswith("ModuleNotFoundError: songdalle_core\n")


def test_the_command_explains_itself(installed: Path, environment: dict[str, str]) -> None:
    done = run(environment, installed / "bin" / "songdalle", "--help")
    assert done.returncode == 0, done.stderr
    assert "songdalle cover lyrics.txt" in done.stdout
    assert [path.name for path in installed.glob("*.dist-info")] == [
        f"songdalle_client-{__version__}.dist-info"
    ]


def test_the_command_draws_covers(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "lyrics.txt").write_text("언덕 위의 등불", encoding="utf-8")
    with FakeService() as service:
        words = ("cover", tmp_path / "lyrics.txt", "--out", tmp_path / "covers", "--candidates", 2)
        done = run(environment, installed / "bin" / "songdalle", *words, "--server", service.url)
    assert done.returncode == 0, done.stderr
    names = ["01.png", "02.png", "contact_sheet.png", "covers.json"]
    assert sorted(path.name for path in (tmp_path / "covers").iterdir()) == names
    (job,) = service.jobs.values()
    assert job.body == {"lyrics": "언덕 위의 등불", "candidates": 2}
