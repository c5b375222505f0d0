"""Where granules lie on a flat ornament: in rows along its contours and its lines, in hexagons inside, smaller ones in the gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..height.discs import grown
from ..height.distance import signed_distance
from ..height.filters import blur, resize, sample
from ..mesh.contour import area
from .thin import middles
from .web import ornament_level

_FINE = 14.0  # px a diameter
_ROWS = 16  # px at least across the ornament
_INSET = 0.8  # radii; rows lie so far inside a contour, so that a line as wide as a granule still holds one
_STEPS = 16  # places a diameter that are tried along a row


@dataclass(frozen=True, eq=False)
class Field:
    """An ornament that is to be covered.

    Attributes
    ----------
    inside : (h, w) float32, mm
        Signed distance to the contour; lines thinner than a granule are as wide as one.
    pixel : float
        mm a pixel.
    wrap : bool
    """

    inside: np.ndarray
    pixel: float
    wrap: bool

    @property
    def size(self) -> tuple[float, float]:
        """(length, width), mm."""
        return self.inside.shape[1] * self.pixel, self.inside.shape[0] * self.pixel

    def at(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Distances inside the contour, mm, at places u mm along and v mm up from the lower edge."""
        return sample(self.inside, u / self.pixel - 0.5, self.inside.shape[0] - 0.5 - v / self.pixel, self.wrap)


def field_of(picture: np.ndarray, pitch: float, wrap: bool, diameter: float) -> Field:
    """The ornament of a height picture (h, w) in [0, 1], ``pitch`` mm a pixel. Raises BadInput if there is none."""
    height, width = picture.shape
    pixel = min(diameter / _FINE, height * pitch / _ROWS)
    columns = max(16, round(width * pitch / pixel))
    pixel = width * pitch / columns
    rows = round(height * pitch / pixel)
    heights = resize(picture, rows, columns, wrap)
    mask = heights > ornament_level(heights)
    if not mask.any():
        raise BadInput("the pattern holds no ornament to set granules on", field="technique")
    radius = 0.5 * diameter / pixel  # px
    mask |= grown(middles(mask, radius, wrap), radius + 0.7, wrap)
    far = signed_distance(blur(mask.astype(np.float32), 1.0, wrap), 3.0 * diameter / pixel, wrap)
    return Field(far * np.float32(pixel), pixel, wrap)


def rows(field: Field, diameter: float) -> list[np.ndarray]:
    """Closed lines (n, 2) mm along every contour, half a granule inside it, the longest first; places lie evenly, n to a length.

    Each begins at its end, where it has one: at the place farthest from its middle. Along a line as wide as a granule both
    sides lie on each other.
    """
    wide = np.pad(field.inside, ((1, 1), (0, 0) if field.wrap else (1, 1)), constant_values=-1.0)
    level = 0.5 * _INSET * diameter
    region = area(wide - np.float32(level), field.wrap)
    if not len(region.rim):
        return []
    after = np.full(len(region.points), -1, np.int64)
    after[region.rim[:, 0]] = region.rim[:, 1]
    follow, loose = after.tolist(), set(region.rim[:, 0].tolist())
    lines = []
    period = field.inside.shape[1]
    while loose:
        start = next(iter(loose))
        loop, at = [], start
        while at in loose:
            loose.discard(at)
            loop.append(at)
            at = follow[at]
        points = region.points[loop]
        x, y = points[:, 0] - (0 if field.wrap else 1), points[:, 1] - 1
        if field.wrap:
            x = x[0] + np.concatenate([[0.0], np.cumsum((np.diff(x) + period / 2) % period - period / 2)])
        lines.append(_even(np.stack([(x + 0.5) * field.pixel, (field.inside.shape[0] - 0.5 - y) * field.pixel], 1), diameter, period * field.pixel if field.wrap else 0.0))
    return sorted(lines, key=lambda line: -len(line))


def hexagons(field: Field, diameter: float, apart: float) -> np.ndarray:
    """(n, 2) mm: a lattice ``apart`` mm wide within the ornament, clear of the row along its contour, from the lower edge up."""
    length, width = field.size
    along = max(1, int(length / apart)) if field.wrap else int(length / apart) + 1
    step = length / along if field.wrap else apart
    count = int(width / (apart * 0.866)) + 1
    v = (np.arange(count) - 0.5 * (count - 1)) * apart * 0.866 + 0.5 * width
    u = (np.arange(along)[None, :] + 0.5 * (np.arange(count)[:, None] % 2)) * step
    places = np.stack([u.ravel(), np.repeat(v, along)], 1)
    return places[field.at(places[:, 0], places[:, 1]) > (0.5 * _INSET + 0.8) * diameter]


def gaps(field: Field, taken: np.ndarray, diameters: np.ndarray, wanted: float) -> np.ndarray:
    """(n, 2) mm: places where a granule ``wanted`` mm wide fits on the ornament beside those at ``taken`` (m, 2), the freest first.

    It may stand out over the contour by a tenth of its width.
    """
    height, width = field.inside.shape
    column = np.floor(taken[:, 0] / field.pixel).astype(int)
    column = column % width if field.wrap else np.clip(column, 0, width - 1)
    row = np.clip(np.floor(height - taken[:, 1] / field.pixel).astype(int), 0, height - 1)
    free = field.inside >= 0.4 * wanted
    for diameter in np.unique(diameters):
        mask = np.zeros((height, width), bool)
        some = diameters == diameter
        mask[row[some], column[some]] = True
        free &= ~grown(mask, max(0.5 * (diameter + wanted) / field.pixel - 0.7, 0.0), field.wrap)
    y, x = np.nonzero(free)
    order = np.argsort(-field.inside[y, x], kind="stable")
    return np.stack([(x + 0.5) * field.pixel, (height - 0.5 - y) * field.pixel], 1)[order]


def _even(loop: np.ndarray, diameter: float, period: float) -> np.ndarray:
    """A closed line with steps of equal length, smoothed over a granule."""
    start = int(np.hypot(*(loop - loop.mean(axis=0)).T).argmax())
    ahead = loop[0] - loop[-1]
    turn = np.array([period * np.rint(ahead[0] / period) if period else 0.0, 0.0])  # once round the piece, or nothing
    loop = np.concatenate([loop[start:], loop[: start + 1] - turn])
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(loop, axis=0).T))])
    count = max(3, int(np.ceil(reached[-1] / diameter * _STEPS)))
    at = np.arange(count) / count * reached[-1]
    line = np.stack([np.interp(at, reached, loop[:, k]) for k in (0, 1)], 1)
    reach = min(_STEPS // 2, count // 8)
    if reach:
        shift = loop[-1] - loop[0]
        wide = np.concatenate([line[-reach:] - shift, line, line[:reach] + shift])
        line = sum(wide[k : k + count] for k in range(2 * reach + 1)) / (2 * reach + 1)
    return line
