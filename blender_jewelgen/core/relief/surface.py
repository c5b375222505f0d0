"""The flat piece that ornament is drawn on, and pictures made to fit it."""

from __future__ import annotations

import numpy as np

from ..form.plate import Plate
from ..form.turned import Turned
from ..height.filters import resize
from ..height.picture import fit
from ..mesh.arrays import Mesh
from ..pattern.strip import Plate as Face
from ..pattern.strip import Strip
from .mapping import Mapping

_FINGER = 8.0  # mm; in a narrower hole, such as a bead's, nothing can be engraved
_MOST, _AREA = 8192, 6e6  # px a side, px in all: beyond, a piece takes minutes and no tool shows it


def surface_of(host: Turned | Plate | Mapping, pixels: float) -> Strip | Face:
    """The strip or face in mm that belongs to a form, or to a mapping, with ``pixels`` a mm or as many as are allowed."""
    length, width = host.size if isinstance(host, Mapping) else host.ornament
    pixels = min(pixels, _MOST / max(length, width), (_AREA / (length * width)) ** 0.5)
    columns, rows = (int(np.clip(round(side * pixels), 16, _MOST)) for side in (length, width))
    if isinstance(host, Plate):
        return Face(length, width, columns, rows, host.distance(columns, rows))
    if isinstance(host, Mapping) and host.outline is not None:
        return Face(length, width, columns, rows, resize(host.outline, rows, columns))
    if isinstance(host, Mapping) and host.kind == "planar":
        across, down = (np.minimum(np.arange(n) + 0.5, n - 0.5 - np.arange(n)) / n * side for n, side in ((columns, length), (rows, width)))
        return Face(length, width, columns, rows, np.minimum(across[None, :], down[:, None]).astype(np.float32))
    return Strip(length, width, columns, rows, host.wrap if isinstance(host, Mapping) else host.periodic)


def inner_surface(host: Turned | Plate | Mesh, pixels: float) -> Strip | None:
    """The finger side of a turned form as a strip: as long as its smallest round, as wide as its level part; None where there is none."""
    if not isinstance(host, Turned) or host.inner_diameter < _FINGER:
        return None
    length = float(np.deg2rad(host.arc) * host.inner_diameter / 2.0)
    low, high = host.skin
    pixels = min(pixels, _MOST / length, (_AREA / (length * (high - low))) ** 0.5)
    return Strip(length, high - low, max(16, round(length * pixels)), max(16, round((high - low) * pixels)), host.periodic)


def part_of(surface: Strip | Face, around: int, across: int) -> Strip | Face:
    """What an engine draws where the pattern is laid ``around`` by ``across`` times: one part, which joins itself if it is repeated round."""
    if around == across == 1:
        return surface
    length, width = measures(surface)
    columns, rows = max(16, round(surface.columns / around)), max(16, round(surface.rows / across))
    return Strip(length / around, width / across, columns, rows, wraps(surface) or around > 1)


def wraps(surface: Strip | Face) -> bool:
    """Whether the last column is followed by the first."""
    return isinstance(surface, Strip) and surface.periodic


def measures(surface: Strip | Face) -> tuple[float, float]:
    """(length, width) in mm."""
    return (surface.length, surface.width) if isinstance(surface, Strip) else (surface.size_x, surface.size_y)


def bounded(picture: np.ndarray, around: int, across: int) -> np.ndarray:
    """A part as it is, or reduced where all its repeats together would have more pixels than are worked with."""
    rows, columns = picture.shape
    factor = min(1.0, _MOST / max(columns * around, rows * across))
    return picture if factor == 1.0 else resize(picture, max(8, int(rows * factor)), max(8, int(columns * factor)), around > 1, across > 1)


def pitch_of(surface: Strip | Face, picture: np.ndarray) -> float:
    """mm a pixel of a picture that covers the surface."""
    return measures(surface)[0] / picture.shape[1]


def laid(picture: np.ndarray, surface: Strip | Face) -> tuple[np.ndarray, tuple[str, ...]]:
    """A foreign picture repeated, cropped and joined so that it suits a surface, and notes on what was done."""
    if isinstance(surface, Face):
        picture, note = fit(picture, surface.size_x, surface.size_y, False)
        return picture, (note,) if note else ()
    notes: tuple[str, ...] = ()
    if surface.periodic:
        picture, blended = join_ends(picture)
        if blended:
            notes = ("the picture does not join its own beginning: its ends were blended over a twentieth of its length",)
    picture, note = fit(picture, surface.length, surface.width, surface.periodic)
    return picture, (*notes, note) if note else notes


def join_ends(picture: np.ndarray) -> tuple[np.ndarray, bool]:
    """A picture whose last column runs on into its first, and whether it had to be blended for that."""
    step = np.abs(np.diff(picture, axis=1)).max(initial=0.0)
    if picture.shape[1] < 40 or np.abs(picture[:, 0] - picture[:, -1]).max() <= max(1.5 * step, 2.0 / 255.0):
        return picture, False
    reach = picture.shape[1] // 20
    share = (np.arange(reach, dtype=np.float32) + 0.5) / reach
    share = share * share * (3.0 - 2.0 * share)
    body = picture[:, reach:].copy()  # its end fades into what came before its beginning
    body[:, -reach:] = body[:, -reach:] * (1.0 - share) + picture[:, :reach] * share
    return body, True
