"""The grid that a torn surface is rebuilt on: no metal lost to a blur, thin parts kept, hollows found on cells of their own."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.core.mesh.inside import cell_size, inside
from blender_jewelgen.core.mesh.mend import rebuild, rebuilt
from blender_jewelgen.core.mesh.seams import finless, oriented, welded


def askew(mesh: Mesh) -> Mesh:
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    return Mesh(mesh.vertices @ (turn * np.sign(np.linalg.det(turn))).T, mesh.faces)


@pytest.mark.parametrize("cells", [1.6, 2.5, 6.0])
@pytest.mark.parametrize("turn", [lambda mesh: mesh, askew], ids=["straight", "askew"])
def test_a_thin_plate_keeps_its_metal(cells, turn):
    step = 0.25
    plate = turn(box(12.0, 10.0, cells * step))
    assert rebuild(plate, step).volume == pytest.approx(plate.volume, rel=0.03 if cells < 2.0 else 0.02)


def test_flat_sides_come_out_flat_to_a_fiftieth_of_a_cell():
    turn = np.linalg.lstsq(box(8.0, 8.0, 8.0).vertices, askew(box(8.0, 8.0, 8.0)).vertices, rcond=None)[0]
    solid = rebuild(askew(box(8.0, 8.0, 8.0)), 0.2)
    away = np.abs(solid.vertices @ turn.T)
    flat = np.sort(away, axis=1)[:, 1] < 3.6  # away from the edges
    assert flat.sum() > 5000
    off = np.abs(away.max(axis=1)[flat] - 4.0)  # mm
    assert np.percentile(off, 90) < 0.02 * 0.2 and off.max() < 0.06 * 0.2
    assert solid.volume == pytest.approx(512.0, rel=2e-3)


def test_metal_thinner_than_the_cells_is_found_with_finer_ones_or_said():
    thin = torus(300, 16, ring=10.0, wire=0.15)
    found = rebuilt(thin, 0.25)
    assert found.lost > 0.1 and found.step == 0.25
    assert rebuilt(thin).lost < 0.05 and rebuilt(thin).step <= cell_size(thin)


def test_the_volume_along_lines_is_that_of_the_metal_however_thin():
    sheet = askew(box(12.0, 10.0, 0.05))
    assert inside(sheet, 0.25).volume == pytest.approx(sheet.volume, rel=0.02)


def test_faces_that_do_not_agree_are_counted_instead():
    rng = np.random.default_rng(0)
    mesh = ball(5.0, 40, 60)
    over = rng.random(len(mesh.faces)) < 0.5
    loose = Mesh(mesh.vertices, np.where(over[:, None], mesh.faces[:, ::-1], mesh.faces))
    assert inside(loose, 0.3).parity and not inside(mesh, 0.3).parity
    assert rebuild(loose, 0.2).volume == pytest.approx(mesh.volume, rel=0.01)


@pytest.mark.parametrize("step", [0.2, 0.07])
def test_a_hollow_behind_pin_holes_is_filled_at_any_resolution(step):
    outer, inner = ball(5.0, 60, 90), ball(4.0, 60, 90)
    shell = join([Mesh(outer.vertices, outer.faces[9:]), Mesh(inner.vertices, inner.faces[9:, ::-1])])
    assert rebuild(shell, step, pinhole=0.25).volume == pytest.approx(outer.volume, rel=0.01)


def test_a_grid_beyond_all_memory_is_refused_with_a_resolution_that_works():
    with pytest.raises(BadInput, match="the limit is 60 million") as refused:
        inside(ball(12.0), 0.02)
    step = float(refused.value.fix.option.split()[1])
    assert np.prod(np.ceil(ball(12.0).size / step) + 7) < 6e7


def test_a_crack_is_welded_and_a_slit_by_design_is_not():
    ring = band(80, 8)
    cut = np.arange(len(ring.faces)) < 200
    crack = join([Mesh(ring.vertices, ring.faces[cut]), Mesh(ring.vertices + 2e-3, ring.faces[~cut])])
    mended, notes = welded(crack)
    assert edges(mended.faces, len(mended.vertices)).sound and len(notes) == 1 and notes[0].startswith("cracks along ")
    wide = join([Mesh(ring.vertices, ring.faces[cut]), Mesh(ring.vertices + 0.2, ring.faces[~cut])])
    assert welded(wide) == (wide, ())


def test_every_face_is_turned_to_the_side_that_most_of_its_part_has():
    rng = np.random.default_rng(5)
    two = join([band(80, 8), ball(2.0)])
    over = rng.random(len(two.faces)) < 0.3
    mended, notes = oriented(Mesh(two.vertices, np.where(over[:, None], two.faces[:, ::-1], two.faces)))
    assert np.array_equal(np.sort(mended.faces, axis=1), np.sort(two.faces, axis=1)) and mended.volume == pytest.approx(two.volume)
    assert notes == (f"{int(over.sum()):,} faces that looked the wrong way were turned over",)


def test_stray_faces_are_taken_off_and_the_border_of_a_hole_is_not():
    mesh = ball(3.0)
    fin = np.array([[mesh.faces[5, 0], mesh.faces[5, 1], len(mesh.vertices)]], np.int32)
    finned = Mesh(np.concatenate([mesh.vertices, [[9.0, 0.0, 0.0]]]), np.concatenate([mesh.faces, fin]))
    mended, notes = finless(finned)
    assert np.array_equal(mended.faces, mesh.faces) and notes == ("1 stray face was taken off",)
    holed = Mesh(mesh.vertices, mesh.faces[3:])
    assert finless(holed) == (holed, ())
