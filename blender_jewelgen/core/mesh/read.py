"""Reads a mesh that someone else made, distrusts it, mends what can be mended and says so."""

from __future__ import annotations

import json
import math
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from ..errors import BadInput, Fix
from .arrays import Mesh
from .checks import inside_out
from .closed import EdgeReport, bodies, duplicates, edges, repeated
from .files import APPLICATION
from .threemf import read_3mf

EXTENSIONS = ("glb", "gltf", "stl", "obj", "ply", "3mf")
MAX_TRIANGLES = 5_000_000
MAX_BYTES = 1 << 30
STL = np.dtype([("normal", "<3f4"), ("corner", "<9f4"), ("attribute", "<u2")])
METRES, SMALLEST, LARGEST = 0.3, 4.0, 500.0  # mm; below, jewelry in metres; below, perhaps inches; above, no jewelry


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was found in a file. ``notes`` are sentences for a person: what was mended, what is still wrong."""

    name: str
    scale: float
    bodies: int
    edges: EdgeReport
    notes: tuple[str, ...]


def read_mesh(path: str | Path, scale: float | None = None, uv: bool = False) -> tuple[Mesh, Facts]:
    """The triangles of a GLB, glTF, STL, OBJ, PLY or 3MF file, in mm, z up, equal vertices merged.

    ``scale`` is mm per unit of the file. Without it the file is taken to be in mm (3MF: in the unit it states; glTF written
    by this program: in metres), and a size that no jewelry has is refused with the scale to ask for. Collapsed, double and
    inside-out faces are mended; holes and crowded edges are only told of. With ``uv`` the texture coordinates of GLB, OBJ
    and PLY come along. Raises BadInput for all that cannot be used.
    """
    path = Path(path)
    kind = _known_file(path)
    if scale is not None and not (isinstance(scale, (int, float)) and math.isfinite(scale) and scale > 0):
        raise BadInput(f"scale is {scale!r}; it must be a number above 0", field="scale")
    vertices, faces, own, place = _parsed(path, kind, uv)
    _sensible(path.name, vertices, faces)
    factor = scale if scale is not None else own
    vertices = vertices * factor
    vertices, faces, kept, notes = _tidied(vertices, faces)
    corners = place[kept] if place is not None else None
    if len(faces) == 0:
        raise BadInput(f"{path.name} holds no faces with an area", field="mesh")
    if scale is None:
        _refuse_odd_size(path.name, np.ptp(vertices, axis=0))
    count, label = bodies(faces, len(vertices))
    joined = edges(faces, len(vertices))
    if joined.flipped == 0 and joined.open == 0:
        wrong = inside_out(Mesh(vertices, faces), count, label)
        if wrong.any():
            over = wrong[label]
            faces = np.where(over[:, None], faces[:, ::-1], faces)
            if corners is not None:
                corners = np.where(over[:, None, None], corners[:, ::-1], corners)
            notes.append(
                "the mesh was inside out: all faces turned over" if over.all() else f"{wrong.sum()} inside-out parts turned over"
            )
    notes += _still_wrong(joined, count)
    mesh = Mesh(vertices, np.ascontiguousarray(faces, np.int32), uv=corners)
    return mesh, Facts(name=path.name, scale=float(factor), bodies=count, edges=joined, notes=tuple(notes))


def read_in_any_unit(path: Path, scale: float | None = None, uv: bool = False) -> tuple[Mesh, Facts, bool]:
    """``read_mesh``, and whether the lengths are the file's own because it is of no size of jewelry and no ``scale`` was said."""
    try:
        return *read_mesh(path, scale=scale, uv=uv), False
    except BadInput as error:
        if error.field != "scale" or scale is not None:
            raise
    return *read_mesh(path, scale=1.0, uv=uv), True


def _known_file(path: Path) -> str:
    """The lower-case extension of a readable, not empty, not huge file."""
    kind = path.suffix.lower().lstrip(".")
    try:
        if path.is_dir():
            raise BadInput(f"{path.name} is a folder; name a mesh file in it", field="mesh")
        if not path.exists():
            raise BadInput(f"there is no file {path.name}", field="mesh")
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"the mesh file cannot be opened: {error}", field="mesh") from error
    if kind not in EXTENSIONS:
        raise BadInput(f"{path.name} is not a mesh file; it must be one of {', '.join(EXTENSIONS)}", field="mesh")
    if size == 0:
        raise BadInput(f"{path.name} is empty", field="mesh")
    if size > MAX_BYTES:
        raise BadInput(f"{path.name} has {size / 2**30:.1f} GB; the limit is 1 GB", field="mesh")
    return kind


def _parsed(path: Path, kind: str, uv: bool) -> tuple[np.ndarray, np.ndarray, float, np.ndarray | None]:
    """Raw vertices and faces, the mm per unit that the file itself tells (1 if it does not), and (m, 3, 2) texture coordinates."""
    try:
        announced = _announced(path, kind)
        _refuse_too_many(path.name, announced)
        if kind == "3mf":
            vertices, faces, _ = read_3mf(path, MAX_TRIANGLES)
            return vertices, faces, 1.0, None
        if kind == "stl" and announced:
            corners = np.fromfile(path, STL, announced, offset=84)["corner"].astype(np.float64)
            return corners.reshape(-1, 3), np.arange(3 * announced).reshape(-1, 3), 1.0, None
        own = 1.0
        if kind in ("glb", "gltf"):
            scene = _gltf_scene(path, kind)
            _refuse_outside(path, scene)
            own = 1000.0 if scene.get("asset", {}).get("generator") == APPLICATION else 1.0
        vertices, faces, place = _by_trimesh(path, kind, uv)
        if kind in ("glb", "gltf"):
            vertices = np.stack([vertices[:, 0], -vertices[:, 2], vertices[:, 1]], axis=1)  # y up to z up
        return vertices, faces, own, place
    except BadInput:
        raise
    except OverflowError as error:
        raise _too_many(path.name) from error
    except MemoryError as error:
        raise BadInput(f"{path.name} needs more memory than there is", field="mesh") from error
    except Exception as error:  # parsers of damaged files raise anything: index, key, struct, zip, XML, unicode errors
        raise BadInput(f"{path.name} cannot be read as {kind.upper()}: it is damaged or cut short", field="mesh") from error


def _by_trimesh(path: Path, kind: str, uv: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    import trimesh

    resolver = trimesh.resolvers.FilePathResolver(str(path.parent)) if kind == "gltf" else None
    with open(path, "rb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of NaN in files that are refused further on
        options: dict[str, Any] = {"process": False, "maintain_order": True}
        if kind in ("glb", "gltf", "obj"):
            options["skip_materials"] = not uv  # trimesh reads texture coordinates with the materials only
        scene = trimesh.load_scene(stream, file_type=kind, resolver=resolver, **options)
        vertices, faces, places, count = [np.empty((0, 3))], [np.empty((0, 3), np.int64)], [], 0
        for node in scene.graph.nodes_geometry:
            place, name = scene.graph[node]
            shape = scene.geometry[name]
            corners = np.asarray(getattr(shape, "faces", ()), np.int64).reshape(-1, 3)
            if len(corners) == 0:
                continue  # points and lines
            points = np.asarray(shape.vertices, np.float64)
            if corners.min() < 0 or corners.max() >= len(points):
                raise IndexError("a face names a vertex that is not there")
            vertices.append(points @ place[:3, :3].T + place[:3, 3])
            corners = corners if np.linalg.det(place[:3, :3]) > 0 else corners[:, ::-1]
            faces.append(corners + count)
            own = getattr(shape.visual, "uv", None) if uv else None
            if own is not None and len(own) == len(points):
                places.append(np.asarray(own, np.float64)[corners])
            count += len(points)
    whole = bool(places) and sum(map(len, places)) == sum(map(len, faces))
    return np.concatenate(vertices), np.concatenate(faces), np.concatenate(places) if whole else None


def _announced(path: Path, kind: str) -> int:
    """Triangles that the head of a binary STL or a PLY promises; 0 if the format does not say."""
    with open(path, "rb") as stream:
        head = stream.read(4096)
    if kind == "stl" and len(head) >= 84:
        count = int(struct.unpack_from("<I", head, 80)[0])
        size = path.stat().st_size
        if size == 84 + 50 * count:
            return count
        if head.lstrip()[:5].lower() != b"solid" and size < 84 + 50 * count:
            raise EOFError
    if kind == "ply":
        for line in head.split(b"\n"):
            words = line.split()
            if words[:2] == [b"element", b"face"]:
                return int(words[2])
    return 0


def _gltf_scene(path: Path, kind: str) -> dict[str, Any]:
    """The JSON object of a glTF file."""
    if kind == "gltf":
        scene = json.loads(path.read_text(encoding="utf-8"))
    else:
        with open(path, "rb") as stream:
            magic, _, total, length, chunk = struct.unpack("<4sIII4s", stream.read(20))
            if magic != b"glTF" or chunk != b"JSON" or total > path.stat().st_size:
                raise ValueError("not a binary glTF")
            scene = json.loads(stream.read(length))
    if not isinstance(scene, dict):
        raise ValueError("not a glTF scene")
    if any("KHR_draco" in str(name) for name in scene.get("extensionsRequired", ())):
        raise BadInput(f"{path.name} is packed with Draco; export it again without compression", field="mesh")
    _refuse_too_many(path.name, sum(_triangles_of(scene, p) for m in scene.get("meshes", ()) for p in m["primitives"]))
    return scene


def _triangles_of(scene: dict[str, Any], primitive: dict[str, Any]) -> int:
    accessor = primitive.get("indices", primitive["attributes"].get("POSITION"))
    return int(scene["accessors"][accessor]["count"]) // 3 if accessor is not None else 0


def _refuse_outside(path: Path, scene: dict[str, Any]) -> None:
    """BadInput if the file refers to anything that is not embedded in it or in its own folder."""
    folder = path.parent.resolve()
    for row in [*scene.get("buffers", ()), *scene.get("images", ())]:
        uri = row.get("uri", "")
        if not uri or uri.startswith("data:"):
            continue
        name = unquote(uri).replace("\\", "/")
        outside = ":" in name or name.startswith("/") or ".." in name.split("/")
        if outside or not (folder / name).resolve().is_relative_to(folder):
            raise BadInput(
                f"{path.name} points outside its folder ({uri[:60]!r}); export it with everything embedded", field="mesh"
            )


def _too_many(name: str) -> BadInput:
    return BadInput(f"{name} has more triangles than the limit of {MAX_TRIANGLES:,}; decimate it first", field="mesh")


def _refuse_too_many(name: str, triangles: int) -> None:
    if triangles > MAX_TRIANGLES:
        raise _too_many(name)


def _sensible(name: str, vertices: np.ndarray, faces: np.ndarray) -> None:
    if len(faces) == 0:
        raise BadInput(f"{name} holds no faces", field="mesh")
    _refuse_too_many(name, len(faces))
    used = vertices[np.unique(faces)] if not np.isfinite(vertices).all() else vertices
    if not np.isfinite(used).all():
        raise BadInput(f"{name} holds coordinates that are not numbers (NaN or infinite)", field="mesh")
    if np.abs(used).max() > 1e9:
        raise BadInput(f"{name} holds coordinates beyond a million metres", field="mesh")


def _tidied(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Equal positions merged, collapsed and double faces and unused vertices out; which faces stay, and what is worth telling."""
    notes = []
    kept = np.arange(len(faces))
    faces = merged(vertices)[faces]
    collapsed = repeated(faces)
    if collapsed.any():
        faces, kept = faces[~collapsed], kept[~collapsed]
        notes.append(f"{int(collapsed.sum()):,} collapsed faces removed")
    again = np.zeros(len(faces), bool) if edges(faces, len(vertices)).sound else duplicates(faces)
    if again.any():
        faces, kept = faces[~again], kept[~again]
        notes.append(f"{int(again.sum()):,} duplicate faces removed")
    used = np.zeros(len(vertices), bool)
    used[faces] = True
    number = (np.cumsum(used) - 1).astype(np.int32)
    return vertices[used], number[faces], kept, notes


def merged(vertices: np.ndarray) -> np.ndarray:
    """(n,) for each vertex the lowest number of a vertex at exactly the same place."""
    bits = (np.ascontiguousarray(vertices, np.float64) + 0.0).view(np.uint64)  # + 0.0 makes -0.0 and 0.0 one
    key = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    for column in (bits[:, 1], bits[:, 2]):
        key ^= key >> np.uint64(29)
        key = (key + column) * np.uint64(0xBF58476D1CE4E5B9)
    order = np.argsort(key, kind="stable")
    key = key[order]
    place = _first_of_runs(order, key[1:] != key[:-1])
    if not (bits[place] == bits).all():  # two places with one key: sort by the places themselves
        order = np.lexsort((bits[:, 2], bits[:, 1], bits[:, 0]))
        place = _first_of_runs(order, (bits[order[1:]] != bits[order[:-1]]).any(axis=1))
    return place


def _first_of_runs(order: np.ndarray, new: np.ndarray) -> np.ndarray:
    """For each number in ``order`` the first of its run; ``new`` tells where another run begins."""
    start = np.concatenate([[True], new])
    place = np.empty(len(order), np.int64)
    place[order] = order[np.flatnonzero(start)][np.cumsum(start) - 1]
    return place


def _refuse_odd_size(name: str, size: np.ndarray) -> None:
    largest = float(size.max())
    told = " x ".join(f"{x:.3g}" for x in size)
    head = f"the mesh {name} is {told} units in size"
    if largest < METRES:
        raise BadInput(
            f"{head}, it looks like metres", field="scale", fix=Fix("Read as metres", "--scale 1000")
        )
    if largest < SMALLEST:
        raise BadInput(
            f"{head}, which may be inches or a model without a unit; say --scale 25.4 for inches, --scale 1 for mm, "
            f"or --scale {20.0 / largest:.4g} to make it 20 mm",
            field="scale",
            fix=Fix("Read as inches", "--scale 25.4"),
        )
    if largest > LARGEST:
        raise BadInput(
            f"{head}, too large for jewelry in mm; say --scale 0.001 for microns, or --scale {20.0 / largest:.4g} to make it 20 mm",
            field="scale",
            fix=Fix("Make it 20 mm", f"--scale {20.0 / largest:.4g}"),
        )


def _still_wrong(joined: EdgeReport, count: int) -> list[str]:
    notes = []
    if count > 1:
        notes.append(f"the mesh has {count:,} separate bodies")
    if joined.open:
        notes.append(f"the mesh is not closed: {joined.open:,} open edges")
    if joined.non_manifold:
        notes.append(f"the mesh is not manifold: {joined.non_manifold:,} edges with more than two faces")
    if joined.flipped:
        notes.append(f"neighbouring faces disagree which side is outside at {joined.flipped:,} edges")
    return notes
