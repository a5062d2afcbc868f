"""The local autoencoder: a drawing's codes are its own, wherever it stands and whatever is beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig, from_pixels, to_pixels
from songdalle_core.imagegen.model.local import LocalBlock, LocalDecoder, LocalEncoder
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig

SHAPE = AutoencoderConfig(
    resolution=64,
    ch=16,
    ch_mult=(1, 2),
    num_res_blocks=1,
    z_channels=32,
    in_channels=4,
    out_ch=4,
    patch_size=4,
    local=True,
)
CELL = 8  # pixels of a cell's side


@pytest.fixture
def rqvae() -> RQVAE:
    torch.manual_seed(0)
    return RQVAE(RQVAEConfig(16, 64, (8, 8, 3), SHAPE, shared_codebook=False)).eval()


@pytest.fixture
def pictures() -> Tensor:
    return 2 * torch.rand(2, 4, 64, 64, generator=torch.Generator().manual_seed(1)) - 1


def cell(row: int, column: int) -> tuple[slice, slice]:
    return (
        slice(row * CELL, (row + 1) * CELL),
        slice(column * CELL, (column + 1) * CELL),
    )


def test_shapes(rqvae: RQVAE, pictures: Tensor) -> None:
    assert isinstance(rqvae.encoder, LocalEncoder)
    assert isinstance(rqvae.decoder, LocalDecoder)
    assert rqvae.encoder(pictures).shape == (2, 32, 8, 8)
    codes = rqvae.get_codes(pictures)
    assert codes.shape == (2, 8, 8, 3)
    assert rqvae.decode(codes).shape == pictures.shape
    assert rqvae(pictures)[0].shape == pictures.shape


@pytest.mark.parametrize("patch", [1, 2, 4])
@pytest.mark.parametrize("colours", [3, 4])
def test_the_decoder_reaches_the_resolution(patch: int, colours: int) -> None:
    shape = replace(SHAPE, ch_mult=(1, 3, 2), patch_size=patch, out_ch=colours, num_res_blocks=0)
    latent = shape.latent_resolution
    assert LocalDecoder(shape)(torch.randn(1, 32, latent, latent)).shape == (1, colours, 64, 64)


def test_a_cell_has_the_same_features_wherever_it_stands(rqvae: RQVAE, pictures: Tensor) -> None:
    drawing = torch.rand(4, CELL, CELL)
    places = [(0, 0, 0), (0, 3, 5), (1, 7, 7), (1, 2, 0)]
    for picture, row, column in places:
        pictures[(picture, slice(None), *cell(row, column))] = drawing
    features, codes = rqvae.encode(pictures), rqvae.get_codes(pictures)
    first, *others = places
    for place in others:
        assert torch.allclose(features[place], features[first], atol=1e-5)
        assert torch.equal(codes[place], codes[first])


def test_codes_move_with_the_drawing_by_whole_cells(rqvae: RQVAE, pictures: Tensor) -> None:
    moved = pictures.roll((2 * CELL, -3 * CELL), dims=(2, 3))
    assert torch.equal(rqvae.get_codes(moved), rqvae.get_codes(pictures).roll((2, -3), dims=(1, 2)))


def test_a_pixel_depends_on_cells_nearby_alone(rqvae: RQVAE) -> None:
    for name, weight in rqvae.decoder.named_parameters():
        if name.endswith("conv2.weight"):  # zeros as yet
            torch.nn.init.kaiming_normal_(weight)
    features = torch.randn(1, 8, 8, 16)
    changed = features.clone()
    changed[0, :, 0] += 1
    with torch.no_grad():
        apart = (rqvae.decode_features(changed) - rqvae.decode_features(features)).abs()[0]
    assert apart[..., :CELL].max() > 1e-3
    # cells to the right: 1 by `conv_in`, 2 and 2/2 by the levels' blocks, 1/2 by `conv_out`
    assert apart[..., 6 * CELL :].max() < 1e-6


def test_blocks_begin_without_looking_around() -> None:
    block = LocalBlock(16)
    x = torch.randn(1, 16, 6, 6)
    added = block(x) - x
    assert torch.allclose(added, added[..., :1, :1].expand_as(added), atol=1e-6)


def test_four_channels_are_pixels_and_back() -> None:
    pixels = torch.randint(0, 256, (2, 4, 4, 4), dtype=torch.uint8)
    assert torch.equal(to_pixels(from_pixels(pixels)), pixels)
