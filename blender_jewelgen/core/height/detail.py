"""How fine the ornament is: the narrowest ridge and the narrowest groove of a height picture."""

from __future__ import annotations

import numpy as np

from .distance import distance
from .draft import shifted
from .filters import resize

_NEAR = 0.25  # mm
_FLAT = 0.12  # share of the depth; where heights differ by less there is neither ridge nor groove
_TIPS = 0.08  # share of the area that may be finer: tips and ends of lines always taper to nothing
_WIDEST = 16.0  # px; wider lines are never the ones that matter


def detail_mm(picture: np.ndarray, pitch: float, periodic: bool) -> tuple[float, float]:
    """Width in mm of the narrowest raised line and of the narrowest gap; infinite where there is none.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
    pitch : float
        mm a pixel.
    periodic : bool
        Columns wrap round.

    A line is as wide as it is half way between the highest and the lowest place within a quarter of a millimetre. Exact
    to about a pixel; 8 % of the area may be finer, since every tip tapers to nothing.
    """
    if picture.shape[1] > 1600:  # 1600 columns resolve 0.04 mm on a ring; finer only costs time
        factor = 1600 / picture.shape[1]
        picture = resize(picture, max(8, round(picture.shape[0] * factor)), 1600, periodic)
        pitch /= factor
    above = picture > _middle(picture, max(2, round(_NEAR / pitch)), periodic)
    return _narrowest(above, pitch, periodic), _narrowest(~above, pitch, periodic)


def _middle(picture: np.ndarray, reach: int, periodic: bool) -> np.ndarray:
    """Half way between the highest and lowest place near each point; where that is level, look twice as far, three times."""
    middle = np.full_like(picture, np.nan)
    high = low = picture
    done = 0
    for far in (reach, 2 * reach, 4 * reach, 8 * reach):
        high, low = extreme(high, far - done, np.maximum, periodic), extreme(low, far - done, np.minimum, periodic)
        done = far
        found = np.isnan(middle) & (high - low >= _FLAT)
        middle[found] = ((high + low) / 2.0)[found]
    return np.where(np.isnan(middle), 0.5, middle)


def extreme(picture: np.ndarray, reach: int, better: np.ufunc, periodic: bool) -> np.ndarray:
    """The highest (np.maximum) or lowest (np.minimum) value within ``reach`` px along both axes."""
    for axis, wraps in ((1, periodic), (0, False)):
        best = picture.copy()
        for step in range(1, reach + 1):
            for k in (step, -step):
                better(best, shifted(picture, k, axis, wraps), out=best)
        picture = best
    return picture


def _narrowest(mask: np.ndarray, pitch: float, periodic: bool) -> float:
    """Diameter in mm of the largest disc with which nearly the whole mask can be painted without going over its edge."""
    area = int(mask.sum())
    if area == 0 or mask.all():
        return float("inf")
    far = distance(mask, _WIDEST + 1.0, periodic)
    before = 0.0
    for radius in np.arange(1.0, _WIDEST, 0.5):
        painted = distance(far < radius, radius, periodic) < radius  # within the radius of a place that holds the disc
        lost = 1.0 - float((painted & mask).sum()) / area
        if lost > _TIPS:
            reached = radius - 0.5 * (lost - _TIPS) / (lost - before)
            return float((2.0 * reached - 0.5) * pitch)  # measured between the edges of pixels
        before = lost
    return float("inf")
