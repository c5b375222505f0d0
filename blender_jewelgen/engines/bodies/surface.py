"""The surface of a field that a network answers for points: asked on a coarse lattice, then finely where the surface runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...core.mesh.arrays import Mesh

COARSE = 96  # cells a side that are asked at least; what is thinner than one of them may be missed
_AT_ONCE = 1 << 16  # points asked at a time: between two of them a cancel is heard
_BEYOND = 1e3  # times the largest value: what lies outside the box, so that a cut surface lies flat on its wall
_ZERO = 1e-6  # share of the largest value that counts as outside: no corner of the surface falls on a lattice point
Ask = Callable[[np.ndarray], np.ndarray]
Tell = Callable[[float, str], None]
Corner = tuple[float, float, float]


class NotFinite(Exception):
    """The network answered with something that is no number."""


def surface(ask: Ask, low: Corner, high: Corner, grid: int, tell: Tell) -> Mesh:
    """The closed surface round the points of a box for which ``ask`` answers more than 0, in the box's units, wound outward.

    Parameters
    ----------
    ask : (n, 3) float32 -> (n,) float
        Positive inside. Asked for at most 65 536 points at a time.
    low, high : corners of the box
        A body that the box cuts is closed by flat faces in its walls, where ``mesh.quality`` finds them.
    grid : int
        Cells a side; rounded up to a multiple of four where it is large enough to be asked coarsely first.

    Without any point inside, the mesh has no faces. Raises NotFinite.
    """
    values = field(ask, low, high, grid, lambda share, text: tell(0.9 * share, text))
    tell(0.9, "finding the surface")
    return marched(values, low, high)


def field(ask: Ask, low: Corner, high: Corner, grid: int, tell: Tell) -> np.ndarray:
    """(n, n, n) float32 along x, y and z; n is the count of cells and one. Away from the surface a value is that of a point near it."""
    grid = grid if grid < 2 * COARSE else -(-grid // 4) * 4
    step = 1
    while grid % (2 * step) == 0 and grid // (2 * step) >= COARSE:
        step *= 2
    axes = [np.linspace(a, b, grid + 1, dtype=np.float32) for a, b in zip(low, high)]
    stages = step.bit_length()
    values, known = None, 0.0
    while step:
        places = [axis[::step] for axis in axes]
        share = 1.0 / stages if stages < 2 else (0.5 if values is None else 0.5 / (stages - 1))
        heard = lambda part, done=known, own=share: tell(done + own * part, "asking for the surface")  # noqa: E731
        values = _dense(ask, places, heard) if values is None else _finer(ask, values, places, heard)
        known += share
        step //= 2
    return values


def marched(values: np.ndarray, low: Corner, high: Corner) -> Mesh:
    """Marching cubes round the positive values of a lattice that spans the box; without scikit-image by tetrahedra of our own."""
    inside = values > 0.0
    if not inside.any():
        return Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    part = tuple(_reach(inside, axis) for axis in range(3))
    kept = np.pad(values[part], 1, constant_values=0.0)
    largest = float(np.abs(kept).max())
    kept[np.abs(kept) <= _ZERO * largest] = -_ZERO * largest
    for axis, side in enumerate(part):  # only where the box ends; elsewhere the padding is a value that was asked for
        planes = np.moveaxis(kept, axis, 0)
        planes[0] = -_BEYOND * largest if side.start == 0 else np.minimum(planes[0], -_ZERO * largest)
        planes[-1] = -_BEYOND * largest if side.stop == values.shape[axis] else np.minimum(planes[-1], -_ZERO * largest)
    points, faces = _cubes(kept)
    first = np.array([side.start - 1 for side in part])
    cell = (np.asarray(high, np.float64) - np.asarray(low, np.float64)) / (np.array(values.shape) - 1)
    mesh = Mesh(((points + first) * cell + np.asarray(low, np.float64)).astype(np.float32), faces)
    return mesh if mesh.volume >= 0.0 else Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def _cubes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    try:
        from skimage.measure import marching_cubes
    except ImportError:
        from ...core.mesh.level import level

        found = level(values, np.zeros(3), 1.0)
        return found.vertices, found.faces
    points, faces, _, _ = marching_cubes(values, 0.0)
    return points, np.ascontiguousarray(faces, np.int32)


def _reach(inside: np.ndarray, axis: int) -> slice:
    """The planes along an axis that hold something, and one more at either end."""
    held = np.flatnonzero(inside.any(axis=tuple(k for k in range(3) if k != axis)))
    return slice(max(int(held[0]) - 1, 0), min(int(held[-1]) + 2, inside.shape[axis]))


def _dense(ask: Ask, places: list[np.ndarray], tell: Callable[[float], None]) -> np.ndarray:
    shape = tuple(len(axis) for axis in places)
    values = np.empty(int(np.prod(shape)), np.float32)
    for start in range(0, len(values), _AT_ONCE):
        tell(start / len(values))
        numbers = np.unravel_index(np.arange(start, min(start + _AT_ONCE, len(values))), shape)
        values[start : start + _AT_ONCE] = _asked(ask, places, numbers)
    return values.reshape(shape)


def _finer(ask: Ask, coarse: np.ndarray, places: list[np.ndarray], tell: Callable[[float], None]) -> np.ndarray:
    """The lattice of half the step: asked in the cells that the surface runs through and in their neighbours, else the nearest value."""
    half = [np.arange(len(axis)) // 2 for axis in places]
    values = coarse[np.ix_(*half)]
    tell(0.0)
    wanted = _corners(_grown(_crossed(coarse > 0.0)))
    wanted[::2, ::2, ::2] = False
    numbers = np.nonzero(wanted)
    count = len(numbers[0])
    for start in range(0, count, _AT_ONCE):
        tell(start / count)
        some = tuple(axis[start : start + _AT_ONCE] for axis in numbers)
        values[some] = _asked(ask, places, some)
    return values


def _asked(ask: Ask, places: list[np.ndarray], numbers: tuple[np.ndarray, ...]) -> np.ndarray:
    answer = ask(np.stack([axis[number] for axis, number in zip(places, numbers)], axis=1))
    if not np.isfinite(answer).all():
        raise NotFinite
    return answer


def _crossed(inside: np.ndarray) -> np.ndarray:
    """Cells with a corner inside and a corner outside."""
    any_in = all_in = inside
    for axis in range(3):
        first, last = (tuple(side if k == axis else slice(None) for k in range(3)) for side in (slice(None, -1), slice(1, None)))
        any_in, all_in = any_in[first] | any_in[last], all_in[first] & all_in[last]
    return any_in & ~all_in


def _corners(cells: np.ndarray) -> np.ndarray:
    """The points of the lattice of half the step that lie in or on the cells."""
    for axis, count in enumerate(cells.shape):
        points = np.zeros((*cells.shape[:axis], 2 * count + 1, *cells.shape[axis + 1 :]), bool)
        for first in range(3):
            points[(slice(None),) * axis + (slice(first, first + 2 * count, 2),)] |= cells
        cells = points
    return cells


def _grown(cells: np.ndarray) -> np.ndarray:
    """The cells and all that touch them."""
    for axis in range(3):
        wide = cells.copy()
        first, last = (tuple(side if k == axis else slice(None) for k in range(3)) for side in (slice(None, -1), slice(1, None)))
        wide[first] |= cells[last]
        wide[last] |= cells[first]
        cells = wide
    return cells
