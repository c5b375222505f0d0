"""Any mesh made one solid that can be cast: boxes taken off, mended, made alike on both sides, flattened, fitted to a finger, sized."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..errors import BadInput
from ..mesh.arrays import Mesh
from ..mesh.closed import edges
from ..mesh.one_body import one_body, tidied
from ..mesh.quality import Quality, measured
from ..mesh.read import MAX_TRIANGLES
from .body import clean, lighter
from .caps import without_caps
from .finger import fitted, widened
from .params import SolidParams
from .sides import alike, flattened

_SMALL, _LARGE, _GUESS = 4.0, 500.0, 20.0  # mm: beyond, a mesh has no size of its own, and is looked at as if it were 20 mm long
Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Solid:
    """One closed body, and what became of it.

    Attributes
    ----------
    mesh : Mesh
        Closed, wound outward, one body, where the file had it.
    notes : sentences in the order of the work
    exact : bool
        False if the surface was made anew on a grid; what was mended in place, or cut, is exact.
    before, after : Quality
        ``before`` in the units that the mesh came in.
    volume_before : float
        Signed volume of the triangles as they came, mm³; no amount of metal where they were no solid.
    finger_mm : float or None
        Inner diameter of the finger hole that was cut.
    """

    mesh: Mesh
    notes: tuple[str, ...]
    exact: bool
    before: Quality
    after: Quality
    volume_before: float
    finger_mm: float | None


def made(mesh: Mesh, params: SolidParams, tell: Tell = lambda share, text: None) -> Solid:
    """One closed body of ``mesh`` (mm) as ``params`` ask for it. Raises BadInput with the reason where there is none."""
    wanted, diameter = params.size_mm, params.finger_mm
    if len(mesh.faces) == 0:
        raise BadInput("the mesh holds no faces; it cannot be made solid", field="mesh")
    if len(mesh.faces) > MAX_TRIANGLES:
        raise BadInput(f"the mesh has {len(mesh.faces):,} triangles; the limit is {MAX_TRIANGLES:,}, decimate it first", field="mesh")
    tell(0.01, "measuring the mesh")
    plain = Mesh(mesh.vertices, mesh.faces)
    before = measured(plain, wall=False, tell=_part(tell, 0.01, 0.1))
    work, notes = tidied(plain)
    volume_before = work.volume
    work, scale, known = _scaled(work, wanted)
    if params.caps:
        tell(0.11, "looking for the walls of a box")
        work, said = without_caps(work)
        notes += said
    found = one_body(work, _part(tell, 0.12, 0.62), params.resolution)
    body, notes = found.mesh, (*notes, *found.notes)
    if not found.exact:
        tell(0.62, "taking out triangles that tell nothing")
        body = lighter(body, found.step)
    if params.symmetric:
        tell(0.7, "making both sides alike")
        body, said = alike(body, params.symmetric)
        notes += said
    if params.flat:
        tell(0.74, "cutting it flat")
        body, said = flattened(body, params.flat, params.flat_depth)
        notes += said
    finger_mm = None
    if diameter is not None:
        tell(0.78, "fitting the finger hole")
        body, said, finger_mm = fitted(body, diameter, wanted, params.width, known)
        notes += said
    elif params.width is not None:
        tell(0.78, "setting the width")
        body, said = widened(body, params.width)
        notes += said
    if wanted is not None and finger_mm is None:
        body = _about_middle(body, wanted / float(body.size.max()))
    elif finger_mm is None and scale != 1.0:
        body = Mesh(body.vertices / scale, body.faces)
    if params.symmetric or params.flat or diameter is not None:
        tell(0.86, "looking for crossings")
        body = clean(body)
    _whole(body)
    tell(0.92, "measuring the solid")
    after = measured(body, wall=True, tell=_part(tell, 0.92, 1.0))
    return Solid(body, notes, found.exact, before, after, volume_before, finger_mm)


def _part(tell: Tell, low: float, high: float) -> Tell:
    return lambda share, text: tell(low + (high - low) * min(max(share, 0.0), 1.0), text)


def _scaled(mesh: Mesh, wanted: float | None) -> tuple[Mesh, float, bool]:
    """The mesh about as large as it will be, by what it was multiplied, and whether its own size was one that jewelry has."""
    longest = float(mesh.size.max())
    if not longest > 0.0:
        raise BadInput("all corners of the mesh lie in one place; it cannot be made solid", field="mesh")
    known = _SMALL <= longest <= _LARGE
    factor = wanted / longest if wanted is not None else 1.0 if known else _GUESS / longest
    if factor == 1.0:
        return mesh, 1.0, known
    if wanted is not None:
        return _about_middle(mesh, factor), factor, known
    return replace(mesh, vertices=mesh.vertices.astype(np.float64) * factor), factor, known


def _about_middle(mesh: Mesh, factor: float) -> Mesh:
    """The mesh made larger or smaller round the middle of its box."""
    middle = (mesh.vertices.max(axis=0).astype(np.float64) + mesh.vertices.min(axis=0)) / 2.0
    return Mesh(middle + (mesh.vertices - middle) * factor, mesh.faces)


def _whole(body: Mesh) -> None:
    """Refuse to call anything a solid that is none."""
    if not edges(body.faces, len(body.vertices)).sound or body.volume <= 0.0:
        raise BadInput("the mesh could not be made one closed body; ask for another resolution", field="resolution")
