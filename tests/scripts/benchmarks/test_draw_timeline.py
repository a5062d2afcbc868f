from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image

from scripts.benchmarks import draw_timeline
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions
from songdalle_core.imagegen.model.generator import load_generator
from tests.serve.tiny_models import write_generator


def test_every_slot_has_one_holder_at_a_time(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    generator = load_generator(write_generator(tmp_path / "tiny"))
    with Engine(generator, EngineOptions(slots=8, width=4)) as engine:
        held, done = draw_timeline.record(engine)
    begun = {(one.slot, one.begins) for one in held}
    assert len(begun) == len(held)
    assert {one.slot for one in held} <= set(range(8))
    assert len(done[0]) == draw_timeline.ARRIVALS[0][1]
    draw_timeline.draw(held, done, 8, tmp_path / "slots.png")
    assert Image.open(tmp_path / "slots.png").width > 800
