from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import FILE, Subject, Vocabulary
from songdalle_core.imagegen.model.generator import Generator, load_generator, save_generator


def test_loads_what_was_saved(generator: Generator) -> None:
    assert generator.resolution == 32
    assert generator.sampling.top_k == 32
    assert not generator.transformer.training
    assert not any(p.requires_grad for p in generator.rqvae.parameters())
    # the shared codebook is one tensor under every depth's name
    book = generator.rqvae.quantizer.codebook(3).weight
    assert book is generator.rqvae.quantizer.codebook(0).weight
    assert book[:-1].abs().sum() > 0


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "transformer.safetensors"])
def test_names_the_missing_file(generator_folder: Path, tmp_path: Path, file: str) -> None:
    folder = shutil.copytree(generator_folder, tmp_path / "copy")
    (folder / file).unlink()
    with pytest.raises(FileNotFoundError, match=file):
        load_generator(folder)


def test_refuses_weights_of_another_model(generator_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(generator_folder, tmp_path / "copy")
    state = load_file(folder / "transformer.safetensors")
    del state["pos_emb_hw"]
    state["surprise"] = torch.zeros(1)
    save_file(state, folder / "transformer.safetensors")
    with pytest.raises(ValueError, match=r"missing.*pos_emb_hw.*unknown.*surprise"):
        load_generator(folder)


def test_refuses_sampling_that_makes_no_sense(generator_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(generator_folder, tmp_path / "copy")
    config = json.loads((folder / "config.json").read_text())
    config["sampling"]["top_p"] = 2.0
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="top_p"):
        load_generator(folder)


def test_prompts_are_cut_and_padded(generator: Generator) -> None:
    ids = generator.tokenizer.encode("Red HEART zebra")
    assert ids.shape == (8,)
    assert ids.tolist()[3:] == [generator.tokenizer.pad] * 5
    assert ids[2] == 1  # an unknown word
    assert generator.tokenizer.encode("a " * 50).tolist() == [2] * 8
    assert generator.tokenizer.unconditional().tolist() == [0] * 8


def test_prompts_are_read_as_the_folders_captions(
    generator: Generator, generator_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(generator_folder, folder)
    Vocabulary((Subject("balloon", "a balloon"),), {}, {}, styles={"painting": "painting"}).write(
        folder / FILE
    )
    loaded = load_generator(folder)
    prompt = "a painting of holding balloons over the sea"
    assert loaded.captions(prompt, 0) == ("a painting of a balloon",)
    assert generator.captions(prompt, 0) == (prompt,)
    save_generator(tmp_path / "again", loaded)
    assert Recaptioner.of(tmp_path / "again") is not None


def test_a_generator_of_layers_has_a_caption_for_each(
    layered_generator: Generator, tmp_path: Path
) -> None:
    save_generator(tmp_path / "layers", layered_generator)
    loaded = load_generator(tmp_path / "layers")
    captions = loaded.captions("a cat and a bird by the sea", 3)
    assert len(captions) == 3
    assert [caption.split()[-1] for caption in captions] == ["cat", "bird", "shore"]
    assert captions == layered_generator.captions("a cat and a bird by the sea", 3)
    assert loaded.planner is not None
