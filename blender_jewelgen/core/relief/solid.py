"""Relief on the turned forms as a closed, structured grid: sample, displace, close."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..form.turned import Turned
from ..height.filters import sample as picture_at
from ..mesh.arrays import Mesh
from .fade import ramp, smooth

_BLOCK = 24  # rows worked on at a time, so that temporaries stay in the cache


@dataclass(frozen=True, eq=False)
class Grid:
    """The outer side of a turned form as a grid, ready to be displaced.

    Attributes
    ----------
    radius, height, out, up : (rows,) float32
        Profile in mm and its unit normal (radial, axial).
    angle : (columns,) float64
        Radians round the axis.
    row, column : (rows,) float64, (columns,) float32
        Where each grid row and column lies in the height picture, in 0..1 from its upper left corner.
    rim : (rows,) float32
        mm inside the border of the ornament; below 0 outside it.
    weight : (rows, columns or 1) float32
        How much of the depth a vertex takes: 0 outside the ornament, rising over the fade.
    squeeze, hold : (columns,) float32
        Share of the full profile height, and of the depth, at each column; below 1 only at the rounded ends of a cuff.
    """

    radius: np.ndarray
    height: np.ndarray
    out: np.ndarray
    up: np.ndarray
    angle: np.ndarray
    row: np.ndarray
    column: np.ndarray
    rim: np.ndarray
    weight: np.ndarray
    squeeze: np.ndarray
    hold: np.ndarray


def grid(host: Turned, spacing: float, fade: float) -> Grid:
    """Lay vertices about ``spacing`` mm apart on the outer side; ``fade`` in mm runs the ornament out at its borders.

    The run-out at the ends of a cuff belongs to its shape and is the same for every fade.
    """
    around, _ = host.ornament
    columns = max(48, int(np.ceil(around / spacing / 8)) * 8)
    rows = max(24, int(np.ceil(host.profile_length / spacing)))
    distance = np.linspace(0.0, host.profile_length, rows)
    radius, height = host.along(distance)
    out, up = host.normals(distance)
    start, end = host.zone
    rim = np.minimum(distance - start, end - distance).astype(np.float32)
    weight = ramp(rim, fade)[:, None]
    if host.periodic:
        angle = np.arange(columns) / columns * 2.0 * np.pi
        squeeze = hold = np.ones(columns, np.float32)
        column = np.arange(columns) / columns
    else:
        half = np.deg2rad(host.arc) / 2.0
        angle = np.pi / 2 + np.linspace(-half, half, columns)
        column = np.linspace(0.0, 1.0, columns)
        length = np.deg2rad(host.arc) * host.radius
        ends = np.minimum(column, 1.0 - column) * length
        reach = host.profile_length / 2.0
        squeeze = np.sqrt(np.clip(1.0 - (1.0 - np.clip(ends / reach, 0.0, 1.0)) ** 2, 0.12**2, 1.0))
        hold = smooth((ends - 0.6 * reach) / (0.5 * reach)).astype(np.float32)
        weight = weight * hold[None, :]
    single = [np.asarray(a, np.float32) for a in (radius, height, out, up)]
    row = 1.0 - ((distance - start) / (end - start)).astype(np.float32).astype(np.float64)  # as v in single precision gives it back
    return Grid(*single, angle, row, column.astype(np.float32), rim, weight, squeeze.astype(np.float32), hold)


def ways(layout: Grid) -> np.ndarray:
    """(rows * columns, 3) float32: how far a vertex moves for 1 mm of depth where the ornament stands in full."""
    cosine, sine = np.cos(layout.angle) * layout.hold, np.sin(layout.angle) * layout.hold
    rise = layout.squeeze.astype(np.float64) * layout.hold
    result = np.stack([np.outer(layout.out, cosine), np.outer(layout.out, sine), np.outer(layout.up, rise)], axis=2)
    return result.reshape(-1, 3).astype(np.float32)


def sample(picture: np.ndarray, layout: Grid, periodic: bool) -> np.ndarray:
    """(rows, columns) float32 heights of a picture at the grid's vertices, bilinear, row by row and column by column."""
    low, high, share = _places(layout.column, picture.shape[1], periodic)
    up, down, blend = _places(layout.row, picture.shape[0], False)
    result = np.empty((len(up), len(low)), np.float32)

    def work(start: int) -> None:
        part = slice(start, start + _BLOCK)
        first, last = up[part].min(), down[part].max() + 1
        band = picture[first:last]
        wide = band[:, low]
        wide += (band[:, high] - wide) * share
        upper = wide[up[part] - first]
        upper += (wide[down[part] - first] - upper) * blend[part, None]
        result[part] = upper

    _share_out(work, len(up))
    return result


def _places(position: np.ndarray, count: int, periodic: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower and upper neighbour and blend for positions in 0..1 over ``count`` pixel centres."""
    at = position.astype(np.float64) * count - 0.5
    low = np.floor(at).astype(np.intp)
    share = (at - low).astype(np.float32)
    if periodic:
        return low % count, (low + 1) % count, share
    return np.clip(low, 0, count - 1), np.clip(low + 1, 0, count - 1), share


def displace(layout: Grid, depth: np.ndarray) -> np.ndarray:
    """(rows * columns, 3) float32 vertices in mm; ``depth`` (rows, columns) float32 in mm is along the profile's normal."""
    rows, columns = depth.shape
    cosine, sine = np.cos(layout.angle).astype(np.float32), np.sin(layout.angle).astype(np.float32)
    result = np.empty((rows, columns, 3), np.float32)

    def work(start: int) -> None:
        part = slice(start, start + _BLOCK)
        d = depth[part]
        radius = d * layout.out[part, None]
        radius += layout.radius[part, None]
        np.multiply(radius, cosine, out=result[part, :, 0])
        np.multiply(radius, sine, out=result[part, :, 1])
        z = d * layout.up[part, None]
        z += layout.height[part, None]
        np.multiply(z, layout.squeeze, out=result[part, :, 2])

    _share_out(work, rows)
    return result.reshape(-1, 3)


def normals(vertices: np.ndarray, rows: int, columns: int, periodic: bool) -> np.ndarray:
    """(rows * columns, 3) float32 unit normals of a displaced grid, from central differences along both directions."""
    grid_points = vertices.reshape(rows, columns, 3)
    result = np.empty_like(grid_points)

    def work(start: int) -> None:
        stop = min(start + _BLOCK, rows)
        part = grid_points[start:stop]
        along = np.empty_like(part)
        np.subtract(part[:, 2:], part[:, :-2], out=along[:, 1:-1])
        if periodic:
            along[:, 0], along[:, -1] = part[:, 1] - part[:, -1], part[:, 0] - part[:, -2]
        else:
            along[:, 0], along[:, -1] = part[:, 1] - part[:, 0], part[:, -1] - part[:, -2]
        index = np.arange(start, stop)
        across = grid_points[np.minimum(index + 1, rows - 1)] - grid_points[np.maximum(index - 1, 0)]
        (ax, ay, az), (bx, by, bz) = (tuple(np.moveaxis(v, 2, 0)) for v in (along, across))
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        size = np.sqrt(nx * nx + ny * ny + nz * nz)
        np.maximum(size, np.float32(1e-30), out=size)
        np.divide(1.0, size, out=size)
        for axis, n in enumerate((nx, ny, nz)):
            np.multiply(n, size, out=result[start:stop, :, axis])

    _share_out(work, rows)
    return result.reshape(-1, 3)


def _share_out(work: object, rows: int) -> None:
    """Run ``work(start_row)`` over all blocks on two threads; numpy releases the interpreter lock inside."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(0, rows, _BLOCK)))  # type: ignore[arg-type]


def close(host: Turned, layout: Grid, outside: np.ndarray, relief: np.ndarray, inside: np.ndarray | None = None, cut: float = 0.0) -> Mesh:
    """The closed body of a displaced outer side, the inner side and, on a cuff, two end caps.

    The inner side is left alone but for what ``inside`` (h, w) in [0, 1], as who reads it sees it, cuts ``cut`` mm deep.
    """
    rows, columns = relief.shape
    cosine, sine = np.cos(layout.angle), np.sin(layout.angle)
    skin, depth = (host.inner, 0.0) if inside is None else _engraved(host, layout, inside)
    inner = np.empty((len(skin), columns, 3))
    radius = skin[:, :1] + cut * depth
    inner[..., 0] = radius * cosine
    inner[..., 1] = radius * sine
    inner[..., 2] = skin[:, 1:] * layout.squeeze
    vertices = np.concatenate([outside, inner.reshape(-1, 3).astype(np.float32)])
    loop = rows + len(skin)
    index = np.arange(loop * columns, dtype=np.int32).reshape(loop, columns)
    if host.periodic:
        index = np.concatenate([index, index[:, :1]], axis=1)
    below, above = index, np.roll(index, -1, axis=0)
    a, b, c, d = below[:, :-1].ravel(), below[:, 1:].ravel(), above[:, 1:].ravel(), above[:, :-1].ravel()
    parts = [np.stack([a, b, c], 1), np.stack([a, c, d], 1)]
    if not host.periodic:
        ends = np.stack([np.hypot(*np.moveaxis(outside.reshape(rows, columns, 3)[:, 0, :2], 1, 0)), outside.reshape(rows, columns, 3)[:, 0, 2]], 1)
        cap = _cap(np.concatenate([ends, skin * (1.0, float(layout.squeeze[0]))]))
        parts += [cap * columns, cap[:, ::-1] * columns + (columns - 1)]
    tall = np.concatenate([relief.ravel(), np.zeros(len(skin) * columns, np.float32)])
    return Mesh(vertices, np.concatenate(parts).astype(np.int32), tall)


def _engraved(host: Turned, layout: Grid, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The inner profile (m, 2) with points as dense as those outside where letters stand, and the picture (m, columns) at them.

    Who reads the finger side looks outward: there the angle runs to the left.
    """
    low, high = host.skin
    step = host.profile_length / len(layout.row)
    levels = np.linspace(high, low, max(2, int(np.ceil((high - low) / step)) + 1))
    own = host.inner[(host.inner[:, 1] > high + 0.2 * step) | (host.inner[:, 1] < low - 0.2 * step)]
    dense = np.stack([np.interp(levels, host.inner[::-1, 1], host.inner[::-1, 0]), levels], 1)
    skin = np.concatenate([own[own[:, 1] > high], dense, own[own[:, 1] < low]])
    height, width = inside.shape
    row = (high - skin[:, 1]) / (high - low) * height - 0.5
    column = (1.0 - layout.column.astype(np.float64)) * width - 0.5
    depth = picture_at(inside, column[None, :], row[:, None], host.periodic)
    depth[(skin[:, 1] > high) | (skin[:, 1] < low)] = 0.0
    return skin, depth * layout.hold


def _cap(section: np.ndarray) -> np.ndarray:
    """(k, 3) triangles that fill a section (n, 2), whose points run counter-clockwise."""
    import manifold3d

    return np.asarray(manifold3d.triangulate([np.ascontiguousarray(section, np.float64)]), np.int32)
