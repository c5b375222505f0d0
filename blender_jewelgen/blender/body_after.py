"""What becomes of a body in the scene: a form and its piece, a relief and its piece, or a mesh at the cursor; then ornament on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import BadInput, JewelGenError
from ..core.form.params import FORMS, FormParams, complete
from ..core.mesh.arrays import Mesh
from ..core.recipe import level
from . import (
    body_view,
    convert,
    images,
    jobs,
    mesh_facts,
    mesh_steps,
    operators_generate,
    properties_body,
    say,
    scene_recipe,
    subject,
)
from .operators_import import Place
from .settings import shown

_FORM = {f.name: f for f in fields(FormParams)}
_PLAIN = ("", *(f"plain {form}" for form in FORMS))  # words without ornament: nobody's, or put in for an earlier picture
_OURS = "jewelgen_body"  # mark of a picture that was made of the picture of a piece


class After:
    """What becomes of a body: a form and its piece, a relief and its piece, or a mesh at the cursor, with ornament laid on it."""

    def __init__(self, context: bpy.types.Context, name: str, piece: bool, mend: bool) -> None:
        self._place = Place(context)
        self._name, self._piece, self._mend = name or "Body", piece, mend
        self.follow: jobs.Ticket | None = None  # the job that lays ornament on it
        self.told = ""

    def load(self, result: dict[str, Any], folder: Path) -> tuple[Mesh | None, mesh_steps.Arrays | None]:
        """The mesh that goes into the scene, as it is stored there; touches no bpy."""
        file = (result["solid"] if self._piece or self._mend else "") or result["mesh"]
        if not file:
            return None, None
        mesh = convert.load_mesh(folder / file)
        return mesh, None if mesh.uv is not None else mesh_steps.arrays_of(mesh, self._place.unit)

    def put(self, result: dict[str, Any], loaded: tuple[Mesh | None, mesh_steps.Arrays | None], folder: Path) -> jobs.Steps:
        """Everything into the scene, then the next job begun."""
        remember(result)
        body_view.show_mask(folder / result["mask"] if result["mask"] else None)
        scene = self._place.scene_now()
        mesh, arrays = loaded
        if mesh is not None:
            ob = yield from self._mesh(result, mesh, arrays)
            self.told = mesh_line(result, ob.name)
            say.say(self.told)
            if not self._piece:
                return
            settings = scene.jewelgen
            settings.target, settings.relief.mapping = "SELECTED", "auto"
            if settings.source == "WORDS" and not settings.prompt.strip():
                self.told = f"{self.told}; say what ornament it bears, then press Generate"
                say.say(self.told)
                return
            self._begin(scene, result, ob)
        elif result["form"] is None:
            raise JewelGenError(f"{result['engine']} gave nothing")
        elif not self._piece:
            raise BadInput("this engine makes a form of ours, no mesh; press Make Piece", field="engine")
        else:
            put_form(scene, result["form"])
            yield
            if result["height"]:
                put_height(scene.jewelgen, images.image_from_png(folder / result["height"], f"{self._name} Height"))
            else:
                plain(scene.jewelgen)
            self.told = form_line(result)
            self._begin(scene, result, None)
        yield

    def _mesh(self, result: dict[str, Any], mesh: Mesh, arrays: mesh_steps.Arrays | None) -> Any:
        if arrays is None:
            data = convert.mesh_to_blender(mesh, self._name, self._place.unit)
            yield
        else:
            data = yield from mesh_steps.steps(arrays, self._name)
        ob = bpy.data.objects.new(self._name, data)
        self._place.put(ob)
        say.keep(ob, mesh_line(result, self._name), result["notes"])
        solid = self._piece or self._mend
        mesh_facts.keep(ob, result["after"] if solid and result["after"] else result["quality"], result["quality"] if solid else None)
        yield
        return ob

    def _begin(self, scene: bpy.types.Scene, result: dict[str, Any], ob: bpy.types.Object | None) -> None:
        """Ornament on it; the recipe knows where the form comes from. Raises BadInput."""
        with _window_of(scene):
            self.follow = jobs.submit(generated(bpy.context, scene, ob, dict(result.get("origin") or {}), result["notes"]))


def generated(
    context: bpy.types.Context, scene: bpy.types.Scene, ob: bpy.types.Object | None, origin: dict[str, str], notes: list[str]
) -> jobs.Ticket:  # fmt: skip
    """The job that Generate would begin on a new piece or on ``ob``, with the origin of the form in its recipe. Raises BadInput."""
    settings = scene.jewelgen
    settings.target = "NEW" if ob is None else "SELECTED"
    recipe = replace(scene_recipe.read_recipe(scene), origin=origin)
    if settings.source == "WORDS":
        recipe = level(recipe)
    params: dict[str, Any] = {"recipe": recipe.to_json()}
    write: Callable[[], None] | None = None
    with jobs.work_folder() as folder:
        if settings.source == "PICTURE":
            if settings.picture is None:
                raise BadInput("no picture is chosen; open one, or drag one into the viewport", field="picture")
            path, write = subject.picture_file(settings.picture, folder)
            params["picture"] = str(path)
        ticket = operators_generate.ticket_of(context, recipe, params, folder, ob and subject.checked(ob), "lay", write)
    before = ticket.apply

    def apply(result: dict[str, Any], loaded: Any) -> jobs.Steps:
        return before(result | {"notes": [*notes, *result["notes"]]}, loaded)

    ticket.apply = apply
    return ticket


@contextlib.contextmanager
def _window_of(scene: bpy.types.Scene) -> Any:
    """A context with the scene, in a window that shows it: a timer has none of its own."""
    window = next((one for one in bpy.context.window_manager.windows if one.scene == scene), None)
    shown = {"window": window} if window is not None else {"scene": scene, "view_layer": scene.view_layers[0]}
    with bpy.context.temp_override(**shown) if bpy.context.scene != scene or not bpy.app.background else contextlib.nullcontext():
        yield


def put_form(scene: bpy.types.Scene, form: dict[str, Any]) -> None:
    """A form that was found into the scene's settings, as if set by hand: words do not undo what the picture shows.

    A finger size is in no picture: it stays the words' to say where they, or the form itself, come to the same.
    """
    group = scene.jewelgen.form
    with scene_recipe.quiet(scene):
        group.touched = ""
        for name, f in _FORM.items():
            setattr(group, name, shown(f, f.default if name == "size" else form[name]))
            if name == "form" or (name != "size" and form[name] != f.default):
                scene_recipe.touch(group, name)
    scene_recipe.reread(scene)
    if (group.size or complete(FormParams(form=form["form"])).size) != form["size"] and form["size"]:
        group.size = form["size"]  # which counts as set by hand


def put_height(settings: Any, image: bpy.types.Image) -> None:
    """The relief of a picture as the ornament; that of an earlier picture goes, unless a piece holds it."""
    before = settings.picture
    image[_OURS] = True
    settings.picture, settings.source = image, "PICTURE"
    if before is not None and before.get(_OURS) and not before.users:
        bpy.data.images.remove(before)


def plain(settings: Any) -> None:
    """Without words there is no ornament: the piece is plain, and says so where words go. The relief of an earlier picture is none."""
    if settings.source == "PICTURE" and (settings.picture is None or settings.picture.get(_OURS)):
        settings.source = "WORDS"
    if settings.source == "WORDS" and settings.prompt.strip() in _PLAIN:
        settings.prompt = f"plain {settings.form.form}"


def remember(result: dict[str, Any]) -> None:
    """Candidates, cost and notes into the window manager, for the panel."""
    own = properties_body.known()
    own.error, own.engine, own.cost = "", result["engine"], result["cost"]
    own.notes = "\n".join(result["notes"])
    own.candidates.clear()
    for told in result["candidates"]:
        row = own.candidates.add()
        row.seed, row.line, row.refused = told["seed"], mesh_facts.line(told["numbers"]), told["refused"]
    jobs.redraw()


def mesh_line(result: dict[str, Any], name: str) -> str:
    """What came as a mesh, in a line."""
    facts = result["after"] or result["quality"] or {}
    size = " × ".join(f"{side:.1f}" for side in facts.get("size_mm") or ())
    cost = f", {result['cost']}" if result["cost"] else ""
    return f"{name}: {size} mm, {facts.get('triangles') or 0:,} triangles by {result['engine']}{cost}"


def form_line(result: dict[str, Any]) -> str:
    """What form was found, in a line."""
    form = result["form"]
    parts = [form["shape"], form["form"], form["size"], f"{form['width']:.1f} mm wide" if form["width"] else ""]
    return f"Found: {' '.join(filter(None, parts[:2]))}{''.join(f', {part}' for part in parts[2:] if part)}"
