"""Normal maps: colours to unit vectors to slopes; which way their channels point is found out by which way makes a surface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput
from .filters import resize
from .poisson import at_edges

_STEEPEST = 12.0  # px a px: what a slope is held to; a picture shows no wall
_TRIED = 512  # px of the longer side on which the ways are tried
_LEVEL = 0.0045  # of x and y in colours: level ground, which 8 bits cannot say, since 255 levels have no middle
_CLEARLY = 0.6  # of the usual way's fault: what another way must be under to be taken
# name, sign and source of the slopes across and down (in x and y of the map); "opengl": green is up
_WAYS = {
    "opengl": ((0, -1.0), (1, 1.0)),
    "directx": ((0, -1.0), (1, -1.0)),
    "swapped": ((1, -1.0), (0, 1.0)),
    "swapped, directx": ((1, -1.0), (0, -1.0)),
}
_NOTES = {
    "directx": "its green channel points down (DirectX); it was turned up",
    "swapped": "its red and green channels are swapped; they were swapped back",
    "swapped, directx": "its red and green channels are swapped and green points down; both were mended",
}


@dataclass(frozen=True, eq=False)
class Slopes:
    """(h, w) float32 slopes at the edges between pixels, as ``poisson`` has them, notes in one sentence each, and facts."""

    across: np.ndarray
    down: np.ndarray
    notes: tuple[str, ...]
    facts: dict[str, Any]


def is_map(colours: np.ndarray) -> bool:
    """Whether colours (h, w, 3 or 4) in [0, 1] are those of a normal map: nearly unit vectors, nearly all towards the viewer."""
    vectors = 2.0 * _thinned(colours)[..., :3] - 1.0
    upright = vectors.mean(axis=(0, 1))
    facing = int(upright.argmax())
    length = np.linalg.norm(vectors, axis=-1)
    off = np.delete(upright, facing)
    return bool(
        facing != 1 and upright[facing] > 0.55 and (vectors[..., facing] > -0.05).mean() > 0.97
        and (np.abs(length - 1.0) < 0.12).mean() > 0.9 and (np.abs(off) < 0.35).all()
    )  # fmt: skip


def slopes_of(normals: np.ndarray, wrap: bool = False, way: str = "auto", name: str = "the normal map") -> Slopes:
    """Slopes of unit vectors, or of the colours of a map made from them.

    Parameters
    ----------
    normals : (h, w, 3 or 4) float
        Vectors (any value below -0.01), x right, y up, z towards the viewer; or colours in [0, 1], half for 0.
    way : str
        ``opengl``: green is up. ``directx``: green is down. ``auto``: whichever of these, or red and green swapped, makes
        slopes that close round every pixel, as those of a surface do; green is up where that does not tell.

    Raises BadInput if they are no normals: all of one colour, or none of them faces the viewer.
    """
    vectors = np.asarray(normals[..., :3], np.float32)
    notes: list[str] = []
    if float(vectors.min()) >= -0.01:
        vectors = 2.0 * vectors - 1.0
        vectors[np.abs(vectors) < _LEVEL] = 0.0
    mean = vectors.mean(axis=(0, 1))
    if mean[0] > mean[2] and mean[0] > 0.4:
        vectors = vectors[..., ::-1]
        notes.append(f"{name} has blue first; its channels were turned round")
    depth = vectors[..., 2]
    if float((depth > 0.05).mean()) < 0.5:
        raise BadInput(f"{name} is no normal map: hardly any of it faces the viewer, which is blue", field="normals")
    if float(np.ptp(vectors[::4, ::4], axis=(0, 1)).max()) < 0.004 and float(np.ptp(vectors, axis=(0, 1)).max()) < 0.004:
        raise BadInput(f"{name} is one flat colour: there is no relief in it", field="normals")
    length = np.sqrt(vectors[..., 0] ** 2 + vectors[..., 1] ** 2 + depth * depth)
    slopes = vectors[..., :2] / np.maximum(depth, length / _STEEPEST)[..., None]
    np.clip(slopes, -_STEEPEST, _STEEPEST, out=slopes)
    found, faults = _way(slopes, wrap) if way == "auto" else (way, {})
    if found in _NOTES and way == "auto":
        notes.append(f"{name}: {_NOTES[found]}")
    (x, sx), (y, sy) = _WAYS[found]
    across, down = at_edges(np.float32(sx) * slopes[..., x], np.float32(sy) * slopes[..., y], wrap)
    return Slopes(across, down, tuple(notes), {"normals_way": found} | {f"fault_{n.replace(', ', '_')}": round(v, 4) for n, v in faults.items()})


def _way(slopes: np.ndarray, wrap: bool) -> tuple[str, dict[str, float]]:
    """The way in which slopes close best, and how badly each does: mean |curl|², of that of the ways' mean."""
    factor = min(1.0, _TRIED / max(slopes.shape[:2]))
    rows, columns = (max(2, round(n * factor)) for n in slopes.shape[:2])
    small = [resize(slopes[..., k], rows, columns, wrap) for k in (0, 1)]
    if rows < 4 or columns < 4:
        return "opengl", {}
    faults = {}
    for name, ((x, sx), (y, sy)) in _WAYS.items():
        across, down = sx * small[x], sy * small[y]
        curl = np.gradient(across, axis=0)[1:-1, 1:-1] - np.gradient(down, axis=1)[1:-1, 1:-1]
        faults[name] = float((curl * curl).mean())
    whole = sum(faults.values()) / len(faults)
    if whole < 1e-12:
        return "opengl", {}
    faults = {name: fault / whole for name, fault in faults.items()}
    best = min(faults, key=lambda name: faults[name])
    return (best if faults[best] < _CLEARLY * faults["opengl"] else "opengl"), faults


def _thinned(colours: np.ndarray) -> np.ndarray:
    """A colour picture of at most about 256 px a side, pixels left out."""
    step = max(1, max(colours.shape[:2]) // 256)
    return np.asarray(colours[::step, ::step], np.float32)
