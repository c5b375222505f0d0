"""Speeds of the way from a picture to a solid: a torn mesh made one body, a ring fitted to a picture, a mesh measured."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..core.mesh.arrays import Mesh, join
from .bench_rows import Row, median, row

_CELL = 0.1  # mm
_SOLID_MS, _FIT_MS, _QUALITY_MS = 6000.0, 5000.0, 3000.0
Rival = Callable[[Mesh], Mesh]


def _solid() -> Row:
    """A ring of 25 mm that crosses itself and has holes and bits, rebuilt at 0.1 mm, beside what others make of it."""
    from ..core.solid.made import made
    from ..core.solid.params import SolidParams

    whole, torn = _ring(), _torn()
    kept: list[Mesh] = []

    def ours() -> None:
        kept[:] = [made(torn, SolidParams(resolution=_CELL), lambda share, text: None).mesh]

    taken = median(ours, 3)
    rivals = [_rival(name, module, work, torn, whole) for name, module, work in _RIVALS]
    timed = [(name, ms) for name, ms in rivals if ms is not None]
    said = f"ours {_state(kept[0], whole)}; " + "; ".join(name for name, _ in rivals)
    return row(taken, f"<= {_SOLID_MS:g} ms", taken <= _SOLID_MS, said, timed[0][1] if timed else None)


def _rival(name: str, module: str, work: Rival, torn: Mesh, whole: Mesh) -> tuple[str, float | None]:
    """What a rival took and made, in words, and its milliseconds; None where it is not installed or fails."""
    kept: list[Mesh] = []
    try:
        importlib.import_module(module)
    except ImportError:
        return f"{name}: not installed", None
    try:
        taken = median(lambda: kept.append(work(torn)), 1)
    except ImportError as error:
        return f"{name}: needs {error.name or error}", None
    except Exception as error:  # a rival may stumble over anything; the row goes on
        return f"{name}: failed ({type(error).__name__})", None
    return f"{name} {taken:.0f} ms, {_state(kept[-1], whole)}", taken


def _state(mesh: Mesh, whole: Mesh) -> str:
    """Bodies, open or closed, whether it crosses itself, and how far the volume is off."""
    from ..core.mesh.intersect import self_intersections
    from ..core.mesh.quality import measured

    found = measured(mesh, wall=False)
    volume = f"volume {mesh.volume / whole.volume - 1.0:+.1%}" if found.closed else "open"
    crossing = ", crosses itself" if len(self_intersections(mesh, limit=1)) else ""
    return f"{found.pieces} piece{'s' if found.pieces != 1 else ''}, {volume}{crossing}"


def _ring() -> Mesh:
    """A ring of 25 mm with a relief, of 200 000 triangles."""
    u, v = np.meshgrid(np.arange(500) / 500 * 2.0 * np.pi, np.arange(200) / 200 * 2.0 * np.pi, indexing="ij")
    thick = 1.9 + 0.25 * np.sin(20.0 * u) * np.sin(3.0 * v)
    points = np.stack([(10.3 + thick * np.cos(v)) * np.cos(u), (10.3 + thick * np.cos(v)) * np.sin(u), thick * np.sin(v)], 2)
    i, j = np.meshgrid(np.arange(500), np.arange(200), indexing="ij")
    a, b, c, d = i * 200 + j, (i + 1) % 500 * 200 + j, (i + 1) % 500 * 200 + (j + 1) % 200, i * 200 + (j + 1) % 200
    return Mesh(points.reshape(-1, 3), np.stack([a, b, c, a, c, d], -1).reshape(-1, 3).astype(np.int32))


def _torn() -> Mesh:
    """The ring with 300 faces missing, with noise that turns some of it through itself, and with loose bits."""
    whole = _ring()
    rng = np.random.default_rng(0)
    vertices = whole.vertices.copy()
    some = rng.choice(len(vertices), 400, replace=False)
    vertices[some] += rng.normal(size=(400, 3)) * 0.12
    kept = np.ones(len(whole.faces), bool)
    kept[rng.choice(len(kept), 300, replace=False)] = False
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]) * 0.3
    bit = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.int32)
    bits = [Mesh(corners + place, bit) for place in rng.uniform(-3.0, 3.0, (40, 3))]
    return join([Mesh(vertices, whole.faces[kept]), *bits])


def _voxels(mesh: Mesh) -> Mesh:
    """Blender's voxel remesh at the same cell."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    data = bpy.data.meshes.new("torn")
    data.vertices.add(len(mesh.vertices))
    data.vertices.foreach_set("co", mesh.vertices.astype(np.float32).ravel())
    data.loops.add(mesh.faces.size)
    data.loops.foreach_set("vertex_index", mesh.faces.ravel())
    data.polygons.add(len(mesh.faces))
    data.polygons.foreach_set("loop_start", np.arange(0, mesh.faces.size, 3, dtype=np.int32))
    data.update(calc_edges=True)
    thing = bpy.data.objects.new("torn", data)
    bpy.context.scene.collection.objects.link(thing)
    remesh = thing.modifiers.new("remesh", "REMESH")
    remesh.mode, remesh.voxel_size, remesh.adaptivity = "VOXEL", _CELL, 0.0
    bpy.context.view_layer.update()
    result = thing.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    result.calc_loop_triangles()
    points, faces = np.empty(3 * len(result.vertices), np.float32), np.empty(3 * len(result.loop_triangles), np.int32)
    result.vertices.foreach_get("co", points)
    result.loop_triangles.foreach_get("vertices", faces)
    return Mesh(points.reshape(-1, 3), faces.reshape(-1, 3))


def _repaired(mesh: Mesh) -> Mesh:
    """trimesh's own repairs, one after another."""
    import trimesh

    thing = trimesh.Trimesh(mesh.vertices, mesh.faces, process=True)
    trimesh.repair.fix_winding(thing)
    trimesh.repair.fill_holes(thing)
    trimesh.repair.fix_inversion(thing)
    return Mesh(np.asarray(thing.vertices), np.asarray(thing.faces, np.int32))


def _meshlab(mesh: Mesh) -> Mesh:
    """The filters that a MeshLab script repairs with."""
    pymeshlab: Any = importlib.import_module("pymeshlab")
    work = pymeshlab.MeshSet()
    work.add_mesh(pymeshlab.Mesh(mesh.vertices, mesh.faces))
    for name in ("meshing_remove_duplicate_vertices", "meshing_remove_duplicate_faces", "meshing_repair_non_manifold_edges", "meshing_repair_non_manifold_vertices", "meshing_close_holes"):
        getattr(work, name)()
    made = work.current_mesh()
    return Mesh(np.asarray(made.vertex_matrix()), np.asarray(made.face_matrix(), np.int32))


_RIVALS: tuple[tuple[str, str, Rival], ...] = (("Blender voxel remesh", "bpy", _voxels), ("trimesh repair", "trimesh", _repaired), ("pymeshlab", "pymeshlab", _meshlab))


def _fit() -> Row:
    """A ring of ours, seen at 1024 × 1024 px, fitted by a form again."""
    from PIL import Image

    from ..core.body import BodyOrder, BodyParams
    from ..core.form.params import FormParams, complete
    from ..core.form.turned import turned
    from ..core.mesh.look import shaded
    from ..core.relief.lift import lift
    from ..core.relief.params import ReliefParams
    from ..engines.bodies.registry import make

    band = lift(turned(complete(FormParams(form="band", width=6.0))), None, np.zeros((8, 8), np.float32), 0.2, ReliefParams(density="preview"))
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "ring.png"
        Image.fromarray(shaded(band, 1024, turn=0.0, rise=55.0)).save(picture)
        order = BodyOrder(params=BodyParams(engine="ring"), picture=picture)
        taken = median(lambda: make(order, lambda share, text: None), 3)
    return row(taken, f"<= {_FIT_MS:g} ms", taken <= _FIT_MS)


def _quality() -> Row:
    """All numbers of a million triangles, beside trimesh's of the same name, which leave out wall, symmetry and box planes."""
    from ..core.form.plate import torus
    from ..core.mesh.quality import measured

    mesh = torus(9.0, 1.5, 1000, 500)
    taken = median(lambda: measured(mesh), 3)
    try:
        import trimesh
    except ImportError:
        return row(taken, f"<= {_QUALITY_MS:g} ms", taken <= _QUALITY_MS, "trimesh: not installed")

    def rival() -> None:
        fresh = trimesh.Trimesh(mesh.vertices, mesh.faces, process=True)
        assert fresh.is_watertight and fresh.euler_number == 0
        assert fresh.body_count == 1
        assert fresh.convex_hull.volume > 0

    try:
        theirs = median(rival, 1)
    except ImportError as error:  # its counts and hulls need packages of their own
        return row(taken, f"<= {_QUALITY_MS:g} ms", taken <= _QUALITY_MS, f"trimesh: needs {error.name or error}")
    return row(taken, f"<= {_QUALITY_MS:g} ms", taken <= _QUALITY_MS, "trimesh, without wall, symmetry and box planes", theirs)


ROWS: dict[str, Callable[[], Row]] = {
    "make solid, 200k triangles": _solid,
    "ring fit, 1024 px picture": _fit,
    "mesh quality, 1 M triangles": _quality,
}
