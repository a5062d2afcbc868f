"""Flat shapes on a transparent page of 256 x 256 units, kept as SVG and rendered by resvg."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import resvg_py
from PIL import Image

PAGE = 256
GLOW = "#ffd666"
"""(255, 214, 102): whatever gives light itself; the finish makes it shine at night."""
_FINER = 4  # rendered this many times larger, then reduced

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # x, y, width, height


def mix(colour: str, other: str, share: float) -> str:
    """A colour with a share of another in it, both as #rrggbb."""
    pairs = [(int(colour[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def hazy(colour: str, share: float) -> str:
    """A colour as it looks from afar: paler and bluer."""
    return mix(colour, "#c3d9ea", share)


def curve(points: Sequence[Point], closed: bool = False) -> str:
    """SVG path data of a smooth line through points (a Catmull-Rom spline)."""
    ends = (points[-1], points[0], points[1]) if closed else (points[0], points[-1])
    around = [ends[0], *points, *ends[1:]]
    data = f"M{around[1][0]:.2f} {around[1][1]:.2f}"
    for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in zip(
        around, around[1:], around[2:], around[3:], strict=False
    ):
        data += (
            f"C{x1 + (x2 - x0) / 6:.2f} {y1 + (y2 - y0) / 6:.2f} "
            f"{x2 - (x3 - x1) / 6:.2f} {y2 - (y3 - y1) / 6:.2f} {x2:.2f} {y2:.2f}"
        )
    return data + ("Z" if closed else "")


def straight(points: Sequence[Point], closed: bool = True) -> str:
    """SVG path data of a line with corners."""
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points) + ("Z" if closed else "")


def arch(x: float, y: float, width: float, height: float) -> str:
    """SVG path data of a doorway: upright, with a half round on top."""
    r = width / 2
    return f"M{x} {y + height}V{y + r}A{r} {r} 0 0 1 {x + width} {y + r}V{y + height}Z"


def circle(x: float, y: float, r: float) -> str:
    """SVG path data of a circle."""
    return f"M{x - r} {y}A{r} {r} 0 1 0 {x + r} {y}A{r} {r} 0 1 0 {x - r} {y}Z"


def block(x: float, y: float, width: float, height: float) -> str:
    """SVG path data of a rectangle."""
    return f"M{x} {y}H{x + width}V{y + height}H{x}Z"


class Drawing:
    """Shapes laid one over another; x grows to the right and y downwards."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def path(self, data: str, fill: str) -> None:
        """A shape of SVG path data; where its outlines overlap evenly there is a hole."""
        self._parts.append(f'<path d="{data}" fill="{fill}" fill-rule="evenodd"/>')

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, r: float = 0
    ) -> None:
        """A rectangle, its corners rounded by `r`."""
        self._parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" '
            f'rx="{r}" fill="{fill}"/>'
        )

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        """An ellipse round (x, y)."""
        self._parts.append(
            f'<ellipse cx="{x:.2f}" cy="{y:.2f}" rx="{rx:.2f}" ry="{ry:.2f}" fill="{fill}"/>'
        )

    def disc(self, x: float, y: float, r: float, fill: str) -> None:
        """A circle round (x, y)."""
        self.oval(x, y, r, r, fill)

    def ring(self, x: float, y: float, r: float, width: float, fill: str) -> None:
        """The rim of a circle."""
        self._parts.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{r:.2f}" fill="none" stroke="{fill}" '
            f'stroke-width="{width}"/>'
        )

    def poly(self, points: Sequence[Point], fill: str) -> None:
        """A polygon."""
        self.path(straight(points), fill)

    def blob(self, points: Sequence[Point], fill: str) -> None:
        """A closed smooth shape through points."""
        self.path(curve(points, closed=True), fill)

    def land(self, points: Sequence[Point], fill: str, bottom: float = PAGE) -> None:
        """All that lies below a smooth line through points, from left to right."""
        data = curve(points)
        self.path(f"{data}L{points[-1][0]} {bottom}L{points[0][0]} {bottom}Z", fill)

    def ridge(self, points: Sequence[Point], fill: str, bottom: float = PAGE) -> None:
        """All that lies below a line with corners, from left to right."""
        self.poly([*points, (points[-1][0], bottom), (points[0][0], bottom)], fill)

    def line(
        self, points: Sequence[Point], width: float, fill: str, round_ends: bool = True
    ) -> None:
        """A smooth line through points, `width` thick."""
        cap = "round" if round_ends else "butt"
        self._parts.append(
            f'<path d="{curve(points)}" fill="none" stroke="{fill}" stroke-width="{width}" '
            f'stroke-linecap="{cap}"/>'
        )

    def wall(self, holes: Sequence[str], fill: str, box: Box = (0, 0, PAGE, PAGE)) -> None:
        """A rectangle with holes in it, each of SVG path data."""
        self.path(block(*box) + "".join(holes), fill)

    @contextmanager
    def placed(
        self, x: float, y: float, scale: float = 1, turn: float = 0, mirrored: bool = False
    ) -> Iterator[None]:
        """What is drawn inside is moved, turned by degrees, mirrored and scaled about its origin."""
        across = -scale if mirrored else scale
        self._parts.append(
            f'<g transform="translate({x} {y}) rotate({turn}) scale({across} {scale})">'
        )
        yield
        self._parts.append("</g>")

    def svg(self) -> str:
        """The SVG document."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PAGE} {PAGE}">'
            f"{''.join(self._parts)}</svg>"
        )

    def render(self, side: int) -> Image.Image:
        """The drawing as an RGBA picture with straight alpha, `side` pixels square."""
        large = side * _FINER
        png = resvg_py.svg_to_bytes(svg_string=self.svg(), width=large, height=large)
        image = Image.open(io.BytesIO(bytes(png))).convert("RGBA")
        return image.resize((side, side), Image.Resampling.BOX)
