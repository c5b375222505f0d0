"""A pattern as pierced metal: no bar thinner than the web, no opening narrower than a saw blade, nothing that falls out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..errors import BadInput, Fix
from ..height.discs import grown, shrunk
from ..height.distance import signed_distance
from ..height.filters import blur, resize
from .bridges import bars, painted
from .parts import parts
from .thin import middles

_LEVEL = 0.1  # of the height; above it is ornament
_GROUND = 0.12  # least share of a picture that is ground; where all is higher a level is searched
_ACROSS = 13, 11, 9, 7  # px: the finer of web and opening is worked with so many, or with fewer where that takes
_AREA = 1.5e6  # more px in all than this
_SPARE = 1.06  # widths are made so much larger than asked for: what smoothing takes
_CRUMB = 9.0  # squares of half the web; a part of less that lies apart is left out: it would be a knob on a stalk
_SMOOTH = 0.055  # mm; outlines are smoothed by so much, as a file leaves them
_ROUNDS = 8
_WIDE_MM = 8.0  # mm; where a frame stands free over more than this it is said


class Craft(Protocol):
    """Widths in mm; ``relief.params.CraftParams`` has them."""

    web: float
    opening: float
    frame: float


@dataclass(frozen=True, eq=False)
class Web:
    """Sound pierced metal.

    Attributes
    ----------
    metal : (h, w) float32, mm
        Signed distance to the nearest edge of an opening; above 0 is metal. Beyond a plate's outline it is above 0 too.
    notes : tuple of str
    facts : dict
        ``bridges`` added and ``openings`` left.
    """

    metal: np.ndarray
    notes: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def web_of(
    picture: np.ndarray, pitch: float, wrap: bool, craft: Craft, edge: np.ndarray | None = None,
    rails: tuple[float, float] | None = None, solid: np.ndarray | None = None,
) -> Web:  # fmt: skip
    """The ornament of a height picture as metal, its ground as openings.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
        0 is ground; row 0 is the upper edge.
    pitch : float
        mm a pixel.
    wrap : bool
        Columns wrap round.
    craft : CraftParams
        Its ``web``, ``opening`` and ``frame``, mm.
    edge : (h, w) float, mm, optional
        Distance to a plate's outline, positive inside: metal within ``frame`` of it. Without it the picture is a strip.
    rails : (border, ends), mm, optional
        Metal along a strip's upper and lower border, and along its ends if it does not wrap; ``frame`` unless given.
    solid : (h, w) bool, optional
        What stays metal besides.

    Raises BadInput where there is no ornament, no ground, or no opening as wide as is asked for.
    """
    height, width = picture.shape
    work = _Work.of(picture, pitch, wrap, craft)
    frame = work.frame(edge, rails or (craft.frame, craft.frame), solid)
    coverage, full = work.coverage(picture, frame)
    metal, notes = work.sound(coverage >= 0.5, frame)
    bridges = 0
    for _ in range(_ROUNDS):
        made = bars(metal, frame, 0.4 * work.web, work.pixel, wrap)
        if not len(made):
            break
        bridges += len(made)
        metal = work.settled(metal | painted(metal.shape, made, work.web, wrap), frame)
    label, sizes = parts(metal, wrap)
    largest = label == int(sizes.argmax())
    metal = largest | frame
    openings = _openings(metal, wrap)
    if not openings:
        raise _no_opening(craft, full)
    if bridges:
        notes.append(f"{bridges} bridge{'s were' if bridges > 1 else ' was'} added so that nothing falls out")
    wide = _free_frame(metal, frame, work.pixel, wrap)
    if wide > _WIDE_MM:
        notes.append(f"the frame stands free over {wide:.1f} mm: more ornament, or a wider frame, makes the piece stronger")
    field_mm = work.field(metal, coverage, craft)
    return Web(work.back(field_mm, height, width), tuple(notes), {"bridges": bridges, "openings": openings})


@dataclass(frozen=True)
class _Work:
    """The raster that the metal is made sound on: padded by metal where columns or rows end.

    ``web`` and ``opening`` are radii of discs of whole pixels, px; ``least`` is the web's width, mm.
    """

    rows: int
    columns: int
    pixel: float
    wrap: bool
    web: float
    opening: float
    pad: int
    least: float

    @staticmethod
    def of(picture: np.ndarray, pitch: float, wrap: bool, craft: Craft) -> _Work:
        length, breadth = picture.shape[1] * pitch, picture.shape[0] * pitch
        fine = _SPARE * min(craft.web, craft.opening)
        count = next((n for n in _ACROSS if length * breadth * (n / fine) ** 2 <= _AREA), _ACROSS[-1])
        columns, rows = max(8, round(length * count / fine)), max(8, round(breadth * count / fine))
        pixel = length / columns
        web, opening = (np.ceil(0.5 * _SPARE * side / pixel - 0.55) + 0.5 for side in (craft.web, craft.opening))
        return _Work(rows, columns, pixel, wrap, float(web), float(opening), int(2 * web + 2 * opening) + 2, round(craft.web, 2))

    def coverage(self, picture: np.ndarray, frame: np.ndarray) -> tuple[np.ndarray, bool]:
        """(h, w) float32 share of each pixel that is ornament or frame, and whether all of the picture is ornament."""
        heights = resize(picture, self.rows, self.columns, self.wrap)
        level = ornament_level(heights)
        slope = np.hypot(*np.gradient(heights)) if min(heights.shape) > 1 else np.ones_like(heights)
        share = np.clip((heights - level) / np.maximum(slope, 1e-3) + 0.5, 0.0, 1.0)
        inside = self._inside(frame)
        if not (share[~inside] >= 0.5).any():
            raise BadInput("the pattern holds no ornament: between the openings nothing would be left", field="technique")
        full = bool((share[~inside] >= 0.5).mean() > 0.995)
        whole = np.ones_like(frame, np.float32)
        whole[self._middle()] = share
        return np.maximum(whole, frame), full

    def _inside(self, frame: np.ndarray) -> np.ndarray:
        return frame[self._middle()]

    def _middle(self) -> tuple[slice, slice]:
        return slice(self.pad, self.pad + self.rows), slice(None) if self.wrap else slice(self.pad, self.pad + self.columns)

    def frame(self, edge: np.ndarray | None, rails: tuple[float, float], solid: np.ndarray | None) -> np.ndarray:
        """(h, w) bool padded: what is always metal."""
        if edge is not None:
            inner = resize(edge, self.rows, self.columns) <= rails[0]
        else:
            row = (np.arange(self.rows) + 0.5) * self.pixel
            inner = np.broadcast_to((np.minimum(row, row[::-1]) <= rails[0])[:, None], (self.rows, self.columns)).copy()
            if not self.wrap:
                column = (np.arange(self.columns) + 0.5) * self.pixel
                inner |= (np.minimum(column, column[::-1]) <= rails[1])[None, :]
        if solid is not None:
            inner |= resize(solid.astype(np.float32), self.rows, self.columns, self.wrap) > 0.5
        pads = ((self.pad, self.pad), (0, 0) if self.wrap else (self.pad, self.pad))
        return np.pad(inner, pads, constant_values=True)

    def sound(self, metal: np.ndarray, frame: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """The metal with gaps that are too narrow closed, bars that are too thin thickened, and specks left out."""
        metal, thickened = self.grown(metal)
        label, sizes = parts(metal, self.wrap)
        crumb = (sizes < _CRUMB * self.web**2) & (np.bincount(label[frame], minlength=len(sizes)) == 0)
        crumb[0] = False
        metal &= ~crumb[label]
        if not (metal & ~frame).any():
            raise BadInput("the ornament is only specks, finer than the web: between the openings nothing would be left", field="technique")
        notes = [f"{int(crumb.sum())} speck{'s were' if crumb.sum() > 1 else ' was'} left out"] if crumb.any() else []
        if thickened:
            notes.append(f"bars thinner than {self.least:.3g} mm were thickened")
        return self.settled(metal, frame), notes

    def settled(self, metal: np.ndarray, frame: np.ndarray) -> np.ndarray:
        """Metal with bars and openings that are wide enough and rounded corners.

        Rounding a corner may leave a notch that is too narrow, and filling it brings the corner back; where that happens
        metal is added until it is wide enough to stay.
        """
        for turn in range(_ROUNDS):
            metal = self.rounded(self.grown(metal)[0], frame)
            notches = self._closed(metal) & ~metal
            if not notches.any():
                break
            metal |= grown(notches, self.web, self.wrap) if turn else notches
        return metal

    def grown(self, metal: np.ndarray) -> tuple[np.ndarray, bool]:
        """Metal added until gaps and bars are wide enough, and whether a bar was thickened."""
        thickened = False
        for _ in range(_ROUNDS):
            metal = self._closed(metal)
            thin = middles(metal, self.web, self.wrap)
            if not thin.any():
                break
            thickened = True
            metal = metal | grown(thin, self.web, self.wrap)
        return metal, thickened

    def rounded(self, metal: np.ndarray, frame: np.ndarray) -> np.ndarray:
        """The metal without corners that no disc of the web's width fills."""
        return grown(shrunk(metal, self.web, self.wrap), self.web, self.wrap) | frame

    def _closed(self, metal: np.ndarray) -> np.ndarray:
        return shrunk(grown(metal, self.opening, self.wrap), self.opening, self.wrap)

    def field(self, metal: np.ndarray, coverage: np.ndarray, craft: Craft) -> np.ndarray:
        """(h, w) float32 mm: signed distance, to a fraction of a pixel where the drawing's own edge stands."""
        same = metal == (coverage >= 0.5)
        share = np.where(same, coverage, metal.astype(np.float32))
        reach = max(1.2 * max(craft.web, craft.opening), 0.6) / self.pixel
        sigma = float(np.clip(_SMOOTH / self.pixel, 0.5, 0.2 * min(self.web, self.opening)))
        steep = (sigma**2 + 1.0 / 12.0) ** 0.5 * (2.0 * np.pi) ** 0.5  # makes edges one pixel wide again
        share = np.clip((blur(share, sigma, self.wrap) - 0.5) * np.float32(steep) + 0.5, 0.0, 1.0)
        far = signed_distance(share, reach, self.wrap)
        return far[self._middle()] * np.float32(self.pixel)

    def back(self, values: np.ndarray, height: int, width: int) -> np.ndarray:
        return resize(values, height, width, self.wrap) if values.shape != (height, width) else np.ascontiguousarray(values)


def ornament_level(heights: np.ndarray) -> float:
    """Height above which is ornament: a tenth of the highest, or where ground and ornament part best if there is hardly ground.

    Raises BadInput for a picture without any height.
    """
    top = float(heights.max())
    if top <= 1e-3:
        raise BadInput("the pattern is empty: it holds no ornament to work on", field="technique")
    level = _LEVEL * top
    if float((heights < level).mean()) >= _GROUND or float(np.ptp(heights)) < 0.05:
        return level
    count, edges = np.histogram(heights, 128)
    middle = 0.5 * (edges[1:] + edges[:-1])
    below, mass = np.cumsum(count), np.cumsum(count * middle)
    rest = below[-1] - below
    apart = np.where((below > 0) & (rest > 0), below * rest * (mass / np.maximum(below, 1) - (mass[-1] - mass) / np.maximum(rest, 1)) ** 2, 0.0)
    return float(edges[int(apart.argmax()) + 1])


def _openings(metal: np.ndarray, wrap: bool) -> int:
    return len(parts(~metal, wrap)[1]) - 1


def _no_opening(craft: Craft, full: bool) -> BadInput:
    if full:
        return BadInput("the pattern leaves no ground to pierce; choose a motif that stands free", field="technique")
    finer = max(0.1, round(0.5 * craft.opening, 2))
    return BadInput(
        f"no opening of {craft.opening:.3g} mm is left between bars of {craft.web:.3g} mm; the pattern is too fine for this piece", field="opening",
        fix=Fix(f"Openings of {finer:g} mm", f"--opening {finer:g}") if craft.opening > 0.1 else None,
    )  # fmt: skip


def _free_frame(metal: np.ndarray, frame: np.ndarray, pixel: float, wrap: bool) -> float:
    """Longest run of columns, mm, in which there is nothing but frame."""
    bare = ~(metal & ~frame).any(axis=0)
    if bare.all() or not bare.any():
        return float(bare.all()) * len(bare) * pixel
    if wrap:
        bare = np.roll(bare, -int((~bare).argmax()))
    steps = np.diff(np.concatenate([[0], bare.astype(np.int8), [0]]))
    runs = np.flatnonzero(steps == -1) - np.flatnonzero(steps == 1)
    return float(runs.max()) * pixel
