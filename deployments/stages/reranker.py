"""Reranker: how well each picture fits the prompt."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ray import serve

from deployments.config.base import Device
from deployments.config.pictures import AnyReranker, PolicyOptions
from deployments.config.tuning import Tunable
from deployments.config.user_config import RerankerTunables, Thresholds
from deployments.contract.covers import MAX_CANDIDATES
from deployments.contract.messages import Judgement, StageInfo
from deployments.stages.model_thread import ModelThread

LOCAL_DIR = "local-dir:"


@serve.deployment(name="Reranker")
class Reranker(Tunable[RerankerTunables]):
    """CLIP scores and the policy's look at the pictures, computed in one worker thread."""

    Tunables = RerankerTunables

    def __init__(
        self, options: AnyReranker, device: Device, policy: PolicyOptions | None = None
    ) -> None:
        # Imported here: the process that builds the graph imports this module and needs no torch.
        import torch

        from deployments.stages.devices import choose_device
        from songdalle_core.policy.nudenet import NudeNet
        from songdalle_core.policy.pictures import PictureCheck
        from songdalle_core.reranking import ClipReranker

        policy = policy or PolicyOptions()
        torch.set_num_threads(options.threads)
        self._model = ClipReranker.load(
            options.model, options.pretrained, choose_device(device), options.dtype
        )
        self._reads_summary = options.text == "summary"
        self._name = public_name(options)
        self._check = PictureCheck() if policy.pictures else None
        self._panel = self._model.read(self._check.texts) if self._check else None
        self._nudenet = NudeNet() if policy.nudenet else None
        self._side = max(self._model.side, self._nudenet.side if self._nudenet else 0)
        self._thresholds = Thresholds()
        self._thread = ModelThread("reranker")
        self._judge("warm up", np.zeros((MAX_CANDIDATES, 128, 128, 3), dtype=np.uint8))

    async def tune(self, tunables: RerankerTunables) -> None:
        """Take over other thresholds and another patience."""
        self._thresholds = tunables.thresholds
        self._thread.patience_s = tunables.patience_s

    async def judge(
        self, prompt: str, images: npt.NDArray[np.uint8], summary: str = ""
    ) -> list[Judgement]:
        """A score for each image of uint8 (N, H, W, 3), and whether it may be shown.

        Args:
            prompt: what was drawn, in English.
            images: of one prompt.
            summary: in the song's own language; read in the prompt's place where the options say so.

        Raises:
            RuntimeError: the model gave something that is no number.
        """
        text = summary if self._reads_summary and summary else prompt
        return await self._thread.run(self._judge, text, images)

    def _judge(self, text: str, images: npt.NDArray[np.uint8]) -> list[Judgement]:
        from songdalle_core.reranking import DECIMALS

        similarities, logits = self._model.compare(text, images, self._panel)
        scores = [round(float(score), DECIMALS) for score in similarities]
        if not (all(map(math.isfinite, scores)) and np.isfinite(logits).all()):
            raise RuntimeError(f"the reranker's model {self._model.name} gave {scores}")
        verdicts = self._verdicts(images, logits)
        return [Judgement(*parts) for parts in zip(scores, verdicts, strict=True)]

    def _verdicts(
        self, images: npt.NDArray[np.uint8], logits: npt.NDArray[np.float32]
    ) -> list[str | None]:
        """For each image the subject for which it must not be shown, or None."""
        from songdalle_core.policy.nudenet import SUBJECT

        limits = self._thresholds.model_dump(exclude_none=True)
        verdicts: list[str | None] = [None] * len(images)
        if self._check:
            verdicts = self._check.verdicts(logits, limits)
        if self._nudenet and "exposed" in limits:
            exposed = self._nudenet.exposure(images) >= limits["exposed"]
            verdicts = [
                v or (SUBJECT if s else None) for v, s in zip(verdicts, exposed, strict=True)
            ]
        return verdicts

    async def describe(self) -> StageInfo:
        """Judge a small picture and say what runs here."""
        await self.judge("warm up", np.zeros((1, 64, 64, 3), dtype=np.uint8))
        reads = "summary" if self._reads_summary else "prompt"
        details: dict[str, str | int | float] = {
            "device": str(self._model.device),
            "text": reads,
            "side": self._side,
        }
        return StageInfo("reranker", self._name, details, self.refused)


def public_name(options: AnyReranker) -> str:
    """The model's name for clients, who need not know where a folder or file lies."""
    if options.model == "embedded":
        return "clip-embedded"
    if options.model.startswith(LOCAL_DIR):
        return Path(options.model.removeprefix(LOCAL_DIR)).name
    weights = options.pretrained and Path(options.pretrained).name
    return "/".join(filter(None, (options.model, weights)))
