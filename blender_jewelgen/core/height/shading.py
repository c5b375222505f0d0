"""Height from the shading of a matt surface under one known light: linear at first (Pentland 1990), then set right by rendering it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import BadInput
from .filters import blur, resize

_PAD = 0.1  # of a side that does not wrap: where the picture runs out to even grey
_DAMP = 0.03  # how little a slope must be seen to be left level; 1 would be a slope straight along the light
_ROUNDS = 8
_ENOUGH = 0.97  # of the last round's fault: when no more is won
_COARSE = 512  # px of the longer side on which most rounds are done
_BLACK = 0.03
_STEEPEST = 4.0  # px a px


def shaded_height(grey: np.ndarray, azimuth: float, elevation: float, wrap: bool = False) -> tuple[np.ndarray, dict[str, Any]]:
    """(h, w) float32 height in px, of mean 0, and facts.

    Parameters
    ----------
    grey : (h, w) float32
        Brightness of one matt material; the commonest grey is taken as level ground.
    azimuth, elevation : float
        Degrees: where the light stands, from the right counter-clockwise, and how high above the picture.

    A slope towards the light is bright, one away from it dark, and one along its edge shows nothing: what no light tells is
    left level. Waves are solved by division; then the height is rendered, and what differs is solved again.

    Raises BadInput for a light at the zenith, where all slopes of one steepness look alike.
    """
    if elevation > 85.0:
        raise BadInput(
            f"the light stands {elevation:g} degrees high: straight from above it shades all sides alike, so that no height follows; "
            "elevation must be between 5 and 85 degrees", field="elevation")  # fmt: skip
    turn, high = np.radians(azimuth), np.radians(elevation)
    towards = np.array([np.cos(turn) * np.cos(high), np.sin(turn) * np.cos(high), np.sin(high)])
    if float((grey > _BLACK).mean()) < 0.3:
        raise BadInput("most of the picture is black, which shows no shading; use --method height if black is its ground", field="method")
    level = _commonest(grey)
    lit = np.asarray(grey / level, np.float32) - 1.0
    wide, inner = _padded(lit, wrap)
    coarse = small_of(wide, _COARSE)
    scale = coarse.shape[1] / wide.shape[1]
    height, fault = _Solver(coarse.shape, towards).refined(coarse, np.zeros_like(coarse), _ROUNDS)
    if scale < 1.0:
        height, fault = _Solver(wide.shape, towards).refined(wide, resize(height, *wide.shape) / np.float32(scale), 1)
    explained = 1.0 - fault / max(float((wide * wide).mean()), 1e-12)
    height = height[inner]
    return (height - height.mean()).astype(np.float32), {"level_grey": round(level, 4), "shading_explained": round(explained, 3)}


class _Solver:
    """Division by the waves' shading under a light, and the shading that a height has."""

    def __init__(self, shape: tuple[int, int], towards: np.ndarray) -> None:
        self.shape = shape
        self.towards = towards
        across = 2.0 * np.pi * np.fft.rfftfreq(shape[1])
        down = 2.0 * np.pi * np.fft.fftfreq(shape[0])[:, None]
        # -(slope along the light) / tan(elevation): how much brighter than level ground a gentle slope is
        self._shade = -1j * (across * towards[0] - down * towards[1]) / towards[2]
        self._level = _DAMP * (across**2 + down**2)
        self._weight = np.abs(self._shade) ** 2 + self._level
        self._weight[0, 0] = 1.0

    def refined(self, lit: np.ndarray, height: np.ndarray, rounds: int) -> tuple[np.ndarray, float]:
        """A height whose shading is nearer to ``lit``, and which is level where no shading tells; and its fault."""
        left, least = self._left(lit, height)
        waves = np.fft.rfft2(height)
        for _ in range(rounds):
            change = (np.fft.rfft2(np.clip(left, -1.0, 1.0)) * np.conj(self._shade) - self._level * waves) / self._weight
            step = np.fft.irfft2(change, self.shape).astype(np.float32)
            for share in (1.0, 0.5, 0.25, 0.1):
                trial = height + np.float32(share) * step
                rest, fault = self._left(lit, trial)
                if fault < least:
                    break
            else:
                return (height if height.any() else step), least
            if fault > _ENOUGH * least:
                return trial, fault
            height, left, least = trial, rest, fault
            waves += share * change
        return height, least

    def _left(self, lit: np.ndarray, height: np.ndarray) -> tuple[np.ndarray, float]:
        """What of the shading a height does not explain, and its mean square."""
        left = lit - self.seen(height)
        return left, float((left * left).mean())

    def seen(self, height: np.ndarray) -> np.ndarray:
        """Brightness over that of level ground, less 1."""
        across = np.clip(np.gradient(height, axis=1), -_STEEPEST, _STEEPEST)
        up = -np.clip(np.gradient(height, axis=0), -_STEEPEST, _STEEPEST)
        x, y, z = self.towards
        return np.maximum((z - across * x - up * y) / np.sqrt(1.0 + across * across + up * up), 0.0) / z - 1.0


def _commonest(grey: np.ndarray) -> float:
    """The peak of the histogram, smoothed: the grey of level ground, which no light leaves black."""
    step = max(1, max(grey.shape) // 512)
    seen = grey[::step, ::step]
    count, edges = np.histogram(seen[seen > _BLACK], 128, (0.0, 1.0))
    smooth = blur(count[None].astype(np.float32), 2.0)[0]
    peak = int(smooth.argmax())
    return float(0.5 * (edges[peak] + edges[peak + 1]))


def _padded(lit: np.ndarray, wrap: bool) -> tuple[np.ndarray, tuple[slice, slice]]:
    """The picture with sides that fade to 0, since waves go round; and where it lies in that."""
    spare = [_spare(lit.shape[0]), (0, 0) if wrap else _spare(lit.shape[1])]
    wide = np.pad(lit, spare, mode="edge")
    for axis, (before, after) in enumerate(spare):
        if after:
            ramp = np.ones(wide.shape[axis], np.float32)
            ramp[:before] = (np.arange(before) + 0.5) / before
            ramp[-after:] = ((np.arange(after) + 0.5) / after)[::-1]
            wide = wide * (ramp[:, None] if axis == 0 else ramp)
    return wide, (slice(spare[0][0], spare[0][0] + lit.shape[0]), slice(spare[1][0], spare[1][0] + lit.shape[1]))


def _spare(size: int) -> tuple[int, int]:
    """px before and after a side, so that the whole is a length that the FFT likes: of factors 2, 3 and 5."""
    whole = size + 2 * max(4, round(_PAD * size))
    while True:
        left = whole
        for factor in (2, 3, 5):
            while left % factor == 0:
                left //= factor
        if left == 1:
            return (whole - size) // 2, (whole - size + 1) // 2
        whole += 1


def small_of(picture: np.ndarray, most: int) -> np.ndarray:
    """The picture, reduced to ``most`` px of its longer side."""
    factor = min(1.0, most / max(picture.shape))
    return picture if factor == 1.0 else resize(picture, *(max(2, round(n * factor)) for n in picture.shape))
