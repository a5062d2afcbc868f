"""The command line that scripts share."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from scripts.common import command_line
from scripts.evaluation.texts.gold import read_gloss


def test_help_shows_every_default_as_it_is() -> None:
    made = command_line.parser("What it does.\n\n    python it.py\n", "seed", "json", "resume")
    made.set_defaults(seed=7)
    made.add_argument("--rate", type=float, default=1e-3, help="of 100%% of the steps")
    made.add_argument("--sets", type=command_line.names, default=("one", "two"), help="art sets")
    made.add_argument("--steps", type=int, default=[1, 4], nargs="+", help="sizes")
    command_line.add_data(made, command_line.ROOT / "scripts" / "data" / "set.tsv", "lines")
    text = made.format_help()
    assert "What it does.\n\n    python it.py\n" in text
    words = " ".join(text.split())
    for shown in (
        "seed of everything random (default: 7)",
        "of 100% of the steps (default: 0.001)",
        "art sets (default: one,two)",
        "sizes (default: 1 4)",
        "lines (default: scripts/data/set.tsv)",
    ):
        assert shown in words
    assert words.count("default") == 5  # none where nothing is preset


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (command_line.count, {"1": 1, "12": 12}, ("0", "-1")),
        (command_line.amount, {"0": 0, "3": 3}, ("-1",)),
        (command_line.share, {"0.5": 0.5}, ("0", "1", "-0.1")),
        (command_line.names, {"a,b": ("a", "b"), "a, b": ("a", "b")}, ()),
    ],
)
def test_values_are_read_or_refused(
    kind: object, right: dict[str, object], wrong: tuple[str, ...]
) -> None:
    assert callable(kind)
    for text, value in right.items():
        assert kind(text) == value
    for text in wrong:
        with pytest.raises(argparse.ArgumentTypeError, match="give"):
            kind(text)


def test_misses_must_be_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    made = command_line.parser("about", "misses")
    assert made.parse_args(["--misses", "0"]).misses == 0
    assert made.parse_args([]).misses is None
    with pytest.raises(SystemExit):
        made.parse_args(["--misses", "-1"])
    assert "give at least 0" in capsys.readouterr().err


def test_what_a_script_cannot_work_with_ends_it_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work(options: argparse.Namespace) -> None:
        raise errors[options.seed]

    errors = [ValueError("no such shape"), KeyError("ours"), TypeError("a fault of the script")]
    made = command_line.parser("about", "seed")
    for seed in ("0", "1"):
        with pytest.raises(SystemExit) as ended:
            command_line.run(made, work, ["--seed", seed], KeyError)
        assert ended.value.code == 2
    assert "error: no such shape" in capsys.readouterr().err
    with pytest.raises(TypeError):
        command_line.run(made, work, ["--seed", "2"], KeyError)
    assert command_line.run(made, lambda options: options.seed, []) == 0


def test_a_set_that_cannot_be_measured_on_ends_with_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = command_line.parser("about")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{}")
    for path, message in (
        (empty, "is empty: give at least one line"),
        (broken, "line 1: give an object with exactly the fields"),
        (tmp_path / "none.jsonl", "No such file"),
    ):
        with pytest.raises(SystemExit) as ended:
            command_line.read(made, read_gloss, path)
        assert ended.value.code == 2
        assert message in capsys.readouterr().err
