"""Candidates that take codes over from another: a share of them, or all but a rectangle."""

from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.imagegen.engine.engine import Drawn, Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.engine.requests import Kept, Rectangle
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.runtimes.runtime import Runtime
from songdalle_core.seeds import CoverSeeds

PROMPT = "a painting of a red balloon over the sea"
OPTIONS = EngineOptions(slots=8, width=4, max_waiting=64, decode_width=2)
FREE = SamplingOptions(temperature=1.5)


def drawn(engine: Engine, count: int = 1, seed: int = 5, kept: Kept | None = None) -> list[Drawn]:
    return engine.draw(GenerationRequest(PROMPT, count, seed, FREE, kept=kept))


def test_all_codes_kept_is_the_same_drawing(generator: Generator, runtime: Runtime) -> None:
    with Engine(generator, OPTIONS, runtime) as engine:
        (first,) = drawn(engine)
        kept = Kept(CoverSeeds.of(first.seed), first.latents)
        again = drawn(engine, 3, seed=77, kept=kept)
    for one in again:
        assert np.array_equal(one.latents, first.latents)
        assert np.array_equal(one.layers, first.layers)
        assert one.seed != first.seed


def test_a_rectangle_is_drawn_anew_and_what_follows_it_stays(
    generator: Generator, runtime: Runtime
) -> None:
    with Engine(generator, OPTIONS, runtime) as engine:
        (first,) = drawn(engine)
        part = Rectangle(layer=0, top=1, left=1, height=2, width=1)
        kept = Kept(CoverSeeds.of(first.seed), first.latents, part=part)
        again = drawn(engine, 4, seed=77, kept=kept)
    inside = np.zeros(first.latents.shape[1:3], dtype=bool)
    inside[1:3, 1] = True
    for one in again:
        assert np.array_equal(one.latents[0][~inside], first.latents[0][~inside])
    assert len({one.latents[0][inside].tobytes() for one in again}) > 1


def test_a_share_stays_at_other_places_for_each(generator: Generator) -> None:
    with Engine(generator, OPTIONS) as engine:
        (first,) = drawn(engine)
        kept = Kept(CoverSeeds.of(first.seed), first.latents, share=0.5)
        again = drawn(engine, 4, seed=77, kept=kept)
        beside = drawn(engine, 1)  # who takes nothing over is as before
    masks = [kept.mask(one.seed, 0) for one in again]
    positions = masks[0].size
    for one, mask in zip(again, masks, strict=True):
        assert mask.sum() == positions // 2
        flat, whole = (codes.reshape(positions, -1) for codes in (one.latents[0], first.latents[0]))
        assert np.array_equal(flat[mask], whole[mask])
    assert len({mask.tobytes() for mask in masks}) == 4
    assert np.array_equal(beside[0].latents, first.latents)


def test_seeds_are_taken_over_part_by_part() -> None:
    parent, codes = CoverSeeds(1, 2, 3), np.zeros((1, 4, 4, 2), dtype=np.int64)
    assert Kept(parent, codes).seeds_of(9) == CoverSeeds(1, 9, 9)
    assert Kept(parent, codes, share=0).seeds_of(9) == CoverSeeds(9, 9, 9)
    assert Kept(parent, codes, 0.5, None, True, False).seeds_of(9) == CoverSeeds(1, 2, 9)
    assert Kept(parent, codes, 0.0, None, False, True).seeds_of(9) == CoverSeeds(9, 9, 3)


def test_codes_among_kept_ones_are_drawn_more_freely() -> None:
    codes, seeds = np.zeros((1, 4, 4, 2), dtype=np.int64), CoverSeeds.of(1)
    careful, part = SamplingOptions(temperature=0.3), Rectangle(0, 0, 0, 1, 1)
    assert Kept(seeds, codes, part=part).sampling(careful).temperature == 1
    assert Kept(seeds, codes, share=0.5).sampling(careful).temperature == 1
    assert Kept(seeds, codes, share=0.5).sampling(FREE) == FREE
    for share in (0.0, 1.0):
        assert Kept(seeds, codes, share=share).sampling(careful) == careful


def test_codes_that_cannot_have_been_drawn_are_refused(generator: Generator) -> None:
    strange = np.zeros((1, 3, 3, 2), dtype=np.int64)
    with (
        Engine(generator, OPTIONS) as engine,
        pytest.raises(ValueError, match="the codes to keep are none of"),
    ):
        drawn(engine, kept=Kept(CoverSeeds.of(1), strange))
