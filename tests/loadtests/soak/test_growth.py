from __future__ import annotations

import asyncio
import math
import os
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.service.machine import process_tree
from loadtests.soak.growth import History, MemoryHistory, Slope, bin_means, slope_of

TIMES = [2.0 * n for n in range(900)]  # half an hour


def noise(seed: int, memory: float) -> list[float]:
    """MiB around 0, each sample remembering a share of the one before it."""
    rng, level, levels = random.Random(seed), 0.0, []
    for _ in TIMES:
        level = memory * level + rng.gauss(0, 1)
        levels.append(level)
    return levels


def test_growth_is_found_and_its_interval_holds_it() -> None:
    inside = 0
    for seed in range(40):
        grown = [300 + 24 * t / 3600 + n for t, n in zip(TIMES, noise(seed, 0.0), strict=True)]
        slope = slope_of(TIMES, grown)
        assert slope is not None
        assert slope.grows
        inside += slope.low <= 24 <= slope.high
    assert 34 <= inside <= 40


@pytest.mark.parametrize("memory", [0.0, 0.9, 0.99])
def test_noise_seldom_passes_for_growth(memory: float) -> None:
    """Also where it wanders: an interval that took every sample for news would be far too narrow."""
    slopes = [slope_of(TIMES, [300 + n for n in noise(seed, memory)]) for seed in range(60)]
    assert sum(slope is not None and slope.grows for slope in slopes) <= 8


@pytest.mark.parametrize("level", [0.0, 300.0, 300.1, 1 / 3])
def test_a_level_has_the_slope_0_without_a_doubt(level: float) -> None:
    """A process whose memory does not change: an interval of NaN could not tell growth from none."""
    assert slope_of(TIMES, [level] * len(TIMES)) == Slope(0.0, 0.0, 0.0)


def test_a_line_without_noise_grows() -> None:
    slope = slope_of(TIMES, [300 + 24 * t / 3600 for t in TIMES])
    assert slope is not None
    assert (slope.low, slope.high) == pytest.approx((24, 24), abs=1e-6)
    assert slope.grows


@pytest.mark.parametrize("first", [1, 15, 450, 885, 899])
def test_one_jump_is_no_growth(first: int) -> None:
    """The level of a process that once took a MiB says nothing of the hours to come."""
    slope = slope_of(TIMES, [300.0] * first + [301.0] * (len(TIMES) - first))
    assert slope is not None
    assert slope.low <= slope.estimate <= slope.high
    assert not slope.grows


@pytest.mark.parametrize("levels", [[1.0], [1.0, 1.0], [1.0, 2.0], [1.0, 1.0, 2.0]])
def test_few_samples_have_no_slope(levels: list[float]) -> None:
    assert slope_of(TIMES[: len(levels)], levels) is None


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(st.floats(0, 1e5), min_size=5, max_size=200))
def test_the_interval_of_any_samples_is_finite_and_holds_the_estimate(levels: list[float]) -> None:
    slope = slope_of([2.0 * n for n in range(len(levels))], levels)
    assert slope is not None
    assert -math.inf < slope.low <= slope.estimate <= slope.high < math.inf


def test_few_samples_say_nothing() -> None:
    assert slope_of([], []) is None
    assert slope_of([0, 1, 2], [1, 2, 3]) is None


def test_bins_are_of_equal_length() -> None:
    times, values = bin_means([0, 1, 2, 3, 9, 10], [1, 3, 5, 7, 20, 30], bins=5)
    assert list(times) == [0.5, 2.5, 9.5]
    assert list(values) == [2, 6, 25]


def grows(history: History | None) -> bool:
    """Whether a process's memory grows, as far as its samples can tell yet."""
    slope = None if history is None else history.slope()
    return slope is not None and slope.grows


def test_a_process_that_eats_memory_is_caught() -> None:
    program = """
import time
eaten = []
while True:
    eaten.append(bytearray(4 * 2**20))
    time.sleep(0.02)
"""
    with subprocess.Popen([sys.executable, "-c", program]) as glutton:

        async def watch() -> MemoryHistory:
            find = process_tree(os.getpid())
            async with MemoryHistory(find, every=0.01) as memory, asyncio.timeout(30):
                while not grows(memory.histories.get(glutton.pid)):
                    await asyncio.sleep(0.05)
            return memory

        try:
            histories = asyncio.run(watch()).histories
        finally:
            glutton.kill()
    assert histories[glutton.pid].as_dict(0.0)["slope"]["grows"]
