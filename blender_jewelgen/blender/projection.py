"""Pictures onto real objects: the artist's mesh as arrays, its views and guides, and the baked picture as an image of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from ..core.errors import BadInput
from . import images
from .projection_bake import MOST, Baked, BakeParams, Body, Shot, bake, guides
from .projection_uv import LAYER, own_layer, remove, unwrapped, write
from .projection_views import View, around, of_camera, render_size

CAMERA, VIEWS = "CAMERA", "VIEWS"
_PARTED = 0.02  # share of texels that two faces may claim, at the borders of islands
Tell = Callable[[float, str], None]


def _silent(share: float, text: str) -> None:
    pass


@dataclass(frozen=True, eq=False)
class Result:
    """The image, the share of the surface that no view saw, and notes."""

    image: bpy.types.Image
    unseen: float
    notes: tuple[str, ...]


def why_not(ob: bpy.types.Object | None) -> str:
    """Why nothing can be projected onto an object; "" if it can."""
    if ob is None or ob.type != "MESH":
        return "Select a mesh object first"
    if ob.library is not None or ob.data.library is not None or ob.override_library is not None:
        return "The mesh is linked from another file; make it local first"
    if ob.mode != "OBJECT":
        return "Leave this mode first"
    return "" if len(ob.data.polygons) else "The mesh has no faces"


def body_of(ob: bpy.types.Object) -> tuple[Body, str]:
    """The mesh as its modifiers show it, in the world; with our UV where it has come through them, and a note or "".

    A mesh whose modifiers made another one without our UV is taken as it was modelled.
    """
    shape = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    data = shape.to_mesh()
    try:
        if own_layer(ob.data) is None or LAYER in data.uv_layers:
            return _body(data, ob), ""
    finally:
        shape.to_mesh_clear()
    return _body(ob.data, ob), "the modifiers make another mesh; the pictures were laid on the mesh without them"


def _body(data: bpy.types.Mesh, ob: bpy.types.Object) -> Body:
    if not len(data.polygons):
        raise BadInput(f"{ob.name} has no faces", field="mesh")
    world = np.array(ob.matrix_world, float)
    points = np.empty(len(data.vertices) * 3, np.float32)
    data.attributes["position"].data.foreach_get("vector", points)
    data.calc_loop_triangles()
    faces, loops = np.empty((2, len(data.loop_triangles) * 3), np.int32)
    data.loop_triangles.foreach_get("vertices", faces)
    data.loop_triangles.foreach_get("loops", loops)
    normals = np.empty(len(data.loops) * 3, np.float32)
    data.corner_normals.foreach_get("vector", normals)
    turn = np.linalg.pinv(world[:3, :3]).T
    normals = normals.reshape(-1, 3)[loops].astype(float) @ turn.T
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    uv = None
    layer = data.uv_layers.get(LAYER)
    if layer is not None:
        uv = np.empty(len(data.loops) * 2, np.float32)
        layer.uv.foreach_get("vector", uv)
        uv = uv.reshape(-1, 2)[loops].reshape(-1, 3, 2).astype(float)
    placed = points.reshape(-1, 3).astype(float) @ world[:3, :3].T + world[:3, 3]
    return Body(placed, faces.reshape(-1, 3), normals.reshape(-1, 3, 3), uv)


def views_of(scene: bpy.types.Scene, ob: bpy.types.Object, body: Body, source: str, count: int, size: tuple[int, int] | None = None) -> list[View]:
    """The camera, or ``count`` views round the object along its own axes. Raises BadInput without a camera."""
    if source == CAMERA:
        return [of_camera(scene, size)]
    return around(body.points, count, ob.matrix_world.to_3x3().normalized().to_4x4())


@dataclass(frozen=True, eq=False)
class Guided:
    """Views of an object and the size of their pictures, (width, height) px; ``pictures`` touches no bpy."""

    body: Body
    views: list[View]
    size: tuple[int, int]

    def pictures(self, tell: Tell = _silent) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each view (h, w) float32 depth, nearest 1 and nothing 0, and (h, w, 3) float32 colours of normals; row 0 the UPPER edge."""
        made = []
        for number, view in enumerate(self.views):
            tell(number / len(self.views), "looking at the object")
            made.append(guides(self.body, view, self.size))
        return made


def guided(scene: bpy.types.Scene, ob: bpy.types.Object, source: str, count: int, side: int) -> Guided:
    """What guides are made of; ``side`` px is the longer side of a picture. Raises BadInput without a camera."""
    body, _ = body_of(ob)
    size = (side, side)
    if source == CAMERA:
        width, height = render_size(scene)
        size = (max(8, round(side * min(1.0, width / height))), max(8, round(side * min(1.0, height / width))))
    return Guided(body, views_of(scene, ob, body, source, count, size), size)


@dataclass(frozen=True, eq=False)
class Work:
    """Everything a projection needs, so that ``baked`` touches no bpy; ``place``: places of a new UV layer, or None for the old one."""

    uid: int
    body: Body
    shots: list[Shot]
    params: BakeParams
    place: np.ndarray | None
    is_float: bool
    space: str
    note: str

    def baked(self, tell: Tell = _silent) -> Baked:
        """The texture. Raises BadInput if no view sees the object, and what ``tell`` raises."""
        for step in bake(self.body, self.shots, self.params):
            if isinstance(step, Baked):
                if step.unseen >= 1.0:
                    raise BadInput("no view sees the object; the camera looks past it, or stands inside it", field="camera")
                return step
            tell(*step)
        raise AssertionError("a bake ends with what was baked")


def prepared(
    context: bpy.types.Context, ob: bpy.types.Object, source: str, pictures: Sequence[bpy.types.Image | None], params: BakeParams, again: bool = False
) -> Work:
    """Read the object and its pictures; nothing of the file changes.

    ``pictures``: one for the camera, or one for each view round the object, None where there is none. ``again``: unwrap anew.
    Raises BadInput for a mesh or pictures that cannot be used.
    """
    said = why_not(ob)
    if said:
        raise BadInput(said[:1].lower() + said[1:], field="mesh")
    given = [image for image in pictures if image is not None]
    if not given:
        raise BadInput("there is no picture to project; open one", field="picture")
    read = [None if image is None else pixels_of(image) for image in pictures]
    had = own_layer(ob.data) is not None
    place = None if had and not again else unwrapped(context, ob, 2.0 * params.margin / params.size)
    before = _places(ob.data) if had and place is not None else None
    if place is not None:
        write(ob.data, place)  # for the modifiers to carry through
    try:
        context.view_layer.update()
        body, note = body_of(ob)
    finally:
        if before is not None:
            write(ob.data, before)
        elif not had:
            remove(ob.data)
    shots = []
    for number, picture in enumerate(read):
        if picture is not None:
            view = views_of(context.scene, ob, body, source, len(read), (picture.shape[1], picture.shape[0]))[number]
            shots.append(Shot(view, picture))
    is_float = any(image.is_float for image in given)
    return Work(ob.session_uid, body, shots, params, place, is_float, given[0].colorspace_settings.name, note)


def put(work: Work, baked: Baked) -> Result:
    """The UV layer and the image into the file. Raises BadInput if the object is gone or its mesh another one."""
    ob = next((one for one in bpy.data.objects if one.session_uid == work.uid and one.users_scene), None)
    if ob is None:
        raise BadInput("the object was deleted while the pictures were projected", field="mesh")
    if work.place is not None:
        if len(work.place) != len(ob.data.loops) or ob.mode != "OBJECT":
            raise BadInput(f"the mesh of {ob.name} was changed while the pictures were projected; project again", field="mesh")
        write(ob.data, work.place)
    notes = [work.note] if work.note else []
    if baked.twice > _PARTED:
        notes.append(f"{baked.twice:.0%} of the texture belongs to more than one face, as mirrored and repeated parts do")
    own = ob.jewelgen_projection
    own.image, own.unseen, own.notes = _image(ob, baked.picture, work.is_float, work.space), baked.unseen, "\n".join(notes)
    return Result(own.image, baked.unseen, tuple(notes))


def _places(data: bpy.types.Mesh) -> np.ndarray:
    place = np.empty(len(data.loops) * 2, np.float32)
    own_layer(data).uv.foreach_get("vector", place)
    return place.reshape(-1, 2)


def pixels_of(image: bpy.types.Image) -> np.ndarray:
    """(h, w, 3 or 4) float32 of an image, row 0 the UPPER edge, at most ``MOST`` px a side. Raises BadInput for one without pixels."""
    if not (image.size[0] and image.size[1]):
        raise BadInput(f"the image {image.name} has no pixels; its file may be missing", field="picture")
    colours = images.colours_from_image(image)
    if colours.shape[2] < 3:
        colours = np.concatenate([np.repeat(colours[..., :1], 3, axis=2), colours[..., 1:]], axis=2)
    times = -(-max(colours.shape[:2]) // MOST)
    if times > 1:
        rows, columns = (n // times * times for n in colours.shape[:2])
        colours = colours[:rows, :columns].reshape(rows // times, times, columns // times, times, -1).mean(axis=(1, 3))
    return np.ascontiguousarray(colours)


def _image(ob: bpy.types.Object, picture: np.ndarray, is_float: bool, space: str) -> bpy.types.Image:
    """The object's baked image, packed; one it has already of this size and kind is written over."""
    held = ob.jewelgen_projection.image
    size = picture.shape[1], picture.shape[0]
    if held is None or tuple(held.size) != size or held.is_float != is_float or held.library is not None:
        held = bpy.data.images.new(f"{ob.name} Projection", *size, alpha=False, float_buffer=is_float)
    held.colorspace_settings.name = space
    flat = np.ones((*picture.shape[:2], 4), np.float32)
    flat[..., :3] = picture[::-1]
    held.pixels.foreach_set(flat.ravel())
    held.update()
    held.pack()
    return held
