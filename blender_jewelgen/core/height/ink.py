"""What is drawn in a picture of a drawing: ink on paper, light on dark, a silhouette on nothing; paper need not be evenly lit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from .detail import extreme
from .filters import blur, resize
from .regions import regions

_FRAME = 0.03  # of the longer side: where the ground is looked for
_CONTRAST = 0.08  # of black to white; less is paper, not a drawing
_UNEVEN = 0.06  # how much the paper's own grey may vary before it is divided out
_HAIR = 0.35  # of full ink: the faintest line that is made whole
_GRAIN = 0.25  # of the pixels: a picture with more of them on edges is grain, not a drawing
_DUST = 1e-5  # of the area; smaller specks are dropped


@dataclass(frozen=True, eq=False)
class Ink:
    """(h, w) float32 share of each pixel that is drawn on; ``tones``: 0 for two flat tones, 1 and more for a picture with half-tones."""

    coverage: np.ndarray
    tones: float
    light: bool


def ink_of(colours: np.ndarray, what: str = "the picture") -> Ink:
    """The ink of (h, w, 3 or 4) colours in [0, 1]. Raises BadInput if nothing stands out, or everything does."""
    grey = luminance(colours)
    alpha = colours[..., 3] if colours.shape[2] == 4 and float(colours[..., 3].min()) < 0.5 else None
    if alpha is not None:
        seen = float(alpha.sum())
        if seen < 0.5:
            raise BadInput(f"{what} is transparent everywhere; there is nothing in it", field="picture")
        mean = float((grey * alpha).sum()) / seen
        spread = float(np.sqrt((alpha * (grey - mean) ** 2).sum() / seen))
        if spread > 0.12 and float((alpha > 0.5).mean()) > 0.02:
            return _shape(alpha, 0.0, what)  # painted in many tones: its outline is what counts
        if spread < 0.06:
            return _shape(alpha, 0.0, what, mean > 0.5)
        grey = grey * alpha + (0.0 if mean > 0.5 else 1.0) * (1.0 - alpha)
    light = ground_of(grey) < 0.5
    if light:
        grey = 1.0 - grey
    paper = _paper(grey)
    grey = np.minimum(grey / np.maximum(paper, 0.05), 1.0) if paper is not None else grey
    threshold = otsu(grey)
    low, high = (float(grey[side].mean()) if side.any() else threshold for side in (grey <= threshold, grey > threshold))
    if high - low < _CONTRAST:
        state = "covered all over; leave some ground round the drawing" if not light and float(grey.mean()) < 0.5 else "blank; there is no line in it"
        raise BadInput(f"{what} is {state}", field="picture")
    share = np.clip((high - grey) / (high - low), 0.0, 1.0).astype(np.float32)
    return _shape(_clean(share), _tones(share), what, light)


def _clean(share: np.ndarray) -> np.ndarray:
    """The grain of the paper taken off: what is nearly paper, or nearly ink, becomes that, as far as the paper away from ink is grained."""
    paper = extreme((share >= 0.5).astype(np.float32), 4, np.maximum, False) == 0.0
    grain = float(np.percentile(share[paper], 99.5)) if paper.any() else 0.0
    off = min(max(1.7 * grain, 0.02), 0.3)  # of some thousand grains a few are larger
    return np.clip((share - off) / (1.0 - 2.0 * off), 0.0, 1.0).astype(np.float32)


def _tones(share: np.ndarray) -> float:
    """How far ink and ground are from flat: pixels off both tones away from every edge, and edges broader than a pen's."""
    solid = share > 0.5
    across, down = solid[:, 1:] != solid[:, :-1], solid[1:] != solid[:-1]
    edge = np.zeros(share.shape, np.float32)
    edge[:, 1:][across] = edge[:, :-1][across] = edge[1:][down] = edge[:-1][down] = 1.0
    away = extreme(edge, 2, np.maximum, False) == 0.0
    off = (np.abs(share - np.where(solid, 1.0, 0.0)) > 0.15) & away
    length = float(across.sum() + down.sum())
    if length > _GRAIN * share.size:
        return 9.0
    middling = float(((share > 0.15) & (share < 0.85)).sum())
    return max(float(off.sum()) / (0.1 * max(min(solid.sum(), (~solid).sum()), 1)), middling / (1.8 * max(length, 1.0)))


def luminance(colours: np.ndarray) -> np.ndarray:
    """(h, w) float32 brightness of colours as the eye weighs them."""
    return np.asarray(colours[..., 0] * np.float32(0.2126) + colours[..., 1] * np.float32(0.7152) + colours[..., 2] * np.float32(0.0722), np.float32)


def ground_of(grey: np.ndarray) -> float:
    """The median grey of the frame round a picture."""
    edge = max(1, round(_FRAME * max(grey.shape)))
    return float(np.median(np.concatenate([grey[:edge].ravel(), grey[-edge:].ravel(), grey[:, :edge].ravel(), grey[:, -edge:].ravel()])))


def otsu(grey: np.ndarray) -> float:
    """The threshold that parts grey values best (Otsu 1979)."""
    count, edges = np.histogram(grey, 256)
    middle = (edges[:-1] + edges[1:]) / 2
    weight, total = np.cumsum(count) / grey.size, np.cumsum(count * middle) / grey.size
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.nan_to_num((total[-1] * weight - total) ** 2 / (weight * (1.0 - weight)), nan=0.0, posinf=0.0)
    best = np.flatnonzero(between >= between.max() * (1.0 - 1e-9))  # a gap between two greys is as good everywhere: its middle
    return float(edges[1 + best].mean())


def _paper(grey: np.ndarray) -> np.ndarray | None:
    """(h, w) brightness of the paper under the ink where it is unevenly lit; None where it is even."""
    step = 64.0 / max(grey.shape)
    small = resize(grey, *(max(2, round(n * step)) for n in grey.shape)) if step < 1.0 else grey
    bright = blur(extreme(small, 4, np.maximum, False), 3.0)
    if float(np.ptp(bright)) < _UNEVEN or float(bright.min()) < 0.3:  # broad ink hides the paper: then nothing is known of it
        return None
    return resize(bright, *grey.shape)


def _shape(share: np.ndarray, tones: float, what: str, light: bool = False) -> Ink:
    """Hair lines made whole, dust taken away. Raises BadInput if nothing is left, or no ground."""
    most = extreme(share, 2, np.maximum, False)
    share = np.minimum(share / np.maximum(most, _HAIR), 1.0).astype(np.float32)
    label, sizes = regions(share > 0.5)
    dust = sizes < max(4.0, _DUST * share.size)
    dust[0] = False
    if dust.any():
        share = np.where(extreme(dust[label].astype(np.float32), 2, np.maximum, False) > 0.0, np.where((label > 0) & ~dust[label], share, 0.0), share)
    covered = float((share > 0.5).mean())
    if covered == 0.0:
        raise BadInput(f"{what} is blank; there is no line in it", field="picture")
    if covered > 0.995:
        raise BadInput(f"{what} is covered all over; leave some ground round the drawing", field="picture")
    return Ink(np.asarray(share, np.float32), tones, light)
