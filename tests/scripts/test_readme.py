"""scripts/README.md has a line for every script, and every script says how it is used.

Scripts are imported, not started: a process each would take minutes.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
COMMANDS = sorted(
    path.relative_to(SCRIPTS).as_posix()
    for path in SCRIPTS.rglob("*.py")
    if '\nif __name__ == "__main__":\n' in path.read_text(encoding="utf-8")
)
LINE = re.compile(r"^\| `([\w/]+\.py)` \| (.+) \|$")


def listed() -> dict[str, str]:
    """What each listed script is for, by its path below scripts/; rooms are headings."""
    lines: dict[str, str] = {}
    room = ""
    for line in (SCRIPTS / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            room = line.removeprefix("## ").strip().rstrip("/")
        elif match := LINE.match(line):
            name = f"{room}/{match.group(1)}"
            assert name not in lines, f"{name} is listed twice"
            lines[name] = match.group(2)
    return lines


def test_every_command_is_listed_and_every_listed_one_exists() -> None:
    assert sorted(listed()) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_how_it_is_used(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module("scripts." + name.removesuffix(".py").replace("/", "."))
    with pytest.raises(SystemExit) as ended:
        module.main(["--help"])
    assert ended.value.code == 0
    words = " ".join(capsys.readouterr().out.split())
    assert words.startswith("usage: ")
    assert " ".join((module.__doc__ or "").split("\n\n")[0].split()) in words
