"""The page in a real Chromium, over the real routes; only the models behind them are stand-ins.

tests/serve/test_page.py has the journey once more over the real models.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from deployments.api.application import build_api
from deployments.api.service import Service as Application
from deployments.config.application import SurveyOptions
from deployments.contract.messages import CandidatePicture, DrawRequest
from deployments.pipeline.stage_calls import Stages
from deployments.stages.encoding import Pixels, picture_of, preview_of
from songdalle_core.songs import Catalogue
from tests.deployments.conftest import Fake, Handle
from tests.web.browsers import launched
from tests.web.provider import MemoryProvider

HERE = Path(__file__).parent
PATIENCE_MS = 20_000
STAGES = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")

OpenPage = Callable[..., Page]
_running = ExitStack()


class Painter(Fake):
    """Draws one colour a candidate, with previews.

    It stops before each preview while `held`, and before each finished cover while that or `unfinished`.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.held = threading.Event()
        self.unfinished = threading.Event()
        self.drawn = 0
        self.asked: list[DrawRequest] = []
        self.codes: npt.NDArray[np.uint16] | None = None  # of every cover

    async def draw(self, drawing: DrawRequest) -> AsyncIterator[Sequence[CandidatePicture]]:
        """Four steps, then the covers."""
        self.asked.append(drawing)
        for step in range(1, 5):
            await self._turn(self.held)
            for i in range(drawing.candidates):
                yield (
                    preview_of(self._pixels(drawing, i), drawing, i, _seed(drawing, i), step / 5),
                )
        for i in range(drawing.candidates):
            await self._turn(self.held, self.unfinished)
            self.drawn += 1
            pixels, seed = self._pixels(drawing, i), _seed(drawing, i)
            yield (picture_of(pixels, drawing, i, seed, self.name, codes=self.codes),)

    @staticmethod
    async def _turn(*stops: threading.Event) -> None:
        await asyncio.sleep(0.01)
        while any(stop.is_set() for stop in stops):
            await asyncio.sleep(0.01)

    @staticmethod
    def _pixels(drawing: DrawRequest, i: int) -> Pixels:
        words = [_seed(drawing, i), *drawing.prompt.encode()]
        colour = np.random.default_rng(words).integers(0, 256, 3)
        return np.broadcast_to(colour.astype(np.uint8), (64, 64, 3)).copy()


def _seed(drawing: DrawRequest, i: int) -> int:
    return (drawing.seed + i) % 2**32


class Service:
    """The application on a free port, on a thread of its own; `wrap` puts something before it."""

    def __init__(
        self,
        folder: Path,
        wrap: Callable[[Any], Any] = lambda app: app,
        survey: SurveyOptions | None = None,
    ) -> None:
        self.painter = Painter("generator")
        fakes = {name: Fake(name) for name in STAGES} | {"generator": self.painter}
        stages = Stages(**{name: Handle(fake) for name, fake in fakes.items()})
        self.application = Application(stages, folder, upscale=1, survey=survey)
        app = build_api(self.application, catalogue=Catalogue((MemoryProvider(),)))
        config = uvicorn.Config(
            wrap(app), host="127.0.0.1", port=0, log_level="critical", timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        end = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < end, "uvicorn does not start"
            time.sleep(0.01)
        self.port = int(self._server.servers[0].sockets[0].getsockname()[1])

    def stop(self) -> None:
        """End it, whoever is still connected."""
        self.painter.held.clear()
        self.painter.unfinished.clear()
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """Close the browser when the tests of another folder begin: its driver holds the thread's event loop."""
    yield
    if nextitem is None or HERE not in nextitem.path.parents:
        _running.close()


@pytest.fixture(scope="session")
def browser() -> Browser:
    return _running.enter_context(launched())


@pytest.fixture
def open_page(browser: Browser, service: Service) -> Iterator[OpenPage]:
    """Opens the page as a new visitor would; whatever the browser complained of fails the test."""
    contexts = []
    complaints: list[str] = []

    def complain(text: str) -> None:
        if "Failed to load resource" not in text:  # a refusal, which the page is to handle
            complaints.append(text)

    def open_one(
        path: str = "/", *, port: int | None = None, ready: str = "#styles .chip", **options: Any
    ) -> Page:
        options = {"locale": "en-US", "reduced_motion": "reduce"} | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complain(str(error)))
        page.on(
            "console", lambda message: complain(message.text) if message.type == "error" else None
        )
        page.goto(f"http://127.0.0.1:{port or service.port}{path}")
        page.locator(ready).first.wait_for(state="attached")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
