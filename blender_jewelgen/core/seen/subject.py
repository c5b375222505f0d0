"""The thing in a picture, without its ground and without a model's weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..height.detail import extreme
from ..height.filters import resize
from ..height.regions import at_border, regions
from .ground import covered, frame_of, ground_of
from .lit import unlit
from .refine import refined
from .skin import skin

SMALLEST = 32  # px a side of a picture, and of the longer side of a thing in it
_LARGEST = 16384
_SEEN = 640  # px of the longer side on which the thing is found
_CLEAR = 0.01  # of the picture: this much of it is transparent where the file itself says what its ground is
_LEAST = 0.002  # of the picture: less is no thing
_CRUMB, _OBJECT = 0.015, 0.12  # of the largest part: less is dust, more is a thing of its own
_HOLE = 0.002  # of the picture: a smaller patch of the ground's colour is a highlight
_RUNS_OUT = 0.16  # of the picture's rim: a thing that covers more runs out of it


@dataclass(frozen=True)
class Hole:
    """An opening the ground is seen through: px, and its box (top, left, bottom, right)."""

    area: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Subject:
    """The thing in a picture.

    Attributes
    ----------
    mask : (h, w) float32 in [0, 1]
        Share of each pixel of the picture as given that the thing covers; row 0 is the upper edge.
    box : (top, left, bottom, right)
        Of what it covers, px; bottom and right are past the end.
    holes : tuple of Hole
        The largest first.
    notes : tuple of str
    """

    mask: np.ndarray
    box: tuple[int, int, int, int]
    holes: tuple[Hole, ...]
    notes: tuple[str, ...] = ()


def subject(colours: np.ndarray, several: bool = False) -> Subject:
    """The thing in (h, w, 3 or 4) colours in [0, 1]: by transparency, or by what stands out from the ground at the border.

    A picture of any size is looked at in at most 640 px. With ``several`` more than one thing is kept. Raises BadInput,
    field picture, where there is no thing, several, one that runs out of the picture, a hand or bust that wears it, or
    less than 32 px of it.
    """
    small, alpha = _looked_at(colours)
    notes: list[str] = []
    if alpha is not None:
        mask = alpha
    else:
        _flat(small)
        ground = ground_of(small)
        thing = unlit(covered(small, ground, _HOLE * small[..., 0].size), small, frame_of(small.shape[:2]))
        mask = refined(small, ground.off, thing)
    solid = _parts(mask > 0.5, several, notes)
    _whole(small, solid, alpha is not None)
    mask = np.where(extreme(solid.astype(np.float32), 2, np.maximum, False) > 0.0, mask, 0.0).astype(np.float32)
    rows, columns = np.asarray(colours).shape[:2]
    if mask.shape != (rows, columns):
        mask = np.clip((resize(mask, rows, columns) - 0.5) * 1.6 + 0.5, 0.0, 1.0)
    box = _box(mask > 0.5)
    longer = max(box[2] - box[0], box[3] - box[1])
    if longer < SMALLEST:
        raise BadInput(f"the thing in the picture is {longer} px long; at least {SMALLEST} px are needed", field="picture")
    return Subject(mask, box, _holes(solid, (rows, columns)), tuple(notes))


def on_ground(colours: np.ndarray, found: Subject, side: int, share: float = 0.75, ground: float = 1.0) -> np.ndarray:
    """(side, side, 3) float32: the thing in the middle of an even ground, its longer side ``share`` of the square's.

    ``colours`` is the picture that ``found`` was found in; ``ground`` is a grey from 0 to 1.
    """
    top, left, bottom, right = found.box
    square = max(bottom - top, right - left) / share
    middle = (top + bottom) / 2.0, (left + right) / 2.0
    first = [int(np.floor(m - square / 2.0)) for m in middle]
    count = max(1, round(square))
    rows, columns = found.mask.shape
    low = [max(f, 0) for f in first]
    high = min(first[0] + count, rows), min(first[1] + count, columns)
    part = slice(low[0], high[0]), slice(low[1], high[1])
    mask = found.mask[part]
    at = slice(low[0] - first[0], high[0] - first[0]), slice(low[1] - first[1], high[1] - first[1])
    shown = np.empty((side, side, 3), np.float32)
    for k in range(3):
        plane = np.full((count, count), ground, np.float32)
        plane[at] = np.clip(colours[part][..., k], 0.0, 1.0) * mask + ground * (1.0 - mask)
        shown[..., k] = resize(plane, side, side)
    return shown


def _looked_at(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """(h, w, 3) in at most ``_SEEN`` px, and what is there of it where the picture says so. Raises BadInput for what is no picture."""
    colours = np.asarray(colours)
    if colours.ndim != 3 or colours.shape[2] not in (3, 4) or colours.dtype.kind not in "fbiu":
        raise BadInput(f"the picture has the shape {colours.shape}; it must be rows, columns and 3 or 4 colours", field="picture")
    rows, columns = colours.shape[:2]
    if min(rows, columns) < SMALLEST:
        raise BadInput(f"the picture is {columns} x {rows} px; at least {SMALLEST} px a side are needed to see a thing in it", field="picture")
    if max(rows, columns) > _LARGEST:
        raise BadInput(f"the picture is {columns} x {rows} px; at most {_LARGEST} px a side are read", field="picture")
    factor = min(1.0, _SEEN / max(rows, columns))
    size = max(8, round(rows * factor)), max(8, round(columns * factor))
    small = np.stack([_reduced(colours[..., k], size) for k in range(colours.shape[2])], axis=-1)
    if not np.isfinite(small).all():
        raise BadInput("the picture holds numbers that are not finite", field="picture")
    small = np.clip(small, 0.0, 1.0)
    if small.shape[2] == 3:
        return small, None
    alpha = small[..., 3]
    if float(alpha.max()) < 0.02:
        raise BadInput("the picture is transparent everywhere; there is nothing in it", field="picture")
    clear = float((alpha < 0.5).mean())
    if clear > 1.0 - _LEAST:
        raise BadInput("the picture is nearly transparent everywhere; there is no thing in it", field="picture")
    told = clear > _CLEAR and float((alpha[frame_of(alpha.shape)] < 0.5).mean()) > 0.5
    shown = small[..., :3] * alpha[..., None] + 1.0 - alpha[..., None] if not told else small[..., :3]
    return np.ascontiguousarray(shown), np.ascontiguousarray(alpha) if told else None


def _reduced(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """One channel made smaller; a very large one is halved by whole pixels first, to save memory."""
    step = max(1, min(plane.shape[0] // (2 * size[0]), plane.shape[1] // (2 * size[1])))
    if step > 1:
        rows, columns = plane.shape[0] // step, plane.shape[1] // step
        plane = sum(np.asarray(plane[i : rows * step : step, j : columns * step : step], np.float32) for i in range(step) for j in range(step)) / step**2
    plane = np.asarray(plane, np.float32)
    return plane if plane.shape == size else resize(plane, *size)


def _flat(small: np.ndarray) -> None:
    """Raises BadInput for a picture of one colour."""
    if float(np.ptp(small.reshape(-1, 3), axis=0).max()) < 0.03:
        raise BadInput("the picture is of one colour; there is nothing in it", field="picture")


def _parts(solid: np.ndarray, several: bool, notes: list[str]) -> np.ndarray:
    """The thing without crumbs. Raises BadInput if there is none, or several."""
    label, sizes = regions(extreme(solid.astype(np.float32), 2, np.maximum, False) > 0.0)  # a highlight does not part a thing
    sizes = np.bincount(label[solid], minlength=len(sizes))
    if sizes.max() < _LEAST * solid.size:
        raise BadInput("nothing in the picture stands out from its ground; photograph the piece alone on a plain ground", field="picture")
    largest = int(sizes.argmax())
    box = _box(label == largest)
    kept, others = [largest], []
    for k in np.flatnonzero(sizes >= _CRUMB * sizes[largest]):
        if k == largest:
            continue
        inner = _box(label == k)
        within = inner[0] >= box[0] and inner[1] >= box[1] and inner[2] <= box[2] and inner[3] <= box[3]
        (kept if within or several else others).append(int(k))
    things = 1 + sum(sizes[k] >= _OBJECT * sizes[largest] for k in others)
    if things > 1:
        raise BadInput(f"there are {things} things in the picture; cut it to one of them", field="picture")
    crumbs = int((sizes[1:] > 0).sum()) - len(kept)
    if others:
        notes.append("the largest thing in the picture was kept; 1 small one was left out" if crumbs == 1 else f"the largest thing in the picture was kept; {crumbs} small ones were left out")
    return solid & np.isin(label, kept)


def _whole(small: np.ndarray, solid: np.ndarray, told: bool) -> None:
    """Raises BadInput where the thing runs out of the picture, and says so if skin does."""
    edge = np.ones(solid.shape, bool)
    edge[2:-2, 2:-2] = False
    rim = float(solid[edge].mean())
    share = float(solid.mean())
    if rim < 0.02 or (told and rim < _RUNS_OUT):
        return
    seen = skin(small, solid, edge)
    if seen.share > 0.4 and seen.rim > 0.5:
        raise BadInput("a hand or a body fills most of the picture; photograph the piece alone on a plain ground", field="picture")
    if rim > _RUNS_OUT or share > 0.96:
        raise BadInput(
            f"what stands out covers {rim:.0%} of the picture's rim: a bust or hand that wears the piece, a restless ground, or a piece "
            "cut off; photograph it whole and alone on a plain ground", field="picture")  # fmt: skip


def _box(solid: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    return (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1) if len(rows) else (0, 0, 0, 0)


def _holes(solid: np.ndarray, size: tuple[int, int]) -> tuple[Hole, ...]:
    """The openings, in px of a picture of ``size``."""
    label, sizes = regions(~solid)
    sizes[at_border(label)] = 0
    down, across = size[0] / solid.shape[0], size[1] / solid.shape[1]
    found = []
    for k in np.flatnonzero(sizes >= max(4.0, 0.5 * _HOLE * solid.size))[:64]:
        top, left, bottom, right = _box(label == k)
        found.append(Hole(round(sizes[k] * down * across), (round(top * down), round(left * across), round(bottom * down), round(right * across))))
    return tuple(sorted(found, key=lambda hole: -hole.area))
