from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.sampling import uniforms
from songdalle_core.imagegen.model.textbook import textbook_codes
from songdalle_core.imagegen.runtimes.native.layout import LANES, Weights
from songdalle_core.imagegen.runtimes.native.rows import KernelStepper
from songdalle_core.imagegen.runtimes.stepping import SpatialStep
from tests.imagegen.conftest import SHAPES, reshaped

PROMPT = "a painting of a red balloon over the sea"
SAMPLING = SamplingOptions(temperature=0.9, top_k=20, top_p=0.9, guidance=2.0)
SAMPLING_ALONE = SamplingOptions(temperature=0.9, top_k=20, top_p=0.9)


def step_of(generator: Generator, width: int) -> SpatialStep:
    branches = 2 if generator.guided else 1
    return SpatialStep(generator.transformer, generator.rqvae, width, branches).eval()


def draw(
    generator: Generator,
    count: int,
    threads: int = 1,
    together: bool = False,
    every: int = 0,
    sampling: SamplingOptions = SAMPLING,
) -> Tensor:
    """Codes (count, L, D) of seeds 0, 1, ... drawn side by side, each begun `every` steps later."""
    no_text = generator.tokenizer.unconditional()
    stepper = KernelStepper(step_of(generator, count), no_text, threads, together)
    text, rows = stepper.read(generator.tokenizer.encode(PROMPT)), stepper.rows()
    _, positions, depth = rows.codes.shape
    begin = {row: row * every for row in range(count)}
    for step in range(positions + max(begin.values())):
        for row, first in begin.items():
            if step == first:
                rows.occupy(row, text, uniforms(row, positions, depth), sampling)
            elif step == first + positions:
                rows.release(row)
        rows.step()
    return rows.codes


@pytest.fixture(scope="module")
def alone(generator: Generator) -> Tensor:
    """Codes (30, L, D) of thirty seeds, each drawn by itself."""
    no_text = generator.tokenizer.unconditional()
    stepper = KernelStepper(step_of(generator, 1), no_text, 1)
    text, codes = stepper.read(generator.tokenizer.encode(PROMPT)), []
    for seed in range(30):
        rows = stepper.rows()
        _, positions, depth = rows.codes.shape
        rows.occupy(0, text, uniforms(seed, positions, depth), SAMPLING)
        for _ in range(positions):
            rows.step()
        codes.append(rows.codes[0])
    return torch.stack(codes)


@pytest.mark.parametrize(
    ("count", "threads", "together", "every"),
    [
        (count, threads, bool((row + column) % 2), row % 2)
        for row, count in enumerate((1, 2, 5, 7, 12, 13, 30))
        for column, threads in enumerate((1, 2, 3))
    ],
)
def test_a_row_is_the_same_in_every_crowd(
    generator: Generator, alone: Tensor, count: int, threads: int, together: bool, every: int
) -> None:
    """Bit for bit, whatever the number of rows, their ages, the threads and what those share.

    Every count meets every number of threads, and each of them both ways to share and both ages.
    """
    assert torch.equal(draw(generator, count, threads, together, every), alone[:count])


@pytest.mark.parametrize("changes", SHAPES, ids=str)
def test_every_shape_draws_what_the_textbook_draws(
    generator: Generator, changes: dict[str, object]
) -> None:
    changed = reshaped(generator, **changes)
    expected = textbook_codes(changed, PROMPT, range(3), SAMPLING)
    assert torch.equal(draw(changed, 3), expected.flatten(1, 2))


@pytest.mark.parametrize(
    "sampling",
    [
        SamplingOptions(),
        SamplingOptions(top_k=1),
        SamplingOptions(top_k=5),
        SamplingOptions(top_p=0.5),
        SamplingOptions(temperature=0.3, top_k=40, top_p=0.99),
        SamplingOptions(temperature=3.0, guidance=5.0),
    ],
    ids=str,
)
def test_every_filter_chooses_what_the_textbook_chooses(
    generator: Generator, sampling: SamplingOptions
) -> None:
    stepper = KernelStepper(step_of(generator, 4), generator.tokenizer.unconditional(), 1)
    text, rows = stepper.read(generator.tokenizer.encode(PROMPT)), stepper.rows()
    _, positions, depth = rows.codes.shape
    for row in range(4):
        rows.occupy(row, text, uniforms(row, positions, depth), sampling)
    for _ in range(positions):
        rows.step()
    expected = textbook_codes(generator, PROMPT, range(4), sampling)
    assert torch.equal(rows.codes, expected.flatten(1, 2))


def test_weights_of_half_precision_are_kept_so_and_others_are_not(generator: Generator) -> None:
    exact = reshaped(generator)
    for parameter in exact.transformer.parameters():
        parameter.copy_(parameter.half().float())
    assert Weights(step_of(exact, 1)).model.body.blocks[0].qkv.half == 1
    assert Weights(step_of(reshaped(generator), 1)).model.body.blocks[0].qkv.half == 0
    expected = textbook_codes(exact, PROMPT, [0], SAMPLING).flatten(1, 2)
    assert torch.equal(draw(exact, 1), expected)
    assert torch.equal(draw(exact, 1, 2, together=True), expected)


def test_odd_channels_and_threads_are_refused(generator: Generator) -> None:
    with pytest.raises(ValueError, match=f"multiples of {LANES}"):
        Weights(step_of(reshaped(generator, embed_dim=40), 1))
    for threads in (0, 65):
        with pytest.raises(ValueError, match=f"1 to 64 threads, not {threads}"):
            draw(generator, 1, threads)


def test_logits_that_are_no_numbers_are_drawn_last(generator: Generator) -> None:
    """A NaN has no place in an order and is no integer: the kernel and PyTorch say the same of it."""
    unguided = dataclasses.replace(reshaped(generator), sampling=SAMPLING_ALONE)
    bias = unguided.transformer.classifier.linear.bias
    bias[::3] = torch.nan
    for infinite in (torch.inf, -torch.inf, 0.0):
        bias[1] = infinite
        expected = textbook_codes(unguided, PROMPT, range(3)).flatten(1, 2)
        assert torch.equal(draw(unguided, 3, sampling=SAMPLING_ALONE), expected)
        assert not (expected % 3 == 0).any()
        assert (expected == 1).all() == (infinite == torch.inf)
    bias[:] = torch.nan
    expected = textbook_codes(unguided, PROMPT, range(3)).flatten(1, 2)
    assert torch.equal(draw(unguided, 3, sampling=SAMPLING_ALONE), expected)
    assert len(expected.unique()) > 30, "none is likelier than another"


def test_a_crew_that_finds_no_memory_is_refused(generator: Generator) -> None:
    """In a process of its own, whose memory is bounded."""
    done = subprocess.run(
        [sys.executable, "-c", STARVED], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert (done.returncode, done.stdout.split()) == (0, ["None", "None"]), done.stderr


ROOT = Path(__file__).parents[4]
STARVED = """
import ctypes, resource
from songdalle_core.imagegen.runtimes.native.layout import CLinear, CModel, CStack
from songdalle_core.imagegen.runtimes.native.library import library
kernel, classifier = library(), CLinear(outputs=64)
stack = CStack(count=1, heads=1)
wide = 1 << 22  # channels: 400 MB a buffer
model = CModel(channels=wide, depth=4, positions=16, text=8, vocab=64, branches=1, text_stride=16,
               position_stride=16, body=stack, head=stack, classifiers=ctypes.pointer(classifier))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 28), used + (1 << 28)))
print(kernel.crew_new(ctypes.byref(model), 2, 0))
model.channels = 16  # now what is short are the threads' stacks
print(kernel.crew_new(ctypes.byref(model), 64, 0))
"""
