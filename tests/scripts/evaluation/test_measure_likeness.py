"""The measure of "more like this", on one prompt."""

from __future__ import annotations

import pytest

from scripts.evaluation.measure_likeness import KNOBS, main


def test_covers_like_another_are_closer_than_fresh_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["--prompts", "1", "--candidates", "3"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1 prompts, sets of 3")
    distances = {line[:32].strip(): float(line[32:].split()[0]) for line in lines[2:]}
    assert set(distances) == {"fresh", *KNOBS}
    assert distances["codes 0.5, composition, finish"] < 0.7 * distances["fresh"]
    assert distances["a part"] < 0.7 * distances["fresh"]
