"""What a worker laid out becomes part of the scene, in steps short enough that nobody feels them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ..core.errors import BadInput
from ..core.mesh.arrays import Mesh, join
from ..core.recipe import Recipe
from . import (
    convert,
    diffusion_state,
    gems,
    images,
    mesh_steps,
    nodes_metal,
    nodes_relief,
    operators_metal,
    orders,
    previews,
    properties,
    say,
    subject,
)
from .jobs import Steps

_BESIDE = 4.0  # mm between pieces that would stand in one another
_SHORT = 44  # signs of a prompt in a name


@dataclass(frozen=True, eq=False)
class Laid:
    """Files of a "lay" or "work" job, read by a thread: arrays of our own form, or places on a mesh; the body of its metal."""

    folder: Path
    bare: mesh_steps.Arrays | None
    wrap: bool
    mirrored: bool  # the picture's upper and lower edge differ
    places: Any
    body: mesh_steps.Arrays | None = None
    stones: int = 0  # triangles of the body that are stones, the last ones


def load(result: dict[str, Any], folder: Path, unit: float) -> Laid:
    """Read what a "lay" or "work" job wrote, ``unit`` scene units per mm; touches no bpy."""
    from ..core.height.picture import read_levels
    from ..core.relief.places import Places

    edges = read_levels(folder / "ready.png")[[0, -1]] if (folder / "ready.png").exists() else np.zeros((2, 1))
    bare, wrap = None, True
    if (folder / "bare.npz").exists():
        with np.load(folder / "bare.npz", allow_pickle=False) as file:
            bare = mesh_steps.arrays_of(Mesh(file["vertices"], file["faces"]), unit, **{f"jewelgen_{name}": file[name] for name in ("uv", "lift", "rim")})
            wrap = bool(file["wrap"])
    places = None
    if (folder / "places.npz").exists():
        with np.load(folder / "places.npz", allow_pickle=False) as file:
            places = Places.unpacked({name: file[name] for name in file.files})
    body, stones = _body(folder, unit) if (folder / "body.npz").exists() else (None, 0)
    return Laid(folder, bare, wrap, bool(np.abs(edges[0] - edges[1]).max() >= 0.1), places, body, stones)


def _body(folder: Path, unit: float) -> tuple[mesh_steps.Arrays, int]:
    """A worked body as Blender stores it, with the depth of its recesses, which metal darkens, and its stones; triangles of these."""
    from ..core.mesh.normals import vertex_normals
    from .recesses import recesses

    mesh = convert.load_mesh(folder / "body.npz")
    recess = np.zeros(len(mesh.vertices), np.float32)
    if mesh.relief is not None:
        recess = recesses(mesh.vertices, vertex_normals(mesh.vertices, mesh.faces), mesh.relief)
    if not (folder / "stones.npz").exists():
        return mesh_steps.arrays_of(mesh, unit, recess=recess), 0
    gems = convert.load_mesh(folder / "stones.npz")
    both = join([Mesh(mesh.vertices, mesh.faces), Mesh(gems.vertices, gems.faces)])
    arrays = mesh_steps.arrays_of(both, unit, recess=np.concatenate([recess, np.zeros(len(gems.vertices), np.float32)]))
    faceted = arrays.edges.reshape(-1, 2)[:, 0] >= len(mesh.vertices)
    return replace(arrays, sharp=arrays.sharp | faceted), len(gems.faces)


class Where:
    """Where a piece is to stand, known by numbers that outlive undo, deletion and renaming."""

    def __init__(self, context: bpy.types.Context, ob: bpy.types.Object | None = None) -> None:
        self.scene = context.scene.session_uid
        self.collection = context.collection.session_uid
        self.layer = context.view_layer.name
        self.unit = subject.unit_of(context.scene)
        self.cursor = Vector(context.scene.cursor.location)
        self.ob = ob.session_uid if ob is not None else 0

    def scene_now(self) -> bpy.types.Scene:
        """The scene, or the one that is open if it is gone."""
        return next((s for s in bpy.data.scenes if s.session_uid == self.scene), None) or bpy.context.scene

    def object_now(self) -> bpy.types.Object | None:
        """The object a relief is laid on, if it still is in a scene."""
        return next((o for o in bpy.data.objects if o.session_uid == self.ob and o.users_scene), None) if self.ob else None

    def link(self, ob: bpy.types.Object, collection: bpy.types.Collection | None = None) -> None:
        """Into the collection that was active, or a given one; selected alone and active."""
        scene = self.scene_now()
        if collection is None:
            inside = [scene.collection, *scene.collection.children_recursive]
            collection = next((c for c in inside if c.session_uid == self.collection and c.library is None), scene.collection)
        collection.objects.link(ob)
        select(scene, ob, self.layer)


def select(scene: bpy.types.Scene, ob: bpy.types.Object, layer_name: str = "") -> None:
    """Make an object the selected and active one, where the view layer shows it."""
    layer = scene.view_layers.get(layer_name) or scene.view_layers[0]
    try:
        ob.select_set(True, view_layer=layer)  # layer.update() would work out every modifier in the scene before it knew the object
    except RuntimeError:  # its collection is excluded from the layer
        return
    held = layer.objects.active
    if held is not None and held != ob and held.mode != "OBJECT":  # the person is at work in another mode there
        ob.select_set(False, view_layer=layer)
        return
    for other in layer.objects:
        if other is not None and other != ob and other.select_get(view_layer=layer):  # None: deleted, and the layer does not know it yet
            other.select_set(False, view_layer=layer)
    layer.objects.active = ob


def new_piece(result: dict[str, Any], laid: Laid, where: Where) -> Steps:
    """A live relief on one of our own forms: a new object, or the new mesh of the one ``where`` names."""
    recipe = Recipe.from_json(result["recipe"])
    name = title(recipe)
    assert laid.bare is not None
    data = yield from mesh_steps.steps(laid.bare, name)
    height = images.image_from_png(laid.folder / "height.png", f"{name} Height")
    yield
    ready = images.image_from_png(laid.folder / "ready.png", f"{name} Ready")
    yield
    nodes_relief.relief_group()
    yield
    ob = where.object_now()
    first = False
    if ob is None:
        first = not any(o.jewelgen.kind for o in where.scene_now().objects)
        ob = bpy.data.objects.new(name, data)
        ob.matrix_world = Matrix.Translation(_free_place(where, data))
        where.link(ob)
    else:
        replace_mesh(ob, data)
    yield
    operators_metal.put_metal(ob, recipe.design.metal, recipe.design.finish, where.unit)
    yield
    ob.jewelgen.form_mark = result.get("form_mark", "")
    yield from _raise(ob, recipe, result, laid, height, ready, where, wrap=laid.wrap)
    where.scene_now().jewelgen.at_work = properties.mark(ob)
    if first:
        frame(where.scene_now(), where.unit)


def on_mesh(result: dict[str, Any], laid: Laid, where: Where) -> Steps:
    """A live relief on the artist's own mesh; if the object went away meanwhile there is nothing to do."""
    ob = where.object_now()
    if ob is None:
        return
    recipe = Recipe.from_json(result["recipe"])
    height = images.image_from_png(laid.folder / "height.png", f"{ob.name} Height")
    yield
    ready = images.image_from_png(laid.folder / "ready.png", f"{ob.name} Ready")
    yield
    nodes_relief.relief_group()
    yield
    if where.object_now() is not None:
        yield from _raise(ob, recipe, result, laid, height, ready, where, wrap=True)
        where.scene_now().jewelgen.at_work = properties.mark(ob)


def put_metal(ob: bpy.types.Object, laid: Laid, result: dict[str, Any]) -> Steps:
    """The worked body of a piece in place of its live relief, or none where the relief is all there is."""
    if result.get("worked"):
        ob.jewelgen.work_facts = json.dumps(result.get("craft") or {})
    if laid.body is None:
        if result.get("worked"):
            nodes_metal.take(ob)
        return
    data = yield from mesh_steps.steps(laid.body, f"{ob.name} Metal")
    nodes_metal.put(ob, data, laid.stones)
    yield


def _raise(
    ob: bpy.types.Object, recipe: Recipe, result: dict[str, Any], laid: Laid, height: bpy.types.Image, ready: bpy.types.Image,
    where: Where, wrap: bool,
) -> Steps:  # fmt: skip
    """The modifier, what the object remembers, and a row of history."""
    own = ob.jewelgen
    live = nodes_relief.modifier_of(ob)
    before = [image for image in (own.height, nodes_relief.get(live, "Height") if live is not None else None) if image is not None]
    pair = recipe.form.form == "earrings"
    live = nodes_relief.lay(ob, ready, recipe.relief, laid.places, where.unit, result["depth"], wrap=wrap, pair=pair, mirrored=laid.mirrored)
    own.kind, own.recipe, own.report, own.height, own.lettered = "relief", result["recipe"], "", height, orders.letters(recipe)
    for image in before:
        if not image.users:
            bpy.data.images.remove(image)
    yield
    keep_drawn(ob, recipe, laid.folder)
    yield
    yield from put_metal(ob, laid, result)
    nodes_relief.set(live, "Keep Clear Of", gems.keep_clear_collection(where.scene_now(), ob))
    if nodes_metal.modifier_of(ob) is None:
        own.worked = ""
    elif result.get("worked"):
        own.worked = orders.fingerprint(ob, where.scene_now())
    yield
    remember(where.scene_now(), ob, recipe, result, laid.folder / "thumb.png")
    yield


@dataclass(frozen=True)
class Pictures:
    """Files of a "follow" job: the pictures of a piece whose form stays."""

    folder: Path
    mirrored: bool


def load_pictures(result: dict[str, Any], folder: Path) -> Pictures:
    """Look at what a "follow" job wrote; touches no bpy."""
    from ..core.height.picture import read_levels

    edges = read_levels(folder / "ready.png")[[0, -1]]
    return Pictures(folder, bool(np.abs(edges[0] - edges[1]).max() >= 0.1))


def new_pictures(result: dict[str, Any], laid: Pictures, where: Where, wish: str, row: bool = True) -> Steps:
    """Another pattern on a live relief: mesh, modifiers and their settings stay as they are. ``row``: it gets a row of history."""
    ob = where.object_now()
    live = nodes_relief.modifier_of(ob)
    if ob is None or live is None:
        return
    height = images.image_from_png(laid.folder / "height.png", f"{ob.name} Height")
    yield
    ready = images.image_from_png(laid.folder / "ready.png", f"{ob.name} Ready")
    yield
    ob, live = where.object_now(), nodes_relief.modifier_of(where.object_now())
    if ob is None or live is None:
        return
    own = ob.jewelgen
    before = [image for image in (own.height, nodes_relief.get(live, "Height")) if image is not None]
    nodes_relief.set_all(live, {"Height": ready, "Mirrored": laid.mirrored})
    own.recipe, own.report, own.height, own.wish = result["recipe"], "", height, wish
    own.lettered = orders.letters(Recipe.from_json(own.recipe))
    for image in before:
        if not image.users:
            bpy.data.images.remove(image)
    yield
    keep_drawn(ob, Recipe.from_json(own.recipe), laid.folder)
    yield
    if row:
        remember(where.scene_now(), ob, Recipe.from_json(result["recipe"]), result, laid.folder / "thumb.png")
        yield


def keep_drawn(ob: bpy.types.Object, recipe: Recipe, folder: Path) -> None:
    """What a picture model drew stays with the object, beside the height; one that was laid again keeps what it has."""
    before, path = ob.jewelgen.drawn, folder / "colours.png"
    if path.exists():
        image = bpy.data.images.load(str(path))
        image.name = f"{ob.name} Drawn"
        image.pack()
        image.filepath = image.filepath_raw = ""
        ob.jewelgen.drawn = image
    elif not diffusion_state.is_picture(recipe.make.engine) or recipe.height is not None:
        ob.jewelgen.drawn = None
    if before is not None and before != ob.jewelgen.drawn and not before.users:
        bpy.data.images.remove(before)


def remember(scene: bpy.types.Scene, ob: bpy.types.Object, recipe: Recipe, result: dict[str, Any], picture: Path) -> None:
    """One more row of history, the newest chosen; the notes of a piece stay with its object."""
    settings = scene.jewelgen
    row = settings.history.add()
    row.name, row.recipe, row.uid, row.height = title(recipe), result["recipe"], properties.mark(ob), ob.jewelgen.height
    row.picture = thumbnail(picture, row.name)
    settings.history_index = len(settings.history) - 1
    ob[say.NOTES] = "\n".join([*result["notes"], *([result["reason"]] if result.get("reason") else [])])


def thumbnail(path: Path, name: str) -> bpy.types.Image:
    """A small picture kept in the file, ready to be shown as an icon."""
    image = bpy.data.images.load(str(path))
    image.name = f"{name} Thumbnail"
    image.pack()
    image.filepath = image.filepath_raw = ""
    previews.stamp(image)
    return image


def title(recipe: Recipe) -> str:
    """A short name: the words, or the form."""
    words = recipe.design.prompt.strip() or f"{recipe.form.form} {recipe.form.shape}".strip()
    return words if len(words) <= _SHORT else words[:_SHORT].rsplit(" ", 1)[0].rstrip(",;")


def replace_mesh(ob: bpy.types.Object, data: bpy.types.Mesh) -> None:
    """Give an object of ours a new mesh; its place, name and other modifiers stay. Raises BadInput in edit mode."""
    if ob.mode == "EDIT":
        raise BadInput(f"{ob.name} is in edit mode; leave it and generate again", field="mesh")
    old = ob.data
    for material in old.materials:
        data.materials.append(material)
    ob.data = data
    if not old.users:
        bpy.data.meshes.remove(old)


def _free_place(where: Where, data: bpy.types.Mesh) -> Vector:
    """The 3D cursor, or as far to the right of it as nothing stands in the way."""
    points = np.empty(len(data.vertices) * 3, np.float32)
    data.attributes["position"].data.foreach_get("vector", points)
    low, high = points.reshape(-1, 3).min(axis=0), points.reshape(-1, 3).max(axis=0)
    place = where.cursor.copy()
    for left, right, box in sorted(_boxes(where.scene_now()), key=lambda b: b[0]):
        inside = all(box[0][k] < place[k] + high[k] and box[1][k] > place[k] + low[k] for k in (1, 2))
        if inside and left < place.x + high[0] and right > place.x + low[0]:
            place.x = right - float(low[0]) + _BESIDE * where.unit
    return place


def _boxes(scene: bpy.types.Scene) -> Sequence[tuple[float, float, tuple[Vector, Vector]]]:
    """(left, right, (lowest, highest corner)) of all visible meshes, in the world."""
    found = []
    for ob in scene.objects:
        if ob.type == "MESH" and not ob.hide_viewport and len(ob.data.polygons):
            corners = [ob.matrix_world @ Vector(corner) for corner in ob.bound_box]
            low, high = (Vector(tuple(pick(c[k] for c in corners) for k in range(3))) for pick in (min, max))
            found.append((low.x, high.x, (low, high)))
    return found


def frame(scene: bpy.types.Scene, unit: float) -> None:
    """Turn the viewports that show a scene to its selected piece; without a window there are none."""
    if bpy.app.background:
        return
    for window in bpy.context.window_manager.windows:
        if window.scene != scene:
            continue
        for area in window.screen.areas:
            region = next((r for r in area.regions if r.type == "WINDOW"), None)
            if area.type == "VIEW_3D" and region is not None:
                space = area.spaces.active
                space.clip_start = min(space.clip_start, 0.5 * unit)
                with bpy.context.temp_override(window=window, area=area, region=region):
                    bpy.ops.view3d.view_selected()
