"""A picture as a sum of waves: cosines between sides that end, full turns round a side that wraps; numpy's FFT only."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


class Waves:
    """Amplitudes of the waves of (h, w) pictures, and back.

    Rows end above and below, so their waves are those of the DCT-II, which have no slope at the sides; columns too, or they
    wrap (``wrap``). A DCT is one real FFT of the samples in another order (Makhoul 1980). Amplitudes lie in an array of the
    shape ``self.shape``, columns first.
    """

    def __init__(self, shape: tuple[int, int], wrap: bool) -> None:
        self.rows, self.columns = shape
        self.wrap = wrap
        self.shape = (self.columns // 2 + 1 if wrap else self.columns, self.rows)

    def of(self, picture: np.ndarray) -> np.ndarray:
        """Amplitudes, complex if columns wrap."""
        down = _dct(np.ascontiguousarray(picture.T))
        return np.fft.rfft(down, axis=0) if self.wrap else _dct(down.T).T

    def back(self, amplitudes: np.ndarray) -> np.ndarray:
        """(h, w) float32 of amplitudes."""
        down = np.fft.irfft(amplitudes, self.columns, axis=0) if self.wrap else _idct(amplitudes.T).T
        return np.ascontiguousarray(_idct(down).T, dtype=np.float32)

    def stiffness(self) -> np.ndarray:
        """(…shape) float64: what minus the five-point Laplacian multiplies each wave by; 0 for the level alone."""
        across = np.arange(self.shape[0]) * ((2.0 if self.wrap else 1.0) * np.pi / self.columns)
        down = np.arange(self.rows) * (np.pi / self.rows)
        return (2.0 - 2.0 * np.cos(across))[:, None] + (2.0 - 2.0 * np.cos(down))


def _dct(values: np.ndarray) -> np.ndarray:
    """DCT-II along the last axis: sum of x[j] cos(pi (2 j + 1) k / 2 n)."""
    n = values.shape[-1]
    order = np.concatenate([values[..., ::2], values[..., 1::2][..., ::-1]], axis=-1)
    turned = np.fft.rfft(order, axis=-1) * np.conj(_turns(n))
    out = np.empty(values.shape, turned.real.dtype)
    out[..., : n // 2 + 1] = turned.real
    out[..., n // 2 + 1 :] = -turned.imag[..., (n - 1) // 2 : 0 : -1]
    return out


def _idct(values: np.ndarray) -> np.ndarray:
    """What ``_dct`` was made of."""
    n = values.shape[-1]
    turned = np.empty((*values.shape[:-1], n // 2 + 1), np.complex128)
    turned.real = values[..., : n // 2 + 1]
    turned.imag[..., 0] = 0.0
    turned.imag[..., 1:] = -values[..., : n - n // 2 - 1 : -1]
    turned *= _turns(n)
    order = np.fft.irfft(turned, n, axis=-1)
    out = np.empty_like(order)
    out[..., ::2] = order[..., : (n + 1) // 2]
    out[..., 1::2] = order[..., (n + 1) // 2 :][..., ::-1]
    return out


@lru_cache(maxsize=8)
def _turns(n: int) -> np.ndarray:
    turns = np.exp(0.5j * np.pi / n * np.arange(n // 2 + 1))
    turns.setflags(write=False)
    return turns
