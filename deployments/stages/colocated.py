"""Several stages in one process: one CUDA context, one copy of the libraries, one share of a GPU.

Each stage keeps its class, its batches and its thread; what they share is the replica. The ingress calls each
through a `StageHandle`, which acts like the handle of a deployment of its own.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from ray import serve

from deployments.config.tuning import Tunable
from deployments.contract.messages import StageInfo

Recipe = tuple[type[Tunable[Any]], tuple[Any, ...]]
"""A stage's class and its arguments."""


@serve.deployment(name="Colocated")
class Colocated(Tunable[dict[str, Any]]):
    """Holds the stages of one group of `colocate`, whose name the deployment bears.

    Its `user_config` has a part for each; all are taken over, or none.
    """

    def __init__(self, stages: Mapping[str, Recipe]) -> None:
        self._recipes = stages
        self._stages = {name: kind(*arguments) for name, (kind, arguments) in stages.items()}

    @classmethod
    def check(cls, user_config: dict[str, Any], *arguments: Any) -> dict[str, Any]:
        """Each stage's part; `arguments` are the recipes.

        Raises:
            ValueError: a stage cannot take its part over, or is not here.
        """
        (recipes,) = arguments
        strange = sorted(set(user_config) - set(recipes))
        if strange:
            raise ValueError(f"{', '.join(strange)}: the stages here are {', '.join(recipes)}")
        tunables = {}
        for name, (kind, made_with) in recipes.items():
            try:
                tunables[name] = kind.check(user_config.get(name) or {}, *made_with)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return tunables

    def _made_with(self) -> tuple[Any, ...]:
        return (self._recipes,)

    async def tune(self, tunables: dict[str, Any]) -> None:
        """Hand each stage its part."""
        for name, part in tunables.items():
            await self._stages[name].tune(part)

    async def call(self, stage: str, method: str, *arguments: Any, **named: Any) -> Any:
        """The answer of a stage's method.

        Raises:
            Exception: the stage's own.
        """
        answer = await getattr(self._stages[stage], method)(*arguments, **named)
        if isinstance(answer, StageInfo):  # whose `user_config` is this deployment's
            answer = dataclasses.replace(answer, refused=self.refused)
        return answer

    async def stream(self, stage: str, method: str, *arguments: Any) -> AsyncIterator[Any]:
        """What a stage's method yields; leaving early ends it.

        Raises:
            Exception: the stage's own.
        """
        async with aclosing(getattr(self._stages[stage], method)(*arguments)) as items:
            async for item in items:
                yield item

    async def check_health(self) -> None:
        """Every stage is well; one that is not costs them all the replica."""
        await asyncio.gather(*(stage.check_health() for stage in self._stages.values()))
        await super().check_health()


@dataclass(frozen=True)
class StageHandle:
    """Acts like the handle of a deployment that runs `stage` alone."""

    handle: Any
    stage: str
    streams: bool = False

    @property
    def deployment_name(self) -> str:
        """Name of the group."""
        name: str = self.handle.deployment_name
        return name

    def options(self, *, stream: bool) -> StageHandle:
        """A handle whose methods give streams, or results again."""
        return StageHandle(self.handle.options(stream=stream), self.stage, stream)

    def __getattr__(self, method: str) -> StageMethod:
        if method.startswith("__"):  # asked for by pickle, before there is a handle
            raise AttributeError(method)
        return StageMethod(self.handle, self.stage, method, self.streams)


@dataclass(frozen=True)
class StageMethod:
    """Acts like a method of a handle."""

    handle: Any
    stage: str
    method: str
    streams: bool = False

    def remote(self, *arguments: Any, **named: Any) -> Any:
        """The response of `Colocated.call`, to be awaited, or of `Colocated.stream`, to be iterated."""
        if self.streams:
            return self.handle.stream.remote(self.stage, self.method, *arguments)
        return self.handle.call.remote(self.stage, self.method, *arguments, **named)
