"""How a body of unknown make lies in space: its axes, the finger hole of a ring, the outer line of its section, its face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..height.distance import signed_distance
from ..mesh.arrays import Mesh, face_normals
from ..mesh.lines import crossings

_SLOTS = 360  # directions in which the outline of a section is read
_STEEP = 0.35  # the outer side ends where its normal leans further from the radius than this cosine
_SOME = 120_000  # points or faces that are looked at; more tell nothing new


@dataclass(frozen=True, eq=False)
class Pose:
    """A body's own frame: rows are x, y, z (right-handed); ``hollow`` is the hole's share of the width, 0 without one."""

    frame: np.ndarray
    centre: np.ndarray
    hollow: float
    extent: np.ndarray


def pose(mesh: Mesh) -> Pose:
    """Axes of a mesh; z runs through the hole if there is one all the way through the middle, else along the greatest length."""
    points = mesh.vertices[:: max(1, len(mesh.vertices) // _SOME)].astype(np.float64)
    centre = (mesh.vertices.max(axis=0).astype(np.float64) + mesh.vertices.min(axis=0)) / 2.0
    frame = _principal(points - points.mean(axis=0))
    extent = np.ptp(points @ frame.T, axis=0)
    hollow, axis = max((_hollow(points - centre, turned(frame, k)), k) for k in range(3))
    if hollow > 0.05:
        frame, centre = _through_the_hole(mesh, turned(frame, axis), centre)
        return Pose(frame, centre, _hollow(points - centre, frame), extent)
    longest = int(np.argmax(extent))
    if extent.max() < 1.3 * np.sort(extent)[1] and extent.min() < 0.75 * np.sort(extent)[1]:
        longest = int(np.argmin(extent))  # a disc goes round its short axis
    elif extent.max() < 1.05 * extent.min():  # a ball: upright in the world
        return Pose(np.eye(3), centre, 0.0, extent)
    return Pose(turned(frame, longest), centre, 0.0, extent)


def turned(frame: np.ndarray, axis: int) -> np.ndarray:
    """The frame with row ``axis`` as z, still right-handed; z points upward in the world."""
    frame = frame[[(axis + 1) % 3, (axis + 2) % 3, axis]]
    return frame if frame[2][np.argmax(np.abs(frame[2]))] > 0 else frame * np.array([[-1.0], [1.0], [-1.0]])


def _principal(local: np.ndarray) -> np.ndarray:
    """Axes of the body as rows, right-handed; nearly axis-parallel ones are snapped to the world's."""
    _, axes = np.linalg.eigh(local.T @ local)
    axes = axes.T[::-1]
    if np.allclose(np.abs(axes).max(axis=1), 1.0, atol=0.02):
        return np.eye(3)
    return axes if np.linalg.det(axes) > 0 else axes * np.array([[1.0], [1.0], [-1.0]])


def _hollow(local: np.ndarray, frame: np.ndarray) -> float:
    """Least over largest distance from the axis if the body goes all round it, else 0."""
    x, y, _ = (local @ frame.T).T
    radius = np.hypot(x, y)
    turn = np.sort(np.arctan2(y, x))
    gap = np.max(np.diff(np.append(turn, turn[0] + 2.0 * np.pi)))
    return float(radius.min() / radius.max()) if gap < np.deg2rad(25.0) else 0.0


def _through_the_hole(mesh: Mesh, frame: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frame and centre mended by the finger side: normals there are square to the axis, and it lies on a circle."""
    faces = mesh.faces[:: max(1, len(mesh.faces) // _SOME)]
    normal = face_normals(mesh.vertices, faces).astype(np.float64)
    size = np.linalg.norm(normal, axis=1)
    normal /= np.maximum(size, 1e-30)[:, None]
    middle = mesh.vertices[faces].mean(axis=1).astype(np.float64)
    for _ in range(4):
        local, turn = (middle - centre) @ frame.T, normal @ frame.T
        radius = np.hypot(local[:, 0], local[:, 1])
        inward = -(turn[:, 0] * local[:, 0] + turn[:, 1] * local[:, 1]) / np.maximum(radius, 1e-9)
        skin = (inward > 0.8) & (radius < 1.6 * radius.min() + 0.5)
        if skin.sum() < 30:
            break
        _, axes = np.linalg.eigh((normal[skin] * size[skin, None]).T @ normal[skin])
        up = axes[:, 0] * np.sign(axes[:, 0] @ frame[2])
        if up @ frame[2] < 0.9:
            break
        if np.abs(up).max() > 0.99997:
            up = np.round(up)
        x = np.cross(frame[1], up)
        x /= np.linalg.norm(x)
        frame = np.stack([x, np.cross(up, x), up])
        a, b, _ = ((middle - centre) @ frame.T)[skin].T
        rows = np.stack([2 * a, 2 * b, np.ones_like(a)], axis=1) * size[skin, None]
        found = np.linalg.lstsq(rows, (a * a + b * b) * size[skin], rcond=None)[0]
        centre = centre + found[0] * frame[0] + found[1] * frame[1]
    along = (mesh.vertices - centre) @ frame[2]
    return frame, centre + (along.max() + along.min()) / 2.0 * frame[2]


@dataclass(frozen=True, eq=False)
class Section:
    """The outer line of a turned section: arc length from its middle, its mean radius, and a table to look places up in.

    ``table`` (heights, radii) float32 holds the arc length in mm of the nearest place on the line; its first entry lies at
    ``corner`` (radius, height), its entries ``step`` mm apart.
    """

    length: float
    radius: float
    table: np.ndarray
    corner: tuple[float, float]
    step: float

    def __post_init__(self) -> None:
        for name in ("length", "radius", "step"):
            object.__setattr__(self, name, round(float(getattr(self, name)), 9))
        object.__setattr__(self, "corner", tuple(round(float(part), 9) for part in self.corner))


def section_of(points: np.ndarray, local_frame: np.ndarray, centre: np.ndarray) -> Section:
    """The outer line of a mesh round the z axis of a frame, read from its points (n, 3) as the furthest of each direction."""
    local = (points[:: max(1, len(points) // (4 * _SOME))].astype(np.float64) - centre) @ local_frame.T
    radius, height = np.hypot(local[:, 0], local[:, 1]), local[:, 2]
    middle = np.array([radius.max() + radius.min(), height.max() + height.min()]) / 2.0
    half = np.array([np.ptp(radius), np.ptp(height)]) / 2.0 + 1e-9
    a, b = (radius - middle[0]) / half[0], (height - middle[1]) / half[1]
    slot = ((np.arctan2(b, a) / (2.0 * np.pi)) % 1.0 * _SLOTS).astype(int) % _SLOTS
    far = np.hypot(a, b)
    order = np.lexsort((far, slot))
    last = np.flatnonzero(np.append(slot[order][1:] != slot[order][:-1], True))
    best = order[last]  # the furthest point of each direction that has one
    line = np.stack([radius[best], height[best]], axis=1)
    line = _even(np.concatenate([line, line[:1]]), 401)[:-1]
    perimeter = np.linalg.norm(line - np.roll(line, 1, axis=0), axis=1).sum()
    reach = max(1, round(0.15 / perimeter * 400))
    soft = sum(np.roll(line, k, axis=0) for k in range(-reach, reach + 1)) / (2 * reach + 1)
    tangent = np.roll(soft, -1, axis=0) - np.roll(soft, 1, axis=0)
    leaning = tangent[:, 1] / np.maximum(np.linalg.norm(tangent, axis=1), 1e-12)
    start = int(np.argmax(np.where(np.abs(soft[:, 1] - middle[1]) < 0.25 * half[1], soft[:, 0], -np.inf)))
    up, down = (next((k for k in range(1, 200) if leaning[(start + side * k) % 400] < _STEEP), 199) for side in (1, -1))
    up, down = max(up - reach, 2), max(down - reach, 2)
    return section(soft[np.arange(start - down, start + up + 1) % 400])


def section(line: np.ndarray) -> Section:
    """The Section of an outer line (k, 2) of (radius, height) from its lower to its upper end, mm."""
    line = _even(line, 300)
    edge = np.linalg.norm(np.diff(line, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(edge)])
    low, high = line.min(axis=0) - 1.5, line.max(axis=0) + 1.5
    step = max(0.04, float((high - low).max()) / 250.0)
    r, z = (np.arange(low[k], high[k] + step, step) for k in range(2))
    grid = np.stack(np.meshgrid(r, z), axis=2).reshape(-1, 2)
    nearest = np.concatenate([np.argmin(((part[:, None] - line[None]) ** 2).sum(axis=2), axis=1) for part in np.array_split(grid, 24)])
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    beyond = ((grid - line[nearest]) * tangent[nearest]).sum(axis=1)
    inside = (nearest > 0) & (nearest < len(line) - 1)
    place = arc[nearest] + np.where(inside, np.clip(beyond, -edge.max(), edge.max()), beyond)
    table = (place - arc[-1] / 2.0).astype(np.float32).reshape(len(z), len(r))
    return Section(float(arc[-1]), float(line[:, 0].mean()), table, (float(low[0]), float(low[1])), step)


def _even(line: np.ndarray, count: int) -> np.ndarray:
    """The same line with ``count`` points at even distances along it."""
    reached = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    wanted = np.linspace(0.0, reached[-1], count)
    return np.stack([np.interp(wanted, reached, line[:, k]) for k in range(2)], axis=1)


def face_frame(mesh: Mesh, found: Pose) -> np.ndarray:
    """Frame that looks at a flat body: z towards the beholder (the world's top or front), y as upright as the body allows."""
    local = mesh.vertices[:: max(1, len(mesh.vertices) // _SOME)] - found.centre
    axis = int(np.argmin(np.ptp(local @ found.frame.T, axis=0)))
    look = found.frame[axis] * (1.0 if found.frame[axis] @ (0.1, -1.0, 1.0) > 0 else -1.0)
    upright = np.array([0.0, 0.0, 1.0]) if abs(look[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    sides = [found.frame[(axis + k) % 3] for k in (1, 2)]
    spans = [np.ptp(local @ side) for side in sides]
    if max(spans) > 1.15 * min(spans):  # an oblong piece keeps its own sides
        upright = max(sides, key=lambda side: abs(side @ upright)) * 1.0
        upright *= np.sign(upright @ ((0.0, 0.0, 1.0) if abs(look[2]) < 0.9 else (0.0, 1.0, 0.0))) or 1.0
    up = upright - (upright @ look) * look
    up /= np.linalg.norm(up)
    return np.stack([np.cross(up, look), up, look])


def face_outline(mesh: Mesh, frame: np.ndarray, centre: np.ndarray, size: tuple[float, float]) -> np.ndarray:
    """(h, w) float32 mm from the border of what faces the beholder, positive inside; row 0 is the upper edge of the box."""
    cell = max(max(size) / 320.0, 0.04)
    columns, rows = (max(8, int(np.ceil(side / cell))) for side in size)
    local = (mesh.vertices.astype(np.float64) - centre) @ frame.T
    normal = face_normals(local, mesh.faces)
    front = mesh.faces[normal[:, 2] > 0.5 * np.linalg.norm(normal, axis=1)]
    places = (local[:, :2] / (size[0] / columns, size[1] / rows) + (columns / 2.0 - 0.5, rows / 2.0 - 0.5))[front]
    hit = crossings(np.concatenate([places, np.zeros((*places.shape[:2], 1))], axis=2))
    seen = np.zeros((rows + 2, columns + 2), np.float32)
    inside = (hit.i >= 0) & (hit.i < columns) & (hit.j >= 0) & (hit.j < rows)
    seen[hit.j[inside] + 1, hit.i[inside] + 1] = 1.0
    far = signed_distance(seen, 0.5 * min(columns, rows)) * np.float32(cell)
    return np.ascontiguousarray(far[1:-1, 1:-1][::-1])
