"""``check --mesh-quality``: the numbers of a mesh in words and as JSON, and the exit code of a mesh that is no body."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import refused

from blender_jewelgen.cli.quality import lines, say
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.files import write_stl
from blender_jewelgen.core.mesh.quality import measured
from blender_jewelgen.core.mesh.read import read_mesh
from blender_jewelgen.worker import store
from blender_jewelgen.worker.jobs import JOBS

sys.path.append(str(Path(__file__).parents[1] / "core"))
from mesh_shapes import ball, band, box, torus


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A ring, a block, a ring with a hole, and 20 balls, as STL; a sheet with texture coordinates as OBJ."""
    folder = tmp_path_factory.mktemp("José 首饰")
    crumbs = join([ball(1.0, at=(5.0 * k, 0.0, 0.0)) for k in range(20)])
    for name, mesh in {"ring": band(), "block": box(), "torn": Mesh(torus().vertices, torus().faces[2:]), "crumbs": crumbs}.items():
        write_stl(folder / f"{name}.stl", mesh)
    corners = "v 0 0 0\nv 20 0 0\nv 20 10 0\nv 0 10 0\nvt 0 0\nvt 0.4 0\nvt 0.4 0.1\nvt 0 0.1\nf 1/1 2/2 3/3\nf 1/1 3/3 4/4\n"
    (folder / "sheet.obj").write_text(corners)
    return folder


def said(capsys, path: Path, **options: object) -> tuple[int, str]:
    mesh, facts = read_mesh(path, uv=True)
    code = say(mesh, facts, argparse.Namespace(**{"json": False, "strict": False, "file": str(path), **options}))
    return code, capsys.readouterr().out


def test_a_ring_is_said_in_ten_lines(capsys, files):
    code, out = said(capsys, files / "ring.stl")
    assert code == 0
    rows = {line[2:16].strip(): line[17:] for line in out.splitlines()[1:]}
    assert out.startswith("48,000 triangles, 20.12 x 20.12 x 6.00 mm\n")
    assert (rows["pieces"], rows["closed"], rows["Euler number"], rows["usable"]) == ("1", "yes", "0", "yes")
    assert rows["thinnest wall"].startswith("1.40 mm")
    assert rows["symmetry"] == "100.0% across x = 0.00 mm"
    assert "a ball's map" in rows["texture map"]


def test_holes_are_told_and_their_wall_is_not_measured(capsys, files):
    _, out = said(capsys, files / "torn.stl")
    assert "no: 4 open edges" in out
    assert "not measured" in out


def test_a_block_and_crumbs_are_no_bodies_and_strict_says_so_by_its_code(capsys, files):
    assert said(capsys, files / "block.stl")[0] == 0
    code, out = said(capsys, files / "block.stl", strict=True)
    assert code == 3
    assert "no: it is a block: it fills 100% of its box" in out
    code, out = said(capsys, files / "crumbs.stl", strict=True)
    assert code == 3
    assert "20, the largest 5.0% of the area" in out
    assert said(capsys, files / "ring.stl", strict=True)[0] == 0


def test_a_files_own_coordinates_are_judged(capsys, files):
    _, out = said(capsys, files / "sheet.obj")
    assert "0.0% folded, 0.0% across a seam, stretch 2.0 (half), 2.0 (nine tenths)" in out


def test_json_holds_the_numbers_the_ball_map_and_the_verdict(capsys, files):
    _, out = said(capsys, files / "block.stl", json=True)
    values = json.loads(out)
    assert (values["ok"], values["box_planes"], values["pieces"], values["uv"]) == (False, pytest.approx(1.0), 1, None)
    assert "block" in values["refused"]
    assert values["file"].endswith("block.stl")
    assert set(values["ball_map"]) == {"fold", "seam", "anisotropy_p50", "anisotropy_p90"}


def test_a_slanted_plane_is_said_as_an_equation():
    turned = Mesh(box(12, 3, 5).vertices @ np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]]).T, box().faces)
    found = dict(lines(measured(turned)))
    assert found["symmetry"].endswith("z = 0.00 mm")
    hook = join([turned, Mesh(turned.vertices * (0.4, 0.4, 1.0) + (0.0, 0.0, 5.0), turned.faces)])
    assert " x " in dict(lines(measured(hook)))["symmetry"]


def test_the_verb_says_it(jewelgen, files):
    out = jewelgen("check", files / "ring.stl", "--mesh-quality")
    assert out.code == 0
    assert "Euler number" in out.out
    assert json.loads(jewelgen("check", files / "ring.stl", "--mesh-quality", "--json").out)["pieces"] == 1
    assert jewelgen("check", files / "block.stl", "--mesh-quality", "--strict").code == 3
    refused(jewelgen("check", files / "none.stl", "--mesh-quality"), "none.stl")


def job(params: dict, folder: Path) -> dict:
    return JOBS["quality"](params, folder, lambda share, text: None)


def test_the_job_gives_the_same_numbers_for_arrays_and_for_a_file(files, tmp_path):
    store.write_mesh(tmp_path / "mesh.npz", read_mesh(files / "ring.stl")[0])
    one, other = job({"mesh": "mesh.npz"}, tmp_path), job({"path": str(files / "ring.stl")}, tmp_path)
    assert one == other
    assert one["refused"] == ""
    assert one["wall_mm"] == pytest.approx(1.4, abs=2e-3)
    assert job({"mesh": "mesh.npz", "wall": False}, tmp_path)["wall_mm"] is None
    json.dumps(one, allow_nan=False)


def test_the_job_measures_a_mesh_without_a_unit_in_its_own(tmp_path):
    write_stl(tmp_path / "small.stl", Mesh(torus().vertices / 12.0, torus().faces))
    told = job({"path": str(tmp_path / "small.stl")}, tmp_path)
    assert told["size_mm"][0] == pytest.approx(2.0, abs=1e-5)
    assert "own units" in told["notes"][-1]
    assert job({"path": str(tmp_path / "small.stl"), "scale": 12.0}, tmp_path)["size_mm"][0] == pytest.approx(24.0, abs=1e-4)


def test_the_job_refuses_what_is_no_mesh_and_stops_when_told(files, tmp_path):
    for params in ({}, {"mesh": "none.npz"}, {"path": str(tmp_path / "none.stl")}):
        with pytest.raises(BadInput) as error:
            job(params, tmp_path)
        assert error.value.field == "mesh"

    def stop(share: float, text: str) -> None:
        if "wall" in text:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        JOBS["quality"]({"path": str(files / "ring.stl")}, tmp_path, stop)
