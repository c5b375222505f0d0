"""How far each pixel is from the edge of a shape: exact for masks, sub-pixel for anti-aliased shapes; numpy only."""

from __future__ import annotations

import numpy as np

_FAR = 1 << 20  # larger than any picture's side
_FINE = 8  # sub-pixel steps when nearest pieces are compared


def distance(mask: np.ndarray, limit: float, periodic_x: bool = False) -> np.ndarray:
    """Euclidean distance of True pixels to the nearest False pixel, in px.

    Parameters
    ----------
    mask : (h, w) bool
    limit : float
        Distances are clipped here; work grows with it.
    periodic_x : bool
        Whether columns wrap.

    Returns
    -------
    (h, w) float32
        0 on False pixels; ``limit`` where no False pixel is near.

    Exact, in two passes (after Rosenfeld and Pfaltz 1966, Saito and Toriwaki 1994): run along the columns, then the
    least of (distance in the column at offset k)² + k² over |k| <= limit.
    """
    mask = np.asarray(mask, bool)
    reach = _reach(mask.shape, limit, periodic_x)
    column = np.abs(_nearest_in_column(~mask))
    square = _least_square(np.minimum(column, reach + 1) ** 2, reach, periodic_x)
    return np.minimum(np.sqrt(square, dtype=np.float32), np.float32(limit))


def signed_distance(coverage: np.ndarray, limit: float, periodic_x: bool = False) -> np.ndarray:
    """Distance to the line where coverage is one half, in px: positive inside, negative outside.

    Parameters
    ----------
    coverage : (h, w) float in [0, 1]
        Share of each pixel that the shape covers, as an anti-aliased drawing gives it.
    limit : float
        Distances are clipped to [-limit, limit].

    Returns
    -------
    (h, w) float32

    The edge within each border pixel is taken as a short straight piece across the gradient, placed so that it cuts
    off the pixel's coverage (the idea of Gustavson and Strand 2011); every pixel then measures to its nearest piece.
    """
    coverage = np.asarray(coverage, np.float32)
    inside = coverage >= 0.5
    border = _drop_full(_border(inside, periodic_x), coverage, periodic_x)
    sign = np.where(inside, np.float32(1.0), np.float32(-1.0))
    if not border.any():
        return sign * np.float32(limit)
    height, width = coverage.shape
    reach = _reach(coverage.shape, limit + 1.0, periodic_x)
    normal_x, normal_y, depth = (piece.ravel() for piece in _edge_pieces(coverage, border, periodic_x))
    down = _nearest_in_column(border)
    rows, columns = np.arange(height, dtype=np.int32)[:, None], np.arange(width, dtype=np.int32)
    at = np.clip(rows + down, 0, height - 1) * width + columns
    far = np.abs(down) > reach
    shift_x = np.where(far, 0, np.rint(-_FINE * normal_x[at] * depth[at])).astype(np.int32)
    shift_y = np.where(far, (reach + 1) * _FINE, np.rint(_FINE * (down - normal_y[at] * depth[at]))).astype(np.int32)
    step = _nearest_column(shift_x, shift_y, reach, periodic_x)

    source = np.mod(columns + step, width)
    at = np.take_along_axis(at, source, axis=1)
    far = np.take_along_axis(far, source, axis=1)
    nx, ny = normal_x[at], normal_y[at]
    dx, dy = -step.astype(np.float32), (rows - at // width).astype(np.float32)
    across = dx * nx + dy * ny + depth[at]
    half = 0.5 / np.maximum(np.maximum(np.abs(nx), np.abs(ny)), 0.7) + 0.15  # a piece crosses its pixel, and a little more
    along = np.maximum(np.abs(dx * ny - dy * nx) - half, 0.0)
    result = np.hypot(across, along)
    result[far] = limit
    return sign * np.minimum(result, np.float32(limit))


def _reach(shape: tuple[int, ...], limit: float, periodic_x: bool) -> int:
    """Offsets worth trying along a row."""
    return int(min(np.ceil(limit), (shape[1] // 2 if periodic_x else shape[1]) + shape[0]))


def _nearest_in_column(target: np.ndarray) -> np.ndarray:
    """(h, w) int32: rows from each pixel down (positive) or up to the nearest True pixel of its column; else far."""
    height = target.shape[0]
    rows = np.arange(height, dtype=np.int32)[:, None]
    above = np.maximum.accumulate(np.where(target, rows, np.int32(-_FAR)), axis=0) - rows
    below = np.minimum.accumulate(np.where(target, rows, np.int32(_FAR))[::-1], axis=0)[::-1] - rows
    return np.where(-above <= below, above, below)


def _least_square(square: np.ndarray, reach: int, periodic: bool) -> np.ndarray:
    """Least of square[:, x + k] + k² over |k| <= reach; the narrowest integers that hold it are the quickest."""
    kind = np.uint16 if 2 * (reach + 1) ** 2 < 65535 else np.int32
    best = square.astype(kind)
    padded = _pad(best, reach, periodic)
    width = square.shape[1]
    trial = np.empty_like(best)
    for k in range(1, min(reach, width - 1) + 1):
        if k * k >= best.max():
            break
        for start in (reach - k, reach + k):
            np.add(padded[:, start : start + width], kind(k * k), out=trial)
            np.minimum(best, trial, out=best)
    return best


def _nearest_column(shift_x: np.ndarray, shift_y: np.ndarray, reach: int, periodic: bool) -> np.ndarray:
    """Offset k of the column whose piece is nearest, given each column's piece at (shift_x, shift_y) / _FINE px from it.

    Squared length and k ride in one integer, so that one minimum finds both.
    """
    slots = 2 * (reach + 1)
    wide = np.int64 if 2 * ((reach + 2) * _FINE) ** 2 * slots >= 1 << 31 else np.int32
    base = (shift_x.astype(wide) ** 2 + shift_y.astype(wide) ** 2) * slots
    slope = shift_x.astype(wide) * (2 * _FINE * slots)
    width = base.shape[1]
    best = base + (reach + 1)
    base, slope = _pad(base, reach, periodic), _pad(slope, reach, periodic, 0)
    trial = np.empty_like(best)
    for k in range(1, min(reach, width - 1) + 1):
        for step in (-k, k):
            window = slice(reach + step, reach + step + width)
            np.multiply(slope[:, window], step, out=trial)
            trial += base[:, window]
            trial += (k * _FINE) ** 2 * slots + step + reach + 1
            np.minimum(best, trial, out=best)
        if k % 8 == 0 and ((k - 1) * _FINE) ** 2 * slots > best.max():
            break
    return best % slots - (reach + 1)


def _pad(image: np.ndarray, reach: int, periodic: bool, fill: int | None = None) -> np.ndarray:
    """``reach`` more columns on both sides: wrapped, or ``fill`` (its own maximum, which is never nearest)."""
    if periodic:
        return np.pad(image, ((0, 0), (reach, reach)), mode="wrap")
    return np.pad(image, ((0, 0), (reach, reach)), constant_values=image.dtype.type(image.max() if fill is None else fill))


def _border(inside: np.ndarray, periodic_x: bool) -> np.ndarray:
    """Pixels with a neighbour above, below or beside on the other side of the edge."""
    border = np.zeros_like(inside)
    rows = inside[1:] != inside[:-1]
    border[1:] |= rows
    border[:-1] |= rows
    columns = inside[:, 1:] != inside[:, :-1]
    border[:, 1:] |= columns
    border[:, :-1] |= columns
    if periodic_x:
        wrap = inside[:, 0] != inside[:, -1]
        border[:, 0] |= wrap
        border[:, -1] |= wrap
    return border


def _drop_full(border: np.ndarray, coverage: np.ndarray, periodic_x: bool) -> np.ndarray:
    """Border pixels without those full or empty ones that touch a partly covered one, which knows the edge better."""
    part = border & (coverage > 0.004) & (coverage < 0.996)
    touch = part.copy()
    touch[1:] |= part[:-1]
    touch[:-1] |= part[1:]
    touch[:, 1:] |= part[:, :-1]
    touch[:, :-1] |= part[:, 1:]
    if periodic_x:
        touch[:, 0] |= part[:, -1]
        touch[:, -1] |= part[:, 0]
    return part | (border & ~touch)


def _edge_pieces(coverage: np.ndarray, border: np.ndarray, periodic_x: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit normal (x, y; towards the inside) and signed distance of the pixel's centre from the edge; zero off the border."""
    wide = np.pad(coverage, ((1, 1), (0, 0)), mode="edge")
    wide = np.pad(wide, ((0, 0), (1, 1)), mode="wrap" if periodic_x else "edge")
    y, x = np.nonzero(border)
    part = {(r, c): wide[y + 1 + r, x + 1 + c] for r in (-1, 0, 1) for c in (-1, 0, 1)}
    diagonal = np.float32(1.0 / np.sqrt(2.0))
    gx = sum((part[r, 1] - part[r, -1]) * (1.0 if r == 0 else diagonal) for r in (-1, 0, 1))
    gy = sum((part[1, c] - part[-1, c]) * (1.0 if c == 0 else diagonal) for c in (-1, 0, 1))
    length = np.maximum(np.hypot(gx, gy), 1e-6)
    gx, gy = gx / length, gy / length
    out = np.zeros((3, *coverage.shape), np.float32)
    out[0, y, x], out[1, y, x] = gx, gy
    out[2, y, x] = _depth_from_coverage(part[0, 0], np.abs(gx), np.abs(gy))
    return out[0], out[1], out[2]


def _depth_from_coverage(share: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distance of a unit square's centre from a straight edge with normal (a, b) that leaves ``share`` of it covered."""
    long, short = np.maximum(a, b), np.minimum(a, b)
    corner = 0.5 * short / np.maximum(long, 1e-6)  # share at which the edge leaves the first corner triangle
    low = np.minimum(share, 1.0 - share)
    triangle = np.sqrt(np.maximum(2.0 * long * short * low, 0.0)) - 0.5 * (long + short)
    slab = (low - 0.5) * long
    depth = np.where(low < corner, triangle, slab)
    return np.where(share < 0.5, depth, -depth)
