"""Words to metal in one walk: form, pattern, relief, checks. Panel, command line, farm and Python all call this.

The walk is handed two plain functions: *ask* has an engine draw a height, *tell* hears of progress and may raise
Cancelled. Nothing is written here. It can be left after each step: ``draw`` knows all that comes before metal is moved,
``shape`` moves it, ``make`` makes it fit for casting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import manufacture
from .errors import BadInput, Fix
from .facts import report_on
from .form.params import FormParams, complete
from .form.plate import Plate, plate
from .form.turned import Turned, turned
from .height.filters import resize
from .height.picture import quantised
from .library import table
from .mesh.arrays import Mesh, join
from .mesh.weight import limits
from .pattern.strip import Plate as Face
from .pattern.strip import Strip
from .recipe import Recipe
from .relief import assemble, generic, mapping
from .relief.budget import budget
from .relief.crafts import Work, formed, kind_of, worked
from .relief.lift import lift_mesh, spacing_of, tiled, tooled
from .relief.params import TECHNIQUES, CraftParams, ReliefParams
from .relief.surface import bounded, inner_surface, laid, measures, part_of, pitch_of, surface_of, wraps
from .stages import Answer, Ask, Drawn, Order, Piece, Shaped, Tell

if TYPE_CHECKING:
    from .relief.stones import Settled

__all__ = ["Answer", "Ask", "Drawn", "Order", "Piece", "Shaped", "Tell", "draw", "form_host", "make", "raised", "run", "shape"]

_SEAT = 0.6  # mm of metal round a stone in openwork
_USUAL = 0.95  # median edge of a refined mesh, in lengths of the longest that is allowed
_FOREIGN = {"name": "picture", "revision": "", "licence": ""}  # credit of a height that no engine drew


def run(
    recipe: Recipe, ask: Ask, tell: Tell, picture: np.ndarray | None = None, mesh: Mesh | None = None,
    drawn: np.ndarray | None = None, keep_off: Mesh | None = None,
) -> Piece:  # fmt: skip
    """The whole walk; see ``shape`` and ``make``."""
    return make(shape(recipe, ask, tell, picture, mesh, drawn, keep_off), tell)


def form_host(form: FormParams, sunk: bool = False) -> Turned | Plate:
    """The host of completed parameters, ``sunk`` if it is to be cut into; not for imported meshes."""
    return turned(form) if table("forms")["forms"][form.form]["surface"] == "turned" else plate(form, sunk)


def draw(
    recipe: Recipe, ask: Ask, tell: Tell, picture: np.ndarray | None = None, mesh: Mesh | None = None, drawn: np.ndarray | None = None
) -> Drawn:
    """Form and pattern, and how one lies on the other.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1], optional
        A height to use instead of an engine's, made to fit.
    mesh : Mesh, optional
        The body to ornament where ``recipe.form.form`` is "mesh"; closed, in mm.
    drawn : (h, w) float32 in [0, 1], optional
        ``Drawn.picture`` of an earlier walk of the same recipe, used as it is: then nothing is asked of any engine.

    Raises BadInput where the parameters exclude each other.
    """
    clock = _Clock()
    relief = recipe.relief
    kind = kind_of(recipe.design.technique, recipe.craft, recipe.form.form, any(line.style == "pierced" for line in recipe.texts))
    form, said = formed(complete(recipe.form), kind, recipe.craft, recipe.form.thickness, _sinks(recipe))
    recipe = replace(recipe, form=form)
    if recipe.form.form == "mesh":  # our own forms are there at once, or refused before anything is said
        tell(0.02, "preparing the mesh")
    host, where, notes = _host(recipe, mesh, kind)
    notes = (*said, *notes)
    rules = limits(recipe.make.process)
    least, whose = (recipe.craft.sheet, "the sheet") if kind == "sheet" and recipe.craft.sheet else (rules.min_wall_mm or 0.0, rules.process)
    depth = budget(relief.depth or recipe.design.depth, recipe.design.technique, host, recipe.form, least, whose, relief.mid)
    clock.lap("form")
    whole = surface_of(host if where is None or (isinstance(host, Turned) and where.kind == "toroidal") else where, relief.pixels)
    surface = part_of(whole, relief.around, relief.across)
    if drawn is not None:
        picture, credit = drawn, recipe.engine or _FOREIGN
    elif picture is None:
        answer = ask(Order(recipe.make.engine, recipe.design, surface, recipe.make.seed, recipe.diffusion), lambda share, text: tell(0.05 + 0.3 * share, text))
        picture, credit = answer.picture, answer.credit
        if not np.isfinite(picture).all():
            raise BadInput("the engine drew a picture with numbers that are not finite; try another seed", field="engine")
        if answer.missing:
            notes += (f"no motif is known for {', '.join(answer.missing)}",)
        if answer.design is not None:
            recipe = replace(recipe, design=answer.design)
        notes += answer.notes
    else:
        picture, said = laid(picture, surface)
        picture = bounded(picture, relief.around, relief.across)
        notes, credit = (*notes, *said), _FOREIGN
    clock.lap("pattern")
    work, kept, facts = Work(kind, _filled(recipe), seed=recipe.make.seed), None, {}
    if recipe.texts:
        tell(0.36, "setting the letters")
        picture, work, kept, said, facts = _lettered(recipe, work, host, whole, picture, depth.depth, drawn is not None)
        notes = (*notes, *said)
        clock.lap("lettering")
    picture = quantised(picture)
    pitch, wrap = pitch_of(surface, picture), wraps(surface)
    if recipe.design.technique == "openwork" and isinstance(host, Mesh) and where is not None:
        from .relief import cutters

        against = cutters.reason_against(host, where)
        if against:
            notes = (*notes, f"openwork is made as relief: {against}")
        else:
            web = cutters.field_of(host, where, tiled(picture, relief), recipe.craft)
            work, notes, facts = replace(work, metal=web.metal), (*notes, *web.notes), facts | web.facts
        clock.lap("openings")
    if recipe.design.technique == "openwork" and kind == "openwork":
        work, said, facts = _pierced(recipe, work, host, tiled(picture, relief), kept, facts)
        notes = (*notes, *said)
        clock.lap("openings")
    ready = tooled(picture, relief, pitch, _spacing(recipe, host, mesh), wrap, letters=kept)
    clock.lap("tooling")
    notes = tuple(note for note in (*recipe.design.notes, *notes, depth.note) if note)
    return Drawn(
        recipe=replace(recipe, engine=dict(credit)), host=host, body=mesh if isinstance(host, Mesh) else None, where=where,
        size=measures(whole), picture=picture, ready=ready, pitch=pitch, wrap=wrap, depth=depth.depth, notes=notes, seconds=clock.laps,
        work=work, facts=facts,
    )  # fmt: skip


def shape(
    recipe: Recipe, ask: Ask, tell: Tell, picture: np.ndarray | None = None, mesh: Mesh | None = None,
    drawn: np.ndarray | None = None, keep_off: Mesh | None = None,
) -> Shaped:  # fmt: skip
    """Form, pattern and relief; see ``draw`` and ``raised``."""
    return raised(draw(recipe, ask, tell, picture, mesh, drawn), tell, keep_off)


def raised(drawn: Drawn, tell: Tell, keep_off: Mesh | None = None) -> Shaped:
    """What was drawn as a dense body; the ornament keeps ``relief.clear`` mm away from ``keep_off``, gems and prongs in the piece's frame, mm."""
    clock = _Clock(drawn.seconds)
    relief, host, notes, body, settled = drawn.recipe.relief, drawn.host, drawn.notes, None, None
    tell(0.4, "raising the relief")
    if isinstance(host, Mesh):
        fine, where = _dense(drawn)
        lifted = lift_mesh(fine, where, drawn.ready, drawn.depth, relief, keep_off)
        mesh, notes = lifted.mesh, (*notes, *lifted.notes)
        if drawn.work.metal is not None:
            from .relief import cutters

            tell(0.46, "cutting the openings")
            mesh, said = cutters.pierced(mesh, where, drawn.work.metal)
            notes = (*notes, *said)
    else:
        if drawn.recipe.stones:
            from .relief.stones import placed, settle

            try:
                settled = settle(host, drawn.recipe.stones)
            except BadInput as error:
                if drawn.work.kind == "sheet" and error.fix:  # a thicker form is hollow there, too
                    raise BadInput(f"{error.args[0]}; a sheet holds flat stones only: use smaller ones, or leave out --sheet", field="stone") from error
                raise
            keep_off = join([placed(host, settled.keep_off)[0], *([] if keep_off is None else [keep_off])])
            notes = (*notes, *settled.notes)
        body = worked(drawn.work, host, drawn.where, _worked_from(drawn), drawn.depth, relief, keep_off)
        mesh, notes = body.mesh, (*notes, *body.notes)
        if settled is not None:
            tell(0.48, "cutting seats for the stones")
            mesh, host = _seated(mesh, host, settled)
    clock.lap("relief")
    known = {f.name: getattr(drawn, f.name) for f in fields(Drawn)}
    return Shaped(**known | {"host": host, "notes": notes, "seconds": clock.laps}, raised=mesh, worked=body, keep_off=keep_off, settled=settled)


def make(shaped: Shaped, tell: Tell, ready: Callable[[Mesh], None] | None = None) -> Piece:
    """Reduce for print, apply the allowances of ``--manufacture``, check and weigh the nominal piece.

    ``ready`` hears of the mesh as it will be written before the checks begin: they take longer than all the rest.
    """
    clock = _Clock(shaped.seconds)
    recipe, host = shaped.recipe, shaped.host
    tell(0.5, "reducing the mesh for print")
    lean = shaped.work.kind in ("filigree", "granulation")  # wires and granules are as coarse as they may be; reduced they would cross
    tolerance = recipe.relief.tolerance if recipe.relief.density == "print" and not lean else 0.0
    nominal = assemble.making(host, shaped.raised, tolerance)
    clock.lap("reduce")
    written, made = nominal, {}
    if recipe.make.manufacture:
        tell(0.6, "adding what casting and polishing take")
        rules = limits(recipe.make.manufacture)
        skin = 0.0 if isinstance(host, Mesh) else rules.polishing_mm  # a bought mesh has no parameters to add metal to
        inner = getattr(host, "inner_diameter", None)
        if skin:
            larger = form_host(manufacture.enlarged(recipe.form, inner, skin), _sunk(recipe))
            metal = shaped.work.metal
            work = replace(shaped.work, craft=manufacture.thicker(recipe.craft, skin), metal=None if metal is None else metal + np.float32(skin))
            body = worked(work, larger, shaped.where, _worked_from(shaped), shaped.depth, recipe.relief, shaped.keep_off).mesh
            if recipe.stones:
                from .relief.stones import settle

                body, larger = _seated(body, larger, settle(larger, recipe.stones))
            written = assemble.making(larger, body, tolerance)
        written = Mesh(written.vertices * (1.0 + rules.shrinkage), written.faces)
        made = manufacture.facts(rules, skin, tuple(written.size), inner, written.volume)
        clock.lap("manufacture")
    if ready:
        ready(written)
    tell(0.65, "checking")
    report = report_on(shaped, nominal)
    clock.lap("checks")
    return Piece(shaped, written, replace(report, manufactured=made, seconds=dict(clock.laps)))


def _seated(body: Mesh, host: Turned | Plate, settled: Settled) -> tuple[Mesh, Turned | Plate]:
    """The body, and what is soldered to it, with the seats of its stones cut."""
    from .relief.stones import cut, cut_added

    return cut(body, settled.cutters), cut_added(host, settled.cutters)


def _host(recipe: Recipe, mesh: Mesh | None, made: str) -> tuple[Turned | Plate | Mesh, mapping.Mapping | None, tuple[str, ...]]:
    form, kind = recipe.form, recipe.relief.mapping
    if form.form == "mesh":
        if mesh is None:
            raise BadInput("form mesh needs a mesh file; say --mesh FILE", field="mesh")
        # the mapping is read from the same points whatever the density: a preview and its print must agree where a pattern begins
        base, where = _refined(mesh, kind, replace(recipe.relief, density="preview"))
        where = where or mapping.of_mesh(base, kind, repeat=recipe.relief.repeat)
        return base, where, (f"mapping {where.kind}: {where.reason}", *_as_relief(recipe))
    host = form_host(form, _sunk(recipe))
    if isinstance(host, Turned):
        if made != "solid" and kind not in ("auto", "toroidal"):
            return host, mapping.of_host(host, "auto"), (f"mapping {kind} is for solid metal; toroidal was used",)
        return host, mapping.of_host(host, kind), ()
    if kind in ("auto", "planar"):
        return host, None, ()
    return host, None, (f"mapping {kind} is for round bodies; the face of a {form.form} is flat, so planar was used",)


def _as_relief(recipe: Recipe) -> tuple[str, ...]:
    """What a person should know of crafts that an imported body is not worked in. Raises BadInput for what cannot be left out."""
    if recipe.craft.sheet is not None:
        raise BadInput("sheet is for our own forms; an imported mesh has no back that could follow", field="sheet")
    if recipe.stones:
        raise BadInput("stones are set in our own forms; on an imported mesh set them with Blender's gems, which the relief keeps clear of", field="stone")
    if any(line.style == "pierced" or line.side == "inside" for line in recipe.texts):
        raise BadInput("on an imported mesh letters are raised or engraved outside; pierced and inside are for our own forms", field="text-style")
    technique = recipe.design.technique
    return (f"{technique} on an imported mesh is made as relief",) if technique in ("filigree", "granulation") else ()


def _lettered(
    recipe: Recipe, work: Work, host: Turned | Plate | Mesh, whole: Strip | Face, picture: np.ndarray, depth: float, ready: bool
) -> tuple[np.ndarray, Work, np.ndarray | None, tuple[str, ...], dict[str, Any]]:
    """The picture with its lines of text, the work with what they pierce and engrave inside, their room in mm, notes and facts.

    ``ready``: the picture has them already.
    """
    if recipe.relief.around > 1 or recipe.relief.across > 1:
        raise BadInput("text lies on the whole piece; it does not go with --around or --across", field="text", fix=Fix("Lay the pattern once", "--around 1 --across 1"))
    from .lettering.lines import lettered

    inside = inner_surface(host, recipe.relief.pixels) if any(line.side == "inside" for line in recipe.texts) else None
    found = lettered(picture, whole, inside, recipe.texts, recipe.design.technique, limits(recipe.make.process), depth, web=recipe.craft.web)
    if found.metal is not None and isinstance(whole, Face):
        found = replace(found, metal=np.minimum(found.metal, resize(whole.outline, *found.metal.shape)))
    work = replace(work, metal=found.metal, inside=found.inside)
    return picture if ready else found.picture, work, found.keep, found.notes, dict(found.facts)


def _filled(recipe: Recipe) -> CraftParams:
    """The craft with what its wires draw decided."""
    craft, design = recipe.craft, recipe.design
    if craft.fill != "auto":
        return craft
    named = [motif.name for motif in design.motifs]
    scrolls = named == ["scroll"] or not (named or design.period or recipe.height)
    return replace(craft, fill="scrolls" if scrolls else "pattern")


def _worked_from(drawn: Drawn) -> np.ndarray:
    """The picture that a craft works from: wires are bent along the lines as drawn, metal is raised as a tool leaves it."""
    return drawn.picture if drawn.work.kind == "filigree" else drawn.ready


def _pierced(
    recipe: Recipe, work: Work, host: Turned | Plate, picture: np.ndarray, kept: np.ndarray | None, facts: dict[str, Any]
) -> tuple[Work, tuple[str, ...], dict[str, Any]]:
    """The work with the openings of the whole pattern; under letters and stones the metal stays."""
    from .relief.openwork import field_of

    solid = np.zeros(picture.shape, bool) if kept is None else kept > 0.0
    rows, columns = picture.shape
    pitch = host.ornament[0] / columns
    for stone in recipe.stones:
        across = (np.arange(columns) + 0.5 - stone.u * columns) * pitch
        if host.periodic:
            across -= np.round(across / host.ornament[0]) * host.ornament[0]
        down = (np.arange(rows) + 0.5 - stone.v * rows) * pitch
        solid |= np.hypot(across[None, :], down[:, None]) < 0.75 * max(stone.size, stone.length or 0.0) + _SEAT
    web = field_of(host, picture, work.craft, solid if solid.any() else None)
    metal = web.metal if work.metal is None else np.minimum(web.metal, work.metal)
    return replace(work, metal=metal), web.notes, facts | web.facts


def _sinks(recipe: Recipe) -> float:
    """mm that the ornament is asked to lie below the bare surface."""
    usual, raised = TECHNIQUES[recipe.design.technique]
    depth = recipe.relief.depth or recipe.design.depth or usual
    return depth * (recipe.relief.mid if raised else 1.0 - recipe.relief.mid)


def _sunk(recipe: Recipe) -> bool:
    """Whether metal is cut away anywhere: then a signet's head is plate all through."""
    return not TECHNIQUES[recipe.design.technique][1] or recipe.relief.mid > 0 or bool(recipe.stones)


def _refined(mesh: Mesh, kind: str, relief: ReliefParams) -> tuple[Mesh, mapping.Mapping | None]:
    """An imported body with short edges; for uv also its mapping, which knows the texture coordinates of each vertex."""
    spacing = spacing_of(relief, 4.0 * float(mesh.size.max()))
    if kind != "uv" or mesh.uv is None:
        return generic.refine(mesh, spacing), None
    fine, place, owner = generic.refine_textured(mesh, spacing)
    return fine, mapping.of_texture(mesh, place, owner, relief.repeat)


def _dense(drawn: Drawn) -> tuple[Mesh, mapping.Mapping]:
    """The imported body as fine as its recipe asks for, and the mapping on it."""
    assert isinstance(drawn.host, Mesh) and drawn.body is not None and drawn.where is not None
    if drawn.recipe.relief.density == "preview":
        return drawn.host, drawn.where
    fine, where = _refined(drawn.body, drawn.where.kind, drawn.recipe.relief)
    return fine, where or drawn.where


def _spacing(recipe: Recipe, host: Turned | Plate | Mesh, mesh: Mesh | None) -> float:
    """mm between the vertices that will be moved."""
    relief = recipe.relief
    if not isinstance(host, Mesh) or mesh is None:
        return spacing_of(relief, max(host.ornament))  # type: ignore[union-attr]
    known = float(np.median(generic.edge_lengths(host)))
    usual = known if relief.density == "preview" else _USUAL * generic.reach(mesh, spacing_of(relief, 4.0 * float(mesh.size.max())))
    return min(known, usual)


class _Clock:
    """Seconds of each step since the one before."""

    def __init__(self, laps: dict[str, float] | None = None) -> None:
        self.laps = dict(laps or {})
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 4)
        self._last = now
