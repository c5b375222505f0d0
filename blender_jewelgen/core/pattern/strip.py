"""The two flat pieces that ornament is drawn on, in millimetres: a strip to bend round something, and a plate with an outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Strip:
    """A flat strip of ornament; x runs along it, y runs up from the lower edge.

    Attributes
    ----------
    length, width : float, mm
    columns, rows : int, pixels
    periodic : bool
        Whether x = length is the same place as x = 0.
    """

    length: float
    width: float
    columns: int
    rows: int
    periodic: bool = True

    def __post_init__(self) -> None:
        if not (self.length > 0 and self.width > 0 and self.columns >= 1 and self.rows >= 1):
            raise ValueError(f"a strip needs a positive size, not {self.length} x {self.width} mm, {self.columns} x {self.rows} px")

    @property
    def x(self) -> np.ndarray:
        """(1, columns) float32 mm at the pixel centres."""
        return ((np.arange(self.columns) + 0.5) * (self.length / self.columns)).astype(np.float32)[None, :]

    @property
    def y(self) -> np.ndarray:
        """(rows, 1) float32 mm at the pixel centres; row 0 is the upper edge."""
        return ((self.rows - 0.5 - np.arange(self.rows)) * (self.width / self.rows)).astype(np.float32)[:, None]

    def band(self, low: float, high: float) -> tuple[slice, Strip]:
        """The rows whose pixels lie between the heights ``low`` and ``high`` (mm), and the strip that they are."""
        pitch = self.width / self.rows
        top = min(max(round((self.width - high) / pitch), 0), self.rows - 1)
        bottom = max(min(round((self.width - low) / pitch), self.rows), top + 1)
        rows = bottom - top
        return slice(top, bottom), Strip(self.length, rows * pitch, self.columns, rows, self.periodic)


@dataclass(frozen=True, eq=False)
class Plate:
    """A piece of sheet with an outline, for discs, pendants and heads; the origin is its middle.

    Attributes
    ----------
    size_x, size_y : float, mm
        The rectangle that the picture covers.
    columns, rows : int, pixels
    outline : (rows, columns) float32, mm
        Signed distance to the piece's edge, positive inside.
    """

    size_x: float
    size_y: float
    columns: int
    rows: int
    outline: np.ndarray

    def __post_init__(self) -> None:
        if self.outline.shape != (self.rows, self.columns):
            raise ValueError(f"the outline is {self.outline.shape}; the plate has {self.rows} rows and {self.columns} columns")

    @property
    def x(self) -> np.ndarray:
        """(1, columns) float32 mm from the middle."""
        return (((np.arange(self.columns) + 0.5) / self.columns - 0.5) * self.size_x).astype(np.float32)[None, :]

    @property
    def y(self) -> np.ndarray:
        """(rows, 1) float32 mm from the middle, upward."""
        return ((0.5 - (np.arange(self.rows) + 0.5) / self.rows) * self.size_y).astype(np.float32)[:, None]


def disc(diameter: float, pixels: int) -> Plate:
    """A round plate of this diameter (mm) that fills its square picture."""
    plate = Plate(diameter, diameter, pixels, pixels, np.zeros((pixels, pixels), np.float32))
    return Plate(diameter, diameter, pixels, pixels, (diameter / 2 - np.hypot(plate.x, plate.y)).astype(np.float32))
