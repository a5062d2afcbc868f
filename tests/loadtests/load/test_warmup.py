from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from loadtests.load.warmup import WarmUp, Window, agree, warm_up


def play(windows: Sequence[Window | None], most: int = 10) -> WarmUp:
    coming = iter(windows)

    async def following() -> Window | None:
        return next(coming)

    return asyncio.run(warm_up(following, most))


def test_three_in_a_row_end_it() -> None:
    cold, warming, warm = Window(1, 8), Window(3, 3), Window(4, 2)
    warmup = play([cold, warming, warm, Window(4.2, 2.1), Window(4, 1.95), cold])
    assert warmup.settled
    assert len(warmup.windows) == 5
    assert "settled after 5" in warmup.describe()


def test_it_gives_up_and_says_so() -> None:
    warmup = play([Window(1 + n, 1) for n in range(20)], most=6)
    assert not warmup.settled
    assert len(warmup.windows) == 6
    assert "NEVER SETTLED" in warmup.describe()
    assert warmup.as_dict()["settled"] is False


def test_it_can_be_left_out_or_stopped() -> None:
    assert play([], most=0).describe() == "no warm-up"
    assert len(play([Window(1, 1), None]).windows) == 1


@pytest.mark.parametrize(
    ("rates", "latencies", "expected"),
    [
        ((10, 10.5, 10.9), (2, 2, 2), True),
        ((10, 10.5, 11.1), (2, 2, 2), False),
        ((10, 10, 10), (2, 2.1, 2.3), False),
        ((10, 10), (2, 2), False),
        ((0, 0, 0), (None, None, None), False),
    ],
)
def test_ten_percent(
    rates: Sequence[float], latencies: Sequence[float | None], expected: bool
) -> None:
    assert agree([Window(r, s) for r, s in zip(rates, latencies, strict=True)]) is expected
