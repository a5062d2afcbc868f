from __future__ import annotations

import pytest
import torch

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig, from_pixels, to_pixels
from songdalle_core.imagegen.model.rqvae import RQVAE, Codebook, RQVAEConfig

CONFIG = AutoencoderConfig(
    resolution=32, ch=32, ch_mult=(1, 2), num_res_blocks=1, z_channels=32, attn_resolutions=(16,)
)


def model(shared: bool = True, **changes: object) -> RQVAE:
    torch.manual_seed(0)
    config = RQVAEConfig(16, 32, (16, 16, 3), CONFIG, shared_codebook=shared)
    return RQVAE(config)


def test_shapes_and_parameter_names() -> None:
    rqvae = model().eval()
    images = torch.randn(2, 3, 32, 32)
    codes = rqvae.get_codes(images)
    assert codes.shape == (2, 16, 16, 3)
    assert rqvae.decode(codes).shape == images.shape
    # names of the published checkpoints
    assert {
        "encoder.down.0.block.0.norm1.weight",
        "encoder.down.0.downsample.conv.weight",
        "encoder.mid.attn_1.proj_out.weight",
        "decoder.up.1.upsample.conv.weight",
        "decoder.up.1.attn.1.q.weight",
        "quantizer.codebooks.2.embed_ema",
        "quant_conv.weight",
        "post_quant_conv.bias",
    } <= set(rqvae.state_dict())


def test_residual_quantisation_by_hand() -> None:
    rqvae = model().eval()
    features = torch.randn(1, 16, 16, 16)
    codes = rqvae.quantizer(features).codes
    book = rqvae.quantizer.codebook(0).weight[:-1]
    residual = features[0, 3, 5]
    for d in range(3):
        nearest = (residual - book).pow(2).sum(1).argmin()
        assert codes[0, 3, 5, d] == nearest
        residual = residual - book[nearest]
    total = rqvae.quantizer(features).features[0, 3, 5]
    assert torch.allclose(features[0, 3, 5] - residual, total, atol=1e-5)


def test_more_depths_come_closer() -> None:
    quantizer = model().eval().quantizer
    vectors = quantizer.codebook(0).weight[:-1]
    features = (vectors[:16] + vectors[16:]).view(1, 4, 4, 16)  # sums of two entries
    codes = quantizer(features).codes
    sums = quantizer.embed(codes).cumsum(dim=-2)
    errors = (features.unsqueeze(-2) - sums).pow(2).mean(dim=(0, 1, 2, 4))
    assert errors[1] < errors[0] < features.pow(2).mean()


def test_shared_and_separate_codebooks() -> None:
    shared, separate = model(True).quantizer, model(False).quantizer
    assert shared.codebooks[0] is shared.codebooks[2]
    assert separate.codebooks[0] is not separate.codebooks[2]


def test_codebook_follows_its_vectors_and_revives_unused_entries() -> None:
    torch.manual_seed(0)
    book = Codebook(8, 2, decay=0.5)
    centres = torch.tensor([[5.0, 5.0], [-5.0, 5.0], [5.0, -5.0], [-5.0, -5.0]])
    for _ in range(60):
        vectors = centres.repeat(25, 1) + 0.1 * torch.randn(100, 2)
        book.update(vectors, book.nearest(vectors))
    distances = torch.cdist(centres, book.weight[:8])
    assert (distances.min(dim=1).values < 0.3).all()
    assert book.weight[8].eq(0).all()  # the padding row never moves


def test_straight_through_gradients_reach_the_encoder() -> None:
    rqvae = model()
    output, quantized = rqvae(torch.randn(1, 3, 32, 32))
    (output.mean() + quantized.commitment_loss).backward()
    gradient = rqvae.encoder.conv_in.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0


def test_learns_to_reconstruct() -> None:
    rqvae = model()
    images = torch.zeros(8, 3, 32, 32)
    for i in range(8):
        images[i, i % 3, 4 * (i % 4) : 4 * (i % 4) + 12, 8:24] = 1.0
    optimizer = torch.optim.AdamW([p for p in rqvae.parameters() if p.requires_grad], lr=3e-3)
    losses = []
    for _ in range(40):
        output, quantized = rqvae(images)
        loss = (output - images).abs().mean()
        optimizer.zero_grad()
        (loss + 0.25 * quantized.commitment_loss).backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_patches_reach_the_same_shapes() -> None:
    folded = AutoencoderConfig(
        resolution=32, ch=32, ch_mult=(1,), num_res_blocks=1, z_channels=32, patch_size=2
    )
    rqvae = RQVAE(RQVAEConfig(16, 32, (16, 16, 2), folded)).eval()
    images = torch.randn(1, 3, 32, 32)
    assert rqvae.decode(rqvae.get_codes(images)).shape == images.shape


def test_refuses_a_code_shape_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        RQVAE(RQVAEConfig(16, 32, (8, 8, 3), CONFIG))


def test_pixels_round_trip() -> None:
    pixels = torch.randint(0, 256, (2, 4, 4, 3), dtype=torch.uint8)
    assert torch.equal(to_pixels(from_pixels(pixels)), pixels)
    assert to_pixels(torch.full((1, 3, 2, 2), 9.0)).max() == 255
