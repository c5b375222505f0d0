"""Motifs by the model: drawn as a grid, one picked for the design and the piece, varied on, set in a row, given back to the library."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.props import IntProperty

from ..core.errors import BadInput, JewelGenError
from ..core.recipe import Recipe
from ..core.words.design import Motif
from . import convert, images, jobs, laying, motif_state, motif_tiles, painting, scene_recipe, subject
from .operators_generate import refused
from .settings import another_seed
from .translations import say

_ROW = 8  # motifs of a frieze at most


def without_model(context: bpy.types.Context) -> str:
    """Why the model cannot draw, as far as is known; "" otherwise."""
    state = context.window_manager.jewelgen
    return state.model_reason if state.model == "MISSING" else ""


def begin(
    operator: bpy.types.Operator, context: bpy.types.Context, wish: dict[str, Any], start: np.ndarray | None = None, mask: np.ndarray | None = None,
    picture: bpy.types.Image | None = None, strokes: Callable[[], np.ndarray] | None = None, load: jobs.Load | None = None,
) -> set[str]:  # fmt: skip
    """Have motifs drawn and put into the grid. ``start`` are distances, ``mask`` (h, w) bool, ``strokes`` gives a coverage, in a thread."""
    scene = context.scene.session_uid
    with jobs.work_folder() as folder:
        params: dict[str, Any] = {"wish": wish, "thumb": motif_tiles.PICTURE}
        steps: list[Callable[[], None]] = []
        if start is not None:
            params["start"] = "start.png"
            steps.append(lambda: _write_distances(folder / "start.png", start))
        if mask is not None:
            params["mask"] = "mask.png"
            steps.append(lambda: _write_grey(folder / "mask.png", mask))
        if strokes is not None:
            params |= {"sketch": "sketch.png", "fit": False}
            steps.append(lambda: _write_grey(folder / "sketch.png", strokes()))
        if picture is not None:
            path, write = subject.picture_file(picture, folder, stretch=False)
            params["sketch"] = str(path)
            steps += [write] if write else []

        def prepare() -> None:
            for step in steps:
                step()

        def apply(result: dict[str, Any], loaded: Any) -> jobs.Steps:
            motif_state.put("")
            now = next((s for s in bpy.data.scenes if s.session_uid == scene), None) or bpy.context.scene
            yield from motif_tiles.put(now, *loaded, folder, wish)

        ticket = jobs.Ticket(
            "motif", params, folder, apply, label="Motifs", prepare=prepare if steps else None, failed=_failed, undo="Draw Motifs",
            load=load or (lambda result, at: (result, motif_tiles.known(result))),
        )  # fmt: skip
    return jobs.run(operator, ticket)


def _failed(error: JewelGenError) -> None:
    """A model that is missing is told of in the panel from now on."""
    if error.field == "engine":
        motif_state.put(str(error.args[0]))


def _write_distances(path: Path, field: np.ndarray) -> None:
    from ..core.height.picture import write_height
    from ..core.pattern import drawn

    write_height(path, drawn.levels(field) / np.float64(65535.0))


def _write_grey(path: Path, picture: np.ndarray) -> None:
    from ..core.height.picture import write_height

    write_height(path, picture.astype(np.float32))


class JEWELGEN_OT_motif_draw(bpy.types.Operator):
    """Draw motifs to pick from; those of the library that they start from stand first"""

    bl_idname = "jewelgen.motif_draw"
    bl_label = "Draw Motifs"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = without_model(context) or _lacking(context)
        if said:
            cls.poll_message_set(say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        group = context.scene.jewelgen.wish
        wish = motif_tiles.wish_of(context.scene)
        try:
            if group.function == "sketch":
                wish |= {"vary": "", "blend": ""}
                if group.kind == "PICTURE":
                    return begin(self, context, wish, picture=group.picture)
                from . import sketch_live, sketch_source

                now = sketch_live.session()
                return begin(self, context, wish, strokes=sketch_source.once(context, now.sheet if now is not None else None))
            if group.function != "blend" and group.function != "row":
                wish["blend"] = ""
            start = None
            if group.function in ("vary", "blend", "row") and not wish["vary"] and _from_picked(context):
                start = motif_tiles.distances(*motif_tiles.drawing(context)[:2])
            return begin(self, context, wish | ({"vary": ""} if group.function in ("auto", "invent") else {}), start=start)
        except JewelGenError as error:
            return refused(self, error)


def _from_picked(context: bpy.types.Context) -> bool:
    """Whether the picked tile is what the next motifs start from: it is one that was drawn."""
    row = motif_tiles.picked(context.scene)
    return row is not None and bool(row.cell)


def _lacking(context: bpy.types.Context) -> str:
    """What has to be there before motifs can be drawn."""
    group = context.scene.jewelgen.wish
    said = bool(motif_tiles.words(context.scene))
    if group.function == "sketch":
        if group.kind == "PICTURE":
            return "" if group.picture is not None else "Choose a picture to follow, or paint one"
        from . import sketch_pen

        return "" if sketch_pen.find(context.scene) is not None else "Sketch with the pen first"
    if group.function in ("blend", "row") and not group.blend.strip() and not said:
        return "Say what it is blended with"
    if said or (group.function in ("vary", "blend", "row") and (group.vary.strip() or _from_picked(context))):
        return ""
    return "Say what the motif shows first"


class JEWELGEN_OT_motif_pick(bpy.types.Operator):
    """Make this the motif of the design, and of the active relief"""

    bl_idname = "jewelgen.motif_pick"
    bl_label = "Pick Motif"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(name="Motif", description="Number of the motif", default=0, min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        if self.index >= len(settings.tiles):
            return refused(self, BadInput("this motif is gone; draw motifs again", field="index"))
        settings.tiles_index = self.index
        row = settings.tiles[self.index]
        if settings.wish.mask is not None:  # it is this motif that is painted over now
            images.image_from_colours(painting.ground(motif_tiles.distances(row.name, row.cell)), "", settings.wish.mask)
        return use(self, context, [{"name": row.name, "weight": 1.0, "cell": row.cell}], row.wish)


def use(operator: bpy.types.Operator, context: bpy.types.Context, rows: list[dict[str, Any]], wish: str, layout: str = "") -> set[str]:
    """Motifs, and a layout if one is given, into the design, and onto the active relief if there is one."""
    try:
        ob = motif_tiles.piece_of(context)
        ticket = relaid(ob, laying.Where(context, ob), tuple(Motif(**row) for row in rows), wish, layout) if ob is not None else None
        scene_recipe.put_motifs(context.scene, rows)
        if layout:
            context.scene.jewelgen.design.layout = layout
        if ticket is not None:
            return jobs.run(operator, ticket)
        operator.report({"INFO"}, say("It is in the design; Generate makes a piece of it"))
        return {"FINISHED"}
    except JewelGenError as error:
        return refused(operator, error)


def relaid(ob: bpy.types.Object, where: laying.Where, motifs: tuple[Motif, ...], wish: str, layout: str = "") -> jobs.Ticket:
    """The job that draws the pattern of a relief anew with these motifs; its form and settings stay. Raises BadInput."""
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    if recipe.height is not None:
        raise BadInput("this relief was made of a picture, which has no motifs; make one of words", field="motifs")
    recipe = replace(recipe, design=replace(recipe.design, motifs=motifs, **({"layout": layout} if layout else {})))
    params: dict[str, Any] = {"recipe": recipe.to_json()}
    prepare = None
    with jobs.work_folder() as folder:
        if recipe.form.form == "mesh":
            mesh = subject.mesh_of(subject.checked(ob), where.unit)
            params["mesh"] = str(folder / "mesh.npz")

            def prepare() -> None:
                convert.save_mesh(folder / "mesh.npz", mesh)

        return jobs.Ticket(
            "follow", params, folder, lambda result, laid: laying.new_pictures(result, laid, where, wish), label=laying.title(recipe),
            prepare=prepare, load=laying.load_pictures, undo="Pick Motif",
        )  # fmt: skip


class _OnPicked:
    """What the operators on the picked motif have in common."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = without_model(context)
        if not said and motif_tiles.picked(context.scene) is None and motif_tiles.piece_of(context) is None:
            said = "Pick a motif first"
        if said:
            cls.poll_message_set(say(said))  # type: ignore[attr-defined]
        return not said


class JEWELGEN_OT_motif_vary(_OnPicked, bpy.types.Operator):
    """Draw other motifs from this one, with the words it was drawn with"""

    bl_idname = "jewelgen.motif_vary"
    bl_label = "Vary This"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            name, cell, kept = motif_tiles.drawing(context)
            asked = motif_tiles.wish_of(context.scene)
            before = json.loads(kept) if kept else {"prompt": asked["prompt"] or name}
            wish = asked | {"prompt": before.get("prompt", ""), "function": "vary", "vary": "", "blend": ""}
            context.scene.jewelgen.wish.seed = wish["seed"] = another_seed(asked["seed"])
            return begin(self, context, wish, start=motif_tiles.distances(name, cell))
        except JewelGenError as error:
            return refused(self, error)


class JEWELGEN_OT_motif_frieze(bpy.types.Operator):
    """Set all motifs that were drawn side by side, in their order"""

    bl_idname = "jewelgen.motif_frieze"
    bl_label = "Use in Frieze"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if len(motif_tiles.drawn_by_model(context.scene.jewelgen.tiles)) < 2:
            cls.poll_message_set(say("Draw two motifs or more first"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        rows = motif_tiles.drawn_by_model(settings.tiles)[:_ROW]
        motifs = [{"name": row.name, "weight": 1.0, "cell": row.cell} for row in rows]
        return use(self, context, motifs, rows[0].wish, "" if settings.design.layout in ("auto", "frieze") else "frieze")


class JEWELGEN_OT_motif_library(bpy.types.Operator):
    """Give the motifs back to the words: the library draws them again"""

    bl_idname = "jewelgen.motif_library"
    bl_label = "Back to Library"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not any(row.cell for row in context.scene.jewelgen.motifs):
            cls.poll_message_set(say("The library draws the motifs already"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        scene.jewelgen.tiles_index = -1
        scene_recipe.touch(scene.jewelgen.design, "motifs", by_hand=False)
        scene_recipe.reread(scene)
        try:
            ob = motif_tiles.piece_of(context)
            if ob is None:
                return {"FINISHED"}
            motifs = scene_recipe.reading_of(scene.jewelgen.prompt).design.motifs
            return jobs.run(self, relaid(ob, laying.Where(context, ob), motifs, ""))
        except JewelGenError as error:
            return refused(self, error)


class JEWELGEN_OT_motif_seed(bpy.types.Operator):
    """Another seed: the same wish, drawn another way"""

    bl_idname = "jewelgen.motif_seed"
    bl_label = "New Seed"
    bl_options = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        wish = context.scene.jewelgen.wish
        wish.seed = another_seed(wish.seed)
        return {"FINISHED"}


CLASSES = (
    JEWELGEN_OT_motif_draw, JEWELGEN_OT_motif_pick, JEWELGEN_OT_motif_vary, JEWELGEN_OT_motif_frieze, JEWELGEN_OT_motif_library,
    JEWELGEN_OT_motif_seed,
)  # fmt: skip
