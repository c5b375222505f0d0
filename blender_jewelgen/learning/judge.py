"""An independent judge of drawings: a small classifier that never saw the motif model, only the data, with a seed of its own.

Classes are the taught subjects and the families of figures; where both draw the same thing, they are one class.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..core.pattern.drawn import CELL
from .cells import REACH, Cells
from .figures import FIGURES
from .motif_batches import half_and_half, two_in_one, warped
from .taught import SUBJECTS, subject_of

SEED = 77_003
_FAMILY = {"rosette": "flower", "crescent": "moon", "foil": "foil"}  # where a figure's class has another name
CLASSES = (*SUBJECTS, "palmette", "foil")
_TWO, _HALVES, _SMALL = 0.3, 0.2, 0.1  # shares of its lessons that show two things, half of one and half of another, and one thing small, anywhere in the cell


def class_of_figure(name: str, words: str) -> int:
    """The class of a figure of this family and caption."""
    if name == "fan":
        return CLASSES.index(words.split(" ")[0])
    return CLASSES.index(_FAMILY.get(name, name))


def taught_classes(cells: Cells) -> np.ndarray:
    """(n,) class of every cell, -1 for those that are not taught."""
    library = cells.names.index(next(iter(FIGURES)))
    known = subject_of()
    found = [CLASSES.index(known[name]) if name in known else -1 for name in cells.names[:library]]
    found += [class_of_figure(name, words[0]) for name, words in zip(cells.names[library:], cells.captions[library:], strict=True)]
    return np.where(cells.held, -1, found)


class Judge(nn.Module):
    """(b, 1, 64, 64) distances in px to (b, classes) logits."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for into, out, size, step in ((1, 32, 5, 2), (32, 64, 3, 2), (64, 128, 3, 1), (128, 192, 3, 2), (192, 256, 3, 1)):  # 64 px to 8
            layers += [nn.Conv2d(into, out, size, step, size // 2, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.middle = nn.Sequential(nn.Dropout(0.2), nn.Linear(512, len(CLASSES)))

    def forward(self, distances: torch.Tensor) -> torch.Tensor:
        shape = (0.5 + distances).clamp(0.0, 1.0) * 2.0 - 1.0  # outlines alone: how far off the ground is must tell nothing
        seen = self.body(shape).float()
        return self.middle(torch.cat([seen.amax((2, 3)), seen.mean((2, 3))], 1))  # wherever in the cell it is

    @torch.no_grad()
    def shares(self, fields: np.ndarray) -> np.ndarray:
        """(b, classes) probabilities of (b, 64, 64) distances; the mean of both faces."""
        self.eval()
        given = torch.from_numpy(np.ascontiguousarray(fields, np.float32))[:, None]
        parts = [self(part).softmax(1) + self(part.flip(3)).softmax(1) for part in given.split(256)]
        return (torch.cat(parts) / 2.0).numpy()


def trained(cells: Cells, steps: int = 6000, batch: int = 96) -> Judge:
    """A judge taught with augmented cells, two thirds of them drawings of the library, all subjects equally often."""
    torch.manual_seed(SEED)
    random, chance = np.random.default_rng(SEED), torch.Generator().manual_seed(SEED)
    known = taught_classes(cells)
    library = cells.names.index(next(iter(FIGURES)))
    drawings = [np.flatnonzero(known[:library] == k) for k in range(len(CLASSES))]
    drawings = [rows for rows in drawings if len(rows)]
    figures = library + np.flatnonzero(known[library:] >= 0)
    shapes, small = torch.from_numpy(cells.shapes), torch.from_numpy(cells.small)

    def pick(count: int) -> np.ndarray:
        rows = [random.choice(drawings[k]) for k in random.integers(len(drawings), size=2 * count // 3)]
        return random.permutation(np.concatenate([rows, random.choice(figures, count - len(rows))]).astype(int))

    def cut(source: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
        return warped(source[torch.from_numpy(rows)][:, None].float() * (REACH / 127.0), chance)

    judge = Judge().train()
    optimizer = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.02)
    course = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    two, halves, alone = round(batch * _TWO), round(batch * _HALVES), round(batch * _SMALL)
    plain = batch - two - halves - alone
    for _ in range(steps):
        one, front, back, left, right = pick(plain), pick(two + alone), pick(two), pick(halves), pick(halves)
        blank = torch.full((alone, 1, CELL, CELL), -REACH)
        pairs = two_in_one(torch.cat([cut(small, front), cut(small, back), blank]), chance)
        joined = half_and_half(torch.cat([cut(shapes, left), cut(shapes, right)]), chance)
        wanted = torch.zeros(batch, len(CLASSES))
        last = batch - halves
        for rows, first, weight in ((one, 0, 1.0), (front[:two], plain, 0.5), (back, plain, 0.5), (front[two:], plain + two, 1.0), (left, last, 0.5), (right, last, 0.5)):
            wanted[torch.arange(first, first + len(rows)), torch.from_numpy(known[rows])] += weight
        with torch.autocast("cpu", torch.bfloat16):
            guesses = judge(torch.cat([cut(shapes, one), pairs, joined]))
        loss = F.cross_entropy(guesses.float(), wanted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        course.step()
    return judge.eval()
