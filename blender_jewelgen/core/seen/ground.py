"""The ground of a picture, told from its border: even, running evenly, shadowed, or of a few colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..height.detail import extreme
from ..height.filters import blur
from ..height.regions import at_border, regions

_FRAME = 0.025  # of the longer side: what is taken as ground to begin with
_EVEN = 0.07  # rms distance of the frame from colours that run evenly; more is a ground of several colours
_LEAST, _MOST = 0.045, 0.30  # colour distance from which on something is not the ground, and what a restless ground makes of it
_PALETTE = 6  # colours of a ground that does not run evenly
_DARKEST = 0.35  # of the ground's light that is left in a shadow
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

    ``least_hole`` is the area in px from which on a patch of the ground's colour within the thing is seen through.
    """
    plain = ground.far <= ground.limit
    label, _sizes = regions(plain)
    open_ = np.isin(label, at_border(label))
    grey = blur(colours.mean(axis=-1), 1.0)
    steep = _steepness(grey)
    smooth = (ground.light > 0.0) & (extreme((steep > _SOFT).astype(np.float32), 2, np.maximum, False) == 0.0)
    shade = _reached(smooth | open_)
    shade = (extreme(shade.astype(np.float32), 2, np.maximum, False) > 0.0) & (ground.light > 0.0) & (steep <= 1.5 * _SOFT) & ~open_
    dark = float(np.percentile(ground.light[shade], 10)) if shade.sum() > 0.002 * shade.size else 1.0
    open_ |= shade
    label, sizes = regions((ground.far <= 0.8 * ground.limit) & ~open_)
    holes = (sizes >= least_hole)[label] & (label > 0)
    seen = smooth & ~open_ & (ground.light >= min(0.85, dark - 0.05))
    label, sizes = regions(seen)
    broad = (sizes >= 4.0 * least_hole)[label] & (label > 0)
    holes |= (extreme(broad.astype(np.float32), 2, np.maximum, False) > 0.0) & (ground.light > 0.0) & ~open_
    return ~(open_ | holes)


def _steepness(grey: np.ndarray) -> np.ndarray:
    """Change from pixel to pixel."""
    down, across = np.gradient(grey)
    return np.hypot(down, across)


def _reached(mask: np.ndarray) -> np.ndarray:
    label, _sizes = regions(mask)
    return np.isin(label, at_border(label))


def _running(colours: np.ndarray, frame: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """Colours that run evenly (a parabola each way), fitted to the frame without what reaches into it, and the frame that was kept."""
    rows, columns, _ = colours.shape
    y, x = np.mgrid[-1.0 : 1.0 : rows * 1j, -1.0 : 1.0 : columns * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)
    a, b = terms[frame], colours[frame].astype(np.float64)
    keep = np.ones(len(a), bool)
    for _ in range(5):
        found = np.linalg.lstsq(a[keep], b[keep], rcond=None)[0]
        off = np.sqrt(((a @ found - b) ** 2).sum(axis=-1))
        keep = off <= max(2.5 * float(np.median(off)), 0.02)
    if keep.mean() < 0.6 or float(np.sqrt((off[keep] ** 2).mean())) > _EVEN:
        return None, frame
    kept = frame.copy()
    kept[frame] = keep
    return np.clip(terms @ found, 0.0, 1.0), kept


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
