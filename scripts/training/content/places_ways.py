"""Grounds on the way and out of doors in town: road, railway, rooftop, temple yard."""

from __future__ import annotations

from scripts.training.content import motifs as m
from scripts.training.content.drawings import Draw
from scripts.training.content.shapes import GLOW, Drawing, arch, hazy, mix

ASPHALT, LINE, EARTH, STONE = "#6d7480", "#f6f4ee", "#d9b98a", "#b9b4ac"
STEEL, SLEEPER, BALLAST = "#dfe3e6", "#6b4a3a", "#a39a94"


def _highway(d: Drawing) -> None:
    d.ridge([(0, 160), (40, 138), (64, 146), (100, 120), (134, 150), (190, 134), (226, 148),
             (256, 140)],
            hazy("#a37f86", 0.4), 178)  # fmt: skip
    d.rect(0, 172, 256, 84, "#e6c08c")
    d.land([(0, 184), (60, 178), (118, 176)], "#d3a26d", 256)
    d.land([(138, 176), (200, 180), (256, 190)], "#d3a26d", 256)
    d.poly([(124, 172), (132, 172), (232, 256), (24, 256)], ASPHALT)
    d.poly([(122.6, 172), (124, 172), (34, 256), (16, 256)], LINE)
    d.poly([(132, 172), (133.4, 172), (240, 256), (222, 256)], LINE)
    for y, h in ((178, 5), (190, 9), (208, 14), (234, 22)):
        w, v = (y - 168) * 0.07, (y + h - 168) * 0.07
        d.poly([(128 - w, y), (128 + w, y), (128 + v, y + h), (128 - v, y + h)], "#f2c14e")
    for x, base, h in ((214, 202, 92), (180, 186, 46), (162, 180, 26)):
        d.rect(x - h * 0.02, base - h, h * 0.05, h, "#6b4a3a")
        d.rect(x - h * 0.2, base - h * 0.9, h * 0.42, h * 0.045, "#6b4a3a")


def _winding_road(d: Drawing) -> None:
    d.land([(0, 138), (60, 112), (130, 140), (200, 108), (256, 132)], hazy("#7fa8a0", 0.5))
    d.land([(0, 170), (80, 150), (160, 162), (256, 146)], "#a9cdb4")
    d.land([(0, 186), (70, 172), (150, 168), (256, 182)], "#8cbf6a")
    d.path("M146 168H152C176 176 110 180 104 190C100 200 216 206 214 226"
           "C212 242 180 250 168 256H64C90 246 164 238 160 224"
           "C150 206 66 206 72 190C80 176 154 176 146 168Z", ASPHALT)  # fmt: skip
    d.path("M136 256C166 244 192 240 190 226C184 208 90 206 88 190L91 190"
           "C96 204 196 206 196 226C196 242 164 248 146 256Z",
           LINE)  # fmt: skip
    d.land([(0, 208), (40, 212), (96, 236), (100, 258)], "#64a54c")
    m.pines(d, [(14, 220, 74), (42, 226, 50), (232, 200, 56), (250, 206, 74)], "#2f6653")


def _coast_road(d: Drawing) -> None:
    d.rect(0, 160, 256, 60, "#3f9cc4")
    d.rect(0, 160, 256, 8, "#7cc4d8")
    m.glints(d, [(16, 176, 56), (64, 190, 40), (8, 200, 56)], "#7cc4d8")
    d.path("M150 176C140 196 60 206 0 222V256H256V206L176 174Z", "#c9bfae")
    d.path("M258 70C226 78 214 110 190 130C176 142 168 154 160 164L190 210H258Z", "#8cbf6a")
    d.path("M160 164C168 154 176 142 190 130C184 160 196 180 200 210L160 200Z", "#d9b98a")
    d.path(
        "M150 176C166 176 180 186 172 198C150 214 60 222 0 240V258H256V214"
        "C230 206 208 190 176 174Z",
        ASPHALT,
    )
    d.path("M164 178C178 186 186 192 176 204C156 222 80 236 40 258H64C110 238 176 224 190 206"
           "C196 192 184 184 170 176Z",
           LINE)  # fmt: skip
    d.path(
        "M150 176C140 196 60 206 0 222V236C60 220 160 212 172 198C178 188 166 176 150 176Z",
        "#c9bfae",
    )
    for x, y, s in (
        (8, 222, 1.3),
        (48, 212, 1.15),
        (84, 204, 1.0),
        (114, 197, 0.8),
        (136, 189, 0.6),
    ):
        d.rect(x - 3 * s, y - 18 * s, 6 * s, 20 * s, m.WHITE)
    d.path("M0 202C60 188 120 184 148 172V176C120 190 60 196 0 212Z", m.WHITE)


def _track(d: Drawing, half: float, top: float, reach: float, bed: str = BALLAST) -> None:
    """Rails to the horizon at `top`: `half` and `reach` are half the bed's width near and far."""
    d.poly([(128 - reach, top), (128 + reach, top), (128 + half, 256), (128 - half, 256)], bed)
    y, gap = top + 3, 4.0
    while y < 256:
        t = (y - top) / (256 - top)
        w = reach + (half * 0.86 - reach) * t
        d.rect(128 - w, y, 2 * w, gap * 0.55, SLEEPER)
        y, gap = y + gap * 1.05, gap * 1.26
    for s in (-1, 1):
        d.poly([(128 + s * reach * 0.5, top), (128 + s * reach * 0.72, top),
                (128 + s * half * 0.6, 256),
                (128 + s * half * 0.52, 256)], STEEL)  # fmt: skip


def _rails_to_the_horizon(d: Drawing) -> None:
    d.land([(0, 154), (70, 134), (140, 158), (210, 140), (256, 150)], hazy("#7fa8a0", 0.45))
    d.rect(0, 168, 256, 88, "#a5c574")
    d.land([(0, 192), (60, 186), (110, 176)], "#7fae58")
    d.land([(146, 176), (200, 188), (256, 196)], "#7fae58")
    _track(d, 112, 168, 4)
    for x, base, h in ((34, 208, 128), (78, 188, 64), (98, 178, 36)):
        d.rect(x, base - h, h * 0.04 + 1, h, "#5d5a5c")
        d.rect(x - h * 0.1, base - h * 0.94, h * 0.26, h * 0.03 + 1, "#5d5a5c")
        d.rect(x - h * 0.08, base - h * 0.85, h * 0.22, h * 0.03 + 1, "#5d5a5c")
    d.land([(0, 236), (24, 230), (40, 258)], "#5d9148")
    d.land([(220, 258), (236, 232), (256, 228)], "#5d9148")


def _platform(d: Drawing) -> None:
    d.land([(0, 150), (60, 136), (120, 156), (180, 160)], hazy("#7fa8a0", 0.4))
    d.rect(0, 168, 150, 88, "#9cc47c")
    d.poly([(112, 168), (124, 168), (96, 256), (-40, 256), (-20, 244)], BALLAST)
    d.poly([(114, 168), (116, 168), (4, 256), (-8, 256)], STEEL)
    d.poly([(119, 168), (121, 168), (74, 256), (64, 256)], STEEL)
    d.poly([(124, 168), (256, 168), (256, 256), (110, 256)], "#d5cfc4")
    d.poly([(124, 168), (128, 168), (126, 256), (110, 256)], "#f2c14e")
    d.poly([(124, 168), (110, 256), (96, 256)], "#8f8a84")
    d.poly([(256, 26), (150, 112), (150, 122), (256, 60)], "#3f6f78")
    d.poly([(256, 26), (110, 62), (132, 122), (150, 112)], "#5f949c")
    for x, top, base, w in ((226, 60, 240, 9), (186, 92, 204, 6), (162, 110, 182, 4)):
        d.rect(x, top, w, base - top, "#47545f")
    m.pendant(d, 206, 106, 9, "#3f6f78", 78)
    d.rect(196, 176, 60, 7, "#a8683f", 1)
    d.rect(202, 183, 5, 18, m.IRON)
    d.rect(244, 183, 5, 18, m.IRON)


def _viaduct(d: Drawing) -> None:
    d.land([(0, 120), (60, 96), (128, 124), (200, 90), (256, 116)], hazy("#7fa8a0", 0.55))
    d.land([(0, 156), (80, 140), (170, 160), (256, 140)], "#a9cdb4")
    holes = [arch(x, 164, 36, 80) for x in (-18, 30, 78, 126, 174, 222)]
    d.wall(holes, "#b98a6c", (0, 146, 256, 74))
    for x in (18, 66, 114, 162, 210):
        d.rect(x, 178, 4, 42, "#956a52")
    d.rect(0, 142, 256, 8, "#d8b291")
    d.rect(0, 138, 256, 4, "#6b4a3a")
    d.land([(0, 206), (64, 212), (128, 204), (192, 214), (256, 206)], "#8cbf6a")
    d.land([(0, 232), (90, 226), (180, 238), (256, 230)], "#64a54c")
    m.tree(d, 28, 238, 62, "#3f8048")
    m.bush(d, 226, 240, 50, "#4d9455")


def _water_tank(d: Drawing) -> None:
    for x, top in (
        (0, 142),
        (24, 126),
        (48, 150),
        (96, 146),
        (120, 130),
        (144, 152),
        (184, 136),
        (208, 120),
        (232, 144),
    ):
        m.tower(d, x, top, 24, hazy("#8fa6bd", 0.45 if x % 48 else 0.25), bottom=210)
    for x in (24, 62):
        d.rect(x, 150, 5, 54, "#5d4a44")
    d.line([(26, 196), (65, 158)], 3, "#5d4a44")
    d.rect(18, 92, 56, 62, "#b07a55")
    d.rect(56, 92, 18, 62, "#8c5c42")
    d.rect(16, 108, 60, 5, "#5d4a44")
    d.rect(16, 134, 60, 5, "#5d4a44")
    d.poly([(12, 94), (46, 66), (80, 94)], "#6f7b86")
    d.rect(0, 200, 256, 12, "#cfc7bd")
    d.rect(0, 210, 256, 46, "#a59d99")
    d.rect(0, 210, 256, 6, "#857e7e")
    d.poly([(196, 204), (196, 152), (236, 140), (256, 140), (256, 230), (236, 230)], "#c47f65")
    d.rect(212, 168, 22, 46, "#7a5a50")
    d.rect(214, 156, 12, 7, GLOW, 2)
    d.land([(0, 244), (256, 240)], "#8f8787")


def _string_lights(d: Drawing) -> None:
    for x, top in (
        (0, 150),
        (32, 128),
        (64, 156),
        (96, 162),
        (136, 158),
        (160, 140),
        (192, 118),
        (224, 148),
    ):
        m.tower(
            d,
            x,
            top,
            32,
            hazy("#7f97b0", 0.3 if x % 64 else 0.15),
            lit=((0, 1),),
            pane=hazy("#a9bccf", 0.3),
            bottom=206,
        )
    d.rect(14, 74, 5, 138, "#5d4a44")
    d.rect(236, 74, 5, 138, "#5d4a44")
    m.garland(d, ((16, 78), (239, 78)), 30, 9, 4.5)
    d.rect(0, 190, 256, 6, m.IRON)
    for x in range(4, 256, 16):
        d.rect(x, 194, 3, 22, m.IRON)
    d.rect(0, 212, 256, 44, "#c08a5e")
    for y in (222, 234, 247):
        d.rect(0, y, 256, 3, "#a06f48")
    m.potted(d, 34, 232, 62, "#4d9455")
    m.potted(d, 222, 232, 54, "#4d9455", "#5f7fa0")


def _tiled_roofs(d: Drawing) -> None:
    for x, top, w in ((0, 146, 40), (56, 158, 32), (104, 152, 36), (160, 160, 30), (200, 142, 50)):
        d.poly(
            [(x - 6, top + 16), (x + w / 2, top - 8), (x + w + 6, top + 16)], hazy("#c46a4c", 0.45)
        )
        d.rect(x, top + 16, w, 40, hazy("#f0e2c8", 0.3))
    d.path("M176 200V146A20 20 0 0 1 216 146V200Z", hazy("#6f9cb4", 0.2))
    d.rect(194, 112, 4, 18, hazy("#6f9cb4", 0.2))
    for x, top in ((18, 162), (222, 168)):
        d.rect(x, top, 22, 46, "#b5836a")
        d.rect(x - 3, top - 6, 28, 8, "#8c5c4a")
    d.poly([(0, 200), (256, 200), (256, 256), (0, 256)], "#c46a4c")
    d.rect(0, 194, 256, 9, "#8f4a38", 4)
    for x in range(0, 256, 32):
        d.poly([(x + 4, 203), (x + 12, 203), (x * 1.16 - 14, 256), (x * 1.16 - 30, 256)], "#a9563f")
    d.poly([(36, 232), (36, 206), (60, 184), (84, 206), (84, 236)], "#e8d2b0")
    d.poly([(28, 208), (60, 176), (92, 208), (86, 214), (60, 190), (34, 214)], "#8f4a38")
    d.rect(50, 206, 20, 22, GLOW)


def _roof(d: Drawing, x: float, y: float, width: float, height: float, tile: str) -> None:
    """A temple roof with upturned eaves, symmetric about x, its eaves at y."""
    w, h = width / 2, height
    d.path(
        f"M{x - w} {y - h * 0.28}"
        f"C{x - w * 0.7} {y - h * 0.1} {x - w * 0.5} {y - h * 0.6} {x - w * 0.42} {y - h}"
        f"H{x + w * 0.42}"
        f"C{x + w * 0.5} {y - h * 0.6} {x + w * 0.7} {y - h * 0.1} {x + w} {y - h * 0.28}"
        f"Q{x + w * 0.8} {y + h * 0.16} {x + w * 0.6} {y}H{x - w * 0.6}"
        f"Q{x - w * 0.8} {y + h * 0.16} {x - w} {y - h * 0.28}Z",
        tile,
    )
    d.rect(x - w * 0.46, y - h * 1.1, w * 0.92, h * 0.18, mix(tile, "#101820", 0.35), 2)


def _temple_hall(d: Drawing) -> None:
    d.land([(0, 124), (60, 92), (128, 120), (200, 88), (256, 116)], hazy("#5f8a7a", 0.45))
    d.land([(0, 160), (40, 146), (128, 166), (216, 144), (256, 158)], "#8fb79a")
    d.rect(60, 150, 136, 46, "#a8483c")
    for x in (64, 92, 120, 148, 186):
        d.rect(x, 150, 7, 46, "#7c342e")
    d.rect(102, 160, 16, 34, GLOW)
    d.rect(130, 160, 16, 34, GLOW)
    d.rect(56, 144, 144, 8, "#3f8a7a")
    _roof(d, 128, 146, 196, 40, "#4f5967")
    d.rect(48, 194, 160, 10, STONE)
    d.rect(0, 202, 256, 54, "#e0d2b2")
    d.poly([(108, 204), (148, 204), (176, 256), (80, 256)], "#c9b791")
    for x in (34, 222):
        d.rect(x - 5, 196, 10, 32, STONE)
        d.rect(x - 12, 172, 24, 24, STONE)
        d.rect(x - 6, 177, 12, 14, GLOW)
        d.path(f"M{x - 20} 174Q{x} 170 {x} 156Q{x} 170 {x + 20} 174Z", "#8f8a84")
        d.rect(x - 13, 226, 26, 8, "#8f8a84", 2)


def _temple_gate(d: Drawing) -> None:
    d.land([(0, 130), (70, 108), (128, 126), (190, 104), (256, 128)], hazy("#5f8a7a", 0.4))
    _roof(d, 128, 178, 84, 18, "#7d8794")
    d.rect(100, 176, 56, 22, "#c9a08a")
    d.rect(0, 190, 256, 66, "#dccba6")
    d.poly([(112, 198), (144, 198), (196, 256), (60, 256)], "#c4b08a")
    d.poly([(0, 176), (40, 184), (40, 214), (0, 226)], "#e8ddc4")
    d.poly([(256, 176), (216, 184), (216, 214), (256, 226)], "#e8ddc4")
    for x in (30, 210):
        d.rect(x, 76, 16, 160, "#b5483c")
        d.rect(x - 4, 230, 24, 12, STONE, 2)
    d.rect(26, 84, 204, 12, "#3f8a7a")
    d.rect(30, 102, 196, 7, "#b5483c")
    _roof(d, 128, 78, 276, 46, "#4f5967")
    for x in (62, 194):
        d.rect(x - 1, 108, 2, 8, m.IRON)
        d.oval(x, 128, 11, 13, GLOW)
        d.rect(x - 6, 112, 12, 5, "#b5423a")
        d.rect(x - 6, 139, 12, 5, "#b5423a")


def _pagoda(d: Drawing) -> None:
    d.land([(0, 150), (80, 126), (160, 150), (256, 130)], hazy("#5f8a7a", 0.5))
    d.rect(212, 34, 4, 30, "#8a6a3c")
    for k, y in enumerate((80, 112, 146, 182)):
        w = 56 + k * 14
        d.rect(214 - w * 0.28, y - 6, w * 0.56, 30, "#a8483c")
        d.rect(214 - 5, y + 4, 10, 12, GLOW)
        _roof(d, 214, y, w, 18, "#4f5967")
    d.rect(0, 200, 256, 56, "#e0d2b2")
    d.rect(0, 184, 168, 22, "#efe4cc")
    d.rect(0, 178, 172, 8, "#5d6774", 3)
    d.land([(0, 228), (128, 222), (256, 232)], "#cbb991")
    d.line([(26, 240), (32, 180), (20, 130), (44, 96)], 11, "#5d4038")
    d.line([(30, 170), (56, 140), (70, 128)], 7, "#5d4038")
    for x, y, r in ((10, 112, 26), (40, 92, 30), (72, 116, 22), (16, 84, 22), (56, 128, 14)):
        d.disc(x, y, r, "#f2b4c6")
    for x, y, r in ((34, 84, 14), (8, 100, 12), (70, 110, 10)):
        d.disc(x, y, r, "#f9d3de")


DRAWINGS: dict[str, tuple[Draw, ...]] = {
    "road": (_highway, _winding_road, _coast_road),
    "railway": (_rails_to_the_horizon, _platform, _viaduct),
    "rooftop": (_water_tank, _string_lights, _tiled_roofs),
    "temple yard": (_temple_hall, _temple_gate, _pagoda),
}
