"""The adapter, on a stand-in that is laid out and called like the reference."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from scripts.benchmarks import benchmark_generator
from scripts.benchmarks.generator.reference import ReferenceSampler, ReferenceUnusable
from scripts.benchmarks.generator.textbook import TextbookSampler
from songdalle_core.imagegen.model.generator import Generator, load_generator
from songdalle_core.imagegen.model.options import SamplingOptions
from tests.serve.tiny_models import write_generator

CONFIGS = """
from dataclasses import dataclass

@dataclass
class Block:
    n_head: int = 1

@dataclass
class RQTransformerConfig:
    block: Block = Block()  # refused by Python 3.11 as it stands

    @classmethod
    def create(cls, words):
        return words

class OmegaConf:
    @staticmethod
    def create(words):
        return words
"""
MODEL = """
import torch
from songdalle_core.imagegen.model.rqtransformer import RQTransformer as Ours
from songdalle_core.imagegen.model.rqtransformer import RQTransformerConfig as OurConfig, StackConfig
from .configs import RQTransformerConfig

class RQTransformer(Ours):
    def __init__(self, words):
        words = dict(words)
        words["block_size"] = tuple(words["block_size"])
        for name in ("body", "head"):
            block = dict(words[name]["block"])
            assert block.pop("embed_dim") == words["embed_dim"]
            words[name] = StackConfig(n_layer=words[name]["n_layer"], **block)
        super().__init__(OurConfig(**words))

    def sample(self, empty, model_aux, cond, temperature, top_k, top_p):
        codes = empty.flatten(1, 2)
        for position in range(codes.shape[1]):
            for depth in range(codes.shape[2]):
                vectors, _ = model_aux.get_code_emb_with_depth(codes)
                logits = self(codes, vectors, cond)[:, position, depth] / temperature
                least = logits.topk(top_k, dim=-1).values[:, -1:]
                chances = logits.masked_fill(logits < least, -torch.inf).softmax(-1)
                codes[:, position, depth] = torch.multinomial(chances, 1)[:, 0]
        return codes.view_as(empty)
"""


@pytest.fixture(scope="module")
def generator_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_generator(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def generator(generator_folder: Path) -> Generator:
    torch.set_num_threads(1)
    return load_generator(generator_folder)


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Path]:
    package = tmp_path / "rqvae" / "models" / "rqtransformer"
    package.mkdir(parents=True)
    (package / "configs.py").write_text(CONFIGS)
    (package / "__init__.py").write_text(MODEL)
    yield tmp_path
    for name in [name for name in sys.modules if name.split(".")[0] == "rqvae"]:
        del sys.modules[name]


def test_it_has_the_weights_and_the_text(generator: Generator, reference: Path) -> None:
    """With one code to choose from it has to draw what the textbook's sampler draws."""
    sampling = SamplingOptions(top_k=1, guidance=1.0)
    greedy = dataclasses.replace(generator, sampling=sampling)
    pictures, seconds = ReferenceSampler(greedy, reference).draw("the sea", 2, seed=0)
    assert torch.equal(pictures, TextbookSampler(greedy).draw("the sea", 2, seed=0)[0])
    assert seconds.autoregression > 0 < seconds.decode
    assert str(reference) not in sys.path
    assert dataclasses.dataclass.__module__ == "dataclasses"


def test_seeds_draw_different_pictures(generator: Generator, reference: Path) -> None:
    sampler = ReferenceSampler(generator, reference)
    first, again, other = (sampler.draw("the sea", 2, seed)[0] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_benchmark_measures_it(
    generator_folder: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--shape", generator_folder, "--candidates", "2", "--runs", 1, "--warm-ups", 0]
    words += ["--width", 2, "--threads", 1, "--runtime", "torch", "--reference", reference]
    benchmark_generator.main([str(word) for word in words])
    output = capsys.readouterr().out
    assert "| reference | 2 |" in output
    assert "Engine to reference:" in output


def test_another_folder_is_refused(generator_folder: Path, tmp_path: Path) -> None:
    words = ["--shape", str(generator_folder), "--reference", str(tmp_path)]
    with pytest.raises(SystemExit, match=r"is no copy of kakaobrain/rq-vae-transformer"):
        benchmark_generator.main(words)


def test_what_it_imports_is_named(generator: Generator, reference: Path) -> None:
    (reference / "rqvae/models/rqtransformer/__init__.py").write_text("import no_such_package\n")
    with pytest.raises(ReferenceUnusable, match=r"no_such_package.*install"):
        ReferenceSampler(generator, reference)
