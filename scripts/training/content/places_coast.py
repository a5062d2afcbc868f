"""Grounds where people live by the water: harbour, island, bridge."""

from __future__ import annotations

from scripts.training.content import motifs as m
from scripts.training.content.drawings import Draw
from scripts.training.content.shapes import GLOW, Drawing, circle, hazy, mix

PALE, LIGHT, BLUE, DEEP = "#bfe3ea", "#7cc4d8", "#3f9cc4", "#1f74a6"
ROCK, ROCK_DARK = "#7f8794", "#5d6473"


def _lighthouse(d: Drawing, x: float, base: float, height: float) -> None:
    w = height * 0.13
    d.poly([(x - w, base), (x - w * 0.6, base - height * 0.76),
            (x + w * 0.6, base - height * 0.76), (x + w, base)],
           m.WHITE)  # fmt: skip
    for low, high in ((0.18, 0.36), (0.54, 0.7)):
        a, b = w * (1 - low * 0.52), w * (1 - high * 0.52)
        d.poly([(x - a, base - height * low), (x - b, base - height * high),
                (x + b, base - height * high),
                (x + a, base - height * low)], "#d95546")  # fmt: skip
    d.rect(x - w * 0.9, base - height * 0.79, w * 1.8, height * 0.04, m.IRON)
    d.rect(x - w * 0.5, base - height * 0.91, w, height * 0.12, GLOW)
    d.poly(
        [
            (x - w * 0.75, base - height * 0.91),
            (x, base - height),
            (x + w * 0.75, base - height * 0.91),
        ],
        "#d95546",
    )


def _boat(d: Drawing, x: float, y: float, size: float, hull: str) -> None:
    d.line([(x, y), (x, y - size)], size * 0.04, m.IRON)
    d.path(
        f"M{x + size * 0.04} {y - size * 0.96}L{x + size * 0.46} {y - size * 0.16}"
        f"H{x + size * 0.04}Z",
        m.WHITE,
    )
    d.path(
        f"M{x - size * 0.04} {y - size * 0.8}L{x - size * 0.32} {y - size * 0.16}"
        f"H{x - size * 0.04}Z",
        "#e9dcc0",
    )
    d.path(f"M{x - size * 0.45} {y - size * 0.08}H{x + size * 0.5}"
           f"L{x + size * 0.32} {y + size * 0.12}"
           f"H{x - size * 0.32}Z", hull)  # fmt: skip


def _pier_light(d: Drawing) -> None:
    d.land([(0, 168), (60, 148), (120, 166), (170, 172)], hazy("#7e9bb4", 0.45), 176)
    d.rect(0, 172, 256, 84, BLUE)
    d.rect(0, 172, 256, 8, LIGHT)
    d.path("M150 184H256V214H140C140 204 144 194 150 184Z", "#a9a39a")
    d.path("M140 202H256V214H138Z", "#7f7a76")
    _lighthouse(d, 214, 188, 132)
    _boat(d, 38, 192, 54, "#b5483f")
    m.glints(d, [(16, 206, 48), (80, 198, 40), (56, 222, 72), (168, 226, 56), (24, 240, 40)], LIGHT)
    d.land([(0, 246), (128, 240), (256, 246)], DEEP)


def _masts(d: Drawing) -> None:
    for x, w, top, tone in ((0, 32, 116, "#e8b574"), (32, 32, 104, "#d9786a"),
                            (64, 32, 122, "#f0dcae"),
                            (192, 32, 112, "#9fb8c4"), (224, 32, 100, "#e3a06c")):  # fmt: skip
        d.poly([(x, top), (x + w / 2, top - 16), (x + w, top)], mix(tone, "#5a3a30", 0.5))
        m.tower(d, x, top, w, hazy(tone, 0.15), lit=((0, 1), (1, 3)), pane="#6f8496", bottom=178)
    d.rect(0, 174, 256, 82, BLUE)
    d.rect(0, 172, 96, 8, "#b5ada0")
    d.rect(192, 172, 64, 8, "#b5ada0")
    m.glints(d, [(16, 186, 56), (112, 184, 48), (192, 188, 48), (120, 204, 56)], LIGHT)
    _boat(d, 40, 214, 76, "#2f5f86")
    _boat(d, 214, 206, 62, "#b5483f")
    d.rect(0, 234, 256, 22, "#b98a5c")
    d.rect(0, 234, 256, 5, "#d3a878")
    for x in (24, 80, 176, 232):
        d.rect(x - 6, 222, 12, 22, "#6b4a35", 3)


def _quay(d: Drawing) -> None:
    far = hazy("#8fa6bd", 0.45)
    d.rect(0, 176, 256, 24, LIGHT)
    for x, dy in ((8, 0), (216, 12)):
        d.poly([(x, 180), (x + 10, 92 + dy), (x + 16, 92 + dy), (x + 24, 180)], far)
        d.rect(x - 30, 92 + dy, 72, 7, far)
        d.line([(x + 12, 74 + dy), (x - 28, 94 + dy)], 3, far)
        d.line([(x + 12, 74 + dy), (x + 40, 94 + dy)], 3, far)
    for x, y, tone in ((32, 164, "#cf7a5f"), (56, 164, "#6f9cb4"), (44, 152, "#e0b563"),
                       (176, 164, "#6f9cb4"),
                       (200, 164, "#e0b563")):  # fmt: skip
        d.rect(x, y, 23, 11, hazy(tone, 0.2))
    d.rect(0, 175, 256, 5, "#b5ada0")
    d.rect(0, 180, 256, 36, BLUE)
    m.glints(d, [(24, 190, 72), (152, 188, 48), (88, 202, 64), (200, 204, 40)], LIGHT)
    d.rect(0, 212, 256, 44, "#c9c1b2")
    d.rect(0, 212, 256, 7, "#e3dccf")
    d.rect(0, 240, 256, 16, "#a89f92")
    for x in (30, 226):
        d.rect(x - 9, 200, 18, 20, m.IRON, 3)
        d.rect(x - 13, 196, 26, 8, m.IRON, 4)
    m.lamp(d, 58, 220, 108)


def _palm_isle(d: Drawing) -> None:
    d.rect(0, 176, 256, 80, BLUE)
    d.rect(0, 176, 256, 8, LIGHT)
    m.palm(d, 196, 184, 84, -16, "#3f9460")
    m.palm(d, 206, 184, 98, 12, "#3f9460")
    d.path(
        "M146 196C160 178 190 172 212 174C236 176 250 186 256 192V200C220 206 170 204 146 196Z",
        "#f0d9a6",
    )
    d.path("M164 186C180 170 216 166 236 180C220 186 190 188 164 186Z", "#64a54c")
    d.path("M132 198C170 206 220 208 256 202V210C210 216 160 210 132 198Z", PALE)
    m.glints(d, [(16, 196, 56), (72, 208, 48), (8, 224, 64), (144, 228, 72)], LIGHT)
    d.land([(0, 244), (60, 236), (140, 246), (256, 238)], DEEP)


def _cliff_light(d: Drawing) -> None:
    d.rect(0, 184, 256, 72, BLUE)
    d.rect(0, 184, 256, 8, LIGHT)
    m.glints(d, [(128, 200, 56), (200, 204, 48), (144, 218, 72), (192, 234, 56)], LIGHT)
    d.path("M-2 126C30 118 70 122 92 134C100 160 96 190 116 226L128 256H-2Z", "#d9cbb4")
    d.path("M92 134C100 160 96 190 116 226L128 256H84C88 214 72 170 92 134Z", "#b39f86")
    d.path("M-2 122C30 112 74 116 96 136C70 134 50 146 30 140C16 136 8 146 -2 144Z", "#64a54c")
    _lighthouse(d, 42, 126, 100)
    m.glints(d, [(96, 236, 48), (112, 248, 64)], "#f2f8f8", 6)


def _green_isle(d: Drawing) -> None:
    d.rect(0, 168, 256, 88, LIGHT)
    d.land(
        [(20, 172), (70, 140), (128, 106), (176, 122), (214, 152), (240, 172)],
        hazy("#4f8474", 0.35),
        174,
    )
    d.land([(40, 172), (100, 158), (150, 162), (190, 150), (222, 172)], "#6fa287", 176)
    d.rect(0, 172, 256, 84, BLUE)
    d.path("M28 172H232C220 180 50 182 28 172Z", "#f0e2b8")
    m.glints(d, [(56, 190, 64), (144, 188, 56), (16, 208, 48), (192, 210, 48)], PALE)
    d.path("M0 204C24 206 40 216 48 230C54 242 60 250 62 256H0Z", ROCK)
    d.path("M256 214C238 216 220 226 208 240L200 256H256Z", ROCK)
    d.path("M48 230C54 242 60 250 62 256H30C38 246 42 238 48 230Z", ROCK_DARK)
    d.land([(62, 256), (128, 238), (200, 254)], DEEP)
    m.leafy(d, 12, 214, 46, (-20, 18, 46, 0), "#64a54c")


def _karst_isles(d: Drawing) -> None:
    for x, top, w, tone in (
        (96, 128, 34, "#b5cdd6"), (150, 116, 30, "#b5cdd6"), (190, 92, 46, "#83a9a8"),
        (52, 100, 44, "#83a9a8"),
        (-6, 66, 62, "#4f8474"), (228, 76, 64, "#4f8474"),
    ):  # fmt: skip
        d.blob([(x - w * 0.1, 200), (x, top + w), (x + w * 0.2, top + 8), (x + w * 0.5, top),
                (x + w * 0.8, top + 12),
                (x + w, top + w), (x + w * 1.08, 200)], tone)  # fmt: skip
    d.rect(0, 178, 256, 78, "#5db1bd")
    m.glints(d, [(0, 176, 64), (200, 176, 56), (56, 176, 40), (176, 180, 40)], "#d8eef0")
    m.glints(d, [(72, 194, 56), (152, 204, 64), (24, 214, 48), (104, 226, 64)], "#9ad4d8")
    d.land([(0, 238), (128, 244), (256, 236)], "#3a8ea4")


def _suspension(d: Drawing) -> None:
    d.land([(0, 166), (60, 150), (140, 168), (200, 154), (256, 164)], hazy("#6f9a8a", 0.45))
    d.rect(0, 176, 256, 80, BLUE)
    d.rect(0, 176, 256, 8, LIGHT)
    red, dark = "#cf5a45", "#a04034"
    for x0, x1, low in ((-70, 52, 148), (52, 204, 150), (204, 330, 148)):
        mid = (x0 + x1) / 2
        d.path(f"M{x0} 78Q{mid} {2 * low - 78} {x1} 78V82Q{mid} {2 * low - 72} {x0} 82Z", red)
    for x in range(4, 256, 16):
        off = (x - 128) / 76 if 52 < x < 204 else (min(x, 256 - x) + 9) / 61
        hang = 150 - 72 * off**2
        if abs(x - 52) > 8 and abs(x - 204) > 8:
            d.rect(x - 1, hang, 2, 154 - hang, red)
    for x in (44, 196):
        d.rect(x, 68, 6, 122, dark)
        d.rect(x + 12, 68, 6, 122, dark)
        for y in (80, 112):
            d.rect(x, y, 18, 6, dark)
        d.rect(x - 6, 184, 30, 12, "#8d8f98")
    d.rect(0, 152, 256, 9, red)
    d.rect(0, 158, 256, 4, dark)
    m.glints(d, [(72, 196, 64), (8, 206, 40), (152, 214, 72), (64, 226, 56)], LIGHT)
    d.land([(0, 244), (128, 238), (256, 246)], DEEP)


def _bridge_deck(d: Drawing) -> None:
    d.land([(0, 176), (60, 162), (128, 176), (190, 164), (256, 172)], hazy("#7e9bb4", 0.45))
    d.rect(0, 176, 256, 80, LIGHT)
    tone, dark = "#c7ccd2", "#9aa3ae"
    d.poly([(118, 176), (138, 176), (236, 256), (20, 256)], "#6b7280")
    d.poly([(126.5, 184), (129.5, 184), (131, 206), (125, 206)], m.WHITE)
    d.poly([(124.5, 216), (131.5, 216), (135, 256), (121, 256)], m.WHITE)
    for s in (-1, 1):
        for x, y in ((34, 200), (62, 214), (92, 230), (126, 246)):
            d.line([(128 + s * 40, 44), (128 + s * x, y)], 2, dark)
        for x in (16, 22, 30):
            d.line([(128 + s * 40, 44), (128 + s * x, 180)], 1.6, dark)
        d.poly(
            [(128 + s * 36, 36), (128 + s * 46, 36), (128 + s * 58, 224), (128 + s * 44, 224)], tone
        )
        d.poly(
            [(128 + s * 10, 174), (128 + s * 14, 174), (128 + s * 140, 246), (128 + s * 124, 256)],
            dark,
        )
    d.rect(84, 58, 88, 9, tone)
    d.rect(76, 116, 104, 9, tone)


def _stone_arches(d: Drawing) -> None:
    d.land([(0, 150), (70, 124), (140, 150), (210, 128), (256, 142)], hazy("#6f9a8a", 0.4))
    d.land([(0, 168), (128, 162), (256, 170)], "#a9cdb4")
    m.tree(d, 18, 190, 78, "#4d9455")
    m.tree(d, 244, 192, 64, "#4d9455")
    d.rect(0, 196, 256, 60, "#5ba6c4")
    d.path("M0 172C70 158 90 146 128 146C166 146 186 158 256 172V210H0"
           "Z" + circle(128, 208, 40) + circle(56, 210, 26)
           + circle(200, 210, 26), "#c9b79c")  # fmt: skip
    d.path("M0 172C70 158 90 146 128 146C166 146 186 158 256 172V180C186 166 166 154 128 154"
           "C90 154 70 166 0 180Z",
           "#e3d5bd")  # fmt: skip
    for x, r in ((128, 40), (56, 26), (200, 26)):
        d.path(
            f"M{x - r} 209A{r} {r} 0 0 1 {x + r} 209H{x + r - 8}"
            f"A{r - 8} {r - 8} 0 0 0 {x - r + 8} 209Z",
            "#a08c70",
        )
    d.rect(0, 209, 256, 47, "#4a97b8")
    m.glints(d, [(100, 214, 56), (16, 222, 48), (184, 224, 48), (80, 236, 64)], PALE)
    d.land([(0, 230), (30, 228), (70, 248), (90, 260)], "#64a54c")
    d.land([(180, 260), (214, 238), (256, 232)], "#64a54c")


DRAWINGS: dict[str, tuple[Draw, ...]] = {
    "harbour": (_pier_light, _masts, _quay),
    "island": (_palm_isle, _cliff_light, _green_isle, _karst_isles),
    "bridge": (_suspension, _bridge_deck, _stone_arches),
}
