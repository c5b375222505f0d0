"""Which points of a grid lie in the metal of a surface, and where along the grid's lines that surface is passed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import BadInput, Fix
from .arrays import Mesh
from .lines import Hits, crossings

_CELLS = 1.5e6  # cells of a grid nobody asked for: about a second, and as many triangles as a check likes to see
_MOST = 6e7  # cells of a grid that was asked for: about 3 GB
_WHOLE = 4  # a line that ends outside outvotes two that run through a hole
_PAD = 3  # cells of air round the mesh
_ASIDE = 0.37  # of a cell; so that flat sides of the box lie between the points of the grid
Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Inside:
    """A grid with its metal.

    Attributes
    ----------
    metal : (nx, ny, nz) bool
        Points whose winding number is at least one.
    touched : (nx, ny, nz) bool
        Points with a surface between them and a neighbour along an axis.
    hits : three of Hits
        Where the lines along x, y and z meet the surface, in cells; (i, j) run over the next two axes, as in x: (y, z).
    origin : (3,) float, mm
    step : float, mm
    volume : float
        mm³ of metal by the length of the lines inside it, however thin it is; a guess where there are holes.
    parity : bool
        The faces did not agree which side is outside: every second meeting with the surface was taken to lead out.
    torn : float
        Share of the lines that run through holes; of a surface that is torn all over ``metal`` says little.
    """

    metal: np.ndarray
    touched: np.ndarray
    hits: tuple[Hits, ...]
    origin: np.ndarray
    step: float
    volume: float
    parity: bool
    torn: float


def cell_size(mesh: Mesh, cells: float | None = None) -> float:
    """mm of a grid cell that makes ``cells`` of the box of this mesh, by default one and a half million."""
    return float((np.prod(np.ptp(mesh.vertices.astype(np.float64), axis=0) + 1e-3) / (cells or _CELLS)) ** (1 / 3))


def inside(mesh: Mesh, step: float, tell: Tell = lambda share, text: None) -> Inside:
    """The grid of cells of ``step`` mm round a mesh.

    Lines along three axes are followed through the surface, from both ends; where one meets a hole, the others decide. Raises
    BadInput if the mesh is flat or the grid too large.
    """
    low, high = mesh.vertices.min(axis=0).astype(float), mesh.vertices.max(axis=0).astype(float)
    origin = low - (_PAD - _ASIDE) * step
    spans = np.ceil((high - low) / step) + 2 * _PAD + 1
    thin = float((high - low).min())
    if thin <= 0:
        raise BadInput("the mesh is too small or flat to be made solid", field="mesh")
    if thin < step:
        raise BadInput(f"the mesh is {thin:.3g} mm thin, less than a cell of {step:.3g} mm; ask for a finer resolution", field="resolution")
    if float(np.prod(spans)) > _MOST:
        least = float(np.ceil(100.0 * cell_size(mesh, 0.9 * _MOST)) / 100.0)
        raise BadInput(
            f"a resolution of {step:.3g} mm makes {np.prod(spans) / 1e6:,.0f} million cells of this mesh; the limit is {_MOST / 1e6:.0f} million",
            field="resolution", fix=Fix("Coarser Cells", f"--resolution {least:g}"),
        )  # fmt: skip
    shape = tuple(int(n) for n in spans)
    hits = []
    for axis in range(3):
        tell(axis / 6, "following lines through the surface")
        order = [(axis + 1) % 3, (axis + 2) % 3, axis]
        corners = ((mesh.vertices[:, order].astype(np.float64) - origin[order]) / step)[mesh.faces]
        hits.append(crossings(corners))
    parity = _disagree(hits, shape)
    score, touched = np.zeros(shape, np.int8), np.zeros(shape, bool)
    torn = lines = 0
    volume = np.inf  # the least of three: lines that run along a thin plate hit or miss it as a whole
    for axis in range(3):
        tell(0.5 + axis / 6, "following lines through the surface")
        order = [(axis + 1) % 3, (axis + 2) % 3, axis]
        vote, bad, met = _votes(hits[axis], tuple(shape[k] for k in order), touched.transpose(order), parity)
        view = score.transpose(order)
        view += vote
        torn, lines = torn + bad, lines + met
        volume = min(volume, _measure(hits[axis], shape[order[1]], parity) * step**3)
    volume *= lines / max(lines - torn, 1)
    return Inside(score > 0, touched, tuple(hits), origin, step, volume, parity, torn / max(lines, 1))


def _disagree(hits: list[Hits], shape: tuple[int, ...]) -> bool:
    """Whether far more lines end outside by counting meetings than by the sides of the faces."""
    odd = wound = met = 0
    for axis, hit in enumerate(hits):
        width = shape[(axis + 2) % 3]
        line = hit.i * width + hit.j
        size = shape[(axis + 1) % 3] * width
        good = (line >= 0) & (line < size)
        count = np.bincount(line[good], minlength=size)
        total = np.bincount(line[good], np.where(hit.up[good], -1.0, 1.0), size)
        met += int((count > 0).sum())
        odd += int((count % 2).sum())
        wound += int((np.abs(total) > 0.5).sum())
    return wound > 0.05 * met and odd < 0.5 * wound


def _votes(hit: Hits, shape: tuple[int, ...], touched: np.ndarray, parity: bool) -> tuple[np.ndarray, int, int]:
    """(nx, ny, nz) int8, above 0 for metal; how many lines run through a hole, and how many meet anything. Marks ``touched``."""
    nx, ny, nz = shape
    k = np.ceil(hit.z).astype(np.int64)
    good = (hit.i >= 0) & (hit.i < nx) & (hit.j >= 0) & (hit.j < ny) & (k >= 1) & (k < nz)
    i, j, k = hit.i[good], hit.j[good], k[good]
    touched[i, j, k] = True
    touched[i, j, k - 1] = True
    winding = np.zeros((nx, ny, nz), np.int16)
    turn = np.int16(1) if parity else np.where(hit.up[good], -1, 1).astype(np.int16)  # a face that looks up ends the metal
    np.add.at(winding.reshape(-1), (i * ny + j) * nz + k, turn)
    np.cumsum(winding, axis=2, out=winding)
    total = winding[..., -1].copy()
    met = np.zeros((nx, ny), bool)
    met[i, j] = True
    if parity:
        winding &= 1
        torn = (total & 1) != 0
        ahead = winding.view(np.uint16) > 0
        vote = ahead.view(np.int8) * np.int8(2) - np.int8(1)
        vote[torn] = 0
    else:
        torn = total != 0
        vote = (winding > 0).view(np.int8) * np.int8(2) - np.int8(1)
        if torn.any():  # seen from the other end too
            some = winding[torn]
            vote[torn] = (some > 0).view(np.int8) + (some > total[torn][:, None]).view(np.int8) - np.int8(1)
    vote[~torn] *= np.int8(_WHOLE)
    return vote, int((torn & met).sum()), int(met.sum())


def _measure(hit: Hits, width: int, parity: bool) -> float:
    """Length in cells of all lines inside the metal."""
    line = hit.i * width + hit.j
    order = np.lexsort((hit.z, line))
    line, z = line[order], hit.z[order]
    turn = np.ones(len(order)) if parity else np.where(hit.up[order], -1.0, 1.0)
    winding = np.cumsum(turn)
    new = np.flatnonzero(np.append(True, line[1:] != line[:-1])) if len(line) else np.zeros(0, np.int64)
    before = np.append(0.0, winding[:-1])[new]
    count = np.diff(np.append(new, len(line)))
    winding -= np.repeat(before, count)
    last = winding[new + count - 1]
    sound = np.repeat((last % 2 < 0.5) if parity else (last == 0.0), count)  # a line through a hole tells no length
    metal = (winding[:-1] % 2 > 0.5) if parity else (winding[:-1] > 0.5)
    same = line[1:] == line[:-1]
    return float((z[1:] - z[:-1])[metal & same & sound[1:]].sum())


def cuts(grid: Inside, metal: np.ndarray, axis: int) -> np.ndarray:
    """(nx, ny, nz) float32 in (0, 1]: how far from each point to the next along ``axis`` the skin of ``metal`` is; 0 where that is not known.

    Where several surfaces lie between two points the outermost counts.
    """
    order = [(axis + 1) % 3, (axis + 2) % 3, axis]
    hit, body = grid.hits[axis], metal.transpose(order)
    found = np.zeros(metal.shape, np.float32)
    nx, ny, nz = body.shape
    k = np.ceil(hit.z).astype(np.int64)
    some = np.flatnonzero((hit.i >= 0) & (hit.i < nx) & (hit.j >= 0) & (hit.j < ny) & (k >= 1) & (k < nz))
    i, j, k = hit.i[some], hit.j[some], k[some]
    z = hit.z[some]
    written = found.transpose(order)
    for beside in (-1, 1):  # lines of another axis may have set the border a point further
        edge = k + beside
        able = (edge >= 1) & (edge < nz)
        x, y, edge = i[able], j[able], edge[able]
        passed = body[x, y, edge] != body[x, y, edge - 1]
        written[x[passed], y[passed], edge[passed] - 1] = 1e-3 if beside > 0 else 1.0
    enters = body[i, j, k]
    passed = enters != body[i, j, k - 1]
    right = np.ones(len(some), bool) if grid.parity else hit.up[some] != enters
    i, j, k, enters, z, right = (values[passed] for values in (i, j, k, enters, z, right))
    last = np.lexsort((np.where(enters, -z, z), right))  # of several the last one written stays
    written[i[last], j[last], k[last] - 1] = np.maximum(z - (k - 1), 1e-3)[last]
    return found
