"""Things that several grounds share: trees, clouds, houses, lamps, plants, windows."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

from scripts.training.content.shapes import GLOW, Drawing, Point, mix

BARK = "#6b4a35"
IRON = "#33404f"
WHITE = "#f6f4ee"


def pine(d: Drawing, x: float, base: float, height: float, leaf: str, snow: str = "") -> None:
    """A conifer of three tiers; with `snow`, its tips are of that colour."""
    wide = height * 0.27
    d.rect(x - height * 0.035, base - height * 0.14, height * 0.07, height * 0.14, BARK)
    for top, foot, share in ((0.42, 0.88, 1.0), (0.2, 0.62, 0.76), (0.0, 0.38, 0.5)):
        y0, y1, w = base - height * (1 - top), base - height * (1 - foot), wide * share
        d.path(
            f"M{x} {y0}Q{x + w * 0.35} {y0 + (y1 - y0) * 0.62} {x + w} {y1}"
            f"Q{x} {y1 + height * 0.05} {x - w} {y1}"
            f"Q{x - w * 0.35} {y0 + (y1 - y0) * 0.62} {x} {y0}Z",
            leaf,
        )
        if snow:
            y1, w = y0 + (y1 - y0) * 0.55, w * 0.46
            d.path(
                f"M{x} {y0}Q{x + w * 0.3} {y0 + (y1 - y0) * 0.6} {x + w} {y1}"
                f"L{x + w * 0.3} {y1 - height * 0.03}L{x} {y1 + height * 0.03}"
                f"L{x - w * 0.4} {y1 - height * 0.03}L{x - w} {y1}"
                f"Q{x - w * 0.3} {y0 + (y1 - y0) * 0.6} {x} {y0}Z",
                snow,
            )


def pines(d: Drawing, row: Sequence[tuple[float, float, float]], leaf: str) -> None:
    """Conifers of one colour, each as x, base and height."""
    for x, base, height in row:
        pine(d, x, base, height, leaf)


def tree(d: Drawing, x: float, base: float, height: float, leaf: str, bark: str = BARK) -> None:
    """A broad tree whose crown has a lighter side at the upper left."""
    r = height * 0.3
    d.poly(
        [
            (x - height * 0.05, base), (x - height * 0.03, base - height * 0.5),
            (x + height * 0.03, base - height * 0.5), (x + height * 0.05, base),
        ],
        bark,
    )  # fmt: skip
    top = base - height
    for dx, dy, share in ((-0.85, 1.45, 0.72), (0.85, 1.5, 0.7), (0, 1.0, 1.0), (0.1, 1.7, 0.75)):
        d.disc(x + dx * r, top + dy * r, r * share, leaf)
    light = mix(leaf, "#ffffc0", 0.22)
    d.disc(x - r * 0.28, top + r * 0.8, r * 0.58, light)
    d.disc(x - r * 0.95, top + r * 1.35, r * 0.42, light)


def bush(d: Drawing, x: float, base: float, width: float, leaf: str) -> None:
    """A low round shrub that stands on `base`."""
    r = width / 3.4
    for dx, dy, share in ((-1.0, 0.55, 0.72), (1.0, 0.5, 0.75), (0, 0.85, 1.0)):
        d.disc(x + dx * r, base - dy * r, r * share, leaf)
    d.rect(x - 1.6 * r, base - 0.5 * r, 3.2 * r, 0.5 * r + 1, leaf)


def cypress(d: Drawing, x: float, base: float, height: float, leaf: str) -> None:
    """A slender tree like a flame."""
    w = height * 0.13
    d.path(
        f"M{x} {base - height}C{x + w * 1.3} {base - height * 0.55} {x + w * 1.2} {base} {x} {base}"
        f"C{x - w * 1.2} {base} {x - w * 1.3} {base - height * 0.55} {x} {base - height}Z",
        leaf,
    )


def palm(d: Drawing, x: float, base: float, height: float, lean: float, leaf: str) -> None:
    """A palm whose crown is `lean` to the right of its foot."""
    top = (x + lean, base - height)
    w = height * 0.05
    d.path(
        f"M{x - w} {base}Q{x} {base - height * 0.6} {top[0] - w * 0.5} {top[1]}"
        f"L{top[0] + w * 0.5} {top[1]}Q{x + w * 2} {base - height * 0.5} {x + w} {base}Z",
        "#8d6a4a",
    )
    r = height * 0.46
    dark = mix(leaf, "#10302a", 0.28)
    for turn, colour in (
        (-155, dark), (-25, dark), (150, leaf), (30, leaf), (-180, leaf), (0, leaf), (-110, leaf),
        (-65, dark),
    ):  # fmt: skip
        a = turn * pi / 180
        tip = (top[0] + r * cos(a), top[1] + r * 0.75 * sin(a) + r * 0.3)
        mid = (top[0] + r * 0.55 * cos(a), top[1] + r * 0.62 * sin(a) - r * 0.12)
        low = (mid[0], mid[1] + r * 0.26)
        d.path(
            f"M{top[0]:.1f} {top[1]:.1f}Q{mid[0]:.1f} {mid[1]:.1f} {tip[0]:.1f} {tip[1]:.1f}"
            f"Q{low[0]:.1f} {low[1]:.1f} {top[0]:.1f} {top[1]:.1f}Z",
            colour,
        )


def bare_tree(d: Drawing, x: float, base: float, height: float, colour: str) -> None:
    """A tree without leaves: a trunk that forks three times."""
    _branch(d, (x, base), -90, height * 0.4, height * 0.085, colour, 3)


def _branch(
    d: Drawing, foot: Point, angle: float, length: float, width: float, colour: str, forks: int
) -> None:
    a = angle * pi / 180
    tip = (foot[0] + length * cos(a), foot[1] + length * sin(a))
    thin, across = width * 0.62, (-sin(a), cos(a))
    d.poly(
        [(x + s * w * across[0] / 2, y + s * w * across[1] / 2)
         for (x, y), s, w in ((foot, 1, width), (tip, 1, thin), (tip, -1, thin),
                              (foot, -1, width))],
        colour,
    )  # fmt: skip
    d.disc(*tip, thin / 2, colour)
    if forks:
        for turn, share in ((-34 - 4 * forks, 0.72), (2 + forks, 0.78), (36 - 3 * forks, 0.66)):
            _branch(d, tip, angle + turn, length * share, thin, colour, forks - 1)


def cloud(d: Drawing, x: float, base: float, width: float, colour: str = WHITE) -> None:
    """A cloud with a flat base, its middle at x."""
    u = width / 10
    d.rect(x - 5 * u, base - 2 * u, 10 * u, 2 * u, colour, u)
    for dx, dy, r in ((-2.9, 1.6, 1.6), (-0.7, 2.5, 2.2), (1.9, 1.9, 1.9), (3.6, 1.2, 1.2)):
        d.disc(x + dx * u, base - dy * u, r * u, colour)
    d.rect(x - 3.6 * u, base - 1.8 * u, 7.6 * u, 1.8 * u, colour)


def house(
    d: Drawing, x: float, base: float, width: float, height: float, wall: str, roof: str,
    lit: bool = True,
) -> None:  # fmt: skip
    """A house with a pitched roof; x is its left wall, `height` that of the walls."""
    top = base - height
    d.rect(x, top, width, height, wall)
    d.rect(x + width * 0.62, top, width * 0.38, height, mix(wall, "#5a6070", 0.22))
    d.poly(
        [(x - width * 0.1, top), (x + width * 0.5, top - width * 0.48), (x + width * 1.1, top)],
        roof,
    )
    pane = GLOW if lit else mix(roof, "#203040", 0.5)
    side = min(width * 0.24, height * 0.4)
    d.rect(x + width * 0.18, top + height * 0.25, side, side * 1.15, pane)
    d.rect(
        x + width * 0.68, top + height * 0.4, side * 0.85, height * 0.6, mix(roof, "#402a20", 0.5)
    )


def tower(
    d: Drawing, x: float, top: float, width: float, wall: str, lit: Sequence[tuple[int, int]] = (),
    pane: str = "", step: float = 16, bottom: float = 256, glow: str = GLOW,
) -> None:  # fmt: skip
    """A block of flats from `top` down: windows in a grid, those in `lit` (column, row) shining."""
    d.rect(x, top, width, bottom - top, wall)
    columns, rows = int((width - 2) // step), int((bottom - top - 4) // step)
    margin = (width - columns * step) / 2
    for column in range(columns):
        for row in range(rows):
            if pane or (column, row) in lit:
                d.rect(
                    x + margin + column * step + step * 0.22, top + row * step + step * 0.4,
                    step * 0.56, step * 0.56, glow if (column, row) in lit else pane,
                )  # fmt: skip


def lamp(d: Drawing, x: float, base: float, height: float, iron: str = IRON) -> None:
    """A street lamp with a lantern on top."""
    w = max(2.4, height * 0.035)
    top = base - height
    d.rect(x - w / 2, top + height * 0.2, w, height * 0.8, iron)
    d.rect(x - w * 1.5, base - height * 0.08, w * 3, height * 0.08, iron, 1)
    r = height * 0.09
    d.poly(
        [
            (x - r, top + r * 0.6),
            (x + r, top + r * 0.6),
            (x + r * 0.6, top + r * 2.6),
            (x - r * 0.6, top + r * 2.6),
        ],
        GLOW,
    )
    d.poly([(x - r * 1.3, top + r * 0.7), (x, top - r * 0.4), (x + r * 1.3, top + r * 0.7)], iron)


def pendant(d: Drawing, x: float, y: float, r: float, shade: str, top: float = 0) -> None:
    """A lamp that hangs from `top`; its light is at y."""
    d.rect(x - 1, top, 2, y - r - top, IRON)
    d.disc(x, y, r * 0.42, GLOW)
    d.path(f"M{x - r} {y}A{r} {r} 0 0 1 {x + r} {y}Z", shade)


def garland(d: Drawing, ends: tuple[Point, Point], sag: float, bulbs: int, r: float = 4) -> None:
    """A string of lights between two points."""
    (x0, y0), (x1, y1) = ends

    def at(t: float) -> Point:
        return (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t + sag * 4 * t * (1 - t))

    d.line([at(k / 8) for k in range(9)], 1.6, IRON)
    for k in range(bulbs):
        x, y = at((k + 0.5) / bulbs)
        d.disc(x, y + r * 0.8, r, GLOW)


def bench(d: Drawing, x: float, base: float, width: float, wood: str = "#a8683f") -> None:
    """A park bench seen from the front; x is its left end."""
    h = width * 0.42
    for dx in (0.1, 0.84):
        d.rect(x + width * dx, base - h, width * 0.06, h, IRON)
    for dy, thick in ((1.0, 0.16), (0.76, 0.16), (0.42, 0.14)):
        d.rect(x, base - h * dy, width, h * thick, wood, 1)


def flower(d: Drawing, x: float, y: float, r: float, petal: str, heart: str = "#f2b632") -> None:
    """A blossom of five petals seen from above."""
    for k in range(5):
        a = 2 * pi * k / 5 - pi / 2
        d.disc(x + r * 0.58 * cos(a), y + r * 0.58 * sin(a), r * 0.5, petal)
    d.disc(x, y, r * 0.34, heart)


def tulip(d: Drawing, x: float, base: float, height: float, petal: str, stem: str) -> None:
    """A tulip on its stalk."""
    w, top = height * 0.2, base - height
    d.line([(x, base), (x, top + height * 0.3)], height * 0.06, stem)
    d.path(
        f"M{x} {base}Q{x - w * 1.8} {base - height * 0.2} {x - w * 1.2} {base - height * 0.5}"
        f"Q{x - w * 0.2} {base - height * 0.3} {x} {base}Z",
        stem,
    )
    d.path(
        f"M{x - w} {top}L{x - w * 0.45} {top + height * 0.12}L{x} {top - height * 0.02}"
        f"L{x + w * 0.45} {top + height * 0.12}L{x + w} {top}"
        f"C{x + w * 1.3} {top + height * 0.5} {x - w * 1.3} {top + height * 0.5} {x - w} {top}Z",
        petal,
    )


def leafy(
    d: Drawing, x: float, base: float, length: float, turns: Sequence[float], leaf: str
) -> None:
    """Long leaves that spread from one root, each turned by degrees from the upright."""
    for k, turn in enumerate(turns):
        with d.placed(x, base, length, turn):
            d.path(
                "M0 0C-0.22 -0.3 -0.16 -0.75 0 -1C0.16 -0.75 0.22 -0.3 0 0Z",
                leaf if k % 2 == 0 else mix(leaf, "#0d2b24", 0.25),
            )


def glints(
    d: Drawing, bars: Sequence[tuple[float, float, float]], colour: str, thick: float = 4
) -> None:
    """Light on water: level bars with round ends, each as left end, y and length."""
    for x, y, length in bars:
        d.rect(x, y, length, thick, colour, thick / 2)


def swell(d: Drawing, y: float, length: float, height: float, shift: float, fill: str) -> None:
    """A row of waves with pointed crests from the left edge to the right, filled below."""
    x = shift - length
    data = f"M{x} {y}"
    while x < 256 + length:
        data += f"Q{x + length * 0.5} {y + height * 2} {x + length} {y}"
        x += length
    d.path(f"{data}L{x} 256L{shift - length} 256Z", fill)


def curtain(d: Drawing, x: float, width: float, bottom: float, colour: str, top: float = 0) -> None:
    """A curtain that hangs in four folds."""
    dark, step = mix(colour, "#301020", 0.25), width / 4
    d.rect(x, top, width, bottom - top, colour)
    for k in range(4):
        d.rect(x + step * k + step * 0.62, top, step * 0.38, bottom - top, dark)


def potted(d: Drawing, x: float, base: float, size: float, leaf: str, pot: str = "#c9764a") -> None:
    """A plant in a pot, `size` high."""
    leafy(d, x, base - size * 0.3, size * 0.7, (-62, 58, -32, 34, -8, 12), leaf)
    w = size * 0.2
    d.poly(
        [
            (x - w, base - size * 0.34),
            (x + w, base - size * 0.34),
            (x + w * 0.72, base),
            (x - w * 0.72, base),
        ],
        pot,
    )


def books(
    d: Drawing, x: float, base: float, width: float, height: float, tones: Sequence[str]
) -> None:
    """A row of books, each a broad spine, that fills a shelf's width."""
    thick, k = 8.0, 0
    while (k + 1) * thick <= width:
        tall = height * (0.95, 0.78, 0.88, 0.95, 0.7)[(k + int(x + base)) % 5]
        d.rect(
            x + k * thick,
            base - tall,
            thick - 1,
            tall,
            tones[(k * k + int(base) // 16) % len(tones)],
        )
        k += 1
