"""Calls that meet with dying replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from ray.exceptions import ActorDiedError

from deployments.config.user_config import Timeouts
from deployments.contract.errors import StageCrashed, StageTimeout
from deployments.contract.messages import StageInfo
from deployments.pipeline.stage_calls import ASLEEP, StageCalls, Stages
from deployments.stages.colocated import StageHandle
from tests.deployments.conftest import Fake, Handle

NAMES = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")


class Replica:
    """Dies of poison, with all calls that are in it; another takes its place a moment later."""

    def __init__(self) -> None:
        self.deaths = 0
        self._inside: set[asyncio.Future[str]] = set()
        self._back = 0.0

    async def call(self, word: str) -> str:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._back - loop.time()))
        answer: asyncio.Future[str] = loop.create_future()
        self._inside.add(answer)
        loop.call_later(0.02, self._finish, answer, word)
        return await answer

    def _finish(self, answer: asyncio.Future[str], word: str) -> None:
        if answer not in self._inside:
            return
        if word != "poison":
            self._inside.remove(answer)
            answer.set_result(word)
            return
        self.deaths += 1
        self._back = asyncio.get_running_loop().time() + 0.2
        for other in self._inside:
            other.set_exception(ActorDiedError())
        self._inside.clear()


def calls(**seconds: float) -> StageCalls:
    made = StageCalls(Stages(*NAMES))
    made.timeouts = Timeouts(**seconds)
    return made


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


def test_poison_kills_nobody_but_itself() -> None:
    async def work() -> None:
        replica, calling = Replica(), calls()

        async def ask(word: str) -> str:
            return await calling.call("summarizer", lambda: replica.call(word))

        words = ["a", "b", "poison", "c", "d"]
        answers = await asyncio.gather(*map(ask, words), return_exceptions=True)
        assert [answers[n] for n in (0, 1, 3, 4)] == ["a", "b", "c", "d"]
        assert isinstance(answers[2], StageCrashed)
        assert replica.deaths == 3

    run(work())


def test_time_counts_anew_when_a_replica_died() -> None:
    async def work() -> None:
        tries: list[float] = []

        async def attempt() -> str:
            tries.append(0.4)
            await asyncio.sleep(0.4)
            if len(tries) < 3:
                raise ActorDiedError
            return "done"

        assert await calls(summarizer=1.1).call("summarizer", attempt) == "done"
        assert sum(tries) > 1.1
        with pytest.raises(StageTimeout, match=r"0\.2 s"):
            await calls(summarizer=0.2).call("summarizer", attempt)

    run(work())


def test_a_survey_wakes_no_stage_that_is_known() -> None:
    stages = {name: Fake(name) for name in NAMES}
    made = StageCalls(Stages(**{name: Handle(fake) for name, fake in stages.items()}))
    made.asleep = ("generator",)
    assert asyncio.run(made.survey())["generator"] == ASLEEP  # nothing is known of it yet
    assert stages["generator"].calls == []
    assert len(stages["reranker"].calls) == 1
    made.asleep = ()
    asyncio.run(made.survey())
    made.asleep = ("generator",)
    for _ in range(2):
        answers = asyncio.run(made.survey())
        assert answers["generator"] == StageInfo("generator", "fake generator")
    assert len(stages["generator"].calls) == 1


def test_what_a_job_asked_a_stage_is_known_of_it() -> None:
    stages = {name: Fake(name) for name in NAMES}
    made = StageCalls(Stages(**{name: Handle(fake) for name, fake in stages.items()}))
    asyncio.run(made.infos())
    made.asleep = ("generator",)
    assert asyncio.run(made.survey())["generator"] == StageInfo("generator", "fake generator")
    assert len(stages["generator"].calls) == 1


def test_a_survey_looks_who_sleeps_and_goes_on_without() -> None:
    stages = {name: Fake(name) for name in NAMES}
    made = StageCalls(Stages(**{name: Handle(fake) for name, fake in stages.items()}))

    async def look() -> None:
        if made.asleep:
            raise RuntimeError("the controller is gone")
        made.asleep = ("reranker",)

    made.look_for_sleepers = look
    for _ in range(3):
        assert len(asyncio.run(made.survey())) == len(NAMES)
    assert stages["reranker"].calls == []
    assert len(stages["sentiment"].calls) == 3


def test_stages_of_one_deployment_sleep_together() -> None:
    alone, group = (
        SimpleNamespace(deployment_name="Text"),
        SimpleNamespace(deployment_name="Pictures"),
    )
    made = StageCalls(Stages(alone, alone, alone, alone, StageHandle(group, "generator"), group))
    assert made.sharing("generator") == ("generator", "reranker")
