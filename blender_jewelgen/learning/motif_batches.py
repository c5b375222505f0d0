"""Batches for the motif model: cells turned, bent and thickened anew each time, some two in one, captions in other words."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from ..core.pattern.drawn import CELL, REACH
from ..core.words.vectors import embed
from .cells import SMALL, Cells
from .motif_network import SOFT

WORDLESS = 0.1  # share of cells without words, for guidance
_BOLD = 0.15  # share of cells bent so far that they are another drawing of the same thing
_TWO = 0.06  # share of cells that show two drawings
_GAP = 1.25  # px between the two, each side


class Batches:
    """Draws (cells (b, 1, 64, 64) through tanh, words (b, 96)) at random; ``library`` is the share of library drawings."""

    def __init__(self, cells: Cells, seed: int, library: float = 0.88) -> None:
        from .figures import FIGURES

        numbers, drawn = np.arange(len(cells.names)), np.isin(cells.names, list(FIGURES))
        self.groups = [numbers[~drawn & ~cells.held], numbers[drawn & ~cells.held]]
        _, which, several = np.unique([cells.captions[k][0] for k in self.groups[0]], return_inverse=True, return_counts=True)
        self.often = several[which] ** -0.5 / np.sum(several[which] ** -0.5)  # a word with many drawings is seen more often, not as many times more
        self.shapes, self.small = torch.from_numpy(cells.shapes), torch.from_numpy(cells.small)
        self.captions = cells.captions
        self.share = library
        self.random = np.random.default_rng(seed)
        self.noise = torch.Generator().manual_seed(seed)
        self._known: dict[tuple[str, ...], torch.Tensor] = {}

    def __call__(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        two = round(size * _TWO)
        pick, other = self._pick(size - two), self._pick(2 * two)
        cells = warped(self._cells(self.shapes, pick), self.noise)
        pairs = two_in_one(warped(self._cells(self.small, other), self.noise), self.noise)
        words = torch.stack([self._words(i) for i in pick] + [self._words(*both) for both in other.reshape(2, -1).T])
        words = words * (torch.rand(size, 1, generator=self.noise) > WORDLESS)
        some = 0.03 * torch.randn(words.shape, generator=self.noise) * (words.abs().sum(1, keepdim=True) > 0)
        return torch.tanh(torch.cat([cells, pairs]) / SOFT), F.normalize(words + some, dim=1)

    def _pick(self, count: int) -> np.ndarray:
        first = round(count * self.share)
        return self.random.permutation(
            np.concatenate([self.random.choice(self.groups[0], first, p=self.often), self.random.choice(self.groups[1], count - first)])
        )

    def _cells(self, shapes: torch.Tensor, pick: np.ndarray) -> torch.Tensor:
        return shapes[torch.from_numpy(pick)][:, None].float() * (REACH / 127.0)

    def _words(self, *numbers: int) -> torch.Tensor:
        said = tuple(self._caption(self.captions[number]) for number in numbers)
        if said not in self._known:
            self._known[said] = torch.from_numpy(embed([(words, 1.0) for words in said]))
        return self._known[said]

    def _caption(self, rows: tuple[str, ...]) -> str:
        return rows[0] if self.random.random() < 0.45 else rows[self.random.integers(len(rows))]


def warped(distances: torch.Tensor, random: torch.Generator, bold: float = _BOLD) -> torch.Tensor:
    """(b, 1, 64, 64) px distances from (b, 1, 96, 96): flipped, turned, stretched, bent, thickened or thinned at random.

    A share ``bold`` of them twice as far: as drawn by another hand.
    """

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random)

    b = len(distances)
    far = 1.0 + (torch.rand(b, generator=random) < bold).float()
    turn = normal(b) * np.deg2rad(5.0) * far
    size = 1.0 + 0.04 * normal(b).clamp(-1.5, 1.5)
    wide = torch.exp(0.06 * normal(b).clamp(-1.5, 1.5) * far)
    flip = (torch.rand(b, generator=random) < 0.5).float() * 2.0 - 1.0
    x, y = _lines()
    c, s = (f(turn)[:, None, None] for f in (torch.cos, torch.sin))
    across = (x * c - y * s) * (flip * size * wide)[:, None, None]
    down = (x * s + y * c) * (size / wide)[:, None, None]
    bend = F.interpolate(normal(b, 2, 4, 4) * 0.032 * far[:, None, None, None], size=(CELL, CELL), mode="bicubic", align_corners=True)
    moved = _read(distances, torch.stack([across, down], -1) + bend.permute(0, 2, 3, 1))
    return moved / size[:, None, None, None] + 0.25 * normal(b, 1, 1, 1)


def two_in_one(distances: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """(b, 1, 64, 64) px distances of cells that show two of the (2 b, 1, 64, 64): one before the other, or side by side."""
    b = len(distances) // 2
    angle = torch.rand(b, generator=random) * 2.0 * np.pi
    beside = torch.rand(b, generator=random) < 0.5
    back_size = torch.where(beside, SMALL, 0.95)
    out = torch.where(beside, 0.36, 0.3)
    front_at = torch.stack([angle.cos(), angle.sin()], 1) * out[:, None]
    back_at = -front_at * beside[:, None]
    x, y = _lines()

    def placed(cell: torch.Tensor, at: torch.Tensor, size: torch.Tensor) -> torch.Tensor:
        grid = torch.stack([x - at[:, 0, None, None], y - at[:, 1, None, None]], -1) / size[:, None, None, None]
        return _read(cell, grid) * size[:, None, None, None]

    front = placed(distances[:b], front_at, torch.full((b,), SMALL))
    back = placed(distances[b:], back_at, back_size)
    return torch.maximum(front, torch.minimum(back, -front - 2.0 * _GAP))


def half_and_half(distances: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """(b, 1, 64, 64) px distances of cells cut along a line somewhere near the middle: one of the (2 b, 1, 64, 64) on one side, another on the other."""
    b = len(distances) // 2
    angle, aside = torch.rand(b, generator=random) * 2.0 * np.pi, 0.1 * torch.randn(b, generator=random)
    x, y = _lines()
    far = x * angle.cos()[:, None, None] + y * angle.sin()[:, None, None] - aside[:, None, None]
    return torch.where(far[:, None] < 0.0, distances[:b], distances[b:])


def _lines() -> tuple[torch.Tensor, torch.Tensor]:
    """x and y (64, 64) of a cell, -1 to 1."""
    line = (torch.arange(CELL).float() + 0.5) / CELL * 2.0 - 1.0
    y, x = torch.meshgrid(line, line, indexing="ij")
    return x, y


def _read(distances: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """Distances at points; outside of the cell they go on falling."""
    beyond = (grid.abs() - 1.0).clamp(min=0.0).norm(dim=-1)[:, None] * (CELL / 2)
    return (F.grid_sample(distances, grid, mode="bilinear", padding_mode="border", align_corners=False) - beyond).clamp(-REACH, REACH)
