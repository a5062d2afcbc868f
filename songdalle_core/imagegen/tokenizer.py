"""Prompt to the fixed number of text tokens that the transformer reads."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

PAD = "[PAD]"


class PromptTokenizer:
    """A `tokenizers` BPE, cut or padded to `length` tokens.

    Raises:
        ValueError: the vocabulary has no [PAD].
    """

    def __init__(self, path: Path, length: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self.length = length
        pad = self._tokenizer.token_to_id(PAD)
        if pad is None:
            raise ValueError(f"{path} has no {PAD} token: the model was trained with one")
        self.pad = int(pad)

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
