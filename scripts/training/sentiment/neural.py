"""Two small networks, trained from scratch, that the linear classifier is compared with.

Neither is shipped. The fastText-style bag follows Joulin et al., "Bag of Tricks for Efficient Text
Classification" (EACL 2017); the transformer is a two-layer encoder over characters.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from scripts.training.sentiment.linear import Matrix
from songdalle_core.moods import MOODS
from songdalle_core.sentiment.features import Terms, normalise

BUCKETS = 50_000
BAG_WIDTH = 64
BAG_EPOCHS = 20
LONGEST = 128
WIDTH, HEADS, LAYERS, EPOCHS, BATCH = 64, 4, 2, 12, 32
PADDING, UNKNOWN = 0, 1


class Bag(nn.Module):
    """Mean of the vectors of hashed n-grams and morphemes, then a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.vectors = nn.EmbeddingBag(BUCKETS, BAG_WIDTH, mode="mean")
        self.out = nn.Linear(BAG_WIDTH, len(MOODS))

    def forward(self, rows: Tensor, starts: Tensor) -> Tensor:
        """Logits (texts, moods) of concatenated rows, each text beginning at its start."""
        found: Tensor = self.out(functional.dropout(self.vectors(rows, starts), 0.3, self.training))
        return found


class Encoder(nn.Module):
    """Transformer encoder over characters; the mean of its states goes to a linear layer."""

    def __init__(self, characters: int) -> None:
        super().__init__()
        self.characters = nn.Embedding(characters, WIDTH, padding_idx=PADDING)
        self.positions = nn.Parameter(torch.zeros(LONGEST, WIDTH))
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, 0.2, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.out = nn.Linear(WIDTH, len(MOODS))

    def forward(self, codes: Tensor) -> Tensor:
        """Logits (texts, moods) of character codes (texts, characters)."""
        padding = codes == PADDING
        states = self.characters(codes) + self.positions[: codes.shape[1]]
        states = self.layers(states, src_key_padding_mask=padding)
        kept = (~padding).unsqueeze(-1).float()  # (texts, characters, 1)
        logits: Tensor = self.out((states * kept).sum(1) / kept.sum(1).clamp(min=1))
        return logits


def bag_logits(
    known: Sequence[Terms], labels: NDArray[np.int64], unseen: Sequence[Terms], seed: int
) -> Matrix:
    """Logits (unseen, moods) of a fastText-style bag trained on `known`."""
    torch.manual_seed(seed)
    model, rows = Bag(), [_hashed(terms) for terms in known]
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    target = torch.from_numpy(labels)
    for _ in range(BAG_EPOCHS):
        for batch in torch.randperm(len(rows)).split(BATCH):
            loss = functional.cross_entropy(
                model(*_joined([rows[i] for i in batch.tolist()])), target[batch]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        return np.asarray(model(*_joined([_hashed(terms) for terms in unseen])).double())


def encoder_logits(
    known: Sequence[str], labels: NDArray[np.int64], unseen: Sequence[str], seed: int
) -> Matrix:
    """Logits (unseen, moods) of a small transformer trained on the texts `known`."""
    torch.manual_seed(seed)
    codes = {c: i + 2 for i, c in enumerate(sorted(set("".join(map(normalise, known)))))}
    model, texts = Encoder(len(codes) + 2), _coded(known, codes)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    target, steps = torch.from_numpy(labels), EPOCHS * -(-len(known) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(texts)).split(BATCH):
            loss = functional.cross_entropy(
                model(_trimmed(texts[batch])), target[batch], label_smoothing=0.1
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.no_grad():
        parts = [model(_trimmed(part)) for part in _coded(unseen, codes).split(128)]
    return np.asarray(torch.cat(parts).double())


def _hashed(terms: Terms) -> list[int]:
    names = [*terms.characters, *(f"m:{name}" for name in terms.morphemes)]
    return [zlib.crc32(name.encode()) % BUCKETS for name in names] or [0]


def _joined(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    starts = np.cumsum([0, *(len(row) for row in rows[:-1])])
    return torch.tensor([i for row in rows for i in row]), torch.from_numpy(starts)


def _coded(texts: Sequence[str], codes: dict[str, int]) -> Tensor:
    table = torch.full((len(texts), LONGEST), PADDING)
    for row, text in zip(table, texts, strict=True):
        found = [codes.get(c, UNKNOWN) for c in normalise(text)[:LONGEST]]
        row[: len(found)] = torch.tensor(found)
    return table


def _trimmed(codes: Tensor) -> Tensor:
    return codes[:, : int((codes != PADDING).sum(1).max())]
