"""Flat faces are turned away without moving a vertex."""

from __future__ import annotations

import numpy as np
from mesh_shapes import box

from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import edges, flat
from blender_jewelgen.core.mesh.slivers import without_slivers


def split_with_flat_faces(mesh: Mesh, points: int) -> Mesh:
    """Put vertices on one edge so that a chain of faces without area closes the gap to the neighbour."""
    vertices, faces = mesh.vertices, mesh.faces.tolist()
    a, b, c = faces[0]
    on = [vertices[a] + (vertices[b] - vertices[a]) * (k + 1) / (points + 1) for k in range(points)]
    ids = [a, *range(len(vertices), len(vertices) + points), b]
    faces[0] = [a, ids[1], c]
    faces += [[ids[k], ids[k + 1], c] for k in range(1, points + 1)]
    faces += [[ids[k], b, ids[k + 1]] for k in range(points) if ids[k + 1] != b]  # flat: they fan from b along the edge
    return Mesh(np.concatenate([vertices, on]), np.array(faces, np.int32))


def test_a_chain_of_flat_faces_goes_and_the_body_stays():
    made = split_with_flat_faces(box(), 5)
    assert edges(made.faces, len(made.vertices)).closed
    assert flat(made.vertices, made.faces).sum() == 5
    mended = without_slivers(made)
    assert flat(mended.vertices, mended.faces).sum() == 0
    assert edges(mended.faces, len(mended.vertices)).closed
    assert mended.volume == box().volume


def test_a_sound_mesh_comes_back_as_it_is():
    made = box()
    assert without_slivers(made) is made


def test_two_vertices_at_one_place_become_one():
    made = split_with_flat_faces(box(), 1)
    made.vertices[-1] = made.vertices[made.faces[0][0]] + 1e-8  # the new vertex moves onto the edge's end
    mended = without_slivers(made)
    assert len(mended.vertices) == 8 and len(mended.faces) == 12
    assert edges(mended.faces, 8).closed
