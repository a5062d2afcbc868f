"""The installer, run as a command against stand-ins for dpkg-query and apt-get that keep a list."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "operations" / "install_debian.py"
DPKG = """#!/bin/sh
for package; do :; done
grep -qx "$package" {folder}/installed && printf installed
"""
APT = """#!/bin/sh
echo "$DEBIAN_FRONTEND $@" >> {folder}/calls
[ ! -e {folder}/broken ]
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages")


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A folder with the two commands, and `installed`, one package a line."""
    for name, text in {"dpkg-query": DPKG, "apt-get": APT}.items():
        command = tmp_path / name
        command.write_text(text.format(folder=tmp_path))
        command.chmod(0o755)
    (tmp_path / "installed").write_text("bash\n")
    return tmp_path


def run(system: Path, *packages: str, only: bool = False) -> subprocess.CompletedProcess[str]:
    path = f"{system}" if only else f"{system}:/usr/bin:/bin"
    return subprocess.run(
        [sys.executable, str(SCRIPT), *packages],
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )


def calls(system: Path) -> list[str]:
    file = system / "calls"
    return file.read_text().splitlines() if file.exists() else []


def test_what_is_there_is_left_alone(system: Path) -> None:
    done = run(system, "bash")
    assert (done.returncode, done.stdout, calls(system)) == (0, "", [])


@as_root
def test_what_is_missing_is_installed_and_nothing_else(system: Path) -> None:
    assert run(system, "bash", "chromium").returncode == 0
    update, install = calls(system)
    assert update.startswith("noninteractive")
    assert update.endswith(" update")
    assert install.endswith("install --no-install-recommends chromium")


@as_root
def test_a_failing_apt_fails_the_command(system: Path) -> None:
    (system / "broken").touch()
    done = run(system, "chromium")
    assert done.returncode == 1
    assert "apt-get update failed" in done.stderr


def test_another_system_is_told_what_to_install(system: Path) -> None:
    (system / "dpkg-query").unlink()
    done = run(system, "chromium", only=True)
    assert done.returncode == 1
    assert "install chromium your way" in done.stderr
