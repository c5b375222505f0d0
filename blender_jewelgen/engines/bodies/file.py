"""The engine "file": a mesh that somebody else's program made of a picture, such as a scan or what a service's own page gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...core.body import Body
from ...core.errors import BadInput
from ...core.mesh.read import read_in_any_unit

if TYPE_CHECKING:
    from ...core.body import BodyOrder, Tell

ENDINGS = (".glb", ".gltf", ".obj", ".stl", ".ply", ".3mf")


def is_mesh(path: Path | None) -> bool:
    """Whether a file's name is that of a mesh."""
    return path is not None and path.suffix.lower() in ENDINGS


def make(order: BodyOrder, tell: Tell) -> Body:
    """The mesh of the file, in mm where its numbers are of the size of jewelry, else in its own unit. Raises BadInput as ``read_mesh`` does."""
    if order.picture is None or not is_mesh(order.picture):
        raise BadInput(f"the engine file needs a mesh; name one that ends in {', '.join(ENDINGS)}", field="mesh")
    tell(0.1, "reading the mesh")
    mesh, facts, _ = read_in_any_unit(order.picture)
    return Body(mesh=mesh, notes=facts.notes)
