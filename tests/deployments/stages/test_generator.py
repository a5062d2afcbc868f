"""The Generator deployment's own class over a real engine, without Ray around it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from deployments.config.pictures import (
    CheckpointGenerator,
    DiffusersGenerator,
    EngineSizes,
    FinishOptions,
    FolderGenerator,
)
from deployments.contract.errors import Overloaded, StageUnavailable, Unsupported
from deployments.contract.messages import Delivery, DrawRequest, FinishRequest, KeptCover
from deployments.stages.generator import Generator
from songdalle_core.drawings import CoverDrawing
from songdalle_core.imagegen.model.options import DenoisingOptions, SamplingOptions
from songdalle_core.seeds import CoverSeeds
from tests.imagegen.denoisers.tiny_pipelines import write_pipeline
from tests.imagegen.model.test_checkpoints import write_checkpoint
from tests.serve.tiny_models import write_generator

SIZES = EngineSizes(slots=4, width=4, max_waiting=8, decode_width=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_generator(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def generator(folder: Path) -> Iterator[Any]:
    made = Generator.func_or_class(FolderGenerator(folder=folder, threads=1, engine=SIZES), "cpu")
    yield made
    made.stop()


async def collect(generator: Any, drawing: DrawRequest) -> list[Any]:
    return [cover async for covers in generator.draw(drawing) for cover in covers]


async def settle(generator: Any) -> dict[str, Any]:
    end = time.monotonic() + 30
    while (now := await generator.stats())["occupied"] or now["waiting"]:
        assert time.monotonic() < end
        await asyncio.sleep(0.02)
    return dict(now)


def test_a_drawing_can_go_on_where_another_ended(generator: Any) -> None:
    whole = asyncio.run(collect(generator, DrawRequest("the sea", 5, seed=9)))
    rest = asyncio.run(collect(generator, DrawRequest("the sea", 2, seed=9, first=3)))
    seeds = {cover.candidate: cover.seed for cover in whole}
    assert {cover.candidate: cover.seed for cover in rest} == {0: seeds[3], 1: seeds[4]}


def test_a_whole_step_was_drawn_before_it_is_ready(generator: Any) -> None:
    assert asyncio.run(settle(generator))["drawn"] == SIZES.width


def test_every_candidate_is_streamed(generator: Any) -> None:
    drawn = asyncio.run(collect(generator, DrawRequest("the sea", 6, seed=2**32 - 2)))
    assert sorted(cover.candidate for cover in drawn) == list(range(6))
    seeds = {cover.candidate: cover.seed for cover in drawn}
    assert seeds[0] == 2**32 - 2
    assert len(set(seeds.values())) == 6
    assert all(0 <= seed < 2**32 for seed in seeds.values())
    for cover in drawn:
        assert cover.judged.shape == (64, 64, 3)
        assert cover.judged.dtype == np.uint8


def test_covers_are_handed_over_together_where_nobody_looks_on(generator: Any) -> None:
    async def handed(delivery: Delivery) -> list[int]:
        asked = DrawRequest("the sea", 5, seed=2, delivery=delivery)
        return [len(covers) async for covers in generator.draw(asked)]

    assert asyncio.run(handed(Delivery(together=3))) == [3, 2]
    assert asyncio.run(handed(Delivery(streamed=True, together=3))) == [1] * 5


def test_previews_come_before_what_they_show(generator: Any) -> None:
    """A quick decoder may miss some, so many are asked for."""

    async def run() -> list[Any]:
        made = []
        for seed in range(10):
            made.append(await collect(generator, DrawRequest("the sea", 4, seed=seed, previews=8)))
        return made

    shown = 0
    for drawn in asyncio.run(run()):
        finished = [cover for cover in drawn if cover.fraction == 1]
        assert sorted(cover.candidate for cover in finished) == list(range(4))
        for index, cover in enumerate(drawn):
            if cover.fraction < 1:
                shown += 1
                assert cover.candidate in {later.candidate for later in drawn[index + 1 :]}
    assert shown


def test_leaving_the_stream_frees_the_slots(generator: Any) -> None:
    async def run() -> None:
        for _ in range(20):  # on a busy machine all may be drawn before this one leaves
            before = (await settle(generator))["drawn"]
            stream = generator.draw(DrawRequest("the sea", 8, seed=1))
            await anext(stream)
            await stream.aclose()
            drawn = (await settle(generator))["drawn"] - before
            if drawn < 8:
                break
        assert drawn < 8
        assert len(await collect(generator, DrawRequest("the sea", 4, seed=1))) == 4

    asyncio.run(run())


def test_a_full_queue_names_the_wait(generator: Any) -> None:
    async def run() -> None:
        await generator.reconfigure({"retry_after_s": 9})
        drawing = DrawRequest("the sea", 8, seed=1)
        answers = await asyncio.gather(
            *[collect(generator, drawing) for _ in range(6)], return_exceptions=True
        )
        refused = [a for a in answers if isinstance(a, Overloaded)]
        assert refused
        assert refused[0].retry_after == 9
        assert all(len(a) == 8 for a in answers if isinstance(a, list))

    asyncio.run(run())


def test_sampling_is_the_clients_then_the_operators_then_the_models(generator: Any) -> None:
    own = generator._drawing.model.sampling
    asyncio.run(generator.reconfigure({"sampling": {"temperature": 0.5, "guidance": 3.0}}))
    sampling = generator._request(DrawRequest("x", 1, 0, temperature=0.7, top_k=0)).sampling
    assert (sampling.temperature, sampling.top_k) == (0.7, 0)
    assert (sampling.guidance, sampling.top_p) == (3.0, own.top_p)


def test_slots_change_in_place(generator: Any) -> None:
    async def run() -> None:
        await generator.reconfigure({"slots": 8})
        stream = generator.draw(DrawRequest("the sea", 8, seed=1))
        await anext(stream)
        assert len(generator._engine._groups) == 2
        await stream.aclose()
        await generator.reconfigure({"slots": 6})
        assert "multiple of width" in (await generator.describe()).refused
        await collect(generator, DrawRequest("the sea", 8, seed=1))
        assert len(generator._engine._groups) == 2
        await generator.reconfigure({})
        await settle(generator)
        await collect(generator, DrawRequest("the sea", 1, seed=1))
        assert len(generator._engine._groups) == 1

    asyncio.run(run())


def test_an_engine_that_stopped_is_unhealthy(generator: Any) -> None:
    async def run() -> None:
        await generator.check_health()
        assert (await generator.describe()).details["resolution"] == 64
        generator._engine.stop()
        with pytest.raises(StageUnavailable):
            await generator.check_health()
        with pytest.raises(StageUnavailable):
            await generator.describe()
        with pytest.raises(StageUnavailable):
            await collect(generator, DrawRequest("x", 1, 0))

    asyncio.run(run())


def test_the_type_of_the_products_is_an_option(folder: Path) -> None:
    options = FolderGenerator(
        folder=folder, threads=1, engine=SIZES, runtime="torch", dtype="bfloat16"
    )
    made = Generator.func_or_class(options, "cpu")
    try:
        assert made._drawing.model.transformer.pos_emb_d.dtype == torch.bfloat16
        assert len(asyncio.run(collect(made, DrawRequest("the sea", 2, seed=1)))) == 2
    finally:
        made.stop()


def test_guidance_is_refused_where_it_was_not_trained(generator: Any) -> None:
    model = generator._drawing.model
    generator._drawing.model = replace(model, sampling=SamplingOptions())
    with pytest.raises(ValueError, match="not trained for guidance"):
        asyncio.run(generator.reconfigure({"sampling": {"guidance": 2.0}}))


@pytest.mark.parametrize("name", ["cc3m", "mindalle"])
def test_published_checkpoints_draw_as_the_gpu_configurations_run_them(
    name: str, tmp_path: Path
) -> None:
    options = CheckpointGenerator(
        folder=write_checkpoint(name, tmp_path / name),
        runtime="torch",
        dtype="bfloat16",
        threads=1,
        engine=SIZES,
    )
    made = Generator.func_or_class(options, "cpu")
    try:
        asked = DrawRequest("the sea", 6, seed=1, delivery=Delivery(upscale=2))
        drawn = asyncio.run(collect(made, asked))
        assert sorted(cover.candidate for cover in drawn) == list(range(6))
        assert len({cover.judged.tobytes() for cover in drawn}) == 6
        assert asyncio.run(made.describe()).model == name
    finally:
        made.stop()


@pytest.fixture
def denoiser(tmp_path: Path) -> Iterator[Any]:
    options = DiffusersGenerator(
        model=str(write_pipeline("stable_diffusion", tmp_path / "pipeline")),
        steps=4,
        width=64,
        height=64,
        threads=1,
        engine=SIZES,
    )
    made = Generator.func_or_class(options, "cpu")
    yield made
    made.stop()


def test_a_denoiser_draws_with_previews_and_seeds(denoiser: Any) -> None:
    drawing = DrawRequest("the sea", 3, seed=9, previews=3)
    drawn = asyncio.run(collect(denoiser, drawing))
    finished = {one.candidate: one for one in drawn if one.fraction == 1}
    previews = [one for one in drawn if one.fraction < 1]
    assert {one.fraction for one in previews} == {0.5}
    again = asyncio.run(collect(denoiser, DrawRequest("the sea", 1, seed=9)))[0]
    assert np.array_equal(finished[0].judged, again.judged)
    assert finished[0].judged.shape == (64, 64, 3)
    info = asyncio.run(denoiser.describe())
    assert (info.model, info.details["runtime"]) == ("pipeline", "diffusers")


def test_a_denoiser_that_is_left_holds_no_slot(denoiser: Any) -> None:
    async def leave() -> None:
        async for _ in denoiser.draw(DrawRequest("the sea", 8, seed=1)):
            break

    asyncio.run(leave())
    assert asyncio.run(settle(denoiser))["cancelled"] > 0


def test_a_denoisers_steps_are_the_operators_and_no_clients_sampling(denoiser: Any) -> None:
    asyncio.run(denoiser.reconfigure({"sampling": {"steps": 7, "guidance": 2.0}}))
    assert denoiser._request(DrawRequest("x", 1, 0)).sampling == DenoisingOptions(7, 2.0)
    with pytest.raises(Unsupported, match="draws without top_k: leave it out"):
        asyncio.run(collect(denoiser, DrawRequest("x", 1, 0, top_k=5)))
    asyncio.run(denoiser.reconfigure({"sampling": {"temperature": 0.5}}))
    assert re.search(
        r"sampling\.temperature: .* diffusers draws without: leave it out; it has steps, guidance",
        asyncio.run(denoiser.describe()).refused,
    )
    assert denoiser._request(DrawRequest("x", 1, 0)).sampling == DenoisingOptions(7, 2.0)


def test_a_denoiser_keeps_no_codes_of_another_cover(tmp_path: Path) -> None:
    options = DiffusersGenerator(
        model=str(write_pipeline("stable_diffusion", tmp_path / "pipeline")),
        steps=2,
        width=64,
        height=64,
        threads=1,
        engine=SIZES,
        finish=FinishOptions(side=128),
    )
    made = Generator.func_or_class(options, "cpu")
    seeds, codes = CoverSeeds.of(3), np.zeros((1, 8, 8, 4), np.uint16)
    try:
        asked = DrawRequest("the sea", 1, 0, kept=KeptCover(seeds, codes, 0.5))
        with pytest.raises(Unsupported, match=r"keeps none: leave parent\.rank out") as refused:
            asyncio.run(collect(made, asked))
        assert refused.value.field == "parent.rank"
        assert asyncio.run(made.finish_anew(FinishRequest("x", seeds, codes, 256, 128))) is None
        (drawn,) = asyncio.run(collect(made, DrawRequest("the sea", 1, 3)))
        assert drawn.judged.shape == (128, 128, 3)
        assert CoverDrawing.unpacked(drawn.drawing).codes is None
    finally:
        made.stop()


def test_a_name_on_the_hub_needs_a_revision() -> None:
    with pytest.raises(ValueError, match="pin its revision"):
        DiffusersGenerator(model="owner/name", steps=4, width=512, height=512)


def test_steps_are_refused_by_a_code_model(generator: Any) -> None:
    with pytest.raises(ValueError, match=r"sampling\.steps: .* folder draws without"):
        asyncio.run(generator.reconfigure({"sampling": {"steps": 5}}))
