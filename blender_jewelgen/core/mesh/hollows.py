"""Hollows of a body on a grid that are reached through pin-holes only, as generated models have between their two skins."""

from __future__ import annotations

import numpy as np

_CELLS = 1.5e6  # the search for hollows takes cells of its own where there are more


def filled(metal: np.ndarray, touched: np.ndarray, reach: float) -> np.ndarray:
    """The metal with hollows filled that a ball of ``reach`` cells cannot get out of; itself if there is none.

    Parameters
    ----------
    metal, touched : (nx, ny, nz) bool
        Points in the metal, and points with a surface beside them.
    """
    wall = metal | touched
    found = pockets(wall, reach)
    return metal | (_grown(found, 1, 1) & ~metal) | found if found.any() else metal


def pockets(wall: np.ndarray, reach: float) -> np.ndarray:
    """(nx, ny, nz) bool: points off the ``wall`` that a ball of ``reach`` cells cannot get out of."""
    every = max(1, int(np.ceil((wall.size / _CELLS) ** (1 / 3))))
    found = hollows(_any_of(wall, every), max(2 if every == 1 else 1, round(reach / every)))
    for axis in range(3):
        found = np.repeat(found, every, axis=axis)
    found = found[: wall.shape[0], : wall.shape[1], : wall.shape[2]]
    if found.any():
        for step in range(every + 1):
            found = _grown(found, 1, step) & ~wall
    return found


def _any_of(cells: np.ndarray, every: int) -> np.ndarray:
    """Blocks of ``every`` cells a side that hold any of the cells."""
    if every == 1:
        return cells
    blocks = [-(-n // every) for n in cells.shape]
    padded = np.pad(cells, [(0, b * every - n) for b, n in zip(blocks, cells.shape)])
    for axis in range(3):
        shape = padded.shape
        padded = padded.reshape(*shape[:axis], shape[axis] // every, every, *shape[axis + 1 :]).any(axis=axis + 1)
    return padded


def hollows(metal: np.ndarray, reach: int) -> np.ndarray:
    """The empty cells of hollows that a ball of ``reach`` cells cannot get out of.

    Parameters
    ----------
    metal : (nx, ny, nz) bool
        Cells with any metal.
    reach : int
        Half the width in cells of what still counts as a pin-hole. Slits and grooves that are nowhere wider stay as they are.
    """
    metal = np.pad(metal, reach + 1)  # so that the outside goes all the way round
    inner = (slice(reach + 1, -reach - 1),) * 3
    free = ~_grown(metal, reach)
    pockets = free & ~_flooded(free)
    if not pockets.any():
        return pockets[inner]
    for step in range(reach + 2):  # back to the walls; the hole itself is filled for the most part
        pockets = _grown(pockets, 1, step) & ~metal
    return pockets[inner]


def _grown(cells: np.ndarray, reach: int, start: int = 0) -> np.ndarray:
    """Grown by ``reach`` cells: over faces, and every other time over edges too, which is nearly round."""
    for step in range(start, start + reach):
        if step % 2 == 0:
            cells = np.logical_or.reduce([_beside(cells, axis) for axis in range(3)])
        else:
            flat = _beside(cells, 0)
            cells = _beside(flat, 1) | _beside(flat, 2) | _beside(_beside(cells, 1), 2)
    return cells


def _beside(cells: np.ndarray, axis: int) -> np.ndarray:
    """The cells and their neighbours along one axis."""
    both = cells.copy()
    to, of = np.moveaxis(both, axis, 0), np.moveaxis(cells, axis, 0)
    to[1:] |= of[:-1]
    to[:-1] |= of[1:]
    return both


def _flooded(free: np.ndarray) -> np.ndarray:
    """The free cells that a flood from the first corner reaches, run by run along each axis in turn."""
    wet = np.zeros(free.shape, bool)
    wet[0, 0, 0] = free[0, 0, 0]
    count = -1
    while (now := int(np.count_nonzero(wet))) != count:
        count = now
        for axis in range(3):
            across = np.ascontiguousarray(np.moveaxis(free, axis, 2))
            run = np.cumsum(np.diff(across, axis=2, prepend=False).ravel(), dtype=np.int32)  # a number for each run of free cells
            starts = np.arange(0, across.size, across.shape[2])
            ahead = np.zeros(across.size, np.int32)
            ahead[starts] = 1
            run = run + np.cumsum(ahead, dtype=np.int32)  # runs of two lines are never one
            reached = np.zeros(int(run[-1]) + 1, bool)
            line = np.moveaxis(wet, axis, 2)
            reached[run[line.ravel()]] = True
            wet = np.moveaxis(reached[run].reshape(across.shape) & across, 2, axis)
    return wet
