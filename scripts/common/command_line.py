"""The command line that all scripts share: help from the docstring, common options written once.

    made = command_line.parser(__doc__, "seed", "threads", "json")
    made.set_defaults(threads=1)

Help shows every default by itself, so that no help text repeats one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]

Item = TypeVar("Item")


def count(text: str) -> int:
    """A number from 1 up, as argparse reads it."""
    return _at_least(1, text)


def amount(text: str) -> int:
    """A number from 0 up."""
    return _at_least(0, text)


def share(text: str) -> float:
    """A number between 0 and 1, neither of them."""
    number = float(text)
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"give a share between 0 and 1, not {number}")
    return number


def names(text: str) -> tuple[str, ...]:
    """Names parted by commas."""
    return tuple(name.strip() for name in text.split(","))


COMMON: dict[str, dict[str, Any]] = {
    "seed": {"type": int, "default": 0, "help": "seed of everything random"},
    "threads": {"type": count, "default": 2, "help": "CPU threads"},
    "json": {"type": Path, "metavar": "FILE", "help": "also write the figures to FILE"},
    "resume": {"action": "store_true", "help": "continue from the run's checkpoint"},
    "misses": {
        "type": amount,
        "metavar": "N",
        "help": "print at most N misses; 0 prints none (default: all)",
    },
}
"""Options that mean the same in every script that has them."""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """The docstring as it is laid out; the default of an option after its help text."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        default = action.default
        nothing = default is None or default is False or default == argparse.SUPPRESS
        if nothing or action.help is None:
            return action.help
        return f"{action.help} (default: {_shown(default).replace('%', '%%')})"


def parser(description: str | None, *common: str) -> argparse.ArgumentParser:
    """A parser whose help is the module's docstring, with the named options of `COMMON`."""
    made = argparse.ArgumentParser(description=description, formatter_class=HelpFormatter)
    for name in common:
        made.add_argument(f"--{name}", **COMMON[name])
    return made


def add_data(made: argparse.ArgumentParser, default: Path, content: str) -> None:
    """The option --data, a file of `content`."""
    made.add_argument("--data", type=Path, default=default, metavar="FILE", help=content)


def run(
    made: argparse.ArgumentParser,
    function: Callable[[argparse.Namespace], object],
    arguments: Sequence[str] | None,
    *errors: type[Exception],
) -> int:
    """Parse and call; the `errors` named (files and values besides) end the program with their text.

    Returns:
        0, the exit status of a command that did what it was asked to.
    """
    options = made.parse_args(arguments)
    refusals: tuple[type[Exception], ...] = (OSError, ValueError, *errors)
    try:
        function(options)
    except refusals as error:
        made.error(str(error))
    return 0


def read(
    made: argparse.ArgumentParser, reader: Callable[[Path], list[Item]], path: Path
) -> list[Item]:
    """The items of a data file; one that cannot be read or is empty ends the program with the reason."""
    try:
        items = reader(path)
    except (OSError, ValueError) as error:
        made.error(str(error))
    if not items:
        made.error(f"{path} is empty: give at least one line to measure on")
    return items


def _at_least(least: int, text: str) -> int:
    number = int(text)
    if number < least:
        raise argparse.ArgumentTypeError(f"give at least {least}, not {number}")
    return number


def _shown(default: object) -> str:
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        return default.relative_to(ROOT).as_posix()
    if isinstance(default, tuple):  # of `names`
        return ",".join(map(_shown, default))
    if isinstance(default, list):  # of nargs
        return " ".join(map(_shown, default))
    return f"{default:g}" if isinstance(default, float) else str(default)
