"""A layer traced: the regions of flat art as smooth maps that any size can be drawn from.

Vector art has few colours, so it is enlarged as vector art: each region (all ink of one colour) is a map
of membership, smooth at the layer's own size; `enlarging` draws the region's edge where memberships
cross. What the decoder added, such as specks and soft edges, does not survive the maps.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.regions import Regions, find_regions
from songdalle_core.finishing.scene import Floats

Bytes = npt.NDArray[np.uint8]
RELIEF = 1.5
_SMOOTHING = 1.0  # sigma in pixels of the layer: what membership maps are smoothed by
COARSEST = 2
"""Levels of maps below the finest, each half as fine."""
_FIELD = 32  # pixels a side of a gradient
_SAMPLED = 4  # every how many of them, either way, are turned into other colours
_BODY = 64  # pixels a side of the relief
_SEEN = 0.012  # share of the ink: the gradient of a lesser region is not seen
_UNEVEN = 0.022  # deviation of a colour in [0, 1]: less is the decoder's noise
_ROOM = 128 << 20  # bytes for drawings that are kept: some 220
_USUAL = 600 << 10  # bytes of a drawing
_SOFTENED = np.clip(2 * np.arange(256) - 127.5, 0, 255).astype(np.uint8)
_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Drawing:
    """A layer, traced. Index 0 of the maps is the ink (alpha), 1 to K are the regions.

    Attributes:
        resolution: R, the layer's side in pixels.
        groups: maps as uint8 (R, R, 4) in fours; the last channels may be padding.
        small_inks: map 0 on its own, (r, r), r = R/2, R/4.
        colours: (K, 3) sRGB, one a region, the largest region first.
        shares: (K,) of the ink that each region covers.
        gradients: colour less the region's own, (32, 32, 3), where a region is not flat.
        boxes: (K, 4) left, top, right, bottom of each region in [0, 1].
        relief: (64, 64) in [0, 1]: the ink blurred widely, the height of its rounded body, on a
            square `RELIEF` times as large as the layer's, about the same centre.
        frame: left, top, right, bottom of the ink in [0, 1].
        slope: how steep a membership's edge is, per pixel of the layer.
    """

    resolution: int
    groups: tuple[Bytes, ...]
    small_inks: tuple[Bytes, ...]
    colours: Floats
    shares: Floats
    gradients: tuple[Floats | None, ...]
    boxes: Floats
    relief: Floats
    frame: tuple[float, float, float, float]
    slope: float = 1.0 / (_SMOOTHING * float(np.sqrt(2 * np.pi)))

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        fields = sum(field.nbytes for field in self.gradients if field is not None)
        maps = sum(map_.nbytes for map_ in (*self.groups, *self.small_inks))
        return fields + maps + self.relief.nbytes

    def level(self, number: int) -> tuple[Bytes, ...]:
        """The maps halved so many times, 0 to `COARSEST`. Halving takes less time than keeping is worth."""
        groups = self.groups
        for _ in range(number):
            groups = tuple(_halved(group) for group in groups)
        return groups

    def ink(self, number: int = COARSEST) -> Bytes:
        """Map 0 of a level on its own."""
        if number:
            return self.small_inks[number - 1]
        return np.ascontiguousarray(self.groups[0][..., 0])

    def recoloured(self, turn: Callable[[Floats], Floats]) -> Drawing:
        """The same drawing with its colours, (N, 3) sRGB, turned into others.

        Of a gradient only a few colours are turned; the rest follow by the linear map that fits these.
        """
        graded = [(k, field) for k, field in enumerate(self.gradients) if field is not None]
        steps = [field[::_SAMPLED, ::_SAMPLED].reshape(-1, 3) for _, field in graded]
        shades = [
            np.clip(step + self.colours[k], 0, 1)
            for (k, _), step in zip(graded, steps, strict=True)
        ]
        turned = turn(np.concatenate([self.colours, *shades]))
        colours, gradients = turned[: len(self.colours)], list(self.gradients)
        others = turned[len(colours) :].reshape(len(graded), (_FIELD // _SAMPLED) ** 2, 3)
        for (k, field), step, shade in zip(graded, steps, others, strict=True):
            ridge = step.T @ step + 1e-3 * np.eye(3, dtype=np.float32)
            fit = np.linalg.solve(ridge, step.T @ (shade - colours[k]))
            gradients[k] = (field.reshape(-1, 3) @ fit).reshape(field.shape)
        return replace(self, colours=colours, gradients=tuple(gradients))


class _Cache:
    """The latest drawings by their layers' bytes: the candidates of a set share layers.

    Whoever asks first traces; others that ask for the same layer meanwhile wait for it.
    """

    def __init__(self, room: int = _ROOM) -> None:
        self.room = room
        self._drawings: OrderedDict[bytes, Future[Drawing]] = OrderedDict()
        self._taken = 0
        self._lock = Lock()

    def get(self, pixels: Bytes) -> Drawing:
        key = hashlib.sha256(np.ascontiguousarray(pixels).data).digest()
        with self._lock:
            drawing = self._drawings.get(key)
            if mine := drawing is None:
                drawing = self._drawings[key] = Future()
            self._drawings.move_to_end(key)
        assert drawing is not None
        if mine:
            self._fill(key, drawing, pixels)
        return drawing.result()

    def _fill(self, key: bytes, drawing: Future[Drawing], pixels: Bytes) -> None:
        try:
            traced = _trace(pixels)
        except BaseException as error:
            with self._lock:
                del self._drawings[key]
            drawing.set_exception(error)
            return
        drawing.set_result(traced)
        with self._lock:
            self._taken += traced.size
            self._make_room(drawing)

    def _make_room(self, latest: Future[Drawing]) -> None:
        """Let go of the drawings asked for longest ago, but not of those being traced."""
        for key, kept in list(self._drawings.items()):
            if self._taken <= self.room:
                return
            if kept.done() and kept is not latest:
                del self._drawings[key]
                self._taken -= kept.result().size


_cache = _Cache()


def keep_drawings(count: int) -> None:
    """Keep so many drawings instead of some 200: for who paints covers of all subjects in no order."""
    _cache.room = max(_ROOM, count * _USUAL)


def trace(pixels: Bytes) -> Drawing:
    """The drawing of a layer: uint8 (R, R, 4), straight alpha. The latest are kept."""
    return _cache.get(pixels)


def _trace(pixels: Bytes) -> Drawing:
    regions = find_regions(pixels)
    groups = _grouped([_soft_ink(pixels, regions), *regions.members])
    inks = [np.ascontiguousarray(groups[0][..., 0])]
    for _ in range(COARSEST):
        inks.append(_halved(inks[-1]))
    boxes = [_box(member, 2) for member in regions.members]
    left, top, right, bottom = _box(regions.ink.view(np.uint8), 0)
    return Drawing(
        resolution=pixels.shape[0],
        groups=groups,
        small_inks=tuple(inks[1:]),
        colours=regions.colours,
        shares=regions.shares,
        gradients=tuple(_gradient(pixels, regions, k) for k in range(len(regions.colours))),
        boxes=np.clip(np.array(boxes, dtype=np.float32), 0, 1),
        relief=_relief(regions.ink),
        frame=(left, top, right, bottom) if right > left else (0.0, 0.0, 1.0, 1.0),
    )


def _soft_ink(pixels: Bytes, regions: Regions) -> Bytes:
    """Alpha about its edge, so that the edge lies between pixels; plain ink elsewhere."""
    ink = regions.ink.view(np.uint8) * np.uint8(255)
    edge = cv2.compare(cv2.dilate(ink, _SQUARE), cv2.erode(ink, _SQUARE), cv2.CMP_NE)
    cv2.copyTo(cv2.LUT(np.ascontiguousarray(pixels[..., 3]), _SOFTENED), edge, ink)
    return ink


def _grouped(maps: list[Bytes]) -> tuple[Bytes, ...]:
    """Smoothed maps in groups of four channels, which is what warps run fastest on."""
    padded = maps + [np.zeros_like(maps[0])] * (-len(maps) % 4)
    return tuple(_smooth(cv2.merge(padded[i : i + 4])) for i in range(0, len(padded), 4))


def _smooth(map_: npt.NDArray[Any]) -> Bytes:
    smooth = cv2.GaussianBlur(map_, (0, 0), _SMOOTHING, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth, dtype=np.uint8)


def _halved(map_: Bytes) -> Bytes:
    half = -(-len(map_) // 2)
    return np.asarray(cv2.resize(map_, (half, half), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _gradient(pixels: Bytes, regions: Regions, k: int) -> Floats | None:
    """How a region's colour changes across it, spread beyond its edge; None if it is flat."""
    if not regions.graded[k] or regions.shares[k] < _SEEN:
        return None
    core = regions.cores[k].view(np.uint8)
    whole = cv2.bitwise_and(pixels, pixels, mask=core).astype(np.float32)
    whole[..., 3] = core
    size = (_FIELD, _FIELD)
    four = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    inside = four[..., 3].copy()
    total = np.full((*size, 4), (0, 0, 0, 1e-6), np.float32)
    for sigma, share in ((0.5, 1.0), (1.3, 0.02), (4.8, 0.0004)):
        total += np.float32(share) * cv2.GaussianBlur(four, (0, 0), sigma)  # wide ones fill gaps
    field = total[..., :3] / (255 * total[..., 3:]) - regions.colours[k]
    within = field[inside > 0.5]
    uneven = len(within) > 8 and within.std(axis=0).max() > _UNEVEN
    return np.ascontiguousarray(field, dtype=np.float32) if uneven else None


def _box(map_: Bytes, margin: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is not 0, in [0, 1], with a margin of pixels."""
    left, top, width, height = cv2.boundingRect(map_)
    if not width:
        return (0.0, 0.0, 0.0, 0.0)
    side = len(map_)
    right, bottom = left + width + margin, top + height + margin
    return ((left - margin) / side, (top - margin) / side, right / side, bottom / side)


def _relief(ink: npt.NDArray[np.bool_]) -> Floats:
    around = ink.shape[0] // 4  # the body falls off beyond its own edge
    square = np.pad(ink.view(np.uint8), around).astype(np.float32)
    small = cv2.resize(square, (_BODY, _BODY), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), _BODY / 15), dtype=np.float32)
