"""What the lines of a drawing enclose: parts, which lie in which, how high each stands; what is line and what is shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from .detail import extreme
from .distance import distance
from .regions import at_border, regions

_BROAD = 0.026  # of the drawing's longer side: ink wider than this is a shape, not a line
_SPECK = 2e-4  # of the drawing's box: an enclosed part that is smaller belongs to its line
_SMALL = 0.25  # of what encloses it: a nested part that is smaller rises, a larger one sinks
_RISE, _SINK = 0.28, 0.55  # a nested part's level over the one round it, or as a share of that


def parts_of(solid: np.ndarray, broad: np.ndarray, reach: int, nested: str, wrap: bool) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Label of each part (0 is ground), the level of each label, and what they are."""
    label, sizes = regions(~solid, wrap)
    ground = np.zeros(len(sizes), bool)
    ground[at_border(label, wrap)] = True
    seen = np.argwhere(solid)
    box = float(np.prod(np.ptp(seen, axis=0) + 1)) if len(seen) else 1.0
    speck = sizes < max(6.0, _SPECK * box)
    rim = extreme(label.astype(np.float32), 1, np.maximum, wrap).astype(np.int32)
    edge = solid & (rim > 0)
    touched = np.bincount(rim[edge], minlength=len(sizes))
    by_shape = np.bincount(rim[edge & broad], minlength=len(sizes)) > 0.6 * np.maximum(touched, 1)
    open_ = ground | speck | by_shape  # holes of filled shapes show the ground
    open_[0] = True
    number = np.zeros(len(sizes), np.int32)
    number[~open_] = np.arange(1, int((~open_).sum()) + 1)
    parts = number[label]
    shapes, areas = regions(broad, wrap)
    shapes[(areas < max(6.0, _SPECK * box))[shapes]] = 0
    parts = np.where(shapes > 0, shapes + number.max(), parts).astype(np.int32)
    used = np.bincount(parts.ravel()) > 0
    used[0] = False
    count = int(used.sum())
    parts = (np.cumsum(used) * used)[parts].astype(np.int32)
    filled = np.bincount(parts[broad], minlength=count + 1) > 0
    filled[0] = False
    spread, _near = grown(parts, 2 * reach, wrap, blocked=np.isin(label, np.flatnonzero(ground)) & ~solid)
    levels, raised, sunk = _levels(parts, spread, filled, nested, wrap)
    return parts, levels, {"parts": count, "raised": raised, "sunk": sunk, "filled": int(filled.sum())}


def _levels(parts: np.ndarray, grown: np.ndarray, filled: np.ndarray, nested: str, wrap: bool) -> tuple[np.ndarray, int, int]:
    """Level of each part: 1 beside the ground; what is reached only through another part rises above it or sinks into it."""
    count = len(filled) - 1
    pairs = _neighbours(grown, wrap)
    area = np.bincount(parts.ravel(), minlength=count + 1).astype(float)
    level, depth, parent = np.ones(count + 1, np.float32), np.full(count + 1, -1), np.zeros(count + 1, int)
    depth[0] = 0
    edge = [0]
    while edge:
        following: list[int] = []
        for name in edge:
            for other in pairs.get(name, ()):
                if depth[other] < 0:
                    depth[other], parent[other] = depth[name] + 1, name
                    following.append(other)
        edge = following
    raised = sunk = 0
    for name in sorted(range(1, count + 1), key=lambda n: depth[n]):
        if depth[name] <= 1:
            raised += 1
            continue
        rises = nested == "rise" or (nested == "auto" and (filled[name] or area[name] < _SMALL * area[parent[name]]))
        level[name] = level[parent[name]] + _RISE if rises else _SINK * level[parent[name]]
        raised, sunk = raised + rises, sunk + (not rises)
    level[0] = 1.0
    return level, raised, sunk


def _neighbours(grown: np.ndarray, wrap: bool) -> dict[int, list[int]]:
    """The labels that touch each label, in order."""
    sides = [(grown[:, 1:], grown[:, :-1]), (grown[1:], grown[:-1])] + ([(grown[:, :1], grown[:, -1:])] if wrap else [])
    size = int(grown.max()) + 1
    codes = np.unique(np.concatenate([(np.minimum(a, b)[a != b].astype(np.int64) * size + np.maximum(a, b)[a != b]) for a, b in sides]))
    found: dict[int, list[int]] = {}
    for code in codes.tolist():
        a, b = divmod(code, size)
        found.setdefault(a, []).append(b)
        found.setdefault(b, []).append(a)
    return found


def grown(parts: np.ndarray, reach: int, wrap: bool, blocked: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Parts that have spread ``reach`` px into what is no part, but not where ``blocked``; and where a part is now."""
    grown = parts.copy()
    for step in range(reach):
        near = extreme(grown.astype(np.float32), 1, np.maximum, wrap).astype(np.int32) if step % 2 else _cross(grown, wrap)
        free = (grown == 0) & (near > 0)
        if blocked is not None:
            free &= ~blocked
        if not free.any():
            break
        grown = np.where(free, near, grown)
    return grown, grown > 0


def _cross(grown: np.ndarray, wrap: bool) -> np.ndarray:
    """The largest label beside, above and below."""
    wide = np.pad(np.pad(grown, ((1, 1), (0, 0))), ((0, 0), (1, 1)), mode="wrap" if wrap else "constant")
    return np.maximum(np.maximum(wide[:-2, 1:-1], wide[2:, 1:-1]), np.maximum(wide[1:-1, :-2], wide[1:-1, 2:]))


def broad_of(solid: np.ndarray, wrap: bool) -> np.ndarray:
    """Ink that is wide enough to be a filled shape."""
    seen = np.argwhere(solid)
    reach = max(2.0, 0.5 * _BROAD * float(np.ptp(seen, axis=0).max() + 1)) if len(seen) else 2.0
    core = distance(solid, reach + 2.0, wrap) > reach
    return solid & (distance(~core, reach + 3.0, wrap) <= reach + 1.0) if core.any() else core


def line_width(thin: np.ndarray, wrap: bool) -> float:
    """Usual width in px of the lines: area by half the length of their edge."""
    if not thin.any():
        return 2.0
    edge = sum(int((thin != np.roll(thin, 1, axis)).sum()) for axis in (0, 1)) * (np.pi / 4.0)  # steps to length, all directions alike
    return float(np.clip(2.0 * thin.sum() / max(edge, 1.0), 1.0, 0.1 * max(thin.shape)))
