"""What `pip install .` takes along beside Python files."""

from __future__ import annotations

import tomllib
from glob import glob
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
PATTERNS: dict[str, list[str]] = SETUPTOOLS["package-data"]


def matches(package: str, pattern: str) -> set[str]:
    """Paths below a package that a pattern of setuptools names."""
    return set(glob(pattern, root_dir=ROOT / package, recursive=True))


@pytest.mark.parametrize(
    ("package", "pattern"), [(name, p) for name, patterns in PATTERNS.items() for p in patterns]
)
def test_every_pattern_has_files(package: str, pattern: str) -> None:
    """One that has none names a folder that has moved."""
    assert matches(package, pattern)


@pytest.mark.parametrize("package", PATTERNS)
def test_every_file_of_a_package_is_taken_along(package: str) -> None:
    paths = (ROOT / package).rglob("*")
    data = [path for path in paths if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert len(data) > 10
    taken = {name for pattern in PATTERNS[package] for name in matches(package, pattern)}
    assert {str(path.relative_to(ROOT / package)) for path in data} - taken == set()
