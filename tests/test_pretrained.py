from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    BartForConditionalGeneration,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
)

from songdalle_core.artifacts import ModelMissing
from songdalle_core.pretrained import PROFILES, Source, length_groups, padded
from songdalle_core.sentiment.encoder import load_classifier
from songdalle_core.summarization.kobart import KoBartSummarizer
from songdalle_core.translation.marian import load_marian
from songdalle_core.translation.nllb import load_nllb


@pytest.mark.usefixtures("_offline")
def test_a_folder_is_loaded_without_a_network(kobart: Path) -> None:
    model = Source(str(kobart), dtype="bfloat16").load_model(BartForConditionalGeneration)
    assert not model.training
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
    assert not any(p.requires_grad for p in model.parameters())


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize("name", [*PROFILES, "somebody/something"])
def test_a_missing_model_says_what_to_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    profile = PROFILES.get(name)
    command = f"download_weights.py {profile}" if profile else f"hf download {name}"
    for load in (
        lambda: Source(name).load_model(BartForConditionalGeneration),
        lambda: Source(name).load_tokenizer(PreTrainedTokenizerFast, "a.json", "b.txt"),
        lambda: Source(name).file("spiece.model"),
    ):
        with pytest.raises(ModelMissing, match=command):
            load()


@pytest.mark.usefixtures("_offline")
def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="neither a folder nor"):
        Source(str(tmp_path / "nowhere")).load_model(BartForConditionalGeneration)
    with pytest.raises(ModelMissing, match="neither a folder nor"):
        Source(str(tmp_path / "nowhere")).file("spiece.model")


@pytest.mark.usefixtures("_offline")
def test_an_incomplete_folder_says_what_is_wrong(kobart: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(kobart, folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelMissing, match=r"is no whole model.*model\.safetensors"):
        Source(str(folder)).load_model(BartForConditionalGeneration)
    with pytest.raises(ModelMissing, match=r"has no spiece\.model"):
        Source(str(folder)).file("spiece.model")


def test_weights_that_would_stay_random_are_refused(kobert_base: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no trained BertForSequence.*no classifier\.bias"):
        Source(str(kobert_base)).load_model(BertForSequenceClassification)


def test_float16_is_for_gpus() -> None:
    assert Source("x", device="cuda:0", dtype="float16").torch_dtype == torch.float16
    with pytest.raises(ValueError, match="float16 needs a GPU, not cpu: give bfloat16"):
        Source("x", dtype="float16")
    with pytest.raises(ValueError, match="give one of float32"):
        Source("x", dtype="int8")  # type: ignore[arg-type]


def test_groups_are_of_like_length_and_within_the_budget() -> None:
    lengths = [3, 50, 4, 48, 5, 200]
    groups = length_groups(lengths, budget=100)
    assert groups == [[5], [1, 3], [4, 2, 0]]
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[i] for i in group) <= 100
    assert length_groups([], budget=9) == []
    assert length_groups(lengths, budget=1000, shortest=0.6) == [[5], [1, 3], [4, 2, 0]]
    assert length_groups([10, 6, 5], budget=1000, shortest=0.6) == [[0, 1], [2]]


def test_rows_are_padded_to_the_right() -> None:
    ids, mask = padded([[7, 8, 9], [5]], 1, "cpu")
    assert ids.tolist() == [[7, 8, 9], [5, 1, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("name", "load", "vocabulary"),
    [
        ("kobart", KoBartSummarizer.load, "tokenizer.json"),
        ("marian", load_marian, "source.spm"),
        ("nllb", load_nllb, "tokenizer.json"),
        ("emotions", load_classifier, "tokenizer.json"),
    ],
)
def test_a_model_without_vocabulary_is_refused(
    name: str, load: Any, vocabulary: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(request.getfixturevalue(name), tmp_path / "copy")
    (tmp_path / "copy" / vocabulary).unlink()
    with pytest.raises(ModelMissing, match="it is not the model wanted here"):
        load(Source(str(tmp_path / "copy")))


@pytest.mark.parametrize(
    ("name", "load"),
    [("kobart", KoBartSummarizer.load), ("marian", load_marian), ("nllb", load_nllb)],
)
def test_weights_of_the_older_layout_are_read(
    name: str, load: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Pickled, with tied embeddings written out and computed positions left out."""
    folder = tmp_path / "copy"
    shutil.copytree(request.getfixturevalue(name), folder)
    state = load_file(folder / "model.safetensors")
    if name != "kobart":  # whose positions are learnt
        state = {key: tensor for key, tensor in state.items() if "embed_positions" not in key}
    tied = ("model.encoder.embed_tokens", "model.decoder.embed_tokens", "lm_head")
    state |= {f"{key}.weight": state["model.shared.weight"] for key in tied}
    (folder / "model.safetensors").unlink()
    torch.save(state, folder / "pytorch_model.bin")
    older, newer = (load(Source(str(f)))._model for f in (folder, request.getfixturevalue(name)))
    for one, other in zip(older.parameters(), newer.parameters(), strict=True):
        assert torch.equal(one, other)
