from __future__ import annotations

import io

import pytest

from scripts.operations.weights.disk import readable
from scripts.operations.weights.progress import Progress, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_says_percent_speed_and_time_left() -> None:
    clock = Clock()
    progress = Progress("a.tar.gz", io.StringIO(), clock)
    progress.begin(1_000_000_000, 3_000_000_000)
    clock.now += 10
    line = progress.describe(1_500_000_000)
    assert line == "a.tar.gz  50 %  1.5 GB of 3.0 GB  50.0 MB/s  30 s left"


def test_knows_no_percent_without_a_total() -> None:
    clock = Clock()
    progress = Progress("a", io.StringIO(), clock)
    clock.now += 2
    assert progress.describe(3_000_000) == "a  3.0 MB  1.5 MB/s"


def test_a_log_gets_a_line_now_and_then() -> None:
    clock, out = Clock(), io.StringIO()
    progress = Progress("a", out, clock)
    progress.begin(0, 1000)
    for at in range(0, 1000, 10):
        clock.now += 1
        progress.update(at)
    progress.end(1000)
    assert len(out.getvalue().splitlines()) == 6


def test_a_terminal_line_is_rewritten_and_closed_before_a_note() -> None:
    clock, out = Clock(), Terminal()
    progress = Progress("a", out, clock)
    progress.begin(0, 1000)
    for at in (100, 200):
        clock.now += 1
        progress.update(at)
    progress.note("trying again")
    rewritten, note = out.getvalue().splitlines(keepends=True)[-2:]
    assert rewritten.startswith("\ra  20 %") or "\ra  20 %" in out.getvalue()
    assert note == "a  trying again\n"


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s"), (600, "10 min"), (3600, "1 h 00 min"), (9000, "2 h 30 min")]
)
def test_durations_are_rough(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(12, "12 bytes"), (266_383, "266 kB"), (4.9e9, "4.9 GB")]
)
def test_sizes_are_decimal(count: float, text: str) -> None:
    assert readable(count) == text
