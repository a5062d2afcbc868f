"""The kernel's decoder against PyTorch's, in shapes of released models, of local ones and in odd ones."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig
from songdalle_core.imagegen.runtimes.decoding import PixelDecoder
from songdalle_core.imagegen.runtimes.native.decoder import KernelDecoder
from songdalle_core.imagegen.runtimes.native.layout import Operation

PROJECT, ACTIVATE, UNFOLD = Operation.PROJECT, Operation.ACTIVATE, Operation.UNFOLD

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
    "local, as embedded": RQVAEConfig(
        256,
        64,
        (8, 8, 4),
        AutoencoderConfig(
            resolution=256,
            ch=16,
            ch_mult=(2, 4, 8, 20),
            num_res_blocks=2,
            z_channels=256,
            in_channels=4,
            out_ch=4,
            patch_size=4,
            local=True,
        ),
        shared_codebook=False,
    ),
}


def local_shape(seed: int) -> RQVAEConfig:
    """A small local shape by chance."""
    some = random.Random(seed)
    latent, patch, levels = some.randint(1, 7), some.choice((1, 2, 4)), some.randint(1, 3)
    colours = some.choice((3, 4))
    shape = AutoencoderConfig(
        resolution=latent * patch * 2 ** (levels - 1),
        ch=16,
        ch_mult=tuple(some.randint(1, 4) for _ in range(levels)),
        num_res_blocks=some.randint(0, 2),
        z_channels=16 * some.randint(1, 3),
        in_channels=colours,
        out_ch=colours,
        patch_size=patch,
        local=True,
    )
    return RQVAEConfig(16 * some.randint(1, 3), 64, (latent, latent, some.randint(1, 3)), shape)


CONFIGS |= {f"local, by chance {seed}": local_shape(seed) for seed in range(8)}


def model(config: RQVAEConfig) -> RQVAE:
    torch.manual_seed(3)
    rqvae = RQVAE(config)
    for name, parameter in rqvae.decoder.named_parameters():
        if "norm" in name:  # else they are ones and zeros
            torch.nn.init.normal_(parameter, mean=1.0 if "weight" in name else 0.0, std=0.3)
        elif config.ddconfig.local and name.endswith("weight"):  # else blocks add nothing
            torch.nn.init.kaiming_normal_(parameter)
    return rqvae.eval()


def maps(config: RQVAEConfig, count: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(7)
    codes = torch.randint(0, config.n_embed, (count, *config.code_shape), generator=random)
    drawn = torch.ones(count, *config.code_shape[:2])
    drawn[0, 2:] = 0
    return codes, drawn


@pytest.mark.parametrize("name", CONFIGS)
def test_pictures_are_pytorchs_with_any_number_of_threads(name: str) -> None:
    rqvae = model(CONFIGS[name])
    codes, drawn = maps(CONFIGS[name], 5)
    with torch.inference_mode():
        pixels, *others = (KernelDecoder(rqvae, n).decode(codes, drawn) for n in (1, 2, 3, 4))
        expected = PixelDecoder(rqvae)(codes, drawn)
    apart = (pixels.int() - expected.int()).abs()
    assert expected.float().std() > 10, "there is something to see"
    assert apart.max() <= 1
    assert (apart > 0).float().mean() < 0.005, "they differ where rounding is a toss-up"
    assert all(torch.equal(pixels, other) for other in others)


@pytest.mark.parametrize(
    "name", ["three levels, patches", "local, by chance 1", "local, as embedded"]
)
def test_a_picture_ignores_its_neighbours_and_the_threads(name: str) -> None:
    config = CONFIGS[name]
    rqvae = model(config)
    codes, drawn = maps(config, 7)
    together = KernelDecoder(rqvae, 2).decode(codes, drawn)
    alone = KernelDecoder(rqvae, 1)
    for n in range(7):
        assert torch.equal(alone.decode(codes[n : n + 1], drawn[n : n + 1])[0], together[n])


@pytest.mark.parametrize("name", ["three levels, patches", "local, as embedded"])
def test_half_precision_weights_are_computed_in_single(name: str) -> None:
    config = CONFIGS[name]
    rqvae = model(config).half().float()
    codes, drawn = maps(config, 2)
    with torch.inference_mode():
        expected = PixelDecoder(rqvae)(codes, drawn)
    decoder = KernelDecoder(rqvae, 1)
    apart = decoder.decode(codes, drawn).int() - expected.int()
    assert apart.abs().max() <= 1
    products = [o.linear.half for o in decoder._operations if o.kind in (PROJECT, UNFOLD)]
    assert products
    assert all(products), "they are read as they are stored"


def test_undrawn_cells_of_a_layer_are_transparent() -> None:
    """As those of a blank layer, whatever codes stand there, in the kernel as in PyTorch."""
    config = CONFIGS["local, as embedded"]
    rqvae = model(config)
    codes, _ = maps(config, 2)
    drawn = torch.zeros(2, *config.code_shape[:2])
    drawn[1, 0] = 1
    decoder = KernelDecoder(rqvae, 1)
    blank = rqvae.get_codes(torch.full((1, 4, 256, 256), -1.0))
    shown = torch.where(drawn[..., None] > 0, codes, blank)
    expected = decoder.decode(shown, torch.ones_like(drawn))
    assert torch.equal(decoder.decode(codes, drawn), expected)
    assert torch.equal(decoder.decode(torch.zeros_like(codes), drawn)[0], expected[0])


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (RQVAEConfig(24, 64, (16, 16, 2), SMALL), "multiples of 16, not 24"),
        (
            RQVAEConfig(16, 64, (1, 1, 2), replace(SMALL, patch_size=16)),
            "patches of up to 8 pixels, not 16",
        ),
        (RQVAEConfig(16, 64, (16, 16, 2), replace(SMALL, out_ch=5)), "3 or 4 colours, not 5"),
        (RQVAEConfig(16, 64, (16, 16, 2), replace(SMALL, local=True, ch=24)), "not 24"),
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
        ("colours", 2),
        ("colours", 5),
        ("together", 1000),
        ("count", 0),
        ("out_height", 1),
        ("out_channels", 1000),
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


@pytest.mark.parametrize(
    ("kind", "part", "field", "value"),
    [
        (UNFOLD, "", "height", 15),
        (UNFOLD, "", "width", 17),
        (UNFOLD, "", "height", 1 << 20),
        (UNFOLD, "", "source", 4),
        (UNFOLD, "", "target", -1),
        (UNFOLD, "linear", "outputs", 4 * 128 + 16),
        (UNFOLD, "linear", "outputs", 1 << 20),
        (UNFOLD, "linear", "inputs", 1 << 20),
        (ACTIVATE, "", "target", 4),
        (ACTIVATE, "", "width", 1 << 20),
        (ACTIVATE, "linear", "outputs", 16),
    ],
)
def test_the_kernel_refuses_a_local_decoder_outside_of_its_buffers(
    kind: Operation, part: str, field: str, value: int
) -> None:
    config = CONFIGS["local, as embedded"]
    decoder = KernelDecoder(model(config), 1)
    operation = next(o for o in decoder._operations if o.kind == kind)
    setattr(getattr(operation, part) if part else operation, field, value)
    with pytest.raises(ValueError, match="does not decode this shape"):
        decoder.decode(*maps(config, 2))


def test_the_kernel_paints_no_map_of_four_times_its_channels() -> None:
    config = CONFIGS["local, as embedded"]
    decoder = KernelDecoder(model(config), 1)
    made = decoder._decoder
    made.count = next(n for n, o in enumerate(decoder._operations, 1) if o.kind == UNFOLD)
    last = decoder._operations[made.count - 1]
    made.out_height, made.out_width = last.height, last.width
    for channels in (last.linear.outputs, last.linear.outputs // 4):
        made.out_channels = channels
        with pytest.raises(ValueError, match="does not decode this shape"):
            decoder.decode(*maps(config, 1))


@pytest.mark.parametrize("name", ["three levels, patches", "local, as embedded"])
def test_what_is_no_number_is_black(name: str) -> None:
    config = CONFIGS[name]
    rqvae = model(config)
    rqvae.decoder.conv_out.bias.data[:] = torch.nan
    codes, drawn = maps(config, 2)
    with torch.inference_mode():
        assert not KernelDecoder(rqvae, 1).decode(codes, drawn).any()
        assert not PixelDecoder(rqvae)(codes, drawn).any()
