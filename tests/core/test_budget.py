"""Metal that the process needs is never given away, whichever way the ornament goes from the surface."""

from __future__ import annotations

import pytest
from mesh_shapes import box

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.turned import turned
from blender_jewelgen.core.relief.budget import budget, metal_under

WALL = 0.6  # mm


def band(thickness: float):
    form = complete(FormParams(form="band", shape="flat", thickness=thickness))
    return turned(form), form


def given(wanted: float, technique: str, thickness: float, mid: float = 0.0):
    host, form = band(thickness)
    return budget(wanted, technique, host, form, WALL, "casting", mid)


@pytest.mark.parametrize("mid", [0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("technique", ["relief", "engraving"])
def test_what_is_cut_leaves_the_wall_and_what_stands_out_is_carried(technique, mid):
    host, form = band(1.5)
    metal = metal_under(host, form)
    found = given(6.0, technique, 1.5, mid)
    levels = [found.depth * (level - mid) for level in (0.0, 1.0)]  # mm from the surface
    assert (found.depth > 0) == (technique == "relief")
    assert metal + min(levels) >= WALL - 1e-9
    assert max(levels) <= 1.5 * metal + 0.5 + 1e-9
    assert metal + min(levels) == pytest.approx(WALL) or max(levels) == pytest.approx(1.5 * metal + 0.5)  # and no more is refused
    assert "reduced from 6" in found.note
    assert given(0.1, technique, 1.5, mid) == type(found)(0.1 if technique == "relief" else -0.1)


def test_a_relief_that_is_cut_in_needs_metal_and_one_that_only_stands_out_does_not():
    assert given(0.4, "relief", 0.6).depth == pytest.approx(0.4)
    with pytest.raises(BadInput, match=r"relief with mid 0.5 for casting needs more than 0.6"):
        given(0.4, "relief", 0.6, 0.5)
    with pytest.raises(BadInput, match="engraving for casting"):
        given(0.4, "engraving", 0.6)
    assert given(0.4, "engraving", 0.6, 1.0).depth == -0.4  # nothing of it lies below the surface


@pytest.mark.parametrize(("technique", "mid", "most"), [("relief", 0.0, 1.0), ("engraving", 0.0, 0.5), ("relief", 0.5, 1.0), ("relief", 0.75, 2 / 3), ("engraving", 1.0, 1.0)])
def test_an_imported_mesh_stands_out_a_quarter_and_is_cut_an_eighth_of_its_smallest_side(technique, mid, most):
    found = budget(5.0, technique, box(10.0, 8.0, 4.0), FormParams(form="mesh"), WALL, "casting", mid)
    assert abs(found.depth) == pytest.approx(most)  # mm, of a body 4 mm high
