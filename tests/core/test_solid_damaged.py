"""Damaged meshes come out as one closed body of their undamaged volume: twenty here, all two hundred in the slow run."""

from __future__ import annotations

import numpy as np
import pytest
from damaged import DAMAGES, Damaged, damaged, pieces

from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.read import merged
from blender_jewelgen.core.solid.made import Solid, made
from blender_jewelgen.core.solid.params import SolidParams

VOLUME = 0.02  # share by which the metal may be off


def faults(hurt: Damaged, found: Solid) -> list[str]:
    """What is not as it should be."""
    body = found.mesh
    faces = merged(body.vertices)[body.faces]  # as a file reads it
    said = []
    if not edges(faces, len(body.vertices)).sound or bodies(faces, len(body.vertices))[0] != 1:
        said.append("not one closed body")
    if len(self_intersections(body, limit=1)):
        said.append("a face goes through another")
    if abs(body.volume / hurt.volume - 1.0) > VOLUME:
        said.append(f"volume {body.volume:.2f} mm³ for {hurt.volume:.2f}")
    if (found.after.pieces, found.after.closed, found.after.open_edges) != (1, True, 0):
        said.append("the numbers after say otherwise")
    return [f"{hurt.name}: {fault} ({'; '.join(found.notes)})" for fault in said]


def test_there_are_two_hundred_and_each_is_damaged():
    names = {f"{piece}, {damage}" for piece in pieces() for damage in DAMAGES}
    assert len(names) == 200 and (len(pieces()), len(DAMAGES)) == (10, 20)
    for mesh in pieces().values():
        assert edges(mesh.faces, len(mesh.vertices)).sound and bodies(mesh.faces, len(mesh.vertices))[0] == 1 and mesh.volume > 0
        assert len(self_intersections(mesh, limit=1)) == 0


@pytest.mark.parametrize("hurt", [*damaged(21), *damaged(21, 10)], ids=lambda hurt: hurt.name)
def test_each_damage_is_mended(hurt):
    found = made(hurt.mesh, SolidParams())
    assert not faults(hurt, found)
    assert found.notes or hurt.damage == "double wall"  # what was done is said


@pytest.mark.slow
def test_all_two_hundred_are_mended():
    wrong = [fault for hurt in damaged() for fault in faults(hurt, made(hurt.mesh, SolidParams()))]
    assert not wrong, "\n".join(wrong)


def test_the_same_mesh_is_mended_the_same_way_twice():
    hurt = next(damaged(1, 10))
    one, two = (made(hurt.mesh, SolidParams()).mesh for _ in range(2))
    assert np.array_equal(one.vertices, two.vertices) and np.array_equal(one.faces, two.faces)
