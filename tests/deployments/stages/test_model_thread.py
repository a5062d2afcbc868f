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
        released = threading.Event()
        slow = asyncio.create_task(model_thread.run(released.wait, 30))
        await asyncio.sleep(0.01)
        released.set()
        assert await slow, "the loop was held up until the call gave up by itself"
        model_thread.stop()

    asyncio.run(run())


def test_a_call_that_hangs_ends_the_process_and_no_other_does() -> None:
    async def run() -> None:
        ended: list[str] = []
        model_thread = ModelThread("test", patience_s=0.6, end=ended.append)
        for _ in range(7):
            await model_thread.run(time.sleep, 0.1)
        assert not ended
        begun, released = threading.Event(), threading.Event()

        def hang() -> None:
            begun.set()
            released.wait(60)

        hanging = asyncio.create_task(model_thread.run(hang))
        assert await asyncio.to_thread(begun.wait, 60)
        hanging.cancel()  # its client is gone, and still every later call would wait for it
        async with asyncio.timeout(60):
            while not ended:
                await asyncio.sleep(0.01)
        released.set()
        assert ended == ["the test has hung for 0.6 s"]
        model_thread.stop()

    asyncio.run(run())


def test_errors_come_back() -> None:
    async def run() -> None:
        with pytest.raises(ZeroDivisionError):
            await ModelThread("test").run(divmod, 1, 0)

    asyncio.run(run())
