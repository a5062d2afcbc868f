"""requirements.lock names everything that is imported, and the environment is what it names."""

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("songdalle_core", "songdalle_client", "deployments", "scripts", "loadtests", "tests")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked() -> list[Requirement]:
    lines = (line.strip() for line in (ROOT / "requirements.lock").read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def direct() -> list[Requirement]:
    project = PYPROJECT["project"]
    return [Requirement(line) for line in [*project["dependencies"], *dev()]]


def dev() -> list[str]:
    """Return what the dev extra names, and what the extras of the project name that it refers to."""
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"]
    own = {line for line in extras["dev"] if Requirement(line).name == project["name"]}
    referred = [line for each in own for name in Requirement(each).extras for line in extras[name]]
    return [*(line for line in extras["dev"] if line not in own), *referred]


def optional() -> list[str]:
    """Return what a user may add: imported only where the configuration asks for it."""
    extras = PYPROJECT["project"]["optional-dependencies"]
    return [line for name, lines in extras.items() if name != "dev" for line in lines]


def _names(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


@cache
def imported_by(path: Path) -> set[str]:
    """Return the top-level modules that a file imports, wherever in it the import stands."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules.add(node.module.partition(".")[0])
    return modules


@cache
def providers() -> Mapping[str, list[str]]:
    """Return the installed distributions that provide each top-level module."""
    return metadata.packages_distributions()


def project_imports() -> dict[str, set[str]]:
    """Return the foreign modules that the project imports, each with the files that do."""
    own = {*FOLDERS, *(path.stem for path in (ROOT / "tests").rglob("*.py"))}
    users: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            for module in imported_by(path) - own - set(sys.stdlib_module_names):
                users.setdefault(module, set()).add(str(path.relative_to(ROOT)))
    return users


def test_every_import_is_locked_and_a_direct_dependency() -> None:
    lock = {canonicalize_name(requirement.name) for requirement in locked()}
    named = {canonicalize_name(requirement.name) for requirement in direct()}
    users = project_imports()
    assert {"ray", "torch", "yaml", "pytest"} <= set(users), "the walk found too little"
    problems = []
    for module, files in sorted(users.items()):
        distributions = {canonicalize_name(name) for name in providers().get(module, [])}
        if not distributions & lock & named:
            name = " or ".join(sorted(distributions)) or "no installed package"
            problems.append(f"{module} (from {name}), imported by {', '.join(sorted(files))}")
    assert not problems, "add to pyproject.toml, then `make lock`: " + "; ".join(problems)


def test_the_service_needs_no_package_of_the_tests() -> None:
    """What only the dev extra names must not be imported by the packages that are served."""
    only_dev = _names(dev()) - _names(optional())
    for folder in ("songdalle_core", "songdalle_client", "deployments"):
        for path in (ROOT / folder).rglob("*.py"):
            for module in imported_by(path):
                used = {canonicalize_name(name) for name in providers().get(module, [])}
                assert not (used and used <= only_dev), f"{path} imports {module}"


def test_every_version_is_exact_and_nothing_tells_where_it_came_from() -> None:
    for requirement in locked():
        assert re.fullmatch(r"==[\w.!+]+", str(requirement.specifier)), str(requirement)
        assert requirement.url is None
    text = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"https?://|file:|--\w|(^|\s)/\w|\(/", text)


def test_lock_satisfies_pyproject() -> None:
    """The lock was made again after the last change of the direct dependencies."""
    versions: dict[str, list[str]] = {}
    for requirement in locked():
        exact = str(requirement.specifier).removeprefix("==")
        versions.setdefault(canonicalize_name(requirement.name), []).append(exact)
    for requirement in direct():
        pins = versions.get(canonicalize_name(requirement.name), [])
        assert pins, f"`make lock`: {requirement} is not in the lock"
        assert all(requirement.specifier.contains(version) for version in pins), str(requirement)


@pytest.mark.parametrize(
    "pin",
    [
        "ray==2.60.0",
        "torch==2.14.1",
        "torchvision==0.29.1",
        "transformers==5.23.0",
        "open-clip-torch==3.3.0",
        "soynlp==0.0.493",
    ],
)
def test_pins_of_the_project(pin: str) -> None:
    assert pin in {str(requirement) for requirement in locked()}


def test_environment_is_that_of_the_lock() -> None:
    """So that no test passes with a package that a clean clone would not have in this version."""
    wrong = []
    for requirement in locked():
        if requirement.marker is None or requirement.marker.evaluate():
            try:
                version = metadata.version(requirement.name)
            except metadata.PackageNotFoundError:
                version = "missing"
            if not requirement.specifier.contains(version if version != "missing" else "0"):
                wrong.append(f"{requirement} is {version}")
    assert not wrong, "`make setup` installs them: " + ", ".join(wrong)


def test_nothing_the_lock_needs_is_missing_from_it() -> None:
    """Every requirement of every locked package is locked too, in a version that it allows."""
    versions = {
        canonicalize_name(r.name): str(r.specifier).removeprefix("==")
        for r in locked()
        if r.marker is None or r.marker.evaluate()
    }
    missing = []
    for name in versions:
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
                continue
            version = versions.get(canonicalize_name(needed.name))
            if version is None or not needed.specifier.contains(version, prereleases=True):
                missing.append(f"{name} needs {needed}, the lock has {version}")
    assert not missing
