"""Grounds among houses: village, city, street, alley."""

from __future__ import annotations

from scripts.training.content import motifs as m
from scripts.training.content.drawings import Draw
from scripts.training.content.shapes import GLOW, Drawing, arch, hazy, mix

STONE, PAVING, ASPHALT, LINE = "#b9b4ac", "#d5cfc4", "#6d7480", "#f6f4ee"
BRICK, PLASTER, TILE = "#b8644c", "#f0e2c8", "#c46a4c"


def _hanok_roof(d: Drawing, x: float, y: float, width: float, height: float, tile: str) -> None:
    """A tiled roof whose eaves rise at both ends; (x, y) is the left tip."""
    w, h = width, height
    d.path(
        f"M{x} {y}C{x + w * 0.14} {y - h * 0.1} {x + w * 0.2} {y - h * 0.5} {x + w * 0.22} {y - h}"
        f"Q{x + w * 0.5} {y - h * 0.86} {x + w * 0.78} {y - h}"
        f"C{x + w * 0.8} {y - h * 0.5} {x + w * 0.86} {y - h * 0.1} {x + w} {y}"
        f"C{x + w * 0.8} {y + h * 0.34} {x + w * 0.2} {y + h * 0.34} {x} {y}Z",
        tile,
    )
    d.path(
        f"M{x + w * 0.19} {y - h * 1.06}Q{x + w * 0.5} {y - h * 0.88} {x + w * 0.81} {y - h * 1.06}"
        f"L{x + w * 0.8} {y - h * 0.88}Q{x + w * 0.5} {y - h * 0.72} {x + w * 0.2} {y - h * 0.88}Z",
        mix(tile, "#101820", 0.35),
    )


def _hillside(d: Drawing) -> None:
    d.land([(0, 140), (70, 110), (150, 138), (256, 100)], hazy("#6fa287", 0.5))
    d.land([(0, 172), (60, 150), (120, 170), (180, 176), (256, 150)], "#a9cdb4")
    for x, base, w, tone in (
        (8, 176, 26, PLASTER),
        (44, 168, 28, "#e9cfae"),
        (210, 170, 26, PLASTER),
    ):
        m.house(d, x, base, w, w * 0.66, tone, TILE)
    d.poly([(78, 182), (78, 132), (86, 108), (94, 132), (94, 182)], "#efe6d4")
    d.poly([(74, 132), (86, 96), (98, 132)], "#7f5a4c")
    d.rect(82, 140, 8, 12, GLOW, 4)
    d.land([(0, 186), (60, 176), (130, 190), (200, 182), (256, 176)], "#8cbf6a")
    m.house(d, 4, 208, 44, 30, "#f2d9b4", "#b5573f")
    m.house(d, 204, 206, 42, 28, "#e8e0d2", "#8a5a4a")
    m.tree(d, 190, 204, 44, "#4d9455")
    d.land([(0, 208), (60, 204), (128, 214), (200, 202), (256, 206)], "#64a54c")
    d.path("M120 206H134C146 222 96 236 120 258H196C150 238 160 222 134 206Z", "#ecdcae")


def _hanok_village(d: Drawing) -> None:
    d.land([(0, 136), (60, 104), (140, 134), (200, 112), (256, 128)], hazy("#6f9a8a", 0.45))
    d.land([(0, 162), (128, 154), (256, 160)], "#8fb79a")
    for x, y, w in ((-20, 166, 84), (60, 160, 70), (176, 164, 92)):
        d.rect(x + w * 0.16, y, w * 0.68, 26, PLASTER)
        _hanok_roof(d, x, y, w, 20, "#7d8794")
    d.land([(0, 186), (128, 182), (256, 186)], "#d9c79e")
    for x, y, w in ((-44, 196, 118), (186, 192, 120)):
        d.rect(x + w * 0.14, y, w * 0.72, 40, PLASTER)
        for k in (0.2, 0.42, 0.64):
            d.rect(x + w * k, y + 10, w * 0.16, 24, GLOW)
            d.rect(x + w * (k + 0.07), y + 10, w * 0.02, 24, "#7a5138")
        _hanok_roof(d, x, y, w, 30, "#4f5967")
    d.land([(0, 230), (60, 226), (128, 216), (200, 224), (256, 228)], "#c9b487")
    d.rect(0, 234, 64, 22, "#a99b86")
    d.rect(200, 234, 56, 22, "#a99b86")
    d.rect(0, 230, 68, 6, "#4f5967", 3)
    d.rect(196, 230, 60, 6, "#4f5967", 3)


def _white_steps(d: Drawing) -> None:
    d.rect(0, 170, 256, 30, "#5fb0d0")
    d.rect(0, 170, 256, 6, "#9bd3e2")
    tones = ("#fbf8f1", "#e9e6e4", "#d4d8e2")
    for x, y, w, k in ((0, 132, 56, 1), (40, 158, 48, 0), (196, 146, 60, 1), (0, 176, 64, 0),
                       (184, 184, 72, 0),
                       (0, 212, 84, 1), (172, 220, 84, 1)):  # fmt: skip
        d.rect(x, y, w, 256 - y, tones[k])
        d.rect(x + w * 0.7, y, w * 0.3, 256 - y, tones[k + 1])
        d.path(arch(x + w * 0.24, y + 12, 10, 16), "#3c78a8" if k else GLOW)
    d.path("M14 132A18 18 0 0 1 50 132Z", "#3c78a8")
    d.path("M204 146A20 20 0 0 1 244 146Z", "#3c78a8")
    d.poly([(108, 198), (148, 198), (188, 256), (68, 256)], "#f3eee4")
    for k, y in enumerate((204, 214, 227, 243)):
        half = 22 + (y - 198) * 0.68
        d.rect(128 - half, y, half * 2, 3 + k, "#cfd2dc")
    m.bush(d, 30, 214, 40, "#d9639a")


def _skyline(d: Drawing) -> None:
    pale, mid, near = hazy("#8fa6bd", 0.6), "#8ba3bd", "#4e6681"
    for x, top in ((0, 122), (24, 104), (48, 130), (72, 112), (96, 138), (136, 126), (160, 100),
                   (184, 132), (208, 108),
                   (232, 126)):  # fmt: skip
        m.tower(d, x, top, 24, pale)
    d.poly([(170, 100), (173, 66), (176, 100)], pale)
    for x, top, w in (
        (0, 92, 32),
        (32, 132, 32),
        (64, 152, 32),
        (160, 148, 32),
        (192, 120, 32),
        (224, 76, 32),
    ):
        m.tower(d, x, top, w, mid, lit=((0, 1), (1, 3)), pane="#a9bccf")
    for x, top, w in ((-16, 150, 48), (32, 176, 48), (176, 180, 48), (224, 152, 48)):
        m.tower(d, x, top, w, near, lit=((0, 0), (1, 2), (2, 1)), pane="#6f88a3")
    d.rect(0, 212, 256, 44, "#8d98a3")
    d.rect(0, 212, 256, 6, "#b7c0c8")


def _towers_of_glass(d: Drawing) -> None:
    d.poly([(88, 206), (88, 132), (112, 124), (112, 206)], hazy("#8fa6bd", 0.6))
    d.poly([(148, 206), (148, 116), (170, 110), (170, 206)], hazy("#8fa6bd", 0.6))
    for s, tone, dark in ((0, "#7f9ab6", "#5d7a99"), (1, "#8aa3b0", "#647f90")):
        with d.placed(256 * s, 0, 1, 0, bool(s)):
            d.poly([(0, 0), (40, 0), (40, 220), (0, 230)], tone)
            d.poly([(40, 0), (66, 26), (66, 212), (40, 220)], dark)
            d.poly([(66, 70), (90, 80), (90, 208), (66, 212)], mix(tone, "#e8eef4", 0.35))
            for y in range(12, 208, 32):
                d.rect(0, y, 40, 12, mix(tone, "#e8f2f8", 0.4))
            d.rect(8, 44 + 64 * s, 24, 12, GLOW)
            d.rect(8, 140 - 32 * s, 24, 12, GLOW)
    d.poly([(96, 206), (160, 206), (256, 234), (256, 256), (0, 256), (0, 234)], ASPHALT)
    d.poly([(0, 226), (66, 208), (104, 206), (0, 242)], PAVING)
    d.poly([(256, 226), (190, 208), (152, 206), (256, 242)], PAVING)
    d.poly([(126, 212), (130, 212), (131, 224), (125, 224)], LINE)
    d.poly([(124, 232), (132, 232), (134, 256), (122, 256)], LINE)


def _hill_with_a_tower(d: Drawing) -> None:
    d.land([(0, 160), (50, 130), (128, 96), (200, 134), (256, 156)], hazy("#6f9a8a", 0.35))
    d.rect(125, 44, 6, 54, "#8d98a8")
    d.rect(127, 14, 2, 32, "#8d98a8")
    d.rect(119, 46, 18, 8, "#8d98a8", 3)
    d.rect(121, 54, 14, 5, GLOW, 2)
    for k, (x, w, h) in enumerate(
        ((0, 48, 62), (48, 32, 40), (80, 32, 34), (144, 32, 38), (176, 32, 46), (208, 48, 64))
    ):
        wall = ("#d9b48f", "#c9a0a0", "#e3d2b4", "#b3c0c4", "#d6c29c", "#c58f78")[k]
        m.tower(
            d,
            x,
            216 - h,
            w,
            wall,
            lit=((0, 1), (2, 0), (1, 2)),
            pane=mix(wall, "#4a5a70", 0.5),
            bottom=222,
        )
        d.rect(x - 1, 212 - h, w + 2, 5, mix(wall, "#4a3a40", 0.45))
    d.land([(0, 214), (60, 206), (128, 216), (190, 206), (256, 214)], "#5d8f5a")
    d.rect(0, 226, 256, 30, PAVING)
    d.rect(0, 226, 256, 5, STONE)


def _one_point_street(d: Drawing) -> None:
    d.rect(0, 190, 256, 66, PAVING)
    for s, walls in ((0, (BRICK, "#e0bd8c", "#8fa7a5")), (1, ("#d9a77c", "#7f93a8", "#c98a7a"))):
        with d.placed(256 * s, 0, 1, 0, bool(s)):
            for x0, x1, top0, top1, tone in ((0, 44, 44, 78, walls[0]), (44, 76, 66, 104, walls[1]),
                                             (76, 98, 122, 140, walls[2])):  # fmt: skip
                d.poly([(x0, top0), (x1, top1), (x1, 234 - x1 * 0.44), (x0, 234 - x0 * 0.44)], tone)
            for x, y, w, h, on in ((8, 84, 12, 22, 0), (28, 96, 9, 20, 1), (8, 132, 12, 22, 1),
                                   (28, 138, 9, 20, 0),
                                   (52, 120, 8, 16, 0), (64, 126, 6, 14, 1)):  # fmt: skip
                d.rect(x, y, w, h, GLOW if on != s else "#4f5d70")
            d.poly([(0, 178), (44, 172), (44, 182), (0, 192)], "#e0604f" if s else "#3f7f74")
            d.rect(6, 192, 14, 34, GLOW)
    d.poly([(98, 190), (158, 190), (256, 234), (256, 256), (0, 256), (0, 234)], PAVING)
    d.poly([(116, 190), (140, 190), (214, 256), (42, 256)], ASPHALT)
    d.poly([(126.5, 196), (129.5, 196), (130.5, 212), (125.5, 212)], LINE)
    d.poly([(124.5, 222), (131.5, 222), (135, 256), (121, 256)], LINE)
    m.lamp(d, 62, 222, 100)
    m.lamp(d, 196, 222, 100)


def _shopfronts(d: Drawing) -> None:
    for k, (x, w, top, wall, awning) in enumerate((
        (0, 64, 84, "#e6c79c", "#c9503f"), (64, 64, 112, "#9fb7ae", "#3d7c78"),
        (128, 64, 104, "#d99a86", "#e0a83c"),
        (192, 64, 76, "#b9a7c4", "#5f6fa8"),
    )):  # fmt: skip
        d.rect(x, top, w, 216 - top, wall)
        d.rect(x, top - 5, w, 7, mix(wall, "#4a3a40", 0.45))
        for dx in (10, 38):
            d.rect(x + dx, top + 16, 16, 24, GLOW if (k + dx) % 4 == 2 else "#566579", 2)
        d.rect(x + 6, 170, 34, 34, GLOW if k % 2 == 0 else "#7d93a4")
        d.rect(x + 44, 168, 14, 48, mix(awning, "#2a2430", 0.4))
        d.path(f"M{x + 2} 150H{x + 62}V164A7.5 7 0 0 1 {x + 47} 164A7.5 7 0 0 1 {x + 32} 164"
               f"A7.5 7 0 0 1 {x + 17} 164"
               f"A7.5 7 0 0 1 {x + 2} 164Z", awning)  # fmt: skip
        d.path(f"M{x + 17} 150H{x + 32}V164A7.5 7 0 0 1 {x + 17} 164ZM{x + 47} 150H{x + 62}"
               f"V164A7.5 7 0 0 1 {x + 47} 164Z",
               m.WHITE)  # fmt: skip
    d.rect(0, 214, 256, 26, PAVING)
    d.rect(0, 236, 256, 5, STONE)
    d.rect(0, 241, 256, 15, ASPHALT)


def _avenue(d: Drawing) -> None:
    for x, top, w in ((64, 128, 24), (88, 146, 20), (148, 140, 22), (170, 120, 24)):
        m.tower(d, x, top, w, hazy("#8fa6bd", 0.5), bottom=196)
    d.rect(0, 190, 256, 66, PAVING)
    d.poly([(104, 190), (152, 190), (226, 256), (30, 256)], ASPHALT)
    for s in (-1, 1):
        for x, base, h, tone in (
            (38, 196, 64, "#7fb48a"),
            (66, 206, 104, "#5f9f62"),
            (112, 228, 186, "#3f8048"),
        ):
            m.tree(d, 128 + s * x, base, h, tone)
    for k in range(5):
        d.poly(
            [(76 + k * 23, 224), (88 + k * 23, 224), (84 + k * 26, 246), (68 + k * 26, 246)], LINE
        )
    m.lamp(d, 84, 212, 70)
    m.lamp(d, 172, 212, 70)


def _lantern_steps(d: Drawing) -> None:
    d.poly([(0, 30), (84, 92), (84, 214), (0, 244)], "#8d7a72")
    d.poly([(256, 14), (172, 86), (172, 214), (256, 244)], "#a58a76")
    d.poly([(0, 30), (84, 92), (84, 104), (0, 52)], "#4f5967")
    d.poly([(256, 14), (172, 86), (172, 98), (256, 38)], "#4f5967")
    for x, y, w, h in (
        (14, 116, 18, 34),
        (48, 128, 14, 28),
        (194, 126, 14, 28),
        (224, 114, 18, 34),
    ):
        d.rect(x, y, w, h, "#53444a")
        d.rect(x + 3, y + 3, w - 6, h - 6, GLOW if x in (48, 224) else "#6f8090")
    d.rect(0, 214, 256, 42, "#8f857c")
    for k in range(7):
        y, half = 176 + k * 12, 44 + k * 14
        d.rect(128 - half, y, half * 2, 6, "#e0d8ca")
        d.rect(128 - half, y + 5, half * 2, 8, "#b3a899")
    for x, y, r in ((58, 96, 9), (28, 84, 12), (198, 96, 9), (230, 82, 12)):
        d.rect(x - 1, y - r * 2.4, 2, r * 1.6, m.IRON)
        d.oval(x, y, r, r * 1.15, GLOW)
        d.rect(x - r * 0.5, y - r * 1.3, r, 4, "#b5423a")
        d.rect(x - r * 0.5, y + r * 1.05, r, 4, "#b5423a")


def _back_lane(d: Drawing) -> None:
    d.poly([(0, 0), (56, 0), (92, 76), (92, 196), (0, 236)], "#8a8fa3")
    d.poly([(256, 0), (206, 0), (168, 70), (168, 196), (256, 236)], "#747b92")
    d.rect(92, 120, 76, 76, hazy("#8fa6bd", 0.5))
    d.rect(104, 100, 28, 96, hazy("#8fa6bd", 0.35))
    for x, y, w, h in ((12, 40, 24, 32), (12, 104, 24, 32), (58, 92, 16, 26), (214, 52, 24, 32),
                       (214, 116, 24, 32),
                       (182, 98, 16, 26)):  # fmt: skip
        d.rect(x, y, w, h, GLOW if y in (104, 98) else "#4f566d")
        d.rect(x - 2, y + h, w + 4, 5, "#5f667e")
    d.rect(56, 140, 14, 44, "#e0604f", 3)
    d.rect(60, 146, 6, 32, GLOW, 2)
    d.rect(186, 136, 14, 36, "#3f9a94", 3)
    d.rect(190, 142, 6, 24, GLOW, 2)
    d.poly([(92, 196), (168, 196), (256, 234), (256, 256), (0, 256), (0, 234)], "#8f8f98")
    d.poly([(116, 196), (144, 196), (190, 256), (66, 256)], "#a9a9b0")
    for low, y in ((60, 18), (84, 8)):
        d.line([(0, y), (128, low), (256, y - 6)], 2, m.IRON)
    d.rect(226, 196, 26, 34, "#5b6b5f", 2)
    d.rect(222, 192, 34, 6, "#47544b", 2)


def _arched_lane(d: Drawing) -> None:
    d.wall([arch(60, 48, 136, 240), "M0 -2H256V24H0Z"], "#cf9470")
    d.path(arch(48, 34, 160, 260) + arch(60, 48, 136, 240), "#a96c50")
    d.poly([(60, 120), (98, 146), (98, 206), (60, 232)], "#e3c196")
    d.poly([(196, 112), (160, 140), (160, 206), (196, 232)], "#c99c76")
    d.path(arch(68, 160, 14, 52), "#7a5a50")
    d.rect(174, 150, 12, 22, GLOW)
    d.poly([(98, 206), (160, 206), (196, 232), (196, 256), (60, 256), (60, 232)], "#cfc2ae")
    d.rect(0, 234, 60, 22, "#b7a893")
    d.rect(196, 234, 60, 22, "#b7a893")
    d.rect(0, 20, 256, 8, "#8a543f")
    for x in (30, 226):
        d.rect(x - 2, 92, 4, 14, m.IRON)
        d.poly([(x - 9, 106), (x + 9, 106), (x + 6, 126), (x - 6, 126)], GLOW)
        d.poly([(x - 12, 107), (x, 97), (x + 12, 107)], m.IRON)
    m.potted(d, 24, 244, 58, "#4d9455")
    m.potted(d, 234, 246, 50, "#4d9455")


DRAWINGS: dict[str, tuple[Draw, ...]] = {
    "village": (_hillside, _hanok_village, _white_steps),
    "city": (_skyline, _towers_of_glass, _hill_with_a_tower),
    "street": (_one_point_street, _shopfronts, _avenue),
    "alley": (_lantern_steps, _back_lane, _arched_lane),
}
