"""The picture of a finished piece, taken inside Blender or by a process of its own.

``python -m blender_jewelgen.blender.picture REQUEST.json`` reads a request (see ``Request``), prints one JSON
object a line on stdout, {"fraction": 0 to 1, "text": ...} or {"error": ...}, and leaves the PNG or nothing.
It ends at SIGTERM, and when a pipe on its stdin is closed.
"""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import sys
import threading
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

FORMS = ("band", "signet", "bangle", "cuff", "pendant", "medallion", "bead", "earrings", "plaque", "mesh")
SAMPLES = 48
CANCELLED = 130  # exit code of a process that was told to stop

_DRAFTS: set[Path] = set()  # files being written, swept away when this process is stopped

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

    mesh: str = text("", "An .npz with vertices (n, 3) mm, faces (m, 3) and, if wanted, relief (n,)", 4000)
    output: str = text("", "The PNG to write", 4000)
    size: int = whole(768, 16, 8192, "px", "Width and height")
    samples: int = whole(SAMPLES, 1, 4096, "", "Rays a pixel; fewer where the picture is calm")


def render(
    mesh: Mesh, look: Look, path: Path, size: int = 768, samples: int = SAMPLES, progress: Progress = lambda fraction, text: None
) -> None:
    """Take the picture of ``mesh`` (mm) and write it as PNG to ``path``, complete or not at all.

    The studio is a scene of its own: the open file is not touched. Raises BadInput for an empty mesh.
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
    room = studio.build(data, mesh.relief, look.metal, look.finish, look.form)
    watch = _watcher(progress, 0.12, 0.97)
    bpy.app.handlers.render_stats.append(watch)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part.png")
    _DRAFTS.add(draft)
    try:
        studio.expose(room.scene, size, samples)
        bpy.ops.render.render(scene=room.scene.name)
        progress(0.98, "writing the picture")
        bpy.data.images["Render Result"].save_render(str(draft), scene=room.scene)
        os.replace(draft, path)
    finally:
        bpy.app.handlers.render_stats.remove(watch)
        draft.unlink(missing_ok=True)
        _DRAFTS.discard(draft)
        room.clear()
    progress(1.0, "picture done")


def _watcher(progress: Progress, low: float, high: float) -> Callable[..., None]:
    """A handler of Blender's render statistics that tells the share of samples done."""

    def watch(*args: Any) -> None:
        for text_ in args:
            found = re.search(r"[Ss]ample (\d+)/(\d+)", text_) if isinstance(text_, str) else None
            if found:
                progress(low + (high - low) * int(found[1]) / int(found[2]), "taking the picture")

    return watch


def _sound(mesh: Mesh) -> Mesh:
    """The mesh without triangles that name a corner twice, which can crash a renderer."""
    if len(mesh.faces) == 0 or len(mesh.vertices) == 0:
        raise BadInput("the mesh is empty; there is nothing to take a picture of", field="mesh")
    a, b, c = mesh.faces.T
    good = (a != b) & (b != c) & (c != a)
    return mesh if good.all() else Mesh(mesh.vertices, mesh.faces[good], mesh.relief)


def read_request(path: Path) -> tuple[Request, Mesh]:
    """The request in a JSON file and the mesh it names. Raises BadInput with one sentence."""
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
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadInput(f"the mesh file {request.mesh!r} is no mesh: {error}", field="mesh") from error
    _check_arrays(mesh)
    return request, mesh


def _check_arrays(mesh: Mesh) -> None:
    v, f, r = mesh.vertices, mesh.faces, mesh.relief
    if v.ndim != 2 or v.shape[1:] != (3,) or f.ndim != 2 or f.shape[1:] != (3,) or (r is not None and r.shape != (len(v),)):
        raise BadInput("the mesh file's arrays do not have the shapes (n, 3), (m, 3) and (n,)", field="mesh")
    if not np.isfinite(v).all() or (r is not None and not np.isfinite(r).all()):
        raise BadInput("the mesh file holds numbers that are not finite", field="mesh")
    if len(f) and (f.min() < 0 or f.max() >= len(v)):
        raise BadInput("the mesh file's faces name vertices that do not exist", field="mesh")


def main(argv: list[str]) -> int:
    """Run one request; stdout carries JSON lines only. Returns the exit code."""
    wire = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # from here on Blender's own prints go to stderr

    def tell(**line: Any) -> None:
        try:
            wire.write(json.dumps(line, ensure_ascii=False) + "\n")
            wire.flush()
        except OSError:  # nobody listens any more: the caller is gone
            os._exit(CANCELLED)

    if len(argv) != 1:
        tell(error="usage: python -m blender_jewelgen.blender.picture REQUEST.json")
        return 1
    path = Path(argv[0]).absolute()
    _stop_when_told()
    try:
        tell(fraction=0.0, text="starting Blender")
        request, mesh = read_request(path)
        look = Look(metal=request.metal, finish=request.finish, form=request.form)
        output = path.parent / request.output
        render(mesh, look, output, request.size, request.samples, lambda fraction, text: tell(fraction=round(fraction, 4), text=text))
    except JewelGenError as error:
        tell(error=str(error))
        return 1
    except Exception as error:  # whatever Blender raises must reach the caller as one line, not as a traceback
        tell(error=f"the picture failed: {' '.join(str(error).split())[:300] or type(error).__name__}")
        return 1
    return 0


def _stop_when_told() -> None:
    """End this process within a moment of SIGTERM, or when the pipe that is its stdin is closed by the caller.

    Blender keeps Python's main thread busy for long stretches, so that a handler there would come late; threads wait
    instead, one of them on the pipe that Python writes to the moment a signal arrives. They sweep away a half-written draft.
    """
    if sys.platform != "win32":  # there a process is ended from outside, without a word
        told, tell = os.pipe()
        os.set_blocking(tell, False)
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        signal.set_wakeup_fd(tell)
        threading.Thread(target=_end_after, args=(lambda: signal.SIGTERM not in os.read(told, 64),), daemon=True).start()
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        threading.Thread(target=_end_after, args=(lambda: os.read(0, 4096),), daemon=True).start()


def _end_after(waiting: Callable[[], Any]) -> None:
    while waiting():
        pass
    for draft in list(_DRAFTS):
        draft.unlink(missing_ok=True)
    os._exit(CANCELLED)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # bpy 4.5 can wait for ever at a normal exit
