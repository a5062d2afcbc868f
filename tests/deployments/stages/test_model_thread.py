from __future__ import annotations

import asyncio
import threading
import time

import pytest

from deployments.stages.model_thread import ModelThread


def test_work_runs_in_one_thread_beside_the_loop() -> None:
    async def run() -> None:
        model_thread = ModelThread("test")
        names = await asyncio.gather(*[model_thread.run(threading.get_ident) for _ in range(5)])
        assert len(set(names)) == 1
        assert names[0] != threading.get_ident()
        model_thread.stop()

    asyncio.run(run())


def test_the_loop_stays_free() -> None:
    async def run() -> None:
        model_thread = ModelThread("test")
        slow = asyncio.create_task(model_thread.run(time.sleep, 0.3))
        started = time.perf_counter()
        await asyncio.sleep(0.01)
        assert time.perf_counter() - started < 0.25
        await slow
        model_thread.stop()

    asyncio.run(run())


def test_a_call_that_hangs_ends_the_process_and_no_other_does() -> None:
    async def run() -> None:
        ended: list[str] = []
        model_thread = ModelThread("test", patience_s=0.3, end=ended.append)
        for _ in range(8):
            await model_thread.run(time.sleep, 0.1)
        assert not ended
        released = threading.Event()
        hanging = asyncio.create_task(model_thread.run(released.wait, 30))
        await asyncio.sleep(0.05)
        hanging.cancel()  # its client is gone, and still every later call would wait for it
        async with asyncio.timeout(20):
            while not ended:
                await asyncio.sleep(0.01)
        released.set()
        assert ended == ["the test has hung for 0.3 s"]
        model_thread.stop()

    asyncio.run(run())


def test_errors_come_back() -> None:
    async def run() -> None:
        with pytest.raises(ZeroDivisionError):
            await ModelThread("test").run(divmod, 1, 0)

    asyncio.run(run())
