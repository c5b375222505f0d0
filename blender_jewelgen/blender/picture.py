"""The picture of a finished piece, or the pictures of its turn on a table, taken inside Blender."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput, JewelGenError
from ..core.library import table
from ..core.mesh.arrays import Mesh
from ..core.params import check_limits, choice, from_dict, text, whole

FORMS = ("band", "signet", "bangle", "cuff", "pendant", "medallion", "bead", "earrings", "plaque", "link", "mesh")
SAMPLES = 48

DRAFTS: set[Path] = set()  # files being written, swept away when this process is stopped

Progress = Callable[[float, str], None]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the piece is made of and how it is laid out."""

    metal: str = choice("gold-18k-yellow", tuple(table("looks")["metals"]), "Metal")
    finish: str = choice("polished", tuple(table("looks")["finishes"]), "Finish of the surface")
    form: str = choice("mesh", FORMS, "Form of the piece; decides its pose")

    def __post_init__(self) -> None:
        check_limits(self)


@dataclass(frozen=True, kw_only=True)
class Request(Look):
    """A picture to be taken by a process of its own: paths are absolute or relative to the request's folder."""

    mesh: str = text("", "An .npz with vertices (n, 3) mm, faces (m, 3) and, if wanted, relief (n,), gem_vertices and gem_faces", 4000)
    output: str = text("", "The PNG to write", 4000)
    size: int = whole(768, 16, 8192, "px", "Width and height")
    samples: int = whole(SAMPLES, 1, 4096, "", "Rays a pixel; fewer where the picture is calm")
    frames: int = whole(1, 1, 720, "", "Pictures of one turn on a table, numbered before the output's ending; 1 is a still")


def render(
    mesh: Mesh,
    look: Look,
    path: Path,
    size: int = 768,
    samples: int = SAMPLES,
    progress: Progress = lambda fraction, text: None,
    frames: int = 1,
    gems: Mesh | None = None,
) -> None:
    """Take the picture of ``mesh`` (mm) and write it as PNG to ``path``, complete or not at all.

    With more than one frame the piece turns once about the vertical before a camera that stands, and the pictures are
    those of ``frame_paths``. ``gems`` are shown as stones of glass. The studio is a scene of its own: the open file is not touched. Raises BadInput for an empty mesh.
    """
    import bpy

    from . import convert, recesses, studio

    progress(0.02, "laying out the piece")
    mesh = _sound(mesh)
    data = convert.mesh_to_blender(mesh, "Piece")
    if mesh.relief is not None:
        normals = convert.normals(data)
        for name, reach in (("recess", recesses.WIDE), ("crevice", recesses.NEAR)):
            convert.add_values(data, name, recesses.recesses(mesh.vertices, normals, mesh.relief, reach))
    progress(0.08, "setting up lights")
    room = studio.build(data, mesh.relief, look.metal, look.finish, look.form, turning=frames > 1)
    if gems is not None and len(gems.faces):
        room.set_stones(convert.mesh_to_blender(gems, "Stones"))
    paths = frame_paths(path, frames)
    try:
        studio.expose(room.scene, size, samples)
        room.scene.render.use_persistent_data = frames > 1  # the mesh is handed to the renderer once
        for number, target in enumerate(paths):
            room.turn(number / frames)
            low, high = (0.12 + 0.85 * (number + step) / frames for step in (0, 1))
            said = "taking the picture" if frames == 1 else f"taking picture {number + 1} of {frames}"
            _take(bpy, room.scene, target, _watcher(progress, low, high, said))
    finally:
        room.clear()
    progress(1.0, "picture done")


def frame_paths(path: Path, frames: int) -> list[Path]:
    """The files of a turn: ``turn.png`` becomes turn-001.png, turn-002.png ...; of a still, the one file."""
    return [path] if frames == 1 else [path.with_name(f"{path.stem}-{n + 1:03d}{path.suffix}") for n in range(frames)]


def _take(bpy: Any, scene: Any, path: Path, watch: Callable[..., None]) -> None:
    """One picture of the scene, written complete or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part.png")
    DRAFTS.add(draft)
    bpy.app.handlers.render_stats.append(watch)
    try:
        bpy.ops.render.render(scene=scene.name)
        bpy.data.images["Render Result"].save_render(str(draft), scene=scene)
        os.replace(draft, path)
    finally:
        bpy.app.handlers.render_stats.remove(watch)
        draft.unlink(missing_ok=True)
        DRAFTS.discard(draft)


def _watcher(progress: Progress, low: float, high: float, said: str) -> Callable[..., None]:
    """A handler of Blender's render statistics that tells the share of samples done."""

    def watch(*args: Any) -> None:
        for text_ in args:
            found = re.search(r"[Ss]ample (\d+)/(\d+)", text_) if isinstance(text_, str) else None
            if found:
                progress(low + (high - low) * int(found[1]) / int(found[2]), said)

    return watch


def _sound(mesh: Mesh) -> Mesh:
    """The mesh without triangles that name a corner twice, which can crash a renderer."""
    if len(mesh.faces) == 0 or len(mesh.vertices) == 0:
        raise BadInput("the mesh is empty; there is nothing to take a picture of", field="mesh")
    a, b, c = mesh.faces.T
    good = (a != b) & (b != c) & (c != a)
    return mesh if good.all() else Mesh(mesh.vertices, mesh.faces[good], mesh.relief)


def read_request(path: Path) -> tuple[Request, Mesh, Mesh | None]:
    """The request in a JSON file, the mesh it names and the stones in it. Raises BadInput with one sentence."""
    try:
        request = from_dict(Request, json.loads(path.read_text(encoding="utf-8")), "picture request")
    except (OSError, ValueError) as error:
        if isinstance(error, JewelGenError):
            raise
        raise BadInput(f"the picture request {path.name} cannot be read: {error}", field="request") from error
    if not request.output:
        raise BadInput("the picture request names no output file", field="output")
    source = path.parent / request.mesh
    if not request.mesh or not source.is_file():
        raise BadInput(f"the mesh file {request.mesh!r} does not exist", field="mesh")
    try:
        with np.load(source, allow_pickle=False) as file:
            parts = {name: file[name] for name in file.files}
        mesh = Mesh(parts["vertices"], parts["faces"].astype(np.int32), parts.get("relief"))
        gems = Mesh(parts["gem_vertices"], parts["gem_faces"].astype(np.int32)) if "gem_vertices" in parts else None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadInput(f"the mesh file {request.mesh!r} is no mesh: {error}", field="mesh") from error
    for each in (mesh, gems):
        if each is not None:
            _check_arrays(each)
    return request, mesh, gems


def _check_arrays(mesh: Mesh) -> None:
    v, f, r = mesh.vertices, mesh.faces, mesh.relief
    if v.ndim != 2 or v.shape[1:] != (3,) or f.ndim != 2 or f.shape[1:] != (3,) or (r is not None and r.shape != (len(v),)):
        raise BadInput("the mesh file's arrays do not have the shapes (n, 3), (m, 3) and (n,)", field="mesh")
    if not np.isfinite(v).all() or (r is not None and not np.isfinite(r).all()):
        raise BadInput("the mesh file holds numbers that are not finite", field="mesh")
    if len(f) and (f.min() < 0 or f.max() >= len(v)):
        raise BadInput("the mesh file's faces name vertices that do not exist", field="mesh")
