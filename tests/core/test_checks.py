"""Each rule with a piece that passes and a piece that fails, and the report that carries them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.checks import Measured, check, find
from blender_jewelgen.core.mesh.weight import limits
from blender_jewelgen.core.report import Check, Report, failed

GOOD = band(180, 10)  # 1.4 mm thick, 6 mm wide, US 7


def judged(mesh: Mesh, process: object = "lost-wax", **options: object) -> tuple[Check, ...]:
    return check(mesh, process, metal="silver-925", samples=2000, **options)


def turned(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def with_flat_face() -> Mesh:
    """A box with a vertex in the middle of an edge of both faces there, one side of it a triangle without area."""
    mesh = box()
    a, b, c = mesh.faces[0]
    middle = (mesh.vertices[a] + mesh.vertices[b]) / 2
    n = len(mesh.vertices)
    faces = np.concatenate([mesh.faces[1:], [[a, n, c], [n, b, c], [a, b, n]]]).astype(np.int32)
    return Mesh(np.concatenate([mesh.vertices, middle[None]]), faces)


HOLE = Mesh(GOOD.vertices, GOOD.faces[1:])
HALF = np.concatenate([GOOD.faces[:50, ::-1], GOOD.faces[50:]])
BAD = {
    "closed": (HOLE, {}, "close the holes"),
    "outward": (turned(GOOD), {}, "turn their faces over"),
    "bodies": (join([GOOD, box(1, 1, 1, at=(0, 0, 20))]), {}, "1 loose part"),
    "flat-faces": (with_flat_face(), {}, "without area"),
    "self-intersections": (join([box(), box(at=(3, 2, 1))]), {"expected_bodies": 2}, "passes through itself"),
    "min-wall": (band(thick=0.6), {}, "0.2 mm too thin"),
    "min-detail": (GOOD, {"measured": Measured(detail_mm=0.2)}, "make the motifs larger"),
    "min-engraving-width": (GOOD, {"measured": Measured(engraving_mm=0.2)}, "widen the grooves"),
    "volume": (turned(GOOD), {}, "encloses no metal"),
    "weight": (box(30, 30, 30), {}, "too heavy"),
    "size": (box(120, 2, 2), {}, "20 mm too long"),
}
KNOWN = Measured(detail_mm=0.6, engraving_mm=0.6)


def test_a_good_band_passes_every_rule_and_none_is_left_open():
    checks = judged(GOOD, measured=KNOWN)
    assert [c.name for c in checks] == list(BAD)
    assert all(c.ok is True and c.hint == "" for c in checks)


@pytest.mark.parametrize("rule", BAD)
def test_each_rule_fails_its_bad_piece_with_a_hint(rule):
    mesh, options, words = BAD[rule]
    found = find(judged(mesh, **options), rule)
    assert found.ok is False
    assert words in found.hint


@pytest.mark.parametrize("rule", ["flat-faces", "min-wall", "min-detail", "min-engraving-width", "weight", "size"])
def test_the_other_rules_pass_the_bad_piece_of_one(rule):
    mesh, options, _ = BAD[rule]
    assert [c.name for c in failed(judged(mesh, **options))] == [rule]


def test_the_values_are_those_of_the_piece():
    checks = judged(GOOD)
    assert find(checks, "min-wall").value == pytest.approx(1.4, abs=2e-3)  # chords of 180 facets
    assert find(checks, "volume").value == pytest.approx(GOOD.volume)
    assert find(checks, "weight").value == pytest.approx(GOOD.volume * 10.36e-3)
    assert find(checks, "size").value == pytest.approx((20.12, 20.12, 6.0), abs=0.01)


def test_faces_that_disagree_are_not_outward():
    found = find(judged(Mesh(GOOD.vertices, HALF)), "outward")
    assert found.ok is False
    assert found.value > 0


def test_one_part_inside_out_is_found_though_the_whole_has_volume():
    mesh = join([torus(), turned(ball(1.0, at=(30, 0, 0)))])
    assert mesh.volume > 0
    assert find(judged(mesh, expected_bodies=2), "outward").ok is False


def test_a_hollow_is_no_part_inside_out():
    assert find(judged(join([ball(5.0), turned(ball(3.0))]), expected_bodies=2), "outward").ok is True


def test_a_pair_is_two_bodies_and_one_of_them_is_missing_else():
    pair = join([GOOD, Mesh(GOOD.vertices + (0, 0, 30), GOOD.faces)])
    assert find(judged(pair, expected_bodies=2), "bodies").ok is True
    assert "1 part(s) are missing" in find(judged(GOOD, expected_bodies=2), "bodies").hint


def test_a_hole_leaves_wall_volume_and_weight_open():
    checks = judged(HOLE)
    assert [find(checks, name).ok for name in ("min-wall", "volume", "weight")] == [None, None, None]


def test_what_was_handed_in_is_believed():
    checks = judged(GOOD, measured=Measured(wall_mm=0.79, crossings=0))
    assert find(checks, "min-wall").value == 0.79
    assert find(checks, "min-wall").ok is False
    assert find(judged(GOOD, measured=Measured(wall_mm=0.8)), "min-wall").ok is True  # the limit itself passes


def test_own_limits_take_the_place_of_a_profile():
    own = replace(limits("dmls"), min_wall_mm=2.0, build_mm=None, max_weight_g=1.0)
    checks = judged(GOOD, own)
    assert find(checks, "min-wall").ok is False
    assert find(checks, "size").ok is None
    assert find(checks, "weight").ok is False


def test_a_piece_may_be_turned_to_go_into_the_machine():
    assert find(judged(box(2, 2, 95)), "size").ok is True
    assert find(judged(box(95, 2, 2)), "size").ok is True


def test_a_speck_is_asked_for_its_unit():
    assert "--scale" in find(judged(box(0.02, 0.02, 0.005)), "weight").hint


def test_unknown_process_and_metal_are_refused_before_any_work():
    with pytest.raises(BadInput, match="did you mean dmls"):
        judged(GOOD, "dmsl")
    with pytest.raises(BadInput, match="metal 'cheese' is not known"):
        check(GOOD, "dmls", metal="cheese")


def test_an_empty_mesh_fails_and_does_not_raise():
    checks = judged(Mesh(np.empty((0, 3)), np.empty((0, 3), np.int32)))
    assert find(checks, "closed").ok is False
    assert find(checks, "bodies").ok is False
    assert all(c.hint for c in failed(checks))


def report(**changes: object) -> Report:
    values = {
        "form": "band",
        "metal": "silver-925",
        "watertight": True,
        "bodies": 1,
        "triangles": len(GOOD.faces),
        "size_mm": tuple(GOOD.size),
        "inner_diameter_mm": 17.32,
        "volume_mm3": GOOD.volume,
        "weight_g": np.float32(5.0),
        "min_wall_mm": float("nan"),
        "seam_error_mm": None,
        "checks": judged(GOOD),
        **changes,
    }
    return Report(**values)


def test_the_report_is_strict_json_with_every_field_of_the_issue():
    body = json.loads(report().to_json(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    wanted = """form metal watertight bodies triangles size_mm inner_diameter_mm volume_mm3 weight_g min_wall_mm seam_error_mm
    checks words_unknown seconds engine seed version notes process words""".split()
    assert set(wanted) <= set(body)
    assert body["min_wall_mm"] is None
    assert body["weight_g"] == 5.0
    assert set(body["checks"][0]) == {"name", "ok", "value", "limit", "unit", "hint"}


def test_a_report_is_ok_unless_a_check_failed():
    assert report().ok
    assert not report(checks=judged(HOLE)).ok


def test_wires_and_cuts_are_judged_only_where_there_are_some():
    names = [c.name for c in judged(GOOD)]
    assert "min-wire" not in names and "min-engraving-depth" not in names
    made = judged(GOOD, measured=Measured(wall_mm=np.inf, wire_mm=0.4, cut_mm=0.3))
    assert find(made, "min-wall").ok is None
    thin, shallow = find(made, "min-wire"), find(made, "min-engraving-depth")
    assert (thin.ok, shallow.ok) == (False, False) and "0.1 mm too thin" in thin.hint and "0.2 mm too shallow" in shallow.hint
    fine = judged(GOOD, measured=Measured(wire_mm=0.5, cut_mm=0.5))
    assert find(fine, "min-wire").ok and find(fine, "min-engraving-depth").ok


@pytest.mark.parametrize(("value", "ok"), [(0.1496, True), (0.1485, False)])
def test_a_detail_is_judged_no_finer_than_pixels_show(value, ok):
    assert find(judged(GOOD, "castable-resin", measured=Measured(detail_mm=value)), "min-detail").ok is ok
