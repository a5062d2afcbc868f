"""Text models with random weights, in the files and formats of the published ones.

They speak nonsense, but load, batch and cost what the published ones do: `TINY` for tests, the other
sizes for speed. Vocabularies are trained on the project's own lyrics.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    BertTokenizer,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MarianConfig,
    MarianMTModel,
    NllbTokenizer,
    PreTrainedTokenizerFast,
)

from songdalle_core.moods import MOODS

ROOT = Path(__file__).resolve().parents[3]
KOBART_SPECIAL = ["<s>", "</s>", "<usr>", "<pad>", "<sys>", "<unk>", "<mask>"]
LEARNT = 4000  # with more, so little text would give a token for every word
NLLB_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


@dataclass(frozen=True)
class Size:
    """Dimensions of a transformer; tokenizers learn at most `LEARNT` of the vocabulary."""

    layers: int
    width: int
    heads: int
    feed_forward: int
    positions: int
    vocabulary: int


TINY = Size(1, 32, 2, 64, 130, 1000)
KOBART = Size(6, 768, 16, 3072, 1026, 30_000)
KOBERT = Size(12, 768, 12, 3072, 512, 8_002)
MARIAN = Size(6, 512, 8, 2048, 512, 65_001)


def lyrics() -> list[str]:
    """Lyric lines of the project, Korean and English."""
    lines = (ROOT / "loadtests" / "lines.txt").read_text(encoding="utf-8").splitlines()
    songs = (ROOT / "scripts/data/mood_passages.jsonl").read_text(encoding="utf-8").splitlines()
    return [*lines, *(line for song in songs for line in json.loads(song)["text"].split("\n"))]


def write_kobart(folder: Path, size: Size = TINY, texts: Sequence[str] | None = None) -> Path:
    """BART with KoBART's special tokens and its wrong `forced_eos_token_id`."""
    tokenizer = _bpe(texts or lyrics(), size.vocabulary, KOBART_SPECIAL)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        unk_token="<unk>", mask_token="<mask>",
    ).save_pretrained(folder)  # fmt: skip
    config = BartConfig(
        **_seq2seq(size), vocab_size=max(size.vocabulary, tokenizer.get_vocab_size()),
        bos_token_id=0, eos_token_id=1, pad_token_id=3, decoder_start_token_id=2,
        forced_eos_token_id=2,
    )  # fmt: skip
    return _saved(BartForConditionalGeneration, config, folder)


def write_kobert(
    folder: Path,
    size: Size = TINY,
    *,
    head: bool = True,
    texts: Sequence[str] | None = None,
) -> Path:
    """BERT with KoBERT's SentencePiece vocabulary, with a head for the moods or without."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = _sentencepiece(
        texts or lyrics(), size.vocabulary, unk_id=0, unk_piece="[UNK]", pad_id=1,
        pad_piece="[PAD]", bos_id=-1, eos_id=-1, control_symbols=["[CLS]", "[SEP]", "[MASK]"],
    )  # fmt: skip
    (folder / "spiece.model").write_bytes(pieces)
    names: dict[int, str] = dict(enumerate(MOODS))
    config = BertConfig(
        vocab_size=size.vocabulary, hidden_size=size.width, num_hidden_layers=size.layers,
        num_attention_heads=size.heads, intermediate_size=size.feed_forward,
        max_position_embeddings=size.positions, pad_token_id=1,
        id2label=names, label2id={mood: i for i, mood in names.items()},
    )  # fmt: skip
    return _saved(BertForSequenceClassification if head else BertModel, config, folder)


def write_classifier(folder: Path, labels: Sequence[str], size: Size = TINY) -> Path:
    """A BERT classifier with a WordPiece vocabulary and labels of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = sorted(set("".join(lyrics())) - {" "})
    pieces = [*special, *letters, *(f"##{letter}" for letter in letters)]
    numbered = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = BertTokenizer(vocab=numbered, do_lower_case=False)  # which would part Hangul
    tokenizer.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=size.width, num_hidden_layers=size.layers,
        num_attention_heads=size.heads, intermediate_size=size.feed_forward,
        max_position_embeddings=size.positions, id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )  # fmt: skip
    return _saved(BertForSequenceClassification, config, folder)


def write_marian(folder: Path, size: Size = TINY, texts: Sequence[str] | None = None) -> Path:
    """MarianMT with two SentencePiece models over one vocabulary, as OPUS-MT publishes it."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = _sentencepiece(texts or lyrics(), size.vocabulary - 1)
    (folder / "source.spm").write_bytes(pieces)
    shutil.copy(folder / "source.spm", folder / "target.spm")
    model = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    names = [model.id_to_piece(i) for i in range(model.get_piece_size())]
    names = ["</s>", "<unk>", *(n for n in names if n not in ("<s>", "</s>", "<unk>")), "<pad>"]
    _write_json(folder / "vocab.json", {name: i for i, name in enumerate(names)})
    _write_json(folder / "tokenizer_config.json", {"source_lang": "ko", "target_lang": "en"})
    padding = len(names) - 1
    config = MarianConfig(
        **_seq2seq(size), vocab_size=max(size.vocabulary, len(names)), eos_token_id=0, forced_eos_token_id=0,
        pad_token_id=padding, decoder_start_token_id=padding,
    )  # fmt: skip
    return _saved(MarianMTModel, config, folder, spread=1.0)


def write_nllb(folder: Path, size: Size = TINY, texts: Sequence[str] | None = None) -> Path:
    """NLLB: M2M100 with a tokenizer that knows its 202 languages."""
    plain = json.loads(_bpe(texts or lyrics(), size.vocabulary, NLLB_SPECIAL).to_str())["model"]
    merges: Any = [tuple(merge) for merge in plain["merges"]]
    tokenizer = NllbTokenizer(vocab=plain["vocab"], merges=merges)
    tokenizer.save_pretrained(folder)
    config = M2M100Config(
        **_seq2seq(size), vocab_size=len(tokenizer), bos_token_id=0, pad_token_id=1,
        eos_token_id=2, decoder_start_token_id=2, scale_embedding=True,
    )  # fmt: skip
    return _saved(M2M100ForConditionalGeneration, config, folder, spread=1.0)


def _seq2seq(size: Size) -> dict[str, Any]:
    sides = ("encoder", "decoder")
    return {
        "d_model": size.width,
        "max_position_embeddings": size.positions,
        **{f"{side}_layers": size.layers for side in sides},
        **{f"{side}_attention_heads": size.heads for side in sides},
        **{f"{side}_ffn_dim": size.feed_forward for side in sides},
    }


def _bpe(texts: Iterable[str], vocabulary: int, special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=min(vocabulary, LEARNT), special_tokens=special, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _sentencepiece(texts: Sequence[str], vocabulary: int, **options: Any) -> bytes:
    """A unigram model of at most `vocabulary` pieces, fewer where the texts do not give as many."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=written, vocab_size=min(vocabulary, LEARNT),
        hard_vocab_limit=False, character_coverage=0.98, minloglevel=2, **options,
    )  # fmt: skip
    return written.getvalue()


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _saved(kind: Any, config: Any, folder: Path, spread: float = 0.2) -> Path:
    """A model of random weights; a small one's spread far enough for its outputs to differ."""
    torch.manual_seed(0)
    config.init_std = config.initializer_range = spread if config.hidden_size < 100 else 0.02
    kind(config).eval().save_pretrained(folder)
    return folder
