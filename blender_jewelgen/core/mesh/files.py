"""Meshes to files: binary STL, 3MF in millimetres, binary glTF. A file appears complete or not at all."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

import numpy as np

from ..errors import BadInput
from .arrays import Mesh
from .digits import lines
from .normals import vertex_normals
from .vectors import cross

APPLICATION = "JewelGen"
MM = 1e-3  # metres, the unit of glTF
Z_UP_TO_Y_UP = (-(0.5**0.5), 0.0, 0.0, 0.5**0.5)  # glTF's up is y, ours is z: a quarter turn about x, as (x, y, z, w)
CHUNK = 1 << 16  # triangles worked on at a time, so that the work stays in the cache
PACKED = 1  # zlib level of 3MF: level 6 takes four times as long for a tenth less


@dataclass(frozen=True)
class Look:
    """How a viewer should show the metal: linear RGB base colour and roughness, both 0 to 1."""

    colour: tuple[float, float, float] = (1.0, 0.77, 0.34)
    roughness: float = 0.2
    metallic: float = 1.0
    name: str = "metal"


@contextmanager
def _complete(path: Path) -> Iterator[BinaryIO]:
    """A file beside ``path`` that takes its name once all is written, and is removed if the writing fails."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as out:
            yield out
        os.replace(part, path)
    except OSError as error:
        raise BadInput(f"{path.name} could not be written: {error.strerror or error}", field="out") from error
    finally:
        part.unlink(missing_ok=True)


def write_stl(path: Path, mesh: Mesh) -> None:
    """Binary STL in mm, float32 as the format has it.

    Triangles that lose a corner where float32 makes two vertices one are left out: their neighbours close up without them.
    """
    vertices = np.ascontiguousarray(mesh.vertices, np.float32)
    written = 0
    with _complete(path) as out:
        out.write(f"{APPLICATION} binary STL, millimetres".encode().ljust(80) + bytes(4))
        for start in range(0, len(mesh.faces), CHUNK):
            record = _stl_records(vertices, mesh.faces[start : start + CHUNK])
            out.write(record.view(np.uint8).data)
            written += len(record)
        out.seek(80)
        out.write(struct.pack("<I", written))


def _stl_records(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    corners = vertices[faces.ravel()].reshape(len(faces), 9)
    u, v = corners[:, 3:6] - corners[:, :3], corners[:, 6:] - corners[:, :3]
    whole = u.any(axis=1) & v.any(axis=1) & (u != v).any(axis=1)
    if not whole.all():
        corners, u, v = corners[whole], u[whole], v[whole]
    normal = cross(u, v)
    x, y, z = normal.T
    normal /= np.maximum(np.sqrt(x * x + y * y + z * z), np.float32(1e-30))[:, None]  # in this order: the same bytes everywhere
    record = np.zeros(len(corners), np.dtype([("normal", "<3f4"), ("corner", "<9f4"), ("attribute", "<u2")]))
    record["normal"] = normal
    record["corner"] = corners
    return record


def write_3mf(path: Path, mesh: Mesh, title: str = "") -> None:
    """3MF (an OPC package) in millimetres, with 7 decimals: finer than float32 above 1 mm, so that all stays closed."""
    document = [
        b'<?xml version="1.0" encoding="UTF-8"?>\n',
        b'<model unit="millimeter" xml:lang="en-US" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02">\n',
        f'<metadata name="Title">{escape(_printable(title))}</metadata>\n'.encode(),
        f'<metadata name="Application">{APPLICATION}</metadata>\n'.encode(),
        b'<resources><object id="1" type="model"><mesh><vertices>\n',
        *lines((b'<vertex x="', b'" y="', b'" z="', b'"/>\n'), mesh.vertices, decimals=7),
        b"</vertices><triangles>\n",
        *lines((b'<triangle v1="', b'" v2="', b'" v3="', b'"/>\n'), mesh.faces, decimals=0),
        b'</triangles></mesh></object></resources><build><item objectid="1"/></build></model>\n',
    ]
    with _complete(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=PACKED) as package:
        package.writestr(
            _entry("[Content_Types].xml"),
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>\n',
        )
        package.writestr(
            _entry("_rels/.rels"),
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rel0" Target="/3D/3dmodel.model" '
            'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>\n',
        )
        with package.open(_entry("3D/3dmodel.model"), "w", force_zip64=True) as model:
            for piece in document:
                model.write(piece)


def _entry(name: str) -> zipfile.ZipInfo:
    """A member without a date: the same piece gives the same bytes."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry._compresslevel = zipfile.ZIP_DEFLATED, PACKED  # public as compress_level from Python 3.13 on
    return entry


def _printable(text: str) -> str:
    """``text`` without the characters that XML 1.0 has no way to write."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff"))


def write_glb(path: Path, mesh: Mesh, look: Look = Look(), normals: np.ndarray | None = None, title: str = "piece") -> None:
    """Binary glTF 2.0.

    Positions stay in mm with z up, as everywhere in the program; the one node holds the scale to metres and the turn to
    y up that glTF asks for. ``normals`` (n, 3) of unit length are made from the faces if not handed in.
    """
    positions = np.ascontiguousarray(mesh.vertices, "<f4")
    directions = np.ascontiguousarray(vertex_normals(mesh.vertices, mesh.faces) if normals is None else normals, "<f4")
    indices = np.ascontiguousarray(mesh.faces, "<i4").view("<u4")
    low, high = (positions.min(axis=0), positions.max(axis=0)) if len(positions) else (np.zeros(3), np.zeros(3))
    buffers = (positions, directions, indices)
    starts = np.cumsum([0] + [b.nbytes for b in buffers])  # all are whole numbers of 4 bytes: no padding between
    scene = {
        "asset": {"version": "2.0", "generator": APPLICATION},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": _printable(title), "mesh": 0, "rotation": Z_UP_TO_Y_UP, "scale": [MM, MM, MM]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "NORMAL": 1}, "indices": 2, "material": 0}]}],
        "materials": [
            {
                "name": look.name,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*look.colour, 1.0],
                    "metallicFactor": look.metallic,
                    "roughnessFactor": look.roughness,
                },
            }
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": len(positions),
                "type": "VEC3",
                "min": [float(x) for x in low],
                "max": [float(x) for x in high],
            },
            {"bufferView": 1, "componentType": 5126, "count": len(directions), "type": "VEC3"},
            {"bufferView": 2, "componentType": 5125, "count": indices.size, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": int(start), "byteLength": b.nbytes, "target": target}
            for b, start, target in zip(buffers, starts, (34962, 34962, 34963))
        ],
        "buffers": [{"byteLength": int(starts[-1])}],
    }
    head = json.dumps(scene, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 4)
    with _complete(path) as out:
        out.write(struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(head) + 8 + int(starts[-1])))
        out.write(struct.pack("<I4s", len(head), b"JSON"))
        out.write(head)
        out.write(struct.pack("<I4s", int(starts[-1]), b"BIN\0"))
        for b in buffers:
            out.write(b.data)
