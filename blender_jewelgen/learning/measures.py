"""Numbers that tell how good drawings are: faults, likeness whatever the pose, outlines followed, and distance between two heaps of them.

Drawings are (n, 64, 64) float32 signed distances in px, positive inside.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..core.height.distance import distance
from ..core.pattern.drawn import CELL, GAP, enlarged
from ..core.pattern.parts import parts

_FINE = 128  # px a side at which faults and outlines are measured
_SCALE = _FINE / CELL
_SPECK, _PINHOLE, _PLACE = 6.0, 4.0, 1.0  # square px of a cell
_SMALL, _FAR = 32, 2  # px a side at which silhouettes are compared, and how far they are shifted there
_POSES = [(turn, size) for turn in (-10.0, 0.0, 10.0) for size in (0.92, 1.0, 1.08)]


def faults(field: np.ndarray) -> dict[str, int]:
    """How many loose specks, pinholes and places with a cut too thin to cast one drawing has.

    A cut is thin where a ball of 2 px does not pass; what is taught has cuts of 2.5 px before it is warped.
    """
    inside = enlarged(field, _FINE) > 0.0
    reach = 1.0 * _SCALE
    closed = ~_near(~_near(inside, reach), reach)
    return {
        "specks": _count(inside, 0.0, _SPECK), "pinholes": _count(~inside, 0.0, _PINHOLE), "thin cuts": _count(closed & ~inside, _PLACE, np.inf),
    }  # fmt: skip


def sound(field: np.ndarray) -> bool:
    """Whether a finished drawing (any size) is one piece, cuts of a line's width allowed, without specks and pinholes."""
    inside = enlarged(field, _FINE) > 0.0
    chain = _near(inside, 0.5 * 1.6 * GAP * _SCALE + 1.0)
    return _count(inside, 0.0, _SPECK) == _count(~inside, 0.0, _PINHOLE) == 0 and len(parts(chain)[1]) == 2


def followed(field: np.ndarray, sketch: np.ndarray, tolerance: float = 1.5) -> float:
    """F1 of two outlines: shares of each that lie within ``tolerance`` px of the other."""
    a, b = (_outline(enlarged(one, _FINE) > 0.0) for one in (field, sketch))
    if not a.any() or not b.any():
        return 0.0
    reach = tolerance * _SCALE
    near = [distance(~one, reach + 2.0) <= reach for one in (a, b)]
    right, found = near[1][a].mean(), near[0][b].mean()
    return float(2.0 * right * found / max(right + found, 1e-9))


def likeness(fields: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, m) overlap over union of each drawing with each of the others, the best of both faces, small turns, sizes and shifts."""
    best = torch.zeros(len(fields), len(others))
    for moved, pose in _views(fields, others):
        both = moved @ pose.T
        best = torch.maximum(best, both / (moved.sum(1)[:, None] + pose.sum(1)[None] - both).clamp(min=1e-6))
    return best.numpy()


def pair_distance(fields: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n,) 1 - likeness of the k-th drawing and the k-th of the others."""
    best = torch.zeros(len(fields))
    for moved, pose in _views(fields, others):
        both = (moved * pose).sum(1)
        best = torch.maximum(best, both / (moved.sum(1) + pose.sum(1) - both).clamp(min=1e-6))
    return 1.0 - best.numpy()


def _views(fields: np.ndarray, others: np.ndarray) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Silhouettes (n, 1024) of the drawings in every shift, with those (m, 1024) of the others in every pose."""
    posed = [pose.flatten(1) for pose in _silhouettes(others, [(turn, size, face) for turn, size in _POSES for face in (1.0, -1.0)])]
    plain = _silhouettes(fields, [(0.0, 1.0, 1.0)])[0]
    for dy in range(-_FAR, _FAR + 1):
        for dx in range(-_FAR, _FAR + 1):
            moved = torch.roll(plain, (dy, dx), (1, 2)).flatten(1)
            for pose in posed:
                yield moved, pose


class RandomFeatures(nn.Module):
    """A net of fixed random filters: what it sees differs where drawings differ, though it was taught nothing."""

    def __init__(self, seed: int = 4711) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        self.filters = []
        for into, out, size in ((1, 48, 5), (48, 96, 3), (96, 192, 3)):
            self.filters.append(torch.randn(out, into, size, size, generator=random) / (into * size * size) ** 0.5)

    @torch.no_grad()
    def forward(self, fields: np.ndarray) -> np.ndarray:
        """(n, 672) float64: mean and spread of every filter, over all scales."""
        x = torch.tanh(torch.from_numpy(np.ascontiguousarray(fields, np.float32))[:, None] / 3.0)
        told = []
        for weights in self.filters:
            x = F.conv2d(x, weights, stride=2, padding=weights.shape[-1] // 2)
            told += [x.mean((2, 3)), x.std((2, 3))]
            x = F.leaky_relu(x, 0.1)
        return torch.cat(told, 1).double().numpy()


def kid(first: np.ndarray, second: np.ndarray) -> float:
    """Kernel distance of two heaps of features (n, d) and (m, d) (Binkowski et al. 2018), unbiased: about 0 for two draws of one heap."""
    size = first.shape[1]
    a, b, c = ((x @ y.T / size + 1.0) ** 3 for x, y in ((first, first), (second, second), (first, second)))
    n, m = len(a), len(b)
    return float((a.sum() - np.trace(a)) / (n * (n - 1)) + (b.sum() - np.trace(b)) / (m * (m - 1)) - 2.0 * c.mean())


def _silhouettes(fields: np.ndarray, poses: list[tuple[float, float, float]]) -> list[torch.Tensor]:
    """For each pose (degrees, size, face) the (n, 32, 32) coverage of all drawings, each moved to its own middle."""
    x = torch.from_numpy(np.ascontiguousarray(fields, np.float32))[:, None]
    line = (torch.arange(CELL).float() + 0.5) / CELL * 2.0 - 1.0
    solid = (x[:, 0] > 0).float()
    area = solid.sum((1, 2)).clamp(min=1.0)
    middle = torch.stack([(solid * line[None, None, :]).sum((1, 2)) / area, (solid * line[None, :, None]).sum((1, 2)) / area], 1)
    made = []
    for turn, size, face in poses:
        c, s = np.cos(np.deg2rad(turn)) / size, np.sin(np.deg2rad(turn)) / size
        matrix = torch.tensor([[c * face, -s], [s * face, c]], dtype=torch.float32).expand(len(x), 2, 2)
        grid = F.affine_grid(torch.cat([matrix, middle[:, :, None]], 2), list(x.shape), align_corners=False)
        read = F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
        read = torch.where((grid.abs() > 1.0).any(-1)[:, None], torch.full_like(read, -6.0), read)
        made.append(F.avg_pool2d((0.5 + read).clamp(0.0, 1.0), CELL // _SMALL)[:, 0])
    return made


def _near(shape: np.ndarray, reach: float) -> np.ndarray:
    return distance(~shape, reach + 2.0) <= reach


def _count(shape: np.ndarray, least: float, most: float) -> int:
    sizes = parts(shape)[1][1:] / _SCALE**2
    return int(((sizes >= least) & (sizes < most)).sum())


def _outline(shape: np.ndarray) -> np.ndarray:
    padded = np.pad(shape, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return shape & ~inner
