"""Prompt to the fixed number of text tokens that the transformer reads."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import CharBPETokenizer, Tokenizer
from torch import Tensor

PAD = "[PAD]"


class PromptTokenizer:
    """A BPE of the `tokenizers` library, cut or padded to `length` tokens.

    Raises:
        ValueError: the vocabulary has no [PAD].
    """

    def __init__(self, tokenizer: Tokenizer | CharBPETokenizer, length: int) -> None:
        self._tokenizer = tokenizer
        self.length = length
        pad = tokenizer.token_to_id(PAD)
        if pad is None:
            raise ValueError(f"the vocabulary has no {PAD} token: the model was trained with one")
        self.pad = int(pad)

    @classmethod
    def from_file(cls, path: Path, length: int) -> PromptTokenizer:
        """The vocabulary of a `tokenizer.json`."""
        return cls(Tokenizer.from_file(str(path)), length)

    @classmethod
    def from_char_bpe(cls, folder: Path, length: int) -> PromptTokenizer:
        """The character-level BPE of the released checkpoints, 16,384 tokens.

        Raises:
            FileNotFoundError: one of its two files is not in `folder`.
        """
        vocabulary, merges = folder / "bpe-16k-vocab.json", folder / "bpe-16k-merges.txt"
        for path in (vocabulary, merges):
            if not path.is_file():
                raise FileNotFoundError(f"{path} is missing")
        tokenizer = CharBPETokenizer.from_file(
            str(vocabulary), str(merges), unk_token="[UNK]", lowercase=True
        )
        tokenizer.add_special_tokens([PAD])
        return cls(tokenizer, length)

    def save(self, path: Path) -> None:
        """Write the vocabulary as a `tokenizer.json`."""
        self._tokenizer.save(str(path))

    @property
    def vocab_size(self) -> int:
        """Number of tokens."""
        return int(self._tokenizer.get_vocab_size())

    def encode(self, text: str) -> Tensor:
        """Token ids (length,) int64."""
        return self.encode_many([text])[0]

    def encode_many(self, texts: list[str]) -> Tensor:
        """Token ids (N, length) int64."""
        rows = []
        for encoding in self._tokenizer.encode_batch([text.lower() for text in texts]):
            ids = encoding.ids[: self.length]
            rows.append(ids + [self.pad] * (self.length - len(ids)))
        return torch.tensor(rows, dtype=torch.int64).view(len(texts), self.length)

    def unconditional(self) -> Tensor:
        """The tokens of "no text" (length,): what guidance leads away from."""
        return torch.full((self.length,), self.pad, dtype=torch.int64)
