from __future__ import annotations

import pytest

from scripts.benchmarks.generator.agreement import Way, measure_agreement
from songdalle_core.imagegen.model.generator import Generator, load_generator
from tests.serve.tiny_models import write_generator


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    return load_generator(write_generator(tmp_path_factory.mktemp("models") / "tiny"))


def test_the_kernel_draws_the_same_at_every_width(generator: Generator) -> None:
    native = [Way("native", width, 1) for width in (4, 3, 4)]
    pairs = [(native[0], native[1]), (native[0], native[2])]
    for agreement in measure_agreement(generator, 6, pairs):
        assert agreement.codes == 1.0
        assert agreement.pixels == 1.0


def test_pixels_differ_where_codes_do(generator: Generator) -> None:
    torch, native = Way("torch", 4, 1), Way("native", 4, 1)
    (agreement,) = measure_agreement(generator, 4, [(native, torch)])
    assert 0 <= agreement.pixels <= agreement.codes <= 1
