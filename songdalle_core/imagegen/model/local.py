"""A strictly local encoder and decoder: the same drawing has the same codes wherever it stands.

The VQGAN's encoder (`autoencoder.py`) normalises over the whole picture and looks far around a position, so the
codes of a cat change with the hill behind it. Here a position's features are one linear map of its own cell of
pixels, and the decoder has no statistics over the picture: residual convolutions (He et al., CVPR 2016, arXiv
1512.03385, without normalisation: the last convolution of a block begins at zero, as in Zhang et al., "Fixup",
ICLR 2019, arXiv 1901.09321) and sub-pixel steps between resolutions (Shi et al., CVPR 2016, arXiv 1609.05158).

Pictures are layers: RGBA with premultiplied colour, so that what is transparent has one value.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig


class LocalEncoder(nn.Module):
    """Pictures (B, C, R, R) in [-1, 1] to features (B, z_channels, r, r), each of its own cell alone."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        cell = config.resolution // config.latent_resolution
        self.cell = nn.Conv2d(config.in_channels, config.z_channels, cell, stride=cell)

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.cell(x)
        return features


class LocalBlock(nn.Module):
    """SiLU and a 3x3 convolution, twice, plus the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        for parameter in self.conv2.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.silu(self.conv1(F.silu(x))))


class LocalLevel(nn.Module):
    """The blocks of one resolution; `unfold` leads to the next finer one, twice as wide."""

    unfold: nn.Conv2d

    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        self.block = nn.ModuleList([LocalBlock(channels) for _ in range(blocks)])

    def forward(self, x: Tensor) -> Tensor:
        for block in self.block:
            x = block(x)
        return F.pixel_shuffle(self.unfold(x), 2) if hasattr(self, "unfold") else x


class LocalDecoder(nn.Module):
    """Features (B, z_channels, r, r) to pictures (B, C, R, R), about [-1, 1].

    Level i of `ch_mult` has `ch * ch_mult[i]` channels at `resolution / patch_size / 2**i` pixels.
    """

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.patch_size = config.patch_size
        channels = [config.ch * m for m in config.ch_mult]
        self.conv_in = nn.Conv2d(config.z_channels, channels[-1], 3, padding=1)
        self.up = nn.ModuleList()  # `up.0` is the finest level, as in `Decoder`
        for index, current in enumerate(channels):
            level = LocalLevel(current, config.num_res_blocks)
            if index > 0:
                level.unfold = nn.Conv2d(current, 4 * channels[index - 1], 1)
            self.up.append(level)
        self.conv_out = nn.Conv2d(channels[0], config.out_ch * config.patch_size**2, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        h = self.conv_in(z)
        for level in reversed(self.up):
            h = level(h)
        return F.pixel_shuffle(self.conv_out(F.silu(h)), self.patch_size)
