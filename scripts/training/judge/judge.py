"""The trained judge, read from a run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.torch import load_file

from scripts.training.judge.evaluation import probabilities
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeNet, JudgeShape, shrunk
from scripts.training.saving import save_weights

LABELS_FILE, SHAPE_FILE, WEIGHTS_FILE = "labels.json", "shape.json", "judge.safetensors"


@dataclass(frozen=True)
class Verdict:
    """Probabilities (N, labels) of each head for N pictures."""

    labels: Labels
    probabilities: Mapping[str, npt.NDArray[np.float32]]

    def first(self, head: str) -> list[str]:
        """The likeliest label of each picture."""
        names = self.labels.names[head]
        return [names[k] for k in self.probabilities[head].argmax(axis=1)]

    def named(self, head: str, accepted: Sequence[str], top: int = 1) -> npt.NDArray[np.bool_]:
        """Whether an accepted label is among each picture's `top` likeliest ones (N,).

        Raises:
            ValueError: the judge does not know a label.
        """
        numbers = [self.labels.number(head, name) for name in accepted]
        ranked = np.argsort(-self.probabilities[head], axis=1, kind="stable")[:, :top]
        return np.asarray(np.isin(ranked, numbers).any(axis=1))


class Judge:
    """Names the subject, setting, mood and style of pictures of any size."""

    def __init__(self, model: JudgeNet, labels: Labels) -> None:
        self.labels = labels
        self._model = model.eval()

    @classmethod
    def load(cls, folder: Path) -> Judge:
        """Read the folder that `scripts/training/train_judge.py` wrote.

        Raises:
            FileNotFoundError: a file is missing.
            ValueError: the files do not belong together.
        """
        for name in (LABELS_FILE, SHAPE_FILE, WEIGHTS_FILE):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"{folder / name} is missing: train it by train_judge.py")
        labels = Labels.read(folder / LABELS_FILE)
        raw = json.loads((folder / SHAPE_FILE).read_text(encoding="utf-8"))
        shape = JudgeShape(raw["stem"], tuple(raw["widths"]), tuple(raw["blocks"]))
        model = JudgeNet(labels.sizes, shape)
        try:
            model.load_state_dict(load_file(folder / WEIGHTS_FILE))
        except RuntimeError as error:
            raise ValueError(f"{folder}: the weights fit neither labels nor shape") from error
        return cls(model, labels)

    def look(self, pictures: npt.NDArray[np.uint8]) -> Verdict:
        """Judge pictures uint8 (N, H, W, 3), shrunk as the training scenes were."""
        of_heads = probabilities(self._model, shrunk(list(pictures)))
        return Verdict(self.labels, {head: value.numpy() for head, value in of_heads.items()})


def save_judge(folder: Path, model: JudgeNet, labels: Labels, shape: JudgeShape) -> None:
    """Write what `Judge.load` reads; weights in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    labels.write(folder / LABELS_FILE)
    (folder / SHAPE_FILE).write_text(json.dumps(asdict(shape)) + "\n", encoding="utf-8")
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    save_weights(folder / WEIGHTS_FILE, state)
