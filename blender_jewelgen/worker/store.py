"""Files of a job's folder: each is written beside its name and then renamed, so that it is whole or not there."""

from __future__ import annotations

import io
import json
import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput
from ..core.mesh.arrays import Mesh


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes ``path`` at the end; nothing stays if it fails."""
    draft = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_arrays(path: Path, **arrays: Any) -> None:
    """An .npz of arrays; those that are None are left out."""
    packed = io.BytesIO()  # a zip file on a full disk fails twice, the second time in words that hide the first
    np.savez(packed, **{name: value for name, value in arrays.items() if value is not None})
    with beside(path) as draft:
        draft.write_bytes(packed.getbuffer())


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz; never objects. Raises BadInput with the file's name."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BadInput(f"the file {path.name} of the job cannot be read ({error})", field="mesh") from error


def write_mesh(path: Path, mesh: Mesh) -> None:
    """vertices (n, 3) mm, faces (m, 3) int32, and float32 relief, uv and mask where the mesh has them.

    The vertices keep their own kind of float: a mesh reduced for print can have corners that only float64 tells apart.
    """
    extra = {name: None if (value := getattr(mesh, name, None)) is None else value.astype(np.float32) for name in ("relief", "uv", "mask")}
    write_arrays(path, vertices=mesh.vertices, faces=mesh.faces.astype(np.int32), **extra)


def read_mesh(path: Path) -> Mesh:
    """The mesh that ``write_mesh`` wrote. Raises BadInput if it is none."""
    parts = read_arrays(path)
    if not {"vertices", "faces"} <= set(parts):
        raise BadInput(f"the file {path.name} of the job holds no mesh", field="mesh")
    vertices, faces = parts["vertices"], parts["faces"]
    n = len(vertices) if vertices.ndim else 0
    shapes = {"vertices": (n, 3), "faces": (len(faces) if faces.ndim else 0, 3), "relief": (n,), "uv": (len(faces) if faces.ndim else 0, 3, 2), "mask": (n,)}
    for name, shape in shapes.items():
        if name in parts and parts[name].shape != shape:
            raise BadInput(f"{name} in {path.name} has the shape {parts[name].shape}; it must be {shape}", field="mesh")
        if name != "faces" and name in parts and not np.isfinite(parts[name]).all():
            raise BadInput(f"{name} in {path.name} holds numbers that are not finite", field="mesh")
    if len(faces) and (faces.dtype.kind not in "iu" or faces.min() < 0 or faces.max() >= n):
        raise BadInput(f"faces in {path.name} name vertices that are not there", field="mesh")
    extra = {name: parts[name] for name in ("relief", "uv", "mask") if name in parts}
    return Mesh(vertices, faces.astype(np.int32, copy=False), **extra)


def write_height(path: Path, picture: np.ndarray) -> None:
    """A picture (h, w) in [0, 1] as 16 bit PNG."""
    from ..core.height import picture as pictures

    with beside(path) as draft:
        pictures.write_height(draft, picture)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """A picture (h, w, 3) uint8 as PNG."""
    from PIL import Image

    with beside(path) as draft:
        Image.fromarray(picture).save(draft, "PNG")


def read_picture(path: Path) -> np.ndarray:
    """(h, w, 3) uint8 of a PNG. Raises BadInput with the file's name."""
    from PIL import Image

    try:
        with Image.open(path) as file:
            return np.array(file.convert("RGB"))
    except (OSError, ValueError) as error:
        raise BadInput(f"the file {path.name} of the job cannot be read ({error})", field="picture") from error


def write_json(path: Path, value: Any) -> None:
    """Plain values as JSON text."""
    with beside(path) as draft:
        draft.write_text(json.dumps(value, allow_nan=False, indent=1) + "\n", encoding="utf-8")
