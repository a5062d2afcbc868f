"""What a preview shows where nothing is drawn yet."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig
from songdalle_core.imagegen.runtimes.decoding import (
    PixelDecoder,
    blank_features,
    washed_features,
)


def model(colours: int, *, local: bool) -> RQVAE:
    torch.manual_seed(0)
    shape = AutoencoderConfig(
        resolution=32,
        ch=32,
        ch_mult=(1, 1),
        num_res_blocks=1,
        z_channels=32,
        in_channels=colours,
        out_ch=colours,
        patch_size=4,
        local=local,
    )
    return RQVAE(RQVAEConfig(16, 64, (4, 4, 3), shape)).eval()


@pytest.fixture
def codes() -> Tensor:
    return torch.randint(1, 64, (2, 4, 4, 3), generator=torch.Generator().manual_seed(0))


@pytest.fixture
def drawn() -> Tensor:
    return (torch.arange(16) < 6).float().view(1, 4, 4).repeat(2, 1, 1)


def test_undrawn_cells_of_a_layer_have_a_blank_ones_features(codes: Tensor, drawn: Tensor) -> None:
    rqvae = model(4, local=True)
    features = washed_features(rqvae, blank_features(rqvae), codes, drawn)
    embed = rqvae.quantizer.embed
    blank = embed(rqvae.get_codes(torch.full((1, 4, 32, 32), -1.0))).sum(dim=-2)
    expected = torch.where(drawn[..., None] > 0, embed(codes).sum(dim=-2), blank)
    assert torch.allclose(features, expected, atol=1e-6)


def test_codes_beyond_the_drawn_ones_do_not_show(codes: Tensor, drawn: Tensor) -> None:
    decoder = PixelDecoder(model(4, local=True))
    nothing_beyond = codes * drawn[..., None].long()
    pixels = decoder(codes, drawn)
    assert pixels.shape == (2, 32, 32, 4)
    assert torch.equal(pixels, decoder(nothing_beyond, drawn))


def test_nothing_drawn_is_a_blank_layer(codes: Tensor) -> None:
    rqvae = model(4, local=True)
    decoder = PixelDecoder(rqvae)
    nothing = torch.zeros(2, 4, 4)
    blank = rqvae.get_codes(torch.full((2, 4, 32, 32), -1.0))
    assert torch.equal(decoder(codes, nothing), decoder(blank, torch.ones(2, 4, 4)))


@pytest.mark.parametrize(("colours", "local"), [(3, True), (3, False), (4, False)])
def test_others_are_washed_in_the_mean(
    colours: int, local: bool, codes: Tensor, drawn: Tensor
) -> None:
    rqvae = model(colours, local=local)
    assert blank_features(rqvae) is None
    features = washed_features(rqvae, None, codes, drawn)
    mean = features[0].flatten(0, 1)[:6].mean(dim=0)
    assert torch.allclose(features[0].flatten(0, 1)[6:], mean.expand(10, -1), atol=1e-5)
