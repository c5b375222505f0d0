"""The ground of a picture, told from its border: even, running evenly, shadowed, or of a few colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..height.detail import extreme
from ..height.distance import distance
from ..height.filters import blur
from ..height.regions import at_border, regions
from .skin import toned

_FRAME = 0.025  # of the longer side: what is taken as ground to begin with
_EVEN = 0.07  # rms distance of the frame from colours that run evenly; more is a ground of several colours
_COMMON, _CLOSE = 0.15, 0.035  # colour distance from the frame's commonest colour, and from a fit that holds
_LEAST, _MOST = 0.045, 0.30  # colour distance from which on something is not the ground, and what a restless ground makes of it
_PALETTE = 6  # colours of a ground that does not run evenly
_DARKEST = 0.35  # of the ground's light that is left in a shadow
_GAP = 4  # px
_REST = 4  # px
_SHARP, _SHARE = 0.06, 0.6  # change from pixel to pixel, and share of a hole's edge that has it
_ROUND = 0.3  # of a hole that is small beside the largest: mirrored light is drawn out
_LIT = 0.8  # of the ground's light that is left in a hole
_SOFT = 0.05  # of full light from pixel to pixel: a shadow's edge is softer


@dataclass(frozen=True, eq=False)
class Ground:
    """What a picture's border says of its ground.

    Attributes
    ----------
    off : (h, w, 3) float32
        Each pixel's colour less that of the ground there.
    far : (h, w) float32
        Its length, a little smoothed.
    limit : float
        From here on a pixel is not the ground's.
    light : (h, w) float32
        Share of the ground's light at each pixel, were it the ground's in a shadow; 0 where its colour is another.
    even : bool
        Whether its colours run evenly.
    border : (h, w, 3) float32
        The ground's colours behind everything.
    """

    off: np.ndarray
    far: np.ndarray
    limit: float
    light: np.ndarray
    even: bool
    border: np.ndarray


def frame_of(shape: tuple[int, int]) -> np.ndarray:
    """(h, w) bool: the rim of a picture."""
    edge = max(2, round(_FRAME * max(shape)))
    frame = np.ones(shape, bool)
    frame[edge:-edge, edge:-edge] = False
    return frame


def ground_of(colours: np.ndarray) -> Ground:
    """What is known of the ground of (h, w, 3) colours in [0, 1]."""
    frame = frame_of(colours.shape[:2])
    behind, kept = _running(colours, frame)
    even = behind is not None
    if behind is None:
        behind, kept = _nearest(colours, frame), frame
    off = np.asarray(colours - behind, np.float32)
    far = blur(np.sqrt((off**2).sum(axis=-1)), 0.7)
    usual = float(np.percentile(far[kept], 90.0))
    limit = float(np.clip(2.2 * usual, _LEAST, _MOST))
    share = (colours * behind).sum(axis=-1) / np.maximum((behind**2).sum(axis=-1), 1e-4)
    astray = np.sqrt(((colours - share[..., None] * behind) ** 2).sum(axis=-1))
    light = np.where((blur(astray, 0.7) <= 0.7 * limit) & (share >= _DARKEST) & (share < 1.0 + limit), share, 0.0)
    return Ground(off, far, limit, np.asarray(light, np.float32), even, np.asarray(behind, np.float32))


def covered(colours: np.ndarray, ground: Ground, least_hole: float) -> np.ndarray:
    """(h, w) bool of what is not ground: what the ground's colour reaches from the border is taken off, then soft shadows, then holes.

    The ground reaches through no gap narrower than ``2 * _GAP`` px, for where metal mirrors the ground its outline is broken.
    ``least_hole`` is the area in px from which on a patch of the ground's colour within the thing may be seen through; it
    is where its edge is sharp, as a highlight's is not.
    """
    plain = ground.far <= ground.limit
    open_ = reached(plain)
    steep = _steepness(blur(colours.mean(axis=-1), 0.7))
    smooth = (ground.light > 0.0) & ~_near(steep > _SOFT, 2)
    shade = _near(reached(smooth | open_), 2) & (ground.light > 0.0) & (steep <= 1.5 * _SOFT) & ~open_
    shaded = shade.sum() > 0.005 * shade.size
    dark = float(np.percentile(ground.light[shade], 10)) - 0.05 if shaded else 0.9
    open_ |= shade
    patches = (plain | (smooth & (ground.light >= dark))) & ~open_
    edge = _near(steep > _SHARP, 2)
    label, sizes = regions(patches)
    largest = max(float(sizes.max()), 1.0)
    for k in np.flatnonzero(sizes >= least_hole):
        patch = label == k
        rim = _near(patch, 2) & ~patch
        if edge[rim].mean() > _SHARE and ground.light[patch].mean() > _LIT and (sizes[k] > 0.25 * largest or _roundness(patch, float(sizes[k])) > _ROUND):
            open_ |= patch
    if shaded:  # where the thing rests on its ground its shadow is dark and ends in an edge
        open_ |= _near(open_, _REST) & (ground.light > 0.3) & (steep <= 2.0 * _SOFT)
    return ~open_


def _roundness(patch: np.ndarray, area: float) -> float:
    """Share of a patch that the largest disc in it covers."""
    reach = np.sqrt(area / np.pi)
    return float(distance(patch, reach + 1.0).max() ** 2 * np.pi / area)


def _near(mask: np.ndarray, reach: int) -> np.ndarray:
    return extreme(mask.astype(np.float32), reach, np.maximum, False) > 0.0


def _steepness(grey: np.ndarray) -> np.ndarray:
    """Change from pixel to pixel."""
    down, across = np.gradient(grey)
    return np.hypot(down, across)


def reached(free: np.ndarray) -> np.ndarray:
    """What a disc of ``_GAP`` px that rolls in from the border can touch."""
    wide = np.pad(free, _GAP, mode="edge")
    label, _sizes = regions(distance(np.pad(wide, 1, constant_values=True), _GAP + 1.0)[1:-1, 1:-1] > _GAP)
    rolled = np.isin(label, at_border(label))
    return (distance(~rolled, _GAP + 1.0) <= _GAP)[_GAP:-_GAP, _GAP:-_GAP] & free


def _running(colours: np.ndarray, frame: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """Colours that run evenly (a parabola each way), fitted to the frame without what reaches into it, and the frame that was kept.

    A hand can reach into much of the frame, so that the fit is begun once from all of it and once from its commonest colour.
    """
    rows, columns, _ = colours.shape
    y, x = np.mgrid[-1.0 : 1.0 : rows * 1j, -1.0 : 1.0 : columns * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)
    a, b = terms[frame], colours[frame].astype(np.float64)
    code = (np.clip(b, 0.0, 0.999) * 8.0).astype(int) @ (64, 8, 1)
    common = np.median(b[code == np.bincount(code).argmax()], axis=0)
    near = np.sqrt(((b - common) ** 2).sum(axis=-1)) < _COMMON
    found, keep, off = max((_trimmed(a, b, start) for start in (np.ones(len(a), bool), near)), key=lambda fit: float((fit[2] < _CLOSE).mean()))
    share = 0.6 if not toned(b[~keep]).sum() > 0.6 * max((~keep).sum(), 1) else 0.4
    if keep.mean() < share or float(np.sqrt((off[keep] ** 2).mean())) > _EVEN:
        return None, frame
    kept = frame.copy()
    kept[frame] = keep
    return np.clip(terms @ found, 0.0, 1.0), kept


def _trimmed(a: np.ndarray, b: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A fit to the rows that lie on it, those rows, and how far each row is off."""
    for _ in range(6):
        found = np.linalg.lstsq(a[keep], b[keep], rcond=None)[0]
        off = np.sqrt(((a @ found - b) ** 2).sum(axis=-1))
        keep = off <= max(2.5 * float(np.median(off[keep])), 0.02)
    return found, keep, off


def _nearest(colours: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """For each pixel the nearest of a few colours of the frame."""
    seen = colours[frame].astype(np.float64)
    order = np.argsort(seen.sum(axis=1))
    middle = seen[order[(np.linspace(0.02, 0.98, _PALETTE) * (len(order) - 1)).astype(int)]]
    for _ in range(8):
        name = _closest(seen, middle)
        middle = np.stack([seen[name == k].mean(axis=0) if (name == k).any() else middle[k] for k in range(_PALETTE)])
    return middle[_closest(colours.reshape(-1, 3), middle)].reshape(colours.shape)


def _closest(points: np.ndarray, middle: np.ndarray) -> np.ndarray:
    return np.argmin(np.stack([((points - m) ** 2).sum(axis=-1) for m in middle]), axis=0)
