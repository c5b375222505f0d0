"""Reads the triangles of a 3MF package with the standard library: objects, components, build items, units."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np

UNITS = {"micron": 1e-3, "millimeter": 1.0, "centimeter": 10.0, "inch": 25.4, "foot": 304.8, "meter": 1000.0}  # mm
RELATION = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
LARGEST = 4 << 30  # bytes a model may unpack to
DEEPEST = 16  # components within components
MOST_PLACES = 100_000


@dataclass
class _Object:
    vertices: list[float] = field(default_factory=list)
    faces: list[int] = field(default_factory=list)
    parts: list[tuple[str, np.ndarray]] = field(default_factory=list)


def read_3mf(path: Path, max_triangles: int) -> tuple[np.ndarray, np.ndarray, str]:
    """Vertices (n, 3) float64 in mm, faces (m, 3) int64 and the unit's name. ValueError if the file is not sound 3MF."""
    with zipfile.ZipFile(path) as package:
        name = _root(package)
        if package.getinfo(name).file_size > LARGEST:
            raise ValueError("the model is too large to unpack")
        model = _Model(max_triangles)
        with package.open(name) as stream:
            model.parser.ParseFile(stream)
    vertices, faces = model.assembled()
    return vertices * UNITS[model.unit], faces, model.unit


def _root(package: zipfile.ZipFile) -> str:
    """The name of the model part that the package's relationships point at."""
    found: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes.get("Type") == RELATION:
            found.append(attributes["Target"].lstrip("/"))

    parser = _parser(start)
    parser.Parse(package.read("_rels/.rels"), True)
    if not found:
        raise ValueError("the package names no 3D model")
    return found[0]


def _parser(start: object) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise ValueError("the XML declares entities")  # 3MF forbids them, and they can blow up or reach other files


def _transform(text: str | None) -> np.ndarray:
    """(4, 3): three rows of the matrix and one of the shift, for row vectors, as 3MF writes it."""
    if not text:
        return np.vstack([np.eye(3), np.zeros(3)])
    matrix = np.array(text.split(), np.float64).reshape(4, 3)
    if not np.isfinite(matrix).all():
        raise ValueError("a transform is not finite")
    return matrix


class _Model:
    """Collects the model part while expat reads it."""

    def __init__(self, max_triangles: int) -> None:
        self.unit = "millimeter"
        self.objects: dict[str, _Object] = {}
        self.items: list[tuple[str, np.ndarray]] = []
        self.current = _Object()
        self.max_triangles = max_triangles
        self.parser = _parser(self.start)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "vertex":
            self.current.vertices += (float(attributes["x"]), float(attributes["y"]), float(attributes["z"]))
        elif tag == "triangle":
            self.current.faces += (int(attributes["v1"]), int(attributes["v2"]), int(attributes["v3"]))
            if len(self.current.faces) > 3 * self.max_triangles:
                raise OverflowError
        elif tag == "object":
            self.current = self.objects.setdefault(attributes["id"], _Object())
        elif tag == "component":
            self.current.parts.append((attributes["objectid"], _transform(attributes.get("transform"))))
        elif tag == "item":
            self.items.append((attributes["objectid"], _transform(attributes.get("transform"))))
        elif tag == "model":
            self.unit = attributes.get("unit", "millimeter")
            if self.unit not in UNITS:
                raise ValueError(f"unit {self.unit!r} is none of 3MF's")

    def assembled(self) -> tuple[np.ndarray, np.ndarray]:
        """All build items in their places, as one list of vertices and faces."""
        sizes: dict[str, tuple[int, int]] = {}
        totals = [self._size(key, sizes, 0) for key, _ in self.items]
        if sum(triangles for triangles, _ in totals) > self.max_triangles:
            raise OverflowError
        if sum(places for _, places in totals) > MOST_PLACES:
            raise ValueError("the model is of too many parts")
        shapes = {key: _arrays(shape) for key, shape in self.objects.items()}
        vertices, faces, count = [np.empty((0, 3))], [np.empty((0, 3), np.int64)], 0
        work = list(self.items)
        while work:
            key, place = work.pop()
            points, corners = shapes[key]
            if np.linalg.det(place[:3]) < 0:
                corners = corners[:, ::-1]  # a mirrored part would be inside out
            with np.errstate(invalid="ignore"):  # of infinite coordinates, which the reader refuses
                vertices.append(points @ place[:3] + place[3])
            faces.append(corners + count)
            count += len(points)
            parts = self.objects[key].parts
            work += [(k, np.vstack([p[:3] @ place[:3], p[3] @ place[:3] + place[3]])) for k, p in parts]
        return np.concatenate(vertices), np.concatenate(faces)

    def _size(self, key: str, known: dict[str, tuple[int, int]], depth: int) -> tuple[int, int]:
        """Triangles and places that an object comes to with all its parts; counted before anything is laid out."""
        if key not in self.objects or depth > DEEPEST:
            raise ValueError(f"object {key} is missing, or part of itself")
        if key not in known:
            shape = self.objects[key]
            parts = [self._size(k, known, depth + 1) for k, _ in shape.parts]
            known[key] = len(shape.faces) // 3 + sum(t for t, _ in parts), 1 + sum(p for _, p in parts)
        return known[key]


def _arrays(shape: _Object) -> tuple[np.ndarray, np.ndarray]:
    points = np.array(shape.vertices, np.float64).reshape(-1, 3)
    corners = np.array(shape.faces, np.int64).reshape(-1, 3)
    if len(corners) and (corners.min() < 0 or corners.max() >= len(points)):
        raise ValueError("a triangle names a vertex that is not there")
    return points, corners
