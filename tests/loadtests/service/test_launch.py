from __future__ import annotations

import asyncio

import pytest

from loadtests.service.client import NotReady
from loadtests.service.launch import launched


def test_what_cannot_start_says_why() -> None:
    """Serve reads the config before it starts a cluster, so that this failure comes soon."""

    async def run() -> None:
        async with launched([{"name": "broken", "route_prefix": "/broken"}]):
            raise AssertionError("it started")

    with pytest.raises(NotReady, match="import_path"):
        asyncio.run(run())
