"""The tile that a model draws for a surface: of a shape that models know, repeated a whole number of times, and laid on the surface's pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...core.errors import BadInput
from ...core.height.filters import resize
from ...core.pattern.strip import Plate, Strip
from .families import Family

FLATTEST = 2.0  # longer to shorter side; models draw wider pictures as several pictures side by side
_LEAST, _MOST = 64, 4096  # px


@dataclass(frozen=True)
class Tile:
    """What is drawn once.

    Attributes
    ----------
    width, height : int, px
    across, down : int
        How often it lies side by side and one above the other on the surface.
    axes : str
        "none", "x", "y" or "both": the sides that run on into each other.
    """

    width: int
    height: int
    across: int
    down: int
    axes: str

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px."""
        return self.width, self.height


def tile_for(
    surface: Strip | Plate, family: Family, pixels: int | None = None, tiling: str = "auto", repeats: int = 0, fits: tuple[int, int] | None = None, square: int = 0
) -> Tile:
    """The tile for a surface.

    Parameters
    ----------
    pixels : int or None
        Its longer side; None: as many pixels as the square the model was taught with, or as ``fits`` allows.
    tiling : str
        "auto" or the sides that run on.
    repeats : int
        How often the motif comes round; the tile then holds whole motifs. 0: as it suits.
    fits : (int, int), optional
        The largest size that the memory is expected to hold.
    square : int
        Side of the square that this very model was taught with; 0: the family's.

    Raises BadInput for a size the family cannot draw.
    """
    length, width = (surface.length, surface.width) if isinstance(surface, Strip) else (surface.size_x, surface.size_y)
    across, down = _times(length / width, repeats), _times(width / length, 0)
    aspect = (length / across) / (width / down)
    least = max(_LEAST, family.multiple)
    if pixels is not None and pixels < least:
        raise BadInput(f"pixels is {pixels}; {family.label} draws at least {least}", field="pixels")
    if pixels is None:
        side = square or family.pixels
        if fits is not None:
            side = min(side, math.sqrt(fits[0] * fits[1]))
        wide, high = side * math.sqrt(aspect), side / math.sqrt(aspect)
    else:
        wide, high = (pixels, pixels / aspect) if aspect >= 1.0 else (pixels * aspect, pixels)
    size = (_whole(wide, family.multiple, least), _whole(high, family.multiple, least))
    return Tile(*size, across, down, _axes(surface, across, down) if tiling == "auto" else tiling)


def smaller(tile: Tile, family: Family) -> int | None:
    """The longer side of about half as many pixels; None where it cannot be less."""
    longer = max(tile.size)
    side = int(longer / math.sqrt(2.0)) // family.multiple * family.multiple
    return side if _LEAST <= side < longer else None


def laid(tile: Tile, height: np.ndarray, surface: Strip | Plate) -> np.ndarray:
    """A tile's height on a surface: repeated and brought to its pixels, (rows, columns) float32 in [0, 1]."""
    x, y = tile.axes in ("x", "both"), tile.axes in ("y", "both")
    columns, rows = math.ceil(surface.columns / tile.across), math.ceil(surface.rows / tile.down)
    one = resize(height, rows, columns, x, y)
    whole = np.tile(one, (tile.down, tile.across))
    if whole.shape != (surface.rows, surface.columns):  # the repeats share the surface's pixels with a remainder
        whole = resize(whole, surface.rows, surface.columns, x, y)
    return np.ascontiguousarray(np.clip(whole, 0.0, 1.0), np.float32)


def _times(aspect: float, repeats: int) -> int:
    """How often a tile lies along a side that is ``aspect`` times the other; with ``repeats`` a number that they are a multiple of."""
    least = max(1, math.ceil(aspect / FLATTEST - 1e-9))
    if repeats > 1:
        whole = [n for n in range(least, repeats + 1) if repeats % n == 0 and aspect / n >= 1.0 / FLATTEST]
        if whole:
            return whole[0]
    return least


def _axes(surface: Strip | Plate, across: int, down: int) -> str:
    x = across > 1 or (isinstance(surface, Strip) and surface.periodic)
    return {(False, False): "none", (True, False): "x", (False, True): "y", (True, True): "both"}[x, down > 1]


def _whole(side: float, multiple: int, least: int) -> int:
    return int(min(max(round(side / multiple) * multiple, least), _MOST // multiple * multiple))
