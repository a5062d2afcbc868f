from __future__ import annotations

import asyncio
import pickle
from types import SimpleNamespace
from typing import Any

import pytest

from deployments.colocated import Colocated, StageHandle


class Echo:
    def __init__(self, name: str) -> None:
        self.name, self.tuned, self.well = name, [], True

    async def reconfigure(self, user_config: dict[str, Any]) -> None:
        self.tuned.append(user_config)

    async def say(self, word: str, times: int = 1) -> str:
        return f"{self.name}: {word * times}"

    async def check_health(self) -> None:
        if not self.well:
            raise RuntimeError(f"{self.name} is ill")


class Fixed:
    async def say(self, word: str) -> str:
        raise ValueError(f"{word}?")

    async def check_health(self) -> None:
        pass


@pytest.fixture
def colocated() -> Any:
    return Colocated.func_or_class({"a": (Echo, ("A",)), "b": (Echo, ("B",)), "c": (Fixed, ())})


def test_each_stage_answers_for_itself(colocated: Any) -> None:
    async def run() -> list[Any]:
        calls = [("a", "say", "x"), ("b", "say", "y")]
        return await asyncio.gather(*(colocated.call(*call) for call in calls))

    assert asyncio.run(run()) == ["A: x", "B: y"]
    with pytest.raises(ValueError, match=r"z\?"):
        asyncio.run(colocated.call("c", "say", "z"))


def test_user_config_has_a_part_for_each_stage(colocated: Any) -> None:
    asyncio.run(colocated.reconfigure({"b": {"max_batch_size": 4}}))
    assert colocated._stages["a"].tuned == [{}]
    assert colocated._stages["b"].tuned == [{"max_batch_size": 4}]
    with pytest.raises(ValueError, match="has c, d, but what can be tuned here is a, b"):
        asyncio.run(colocated.reconfigure({"c": {}, "d": {}}))


def test_an_ill_stage_makes_the_replica_ill(colocated: Any) -> None:
    asyncio.run(colocated.check_health())
    colocated._stages["b"].well = False
    with pytest.raises(RuntimeError, match="B is ill"):
        asyncio.run(colocated.check_health())


def test_a_stage_handle_acts_like_a_handle(colocated: Any) -> None:
    handle = StageHandle(SimpleNamespace(call=SimpleNamespace(remote=colocated.call)), "a")
    assert asyncio.run(handle.say.remote("x", times=2)) == "A: xx"


def test_a_stage_handle_travels() -> None:
    handle = StageHandle("any handle", "a")
    assert pickle.loads(pickle.dumps(handle)) == handle
