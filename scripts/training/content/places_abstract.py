"""Grounds without land: sky, space, and six abstract ones for songs that name no thing."""

from __future__ import annotations

from math import cos, pi, sin

from scripts.training.content import motifs as m
from scripts.training.content.drawings import Draw
from scripts.training.content.shapes import Drawing

CLOUD, SHADE, DIM = "#fbfbf8", "#dfe9f2", "#c3d5e6"
INK, TEAL, CORAL, SAND, CREAM = "#24406b", "#3d8f9c", "#e2705c", "#f0c27a", "#f6ead3"


def _puffs(d: Drawing, puffs: tuple[tuple[float, float, float], ...], tone: str) -> None:
    for x, y, r in puffs:
        d.disc(x, y, r, tone)


def _low_bank(d: Drawing) -> None:
    m.cloud(d, 34, 84, 72, SHADE)
    m.cloud(d, 226, 56, 84, CLOUD)
    _puffs(
        d,
        (
            (0, 206, 34),
            (52, 216, 26),
            (92, 228, 22),
            (168, 226, 24),
            (208, 210, 30),
            (252, 200, 36),
        ),
        DIM,
    )
    d.rect(0, 220, 256, 36, DIM)
    _puffs(
        d,
        (
            (16, 232, 26),
            (60, 240, 22),
            (100, 248, 18),
            (146, 246, 20),
            (192, 238, 24),
            (240, 230, 28),
        ),
        SHADE,
    )
    _puffs(d, ((0, 258, 22), (40, 262, 20), (84, 266, 20), (128, 266, 18), (172, 264, 20),
               (214, 260, 20), (252, 256, 22)),
           CLOUD)  # fmt: skip


def _cumulus(d: Drawing) -> None:
    _puffs(
        d,
        ((-10, 96, 34), (22, 128, 36), (-4, 164, 46), (48, 186, 34), (8, 226, 52), (70, 238, 34)),
        SHADE,
    )
    _puffs(
        d,
        ((-16, 108, 26), (6, 142, 28), (-14, 186, 40), (26, 210, 30), (-4, 246, 46), (46, 258, 30)),
        CLOUD,
    )
    _puffs(
        d,
        (
            (268, 136, 34),
            (232, 166, 32),
            (262, 196, 42),
            (206, 216, 30),
            (252, 240, 48),
            (186, 250, 26),
        ),
        SHADE,
    )
    _puffs(
        d,
        (
            (274, 150, 26),
            (252, 180, 26),
            (270, 214, 34),
            (230, 236, 28),
            (264, 260, 40),
            (206, 264, 22),
        ),
        CLOUD,
    )
    d.land([(0, 252), (80, 246), (128, 250), (180, 246), (256, 252)], SHADE)


def _above_the_clouds(d: Drawing) -> None:
    for x, y, w in ((12, 48, 88), (150, 32, 96), (44, 64, 64), (184, 84, 72)):
        d.rect(x, y, w, 6, CLOUD, 3)
    d.land([(0, 196), (36, 186), (80, 196), (128, 190), (180, 198), (224, 184), (256, 192)], DIM)
    for x, r in ((28, 20), (96, 14), (176, 16), (226, 22)):
        d.disc(x, 198, r, DIM)
    d.land([(0, 214), (60, 206), (128, 218), (200, 206), (256, 214)], SHADE)
    for x, r in ((8, 18), (64, 16), (148, 14), (206, 18), (250, 16)):
        d.disc(x, 218, r, SHADE)
    d.land([(0, 240), (80, 232), (160, 242), (256, 234)], CLOUD)
    for x, r in ((36, 16), (112, 14), (184, 14), (238, 16)):
        d.disc(x, 242, r, CLOUD)


def _moon_ground(d: Drawing) -> None:
    d.disc(208, 60, 26, "#4f93c4")
    d.path("M186 48C196 38 208 42 214 50C206 58 196 54 192 64C186 60 184 54 186 48Z", "#7fbf8a")
    d.path("M212 70C220 62 230 64 232 70C228 80 218 84 212 80Z", "#7fbf8a")
    d.land([(0, 196), (44, 184), (96, 196), (160, 188), (216, 178), (256, 190)], "#8b8fa6")
    d.land([(0, 208), (128, 198), (256, 208)], "#b5b6c6")
    for x, y, r in (
        (40, 216, 22),
        (96, 232, 14),
        (200, 220, 26),
        (232, 246, 16),
        (140, 246, 20),
        (20, 246, 14),
    ):
        d.oval(x, y, r, r * 0.34, "#8b8fa6")
        d.oval(x, y + r * 0.1, r * 0.82, r * 0.2, "#9fa1b5")


def _ringed_world(d: Drawing) -> None:
    d.disc(44, 48, 14, "#d9a0a8")
    d.disc(40, 44, 5, "#ecc3c4")
    d.disc(216, 60, 8, "#8fb6d9")
    with d.placed(160, 222, 1, -16):
        d.path("M-138 0A138 30 0 0 1 138 0H112A112 20 0 0 0 -112 0Z", "#a994c4")
        d.disc(0, 0, 84, "#d98a5f")
        d.path("M-82 -18C-40 -6 40 -6 82 -18V-2C40 10 -40 10 -82 -2Z", "#e9ad7a")
        d.path("M-66 -52C-30 -42 30 -42 66 -52L74 -40C34 -28 -34 -28 -74 -40Z", "#f0c795")
        d.path("M-138 0A138 30 0 0 0 138 0H112A112 20 0 0 1 -112 0Z", "#c7b3d9")
    for x, y, r in (
        (96, 64, 3),
        (150, 28, 4),
        (196, 100, 3),
        (20, 116, 4),
        (64, 156, 3),
        (120, 108, 3),
    ):
        d.disc(x, y, r, CLOUD)


def _blue_limb(d: Drawing) -> None:
    d.disc(128, 500, 312, "#9fd4ec")
    d.disc(128, 500, 306, "#3f8fc9")
    d.path("M0 240C20 222 56 206 90 204C104 212 84 226 60 230C50 244 20 250 0 254Z", "#7fb98a")
    d.path(
        "M150 202C176 200 214 208 236 220C226 236 196 226 186 240C168 238 176 218 150 216Z",
        "#7fb98a",
    )
    for x, y, w in ((36, 236, 64), (112, 220, 48), (176, 246, 64)):
        d.rect(x, y, w, 6, CLOUD, 3)
    d.disc(48, 72, 22, "#dcdce4")
    for x, y, r in ((40, 66, 5), (56, 80, 6), (58, 62, 3)):
        d.disc(x, y, r, "#b9bac8")
    for x, y, r in ((120, 40, 4), (196, 64, 3), (228, 24, 4), (216, 130, 3), (88, 136, 3)):
        d.disc(x, y, r, CLOUD)


def _colour_fields(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, INK)
    d.rect(20, 20, 216, 104, CORAL, 6)
    d.rect(20, 136, 216, 44, SAND, 6)
    d.rect(20, 192, 216, 44, TEAL, 6)


def _horizon_field(d: Drawing) -> None:
    for y, tone in ((0, CREAM), (96, SAND), (160, CORAL), (208, INK)):
        d.rect(0, y, 256, 256 - y, tone)


def _upright_fields(d: Drawing) -> None:
    for x, w, tone in ((0, 64, TEAL), (64, 112, CREAM), (176, 32, CORAL), (208, 48, INK)):
        d.rect(x, 0, w, 256, tone)
    d.rect(0, 192, 64, 64, SAND)


def _long_waves(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, CREAM)
    for k, tone in enumerate((SAND, CORAL, TEAL, INK)):
        y = 104 + k * 40
        d.land([(0, y), (64, y - 26), (128, y), (192, y + 26), (256, y)], tone)


def _scallops(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, INK)
    for row in range(5):
        for k in range(-1, 5):
            x, y = k * 64 + 32 * (row % 2) + 32, 112 + row * 36
            for r, tone in ((36, TEAL), (26, CREAM), (15, CORAL)):
                d.disc(x, y, r, tone)


def _rising_ribbons(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, TEAL)
    for k, tone in enumerate((CREAM, SAND, CORAL, INK)):
        s = k * 44
        d.path(
            f"M0 {120 + s}C80 {120 + s} 110 {30 + s} 256 {20 + s}V{72 + s}"
            f"C130 {80 + s} 100 {168 + s} 0 {166 + s}Z",
            tone,
        )


def _target(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, INK)
    for r, tone in ((160, TEAL), (120, SAND), (84, CORAL), (48, CREAM)):
        d.disc(128, 128, r, tone)


def _overlapping_discs(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, CREAM)
    d.disc(84, 104, 76, CORAL)
    d.disc(172, 104, 76, TEAL)
    d.path("M128 42A76 76 0 0 1 128 166A76 76 0 0 1 128 42Z", INK)
    d.rect(0, 208, 256, 48, SAND)


def _quarter_rings(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, SAND)
    for x, y, tones in ((0, 256, (TEAL, CREAM, CORAL, INK)), (256, 0, (INK, CREAM, TEAL, CORAL))):
        for r, tone in zip((144, 108, 72, 36), tones, strict=True):
            d.disc(x, y, r, tone)


def _fan(
    d: Drawing, x: float, y: float, count: int, tones: tuple[str, ...], start: float = 0
) -> None:
    d.rect(0, 0, 256, 256, tones[0])
    for k in range(count):
        a, b = (start + 2 * pi * (k + e) / count for e in (0, 1.1))
        d.poly(
            [(x, y), (x + 400 * cos(a), y + 400 * sin(a)), (x + 400 * cos(b), y + 400 * sin(b))],
            tones[k % len(tones)],
        )


def _sunburst(d: Drawing) -> None:
    _fan(d, 128, 208, 24, (SAND, CREAM))
    d.disc(128, 208, 72, CORAL)
    d.rect(0, 208, 256, 48, TEAL)
    d.rect(0, 208, 256, 8, INK)


def _pinwheel(d: Drawing) -> None:
    _fan(d, 128, 128, 16, (TEAL, CREAM, CORAL, INK), pi / 16)


def _corner_rays(d: Drawing) -> None:
    _fan(d, 0, 0, 32, (INK, TEAL, SAND, CORAL), 0)
    d.disc(0, 0, 56, CREAM)


def _slanted_stripes(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, CREAM)
    for k, tone in enumerate((TEAL, INK, SAND, CORAL) * 2):
        x = -256 + k * 72
        d.poly([(x, 256), (x + 48, 256), (x + 304, 0), (x + 256, 0)], tone)


def _retro_bands(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, CREAM)
    for k, tone in enumerate((INK, TEAL, SAND, CORAL)):
        r = 128 - k * 24
        d.path(f"M{128 - r} 256V160A{r} {r} 0 0 1 {128 + r} 160V256H{128 + r - 24}V160"
               f"A{r - 24} {r - 24} 0 0 0 "
               f"{128 - r + 24} 160V256Z", tone)  # fmt: skip


def _broad_stripes(d: Drawing) -> None:
    for k, tone in enumerate((INK, TEAL, CREAM, SAND, CORAL, SAND, CREAM, TEAL)):
        d.rect(0, k * 32, 256, 32, tone)


def _soft_cells(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, CREAM)
    d.blob([(-20, -20), (90, -20), (110, 40), (60, 86), (30, 130), (-20, 120)], TEAL)
    d.blob([(276, 60), (210, 70), (180, 130), (214, 176), (276, 170)], CORAL)
    d.blob([(-20, 276), (-20, 190), (40, 176), (90, 206), (150, 214), (170, 276)], SAND)
    d.blob([(170, -20), (276, -20), (276, 30), (230, 44), (186, 26)], INK)
    d.blob([(196, 220), (230, 206), (276, 220), (276, 276), (206, 276)], INK)


def _lava(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, INK)
    d.land([(0, 196), (50, 176), (90, 210), (150, 216), (200, 180), (256, 200)], CORAL)
    d.path("M0 0H256V40C220 76 200 30 160 34C126 40 130 92 96 84C66 76 60 36 0 60Z", TEAL)
    for x, y, rx, ry, tone in ((64, 140, 26, 32, CORAL), (190, 120, 22, 28, SAND),
                               (128, 168, 14, 18, SAND), (40, 232, 20, 14, SAND),
                               (214, 226, 26, 16, SAND)):  # fmt: skip
        d.oval(x, y, rx, ry, tone)


def _pebbles(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, SAND)
    tones = (TEAL, CREAM, CORAL, INK)
    for row in range(4):
        for k in range(4):
            x, y = 32 + 64 * k, 32 + 64 * row
            a, b = ((29, 24), (23, 29), (28, 28), (24, 20))[(row * 3 + k) % 4]
            d.blob([(x - a, y + 2), (x - a * 0.6, y - b * 0.9), (x + a * 0.5, y - b),
                    (x + a, y - 3), (x + a * 0.7, y + b * 0.8),
                    (x - a * 0.4, y + b)], tones[(row * 2 + k + row // 2) % 4])  # fmt: skip


DRAWINGS: dict[str, tuple[Draw, ...]] = {
    "sky": (_low_bank, _cumulus, _above_the_clouds),
    "space": (_moon_ground, _ringed_world, _blue_limb),
    "fields": (_colour_fields, _horizon_field, _upright_fields),
    "waves": (_long_waves, _scallops, _rising_ribbons),
    "circles": (_target, _overlapping_discs, _quarter_rings),
    "rays": (_sunburst, _pinwheel, _corner_rays),
    "stripes": (_slanted_stripes, _retro_bands, _broad_stripes),
    "cells": (_soft_cells, _lava, _pebbles),
}
