"""What the training scripts share."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from scripts.training.common import Progress, cosine, recall, remember


def test_schedule_warms_up_and_decays() -> None:
    rates = [cosine(step, 100, 1.0, warmup=10) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.06
    assert all(a >= b for a, b in pairwise(rates[10:]))


def test_freed_memory_is_kept_where_the_c_library_can() -> None:
    script = (
        "import resource, torch\n"
        "from scripts.training.common import keep_memory\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    for _ in range(40): torch.ones(16_000_000)\n"  # 64 MB: 15,600 pages
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "print(faults(), keep_memory(), faults())"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    given_back, possible, reused = done.stdout.split()
    assert possible == "False" or int(reused) < int(given_back) / 2


def test_progress_says_how_long_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(steps=2, batch=8)
    progress.update(0, loss=1.0)
    progress.update(1, loss=3.0)
    line = capsys.readouterr().out
    assert "step 2/2" in line
    assert "loss 2.0000" in line
    assert "min left" in line


def test_what_was_measured_before_an_interruption_is_measured_again(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        remember(tmp_path, step, {"loss": 1.0})
    remember(tmp_path, 20, {"loss": 0.5})
    assert recall(tmp_path) == [{"step": 10, "loss": 1.0}, {"step": 20, "loss": 0.5}]
