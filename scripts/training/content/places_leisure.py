"""Grounds of free hours: garden, park, amusement park, stage."""

from __future__ import annotations

from math import cos, pi, sin

from scripts.training.content import motifs as m
from scripts.training.content.drawings import Draw
from scripts.training.content.shapes import GLOW, Drawing, arch, hazy, mix

LAWN, LAWN_DARK, LEAF, DARK, PATH = "#8cbf6a", "#64a54c", "#4d9455", "#2f6b4a", "#ecdcae"


def _rose_arch(d: Drawing) -> None:
    d.land([(0, 160), (70, 148), (140, 160), (256, 150)], hazy("#6f9a8a", 0.4))
    d.rect(0, 168, 256, 24, DARK)
    d.rect(0, 164, 256, 8, LEAF, 4)
    d.rect(0, 190, 256, 66, LAWN)
    d.poly([(108, 190), (148, 190), (188, 256), (68, 256)], PATH)
    d.path(arch(56, 60, 144, 150) + arch(74, 78, 108, 132), LEAF)
    for k in range(13):
        a = pi * k / 12
        x, y = 128 + 63 * cos(a), 132 - 63 * sin(a)
        d.disc(x, y, 13, LEAF if k % 2 else DARK)
    for k in range(1, 12):
        a = pi * k / 12
        m.flower(d, 128 + 63 * cos(a), 131 - 63 * sin(a), 9, "#f0788f" if k % 2 else "#fbe3df")
    for x, y in ((65, 150), (65, 178), (191, 150), (191, 178)):
        m.flower(d, x, y, 9, "#f0788f")
    for x in (20, 236):
        m.bush(d, x, 226, 56, LEAF)
        for dx, dy in ((-14, -12), (6, -20), (16, -6)):
            m.flower(d, x + dx, 222 + dy, 7, "#f7c948")


def _picket_garden(d: Drawing) -> None:
    m.tree(d, 212, 210, 140, "#5f9f62")
    d.land([(0, 176), (60, 168), (140, 178), (256, 168)], "#a9cdb4")
    d.rect(0, 192, 256, 64, LAWN)
    for x in range(0, 256, 16):
        if not 96 <= x < 160:
            d.path(f"M{x + 3} 214V182L{x + 8} 174L{x + 13} 182V214Z", m.WHITE)
    for y in (188, 202):
        d.rect(0, y, 96, 5, "#dcdcd6")
        d.rect(160, y, 96, 5, "#dcdcd6")
    d.path("M108 192H148C150 212 140 230 160 256H84C104 230 104 212 108 192Z", PATH)
    d.land([(0, 226), (40, 222), (80, 236), (92, 258)], LAWN_DARK)
    d.land([(168, 258), (190, 234), (256, 222)], LAWN_DARK)
    for k, x in enumerate((12, 36, 60, 192, 216, 240)):
        m.tulip(d, x, 256, 46 + k % 3 * 6, ("#e2557a", "#f5c84c", "#b07cc6")[k % 3], DARK)


def _formal_garden(d: Drawing) -> None:
    d.rect(0, 172, 256, 84, LAWN)
    for x, h in ((12, 116), (44, 92), (70, 70), (186, 70), (212, 92), (244, 116)):
        m.cypress(d, x, 170 + h * 0.2, h, DARK if h > 80 else LEAF)
    d.rect(94, 140, 68, 34, hazy("#e8d9b8", 0.3))
    d.poly([(88, 140), (128, 122), (168, 140)], hazy("#c46a4c", 0.3))
    for x in (100, 124, 148):
        d.path(arch(x, 148, 9, 24), hazy("#5d6d80", 0.3))
    d.poly([(104, 174), (152, 174), (206, 256), (50, 256)], PATH)
    d.oval(128, 206, 34, 9, "#b9b4ac")
    d.oval(128, 204, 29, 6, "#7cc4d8")
    for s in (-1, 1):
        for x, y, w in ((58, 200, 40), (100, 226, 60)):
            d.rect(128 + s * x - w / 2, y, w, w * 0.4, DARK, 4)
            d.rect(128 + s * x - w / 2, y, w, w * 0.16, LEAF, 4)


def _bench_and_lamp(d: Drawing) -> None:
    d.land([(0, 168), (60, 152), (140, 166), (256, 148)], hazy("#7fae86", 0.4))
    d.land([(0, 184), (128, 178), (256, 186)], "#a5cf86")
    m.bush(d, 226, 190, 70, "#7db98a")
    m.tree(d, 34, 214, 160, LEAF)
    d.land([(0, 204), (90, 200), (256, 206)], LAWN)
    m.bench(d, 62, 222, 64)
    m.lamp(d, 218, 222, 136)
    d.path("M0 232C70 222 180 222 256 236V250C180 236 70 236 0 250Z", PATH)
    d.land([(0, 250), (128, 240), (256, 251)], LAWN_DARK)


def _pond_in_the_city(d: Drawing) -> None:
    for x, top, w in (
        (0, 96, 32),
        (32, 120, 24),
        (56, 140, 24),
        (152, 132, 24),
        (176, 104, 32),
        (208, 124, 24),
        (232, 90, 24),
    ):
        m.tower(d, x, top, w, hazy("#8fa6bd", 0.5 if w > 24 else 0.35), bottom=180)
    for x, r in (
        (8, 22),
        (40, 26),
        (80, 20),
        (116, 16),
        (150, 18),
        (186, 24),
        (222, 22),
        (250, 26),
    ):
        d.disc(x, 172, r, "#6fa67c" if r % 4 else "#5f9567")
    d.rect(0, 172, 256, 84, LAWN)
    d.path(
        "M40 206C70 190 190 186 226 204C246 216 210 232 140 232C70 232 16 222 40 206Z", "#5ba6c4"
    )
    m.glints(d, [(80, 202, 48), (144, 208, 40), (96, 218, 64)], "#bfe3ea")
    d.land([(0, 226), (50, 230), (128, 240), (200, 230), (256, 222)], LAWN_DARK)
    m.tree(d, 246, 236, 130, "#3f8048")
    m.bench(d, 14, 242, 56)


def _autumn_walk(d: Drawing) -> None:
    d.rect(0, 176, 256, 80, "#e3c68b")
    d.land([(0, 166), (60, 158), (196, 158), (256, 166)], hazy("#d9a05f", 0.5), 178)
    d.poly([(112, 174), (144, 174), (208, 256), (48, 256)], "#f3e6c4")
    for s in (-1, 1):
        for x, base, h, tone in (
            (32, 184, 58, "#ecb765"),
            (58, 198, 100, "#e08c4a"),
            (108, 226, 190, "#cf6338"),
        ):
            m.tree(d, 128 + s * x, base, h, tone)
    m.lamp(d, 76, 216, 84)
    for x, y in ((24, 240), (56, 230), (196, 232), (232, 244), (92, 246), (168, 248)):
        d.oval(x, y, 6, 3, "#cf6338")


def _wheel(d: Drawing, x: float, y: float, r: float, rim: str, gondolas: tuple[str, ...]) -> None:
    for s in (-1, 1):
        d.poly(
            [
                (x - 3, y),
                (x + 3, y),
                (x + s * r * 0.52 + 4, y + r * 1.22),
                (x + s * r * 0.52 - 4, y + r * 1.22),
            ],
            rim,
        )
    d.ring(x, y, r, 5, rim)
    d.ring(x, y, r * 0.62, 2.5, rim)
    for k in range(12):
        a = pi * k / 6
        if k < 6:
            d.line([(x - r * cos(a), y - r * sin(a)), (x + r * cos(a), y + r * sin(a))], 2, rim)
    for k in range(12):
        a = pi * k / 6
        d.disc(x + r * cos(a), y + r * sin(a) + 4, r * 0.11, gondolas[k % len(gondolas)])
    d.disc(x, y, r * 0.13, GLOW)


def _big_tent(d: Drawing, x: float, base: float, width: float, height: float, tone: str) -> None:
    w, top = width / 2, base - height
    d.rect(x - 1, top - height * 0.2, 2, height * 0.22, m.IRON)
    d.poly(
        [
            (x, top - height * 0.2),
            (x + width * 0.14, top - height * 0.13),
            (x, top - height * 0.06),
        ],
        GLOW,
    )
    d.rect(x - w * 0.9, base - height * 0.5, w * 1.8, height * 0.5, m.WHITE)
    for k in (-0.9, -0.36, 0.18, 0.72):
        d.rect(
            x + w * k, base - height * 0.5, w * 0.27 if k < 0.7 else w * 0.18, height * 0.5, tone
        )
    d.path(f"M{x} {top}Q{x + w * 0.3} {base - height * 0.62} {x + w} {base - height * 0.5}H{x - w}"
           f"Q{x - w * 0.3} {base - height * 0.62} {x} {top}Z", tone)  # fmt: skip
    d.path(f"M{x} {top}"
           f"Q{x + w * 0.08} {base - height * 0.62} {x + w * 0.3} {base - height * 0.5}"
           f"H{x - w * 0.3}"
           f"Q{x - w * 0.08} {base - height * 0.62} {x} {top}Z", m.WHITE)  # fmt: skip


def _ferris_wheel(d: Drawing) -> None:
    _wheel(d, 196, 104, 74, "#8f9fb5", ("#e0604f", "#f2b84b", "#4fa3a0"))
    d.land([(0, 190), (60, 182), (256, 190)], "#7fb48a", 200)
    _big_tent(d, 44, 204, 72, 62, "#e0604f")
    d.rect(0, 200, 256, 56, "#dccba6")
    d.rect(0, 200, 256, 6, "#b9a582")
    for x in range(0, 256, 32):
        d.rect(x + 14, 184, 4, 24, m.WHITE)
    d.rect(0, 190, 256, 4, m.WHITE)
    d.land([(0, 240), (128, 234), (256, 242)], "#c4b08a")


def _coaster(d: Drawing) -> None:
    rail, leg = "#e0604f", "#c9ced6"
    line = [
        (-10, 150),
        (20, 84),
        (48, 60),
        (76, 92),
        (104, 168),
        (136, 176),
        (160, 130),
        (186, 104),
        (212, 130),
        (262, 176),
    ]
    for x, y in (
        (16, 92),
        (48, 60),
        (76, 92),
        (92, 136),
        (160, 130),
        (186, 104),
        (212, 130),
        (236, 156),
    ):
        d.rect(x - 1.5, y, 3, 204 - y, leg)
    d.line(line, 7, rail)
    d.line([(x, y - 5) for x, y in line], 2, mix(rail, "#ffffff", 0.5))
    d.land([(0, 196), (70, 188), (150, 198), (256, 188)], "#7fb48a")
    d.rect(0, 204, 256, 52, "#e3d2ae")
    _big_tent(d, 222, 214, 60, 48, "#4fa3a0")
    d.rect(12, 176, 44, 42, "#f2b84b")
    d.rect(18, 188, 32, 16, GLOW)
    d.path("M6 178H62V168L54 156H14L6 168Z", "#d9503f")
    d.path("M20 156H34V178H20ZM48 156H54L62 168V178H48Z", m.WHITE)
    d.land([(0, 240), (128, 232), (256, 240)], "#cbb68c")


def _fair_at_the_gate(d: Drawing) -> None:
    _wheel(d, 128, 146, 40, hazy("#8f9fb5", 0.5), (hazy("#e0604f", 0.4), hazy("#4fa3a0", 0.4)))
    d.land([(0, 186), (256, 186)], "#a9cdb4", 200)
    _big_tent(d, 26, 214, 92, 92, "#6f6fb5")
    _big_tent(d, 232, 214, 88, 80, "#e0604f")
    d.rect(0, 206, 256, 50, "#d9c7a0")
    d.poly([(104, 206), (152, 206), (200, 256), (56, 256)], "#ecdfc0")
    m.garland(d, ((-6, 40), (128, 30)), 22, 7, 5)
    m.garland(d, ((128, 30), (262, 40)), 22, 7, 5)


def _velvet_curtains(d: Drawing) -> None:
    d.rect(0, 0, 256, 200, "#3b3550")
    d.poly([(100, 0), (156, 0), (204, 200), (52, 200)], "#564d70")
    d.oval(128, 206, 84, 16, "#c99a66")
    d.rect(0, 198, 256, 58, "#8f5f44")
    d.oval(128, 216, 88, 15, "#c08a5e")
    m.curtain(d, 0, 64, 208, "#b5343f")
    m.curtain(d, 192, 64, 208, "#b5343f")
    for k in range(4):
        x = 64 * k
        d.path(f"M{x} 0H{x + 64}V26A32 24 0 0 1 {x} 26Z", "#8f2936" if k % 2 else "#a32e3b")
    d.rect(0, 238, 256, 18, "#5f3d30")
    for x in range(16, 256, 32):
        d.path(f"M{x - 9} 240A9 9 0 0 1 {x + 9} 240Z", GLOW)


def _concert(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, "#2b3350")
    for x0, x1, tone in (
        (32, 96, "#3f4a72"),
        (224, 160, "#3f4a72"),
        (80, 60, "#4a5a86"),
        (176, 196, "#4a5a86"),
    ):
        d.poly([(x0 - 5, 24), (x0 + 5, 24), (x1 + 30, 196), (x1 - 30, 196)], tone)
    d.rect(0, 12, 256, 5, "#10152a")
    d.rect(0, 26, 256, 4, "#10152a")
    for x in range(16, 256, 32):
        d.rect(x - 7, 18, 14, 12, "#10152a", 3)
        d.path(f"M{x - 8} 30H{x + 8}L{x + 5} 38H{x - 5}Z", GLOW)
    for x in (8, 208):
        for k in range(3):
            d.rect(x, 92 + k * 36, 40, 34, "#171d33", 2)
            d.disc(x + 20, 109 + k * 36, 12, "#4a5578")
            d.disc(x + 20, 109 + k * 36, 5, "#171d33")
    d.rect(0, 194, 256, 30, "#6b6f8f")
    d.rect(0, 200, 256, 24, "#474c6b")
    d.land([(0, 226), (256, 226)], "#10152a")
    for x in range(-8, 272, 32):
        d.disc(x + 8, 230, 11, "#10152a")
    for x in (24, 56, 216, 248):
        d.line([(x, 240), (x + 6, 206)], 6, "#10152a")


def _small_club(d: Drawing) -> None:
    d.rect(0, 0, 256, 206, "#a3604e")
    for row in range(13):
        for k in range(5):
            if (row * 3 + k * 2) % 5 < 2:
                d.rect(k * 64 + (row % 2) * 32 - 12, row * 16 + 2, 28, 12, "#b87560")
    d.ring(128, 92, 58, 6, GLOW)
    d.rect(0, 200, 256, 56, "#5a4038")
    d.oval(128, 226, 108, 24, "#3f2c28")
    d.oval(128, 220, 108, 24, "#c08a5e")
    d.oval(128, 219, 90, 17, "#d3a272")
    for x, w in ((12, 40), (204, 40)):
        d.rect(x, 150, w, 56, "#2a2430", 3)
        d.disc(x + w / 2, 184, 15, "#57505f")
        d.disc(x + w / 2, 162, 6, "#57505f")
    for x in (40, 216):
        m.pendant(d, x, 48, 16, "#2a2430")


DRAWINGS: dict[str, tuple[Draw, ...]] = {
    "garden": (_rose_arch, _picket_garden, _formal_garden),
    "park": (_bench_and_lamp, _pond_in_the_city, _autumn_walk),
    "amusement park": (_ferris_wheel, _coaster, _fair_at_the_gate),
    "stage": (_velvet_curtains, _concert, _small_club),
}
