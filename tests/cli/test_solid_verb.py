"""``jewelgen solid``: a complete folder with one closed body, or one sentence and nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import names, read, refused

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))
from mesh_shapes import ball, band

from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.files import write_glb, write_stl
from blender_jewelgen.core.mesh.read import read_mesh
from blender_jewelgen.core.recipe import fingerprint
from blender_jewelgen.core.units import inner_diameter

FILES = {"piece.stl", "piece.3mf", "piece.glb", "report.json"}


@pytest.fixture(scope="module")
def torn(tmp_path_factory):
    """A ring with pin-holes, as large as models are made."""
    ring = band(160, 16, thick=1.6)
    path = tmp_path_factory.mktemp("meshes") / "José 戒指.stl"
    write_stl(path, Mesh(ring.vertices * 0.05, np.delete(ring.faces, [3, 700, 1500], axis=0)))
    return path


def test_a_torn_model_becomes_a_ring_of_a_size_with_what_was_done(jewelgen, torn, tmp_path):
    out = tmp_path / "金 ring"
    said = jewelgen("solid", torn, "--finger", "US 7", "--symmetric", "x", "--out", out, "--quiet")
    assert said.code == 0 and names(out) == FILES, said
    report = read(out / "report.json")
    assert report["format"] == "jewelgen-solid/1" and report["file"]["sha256"] == fingerprint(torn) and report["solid"]["finger"] == "US 7"
    assert report["finger_mm"] == pytest.approx(inner_diameter("US 7"), abs=0.01) and report["exact"] is True
    assert (report["before"]["closed"], report["before"]["open_edges"]) == (False, 9) and (report["after"]["closed"], report["after"]["pieces"]) == (True, 1)
    lines = said.out.splitlines()
    assert lines[0].startswith("one closed body of ") and "17.32 mm inside" in lines[0] and lines[1] == "  before  1 piece, 9 open edges"
    assert lines[2].startswith("  after   1 piece, closed, wall 1.5") or lines[2].startswith("  after   1 piece, closed, wall 1.6")
    assert "  note  3 holes were closed" in lines
    for kind, scale in (("stl", None), ("3mf", None), ("glb", None)):
        mesh, facts = read_mesh(out / f"piece.{kind}", scale=scale)
        assert facts.edges.sound and facts.bodies == 1 and mesh.volume == pytest.approx(report["volume_mm3"], rel=1e-4)


def test_the_report_can_be_printed_as_json(jewelgen, torn, tmp_path):
    said = jewelgen("solid", torn, "--size", "30 mm", "--out", tmp_path / "out", "--quiet", "--json")
    assert json.loads(said.out) == read(tmp_path / "out" / "report.json") and max(json.loads(said.out)["size_mm"]) == pytest.approx(30.0)


def test_a_scale_is_taken_and_a_sound_mesh_needs_no_note(jewelgen, tmp_path):
    write_glb(tmp_path / "ball.glb", ball(8.0))
    said = jewelgen("solid", tmp_path / "ball.glb", "--out", tmp_path / "out", "--quiet", "--json")
    report = json.loads(said.out)
    assert report["notes"] == [] and report["size_mm"] == pytest.approx(ball(8.0).size.tolist(), abs=1e-3)
    twice = json.loads(jewelgen("solid", tmp_path / "ball.glb", "--scale", 2000, "--out", tmp_path / "twice", "--quiet", "--json").out)
    assert twice["volume_mm3"] == pytest.approx(8.0 * report["volume_mm3"], rel=1e-4)


@pytest.mark.parametrize(("more", "words"), [
    ((), ("looks like|which may be inches", "--scale")), (("--size", "large"), ("write it like 30 mm",)), (("--finger", "US 99"), ("finger size", '--finger "US 7"')),
    (("--width", "900"), ("width is 900 mm",)), (("--flat", "top"), ("flat 'top' is not known",)), (("--size", "12 mm", "--finger", "US 7"), ("must be more",)),
    (("--size", "30 mm", "--resolution", "0.001"), ("resolution is 0.001",)), (("--scale", "-1"), ("scale is -1",)),
])  # fmt: skip
def test_what_cannot_be_made_is_refused_and_leaves_nothing(jewelgen, torn, tmp_path, more, words):
    said = jewelgen("solid", torn, *more, "--out", tmp_path / "out", "--quiet")
    refused(said, *(word for word in words if "|" not in word))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "content", "words"), [
    ("none.stl", None, "is not there"), ("empty.obj", b"", "is empty"), ("points.ply", b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n0 0 0\n", ""),
    ("text.stl", b"solid nothing\nendsolid", ""), ("nan.obj", b"v nan 0 0\nv 9 0 0\nv 0 9 0\nf 1 2 3\n", ""), ("huge.ply", b"ply\nformat ascii 1.0\nelement vertex 3\nelement face 10000000\nend_header\n", "decimate it first"),
])  # fmt: skip
def test_files_that_hold_no_mesh_are_refused_and_leave_nothing(jewelgen, tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    refused(jewelgen("solid", tmp_path / name, "--size", "20 mm", "--out", tmp_path / "out", "--quiet"), words)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_a_solid_is_replaced_by_force_only_and_a_piece_never(jewelgen, torn, tmp_path):
    out = tmp_path / "out"
    assert jewelgen("solid", torn, "--size", "20 mm", "--out", out, "--quiet").code == 0
    before = read(out / "report.json")
    refused(jewelgen("solid", torn, "--size", "25 mm", "--out", out, "--quiet"), "already holds a solid", "--force")
    assert read(out / "report.json") == before
    assert jewelgen("solid", torn, "--size", "25 mm", "--out", out, "--quiet", "--force").code == 0
    assert max(read(out / "report.json")["size_mm"]) == pytest.approx(25.0)
    refused(jewelgen("solid", out / "piece.stl", "--size", "25 mm", "--out", out, "--quiet", "--force"), "would be replaced")
    (out / "recipe.json").write_text("{}")
    refused(jewelgen("solid", torn, "--size", "25 mm", "--out", out, "--quiet", "--force"), "holds a piece")
