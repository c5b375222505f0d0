"""One motif as a drawing of its own: signed distance on a square cell, whoever drew it, kept small enough for a recipe.

Distances are in px of a cell 64 px wide, positive inside, clipped to +-6, whatever the number of pixels they are sampled at.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from functools import lru_cache

import numpy as np

from ..errors import BadInput
from ..height.distance import distance, signed_distance
from ..height.filters import resize
from .parts import joined, parts

CELL, KEPT, FILE = 64, 128, 512  # px a side: what a model draws, what a recipe keeps, what a file shows
REACH = 6.0
GAP = 2.5  # px; narrower cuts would come back dotted
MARGIN = 0.9  # a drawing's longer side as a share of the cell
_FINE = 192
_BAND, _STEPS = 1.5, 48.0  # px beyond which a packed drawing need not be exact; levels to there: a 32nd of a px
_SPECK = 6.0  # square px; smaller parts cannot be cast
_PINHOLE = 4.0


def cell_of(picture: np.ndarray, fit: bool = True, gap: float = GAP) -> np.ndarray:
    """(64, 64) float32 cell of any silhouette.

    Parameters
    ----------
    picture : (h, w) float in [0, 1] or bool
        Share of each pixel that is covered.
    fit : bool
        Centred, its longer side nine tenths of the cell; otherwise the picture is the cell, made square.
    gap : float
        Cuts narrower than this (px) are widened, lines thinner than about half of it thickened.

    Raises BadInput if nothing or everything is covered.
    """
    shape = fine(picture, fit)
    return resize(measured(opened(shape, gap).astype(np.float32)), CELL, CELL)


def fine(picture: np.ndarray, fit: bool = True) -> np.ndarray:
    """(192, 192) bool of a silhouette, placed in its cell as ``cell_of`` says."""
    picture = np.asarray(picture, np.float32)
    shape = picture > 0.5
    if not shape.any() or shape.all():
        raise BadInput("the drawing is blank; there is no line in it" if not shape.any() else "the drawing is covered all over; leave some ground", field="sketch")
    if fit:
        return _fitted(picture)
    side = max(picture.shape)
    rows, columns = ((side - n) // 2 for n in picture.shape)
    square = np.zeros((side, side), np.float32)
    square[rows : rows + picture.shape[0], columns : columns + picture.shape[1]] = picture
    shape = resize(square, _FINE, _FINE) > 0.5
    if not shape.any():
        raise BadInput("the drawing is too fine for a cell; draw it larger", field="sketch")
    return shape


@lru_cache(maxsize=64)
def drawing_of(name: str) -> np.ndarray:
    """(64, 64) float32 cell, not to be written to, of a silhouette or parametric figure of the library; BadInput if it has none of this name."""
    made = cell_of(silhouette_of(name))
    made.setflags(write=False)
    return made


def silhouette_of(name: str) -> np.ndarray:
    """(192, 192) bool of a silhouette or parametric figure; a silhouette is taken first, since a figure's petals are cut by its height alone."""
    from . import motifs
    from .cells import CELLS, cell

    if name in CELLS and name not in motifs.names():
        return cell(name, _FINE) > 0.03
    return motifs.coverage(name, _FINE) > 0.5


def measured(coverage: np.ndarray) -> np.ndarray:
    """(s, s) float32 distances of a coverage (s, s)."""
    scale = coverage.shape[0] / CELL
    return signed_distance(coverage, REACH * scale) / np.float32(scale)


def enlarged(field: np.ndarray, size: int) -> np.ndarray:
    """(size, size) float32: the same distances on another number of pixels."""
    return resize(field, size, size)


def coverage(field: np.ndarray, size: int) -> np.ndarray:
    """(size, size) float32 in [0, 1]: the share of each pixel inside the drawing."""
    return np.clip(0.5 + enlarged(field, size) * (size / CELL), 0.0, 1.0)


def cleaned(field: np.ndarray) -> np.ndarray:
    """(128, 128) float32 of a drawing as a model leaves it: no specks, no pinholes, every part within a line's width of the next.

    Parts that lie apart are dropped where they are small, and joined by a bar where they are not.
    """
    field = enlarged(field, KEPT)
    inside = field > 0.0
    square = (KEPT / CELL) ** 2
    label, sizes = parts(inside)
    inside &= (sizes >= _SPECK * square)[label]
    label, sizes = parts(~inside)
    holes = (~inside) & (sizes < _PINHOLE * square)[label]
    field = np.where(inside | holes, np.maximum(field, np.where(holes, 0.3, 0.0)), np.minimum(field, -0.3 * (field > 0.0)))
    field = joined(field, GAP * KEPT / CELL)
    return measured(np.clip(0.5 + field * (KEPT / CELL), 0.0, 1.0))


def pack(field: np.ndarray) -> str:
    """A drawing as a line of ASCII for a recipe, about five thousand characters."""
    levels = np.round(np.clip(enlarged(field, KEPT), -_BAND, _BAND) * (_STEPS / _BAND)).astype(np.int8)
    steps = np.diff(levels, axis=1, prepend=np.int8(0))
    return base64.b64encode(zlib.compress(steps.tobytes(), 9)).decode("ascii")


def unpack(text: str) -> np.ndarray:
    """(128, 128) float32 of ``pack``; BadInput for any other text."""
    try:
        raw = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), KEPT * KEPT + 1)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise BadInput("the drawing of a motif in the recipe is damaged", field="motifs") from error
    if len(raw) != KEPT * KEPT:
        raise BadInput("the drawing of a motif in the recipe is cut short", field="motifs")
    steps = np.frombuffer(raw, np.int8).reshape(KEPT, KEPT)
    band = np.add.accumulate(steps, axis=1, dtype=np.int8).astype(np.float32) * np.float32(_BAND / _STEPS)
    far = measured(np.clip(0.5 + band * (KEPT / CELL), 0.0, 1.0))
    return np.where(np.abs(band) < 0.98 * _BAND, band, far).astype(np.float32)


def levels(field: np.ndarray) -> np.ndarray:
    """(512, 512) uint16 for a file: 32768 is the outline, the ends of the range are 6 px away from it."""
    return np.round(32768.0 + np.clip(enlarged(field, FILE), -REACH, REACH) * (32767.0 / REACH)).astype(np.uint16)


def field_of(levels: np.ndarray) -> np.ndarray:
    """(512, 512) float32 of a file written from ``levels``, which gives the same file again."""
    return (levels.astype(np.float32) - np.float32(32768.0)) * np.float32(REACH / 32767.0)


def opened(shape: np.ndarray, gap: float = GAP) -> np.ndarray:
    """Cuts narrower than a small cell can show are widened, and lines thinner than that are thickened; (h, h) bool."""
    reach = 0.5 * gap * len(shape) / CELL
    wide = _near(shape, reach)
    narrow = (distance(wide, reach + 2.0) > reach) & ~shape
    thick = _near(distance(shape, reach + 2.0) > 0.6 * reach, 0.6 * reach)
    grown = shape | _near(shape & ~thick, 0.3 * reach)
    return grown & ~_near(narrow, 0.6 * reach)


def _near(shape: np.ndarray, reach: float) -> np.ndarray:
    """Everything within ``reach`` px of a bool drawing."""
    return distance(~shape, reach + 2.0) <= reach


def _fitted(picture: np.ndarray) -> np.ndarray:
    """The drawing centred, its longer side nine tenths of the cell."""
    shape = picture > 0.5
    rows, columns = np.flatnonzero(shape.any(axis=1)), np.flatnonzero(shape.any(axis=0))
    cut = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = MARGIN * _FINE / max(cut.shape)
    cut = resize(cut, max(round(cut.shape[0] * scale), 1), max(round(cut.shape[1] * scale), 1)) > 0.5
    if not cut.any():
        raise BadInput("the drawing is too fine for a cell; draw thicker lines", field="sketch")
    top, left = ((_FINE - n) // 2 for n in cut.shape)
    placed = np.zeros((_FINE, _FINE), bool)
    placed[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return placed
