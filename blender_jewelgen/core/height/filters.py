"""Blur, resize and sample height pictures; numpy only, float32, any side may wrap round the ring."""

from __future__ import annotations

import numpy as np

_TRUNCATE = 4.0  # standard deviations kept of a Gaussian; the rest is 6e-5 of its weight


def blur(image: np.ndarray, sigma: float, periodic_x: bool = False, periodic_y: bool = False) -> np.ndarray:
    """Gaussian blur.

    Parameters
    ----------
    image : (h, w) float
    sigma : float
        Standard deviation, px; 0 or less gives a copy.
    periodic_x, periodic_y : bool
        Whether columns (x) or rows (y) wrap; a side that does not wrap repeats its edge pixel.

    Returns
    -------
    (h, w) float32
    """
    image = np.array(image, np.float32)
    if sigma <= 0.0:
        return image
    reach = max(int(_TRUNCATE * sigma + 0.5), 1)
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2)
    kernel /= kernel.sum()
    image = _convolve_rows(image, kernel, periodic_x)
    return np.ascontiguousarray(_convolve_rows(np.ascontiguousarray(image.T), kernel, periodic_y).T)


def _convolve_rows(image: np.ndarray, kernel: np.ndarray, periodic: bool) -> np.ndarray:
    """Each row of (h, w) with a symmetric kernel, as products with one small band matrix (quicker than a loop over taps).

    Every BLAS adds in an order of its own; added in float64 and rounded once, all give the same float32.
    """
    width, reach = image.shape[1], len(kernel) // 2
    padded = np.take(image, _inside(np.arange(-reach, width + reach), width, periodic), axis=1).astype(np.float64)
    block = min(width, max(64, 2 * reach))
    band = np.zeros((block + 2 * reach, block))
    for tap, weight in enumerate(kernel):
        band[np.arange(block) + tap, np.arange(block)] = weight
    out = np.empty_like(image)
    for start in range(0, width, block):
        count = min(block, width - start)
        out[:, start : start + count] = padded[:, start : start + count + 2 * reach] @ band[: count + 2 * reach, :count]
    return out


def resize(image: np.ndarray, rows: int, columns: int, periodic_x: bool = False, periodic_y: bool = False) -> np.ndarray:
    """The picture with another number of pixels: area mean on a side that shrinks, Catmull-Rom on one that grows.

    (h, w) float to (rows, columns) float32. Corners stay corners: pixel i covers [i, i + 1). The result keeps to the
    range of the input, since a height must not overshoot the metal.
    """
    image = np.asarray(image, np.float32)
    low, high = image.min(), image.max()
    image = _resize_columns(image, columns, periodic_x)
    image = _resize_columns(np.ascontiguousarray(image.T), rows, periodic_y).T
    return np.clip(np.ascontiguousarray(image), low, high)


def _resize_columns(image: np.ndarray, columns: int, periodic: bool) -> np.ndarray:
    width = image.shape[1]
    if columns == width:
        return image
    scale = width / columns
    if columns < width:
        edges = np.arange(columns + 1) * scale
        left, right = edges[:-1, None], edges[1:, None]
        taps = np.floor(left + 1e-9).astype(int) + np.arange(int(np.ceil(scale)) + 1)
        weights = np.clip(np.minimum(right, taps + 1) - np.maximum(left, taps), 0.0, None) / scale
        taps = np.minimum(taps, width - 1)
    else:
        centre = (np.arange(columns)[:, None] + 0.5) * scale - 0.5
        taps = np.floor(centre).astype(int) + np.arange(-1, 3)
        weights = _catmull_rom(np.abs(centre - taps))
        taps = _inside(taps, width, periodic)
    weights = weights.astype(np.float32)
    out = np.zeros((len(image), columns), np.float32)
    for tap in range(taps.shape[1]):
        out += np.take(image, taps[:, tap], axis=1) * weights[:, tap]
    return out


def _catmull_rom(t: np.ndarray) -> np.ndarray:
    """Weight at distance t in px (Keys' cubic with a = -1/2)."""
    near = 1.5 * t**3 - 2.5 * t**2 + 1.0
    far = -0.5 * t**3 + 2.5 * t**2 - 4.0 * t + 2.0
    return np.where(t < 1.0, near, np.where(t < 2.0, far, 0.0))


def sample(
    image: np.ndarray, column: np.ndarray, row: np.ndarray, periodic_x: bool = False, periodic_y: bool = False
) -> np.ndarray:
    """Bilinear values at float positions; whole numbers are pixel centres, beyond the border the edge pixel holds.

    ``column`` and ``row`` broadcast together; the result has their shape, float32.
    """
    image = np.asarray(image, np.float32)
    height, width = image.shape
    left, fx = _split(column, width, periodic_x)
    upper, fy = _split(row, height, periodic_y)
    right, lower = _inside(left + 1, width, periodic_x), _inside(upper + 1, height, periodic_y)
    above = image[upper, left] * (1.0 - fx) + image[upper, right] * fx
    below = image[lower, left] * (1.0 - fx) + image[lower, right] * fx
    return above * (1.0 - fy) + below * fy


def _split(position: np.ndarray, count: int, periodic: bool) -> tuple[np.ndarray, np.ndarray]:
    """Whole pixel and fraction of a position, brought inside."""
    position = np.asarray(position, np.float64)
    position = np.mod(position, count) if periodic else np.clip(position, 0.0, count - 1.0)
    whole = np.floor(position)
    return _inside(whole.astype(np.intp), count, periodic), (position - whole).astype(np.float32)


def _inside(index: np.ndarray, count: int, periodic: bool) -> np.ndarray:
    return np.mod(index, count) if periodic else np.clip(index, 0, count - 1)
