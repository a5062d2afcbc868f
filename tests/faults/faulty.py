"""The application with faults that tests switch on: `import_path: tests.faults.faulty:build`.

A fault is armed by a file in the folder SONGDALLE_FAULTS; the first process that comes by takes the file away
and has the fault. Poison is in the lyrics, and works on every process that touches it.

No `from __future__ import annotations` here: see deployments/app.py.
"""

import os
import signal
import time
from pathlib import Path
from typing import Any

from ray import serve
from ray.serve import Application

from deployments import app
from deployments.config.application import AppOptions
from deployments.contract.messages import SummaryRequest
from deployments.stages.generator import Generator
from deployments.stages.summarizer import Summarizer
from songdalle_core.summarization import Summary

FOLDER = "SONGDALLE_FAULTS"
RAISES, KILLS = "mistletoe", "hemlock"
"""Words in lyrics: the first is a bug that raises, the second one that takes the process along."""
HOUR = 3600.0


def armed(fault: str) -> bool:
    """Whether the fault was armed and is this process's now."""
    try:
        (Path(os.environ[FOLDER]) / fault).unlink()
    except FileNotFoundError:
        return False
    return True


@serve.deployment(name="Summarizer")
class FaultySummarizer(Summarizer.func_or_class):  # type: ignore[misc,name-defined]
    """Hangs when armed, and is poisoned by words."""

    def _summarize_many(self, orders: list[SummaryRequest]) -> list[Summary]:
        if armed("summarizer hangs"):
            time.sleep(HOUR)
        sung = " ".join(line for order in orders for line in order.lines).lower()
        if RAISES in sung:
            raise RuntimeError("poisoned")
        if KILLS in sung:
            os.kill(os.getpid(), signal.SIGKILL)
        summaries: list[Summary] = super()._summarize_many(orders)
        return summaries


@serve.deployment(name="Generator")
class FaultyGenerator(Generator.func_or_class):  # type: ignore[misc,name-defined]
    """Its engine's thread fails or hangs in a step when armed."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        step = self._engine._step

        def faulty() -> None:
            if armed("engine fails"):
                raise RuntimeError("injected")
            if armed("engine hangs"):
                time.sleep(HOUR)
            step()

        self._engine._step = faulty


def build(args: AppOptions) -> Application:
    """`deployments.app:build` with the faulty stages in the places of the sound ones."""
    sound = app.Summarizer, app.Generator
    app.Summarizer, app.Generator = FaultySummarizer, FaultyGenerator
    try:
        return app.build(args)
    finally:
        app.Summarizer, app.Generator = sound
