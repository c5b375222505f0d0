"""To and from manifold3d, which does booleans and keeps every result closed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import BadInput
from .arrays import Mesh


def to_solid(mesh: Mesh, relief: bool = False, mask: bool = False) -> Any:
    """A ``manifold3d.Manifold`` of a closed mesh; shading values or the mask travel along if asked for. Raises BadInput if not closed."""
    import manifold3d

    columns = [mesh.vertices]
    if relief:
        columns.append((mesh.relief if mesh.relief is not None else np.zeros(len(mesh.vertices), np.float32))[:, None])
    if mask:
        columns.append((mesh.mask if mesh.mask is not None else np.ones(len(mesh.vertices), np.float32))[:, None])
    values = np.concatenate(columns, axis=1).astype(np.float64)
    solid = manifold3d.Manifold(manifold3d.Mesh64(values, mesh.faces.astype(np.uint64)))
    if solid.status() != manifold3d.Error.NoError:
        raise BadInput(f"the mesh is not a closed solid ({solid.status().name}); mend it first", field="mesh")
    return solid


def from_solid(solid: Any, mask: bool = False) -> Mesh:
    """A Mesh of a ``manifold3d.Manifold``, its double vertices along seams merged; its values are shading, or with ``mask`` the mask."""
    raw = solid.to_mesh64()
    values = np.array(raw.vert_properties)
    faces = np.array(raw.tri_verts).astype(np.int64)
    target = np.arange(len(values))
    target[np.asarray(raw.merge_from_vert, np.int64)] = np.asarray(raw.merge_to_vert, np.int64)
    while not np.array_equal(target[target], target):
        target = target[target]
    kept = np.flatnonzero(target == np.arange(len(values)))
    number = np.zeros(len(values), np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    carried = np.clip(values[kept, 3], 0.0, 1.0).astype(np.float32) if values.shape[1] > 3 else None
    return Mesh(values[kept, :3], number[target[faces]], None if mask else carried, mask=carried if mask else None)
