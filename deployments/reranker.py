"""Reranker: how well each picture fits the prompt."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ray import serve

from deployments.messages import StageInfo
from deployments.options import AnyReranker, Device
from deployments.worker import Worker

LOCAL_DIR = "local-dir:"
LARGEST = 24  # candidates of a request, at most


@serve.deployment(
    name="Reranker",
    num_replicas=1,
    max_ongoing_requests=32,
    max_queued_requests=200,
    graceful_shutdown_timeout_s=60,
    health_check_period_s=10,
    health_check_timeout_s=30,
    ray_actor_options={"num_cpus": 0.2, "num_gpus": 0},
)
class Reranker:
    """CLIP scores, computed in one worker thread."""

    def __init__(self, options: AnyReranker, device: Device) -> None:
        # Imported here: the process that builds the graph imports this module and needs no torch.
        import torch

        from deployments.devices import choose_device
        from songdalle_core.reranking import ClipReranker

        torch.set_num_threads(options.threads)
        self._model = ClipReranker.load(
            options.model, options.pretrained, choose_device(device), options.dtype
        )
        self._reads_summary = options.text == "summary"
        self._name = public_name(options)
        self._worker = Worker("reranker")
        self._score("warm up", np.zeros((LARGEST, 128, 128, 3), dtype=np.uint8))

    async def score(
        self, prompt: str, images: npt.NDArray[np.uint8], summary: str = ""
    ) -> list[float]:
        """A score for each image of uint8 (N, H, W, 3), greater for a better fit.

        Args:
            prompt: what was drawn, in English.
            images: of one prompt.
            summary: in the song's own language; read in the prompt's place where the options say so.

        Raises:
            RuntimeError: the model gave something that is no number.
        """
        text = summary if self._reads_summary and summary else prompt
        return await self._worker.run(self._score, text, images)

    def _score(self, text: str, images: npt.NDArray[np.uint8]) -> list[float]:
        from songdalle_core.reranking import DECIMALS

        scores = [round(float(s), DECIMALS) for s in self._model.score(text, images)]
        if not all(map(math.isfinite, scores)):
            raise RuntimeError(f"the reranker's model {self._model.name} gave {scores}")
        return scores

    async def describe(self) -> StageInfo:
        """Score a small picture and say what runs here."""
        await self.score("warm up", np.zeros((1, 64, 64, 3), dtype=np.uint8))
        reads = "summary" if self._reads_summary else "prompt"
        return StageInfo("reranker", self._name, {"device": str(self._model.device), "text": reads})

    async def check_health(self) -> None:
        """The event loop answers: that is all there is to check."""


def public_name(options: AnyReranker) -> str:
    """The model's name for clients, who need not know where a folder or file lies."""
    if options.model == "embedded":
        return "clip-embedded"
    if options.model.startswith(LOCAL_DIR):
        return Path(options.model.removeprefix(LOCAL_DIR)).name
    weights = options.pretrained and Path(options.pretrained).name
    return "/".join(filter(None, (options.model, weights)))
