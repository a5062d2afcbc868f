"""Regions of flat art: which of its few colours each pixel of a decoded layer belongs to.

The hard part is the edge. Between red and white lies a band of pinks that is no colour of the drawing,
while a whisker two pixels wide is one: a band steps from one side's colour to the other's, a line is
darker, lighter or of another hue than both its sides. Top-hats (Meyer 1978) tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.chief_colours import chief_colours, squared_distances
from songdalle_core.finishing.scene import Floats

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.intp]
_STEEP = 9.0  # change of L*a*b* over three pixels: an edge
_LINE = 14  # top-hat in L*a*b*: a line
_SPOT = 18  # the same for a dark spot up to eight pixels wide
_HEART = 0.7  # of a spot's depth: its heart is deeper
_FAR = np.float32(1e6)  # squared distance no colour reaches
_GENTLE = (
    0.6  # of the difference of two colours, over nine pixels: a border less steep is a gradient's
)
_WAVERING = 3.5  # deviation of L*a*b* within a region that is no longer flat
_SPECK = 2e-4  # share of the square: smaller islands and holes of the ink are the decoder's
_ISLAND = 1.3e-4  # the same of a region within the ink
_BULK = 0.2  # share of a region's pixels that lie within it, unless it is a band
_ASIDE = 10.0  # L*a*b* off the line between two colours: still their mixture
_CROSS = np.array([(0, 1, 0), (1, 1, 1), (0, 1, 0)], np.uint8)
_SQUARE3, _SQUARE5, _SQUARE9 = (np.ones((side, side), np.uint8) for side in (3, 5, 9))
_IDENTITY = np.arange(256)
_WHOLE_LIGHTNESS = np.stack(  # OpenCV's bytes have L* times 2.55
    [np.rint(_IDENTITY / 2.55), _IDENTITY, _IDENTITY], axis=-1
).astype(np.uint8)[None]
_SQUARES = (_IDENTITY**2).astype(np.float32)


@dataclass(frozen=True)
class Regions:
    """A layer's regions.

    Attributes:
        ink: (R, R), where anything is drawn.
        members: (R, R) each, 0 to 255, how far each pixel belongs to each of the K regions, continued
            beyond the ink; the maps add up to 255.
        cores: (R, R) each: ink of each region whose colour is no mixture of two.
        colours: (K, 3) sRGB, the largest region first.
        shares: (K,) of the ink that each region covers.
        graded: whether each region may have a gradient.
    """

    ink: Mask
    members: tuple[Bytes, ...]
    cores: tuple[Mask, ...]
    colours: Floats
    shares: Floats
    graded: tuple[bool, ...]


def find_regions(pixels: Bytes) -> Regions:
    """The regions of a layer, uint8 (R, R, 4)."""
    drawn: Mask = np.asarray(cv2.GaussianBlur(pixels[..., 3], (0, 0), 0.7) > 127)
    ink = without_specks(drawn, _SPECK)
    lab = _quiet(pixels)
    inside: Mask = cv2.erode(ink.view(np.uint8), _SQUARE3).view(np.bool_)
    flat = inside & (_steepness(lab, _CROSS) < _STEEP**2)
    if not flat.any():
        flat = next((mask for mask in (inside, ink) if mask.any()), ~ink)
    sure = flat | (inside & (_lines(lab) | _spots(lab)))
    exact = lab.astype(np.float32)
    palette = _without_blends(chief_colours(lab, sure), exact, lab, sure)
    far = _distances(exact, palette)
    own = _nearest(far)
    mixtures = _mixtures(exact, palette, far, own.reshape(ink.shape), sure)
    labels, known = own.reshape(ink.shape).copy(), sure.copy()
    labels.ravel()[mixtures.where], known.ravel()[mixtures.where] = mixtures.first, True
    region_of = _joined(labels, palette, lab, inside & known)
    labels = _continued(region_of[labels], known)
    labels = _without_islands(labels)
    return _described(pixels, lab, labels, mixtures, region_of, ink, sure)


def _quiet(pixels: Bytes) -> Bytes:
    """L*, a* + 128 and b* + 128 without noise: specks go by a median, grain by a bilateral filter."""
    colours = cv2.medianBlur(np.ascontiguousarray(pixels[..., :3]), 3)
    colours = cv2.bilateralFilter(colours, 5, 20, 2.5)
    lab = cv2.LUT(cv2.cvtColor(colours, cv2.COLOR_RGB2Lab), _WHOLE_LIGHTNESS)
    return np.asarray(lab, dtype=np.uint8)


def without_specks(ink: Mask, share: float) -> Mask:
    """Ink without islands and holes smaller than a share of the square."""
    for value in (True, False):
        specks = _small_parts(ink == value, share * ink.size)
        if specks is not None:
            ink = np.where(specks, not value, ink)
    return ink


def _without_blends(palette: Floats, exact: Floats, lab: Bytes, sure: Mask) -> Floats:
    """The palette, centred, without colours that lie between two others and form nothing but thin bands."""
    own = _nearest(_distances(exact, palette)).reshape(sure.shape)
    thin = np.zeros(len(palette), np.bool_)
    centred = palette.copy()
    for k in range(len(palette)):
        mine = (sure & (own == k)).view(np.uint8)
        area = cv2.countNonZero(mine)
        if area:
            centred[k] = cv2.mean(lab, mine)[:3]
        thin[k] = cv2.countNonZero(cv2.erode(mine, _SQUARE3)) < _BULK * area
    kept = [
        k
        for k in range(len(centred))
        if not (thin[k] and _between(centred[k], np.delete(centred, k, axis=0)))
    ]
    return centred[kept or [0]]


def _between(colour: Floats, others: Floats) -> bool:
    """Whether a colour lies on a line between two others."""
    for i, one in enumerate(others):
        towards = others[i + 1 :] - one
        share = ((colour - one) * towards).sum(axis=-1) / np.maximum((towards**2).sum(axis=-1), 1)
        off = np.linalg.norm(one + share[:, None] * towards - colour, axis=-1)
        if ((off < _ASIDE) & (share > 0) & (share < 1)).any():
            return True
    return False


def _small_parts(mask: Mask, least: float) -> Mask | None:
    """The connected parts of a mask that are smaller than `least` pixels; None if there are none."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    if not width:
        return None
    part = (slice(top, top + height), slice(left, left + width))
    _, parts, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(mask[part].view(np.uint8))
    )
    small = stats[:, cv2.CC_STAT_AREA] < least
    small[0] = False  # what is not in the mask
    if not small.any():
        return None
    found = np.zeros_like(mask)
    found[part] = small[parts]
    return found


def _steepness(lab: Bytes, around: Bytes) -> Floats:
    """How much L*a*b* changes over the pixels around each, squared."""
    spread = cv2.dilate(lab, around) - cv2.erode(lab, around)
    squares = cv2.transform(cv2.LUT(spread, _SQUARES), np.ones((1, 3), np.float32))
    return np.asarray(squares, dtype=np.float32)


def _lines(lab: Bytes) -> Mask:
    """Thin lines: darker, lighter or of another hue than both their sides."""
    hats = cv2.max(
        cv2.morphologyEx(lab, cv2.MORPH_TOPHAT, _SQUARE5),
        cv2.morphologyEx(lab, cv2.MORPH_BLACKHAT, _SQUARE5),
    )
    first, second, third = cv2.split(hats)
    return np.asarray(cv2.max(cv2.max(first, second), third) > _LINE)


def _spots(lab: Bytes) -> Mask:
    """The hearts of small spots, such as eyes, that have no flat middle."""
    dark = cv2.morphologyEx(lab[..., 0], cv2.MORPH_BLACKHAT, _SQUARE9)
    return np.asarray((dark > _HEART * cv2.dilate(dark, _SQUARE5)) & (dark > _SPOT))


def _distances(exact: Floats, palette: Floats) -> Floats:
    """Squared distance of each pixel, (R, R, 3), to each colour, less what they have in common: (K, N)."""
    rows = np.concatenate([-2 * palette, (palette**2).sum(axis=1)[:, None]], axis=1)
    return np.stack([cv2.transform(exact, row[None]).ravel() for row in rows])


def _nearest(far: Floats) -> Labels:
    """Which of K distances, (K, N), is the least: (N,). NumPy's argmin along this axis takes far longer."""
    nearest = np.zeros(far.shape[1], np.intp)
    least = far[0].copy()
    for k, distance in enumerate(far[1:], start=1):
        closer = distance < least
        np.minimum(least, distance, out=least)
        np.copyto(nearest, k, where=closer)
    return nearest


@dataclass(frozen=True)
class _Mixtures:
    """Unsure pixels that have sure neighbours: where, the two likeliest colours, and the first's share."""

    where: Labels
    first: Labels
    second: Labels
    share: Floats


def _mixtures(exact: Floats, palette: Floats, far: Floats, own: Labels, sure: Mask) -> _Mixtures:
    """How unsure pixels are mixed: an unsure pixel may only have a colour that a sure neighbour has."""
    near = cv2.dilate(sure.view(np.uint8), _SQUARE5).view(np.bool_) & ~sure
    where = np.flatnonzero(near)
    apart = far.take(where, axis=1)
    for k in range(len(palette)):
        mine = (sure & (own == k)).view(np.uint8)
        apart[k, cv2.dilate(mine, _SQUARE5).ravel().take(where) == 0] = _FAR
    count = np.arange(len(where))
    first = _nearest(apart)
    apart[first, count] = _FAR
    second = _nearest(apart)
    single = apart[second, count] >= _FAR
    towards = palette[first] - palette[second]
    length = np.maximum((towards**2).sum(axis=-1), 1e-3)
    share = ((exact.reshape(-1, 3).take(where, axis=0) - palette[second]) * towards).sum(
        axis=-1
    ) / length
    share = np.where(single, 1, np.clip(share, 0, 1)).astype(np.float32)
    return _Mixtures(where, first, second, share)


def _continued(labels: Labels, known: Mask) -> Labels:
    """Each unknown pixel takes the label of the nearest known one."""
    if known.all() or not known.any():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(
        (~known).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, dtype=labels.dtype)
    table[nearest[known]] = labels[known]
    return np.asarray(table[nearest])


def _joined(labels: Labels, palette: Floats, lab: Bytes, inside: Mask) -> Labels:
    """The region of each colour, (K,): the steps of a gradient share one, as nothing is steep between them."""
    count = len(palette)
    parent = np.arange(count)
    if count == 1:
        return parent
    steepness = _steepness(lab, _SQUARE9)
    touching, gentle = np.zeros(count * count), np.zeros(count * count)
    bound = (_GENTLE**2 * squared_distances(palette, palette)).ravel()
    for before, after in (
        (np.s_[:-1], np.s_[1:]),
        (np.s_[:, :-1], np.s_[:, 1:]),
    ):
        border = (labels[before] != labels[after]) & inside[before] & inside[after]
        pair = labels[before][border] * count + labels[after][border]
        touching += np.bincount(pair, minlength=count * count)
        mild = steepness[before][border] < bound[pair]
        gentle += np.bincount(pair[mild], minlength=count * count)
    touching, gentle = (
        table.reshape(count, count) + table.reshape(count, count).T for table in (touching, gentle)
    )
    for a in range(count):
        for b in range(a):
            if touching[a, b] >= 8 and gentle[a, b] > 0.6 * touching[a, b]:
                parent[parent == parent[a]] = parent[b]
    return parent


def _without_islands(labels: Labels) -> Labels:
    """Labels without islands of a few pixels: they take what surrounds them."""
    known = np.ones(labels.shape, dtype=bool)
    for k in np.nonzero(np.bincount(labels.ravel()))[0]:
        islands = _small_parts(labels == k, _ISLAND * labels.size)
        if islands is not None:
            known &= ~islands
    return _continued(labels, known)


def _described(
    pixels: Bytes,
    lab: Bytes,
    labels: Labels,
    mixtures: _Mixtures,
    region_of: Labels,
    ink: Mask,
    sure: Mask,
) -> Regions:
    """Regions in the order of their size, each with its mean colour; those without ink are left out."""
    sizes = np.bincount(labels[ink], minlength=1)
    order = [int(k) for k in np.argsort(-sizes, kind="stable") if sizes[k]] or [int(labels[0, 0])]
    share = np.rint(255 * mixtures.share).astype(np.uint8)
    parts = ((region_of[mixtures.first], share), (region_of[mixtures.second], 255 - share))
    members, cores, colours, graded = [], [], [], []
    for k in order:
        mine = labels == k
        member = mine.view(np.uint8) * np.uint8(255)
        mixed = sum(np.where(region == k, part, 0) for region, part in parts)
        member.reshape(-1)[mixtures.where] = mixed
        core = mine & sure
        mean, _ = cv2.meanStdDev(pixels, mask=(core if core.any() else mine).view(np.uint8))
        _, deviation = cv2.meanStdDev(lab, mask=core.view(np.uint8))
        members.append(member)
        cores.append(core)
        colours.append(mean[:3, 0] / 255)
        graded.append(bool((deviation**2).sum() > _WAVERING**2))
    shares = sizes[order] / max(1, int(sizes.sum())) if len(sizes) > max(order) else np.ones(1)
    return Regions(
        ink,
        tuple(members),
        tuple(cores),
        np.array(colours, dtype=np.float32),
        shares.astype(np.float32),
        tuple(graded),
    )
