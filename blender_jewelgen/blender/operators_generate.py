"""From words or a picture to a live relief: generate, variations to pick from, lay again, cancel."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import bpy
from bpy.props import IntProperty

from ..core.errors import BadInput, JewelGenError
from ..core.recipe import Recipe, Source
from ..core.relief.params import ReliefParams
from . import convert, diffusion_state, images, jobs, laying, metal_live, nodes_relief, orders, scene_recipe, step_view, subject
from .settings import annotations_of, read, write
from .translations import say

_LAID = ("depth", "mapping", "mid", "fade", "around", "across", "outer", "clear", "repeat", "draft")  # what laying again can change


def refused(operator: bpy.types.Operator, error: JewelGenError) -> set[str]:
    """Say what is wrong where the person looks: in the panel, with its mend, and in the status line."""
    jobs.show_error(error)
    operator.report({"ERROR"}, say(str(error.args[0])))
    return {"CANCELLED"}


def order(context: bpy.types.Context, seed: int | None = None, kind: str = "lay", over: bpy.types.Object | None = None) -> jobs.Ticket:
    """The job that the scene's settings ask for; ``over`` is a piece of ours that its result takes the place of. Raises BadInput."""
    scene = context.scene
    settings = scene.jewelgen
    recipe = scene_recipe.read_recipe(scene, seed)
    on_mesh = settings.target == "SELECTED"
    ob = subject.checked(context.active_object) if on_mesh else over
    params: dict[str, Any] = {"recipe": recipe.to_json()}
    write_picture = None
    with jobs.work_folder() as folder:
        if settings.source == "PICTURE":
            if settings.picture is None:
                raise BadInput("no picture is chosen; open one, or drag one into the viewport", field="picture")
            path, write_picture = subject.picture_file(settings.picture, folder)
            params["picture"] = str(path)
            if settings.picture_method != "height":  # of a recipe that was recalled
                recipe = replace(recipe, height=Source(path=str(path), method=settings.picture_method))
                params["recipe"] = recipe.to_json()
        return ticket_of(context, recipe, params, folder, ob, kind, write_picture)


def ticket_of(
    context: bpy.types.Context, recipe: Recipe, params: dict[str, Any], folder: Path, ob: bpy.types.Object | None, kind: str = "lay",
    before: Callable[[], None] | None = None,
) -> jobs.Ticket:  # fmt: skip
    """A "lay" or "draw" job; for a mesh of the artist its shape goes along. ``before`` is done first, in a thread."""
    where = laying.Where(context, ob)
    prepare = before
    if recipe.form.form == "mesh":
        assert ob is not None
        mesh = subject.mesh_of(ob, where.unit)
        params["mesh"] = "mesh.npz"

        def prepare() -> None:
            if before:
                before()
            convert.save_mesh(folder / "mesh.npz", mesh)

    shown = step_view.show if diffusion_state.is_picture(recipe.make.engine) else None
    if kind == "draw":
        seed = recipe.make.seed
        return jobs.Ticket(
            "draw", params, folder, lambda result, _: _candidate(result, folder, seed, where), label="Variation", prepare=prepare, shown=shown,
        )  # fmt: skip
    put = laying.on_mesh if recipe.form.form == "mesh" else laying.new_piece
    if recipe.form.form != "mesh":
        params["metal"] = True
        clear = subject.clear_of(context.scene, ob, where.unit) if ob is not None else None
        if clear is not None:
            params["clear"] = "clear.npz"
            prepare = _both(prepare, lambda: convert.save_mesh(folder / "clear.npz", clear))
    return jobs.Ticket(
        "lay", params, folder, lambda result, laid: put(result, laid, where), label=laying.title(recipe), prepare=prepare,
        load=lambda result, at: laying.load(result, at, where.unit), undo="Generate", shown=shown,
    )  # fmt: skip


def _both(first: Callable[[], None] | None, then: Callable[[], None]) -> Callable[[], None]:
    def prepare() -> None:
        if first:
            first()
        then()

    return prepare


def _candidate(result: dict[str, Any], folder: Path, seed: int, where: laying.Where) -> jobs.Steps:
    settings = where.scene_now().jewelgen
    row = settings.candidates.add()
    row.seed, row.recipe = seed, result["recipe"]
    row.image = laying.thumbnail(folder / "thumb.png", f"Seed {seed}")
    yield


class _Asking:
    """What the operators that begin with the scene's settings have in common."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        settings = context.scene.jewelgen
        said = ""
        if settings.target == "SELECTED":
            said = subject.why_not(context.active_object)
        if not said and settings.source == "WORDS" and not settings.prompt.strip():
            said = "Say what to make first"
        if not said and settings.source == "PICTURE" and settings.picture is None:
            said = "Choose a picture first"
        if said:
            cls.poll_message_set(say(said))  # type: ignore[attr-defined]
        return not said


class JEWELGEN_OT_generate(_Asking, bpy.types.Operator):
    """Make a live relief of the words or the picture; its depth and mapping can be changed afterwards"""

    bl_idname = "jewelgen.generate"
    bl_label = "Generate"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            ticket = order(context)
        except JewelGenError as error:
            return refused(self, error)
        return jobs.run(self, ticket)


class JEWELGEN_OT_variations(_Asking, bpy.types.Operator):
    """Draw the same words with several seeds, to pick from"""

    bl_idname = "jewelgen.variations"
    bl_label = "Variations"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        try:
            tickets = [order(context, settings.make.seed + k, "draw") for k in range(settings.variations)]
        except JewelGenError as error:
            return refused(self, error)
        forget_candidates(context.scene)
        return jobs.run(self, *tickets)


class JEWELGEN_OT_pick(bpy.types.Operator):
    """Make the piece of this variation"""

    bl_idname = "jewelgen.pick"
    bl_label = "Pick Variation"
    bl_options = {"REGISTER"}

    index: IntProperty(name="Variation", description="Number of the variation", default=0, min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        if self.index >= len(settings.candidates):
            return refused(self, BadInput("this variation is gone; draw variations again", field="index"))
        before = settings.candidates_index
        picked = settings.candidates[before].seed if 0 <= before < len(settings.candidates) else None
        settings.candidates_index = self.index
        settings.make.seed = settings.candidates[self.index].seed
        try:
            ob = context.active_object
            over = settings.target == "NEW" and ob is not None and ob.jewelgen.kind == "relief" and _seed_of(ob) == picked
            ticket = order(context, over=ob if over else None)  # the piece of the variation picked before gives way
        except JewelGenError as error:
            return refused(self, error)
        return jobs.run(self, ticket)


def _seed_of(ob: bpy.types.Object) -> int | None:
    try:
        return Recipe.from_json(ob.jewelgen.recipe).make.seed
    except BadInput:
        return None


def forget_candidates(scene: bpy.types.Scene) -> None:
    """Take the variations away, with their pictures."""
    images.forget_rows(scene.jewelgen, "candidates")


class JEWELGEN_OT_lay(bpy.types.Operator):
    """Lay the height again with these settings, or a height on the selected mesh; nothing is drawn anew"""

    bl_idname = "jewelgen.lay"
    bl_label = "Lay Relief"
    bl_options = {"REGISTER", "UNDO"}

    __annotations__ = annotations_of(ReliefParams, tuple(f.name for f in fields(ReliefParams) if f.name not in _LAID))

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = subject.why_not(context.active_object)
        if not said and _height_for(context) is None:
            said = "There is no height yet; generate one, or choose a picture"
        if said:
            cls.poll_message_set(say(said))
        return not said

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        live = nodes_relief.modifier_of(context.active_object)
        params = context.scene.jewelgen.relief
        write(self.properties, read(params, ReliefParams))
        if live is not None:
            values = nodes_relief.read(live)
            values.pop("cut_in")
            write(self.properties, replace(read(params, ReliefParams), **values))
        return self.execute(context)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in _LAID:
            layout.prop(self, name)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            ob = subject.checked(context.active_object)
            self._lay(context, ob)
        except JewelGenError as error:
            return refused(self, error)
        self.report({"INFO"}, say(f"Relief of {nodes_relief.get(nodes_relief.modifier_of(ob), 'Depth'):.2f} mm on {ob.name}"))
        return {"FINISHED"}

    def _lay(self, context: bpy.types.Context, ob: bpy.types.Object) -> None:
        scene = context.scene
        again = nodes_relief.modifier_of(ob) is not None and bool(ob.jewelgen.recipe)
        recipe = Recipe.from_json(ob.jewelgen.recipe) if again else replace(scene_recipe.read_recipe(scene), height=None)
        asked = read(self.properties, ReliefParams, density=recipe.relief.density, tolerance=recipe.relief.tolerance, pixels=recipe.relief.pixels)
        own = subject.is_own(ob)
        form = recipe.form if own else replace(recipe.form, form="mesh")
        fits = again and (own or (asked.mapping, asked.around, asked.across) == _laid_as(recipe))
        recipe = replace(recipe, relief=asked, form=form, design=replace(recipe.design, form=form.form))
        folder = jobs.new_folder()
        where = laying.Where(context, ob)
        params: dict[str, Any] = {"recipe": recipe.to_json()}
        try:
            if fits:  # the picture that was drawn for just this surface, as it is
                params |= orders.drawing(ob, recipe, folder)
            elif again and recipe.texts and recipe.height is None:
                pass  # letters are no picture: they are set anew
            else:
                path, write_picture = subject.picture_file(_height_for(context), folder)
                params["picture"] = str(path)
                if write_picture:
                    write_picture()
            if not own:
                convert.save_mesh(folder / "mesh.npz", subject.mesh_of(ob, where.unit))
                params["mesh"] = "mesh.npz"
            result, laid = jobs.here("lay", params, folder, lambda result, at: laying.load(result, at, where.unit))
            for _ in (laying.new_piece if own else laying.on_mesh)(result, laid, where):
                pass
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        metal_live.refresh(context, ob)


def _laid_as(recipe: Recipe) -> tuple[str, int, int]:
    return recipe.relief.mapping, recipe.relief.around, recipe.relief.across


def _height_for(context: bpy.types.Context) -> bpy.types.Image | None:
    """The height that laying would use: the object's own, the chosen picture, or the newest of history."""
    ob, settings = context.active_object, context.scene.jewelgen
    if ob is not None and ob.jewelgen.height is not None:
        return ob.jewelgen.height
    if settings.source == "PICTURE" and settings.picture is not None:
        return settings.picture
    chosen = settings.history_index
    if 0 <= chosen < len(settings.history) and settings.history[chosen].height is not None:
        return settings.history[chosen].height
    return settings.picture


class JEWELGEN_OT_cancel(bpy.types.Operator):
    """Stop the work; nothing half done is left"""

    bl_idname = "jewelgen.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        count = jobs.cancel_all(halfway=False)
        self.report({"INFO"}, say(f"{count} jobs cancelled" if count != 1 else "Cancelled"))
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_generate, JEWELGEN_OT_variations, JEWELGEN_OT_pick, JEWELGEN_OT_lay, JEWELGEN_OT_cancel)
