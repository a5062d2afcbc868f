from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from scripts.training import train_clip
from scripts.training.clip.attributes import Attributes
from scripts.training.clip.batches import Batches, BatchPlan
from scripts.training.clip.chunks import pixels_tensor
from scripts.training.clip.evaluation import HeldOut, encode_images
from scripts.training.clip.model import ClipShape, build, export_weights, prepare_folder
from scripts.training.clip.trainer import Trainer, TrainOptions, contrastive_loss
from scripts.training.common import HELD_OUT
from scripts.training.train_clip import METRICS, export
from songdalle_core.artifacts import read_sums, sha256
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.reranking import ClipReranker
from tests.scripts.training.clip.toy import ToyScenes

SHAPE = ClipShape(
    image_size=32,
    image_width=8,
    image_layers=(1, 1, 1, 1),
    embed_dim=32,
    context=16,
    text_width=32,
    text_layers=1,
    text_heads=2,
)
PLAN = BatchPlan(batch=64, chunk=128, block=8, groupings=("", "setting", "concept"), families=0)
OPTIONS = TrainOptions(steps=150, lr=4e-3, warmup=10, evaluate_every=150)


@pytest.fixture(scope="module")
def source() -> ToyScenes:
    return ToyScenes()


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory, source: ToyScenes) -> Path:
    words = Tokenizer(models.BPE(unk_token="[UNK]", end_of_word_suffix="</w>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=200,
        special_tokens=["[PAD]", "[UNK]", "[BOS]", "[EOS]"],
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    words.train_from_iterator((source.sample(k).caption for k in range(500)), trainer)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    words.save(str(path))
    return path


@pytest.fixture(scope="module")
def held_out(source: ToyScenes) -> HeldOut:
    return HeldOut.collect(source, SHAPE.image_size, galleries=1, questions=20)


def make_trainer(
    folder: Path,
    tokenizer_file: Path,
    source: ToyScenes,
    held_out: HeldOut,
    plan: BatchPlan = PLAN,
    **changes: Any,
) -> Trainer:
    options = replace(OPTIONS, **changes)
    prepare_folder(folder / "model", tokenizer_file, SHAPE)
    model, tokenizer = build(folder / "model", options.seed)
    batches = Batches(
        ToyScenes, tokenizer, plan, image_size=SHAPE.image_size, seed=options.seed, loader=iter
    )
    attributes = Attributes(source.values, SHAPE.embed_dim)
    return Trainer(model, tokenizer, attributes, batches, held_out, options, folder)


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
    tokenizer_file: Path,
    source: ToyScenes,
    held_out: HeldOut,
) -> Trainer:
    folder = tmp_path_factory.mktemp("run")
    trainer = make_trainer(folder, tokenizer_file, source, held_out)
    trainer.train()
    return trainer


def test_training_learns_to_find_held_out_scenes(trained: Trainer) -> None:
    figures = trained.history[-1]
    assert figures["step"] == OPTIONS.steps
    # chance: 0.01 for retrieval, 1/12 for a question; runs differ by rounding from one machine to the next
    assert figures["text_to_image_r1"] > 0.12
    assert figures["image_to_text_r1"] > 0.12
    assert figures["pick_setting"] > 0.6
    picked = [value for name, value in figures.items() if name.startswith("pick_")]
    assert sum(picked) / len(picked) > 0.3


def test_untrained_model_is_at_chance(
    tmp_path: Path, tokenizer_file: Path, source: ToyScenes, held_out: HeldOut
) -> None:
    trainer = make_trainer(tmp_path, tokenizer_file, source, held_out)
    figures = held_out.measure(trainer.model, trainer.tokenizer)
    assert figures["text_to_image_r1"] < 0.1
    assert figures["image_to_text_r1"] < 0.1


def test_exported_folder_ranks_as_the_trained_model(
    trained: Trainer, tokenizer_file: Path, source: ToyScenes, tmp_path: Path
) -> None:
    (tmp_path / METRICS).write_text("{}")
    parts = tmp_path / "clip", tokenizer_file, SHAPE, tmp_path
    export(trained.model, trained.attributes, *parts)
    path = tmp_path / "clip" / "open_clip_model.safetensors"
    listed = read_sums(tmp_path)
    assert set(listed) == {f"clip/{file.name}" for file in (tmp_path / "clip").iterdir()}
    assert listed["clip/open_clip_model.safetensors"] == sha256(path)
    parameters = sum(p.numel() for p in trained.model.parameters())
    assert path.stat().st_size < 2.3 * parameters + 20_000
    reranker = ClipReranker.load(f"local-dir:{tmp_path / 'clip'}")
    samples = [source.sample(HELD_OUT + k) for k in range(12)]
    images = np.stack([sample.image for sample in samples])
    reader = Recaptioner.of(tmp_path / "clip")
    assert reader is not None
    prompt = reader.caption(samples[3].caption)
    trained.model.eval()
    with torch.inference_mode():
        features = encode_images(trained.model, pixels_tensor(list(images), 32))
        text = trained.model.encode_text(trained.tokenizer([prompt]), normalize=True)
        expected = (trained.model.logit_scale.exp() * features @ text.T)[:, 0].numpy()
    scores = reranker.score(prompt, images)
    np.testing.assert_allclose(scores, expected, atol=0.3)
    assert np.corrcoef(scores, expected)[0, 1] > 0.999


def test_resumed_run_equals_an_uninterrupted_one(
    tmp_path: Path, tokenizer_file: Path, source: ToyScenes, held_out: HeldOut
) -> None:
    plan = replace(PLAN, batch=16, chunk=32, block=4)
    changes = {"plan": plan, "steps": 9, "warmup": 2, "evaluate_every": 4}
    whole = make_trainer(tmp_path / "whole", tokenizer_file, source, held_out, **changes)
    whole.train()
    first = make_trainer(tmp_path / "parts", tokenizer_file, source, held_out, **changes)
    first.train(until=5)
    assert first.step == 5
    torch.manual_seed(99)  # a new process has another state
    second = make_trainer(tmp_path / "parts", tokenizer_file, source, held_out, **changes)
    second.resume()
    assert second.step == 5
    second.train()
    assert second.step == whole.step == 9
    assert [row["step"] for row in second.history] == [4, 8, 9]
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name
    assert whole.history[-1]["text_to_image_r1"] == second.history[-1]["text_to_image_r1"]


def test_checkpoint_of_another_run_is_refused(
    tmp_path: Path, tokenizer_file: Path, source: ToyScenes, held_out: HeldOut
) -> None:
    make_trainer(tmp_path, tokenizer_file, source, held_out, steps=4).train(until=1)
    with pytest.raises(ValueError, match="made with steps 4"):
        make_trainer(tmp_path, tokenizer_file, source, held_out, steps=8).resume()


def test_equal_captions_are_no_negatives() -> None:
    images = torch.eye(3)
    texts = torch.eye(3)
    texts[1] = texts[0]
    scale = torch.tensor(10.0)
    distinct = contrastive_loss(images, texts, scale, torch.tensor([0, 1, 2]))
    merged = contrastive_loss(images, texts, scale, torch.tensor([0, 0, 2]))
    assert merged < distinct


def test_contrastive_loss_is_infonce() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.nn.functional.normalize(torch.randn(5, 8, generator=generator), dim=1)
    texts = torch.nn.functional.normalize(torch.randn(5, 8, generator=generator), dim=1)
    logits = 7.0 * images @ texts.T
    expected = 0.0
    for k in range(5):
        expected -= float(logits[k].log_softmax(0)[k] + logits[:, k].log_softmax(0)[k]) / 10
    loss = contrastive_loss(images, texts, torch.tensor(7.0), torch.arange(5))
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_tokenizer_with_other_special_tokens_is_refused(tmp_path: Path) -> None:
    words = Tokenizer(models.BPE(unk_token="[UNK]"))
    words.add_special_tokens(["[UNK]", "[PAD]"])
    words.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ValueError, match=r"ids 0\.\.3"):
        prepare_folder(tmp_path / "model", tmp_path / "tokenizer.json", SHAPE)


def test_a_generator_needs_its_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--tokenizer", "t.json", "--run", str(tmp_path), "--generator", str(tmp_path)]
    with pytest.raises(SystemExit):
        train_clip.main(words)
    assert "--generator needs --rqvae" in capsys.readouterr().err


def test_embedded_model_is_small_enough(tmp_path: Path, tokenizer_file: Path) -> None:
    prepare_folder(tmp_path, tokenizer_file, ClipShape())
    model, _ = build(tmp_path, 0)
    assert export_weights(model, tmp_path).stat().st_size < 11_000_000
    config = json.loads((tmp_path / "open_clip_config.json").read_text(encoding="utf-8"))
    assert config["model_cfg"]["vision_cfg"]["image_size"] == 64
