"""The stages as the ingress sees them, and what calling one can come to: a retry, a time-out, a full queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

from deployments.config.user_config import Timeouts
from deployments.contract.errors import (
    RETRY_AFTER,
    CoverError,
    Overloaded,
    StageCrashed,
    StageTimeout,
    StageUnavailable,
)
from deployments.contract.messages import StageInfo
from deployments.telemetry import metrics

Result = TypeVar("Result")
Other = TypeVar("Other")

_log = logging.getLogger("ray.serve")

ASLEEP = "asleep"
DEATHS = 2  # of replicas, after which a call takes its turn


@dataclass(frozen=True)
class Stages:
    """Handles of the deployments (`ray.serve.handle.DeploymentHandle`, or what acts like one)."""

    preprocess: Any
    summarizer: Any
    translator: Any
    sentiment: Any
    generator: Any
    reranker: Any

    def named(self) -> Iterator[tuple[str, Any]]:
        """Each stage's name and handle."""
        return ((entry.name, getattr(self, entry.name)) for entry in fields(self))


class StageCalls:
    """Calls stages within their time-outs.

    Attributes:
        asleep: stages without a replica, which start one when they are called.
        look_for_sleepers: brings `asleep` up to date.
    """

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self.timeouts = Timeouts()
        self.asleep: Collection[str] = ()
        self.look_for_sleepers: Callable[[], Awaitable[None]] | None = None
        self._known: dict[str, StageInfo] = {}
        self._infos: dict[str, StageInfo] = {}
        self._turns = {name: asyncio.Lock() for name, _ in stages.named()}

    async def call(self, stage: str, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """The result of `attempt`, made up to three times if replicas die meanwhile.

        Every stage is idempotent: the same call gives the same answer. A call of which a replica dies takes
        those beside it along, and all are made again; third tries take turns, so that it then dies alone.

        Raises:
            CoverError: time-out, full queue, or a stage that died every time.
        """
        limit: float = getattr(self.timeouts, stage)
        try:
            async with asyncio.timeout(limit) as patience:
                for _ in range(DEATHS):
                    try:
                        return await attempt()
                    except (RayActorError, StageUnavailable):
                        metrics.RETRIES.add(stage=stage)
                        patience.reschedule(asyncio.get_running_loop().time() + limit)
                async with self._turns[stage]:
                    return await attempt()
        except TimeoutError:
            raise StageTimeout(f"the {stage} took longer than {limit:g} s: try again") from None
        except BackPressureError as full:
            retry = round(full.retry_after_s or RETRY_AFTER)
            raise Overloaded(f"too many requests wait for the {stage}", retry) from None
        except RayActorError:
            raise StageCrashed(f"the {stage} died {DEATHS + 1} times over this request") from None
        except DeploymentUnavailableError:
            raise StageUnavailable(f"the {stage} is restarting: try again soon") from None

    async def models(self) -> dict[str, str]:
        """Stage to model; see `infos`."""
        return {name: info.model for name, info in (await self.infos()).items()}

    async def infos(self) -> Mapping[str, StageInfo]:
        """What each stage runs, asked once: another model comes with new replicas of everything.

        A stage that is restarting is waited for, as when it is called for its work.

        Raises:
            CoverError: time-out, or a stage that does not answer.
        """
        if not self._infos:
            self._infos = {name: await self._info(name, h) for name, h in self.stages.named()}
        return self._infos

    async def _info(self, stage: str, handle: Any) -> StageInfo:
        try:
            info: StageInfo = await self.call(stage, handle.describe.remote)
        except CoverError:
            raise
        except Exception:
            raise StageUnavailable(f"not ready: {stage}") from None
        return info

    def sharing(self, stage: str) -> tuple[str, ...]:
        """The stages of the deployment that runs this one."""
        names = {name: handle.deployment_name for name, handle in self.stages.named()}
        return tuple(name for name in names if names[name] == names[stage])

    async def survey(self) -> Mapping[str, StageInfo | str]:
        """Each stage's answer to a small real call, or what is wrong with it.

        One that sleeps is not woken: what it answered last stands for it, and `ASLEEP` where it never did.
        """

        if self.look_for_sleepers is not None:
            try:
                await self.look_for_sleepers()
            except (
                Exception
            ):  # Serve's controller is gone for a moment: what was seen last has to do
                _log.warning("which stages sleep could not be seen", exc_info=True)

        async def ask(name: str, handle: Any) -> StageInfo | str:
            if name in self.asleep:
                return self._known.get(name) or self._infos.get(name) or ASLEEP
            try:
                async with asyncio.timeout(self.timeouts.ready):
                    answer: StageInfo = await handle.describe.remote()
                    self._known[name] = answer
                    return answer
            except TimeoutError:
                return f"no answer within {self.timeouts.ready:g} s"
            except Exception as error:
                return f"{type(error).__name__}"

        names, handles = zip(*self.stages.named(), strict=True)
        return dict(zip(names, await asyncio.gather(*map(ask, names, handles)), strict=True))


async def beside(
    first: Coroutine[Any, Any, Result], second: Coroutine[Any, Any, Other]
) -> tuple[Result, Other]:
    """Both results; when one fails, the other is cancelled."""
    tasks = (asyncio.create_task(first), asyncio.create_task(second))
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
