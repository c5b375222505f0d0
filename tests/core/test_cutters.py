"""Openwork on imported bodies: openings go through, nothing hangs loose, the mesh stays sound; what cannot be pierced is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from blender_jewelgen.core import pipeline
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.form.plate import torus
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.tree import Tree
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.relief import mapping
from blender_jewelgen.core.relief.cutters import field_of, pierced, reason_against
from blender_jewelgen.core.relief.params import CraftParams, ReliefParams
from blender_jewelgen.core.words.lexicon import read
from blender_jewelgen.engines.registry import ask

CRAFT = CraftParams(web=0.6, opening=0.5, frame=0.8)


def band(inner: float = 8.5, thick: float = 1.6, width: float = 8.0, n: int = 360) -> Mesh:
    """A plain closed ring as others model it: round z, off the origin."""
    corners = np.array([[inner, -width / 2], [inner + thick, -width / 2], [inner + thick, width / 2], [inner, width / 2]])
    line = np.concatenate([a + (b - a) * np.linspace(0, 1, 12, endpoint=False)[:, None] for a, b in zip(corners, np.roll(corners, -1, 0))])
    turn = np.arange(n) / n * 2 * np.pi
    points = np.stack([line[None, :, 0] * np.cos(turn)[:, None], line[None, :, 0] * np.sin(turn)[:, None], np.broadcast_to(line[:, 1], (n, len(line)))], 2)
    index = np.arange(points.shape[0] * points.shape[1]).reshape(points.shape[:2])
    a, b = index, np.roll(index, -1, 1)
    c, d = np.roll(index, -1, 0), np.roll(np.roll(index, -1, 0), -1, 1)
    faces = np.concatenate([np.stack([a, c, d], 2).reshape(-1, 3), np.stack([a, d, b], 2).reshape(-1, 3)])
    mesh = Mesh((points.reshape(-1, 3) + (3.0, -2.0, 5.0)).astype(np.float32), faces.astype(np.int32))
    return mesh if mesh.volume > 0 else Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def plate(side: float = 20.0, thick: float = 1.5, n: int = 40) -> Mesh:
    import manifold3d

    from blender_jewelgen.core.mesh.solids import from_solid

    return from_solid(manifold3d.Manifold.cube((side, 0.8 * side, thick)).refine_to_length(side / n))


def checks(rows: int, columns: int, across: int, along: int) -> np.ndarray:
    """Square openings in a lattice of metal, so many along and across."""
    y, x = np.mgrid[0:rows, 0:columns]
    far = np.maximum(np.abs((x / columns * along) % 1 - 0.5), np.abs((y / rows * across) % 1 - 0.5))
    return (far > 0.3).astype(np.float32)


@pytest.mark.parametrize(
    ("body", "kind", "across"), [(band(), "toroidal", 2), (band(), "cylindrical", 2), (plate(), "planar", 2), (torus(9.0, 1.5, 240, 60), "toroidal", 1)]
)
def test_openings_go_through_and_the_rest_is_one_sound_body(body, kind, across):
    where = mapping.of_mesh(body, kind)
    assert not reason_against(body, where)
    rows = 160
    picture = checks(rows, round(rows * where.size[0] / where.size[1]), across, 12)
    web = field_of(body, where, picture, CRAFT)
    mesh, _ = pierced(body, where, web.metal)
    assert edges(mesh.faces, len(mesh.vertices)).sound and bodies(mesh.faces, len(mesh.vertices))[0] == 1
    assert len(self_intersections(mesh, limit=1)) == 0
    assert 0.3 * body.volume < mesh.volume < 0.95 * body.volume
    holes = 1 - euler(mesh) // 2  # genus
    assert holes - (1 - euler(body) // 2) == web.facts["openings"]


def euler(mesh: Mesh) -> int:
    return len(mesh.vertices) - len(mesh.faces) // 2


def test_a_ray_through_an_opening_meets_no_metal_and_through_a_bar_it_does():
    body = band()
    where = mapping.of_mesh(body, "toroidal")
    picture = checks(160, round(160 * where.size[0] / where.size[1]), 2, 12)
    web = field_of(body, where, picture, CRAFT)
    mesh, _ = pierced(body, where, web.metal)
    rows, columns = web.metal.shape
    deep = np.argwhere(web.metal < -0.3)[::97]
    thick = np.argwhere(web.metal > 0.35)[::97]
    tree = Tree(mesh.vertices, mesh.faces)
    for spots, free in ((deep, True), (thick, False)):
        u, v = (spots[:, 1] + 0.5) / columns * where.size[0], (0.5 - (spots[:, 0] + 0.5) / rows) * where.size[1]
        inner = np.abs(v) < 2.5  # where the outer side is upright the arc length is the height
        turn = u[inner] / where.size[0] * 2 * np.pi
        way = np.stack([np.cos(turn), np.sin(turn), np.zeros(inner.sum())], 1)
        starts = (np.stack([np.zeros(inner.sum()), np.zeros(inner.sum()), v[inner]], 1)) @ where.frame + where.centre
        met = np.isfinite(tree.rays(starts, way @ where.frame, limit=14.0)[0])
        assert inner.sum() > 10 and (not met.any() if free else met.all())


def test_bodies_that_cannot_be_pierced_say_why_and_are_made_as_relief():
    ball = torus(3.0, 2.9, 120, 80)
    assert "hollow" in reason_against(ball, mapping.of_mesh(ball, "cylindrical"))
    assert "triplanar" in reason_against(band(), mapping.of_mesh(band(), "triplanar"))


def test_the_whole_walk_pierces_an_imported_ring():
    recipe = Recipe(design=replace(read("openwork acanthus scroll, silver"), form="mesh"), form=FormParams(form="mesh"), relief=ReliefParams(density="preview"))
    shaped = pipeline.shape(recipe, ask, lambda share, text: None, mesh=band())
    mesh = shaped.mesh
    assert edges(mesh.faces, len(mesh.vertices)).sound and bodies(mesh.faces, len(mesh.vertices))[0] == 1
    assert len(self_intersections(mesh, limit=1)) == 0
    assert shaped.facts["openings"] >= 6
    assert mesh.volume < 0.95 * band().volume
    piece = pipeline.make(shaped, lambda share, text: None)
    assert {c.name: c.ok for c in piece.report.checks}["closed"]
