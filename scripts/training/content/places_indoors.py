"""Grounds indoors: room, window, cafe, bedroom, library. The sky shows through the panes."""

from __future__ import annotations

from scripts.training.content import motifs as m
from scripts.training.content.drawings import Draw
from scripts.training.content.shapes import GLOW, Drawing, arch, block, circle, mix

FRAME, WOOD, WOOD_DARK, OAK = "#f3ede2", "#a8744d", "#7d5338", "#c79a6b"
SPINES = ("#c0564a", "#3f7d86", "#e0b55a", "#5a5f8f", "#7a9a6a", "#d9cdb8")


def _panes(
    d: Drawing, x: float, y: float, width: float, height: float, across: int, down: int, frame: str = FRAME,
    bar: float = 5,
) -> None:  # fmt: skip
    """The frame of a window whose panes are left open."""
    d.path(block(x - 5, y - 5, width + 10, height + 10) + block(x, y, width, height), frame)
    for k in range(1, across):
        d.rect(x + width * k / across - bar / 2, y, bar, height, frame)
    for k in range(1, down):
        d.rect(x, y + height * k / down - bar / 2, width, bar, frame)


def _boards(d: Drawing, top: float, tone: str) -> None:
    """A floor of boards that run towards the middle of the wall."""
    d.rect(0, top, 256, 256 - top, tone)
    dark = mix(tone, "#4a2a20", 0.2)
    for k in (-3, -2, -1, 1, 2, 3):
        d.poly(
            [(128 + k * 40, top), (130 + k * 40, top), (131 + k * 66, 256), (127 + k * 66, 256)],
            dark,
        )
    d.rect(0, top - 6, 256, 6, FRAME)


def _sunny_room(d: Drawing) -> None:
    d.wall([block(152, 40, 80, 96)], "#e7d3b8")
    _panes(d, 152, 40, 80, 96, 2, 2)
    m.curtain(d, 132, 24, 168, "#d98a6a", 28)
    m.curtain(d, 228, 24, 168, "#d98a6a", 28)
    d.rect(126, 24, 130, 5, WOOD_DARK, 2)
    d.rect(24, 52, 56, 44, WOOD)
    d.rect(29, 57, 46, 34, "#9fc0c4")
    d.land([(29, 82), (48, 70), (75, 84)], "#6f9a8a", 91)
    _boards(d, 192, OAK)
    d.oval(128, 226, 88, 18, "#b5605a")
    d.oval(128, 226, 70, 12, "#d98f80")
    m.potted(d, 28, 214, 92, "#4d9455", FRAME)


def _arched_room(d: Drawing) -> None:
    d.wall([arch(72, 28, 112, 150)], "#9db5b0")
    d.path(arch(66, 22, 124, 160) + arch(72, 28, 112, 150), FRAME)
    d.rect(125, 28, 6, 150, FRAME)
    for y in (84, 130):
        d.rect(72, y, 112, 5, FRAME)
    d.rect(0, 152, 62, 44, "#86a09c")
    d.rect(194, 152, 62, 44, "#86a09c")
    d.rect(0, 148, 62, 5, FRAME)
    d.rect(194, 148, 62, 5, FRAME)
    _boards(d, 198, WOOD)
    m.pendant(d, 32, 74, 20, "#c9764a")
    d.rect(200, 172, 56, 36, "#c9764a", 8)
    d.rect(208, 148, 48, 34, "#d98a5c", 8)
    d.rect(204, 206, 5, 14, WOOD_DARK)
    m.potted(d, 30, 222, 86, "#3f8048", "#e0b55a")


def _attic(d: Drawing) -> None:
    d.wall([circle(128, 92, 40)], "#e9dcc6")
    d.poly([(0, 0), (96, 0), (0, 128)], "#c7a98a")
    d.poly([(256, 0), (160, 0), (256, 128)], "#c7a98a")
    d.poly([(92, 0), (104, 0), (0, 140), (0, 126)], WOOD_DARK)
    d.poly([(152, 0), (164, 0), (256, 126), (256, 140)], WOOD_DARK)
    d.path(circle(128, 92, 47) + circle(128, 92, 40), WOOD)
    d.rect(125, 52, 6, 80, WOOD)
    d.rect(88, 89, 80, 6, WOOD)
    _boards(d, 196, "#b98a5f")
    d.rect(8, 168, 52, 36, "#6f8fa8", 3)
    d.rect(8, 178, 52, 5, "#d9b46a")
    d.rect(28, 178, 12, 10, "#d9b46a", 2)
    d.rect(204, 176, 44, 6, WOOD_DARK)
    d.rect(208, 182, 5, 30, WOOD_DARK)
    d.rect(240, 182, 5, 30, WOOD_DARK)
    d.rect(224, 156, 4, 20, m.IRON)
    d.poly([(214, 158), (220, 140), (232, 140), (238, 158)], GLOW)


def _tall_window(d: Drawing) -> None:
    d.wall([block(48, 24, 160, 168)], "#cdd8d2")
    _panes(d, 48, 24, 160, 168, 2, 2, bar=7)
    d.rect(0, 196, 256, 60, "#b5c2bb")
    d.rect(0, 206, 256, 8, "#93a39b")
    d.rect(0, 192, 256, 14, FRAME)
    m.curtain(d, 8, 56, 232, "#e8b9a4", 12)
    m.curtain(d, 192, 56, 232, "#e8b9a4", 12)
    d.rect(0, 6, 256, 7, WOOD_DARK, 3)


def _sill_with_plants(d: Drawing) -> None:
    d.wall([block(24, 0, 208, 196)], "#6f5a66")
    _panes(d, 24, -8, 208, 204, 3, 1, "#8a6f7a", 8)
    d.rect(24, 62, 208, 6, "#8a6f7a")
    d.rect(0, 196, 256, 20, OAK)
    d.rect(0, 214, 256, 42, "#7d5f57")
    d.rect(0, 214, 256, 6, WOOD_DARK)
    m.potted(d, 44, 202, 72, "#4d9455")
    m.potted(d, 212, 202, 56, "#5f9f62", "#5f7fa0")
    d.rect(68, 182, 20, 20, FRAME, 3)
    d.ring(90, 191, 5, 3, FRAME)


def _porthole(d: Drawing) -> None:
    d.wall([circle(128, 104, 84)], "#3f6f86")
    d.path(circle(128, 104, 98) + circle(128, 104, 84), "#d9b46a")
    d.path(circle(128, 104, 87) + circle(128, 104, 83), "#9c7c40")
    for x, y in (
        (128, 13),
        (128, 195),
        (37, 104),
        (219, 104),
        (64, 40),
        (192, 40),
        (64, 168),
        (192, 168),
    ):
        d.disc(x, y, 5, "#9c7c40")
    d.rect(0, 208, 256, 48, "#2f566a")
    d.rect(0, 204, 256, 7, "#8fb0bd")
    m.pendant(d, 24, 42, 12, "#d9b46a")
    m.pendant(d, 232, 42, 12, "#d9b46a")


def _counter(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, "#4f6f68")
    d.rect(0, 0, 256, 24, "#3f5a55")
    for y in (88, 132):
        d.rect(16, y, 72, 6, OAK)
        d.rect(168, y, 72, 6, OAK)
    for x, y, w, h, tone in ((22, 66, 14, 22, "#e0b55a"), (44, 70, 12, 18, "#d9cdb8"),
                             (66, 62, 14, 26, "#c0564a"),
                             (24, 112, 16, 20, "#d9cdb8"), (52, 108, 14, 24, "#7fa8a0"),
                             (174, 64, 14, 24, "#7fa8a0"),
                             (198, 70, 16, 18, "#d9cdb8"), (222, 62, 12, 26, "#e0b55a"),
                             (176, 110, 14, 22, "#c0564a"),
                             (204, 114, 26, 18, "#d9cdb8")):  # fmt: skip
        d.rect(x, y, w, h, tone, 3)
    d.rect(0, 216, 256, 40, "#d6c7b0")
    d.rect(0, 176, 256, 64, WOOD)
    for x in range(0, 256, 32):
        d.rect(x + 4, 192, 24, 40, WOOD_DARK, 2)
    d.rect(0, 168, 256, 14, "#e9dcc6", 2)
    d.rect(196, 128, 48, 42, "#b9c2c8", 4)
    d.rect(196, 128, 48, 10, "#7f8a94", 4)
    for x in (48, 128, 208):
        m.pendant(d, x, 46, 18, "#e0b55a" if x == 128 else "#c9764a")


def _window_table(d: Drawing) -> None:
    d.wall([block(56, 24, 176, 128)], "#d8b79a")
    _panes(d, 56, 24, 176, 128, 3, 1, WOOD_DARK, 7)
    d.rect(0, 166, 256, 30, "#b98f70")
    d.rect(0, 162, 256, 5, WOOD_DARK)
    m.pendant(d, 144, 72, 22, "#3f7d78")
    _boards(d, 200, "#8f6248")
    d.rect(96, 186, 96, 7, "#efe4d0", 3)
    d.rect(141, 193, 6, 42, m.IRON)
    d.rect(124, 233, 40, 5, m.IRON, 2)
    for s in (0, 1):
        with d.placed(288 * s, 0, 1, 0, bool(s)):
            d.rect(66, 158, 6, 78, WOOD_DARK)
            d.rect(66, 200, 34, 6, "#c0564a", 2)
            d.rect(94, 204, 5, 32, WOOD_DARK)
            d.rect(66, 162, 6, 30, "#c0564a", 2)
    m.potted(d, 26, 238, 88, "#4d9455", FRAME)


def _pavement_cafe(d: Drawing) -> None:
    d.rect(0, 52, 256, 164, "#e6c79c")
    d.rect(0, 48, 256, 8, "#b98f6c")
    for x in (16, 176):
        d.rect(x, 128, 64, 64, "#5d4038", 2)
        d.rect(x + 6, 134, 52, 52, GLOW)
        d.rect(x + 29, 134, 6, 52, "#5d4038")
    d.rect(108, 124, 40, 88, "#3f7d78")
    d.path(arch(116, 132, 24, 44), GLOW)
    for k in range(8):
        d.path(
            f"M{k * 32} 68H{k * 32 + 32}V106A16 10 0 0 1 {k * 32} 106Z",
            "#c9503f" if k % 2 else m.WHITE,
        )
    d.rect(0, 64, 256, 8, "#8f3a30")
    d.rect(0, 210, 256, 46, "#d5cfc4")
    d.rect(0, 206, 256, 6, "#b9b4ac")
    for x in (40, 216):
        d.oval(x, 204, 30, 5, m.WHITE)
        d.rect(x - 2, 206, 4, 34, m.IRON)
        d.rect(x - 16, 238, 32, 5, m.IRON, 2)


def _bed_by_the_window(d: Drawing) -> None:
    d.wall([block(136, 32, 96, 88)], "#b9c4d6")
    _panes(d, 136, 32, 96, 88, 2, 1)
    _boards(d, 192, OAK)
    d.rect(0, 132, 14, 92, WOOD_DARK, 3)
    d.rect(10, 176, 128, 32, "#e9e4dc", 6)
    d.rect(18, 160, 40, 22, FRAME, 8)
    d.rect(58, 170, 84, 38, "#5f7fa8", 6)
    d.rect(58, 170, 84, 9, "#8fa9c8", 4)
    d.rect(132, 160, 10, 62, WOOD_DARK, 3)
    d.rect(176, 178, 40, 40, WOOD)
    d.rect(181, 186, 30, 10, WOOD_DARK, 2)
    d.rect(194, 158, 4, 20, m.IRON)
    d.poly([(182, 160), (188, 138), (204, 138), (210, 160)], GLOW)
    d.oval(120, 238, 76, 12, "#d9a0a0")


def _headboard(d: Drawing) -> None:
    d.wall([block(16, 32, 40, 84), block(200, 32, 40, 84)], "#d9b8b0")
    _panes(d, 16, 32, 40, 84, 1, 2)
    _panes(d, 200, 32, 40, 84, 1, 2)
    d.path("M64 200V116C64 96 96 84 128 84C160 84 192 96 192 116V200Z", "#8f5f58")
    d.path("M74 200V120C74 104 102 94 128 94C154 94 182 104 182 120V200Z", "#a97a70")
    d.rect(0, 196, 256, 60, OAK)
    d.rect(72, 152, 52, 34, FRAME, 10)
    d.rect(132, 152, 52, 34, FRAME, 10)
    d.path("M56 184H200L216 256H40Z", "#f1e9df")
    d.path("M54 196C90 190 166 190 202 196L216 256H40Z", "#6f8f94")
    d.path("M54 196C90 190 166 190 202 196L205 208C166 202 90 202 51 208Z", "#a9c2c2")
    for x in (12, 216):
        d.rect(x, 178, 30, 40, WOOD)
        d.rect(x + 13, 158, 4, 20, m.IRON)
        d.poly([(x + 3, 160), (x + 8, 140), (x + 22, 140), (x + 27, 160)], GLOW)


def _fairy_lights(d: Drawing) -> None:
    d.wall([block(80, 44, 96, 104)], "#6a6590")
    _panes(d, 80, 44, 96, 104, 2, 2, "#8f8ab5")
    m.garland(d, ((-6, 18), (128, 16)), 22, 7, 4)
    m.garland(d, ((128, 16), (262, 18)), 22, 7, 4)
    d.rect(0, 184, 256, 72, "#4a4568")
    d.rect(0, 180, 256, 6, "#8f8ab5")
    d.rect(-8, 206, 272, 50, "#c9c2dc", 12)
    d.path("M-8 222C60 210 196 210 264 222V256H-8Z", "#d98a9c")
    d.path("M-8 222C60 210 196 210 264 222V232C196 220 60 220 -8 232Z", "#eab4bd")
    d.rect(8, 178, 64, 36, "#f3edf2", 12)
    d.rect(184, 178, 64, 36, "#f3edf2", 12)
    d.rect(20, 72, 36, 44, "#8f8ab5")
    d.disc(38, 94, 12, "#d98a9c")
    d.rect(200, 72, 36, 44, "#8f8ab5")
    d.land([(200, 106), (216, 90), (236, 104)], "#7fa8a0", 116)


def _between(low: float, high: float, x: float) -> float:
    """The height at x of a slanting line along a shelf of the aisle."""
    return low + (high - low) * x / 88


def _aisle(d: Drawing) -> None:
    d.rect(0, 0, 256, 256, "#d9c7a4")
    d.wall([arch(104, 56, 48, 112)], "#d9c7a4")
    for s in (0, 1):
        with d.placed(256 * s, 0, 1, 0, bool(s)):
            d.poly([(0, 0), (88, 44), (88, 196), (0, 240)], WOOD_DARK)
            for k in range(4):
                y0, y1 = 10 + k * 56, 52 + k * 36
                h0, h1 = 44, 28
                for j in range(4):
                    a, b = j * 22 + 2, j * 22 + 20
                    drop = (0, 7, 3, 10)[(j + k) % 4]
                    d.poly([(a, _between(y0, y1, a) + drop), (b, _between(y0, y1, b) + drop),
                            (b, _between(y0 + h0, y1 + h1, b)),
                            (a, _between(y0 + h0, y1 + h1, a))], SPINES[(j * 2 + k * 3 + s) % 6])  # fmt: skip
    d.poly([(88, 196), (168, 196), (256, 240), (256, 256), (0, 256), (0, 240)], OAK)
    d.poly([(108, 196), (148, 196), (196, 256), (60, 256)], "#b5605a")
    m.pendant(d, 128, 34, 14, "#3f7d78")


def _shelf_wall(d: Drawing) -> None:
    d.rect(0, 0, 256, 200, "#6b4634")
    for k, base in enumerate((44, 92, 140, 188)):
        d.rect(0, base - 38, 256, 38, "#543527")
        for x, w in ((4, 40), (52, 48), (156, 48), (212, 40)):
            if (k * 3 + x) % 5 != 3:
                m.books(d, x, base, w, 32, SPINES)
        d.rect(0, base, 256, 6, WOOD)
    for x in (0, 46, 104, 150, 206, 252):
        d.rect(x - 2, 0, 5, 196, WOOD)
    d.rect(104, 54, 46, 140, "#543527")
    d.path(arch(108, 40, 38, 148), "#e9dcc6")
    d.path(arch(114, 48, 26, 140), GLOW)
    _boards(d, 200, OAK)
    with d.placed(206, 214, 1, 8):
        d.rect(-3, -206, 5, 208, "#d9b98a")
        d.rect(21, -206, 5, 208, "#d9b98a")
        for k in range(8):
            d.rect(0, -190 + k * 25, 24, 5, "#d9b98a")


def _reading_corner(d: Drawing) -> None:
    d.wall([arch(136, 36, 88, 128)], "#5f7f74")
    d.path(arch(130, 30, 100, 138) + arch(136, 36, 88, 128), FRAME)
    d.rect(177, 36, 6, 128, FRAME)
    d.rect(136, 98, 88, 5, FRAME)
    d.rect(8, 24, 88, 176, WOOD_DARK)
    for base in (64, 106, 148, 190):
        d.rect(13, base - 36, 78, 36, "#543527")
        m.books(d, 15, base, 72 if base % 4 else 56, 30, SPINES)
    _boards(d, 200, OAK)
    d.oval(150, 232, 86, 15, "#b5605a")
    d.rect(100, 96, 4, 122, m.IRON)
    d.rect(92, 216, 20, 5, m.IRON, 2)
    d.poly([(90, 104), (96, 82), (108, 82), (114, 104)], GLOW)
    d.rect(206, 150, 46, 60, "#c9764a", 12)
    d.rect(198, 184, 58, 32, "#d98a5c", 10)


DRAWINGS: dict[str, tuple[Draw, ...]] = {
    "room": (_sunny_room, _arched_room, _attic),
    "window": (_tall_window, _sill_with_plants, _porthole),
    "cafe": (_counter, _window_table, _pavement_cafe),
    "bedroom": (_bed_by_the_window, _headboard, _fairy_lights),
    "library": (_aisle, _shelf_wall, _reading_corner),
}
