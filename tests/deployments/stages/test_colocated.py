from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import ray

from deployments.app import build
from deployments.config.application import AppOptions
from deployments.config.tuning import Tunable
from deployments.config.user_config import BatchTunables, NoTunables
from deployments.contract.messages import StageInfo, SummaryRequest
from deployments.stages.colocated import Colocated, StageHandle
from tests.serve.tiny_models import write_clip


class Echo(Tunable[BatchTunables]):
    Tunables = BatchTunables

    def __init__(self, name: str) -> None:
        self.name, self.well = name, True
        self.tuned: list[BatchTunables] = []

    async def tune(self, tunables: BatchTunables) -> None:
        self.tuned.append(tunables)

    async def describe(self) -> StageInfo:
        return StageInfo(self.name, "echo")

    async def say(self, word: str, times: int = 1) -> str:
        return f"{self.name}: {word * times}"

    async def count(self, last: int) -> AsyncIterator[str]:
        try:
            for number in range(last):
                yield f"{self.name}: {number}"
        finally:
            self.tuned.append({"left": True})

    async def check_health(self) -> None:
        if not self.well:
            raise RuntimeError(f"{self.name} is ill")


class Fixed(Tunable[NoTunables]):
    Tunables = NoTunables

    async def tune(self, tunables: NoTunables) -> None:
        pass

    async def say(self, word: str) -> str:
        raise ValueError(f"{word}?")


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
    assert colocated._stages["a"].tuned == [BatchTunables()]
    assert colocated._stages["b"].tuned == [BatchTunables(max_batch_size=4)]


def test_a_new_replica_with_a_slip_does_not_start(colocated: Any) -> None:
    with pytest.raises(ValueError, match="d: the stages here are a, b, c"):
        asyncio.run(colocated.reconfigure({"c": {}, "d": {}}))
    with pytest.raises(ValueError, match=r"b: patience: there is no such key; is it patience_s\?"):
        asyncio.run(colocated.reconfigure({"b": {"patience": 4}}))


def test_a_slip_for_one_stage_changes_none_and_every_stage_tells(colocated: Any) -> None:
    async def run() -> tuple[StageInfo, StageInfo]:
        await colocated.reconfigure({"a": {"max_batch_size": 2}})
        await colocated.reconfigure({"a": {"max_batch_size": 3}, "b": {"patience": 4}})
        refused = await colocated.call("a", "describe")
        await colocated.reconfigure({"a": {"max_batch_size": 3}})
        return refused, await colocated.call("a", "describe")

    refused, taken = asyncio.run(run())
    assert refused.refused.startswith("b: patience: there is no such key")
    assert taken.refused == ""
    assert [t.max_batch_size for t in colocated._stages["a"].tuned] == [2, 2, 3]


def test_an_ill_stage_makes_the_replica_ill(colocated: Any) -> None:
    asyncio.run(colocated.check_health())
    colocated._stages["b"].well = False
    with pytest.raises(RuntimeError, match="B is ill"):
        asyncio.run(colocated.check_health())


def test_a_stage_handle_acts_like_a_handle(colocated: Any) -> None:
    handle = StageHandle(SimpleNamespace(call=SimpleNamespace(remote=colocated.call)), "a")
    assert asyncio.run(handle.say.remote("x", times=2)) == "A: xx"


def test_streams_are_passed_on_and_end_with_their_listener(colocated: Any) -> None:
    class Methods:
        call, stream = SimpleNamespace(remote=None), SimpleNamespace(remote=colocated.stream)

        def options(self, *, stream: bool) -> Methods:
            return self

    async def first_two() -> list[str]:
        handle = StageHandle(Methods(), "a").options(stream=True)
        taken = []
        async with aclosing(handle.count.remote(9)) as numbers:
            async for number in numbers:
                taken.append(number)
                if len(taken) == 2:
                    break
        return taken

    assert asyncio.run(first_two()) == ["A: 0", "A: 1"]
    assert colocated._stages["a"].tuned == [{"left": True}]


def test_the_text_models_and_clip_share_a_process(
    run: Callable[..., Any], kobart: Path, marian: Path, kobert: Path, tmp_path: Path
) -> None:
    """As `deployments.app` puts them together for the configuration of one GPU."""
    names = ["summarizer", "translator", "sentiment", "reranker"]
    application = build(
        AppOptions.model_validate(
            {
                "colocate": {"Texts": names},
                "summarizer": {"backend": "kobart", "model": str(kobart), "max_length": 12},
                "translator": {"backend": "marian", "model": str(marian), "max_length": 12},
                "sentiment": {"backend": "kobert", "model": str(kobert)},
                "reranker": {
                    "backend": "open_clip",
                    "model": f"local-dir:{write_clip(tmp_path / 'clip')}",
                },
                "device": "cpu",
            }
        )
    )
    handles = application._bound_deployment.init_kwargs
    shared = handles["summarizer"].handle._bound_deployment
    assert shared.name == "Texts"
    assert all(handles[name].handle._bound_deployment is shared for name in names)
    assert not isinstance(handles["generator"], StageHandle)
    recipes = ray.cloudpickle.loads(ray.cloudpickle.dumps(shared.init_args[0]))
    colocated = Colocated.func_or_class(recipes)
    run(colocated.reconfigure({"translator": {"max_batch_size": 2}}))

    async def together() -> list[Any]:
        summary = colocated.call("summarizer", "summarize", SummaryRequest(("푸른 바다 위로",), 1))
        english = colocated.call("translator", "translate", "푸른 바다 위로")
        mood = colocated.call("sentiment", "classify", "푸른 바다 위로")
        images = np.zeros((2, 32, 32, 3), dtype=np.uint8)
        return await asyncio.gather(
            summary, english, mood, colocated.call("reranker", "judge", "the sea", images)
        )

    summary, english, mood, judgements = run(together())
    assert summary.sentences
    assert english.text
    assert sum(mood.scores.values()) == pytest.approx(1)
    assert len(judgements) == 2
    assert run(colocated.call("translator", "describe")).model == "marian"
    run(colocated.check_health())


def test_a_stage_handle_travels() -> None:
    handle = StageHandle("any handle", "a")
    assert pickle.loads(pickle.dumps(handle)) == handle
