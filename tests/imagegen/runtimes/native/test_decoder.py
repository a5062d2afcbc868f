"""The kernel's decoder against PyTorch's, in shapes of released models and in odd ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig
from songdalle_core.imagegen.runtimes.decoding import PixelDecoder
from songdalle_core.imagegen.runtimes.native.decoder import KernelDecoder

SMALL = AutoencoderConfig(
    resolution=32, ch=32, ch_mult=(1, 2), num_res_blocks=1, z_channels=48, attn_resolutions=(16,)
)
CONFIGS = {
    "attention in a level, shortcut, colours padded": RQVAEConfig(16, 64, (16, 16, 2), SMALL),
    "odd size: tiles reach over the edge": RQVAEConfig(
        16, 64, (9, 9, 2), replace(SMALL, resolution=18)
    ),
    "three levels, patches": RQVAEConfig(
        32, 64, (8, 8, 4), replace(SMALL, resolution=128, ch_mult=(1, 1, 2), patch_size=4)
    ),
    "as wide as released ones": RQVAEConfig(
        256, 64, (4, 4, 4), replace(SMALL, resolution=8, ch=128, ch_mult=(1, 4), z_channels=256)
    ),
}


def model(config: RQVAEConfig) -> RQVAE:
    torch.manual_seed(3)
    rqvae = RQVAE(config)
    for name, parameter in rqvae.decoder.named_parameters():
        if "norm" in name:  # else they are ones and zeros
            torch.nn.init.normal_(parameter, mean=1.0 if "weight" in name else 0.0, std=0.3)
    return rqvae.eval()


def maps(config: RQVAEConfig, count: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(7)
    codes = torch.randint(0, config.n_embed, (count, *config.code_shape), generator=random)
    drawn = torch.ones(count, *config.code_shape[:2])
    drawn[0, 2:] = 0
    return codes, drawn


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", CONFIGS)
def test_pictures_are_pytorchs(name: str, threads: int) -> None:
    rqvae = model(CONFIGS[name])
    codes, drawn = maps(CONFIGS[name], 5)
    with torch.inference_mode():
        pixels = KernelDecoder(rqvae, threads).decode(codes, drawn)
        expected = PixelDecoder(rqvae)(codes, drawn)
    apart = (pixels.int() - expected.int()).abs()
    assert expected.float().std() > 10, "there is something to see"
    assert apart.max() <= 1
    assert (apart > 0).float().mean() < 0.005, "they differ where rounding is a toss-up"


def test_a_picture_ignores_its_neighbours_and_the_threads() -> None:
    config = CONFIGS["three levels, patches"]
    rqvae = model(config)
    codes, drawn = maps(config, 7)
    together = KernelDecoder(rqvae, 2).decode(codes, drawn)
    alone = KernelDecoder(rqvae, 1)
    for n in range(7):
        assert torch.equal(alone.decode(codes[n : n + 1], drawn[n : n + 1])[0], together[n])


def test_half_precision_weights_are_computed_in_single() -> None:
    config = CONFIGS["three levels, patches"]
    rqvae = model(config).half().float()
    codes, drawn = maps(config, 2)
    with torch.inference_mode():
        expected = PixelDecoder(rqvae)(codes, drawn)
    apart = KernelDecoder(rqvae, 1).decode(codes, drawn).int() - expected.int()
    assert apart.abs().max() <= 1


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (RQVAEConfig(24, 64, (16, 16, 2), SMALL), "multiples of 16, not 24"),
        (
            RQVAEConfig(16, 64, (1, 1, 2), replace(SMALL, patch_size=16)),
            "patches of up to 8 pixels, not 16",
        ),
    ],
)
def test_other_shapes_are_refused(config: RQVAEConfig, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        KernelDecoder(model(config), 1)


def test_threads_have_a_bound() -> None:
    rqvae = model(CONFIGS["three levels, patches"])
    for threads in (0, 65):
        with pytest.raises(ValueError, match=f"1 to 64 threads, not {threads}"):
            KernelDecoder(rqvae, threads)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("threads", 65),
        ("threads", 0),
        ("patch", 9),
        ("together", 1000),
        ("count", 0),
        ("out_height", 1),
    ],
)
def test_the_kernel_refuses_what_is_larger_than_its_arrays(field: str, value: int) -> None:
    """A bound of its own: whoever calls it, it writes nothing outside of its memory."""
    config = CONFIGS["three levels, patches"]
    decoder = KernelDecoder(model(config), 1)
    setattr(decoder._decoder, field, value)
    with pytest.raises(ValueError, match="does not decode this shape"):
        decoder.decode(*maps(config, 200 if field == "threads" else 2))


@pytest.mark.parametrize(
    ("field", "value"), [("source", 4), ("target", -1), ("added", 7), ("kind", 9), ("height", 1000)]
)
def test_the_kernel_refuses_operations_outside_of_its_buffers(field: str, value: int) -> None:
    config = CONFIGS["three levels, patches"]
    decoder = KernelDecoder(model(config), 1)
    setattr(decoder._operations[1], field, value)
    with pytest.raises(ValueError, match="does not decode this shape"):
        decoder.decode(*maps(config, 2))


def test_what_is_no_number_is_black() -> None:
    config = CONFIGS["three levels, patches"]
    rqvae = model(config)
    rqvae.decoder.conv_out.bias.data[:] = torch.nan
    codes, drawn = maps(config, 2)
    with torch.inference_mode():
        assert not KernelDecoder(rqvae, 1).decode(codes, drawn).any()
        assert not PixelDecoder(rqvae)(codes, drawn).any()
