"""Words to metal in one walk: form, pattern, relief, checks. Panel, command line, farm and Python all call this.

The walk is handed two plain functions: *ask* has an engine draw a height, *tell* hears of progress and may raise
Cancelled. Nothing is written here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from .errors import BadInput, Fix
from .form.params import FormParams, complete
from .form.plate import Plate, plate
from .form.turned import Turned, turned
from .height.detail import detail_mm
from .height.filters import blur
from .library import table
from .mesh.arrays import Mesh
from .mesh.checks import Measured, check, find
from .mesh.weight import limits, weight_g
from .pattern.strip import Plate as PlateSurface
from .pattern.strip import Strip
from .recipe import Recipe
from .relief import assemble, generic, mapping, solid
from .relief.params import DENSITIES, TECHNIQUES
from .relief.plate import raise_plate
from .report import Report
from .words.design import Design

Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Order:
    """What an engine is asked to draw: the design, the flat surface in mm, the seed."""

    engine: str
    design: Design
    surface: Strip | PlateSurface
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
    """A piece that can be looked at: its form, its pattern, and the dense mesh."""

    recipe: Recipe
    host: Turned | Plate | Mesh
    picture: np.ndarray
    pitch: float
    depth: float
    mapping: mapping.Mapping | None
    mesh: Mesh
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece that can be made: the reduced, closed mesh as it is written, and the report on the nominal one."""

    shaped: Shaped
    mesh: Mesh
    report: Report


def run(recipe: Recipe, ask: Ask, tell: Tell, picture: np.ndarray | None = None, mesh: Mesh | None = None) -> Piece:
    """The whole walk; see ``shape`` and ``make``."""
    return make(shape(recipe, ask, tell, picture, mesh), tell)


def surface_of(host: Turned | Plate | mapping.Mapping, pixels: float) -> Strip | PlateSurface:
    """The flat piece that ornament for a host is drawn on, ``pixels`` a mm."""
    length, width = host.size if isinstance(host, mapping.Mapping) else host.ornament
    columns, rows = (int(np.clip(round(side * pixels), 16, 8192)) for side in (length, width))
    if isinstance(host, Plate):
        return PlateSurface(length, width, columns, rows, host.distance(columns, rows))
    if isinstance(host, mapping.Mapping) and host.kind == "planar":
        x = np.minimum(np.arange(columns) + 0.5, columns - 0.5 - np.arange(columns)) / pixels
        y = np.minimum(np.arange(rows) + 0.5, rows - 0.5 - np.arange(rows)) / pixels
        return PlateSurface(length, width, columns, rows, np.minimum(x[None, :], y[:, None]).astype(np.float32))
    wraps = host.wrap if isinstance(host, mapping.Mapping) else host.periodic
    return Strip(length, width, columns, rows, wraps)


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
    tell(0.02, "preparing the form")
    notes: list[str] = list(recipe.design.notes)
    form = complete(recipe.form)
    recipe = replace(recipe, form=form)
    spacing = DENSITIES[recipe.relief.density]
    host: Turned | Plate | Mesh
    where: mapping.Mapping | None = None
    if form.form == "mesh":
        if mesh is None:
            raise BadInput("form mesh needs a mesh file; say --mesh FILE", field="mesh")
        host = generic.refine(mesh, max(spacing, float(mesh.size.max()) / 900.0))
        where = mapping.of_mesh(host, recipe.relief.mapping, repeat=recipe.relief.repeat)
        notes.append(f"mapping {where.kind}: {where.reason}")
    else:
        host = form_host(form)
        if isinstance(host, Turned):
            where = mapping.of_host(host, recipe.relief.mapping)
        elif recipe.relief.mapping not in ("auto", "planar"):
            notes.append(f"mapping {recipe.relief.mapping} is for round bodies; a {form.form} has a flat face, so planar was used")
    clock.lap("form")
    missing: tuple[str, ...] = ()
    surface = surface_of(where if isinstance(host, Mesh) or (where and where.kind != "toroidal") else host, recipe.relief.pixels)
    if picture is None:
        answer = ask(Order(recipe.make.engine, recipe.design, surface, recipe.make.seed), lambda f, t: tell(0.05 + 0.3 * f, t))
        picture, missing = answer.picture, answer.missing
        recipe = replace(recipe, engine=answer.credit)
        if not np.isfinite(picture).all():
            raise BadInput("the engine drew a picture with numbers that are not finite; try another seed", field="engine")
    else:
        recipe = replace(recipe, engine={"name": "picture", "revision": "", "licence": ""})
        if getattr(surface, "periodic", False):
            picture, blended = join_ends(picture)
            if blended:
                notes.append("the picture does not join its own beginning: its ends were blended over a twentieth of its length")
    clock.lap("pattern")
    tell(0.4, "raising the relief")
    depth, raised, note = _budget(recipe, host)
    notes += [note] if note else []
    signed = depth if raised else -depth
    length = surface.length if isinstance(surface, Strip) else surface.size_x
    pitch = length / picture.shape[1]
    if isinstance(host, Mesh):
        assert where is not None
        lifted = generic.raise_mesh(host, where, _softened(recipe, picture, spacing / pitch, where.wrap), signed, recipe.relief.fade)
        dense, notes = lifted.mesh, [*notes, *lifted.notes]
    else:
        dense = assemble.looking(host, _raise(recipe, host, where, picture, signed, pitch))
    clock.lap("relief")
    if missing:
        notes.append(f"no motif is known for {', '.join(missing)}")
    return Shaped(recipe, host, picture, pitch, signed, where, dense, missing, tuple(notes), clock.laps)


def make(shaped: Shaped, tell: Tell) -> Piece:
    """Reduce for print, check, weigh, and apply the allowances of ``--manufacture``."""
    clock = _Clock(shaped.seconds)
    recipe, host = shaped.recipe, shaped.host
    tell(0.5, "reducing the mesh for print")
    tolerance = recipe.relief.tolerance if recipe.relief.density == "print" else 0.0
    nominal = _finished(shaped, host, shaped.picture, tolerance)
    clock.lap("reduce")
    tell(0.65, "checking")
    report = _report(shaped, nominal, clock)
    written = nominal
    if recipe.make.manufacture:
        written, facts = _manufactured(shaped, nominal, tolerance)
        report = replace(report, manufactured=facts)
        clock.lap("manufacture")
    return Piece(shaped, written, replace(report, seconds=dict(clock.laps)))


def join_ends(picture: np.ndarray) -> tuple[np.ndarray, bool]:
    """A picture whose last column runs on into its first, and whether it had to be blended for that."""
    step = np.abs(np.diff(picture, axis=1)).max(initial=0.0)
    if np.abs(picture[:, 0] - picture[:, -1]).max(initial=0.0) <= max(1.5 * step, 2.0 / 255.0) or picture.shape[1] < 40:
        return picture, False
    reach = picture.shape[1] // 20
    share = (np.arange(reach, dtype=np.float32) + 0.5) / reach
    share = share * share * (3.0 - 2.0 * share)
    body = picture[:, reach:].copy()  # its end fades into what came before its beginning
    body[:, -reach:] = body[:, -reach:] * (1.0 - share) + picture[:, :reach] * share
    return body, True


def form_host(form: FormParams) -> Turned | Plate:
    """The host of completed parameters; not for imported meshes."""
    return turned(form) if table("forms")["forms"][form.form]["surface"] == "turned" else plate(form)


def _budget(recipe: Recipe, host: Turned | Plate | Mesh) -> tuple[float, bool, str]:
    """Depth in mm, whether it stands up, and a note where it had to be less than asked for."""
    usual, raised = TECHNIQUES[recipe.design.technique]
    wanted = recipe.relief.depth or recipe.design.depth or usual
    rules = limits(recipe.make.process)
    wall_mm = rules.min_wall_mm or 0.0
    if isinstance(host, Mesh):
        least = 0.25 * float(np.sort(host.size)[0])
        most = least if raised else 0.5 * least
        room = f"a quarter of the mesh's smallest side ({most:.2f} mm)"
    elif raised:
        most = 1.5 * host.wall + 0.5
        room = f"the metal under it ({host.wall:.2f} mm) carries at most {most:.2f} mm"
    else:
        metal = (recipe.form.thickness or host.wall) if isinstance(host, Plate) else host.wall
        most = metal - wall_mm
        room = f"{wall_mm:g} mm of metal must stay under it for {recipe.make.process}"
        if most < 0.05:
            thick = round(wall_mm + 0.4 + (recipe.form.thickness or 0.0) - metal, 1)
            raise BadInput(
                f"thickness leaves {metal:.2f} mm of metal; engraving needs more than {wall_mm + 0.05:.2f} mm",
                field="thickness", fix=Fix(f"Make it {thick:g} mm thick", f"--thickness {thick:g}"),
            )
    if wanted <= most + 1e-9:
        return float(wanted), raised, ""
    return float(most), raised, f"the depth was reduced from {wanted:g} to {most:.2f} mm: {room}"


def _softened(recipe: Recipe, picture: np.ndarray, cell: float, periodic: bool) -> np.ndarray:
    """The picture rounded by two thirds of a vertex spacing (``cell`` px), so that walls do not step from vertex to vertex."""
    return blur(picture, 0.66 * cell, periodic) if recipe.relief.soften and cell > 0.6 else picture


def _raise(recipe: Recipe, host: Turned | Plate, where: mapping.Mapping | None, picture: np.ndarray, depth: float, pitch: float) -> Mesh:
    relief = recipe.relief
    around = host.ornament[0]
    spacing = max(DENSITIES[relief.density], around / 3600.0)
    picture = _softened(recipe, picture, spacing / pitch, isinstance(host, Turned) and host.periodic)
    if isinstance(host, Plate):
        return raise_plate(host, picture, depth, relief.fade, spacing)
    layout = solid.grid(host, spacing, relief.fade)
    if where is None or where.kind == "toroidal":
        tall = solid.sample(picture, layout, host.periodic)
        tall *= layout.weight
    else:
        rows, columns = len(layout.row), len(layout.angle)
        plain = solid.displace(layout, np.zeros((rows, columns), np.float32))
        normals = solid.normals(plain, rows, columns, host.periodic)
        tall = mapping.heights(where, picture, plain, normals) * mapping.weights(where, plain, normals, relief.fade)
        tall = tall.reshape(rows, columns) * layout.weight
    shade = tall if depth >= 0 else layout.weight * (1.0 - tall)
    return solid.close(host, layout, solid.displace(layout, np.float32(depth) * tall), shade)


def _finished(shaped: Shaped, host: Turned | Plate | Mesh, picture: np.ndarray, tolerance: float) -> Mesh:
    if isinstance(host, Mesh):
        return assemble.making(None, shaped.mesh, tolerance)
    raised = shaped.mesh
    if isinstance(host, Plate) or host is not shaped.host:
        raised = _raise(shaped.recipe, host, shaped.mapping, picture, shaped.depth, shaped.pitch)
    return assemble.making(host, raised, tolerance)


def _manufactured(shaped: Shaped, nominal: Mesh, tolerance: float) -> tuple[Mesh, dict[str, object]]:
    """The mesh enlarged for casting and polishing, and what was done."""
    name = shaped.recipe.make.manufacture
    rules = limits(name)
    scale, skin = 1.0 + rules.shrinkage, rules.polishing_mm
    mesh, noted = nominal, skin
    if isinstance(shaped.host, Mesh):
        noted = 0.0  # a bought mesh has no parameters to add metal to
    else:
        form = shaped.recipe.form
        larger: dict[str, object] = {"thickness": form.thickness + 2 * skin, "width": form.width + 2 * skin}
        if form.length:
            larger["length"] = form.length + 2 * skin
        if getattr(shaped.host, "inner_diameter", None) and form.form != "bead":
            larger["size"] = f"{shaped.host.inner_diameter - 2 * skin:.6f} mm"
        if form.form == "bead":
            larger["hole"] = form.hole - 2 * skin
        mesh = _finished(shaped, form_host(replace(form, **larger)), shaped.picture, tolerance)  # type: ignore[arg-type]
    mesh = Mesh(mesh.vertices * scale, mesh.faces)
    inner = getattr(shaped.host, "inner_diameter", None)
    return mesh, {
        "process": name,
        "scale": scale,
        "polishing_mm": noted,
        "size_mm": [round(float(v), 4) for v in mesh.size],
        "inner_diameter_mm": round((inner - 2 * noted) * scale, 4) if inner else None,
        "volume_mm3": round(mesh.volume, 3),
    }


def _report(shaped: Shaped, mesh: Mesh, clock: _Clock) -> Report:
    recipe, host = shaped.recipe, shaped.host
    expected = 2 if isinstance(host, Plate) and host.pair else 1
    periodic = isinstance(host, Turned) and host.periodic
    ridge, groove = detail_mm(shaped.picture, shaped.pitch, periodic)
    clock.lap("detail")
    thin = _wall_left(shaped)
    fine = Measured(wall_mm=thin, engraving_mm=groove) if shaped.depth < 0 else Measured(wall_mm=thin, detail_mm=ridge)
    checks = check(mesh, recipe.make.process, metal=recipe.design.metal, expected_bodies=expected, measured=fine)
    clock.lap("checks")
    thin = find(checks, "min-wall").value
    volume = mesh.volume
    inner = getattr(host, "inner_diameter", None)
    return Report(
        form=recipe.form.form,
        metal=recipe.design.metal,
        watertight=bool(find(checks, "closed").ok),
        bodies=int(find(checks, "bodies").value),
        triangles=len(mesh.faces),
        size_mm=tuple(round(float(v), 4) for v in mesh.size),  # type: ignore[arg-type]
        inner_diameter_mm=round(inner, 4) if inner else None,
        volume_mm3=round(volume, 3),
        weight_g=round(weight_g(volume, recipe.design.metal), 3),
        min_wall_mm=round(thin, 4) if thin is not None else None,
        seam_error_mm=seam_error(shaped.picture, abs(shaped.depth)) if periodic else 0.0,
        checks=checks,
        process=recipe.make.process,
        words_unknown=recipe.design.unknown,
        notes=shaped.notes,
        engine=recipe.engine.get("name", ""),
        seed=recipe.make.seed,
        version=recipe.version,
    )


def _wall_left(shaped: Shaped) -> float | None:
    """Metal under the deepest point in mm, exact on our own forms; None has it measured by rays."""
    host = shaped.host
    if isinstance(host, Mesh):
        return None
    metal = shaped.recipe.form.thickness if isinstance(host, Plate) else host.wall
    assert metal is not None
    return metal + min(0.0, shaped.depth) * float(shaped.picture.max())


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
