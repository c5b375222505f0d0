"""A depth and normals of one thing become one height: large shapes from the depth, detail from the normals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .poisson import sources
from .waves import Waves

_BANDS = 24
_AGREE = 0.25  # coherence of depth and normals in a band below which nothing is learnt from it
_FAINT = 1e-3  # of a depth's amplitude; what is blurred away further is not made up for
_FEW = 8  # modes of a band that say nothing: two pictures agree in so few by chance


@dataclass(frozen=True, eq=False)
class Fused:
    """(h, w) float32 height in px, of mean 0; the depth's scale in px and its blur in px; how far the two agree, -1 to 1."""

    height: np.ndarray
    scale: float
    blur: float
    agreement: float

    def facts(self) -> dict[str, Any]:
        return {"depth_scale_px": round(self.scale, 3), "depth_blur_px": round(self.blur, 2), "agreement": round(self.agreement, 3)}


def fused(depth: np.ndarray, across: np.ndarray, down: np.ndarray, wrap: bool = False) -> Fused:
    """Screened Poisson whose hold on the depth suits each wave.

    Parameters
    ----------
    depth : (h, w) float32
        Heights in any unit, from any level, perhaps blurred; the other way round is found out, too.
    across, down : (h, w) float32
        Slopes in px a px, as in ``poisson``.

    The depth is taken as  scale x Gaussian blur of the height + noise,  the slopes as  slopes of the height + noise.  Scale
    and blur are fitted to how both agree from band to band of wavelengths, both noises to how they do not; each wave is then
    the mean of both weighted by what is known of it. Where they have nothing in common the normals alone count.
    """
    waves = Waves(depth.shape, wrap)
    stiff = waves.stiffness()
    stiff[0, 0] = 1.0
    seen = waves.of(depth)
    steep = waves.of(sources(across, down, wrap)) / stiff
    seen[0, 0] = steep[0, 0] = 0.0
    twice = np.full((waves.shape[0], 1), 2.0 if wrap else 1.0)
    twice[0] = 1.0
    table = _bands(seen, steep, stiff, twice)
    agreement = float(table.cross.sum() / max(np.sqrt(table.depth.sum() * table.slope.sum()), 1e-30))
    fit = _fit(table, np.sign(agreement) or 1.0)
    if fit is None:
        return Fused(waves.back(steep), 0.0, 0.0, agreement)
    gain, spread = fit
    left_depth, left_slope = _noises(table, gain, spread)
    passed = np.exp(-0.5 * spread * stiff)
    trust = gain * np.where(passed > _FAINT, passed, 0.0) / left_depth
    found = (trust * seen + stiff / left_slope * steep) / (trust * gain * passed + stiff / left_slope)
    found[0, 0] = 0.0
    return Fused(waves.back(found), 1.0 / gain, float(np.sqrt(spread)), agreement)


@dataclass(frozen=True, eq=False)
class _Table:
    """Mean powers a mode of each band, (n,) each: stiffness, of the depth, of the height of the slopes, of both together."""

    stiff: np.ndarray
    depth: np.ndarray
    slope: np.ndarray
    cross: np.ndarray
    count: np.ndarray


def _bands(seen: np.ndarray, steep: np.ndarray, stiff: np.ndarray, twice: np.ndarray) -> _Table:
    low = float(stiff[stiff > 0.0].min()) if stiff.size > 1 else 1.0
    number = np.clip((np.log(stiff / low) / np.log(8.0 / low) * _BANDS).astype(np.int32), 0, _BANDS - 1) if low < 8.0 else np.zeros(stiff.shape, np.int32)
    weight = np.broadcast_to(twice, stiff.shape).copy()
    weight[0, 0] = 0.0
    flat, weights = number.ravel(), weight.ravel()
    count = np.bincount(flat, weights, _BANDS)
    used = count > 0

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(flat, weights * values.ravel(), _BANDS)[used] / count[used]

    power = [(a * b.conj()).real if np.iscomplexobj(a) else a * b for a, b in ((seen, seen), (steep, steep), (seen, steep))]
    return _Table(mean(stiff), *(mean(p) for p in power), count[used])


def _fit(table: _Table, sign: float) -> tuple[float, float] | None:
    """Gain of the depth on the height, and its blur as a variance in px²; None where the two have nothing in common."""
    cross = sign * table.cross
    coherence = np.where(cross > 0.0, cross**2 / np.maximum(table.depth * table.slope, 1e-30), 0.0)
    good = (coherence > _AGREE) & (table.count >= _FEW)
    if not good.any() or float((table.slope * table.count)[good].sum()) < _AGREE * float((table.slope * table.count).sum()):
        return None
    weight = np.sqrt(coherence * cross * table.count)[good]  # what carries little of the picture says little
    y = np.log(cross[good] / table.slope[good])
    x = -0.5 * table.stiff[good]
    middle = (weight * x).sum() / weight.sum()
    level = (weight * y).sum() / weight.sum()
    spread = float((weight * (x - middle) * y).sum() / max((weight * (x - middle) ** 2).sum(), 1e-30))
    spread = min(max(spread, 0.0), 1e6)
    return sign * float(np.exp(level - spread * middle)), spread


def _noises(table: _Table, gain: float, spread: float) -> tuple[float, float]:
    """Power a mode of the depth's noise (in its unit) and of the slopes' (in px): least squares of what is left between both."""
    passed = gain * np.exp(-0.5 * spread * table.stiff)
    good = np.abs(passed) > 0.05 * abs(gain)
    left = np.maximum(table.depth - 2.0 * passed * table.cross + passed**2 * table.slope, 0.0)[good]  # |depth - passed x slope height|²
    whole = table.depth[good].max(initial=1e-30)
    left = np.maximum(left, 1e-9 * whole)
    a, b = 1.0 / left, passed[good] ** 2 / table.stiff[good] / left  # each band counts by its share
    weight = table.count[good]
    aa, ab, bb, ya, yb = (float((weight * v).sum()) for v in (a * a, a * b, b * b, a, b))
    det = aa * bb - ab * ab
    depth, slope = ((bb * ya - ab * yb) / det, (aa * yb - ab * ya) / det) if det > 1e-12 * aa * bb else (0.0, 0.0)
    if depth <= 0.0 or slope <= 0.0:
        depth, slope = max(ya / max(aa, 1e-30), 0.0), max(yb / max(bb, 1e-30), 0.0)
        depth, slope = 0.5 * depth, 0.5 * slope
    return max(depth, 1e-9 * whole), max(slope, 1e-9 * whole / max(gain**2, 1e-30))
