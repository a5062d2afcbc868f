from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from deployments.config.base import Options
from deployments.config.tuning import Tunable
from deployments.config.user_config import AccessTunables, GeneratorTunables, IngressTunables


class Limits(Options):
    most: int = 3
    wait_s: float = 1.0


class Stage(Tunable[Limits]):
    """One that cannot wait for ten seconds, which it finds out late."""

    Tunables = Limits

    def __init__(self) -> None:
        self.most, self.wait_s = 3, 1.0

    async def tune(self, tunables: Limits) -> None:
        self.most = tunables.most
        if tunables.wait_s == 10:
            raise OSError("no\nfolder")
        self.wait_s = tunables.wait_s


SLIPS: list[tuple[Any, str]] = [
    ({"wait": 2}, "wait: there is no such key; is it wait_s?"),
    ({"most": 2, "zzz": 1}, "zzz: there is no such key"),
    ({"most": "many"}, "most: Input should be a valid integer"),
    (["most"], "Input should be a valid dictionary"),
    ({"most": 7, "wait_s": 10}, "no folder"),
]


@pytest.mark.parametrize(("slip", "reason"), SLIPS)
def test_a_live_replica_keeps_its_last_good_values(
    slip: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> Stage:
        stage = Stage()
        await stage.reconfigure({"most": 5, "wait_s": 2.0})
        await stage.reconfigure(slip)
        return stage

    with caplog.at_level(logging.ERROR, "ray.serve"):
        stage = asyncio.run(run())
    assert (stage.most, stage.wait_s) == (5, 2.0)
    assert stage.refused.startswith(reason)
    assert f"user_config of Stage is refused, what it was before is kept: {reason}" in caplog.text
    asyncio.run(stage.reconfigure({"most": 4}))
    assert (stage.most, stage.wait_s, stage.refused) == (4, 1.0, "")
    asyncio.run(stage.reconfigure(None))
    assert (stage.most, stage.wait_s) == (3, 1.0)


@pytest.mark.parametrize(("slip", "reason"), SLIPS)
def test_a_new_replica_does_not_start_with_a_slip(slip: Any, reason: str) -> None:
    with pytest.raises((ValueError, OSError)):
        asyncio.run(Stage().reconfigure(slip))


def test_a_replica_that_never_had_any_keeps_the_defaults() -> None:
    """One without `user_config`: Ray calls `reconfigure` for the first time when it serves already."""

    async def run() -> Stage:
        stage = Stage()
        await stage.check_health()
        await stage.reconfigure({"most": 7, "wait_s": 10})
        return stage

    stage = asyncio.run(run())
    assert (stage.most, stage.wait_s, stage.refused) == (3, 1.0, "no folder")


def test_what_cannot_be_put_back_ends_nothing_either(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        stage = Stage()
        await stage.reconfigure({})
        stage._kept = Limits(wait_s=10)
        await stage.reconfigure({"wait": 2})

    with caplog.at_level(logging.ERROR, "ray.serve"):
        asyncio.run(run())
    assert "could not be put back" in caplog.text


@pytest.mark.parametrize(
    ("kind", "user_config", "reason"),
    [
        (
            GeneratorTunables,
            {"sampling": {"top": 1}},
            "sampling.top: there is no such key; is it top_",
        ),
        (
            IngressTunables,
            {"jobs": {"drawings": 1}},
            "jobs.drawings: there is no such key; is it dra",
        ),
        (
            AccessTunables,
            {"keys": [{"name": "a", "sha256": "secret"}]},
            "keys.0.sha256: String should",
        ),
    ],
)
def test_reasons_name_the_key_and_not_its_value(
    kind: type[Options], user_config: dict[str, Any], reason: str
) -> None:
    class Other(Tunable[Any]):
        Tunables = kind

    with pytest.raises(ValueError, match="^" + reason.replace("?", r"\?")) as error:
        Other.check(user_config)
    assert "secret" not in str(error.value)
