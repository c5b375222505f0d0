"""A tree of bounding boxes over triangles, in numpy: which boxes overlap, and what a ray meets first.

Triangles are sorted along a Morton curve; the boxes of 1, 2, 4, … neighbours in that order are the levels of a complete
binary tree, so that no pointers are kept: the children of box i are 2i and 2i + 1 of the next level. A question walks all
its (box, box) or (ray, box) candidates down a level at once; long lists are cut in pieces, which bounds the memory.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .vectors import cross, dot

PIECE = 1 << 18  # candidates that walk down together: their columns stay in the cache
SLACK = 1.0 + 1e-6  # widens the far side of a box, so that rounding never loses a hit on its face


class Tree:
    """Boxes over ``faces`` (m, 3) of ``vertices`` (n, 3).

    ``levels[k]`` is six arrays (min x, y, z, max x, y, z) over the 2**k boxes of level k; ``order`` gives the face of each
    leaf, and is ``m`` on the empty leaves that fill the last level.
    """

    def __init__(self, vertices: np.ndarray, faces: np.ndarray, margin: float = 0.0) -> None:
        self.vertices = vertices.astype(np.float64, copy=False)
        self.faces = faces
        m = len(faces)
        low, high = np.empty((3, m)), np.empty((3, m))
        for axis in range(3):
            column = np.ascontiguousarray(self.vertices[:, axis])
            a, b, c = column[faces[:, 0]], column[faces[:, 1]], column[faces[:, 2]]
            low[axis] = np.minimum(np.minimum(a, b), c) - margin
            high[axis] = np.maximum(np.maximum(a, b), c) + margin
        order = np.argsort(morton(low + high), kind="stable").astype(np.int32)
        depth = max(0, (m - 1).bit_length())
        leaves = np.full((6, 1 << depth), np.inf)
        leaves[3:] = -np.inf
        leaves[:3, :m] = low[:, order]
        leaves[3:, :m] = high[:, order]
        self.order = np.full(1 << depth, m, np.int32)
        self.order[:m] = order
        self.levels = [leaves]
        while self.levels[-1].shape[1] > 1:
            below = self.levels[-1]
            above = np.empty((6, below.shape[1] // 2))
            np.minimum(below[:3, ::2], below[:3, 1::2], out=above[:3])
            np.maximum(below[3:, ::2], below[3:, 1::2], out=above[3:])
            self.levels.append(above)
        self.levels.reverse()

    def pairs(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Pairs of different faces whose boxes overlap, each pair once, in pieces of two equally long arrays."""
        if len(self.faces) < 2:
            return
        zero = np.zeros(1, np.int64)
        work = [(0, zero, zero)]
        while work:
            level, i, j = work.pop()
            if len(i) == 0:
                continue
            if level == len(self.levels) - 1:
                different = i != j
                yield self.order[i[different]], self.order[j[different]]
                continue
            level += 1
            i, j = _children(i, j)
            i, j = self._overlapping(self.levels[level], i, j)
            work += [(level, i[start : start + PIECE], j[start : start + PIECE]) for start in range(0, len(i), PIECE)]

    @staticmethod
    def _overlapping(boxes: np.ndarray, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        for axis in range(3):
            low, high = boxes[axis], boxes[axis + 3]
            keep = low.take(i) <= high.take(j)
            keep &= low.take(j) <= high.take(i)
            keep = np.flatnonzero(keep)
            if len(keep) < len(i):
                i, j = i.take(keep), j.take(keep)
        return i, j

    def rays(
        self, origins: np.ndarray, directions: np.ndarray, limit: float = np.inf, first: float | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """How far each ray travels to the first face it meets, and that face.

        Parameters
        ----------
        origins, directions : (r, 3) float, mm
            Directions need not be of unit length; distances are in their lengths.
        limit : float
            Rays end there. Those that meet nothing get distance inf and face -1.
        first : float, optional
            Length tried first; rays that meet nothing go on to four times the length, and so on. Short rays touch few
            boxes, hence a length near the expected answer saves most of the work. Default: 1/64 of the mesh's diagonal.
        """
        origins = np.asarray(origins, np.float64)
        directions = np.asarray(directions, np.float64)
        distance = np.full(len(origins), np.inf)
        face = np.full(len(origins), -1, np.int64)
        if len(self.faces) == 0 or len(origins) == 0:
            return distance, face
        extent = float(np.linalg.norm(self.levels[0][3:, 0] - self.levels[0][:3, 0]))
        reach = first if first is not None else extent / 64.0
        todo = np.argsort(morton(origins.T))  # neighbours walk the same boxes, which then are in the cache
        near = 0.0
        while len(todo):
            last = reach >= limit or reach >= 4.0 * extent
            far = min(limit, np.inf if last else reach)
            for start in range(0, len(todo), PIECE // 8):
                some = todo[start : start + PIECE // 8]
                distance[some], face[some] = self._nearest(origins[some], directions[some], near, far)
            if last:
                break
            todo = todo[face[todo] < 0]
            near, reach = reach * (1.0 - 1e-9), reach * 4.0
        return distance, face

    def _nearest(self, origins: np.ndarray, directions: np.ndarray, near: float, far: float) -> tuple[np.ndarray, np.ndarray]:
        slope = np.where(np.abs(directions) < 1e-30, 1e-30, directions)  # never 0: no 0 * inf below
        scale = np.ascontiguousarray((1.0 / slope).T)
        shift = np.ascontiguousarray((origins / slope).T)
        down = np.ascontiguousarray(slope.T < 0.0)
        distance = np.full(len(origins), np.inf)
        face = np.full(len(origins), -1, np.int64)
        every = np.arange(len(origins))
        work = [(0, every, np.zeros(len(origins), np.int64))]
        while work:
            level, ray, box = work.pop()
            if level == len(self.levels) - 1:
                self._hit(origins, directions, far, ray, self.order[box], distance, face)
                continue
            level += 1
            ray = np.concatenate([ray, ray])
            box = np.concatenate([box * 2, box * 2 + 1])
            bound = np.minimum(distance, far)
            ray, box = self._meeting(self.levels[level], (scale, shift, down), ray, box, near, bound)
            work += [(level, ray[begin : begin + PIECE], box[begin : begin + PIECE]) for begin in range(0, len(ray), PIECE)]
        return distance, face

    @staticmethod
    def _meeting(
        boxes: np.ndarray, lines: tuple[np.ndarray, ...], ray: np.ndarray, box: np.ndarray, near: float, far: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The candidates whose ray is inside the box somewhere between ``near`` and ``far``: slab test, one axis after another."""
        scale, shift, down = lines
        count = boxes.shape[1]
        enter, leave = np.full(len(ray), near), far.take(ray)
        for axis in range(3):
            factor, back = scale[axis].take(ray), shift[axis].take(ray)
            entry = box + down[axis].take(ray) * count  # a ray that runs down enters through the upper face
            sides = boxes[axis::3].ravel()
            np.maximum(enter, sides.take(entry) * factor - back, out=enter)
            np.minimum(leave, sides.take(np.where(entry < count, box + count, box)) * factor - back, out=leave)
            keep = np.flatnonzero(enter <= leave * SLACK + 1e-12)
            if len(keep) < len(ray):
                ray, box, enter, leave = ray.take(keep), box.take(keep), enter.take(keep), leave.take(keep)
        return ray, box

    def _hit(
        self,
        origins: np.ndarray,
        directions: np.ndarray,
        far: float,
        ray: np.ndarray,
        of_face: np.ndarray,
        distance: np.ndarray,
        face: np.ndarray,
    ) -> None:
        """Write into ``distance`` and ``face`` what the candidate (ray, face) pairs meet (Möller and Trumbore 1997)."""
        real = of_face < len(self.faces)
        ray, of_face = ray[real], of_face[real]
        corners = self.faces[of_face]
        a = self.vertices[corners[:, 0]]
        u, v = self.vertices[corners[:, 1]] - a, self.vertices[corners[:, 2]] - a
        along, offset = directions[ray], origins[ray] - a
        p = cross(along, v)
        q = cross(offset, u)
        determinant = dot(u, p)
        with np.errstate(divide="ignore", invalid="ignore"):
            s, t, length = dot(offset, p) / determinant, dot(along, q) / determinant, dot(v, q) / determinant
            inside = (s >= -1e-9) & (t >= -1e-9) & (s + t <= 1.0 + 1e-9) & (length > 0.0) & (length <= far)
        ray, of_face, length = ray[inside], of_face[inside], length[inside]
        nearest_last = np.argsort(-length, kind="stable")  # of several writes to one place the last stays
        ray, of_face, length = ray[nearest_last], of_face[nearest_last], length[nearest_last]
        better = length < distance[ray]
        distance[ray[better]] = length[better]
        face[ray[better]] = of_face[better]


def morton(points: np.ndarray) -> np.ndarray:
    """(m,) uint64 keys of (3, m) points: 21 bits of each axis, interleaved; near in key is near in space."""
    low = points.min(axis=1, keepdims=True, initial=0.0) if points.shape[1] == 0 else points.min(axis=1, keepdims=True)
    span = max(float((points - low).max(initial=0.0)), 1e-300)
    key = np.zeros(points.shape[1], np.uint64)
    for axis in range(3):
        x = ((points[axis] - low[axis]) * ((2**21 - 1) / span)).astype(np.uint64)
        for shift, mask in (
            (32, 0x1F00000000FFFF),
            (16, 0x1F0000FF0000FF),
            (8, 0x100F00F00F00F00F),
            (4, 0x10C30C30C30C30C3),
            (2, 0x1249249249249249),
        ):
            x = (x | (x << np.uint64(shift))) & np.uint64(mask)
        key |= x << np.uint64(axis)
    return key


def _children(i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of children of the pairs (i, j) of boxes; of a box with itself three, so that no pair comes twice."""
    same = i == j
    k = i[same] * 2
    i, j = i[~same] * 2, j[~same] * 2
    first = np.concatenate([k, k, k + 1, i, i, i + 1, i + 1])
    second = np.concatenate([k, k + 1, k + 1, j, j + 1, j, j + 1])
    return first, second
