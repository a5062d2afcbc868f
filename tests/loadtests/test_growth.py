from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time

import pytest

from loadtests.growth import MemoryHistory, bin_means, slope_of
from loadtests.memory import process_tree

TIMES = [2.0 * n for n in range(900)]  # half an hour


def noise(seed: int, memory: float) -> list[float]:
    """MiB around 0, each sample remembering a share of the one before it."""
    rng, level, found = random.Random(seed), 0.0, []
    for _ in TIMES:
        level = memory * level + rng.gauss(0, 1)
        found.append(level)
    return found


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


def test_a_level_line_has_no_slope() -> None:
    slope = slope_of(TIMES, [300.0] * len(TIMES))
    assert slope is not None
    assert slope.estimate == pytest.approx(0)
    assert not slope.grows


def test_few_samples_say_nothing() -> None:
    assert slope_of([], []) is None
    assert slope_of([0, 1, 2], [1, 2, 3]) is None


def test_bins_are_of_equal_length() -> None:
    times, values = bin_means([0, 1, 2, 3, 9, 10], [1, 3, 5, 7, 20, 30], bins=5)
    assert list(times) == [0.5, 2.5, 9.5]
    assert list(values) == [2, 6, 25]


def test_a_process_that_eats_memory_is_caught() -> None:
    program = """
import time
eaten = []
while True:
    eaten.append(bytearray(4 * 2**20))
    time.sleep(0.1)
"""
    with subprocess.Popen([sys.executable, "-c", program]) as glutton:

        async def watch() -> MemoryHistory:
            find = process_tree(os.getpid())
            async with MemoryHistory(find, every=0.05) as memory:
                end = time.monotonic() + 30
                while glutton.pid not in memory.histories or (
                    len(memory.histories[glutton.pid].times) < 40
                ):
                    assert time.monotonic() < end
                    await asyncio.sleep(0.1)
            return memory

        try:
            histories = asyncio.run(watch()).histories
        finally:
            glutton.kill()
    slope = histories[glutton.pid].slope()
    assert slope is not None
    assert slope.grows
    assert histories[glutton.pid].as_dict(0.0)["slope"]["grows"]
