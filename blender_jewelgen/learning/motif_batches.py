"""Batches for the motif model: cells turned, warped and thickened anew each time, captions put in other words."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from ..core.words.vectors import embed
from .cells import CELL, REACH, Cells
from .motif_network import SOFT

_DROPPED = 0.1  # share of batches without words, for guidance


class Batches:
    """Draws (cells (b, 1, 64, 64) through tanh, words (b, 96)) at random; ``library`` is the share of library drawings."""

    def __init__(self, cells: Cells, seed: int, library: float = 0.7) -> None:
        count = sum(1 for name in cells.names if name not in _figures())
        numbers = np.arange(len(cells.names))
        self.groups = [numbers[(numbers < count) & ~cells.held], numbers[(numbers >= count) & ~cells.held]]
        self.shapes = torch.from_numpy(cells.shapes)
        self.captions = cells.captions
        self.share = library
        self.random = np.random.default_rng(seed)
        self.noise = torch.Generator().manual_seed(seed)
        self._known: dict[str, torch.Tensor] = {}

    def __call__(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        first = round(size * self.share)
        pick = np.concatenate([self.random.choice(self.groups[0], first), self.random.choice(self.groups[1], size - first)])
        cells = warped(self.shapes[torch.from_numpy(pick)][:, None].float() * (REACH / 127.0), self.noise)
        words = torch.stack([self._words(i) for i in pick])
        words = words * (torch.rand(size, 1, generator=self.noise) > _DROPPED)
        some = 0.03 * torch.randn(words.shape, generator=self.noise) * (words.abs().sum(1, keepdim=True) > 0)
        return torch.tanh(cells / SOFT), F.normalize(words + some, dim=1)

    def _words(self, number: int) -> torch.Tensor:
        rows = self.captions[number]
        said = rows[0] if self.random.random() < 0.5 else rows[self.random.integers(len(rows))]
        if said not in self._known:
            self._known[said] = torch.from_numpy(embed([(said, 1.0)]))
        return self._known[said]


def _figures() -> frozenset[str]:
    from .figures import FIGURES

    return frozenset(FIGURES)


def warped(distances: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """(b, 1, 64, 64) px distances from (b, 1, 96, 96): flipped, turned, stretched, bent, thickened or thinned at random."""

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random)

    b = len(distances)
    turn = normal(b) * np.deg2rad(6.0)
    size = 1.0 + 0.05 * normal(b).clamp(-1.5, 1.5)
    wide = torch.exp(0.07 * normal(b).clamp(-1.5, 1.5))
    flip = (torch.rand(b, generator=random) < 0.5).float() * 2.0 - 1.0
    line = (torch.arange(CELL).float() + 0.5) / CELL * 2.0 - 1.0
    y, x = torch.meshgrid(line, line, indexing="ij")
    c, s = (f(turn)[:, None, None] for f in (torch.cos, torch.sin))
    across = (x * c - y * s) * (flip * size * wide)[:, None, None]
    down = (x * s + y * c) * (size / wide)[:, None, None]
    bend = F.interpolate(normal(b, 2, 4, 4) * 0.035, size=(CELL, CELL), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    moved = F.grid_sample(distances, torch.stack([across, down], -1) + bend, mode="bilinear", padding_mode="border", align_corners=False)
    return moved / size[:, None, None, None] + 0.25 * normal(b, 1, 1, 1)

