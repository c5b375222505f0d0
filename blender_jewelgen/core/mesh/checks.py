"""Can this piece be cast? Each rule gives one Check; a failing one says what to change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..report import Check
from .arrays import Mesh
from .closed import EdgeReport, bodies, edges, flat
from .intersect import self_intersections
from .thickness import wall
from .vectors import cross, dot
from .weight import Limits, limits, weight_g

CROSSINGS = 1000  # pairs after which the search for self-intersections stops: the piece has failed long before
TRIVIAL_G = 0.01  # grams; a piece lighter than this is a slip of units

_ROUNDED = 1e-6  # mm; a wall made to the limit is not thinner than it by rounding
_SEEN = 1e-3  # mm; what is measured on pixels is not known better


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the maker of a piece knows better than a measurement of its triangles; None is measured or left open."""

    wall_mm: float | None = None  # least metal left; known exactly on structured forms, infinite where there are only wires
    wire_mm: float | None = None  # narrowest wire, or bar between two openings
    detail_mm: float | None = None  # narrowest raised line of the pattern
    engraving_mm: float | None = None  # narrowest groove of the pattern
    cut_mm: float | None = None  # how deep it is
    crossings: int | None = None  # pairs of faces through each other; 0 if impossible by construction


def check(
    mesh: Mesh,
    process: str | Limits = "lost-wax",
    *,
    metal: str,
    expected_bodies: int = 1,
    measured: Measured = Measured(),
    samples: int = 20_000,
    seed: int = 0,
) -> tuple[Check, ...]:
    """Judge ``mesh`` (mm) for a process, by key or by own limits.

    Returns the rules in the order of importance: closed, outward, bodies, flat-faces, self-intersections, min-wall,
    min-detail, min-engraving-width, volume, weight, size; after min-detail min-wire, and after min-engraving-width
    min-engraving-depth, where the piece has wires or is engraved. Wall and volume of a mesh with holes mean nothing and are left
    open (``ok`` None), as is what was neither measured nor handed in. BadInput for an unknown process or metal.
    """
    rules = process if isinstance(process, Limits) else limits(process)
    weight_g(0.0, metal)  # refuses an unknown metal before the long work
    joined = edges(mesh.faces, len(mesh.vertices))
    volume = mesh.volume
    count, label = bodies(mesh.faces, len(mesh.vertices))
    solid = joined.closed and len(mesh.faces) > 0
    return (
        _closed(joined),
        _outward(mesh, joined, count, label),
        _bodies(count, expected_bodies),
        _flat(mesh),
        _crossings(mesh, measured.crossings),
        _wall(mesh, solid, rules.min_wall_mm, measured.wall_mm, samples, seed),
        _least("min-detail", measured.detail_mm, rules.min_detail_mm, "make the motifs larger, or repeat them fewer times", slack=_SEEN),
        *_where("min-wire", measured.wire_mm, rules.min_wire_mm, "take thicker wire, or wider bars between the openings"),
        _least("min-engraving-width", measured.engraving_mm, rules.min_engraving_width_mm, "widen the grooves, or use fewer", slack=_SEEN),
        *_where("min-engraving-depth", measured.cut_mm, rules.min_engraving_depth_mm, "cut deeper (--depth)", short="the cut is", what="shallow"),
        _volume(solid, volume),
        _weight(solid, volume, metal, rules.max_weight_g),
        _size(mesh, rules.build_mm),
    )


def find(checks: tuple[Check, ...], name: str) -> Check:
    """The check of that name; KeyError if there is none."""
    for c in checks:
        if c.name == name:
            return c
    raise KeyError(name)


def _closed(joined: EdgeReport) -> Check:
    wrong = joined.open + joined.non_manifold + joined.degenerate
    hint = ""
    if joined.edges == 0:
        wrong, hint = 1, "the mesh has no faces: choose a file that holds a surface"
    elif wrong:
        hint = (
            f"{joined.open} open and {joined.non_manifold} crowded edges, {joined.degenerate} collapsed faces: "
            "close the holes, or give the file to make --mesh, which rebuilds it as one solid"
        )
    return Check("closed", wrong == 0, wrong, 0, "edges", hint)


def _outward(mesh: Mesh, joined: EdgeReport, count: int, label: np.ndarray) -> Check:
    if joined.flipped:
        return Check("outward", False, joined.flipped, 0, "edges", "make all face normals point outward (recalculate normals)")
    wrong = int(inside_out(mesh, count, label).sum())
    hint = f"{wrong} of {count} parts inside out: turn their faces over (flip normals)" if wrong else ""
    return Check("outward", wrong == 0, wrong, 0, "parts", hint)


def inside_out(mesh: Mesh, count: int, label: np.ndarray) -> np.ndarray:
    """(count,) bool: bodies with negative volume that do not lie within the box of another, as a hollow's inner skin does."""
    corners = mesh.vertices.astype(np.float64, copy=False)
    a, b, c = (corners[mesh.faces[:, k]] for k in range(3))
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2.0 if len(corners) else np.zeros(3)
    volume = np.bincount(label, dot(a - middle, cross(b - middle, c - middle)), minlength=count)
    wrong = volume < 0.0
    if count > 1 and wrong.any():
        order = np.argsort(label, kind="stable")
        starts = np.searchsorted(label[order], np.arange(count))
        low = np.minimum.reduceat(np.minimum(np.minimum(a, b), c)[order], starts)
        high = np.maximum.reduceat(np.maximum(np.maximum(a, b), c)[order], starts)
        for part in np.flatnonzero(wrong):
            around = (low < low[part]).all(axis=1) & (high > high[part]).all(axis=1) & ~wrong
            wrong[part] = not around.any()
    return wrong


def _bodies(count: int, expected: int) -> Check:
    hint = ""
    if count > expected:
        hint = f"{count - expected} loose part(s) would fall off: join them to the piece, or add a ground under the pattern"
    elif count < expected:
        hint = f"{expected - count} part(s) are missing: were they merged, or left out of the file?"
    return Check("bodies", count == expected, count, expected, "", hint)


def _flat(mesh: Mesh) -> Check:
    count = int(flat(mesh.vertices, mesh.faces).sum()) if len(mesh.faces) else 0
    hint = "remove faces without area (merge by distance, or decimate with a small tolerance)" if count else ""
    return Check("flat-faces", count == 0, count, 0, "faces", hint)


def _crossings(mesh: Mesh, known: int | None) -> Check:
    count = known if known is not None else len(self_intersections(mesh, limit=CROSSINGS))
    hint = "the surface passes through itself: lower the depth, or rebuild the file as one solid" if count else ""
    return Check("self-intersections", count == 0, count, 0, "face pairs", hint)


def _wall(mesh: Mesh, solid: bool, limit: float | None, known: float | None, samples: int, seed: int) -> Check:
    least, where = known, ""
    if known is None and solid:
        found = wall(mesh, samples, seed)
        if len(found.thickness):
            least = found.minimum
            where = " at x {:.1f}, y {:.1f}, z {:.1f} mm".format(*found.thinnest)
    return _least("min-wall", least, limit, f"thicken the piece{where}, or lower the depth", short="the metal is")


def _where(name: str, value: float | None, limit: float | None, mend: str, short: str = "the narrowest is", what: str = "thin") -> tuple[Check, ...]:
    """A rule for pieces of its own kind only: none where nothing was measured."""
    return () if value is None else (_least(name, value, limit, mend, short, what),)


def _least(
    name: str, value: float | None, limit: float | None, mend: str, short: str = "the narrowest is", what: str = "thin", slack: float = _ROUNDED
) -> Check:
    if value is None or limit is None or not np.isfinite(value):
        return Check(name, None, value, limit, "mm", "not measured")
    ok = value >= limit - slack
    return Check(name, ok, float(value), limit, "mm", "" if ok else f"{short} {limit - value:.2g} mm too {what}: {mend}")


def _volume(solid: bool, volume: float) -> Check:
    if not solid:
        return Check("volume", None, None, 0.0, "mm³", "a surface with holes has no volume: close it first")
    hint = "" if volume > 0.0 else "the piece encloses no metal: turn its faces outward, or choose another file"
    return Check("volume", volume > 0.0, volume, 0.0, "mm³", hint)


def _weight(solid: bool, volume: float, metal: str, limit: float | None) -> Check:
    if not solid:
        return Check("weight", None, None, limit, "g", "a surface with holes has no weight: close it first")
    weight = weight_g(volume, metal)
    hint = ""
    if limit is not None and weight > limit:
        hint = f"{weight - limit:.3g} g too heavy: make it smaller or hollow, or choose a lighter metal"
    elif weight < TRIVIAL_G:
        hint = "next to nothing: is the file in metres or inches? (--scale)"
    return Check("weight", not hint, weight, limit, "g", hint)


def _size(mesh: Mesh, build: tuple[float, float, float] | None) -> Check:
    size = tuple(float(x) for x in mesh.size)
    if build is None:
        return Check("size", None, size, None, "mm", "not measured")
    over = np.sort(size) - np.sort(build)  # a piece may be turned before it is made
    hint = f"{over.max():.3g} mm too long for the process: make it smaller, or in parts" if over.max() > 0 else ""
    return Check("size", not hint, size, build, "mm", hint)
