"""A picture file as things are sought in it: its colours, small enough, and what stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..height.filters import resize
from ..height.picture import read_colours
from .subject import Subject, subject

_WORKED = 2048  # px of the longer side; more show no thing better


@dataclass(frozen=True, eq=False)
class Photograph:
    """(h, w, 3 or 4) float32 in [0, 1]; whether the file has more than 8 bits, as heights do; notes on its reading."""

    colours: np.ndarray
    deep: bool
    notes: tuple[str, ...]

    def subject(self, several: bool = False) -> Subject:
        """The thing in it; see ``subject.subject``."""
        return subject(self.colours, several)


def photograph(path: Path) -> Photograph:
    """A picture of any size and kind in at most 2048 px a side. Raises BadInput as ``read_colours`` does."""
    read = read_colours(path)
    colours = read.colours if read.colours.ndim == 3 else np.repeat(read.colours[..., None], 3, axis=-1)
    rows, columns = colours.shape[:2]
    factor = _WORKED / max(rows, columns)
    if factor >= 1.0:
        return Photograph(colours, read.deep, read.notes)
    size = max(8, round(rows * factor)), max(8, round(columns * factor))
    small = np.stack([resize(colours[..., k], *size) for k in range(colours.shape[2])], axis=-1)
    return Photograph(small, read.deep, read.notes or (f"{Path(path).name} was reduced to {size[1]} x {size[0]} px",))
