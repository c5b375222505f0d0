"""Where a surface passes through itself: pairs of triangles found by the tree, judged by where each cuts the other's plane."""

from __future__ import annotations

import numpy as np

from .arrays import Mesh
from .tree import Tree
from .vectors import cross, dot, unit, unit_normals

DEPTH = 1e-5  # mm; a corner must stand this far behind a face to count as through it: ten float32 steps at 10 mm
LENGTH = 1e-5  # mm; the line that two triangles share must be this long
FOLD = 1e-3  # sine of the angle under which two triangles at one edge lie flat on each other


def self_intersections(mesh: Mesh, limit: int | None = None) -> np.ndarray:
    """Pairs of faces of ``mesh`` that pass through each other or lie on each other, as (k, 2) int32, each pair once.

    Neighbours (one or two vertices in common, by number) count only if they meet beyond what they share: triangles at a
    common vertex if each crosses the other's plane on the same side of it, triangles at a common edge if folded flat.
    Touching from outside is not counted; going in deeper than ``DEPTH`` over more than ``LENGTH`` is. Faces without area
    are left out. With ``limit`` the search stops at that many pairs.
    """
    vertices = mesh.vertices.astype(np.float64, copy=False)
    if len(mesh.faces) < 2:
        return np.empty((0, 2), np.int32)
    tree = Tree(vertices, mesh.faces)
    normals, usable = unit_normals(vertices, mesh.faces)
    found: list[np.ndarray] = []
    total = 0
    for i, j in tree.pairs():
        whole = usable[i] & usable[j]
        pairs = crossing(vertices, mesh.faces, normals, i[whole], j[whole])
        if len(pairs):
            found.append(pairs)
            total += len(pairs)
            if limit is not None and total >= limit:
                break
    if not found:
        return np.empty((0, 2), np.int32)
    pairs = np.sort(np.concatenate(found), axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))][:limit]


def crossing(vertices: np.ndarray, faces: np.ndarray, normals: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Those pairs of the faces ``i`` and ``j`` that meet; ``normals`` (m, 3) are of unit length."""
    a, b = faces[i], faces[j]
    in_a, in_b = np.zeros((3, len(i)), bool), np.zeros((3, len(i)), bool)  # corners that the other has too
    for k in range(3):
        for n in range(3):
            equal = a[:, k] == b[:, n]
            in_a[k] |= equal
            in_b[n] |= equal
    shared = in_a.sum(axis=0, dtype=np.int8)
    hits = [np.flatnonzero(shared == 3)]
    for count, judge in ((0, _apart), (1, _at_vertex), (2, _at_edge)):
        some = np.flatnonzero(shared == count)
        if len(some):
            lone = count == 2  # turn the corner that is alone of its kind to the front
            p, q = a[some], b[some]
            if count:
                p, q = _turned(p, in_a[:, some] != lone), _turned(q, in_b[:, some] != lone)
            met = some[judge(vertices, normals, i[some], j[some], p, q)]
            hits.append(met if lone else met[_deep(vertices[a[met]], vertices[b[met]], normals[i[met]], normals[j[met]])])
    hit = np.concatenate(hits)
    return np.stack([i[hit], j[hit]], axis=1).astype(np.int32)


def _deep(p: np.ndarray, q: np.ndarray, normal_p: np.ndarray, normal_q: np.ndarray) -> np.ndarray:
    """Whether triangles (k, 3, 3) overlap by more than ``DEPTH`` along every axis that could part them.

    The judges find the line two planes share, which is ill placed where the planes are nearly one; this test is not.
    """
    sides_p, sides_q = np.roll(p, -1, axis=1) - p, np.roll(q, -1, axis=1) - q
    within = [cross(normal_p, sides_p[:, k]) for k in range(3)] + [cross(normal_q, sides_q[:, k]) for k in range(3)]
    between = [cross(sides_p[:, k], sides_q[:, n]) for k in range(3) for n in range(3)]
    # along a normal the other must reach behind the face and may touch it in front; across a face it must reach in
    limits = [(normal_p, DEPTH, -DEPTH), (normal_q, -DEPTH, DEPTH)]
    limits += [(axis, DEPTH, DEPTH) for axis in within] + [(axis, -DEPTH, -DEPTH) for axis in between]
    deep = np.ones(len(p), bool)
    for axis, behind_p, behind_q in limits:
        length = np.sqrt(dot(axis, axis))
        axis = axis / np.maximum(length, 1e-300)[:, None]
        mine, theirs = np.einsum("kcx,kx->kc", p, axis), np.einsum("kcx,kx->kc", q, axis)
        reach_p, reach_q = mine.max(axis=1) - theirs.min(axis=1), theirs.max(axis=1) - mine.min(axis=1)
        flat = (np.ptp(mine, axis=1) < DEPTH) & (np.ptp(theirs, axis=1) < DEPTH) & (np.minimum(reach_p, reach_q) > -DEPTH)
        deep &= ((reach_p > behind_p) & (reach_q > behind_q)) | flat | (length < 1e-12)
    return deep


def _turned(corners: np.ndarray, front: np.ndarray) -> np.ndarray:
    """The corner numbers (k, 3) turned so that the one marked in ``front`` (3, k) stands first."""
    flat = corners.ravel()
    start = 3 * np.arange(len(corners))
    first = front[1] + 2 * front[2].astype(np.int64)
    return np.stack([flat[start + (first + step) % 3] for step in range(3)], axis=1)


def _heights(points: np.ndarray, normal: np.ndarray, on: np.ndarray) -> tuple[np.ndarray, ...]:
    """(k,) distances of each of the corners ``points`` (k, c, 3) from the planes through ``on`` (k, 3)."""
    return tuple(dot(points[:, c] - on, normal) for c in range(points.shape[1]))


def _divided(heights: tuple[np.ndarray, ...]) -> np.ndarray:
    """Whether corners stand on both sides; on the plane itself counts as outside, hence touching is no crossing."""
    behind = [h < -DEPTH for h in heights]
    return np.logical_or.reduce(behind) & ~np.logical_and.reduce(behind)


def _level(heights: tuple[np.ndarray, ...]) -> np.ndarray:
    """Whether all corners lie in the plane."""
    return np.logical_and.reduce([np.abs(h) <= DEPTH for h in heights])


def _apart(vertices: np.ndarray, normals: np.ndarray, i: np.ndarray, j: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Triangles without a common vertex: both must cut the other's plane, and do so over the same piece of their line."""
    result = np.zeros(len(i), bool)
    q = vertices[b]
    hb = _heights(q, normals[i], vertices[a[:, 0]])
    level = _level(hb)
    some = np.flatnonzero(_divided(hb) | level)
    p, q, level = vertices[a[some]], q[some], level[some]
    ha = _heights(p, normals[j[some]], q[:, 0])
    flat = np.flatnonzero(level & _level(ha))
    result[some[flat]] = _overlap_flat(p[flat], q[flat], normals[i[some[flat]]])
    cut = np.flatnonzero(~level & _divided(ha))
    if len(cut):
        line = cross(normals[i[some[cut]]], normals[j[some[cut]]])
        length = np.sqrt(dot(line, line))
        line /= np.maximum(length, 1e-300)[:, None]
        low_a, high_a = _interval(p[cut], np.stack(ha, axis=1)[cut], line)
        low_b, high_b = _interval(q[cut], np.stack(hb, axis=1)[some[cut]], line)
        result[some[cut]] = np.minimum(high_a, high_b) - np.maximum(low_a, low_b) > LENGTH
    return result


def _interval(corners: np.ndarray, heights: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From where to where along ``line`` each triangle cuts the plane that its corners stand ``heights`` over."""
    along = np.einsum("kcx,kx->kc", corners, line)
    height = heights + DEPTH
    behind = height < 0.0
    lone = np.where(behind.sum(axis=1) == 1, behind.argmax(axis=1), (~behind).argmax(axis=1))  # alone on its side
    row = np.arange(len(lone))
    ends = []
    for step in (1, 2):
        other = (lone + step) % 3
        part = height[row, lone] / (height[row, lone] - height[row, other])
        ends.append(along[row, lone] + part * (along[row, other] - along[row, lone]))
    return np.minimum(*ends), np.maximum(*ends)


def _overlap_flat(p: np.ndarray, q: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Triangles in one plane overlap unless a side of one of them parts them (separating axes)."""
    apart = np.zeros(len(p), bool)
    for one, two in ((p, q), (q, p)):
        for k in range(3):
            side = one[:, (k + 1) % 3] - one[:, k]
            axis = cross(normal, side)
            axis /= np.maximum(np.sqrt(dot(axis, axis)), 1e-300)[:, None]
            mine = np.einsum("kcx,kx->kc", one, axis)
            theirs = np.einsum("kcx,kx->kc", two, axis)
            apart |= mine.max(axis=1) <= theirs.min(axis=1) + LENGTH
            apart |= theirs.max(axis=1) <= mine.min(axis=1) + LENGTH
    return ~apart


def _at_vertex(
    vertices: np.ndarray, normals: np.ndarray, i: np.ndarray, j: np.ndarray, a: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Triangles at one vertex, which stands first: the opposite side of each must cross the other's plane, both on one ray from the vertex."""
    result = np.zeros(len(i), bool)
    tip = vertices[a[:, 0]]
    q = vertices[b[:, 1:]]
    hb = _heights(q, normals[i], tip)
    level = _level(hb)
    some = np.flatnonzero(_divided(hb) | level)
    tip, q, level = tip[some], q[some] - tip[some, None], level[some]
    p = vertices[a[some, 1:]] - tip[:, None]
    ha = _heights(p + tip[:, None], normals[j[some]], tip)
    hb = tuple(h[some] for h in hb)
    flat = np.flatnonzero(level & _level(ha))
    result[some[flat]] = _sectors_overlap(p[flat], q[flat], normals[i[some[flat]]])
    cut = np.flatnonzero(_divided(ha) & _divided(hb))
    if len(cut):
        to_a, to_b = _across(p[cut], [h[cut] for h in ha]), _across(q[cut], [h[cut] for h in hb])
        toward = dot(to_a, to_b)
        reach = np.sqrt(np.minimum(dot(to_a, to_a), dot(to_b, to_b)))
        one_line = toward > 0.999 * np.sqrt(dot(to_a, to_a) * dot(to_b, to_b))
        result[some[cut]] = one_line & (reach > LENGTH)
    return result


def _across(side: np.ndarray, heights: list[np.ndarray]) -> np.ndarray:
    """Where a side (k, 2, 3) passes the plane that its two ends stand ``heights`` over."""
    span = heights[0] - heights[1]
    part = np.clip(heights[0] / np.where(span == 0.0, 1.0, span), 0.0, 1.0)
    return side[:, 0] + part[:, None] * (side[:, 1] - side[:, 0])


def _sectors_overlap(p: np.ndarray, q: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Whether the angles at the common vertex overlap, all in one plane: then one has a side, or its middle, in the other."""
    inside = np.zeros(len(p), bool)
    for one, two in ((p, q), (q, p)):
        turn = np.sign(dot(cross(one[:, 0], one[:, 1]), normal))
        for ray in (two[:, 0], two[:, 1], unit(two[:, 0]) + unit(two[:, 1])):
            ray, left, right = unit(ray), unit(one[:, 0]), unit(one[:, 1])
            from_left = dot(cross(left, ray), normal) * turn
            to_right = dot(cross(ray, right), normal) * turn
            inside |= (from_left > FOLD) & (to_right > FOLD)
    return inside


def _at_edge(vertices: np.ndarray, normals: np.ndarray, i: np.ndarray, j: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Triangles at one edge: folded flat if their other corners, which come first, stand on the same side of it, at no angle."""
    result = np.zeros(len(i), bool)
    some = np.flatnonzero(np.abs(dot(normals[i], normals[j])) > 1.0 - FOLD * FOLD)
    foot = vertices[a[some, 1]]
    edge = unit(vertices[a[some, 2]] - foot)
    p, q = vertices[a[some, 0]] - foot, vertices[b[some, 0]] - foot
    p -= dot(p, edge)[:, None] * edge
    q -= dot(q, edge)[:, None] * edge
    lower = np.sqrt(np.minimum(dot(p, p), dot(q, q)))
    result[some] = (dot(p, q) > 0.0) & (lower > LENGTH)
    return result
