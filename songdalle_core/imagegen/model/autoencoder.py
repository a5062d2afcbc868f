"""The convolutional encoder and decoder around the RQ-VAE's quantiser.

The VQGAN layout (Esser et al., CVPR 2021, arXiv 2012.09841, appendix C) with the parameter names of
kakaobrain/rq-vae-transformer, so that its released `stage1` weights load as they are. One addition:
`patch_size` folds p x p pixels into channels before the first convolution and unfolds them after the
last (sub-pixel convolution, Shi et al., CVPR 2016, arXiv 1609.05158), which keeps every convolution
of the small embedded model at a quarter of the picture's width. The released models use 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class AutoencoderConfig:
    """Shape of encoder and decoder: the `ddconfig` block of a released checkpoint.

    `resolution` is the picture's width in pixels; level i of `ch_mult` has `ch * ch_mult[i]`
    channels at `resolution / patch_size / 2**i`; attention is added at the widths listed in
    `attn_resolutions`. `local` replaces encoder and decoder by those of `local.py`.
    """

    resolution: int
    ch: int
    ch_mult: tuple[int, ...]
    num_res_blocks: int
    z_channels: int
    attn_resolutions: tuple[int, ...] = ()
    in_channels: int = 3
    out_ch: int = 3
    patch_size: int = 1
    local: bool = False

    @property
    def latent_resolution(self) -> int:
        """Width of the latent grid."""
        return int(self.resolution // self.patch_size // 2 ** (len(self.ch_mult) - 1))


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(num_groups=32, num_channels=channels, eps=1e-6)


def _conv(channels_in: int, channels_out: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    padding = kernel // 2 if stride == 1 else 0
    return nn.Conv2d(channels_in, channels_out, kernel, stride=stride, padding=padding)


class ResnetBlock(nn.Module):
    """norm, SiLU, 3x3 convolution, twice, plus the (projected) input."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.norm1 = _norm(channels_in)
        self.conv1 = _conv(channels_in, channels_out)
        self.norm2 = _norm(channels_out)
        self.conv2 = _conv(channels_out, channels_out)
        if channels_in != channels_out:
            self.nin_shortcut = _conv(channels_in, channels_out, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        shortcut = self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x
        return shortcut + h


class AttnBlock(nn.Module):
    """Single-head self-attention over the positions of a feature map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = _norm(channels)
        self.q = _conv(channels, channels, kernel=1)
        self.k = _conv(channels, channels, kernel=1)
        self.v = _conv(channels, channels, kernel=1)
        self.proj_out = _conv(channels, channels, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        # (B, C, H, W) -> (B, 1, H*W, C)
        q, k, v = (f(h).flatten(2).transpose(1, 2).unsqueeze(1) for f in (self.q, self.k, self.v))
        h = F.scaled_dot_product_attention(q, k, v)
        h = h.squeeze(1).transpose(1, 2).reshape(x.shape)
        return x + self.proj_out(h)


class Downsample(nn.Module):
    """Halve width and height by a strided convolution, padded at the right and the bottom."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = _conv(channels, channels, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    """Double width and height: nearest neighbour, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = _conv(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(nn.Module):
    """The blocks of one resolution; `downsample` or `upsample` leads to the next."""

    downsample: nn.Module
    upsample: nn.Module

    def __init__(self, channels_in: int, channels_out: int, blocks: int, attention: bool) -> None:
        super().__init__()
        inputs = [channels_in] + [channels_out] * (blocks - 1)
        self.block = nn.ModuleList([ResnetBlock(c, channels_out) for c in inputs])
        self.attn = nn.ModuleList([AttnBlock(channels_out) for _ in inputs] if attention else [])

    def forward(self, x: Tensor) -> Tensor:
        for index, block in enumerate(self.block):
            x = block(x)
            if self.attn:
                x = self.attn[index](x)
        return x


class Middle(nn.Module):
    """Residual block, attention, residual block at the latent resolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block_1 = ResnetBlock(channels, channels)
        self.attn_1 = AttnBlock(channels)
        self.block_2 = ResnetBlock(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.attn_1(self.block_1(x))
        return self.block_2(x)


class Encoder(nn.Module):
    """Pictures (B, 3, R, R) in [-1, 1] to features (B, z_channels, r, r)."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.patch_size = config.patch_size
        channels = [config.ch * m for m in config.ch_mult]
        self.conv_in = _conv(config.in_channels * config.patch_size**2, config.ch)
        self.down = nn.ModuleList()
        width, previous = config.resolution // config.patch_size, config.ch
        for index, current in enumerate(channels):
            attention = width in config.attn_resolutions
            level = Level(previous, current, config.num_res_blocks, attention)
            if index < len(channels) - 1:
                level.downsample = Downsample(current)
                width //= 2
            self.down.append(level)
            previous = current
        self.mid = Middle(previous)
        self.norm_out = _norm(previous)
        self.conv_out = _conv(previous, config.z_channels)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv_in(F.pixel_unshuffle(x, self.patch_size) if self.patch_size > 1 else x)
        for level in self.down:
            assert isinstance(level, Level)
            h = level(h)
            if hasattr(level, "downsample"):
                h = level.downsample(h)
        return self.conv_out(F.silu(self.norm_out(self.mid(h))))


class Decoder(nn.Module):
    """Features (B, z_channels, r, r) to pictures (B, 3, R, R), about [-1, 1]."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.patch_size = config.patch_size
        channels = [config.ch * m for m in config.ch_mult]
        self.conv_in = _conv(config.z_channels, channels[-1])
        self.mid = Middle(channels[-1])
        levels: list[Level] = []
        width, previous = config.latent_resolution, channels[-1]
        for index, current in reversed(list(enumerate(channels))):
            attention = width in config.attn_resolutions
            level = Level(previous, current, config.num_res_blocks + 1, attention)
            if index > 0:
                level.upsample = Upsample(current)
                width *= 2
            levels.insert(0, level)  # `up.0` is the finest level in the checkpoints
            previous = current
        self.up = nn.ModuleList(levels)
        self.norm_out = _norm(previous)
        self.conv_out = _conv(previous, config.out_ch * config.patch_size**2)

    def forward(self, z: Tensor) -> Tensor:
        h = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            assert isinstance(level, Level)
            h = level(h)
            if hasattr(level, "upsample"):
                h = level.upsample(h)
        h = self.conv_out(F.silu(self.norm_out(h)))
        return F.pixel_shuffle(h, self.patch_size) if self.patch_size > 1 else h


def to_pixels(images: Tensor) -> Tensor:
    """Pictures (B, C, H, W) in [-1, 1] as uint8 (B, H, W, C); the fourth of four channels is alpha."""
    scaled = images.float().mul(127.5).add(127.5).round().clamp(0, 255)
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def from_pixels(pixels: Tensor) -> Tensor:
    """uint8 pictures (B, H, W, C) as float32 (B, C, H, W) in [-1, 1]."""
    return pixels.permute(0, 3, 1, 2).float().div(127.5).sub(1.0)
