"""Words to metal in one walk: form, pattern, relief, checks. Panel, command line, farm and Python all call this.

The walk is handed two plain functions: *ask* has an engine draw a height, *tell* hears of progress and may raise
Cancelled. Nothing is written here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from . import manufacture
from .errors import BadInput
from .form.params import FormParams, complete
from .form.plate import Plate, plate
from .form.turned import Turned, turned
from .height.detail import detail_mm
from .library import table
from .mesh.arrays import Mesh
from .mesh.checks import Measured, check, find
from .mesh.normals import vertex_normals
from .mesh.weight import limits, weight_g
from .pattern.strip import Plate as Face
from .pattern.strip import Strip
from .recipe import Recipe
from .relief import assemble, generic, mapping
from .relief.budget import budget, metal_under
from .relief.lift import bare, lift, lift_mesh, spacing_of, tooled
from .relief.params import TECHNIQUES
from .relief.quality import judge
from .relief.surface import laid, pitch_of, surface_of
from .report import Report
from .words.design import Design

Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Order:
    """What an engine is asked to draw: the design, the flat surface in mm, the seed."""

    engine: str
    design: Design
    surface: Strip | Face
    seed: int


@dataclass(frozen=True, eq=False)
class Answer:
    """What an engine drew: (rows, columns) float32 in [0, 1], its credit, and the motifs it did not know."""

    picture: np.ndarray
    credit: dict[str, str]
    missing: tuple[str, ...] = ()


Ask = Callable[[Order, Tell], Answer]


@dataclass(frozen=True, eq=False)
class Shaped:
    """A piece that can be looked at.

    ``picture`` is the pattern as drawn, ``ready`` as a tool leaves it; ``pitch`` mm a pixel; ``depth`` mm, below 0 cut in;
    ``raised`` the dense body in the host's own frame.
    """

    recipe: Recipe
    host: Turned | Plate | Mesh
    where: mapping.Mapping | None
    picture: np.ndarray
    ready: np.ndarray
    pitch: float
    depth: float
    raised: Mesh
    notes: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def mesh(self) -> Mesh:
        """The dense piece for pictures."""
        return assemble.looking(self.host, self.raised)


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece that can be made: the reduced, closed mesh as it is written, and the report on the nominal one."""

    shaped: Shaped
    mesh: Mesh
    report: Report


def run(recipe: Recipe, ask: Ask, tell: Tell, picture: np.ndarray | None = None, mesh: Mesh | None = None) -> Piece:
    """The whole walk; see ``shape`` and ``make``."""
    return make(shape(recipe, ask, tell, picture, mesh), tell)


def form_host(form: FormParams, sunk: bool = False) -> Turned | Plate:
    """The host of completed parameters, ``sunk`` if it is to be cut into; not for imported meshes."""
    return turned(form) if table("forms")["forms"][form.form]["surface"] == "turned" else plate(form, sunk)


def shape(recipe: Recipe, ask: Ask, tell: Tell, picture: np.ndarray | None = None, mesh: Mesh | None = None) -> Shaped:
    """Form, pattern and relief.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1], optional
        A height to use instead of an engine's.
    mesh : Mesh, optional
        The body to ornament where ``recipe.form.form`` is "mesh"; closed, in mm.

    Raises BadInput where the parameters exclude each other.
    """
    clock = _Clock()
    relief = recipe.relief
    recipe = replace(recipe, form=complete(recipe.form))
    if recipe.form.form == "mesh":  # our own forms are there at once, or refused before anything is said
        tell(0.02, "preparing the mesh")
    host, where, notes = _host(recipe, mesh)
    rules = limits(recipe.make.process)
    depth = budget(relief.depth or recipe.design.depth, recipe.design.technique, host, recipe.form, rules.min_wall_mm or 0.0, rules.process)
    clock.lap("form")
    surface = surface_of(host if where is None or (isinstance(host, Turned) and where.kind == "toroidal") else where, relief.pixels)
    if picture is None:
        answer = ask(Order(recipe.make.engine, recipe.design, surface, recipe.make.seed), lambda share, text: tell(0.05 + 0.3 * share, text))
        picture, credit = answer.picture, answer.credit
        if not np.isfinite(picture).all():
            raise BadInput("the engine drew a picture with numbers that are not finite; try another seed", field="engine")
        if answer.missing:
            notes += (f"no motif is known for {', '.join(answer.missing)}",)
    else:
        picture, said = laid(picture, surface)
        notes, credit = (*notes, *said), {"name": "picture", "revision": "", "licence": ""}
    clock.lap("pattern")
    tell(0.4, "raising the relief")
    pitch = pitch_of(surface, picture)
    wraps = isinstance(surface, Strip) and surface.periodic
    if isinstance(host, Mesh):
        assert where is not None
        ready = tooled(picture, relief, pitch, float(np.median(generic.edge_lengths(host))), wraps)
        lifted = lift_mesh(host, where, ready, depth.depth, relief)
        raised, notes = lifted.mesh, (*notes, *lifted.notes)
    else:
        ready = tooled(picture, relief, pitch, spacing_of(relief, max(host.ornament)), wraps)
        raised = lift(host, where, ready, depth.depth, relief)
    clock.lap("relief")
    notes = tuple(note for note in (*recipe.design.notes, *notes, depth.note) if note)
    return Shaped(replace(recipe, engine=credit), host, where, picture, ready, pitch, depth.depth, raised, notes, clock.laps)


def make(shaped: Shaped, tell: Tell) -> Piece:
    """Reduce for print, check, weigh, and apply the allowances of ``--manufacture``."""
    clock = _Clock(shaped.seconds)
    recipe, host = shaped.recipe, shaped.host
    tell(0.5, "reducing the mesh for print")
    tolerance = recipe.relief.tolerance if recipe.relief.density == "print" else 0.0
    nominal = assemble.making(host, shaped.raised, tolerance)
    clock.lap("reduce")
    tell(0.65, "checking")
    report = _report(shaped, nominal, clock)
    written = nominal
    if recipe.make.manufacture:
        tell(0.7, "adding what casting and polishing take")
        rules = limits(recipe.make.manufacture)
        skin = 0.0 if isinstance(host, Mesh) else rules.polishing_mm  # a bought mesh has no parameters to add metal to
        inner = getattr(host, "inner_diameter", None)
        if skin:
            larger = form_host(manufacture.enlarged(recipe.form, inner, skin), shaped.depth < 0)
            written = assemble.making(larger, lift(larger, shaped.where, shaped.ready, shaped.depth, recipe.relief), tolerance)
        written = Mesh(written.vertices * (1.0 + rules.shrinkage), written.faces)
        report = replace(report, manufactured=manufacture.facts(rules, skin, tuple(written.size), inner, written.volume))
        clock.lap("manufacture")
    return Piece(shaped, written, replace(report, seconds=dict(clock.laps)))


def _host(recipe: Recipe, mesh: Mesh | None) -> tuple[Turned | Plate | Mesh, mapping.Mapping | None, tuple[str, ...]]:
    form, kind = recipe.form, recipe.relief.mapping
    if form.form == "mesh":
        if mesh is None:
            raise BadInput("form mesh needs a mesh file; say --mesh FILE", field="mesh")
        spacing = spacing_of(recipe.relief, 4.0 * float(mesh.size.max()))
        if kind == "uv" and mesh.uv is not None:
            fine, place, owner = generic.refine_textured(mesh, spacing)
            where = mapping.of_mesh(fine, kind, place, recipe.relief.repeat, owner)
        else:
            fine = generic.refine(mesh, spacing)
            where = mapping.of_mesh(fine, kind, repeat=recipe.relief.repeat)
        return fine, where, (f"mapping {where.kind}: {where.reason}",)
    host = form_host(form, not TECHNIQUES[recipe.design.technique][1])
    if isinstance(host, Turned):
        return host, mapping.of_host(host, kind), ()
    if kind in ("auto", "planar"):
        return host, None, ()
    return host, None, (f"mapping {kind} is for round bodies; the face of a {form.form} is flat, so planar was used",)


def _report(shaped: Shaped, mesh: Mesh, clock: _Clock) -> Report:
    recipe, host, design = shaped.recipe, shaped.host, shaped.recipe.design
    pair = isinstance(host, Plate) and host.pair
    periodic = isinstance(host, Turned) and host.periodic
    ridge, groove = detail_mm(shaped.ready, shaped.pitch, periodic)
    left = None if isinstance(host, Mesh) else metal_under(host, recipe.form) + min(0.0, shaped.depth) * float(shaped.ready.max())
    fine = Measured(wall_mm=left, engraving_mm=groove) if shaped.depth < 0 else Measured(wall_mm=left, detail_mm=ridge)
    checks = check(mesh, recipe.make.process, metal=design.metal, expected_bodies=2 if pair else 1, measured=fine)
    thin = find(checks, "min-wall").value
    volume = mesh.volume
    inner = getattr(host, "inner_diameter", None)
    clock.lap("checks")
    return Report(
        form=recipe.form.form,
        metal=design.metal,
        watertight=bool(find(checks, "closed").ok),
        bodies=int(find(checks, "bodies").value),
        triangles=len(mesh.faces),
        size_mm=tuple(round(float(v), 4) for v in mesh.size),  # type: ignore[arg-type]
        inner_diameter_mm=round(inner, 4) if inner else None,
        volume_mm3=round(volume, 3),
        weight_g=round(weight_g(volume, design.metal), 3),
        min_wall_mm=round(thin, 4) if thin is not None else None,
        seam_error_mm=seam_error(shaped.ready, abs(shaped.depth)) if periodic else 0.0,
        mapping=_mapping(shaped),
        checks=checks,
        process=recipe.make.process,
        words_unknown=design.unknown,
        notes=shaped.notes,
        engine=recipe.engine.get("name", ""),
        seed=recipe.make.seed,
        version=recipe.version,
    )


def _mapping(shaped: Shaped) -> dict[str, object]:
    """How the pattern lies on the bare form: kind, reason, seam, mirrored share, stretch."""
    host, where = shaped.host, shaped.where
    if where is None:
        return {"kind": "planar", "reason": "a flat face: the pattern is laid on it as it is drawn", "seam_triangles": 0, "mirrored": 0.0, "anisotropy_p95": 1.0}
    plain = host if isinstance(host, Mesh) else bare(host, 0.25)
    found = judge(where, plain, vertex_normals(plain.vertices, plain.faces), shaped.recipe.relief.fade)
    facts: dict[str, object] = {"kind": where.kind, "reason": where.reason}
    if found:
        facts |= {"seam_triangles": found.seam_triangles, "mirrored": round(found.mirrored, 5), "anisotropy_p95": round(found.anisotropy_p95, 4)}
    return facts


def seam_error(picture: np.ndarray, depth: float) -> float:
    """mm by which the step from the last column to the first exceeds the largest step between neighbours inside."""
    inside = np.abs(np.diff(picture, axis=1)).max(initial=0.0)
    across = np.abs(picture[:, 0] - picture[:, -1]).max(initial=0.0)
    return round(max(0.0, float(across - inside)) * depth, 6)


class _Clock:
    """Seconds of each step since the one before."""

    def __init__(self, laps: dict[str, float] | None = None) -> None:
        self.laps = dict(laps or {})
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 4)
        self._last = now
