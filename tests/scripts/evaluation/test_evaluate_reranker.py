from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from scripts.evaluation import evaluate_reranker
from scripts.evaluation.evaluate_reranker import measure, table
from songdalle_core.reranking import ClipReranker
from tests.scripts.training.clip.toy import ToyScenes


class Knowing(ClipReranker):
    """Knows the colours and the grounds of the toy scenes, and nothing else."""

    def __init__(self) -> None:
        pass

    def rank(self, prompt: str, images: npt.NDArray[np.uint8]) -> list[int]:
        ground = prompt.split(" on a ")[1].split()[0]
        wanted = {"black": (0, 0, 0), "purple": (128, 0, 128), "navy": (0, 0, 128)}.get(ground)
        if wanted is None:
            return list(range(1, len(images)))
        return [int(np.abs(images[:, 0, 0].astype(int) - wanted).sum(1).argmin())]


def test_the_share_of_right_picks_is_told_by_field() -> None:
    figures = {each.name: each for each in measure(Knowing(), ToyScenes(), 40)}
    assert set(figures) == set(ToyScenes.values)
    # one ground in two is known to it
    assert 0.25 < figures["setting"].value < 0.75
    assert figures["setting"].low < figures["setting"].value < figures["setting"].high
    assert figures["setting"].bar == 0.9
    lines = table(list(figures.values())).splitlines()
    assert len(lines) == 2 + len(figures)
    assert next(line for line in lines if line.startswith("| setting")).endswith("90%, missed |")
    assert next(line for line in lines if line.startswith("| place")).endswith("|  |")


def test_bad_options_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, reason in (
        (["--art", str(tmp_path)], "is missing: run"),
        (["--art", str(tmp_path), "--questions", "0"], "at least 1"),
    ):
        with pytest.raises(SystemExit):
            evaluate_reranker.main(options)
        assert reason in capsys.readouterr().err
