from __future__ import annotations

import torch

from scripts.training.rqtransformer.batches import CORRUPTED, LayerBatches, some_positions
from tests.scripts.training.rqvae.small import small_rqvae

LAYERS, CELLS = 6, 16


def batches() -> LayerBatches:
    """Six layers, each of one code all over, that is its number; texts are numbers as well."""
    codes = torch.arange(LAYERS)[:, None, None].expand(LAYERS, CELLS, 2).contiguous()
    return LayerBatches(codes, torch.arange(LAYERS)[:, None], small_rqvae().quantizer)


def test_every_epoch_has_every_layer_once() -> None:
    made = batches()
    seen = made.get(range(LAYERS, 2 * LAYERS)).texts[:, 0].tolist()
    assert sorted(seen) == list(range(LAYERS))
    assert seen != made.get(range(LAYERS)).texts[:, 0].tolist()
    across = made.get(range(4, 8)).texts[:, 0].tolist()
    whole = [*made.get(range(LAYERS)).texts[:, 0].tolist(), *seen]
    assert across == whole[4:8]


def test_corrupt_cells_are_read_but_never_predicted() -> None:
    made = batches()
    shares = []
    for step in range(40):
        batch = made.get(range(4 * step, 4 * step + 4))
        assert torch.equal(batch.codes, batch.texts[:, :, None].expand_as(batch.codes))
        true = made.quantizer.embed(batch.codes)
        wrong = (batch.read != true).flatten(2).any(dim=2)  # (B, L)
        nothing = (batch.read == 0).flatten(2).all(dim=2)
        known = made.quantizer.embed(made.codes)[:, 0]  # of each layer
        others = batch.read[wrong & ~nothing]
        assert all((known == cell).flatten(1).all(dim=1).any() for cell in others)
        shares.append(wrong.float().mean())
    assert 0.2 < float(torch.stack(shares).mean()) < CORRUPTED / 2
    same, again = made.get(range(8, 12)), made.get(range(8, 12))
    assert torch.equal(same.read, again.read)


def test_measures_read_layers_as_they_are() -> None:
    made = batches()
    batch = made.whole(slice(2, 4))
    assert torch.equal(batch.read, made.quantizer.embed(made.codes[2:4]))
    assert batch.texts[:, 0].tolist() == [2, 3]


def test_positions_are_given_by_the_place() -> None:
    chosen = some_positions(range(5, 7), 64, 16)
    assert chosen.shape == (2, 16)
    assert all(len(set(row.tolist())) == 16 for row in chosen)
    assert torch.equal(some_positions(range(6, 7), 64, 16)[0], chosen[1])
