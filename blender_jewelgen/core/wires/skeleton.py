"""Middle lines of a mask: thinned to one pixel, followed as chains, joined straight on where chains meet."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # (row, column), clockwise from above


def thinned(mask: np.ndarray, periodic: bool = False) -> np.ndarray:
    """(rows, columns) bool lines one pixel wide with the mask's shape (Zhang and Suen 1984, by a table of the eight neighbours)."""
    lines = np.zeros((mask.shape[0] + 2, mask.shape[1]), bool)
    lines[1:-1] = mask
    if not periodic:
        lines = np.pad(lines, ((0, 0), (1, 1)))
    while True:
        before = int(lines.sum())
        for table in _TABLES:
            lines &= ~table[_code(lines)]
        if int(lines.sum()) == before:
            break
    return lines[1:-1] if periodic else lines[1:-1, 1:-1]


def _code(lines: np.ndarray) -> np.ndarray:
    """(rows, columns) uint8: the eight neighbours of each pixel as bits."""
    small = lines.view(np.uint8)
    total = np.zeros_like(small)
    for bit, (r, c) in enumerate(_AROUND):
        total |= np.roll(small, (-r, -c), (0, 1)) << np.uint8(bit)
    return total


def _table(second: bool) -> np.ndarray:
    """(256,) bool: patterns of neighbours with which a pixel goes in the first or second half step."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    count = bits.sum(axis=1)
    rises = ((bits == 0) & (np.roll(bits, -1, axis=1) == 1)).sum(axis=1)
    up, right, down, left = bits[:, 0], bits[:, 2], bits[:, 4], bits[:, 6]
    free = (up * right * left == 0) & (up * down * left == 0) if second else (up * right * down == 0) & (right * down * left == 0)
    return (count >= 2) & (count <= 6) & (rises == 1) & free


_TABLES = (_table(False), _table(True))


def chains(lines: np.ndarray, periodic: bool = False) -> list[tuple[np.ndarray, bool, tuple[int, int]]]:
    """Chains of pixels between meetings and ends.

    Each is (n, 2) float (column, row), columns running on beyond the picture where it is periodic; whether it is closed; and
    the numbers of the meetings at its two ends, -1 for none. A chain that ends in a meeting ends at the meeting's middle.
    """
    columns = lines.shape[1]
    pixels = {(int(r), int(c)) for r, c in np.argwhere(lines)}

    def around(p: tuple[int, int]) -> list[tuple[int, int]]:
        # a diagonal step counts only where no straight one leads there
        near = [(p[0] + r, (p[1] + c) % columns if periodic else p[1] + c) for r, c in _AROUND]
        return [q for k, q in enumerate(near) if q in pixels and (k % 2 == 0 or not (near[k - 1] in pixels or near[(k + 1) % 8] in pixels))]

    beside = {p: around(p) for p in pixels}
    number: dict[tuple[int, int], int] = {}
    middles: list[np.ndarray] = []
    for p in sorted(q for q, near in beside.items() if len(near) > 2):
        if p in number:
            continue
        cluster, open_ = [p], [(p, np.zeros(2))]
        number[p], places = len(middles), [np.array([p[1], p[0]], float)]
        while open_:
            q, shift = open_.pop()
            for n in beside[q]:
                if len(beside[n]) > 2 and n not in number:
                    number[n] = len(middles)
                    step = _step(q, n, columns if periodic else 0)
                    cluster.append(n)
                    places.append(places[0] + shift + step)
                    open_.append((n, shift + step))
        middles.append(np.mean(places, axis=0))
    return list(_walks(beside, number, middles, columns if periodic else 0))


def _step(p: tuple[int, int], q: tuple[int, int], period: int) -> np.ndarray:
    """(column, row) from one pixel to its neighbour."""
    across = q[1] - p[1]
    if period and abs(across) > 1:
        across -= int(np.sign(across)) * period
    return np.array([across, q[0] - p[0]], float)


def _walks(
    beside: dict[tuple[int, int], list[tuple[int, int]]], number: dict[tuple[int, int], int], middles: list[np.ndarray], period: int
) -> Iterable[tuple[np.ndarray, bool, tuple[int, int]]]:
    done: set[tuple[int, int]] = set()

    def walk(p: tuple[int, int], q: tuple[int, int]) -> tuple[list[np.ndarray], tuple[int, int], tuple[int, int]]:
        """Places from p by way of q until a meeting, an end, or p again; the last pixel and the one before."""
        places = [np.array([p[1], p[0]], float)]
        while True:
            places.append(places[-1] + _step(p, q, period))
            if q in number or q in done:
                return places, q, p
            done.add(q)
            ahead = [n for n in beside[q] if n != p]
            if not ahead:
                return places, q, p
            p, q = q, ahead[0]

    def to_middle(place: np.ndarray, node: int) -> np.ndarray:
        middle = middles[node].copy()
        if period:
            middle[0] += round((place[0] - middle[0]) / period) * period
        return middle

    pairs: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    for p in sorted(number):
        for q in beside[p]:
            if q in number or q in done or (p, q) in pairs:
                continue
            places, last, before = walk(p, q)
            pairs.add((last, before))
            places[0] = to_middle(places[0], number[p])
            end = number.get(last, -1)
            if end >= 0:
                places[-1] = to_middle(places[-1], end)
            yield np.array(places), False, (number[p], end)
    for p in sorted(beside):
        if p in done or p in number or len(beside[p]) != 1:
            continue
        done.add(p)
        places, _, _ = walk(p, beside[p][0])
        yield np.array(places), False, (-1, -1)
    for p in sorted(beside):
        if p in done or p in number or len(beside[p]) != 2:
            continue
        done.add(p)
        places, _, _ = walk(p, beside[p][0])
        yield np.array(places[:-1]), True, (-1, -1)


def straight_on(parts: list[tuple[np.ndarray, bool, tuple[int, int]]], reach: int) -> list[tuple[np.ndarray, bool]]:
    """Chains joined where they meet, each with the one that carries on its direction best, so that a stem is one line."""
    ends: dict[int, list[tuple[int, int]]] = {}
    for i, (points, closed, nodes) in enumerate(parts):
        if not closed:
            for side, node in enumerate(nodes):
                if node >= 0 and len(points) > 1:
                    ends.setdefault(node, []).append((i, side))
    mate: dict[tuple[int, int], tuple[int, int]] = {}
    for meeting in ends.values():
        way = {e: _direction(parts[e[0]][0], e[1], reach) for e in meeting}
        fits = sorted((float(way[a] @ way[b]), a, b) for k, a in enumerate(meeting) for b in meeting[k + 1 :])
        for fit, a, b in fits:  # -1: straight on
            if fit < -0.7 and a not in mate and b not in mate:
                mate[a], mate[b] = b, a
    joined: list[tuple[np.ndarray, bool]] = [(points, True) for points, closed, _ in parts if closed]
    used: set[int] = set()
    for begin in (True, False):  # first those with a loose end, then rings of chains
        for i, (_, closed, _) in enumerate(parts):
            if closed or i in used:
                continue
            loose = [side for side in (0, 1) if (i, side) not in mate]
            if begin and not loose:
                continue
            first = (1 - loose[0]) if loose else 1  # the side by which the first chain is left
            line, at, side = [], i, first
            while True:
                used.add(at)
                piece = parts[at][0] if side == 1 else parts[at][0][::-1]
                if line:
                    piece = piece - (piece[0] - line[-1][-1])  # the same place, perhaps a period away
                    piece = piece[1:]
                if len(piece):
                    line.append(piece)
                following = mate.get((at, side))
                if following is None or following[0] in used:
                    break
                at, side = following[0], 1 - following[1]
            whole = np.concatenate(line)
            ring = following == (i, 1 - first) and len(whole) > 3
            joined.append((whole[:-1] if ring else whole, ring))
    return joined


def _direction(points: np.ndarray, side: int, reach: int) -> np.ndarray:
    """Unit vector away from the end ``side`` (0 the first) of a chain."""
    far = min(reach, len(points) - 1)
    way = points[far] - points[0] if side == 0 else points[-1 - far] - points[-1]
    return way / max(float(np.linalg.norm(way)), 1e-9)
