"""What the verbs give: files, numbers, JSON, exit codes, and the same piece again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from command_line import QUICK, ROOT, WHOLE, names, ran, read, refused

from blender_jewelgen import __version__
from blender_jewelgen.cli import verbs
from blender_jewelgen.cli.main import LISTED, main
from blender_jewelgen.core.library import table

KEYS = {
    "form", "metal", "watertight", "bodies", "triangles", "size_mm", "inner_diameter_mm", "volume_mm3", "weight_g", "min_wall_mm", "seam_error_mm",
    "checks", "words_unknown", "seconds", "engine", "seed", "version",
}


def strict_json(text):
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_the_report_names_every_fact(made):
    report = strict_json((made / "report.json").read_text(encoding="utf-8"))
    assert report.keys() >= KEYS
    assert report["form"] == "band" and report["metal"] == "silver-925" and report["seed"] == 5 and report["engine"] == "procedural"
    assert report["version"] == __version__ and report["watertight"] is True and report["bodies"] == 1
    assert report["inner_diameter_mm"] == pytest.approx(17.32, abs=0.05)  # mm, US 7
    assert report["weight_g"] == pytest.approx(report["volume_mm3"] / 1000 * table("alloys")["alloys"]["silver-925"]["density_g_cm3"], rel=1e-3)
    assert report["seam_error_mm"] == 0.0 and report["seconds"] and all(s >= 0 for s in report["seconds"].values())
    assert all(c.keys() >= {"name", "ok", "value", "limit", "unit", "hint"} for c in report["checks"])
    assert all(c["hint"] for c in report["checks"] if c["ok"] is False)
    assert "zorblatt" in report["words_unknown"]


def test_the_page_stands_alone_and_shows_the_prompt_as_words(made):
    page = (made / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page and "&amp; zorblatt" in page
    assert not re.search(r"https?:|//|@import|url\(", re.sub(r"base64,[A-Za-z0-9+/=]+", "", page))
    sources = re.findall(r"\b(?:src|href)\s*=\s*[\"']?([^\"'\s>]{0,20})", page)
    assert sources and all(s.startswith("data:image/") for s in sources)


def test_the_height_is_sixteen_bits_of_grey(made):
    raw = (made / "height.png").read_bytes()
    assert raw[:8] == b"\x89PNG\r\n\x1a\n" and raw[24:26] == bytes([16, 0])  # bit depth, colour type grey
    from PIL import Image

    with Image.open(made / "height.png") as file:
        assert len(np.unique(np.asarray(file))) > 256


def parts_of_3mf(path):
    """Vertices in mm and faces, read by hand: trimesh would need another package for it."""
    space = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("3D/3dmodel.model"))
    assert root.get("unit") == "millimeter"
    vertices = [[float(v.get(axis)) for axis in "xyz"] for v in root.iter(f"{space}vertex")]
    return np.array(vertices), np.array([[int(t.get(corner)) for corner in ("v1", "v2", "v3")] for t in root.iter(f"{space}triangle")])


@pytest.mark.parametrize("name", ["piece.stl", "piece.3mf", "piece.glb"])
def test_every_file_reads_back_closed_and_of_its_size(name, made):
    import trimesh

    report = read(made / "report.json")
    if name.endswith("3mf"):
        mesh = trimesh.Trimesh(*parts_of_3mf(made / name), process=False)
    else:
        mesh = trimesh.load_scene(made / name).to_mesh()
    if name.endswith("stl"):
        mesh.merge_vertices(digits_vertex=9)
    extents = mesh.extents * (1000.0 if name.endswith("glb") else 1.0)  # GLB is in metres
    assert mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0
    np.testing.assert_allclose(np.sort(extents), np.sort(report["size_mm"]), atol=1e-4)  # mm; GLB has y up
    assert len(mesh.faces) == report["triangles"]


def same(one, two):
    for name in WHOLE - {"report.json", "piece.3mf"}:
        assert hashlib.sha256((one / name).read_bytes()).digest() == hashlib.sha256((two / name).read_bytes()).digest(), name
    for one_part, two_part in zip(*(zipfile.ZipFile(folder / "piece.3mf").infolist() for folder in (one, two)), strict=True):
        assert (one_part.filename, one_part.CRC) == (two_part.filename, two_part.CRC)
    reports = [read(folder / "report.json") | {"seconds": {}} for folder in (one, two)]
    assert reports[0] == reports[1]


def test_a_piece_is_made_again_from_its_folder_and_from_its_recipe(made, jewelgen, tmp_path):
    assert jewelgen("show", made, "--no-render", "--out", tmp_path / "one").code == 0
    assert jewelgen("show", made / "recipe.json", "--no-render", "--out", tmp_path / "two").code == 0
    same(made, tmp_path / "one")
    same(made, tmp_path / "two")


def test_a_piece_of_a_picture_and_a_mesh_is_made_again_even_after_they_moved(picture, ball, jewelgen, tmp_path):
    (tmp_path / "src").mkdir()
    waves, host = tmp_path / "src/waves.png", tmp_path / "src/ball.stl"
    waves.write_bytes(picture.read_bytes())
    host.write_bytes(ball.read_bytes())
    assert jewelgen.piece("relief", "--height", waves, "--mesh", host, "--scale", "0.6", "--out", tmp_path / "one").code == 0
    recipe = read(tmp_path / "one/recipe.json")
    assert recipe["mesh"]["scale"] == 0.6 and recipe["height"]["sha256"] == hashlib.sha256(picture.read_bytes()).hexdigest()
    assert jewelgen("show", tmp_path / "one", "--no-render", "--out", tmp_path / "two").code == 0
    same(tmp_path / "one", tmp_path / "two")
    refused(jewelgen("show", tmp_path / "one", "--out", tmp_path / "one"), "--force")
    waves.rename(tmp_path / "one/waves.png")
    host.rename(tmp_path / "one/ball.stl")
    assert jewelgen("show", tmp_path / "one", "--no-render", "--out", tmp_path / "three").code == 0
    assert (tmp_path / "three/piece.stl").read_bytes() == (tmp_path / "one/piece.stl").read_bytes()
    (tmp_path / "one/waves.png").write_bytes(b"other")
    refused(jewelgen("show", tmp_path / "one", "--no-render", "--out", tmp_path / "four"), "waves.png", "changed")
    (tmp_path / "one/waves.png").unlink()
    refused(jewelgen("show", tmp_path / "one", "--no-render", "--out", tmp_path / "four"), "waves.png", "not there")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("not json", ["JSON"]), ("[" * 100_000, ["JSON"]), ("[]", ["format", "jewelgen/1"]), ({"format": "jewelgen/9"}, ["jewelgen/9", "jewelgen/1"]),
        ({"design": None}, ["design"]), ({"form": []}, ["form"]), ({"surprise": 1}, ["surprise"]), ({"relief": {"depth": "deep"}}, ["depth", "number"]),
        ({"relief": {"depth": float("nan")}}, ["depth", "number"]), ({"relief": {"colour": 1}}, ["relief", "colour"]),
        ({"make": {"seed": 10**300}}, ["seed"]), ({"make": {"seed": True}}, ["seed"]), ({"make": {"engine": "dall-e"}}, ["engine"]),
        ({"engine": 7}, ["engine"]), ({"version": 7}, ["version"]), ({"form": {"form": "mesh"}}, ["--mesh"]), ({"form": {"size": "US 99"}}, ["US 99"]),
        ({"design": {"metal": "cheese"}}, ["cheese"]), ({"height": {"path": "gone.png", "sha256": ""}}, ["gone.png"]), ({"mesh": {"path": 3}}, ["path"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_recipe_that_is_wrong_is_refused_by_name(change, words, made, jewelgen, tmp_path):
    text = change if isinstance(change, str) else json.dumps(read(made / "recipe.json") | change)
    (tmp_path / "recipe.json").write_text(text, encoding="utf-8")
    refused(jewelgen("show", tmp_path, "--no-render", "--quiet", "--out", tmp_path / "out"), *words)
    assert names(tmp_path) == {"recipe.json"}


def test_strict_is_three_when_a_check_fails_and_the_files_are_there_all_the_same(jewelgen, tmp_path):
    thin = ("make", "lotus band, silver", "--thickness", "0.3", "--width", "3", "--quiet")
    assert jewelgen.piece(*thin, "--strict", "--out", tmp_path / "thin").code == verbs.FAILED == 3
    assert names(tmp_path / "thin") == WHOLE
    failed = [c["name"] for c in read(tmp_path / "thin/report.json")["checks"] if c["ok"] is False]
    said = jewelgen.piece(*thin, "--out", tmp_path / "told")
    assert said.code == 0 and failed and all(f"FAIL  {name}" in said.out for name in failed)
    stout = jewelgen.piece("make", "plain band, silver, 6 mm wide", "--strict", "--quiet", "--out", tmp_path / "stout")
    assert stout.code == 0, stout.out


def test_json_alone_is_on_stdout_and_progress_alone_on_stderr(jewelgen, tmp_path):
    said = jewelgen.piece("make", "缠枝莲戒指 silver", "--json", "--out", tmp_path / "out")
    assert strict_json(said.out) == read(tmp_path / "out/report.json")
    assert said.err and all(line.startswith("[") for line in said.err.splitlines())
    quiet = jewelgen.piece("make", "lotus", "--quiet", "--out", tmp_path / "quiet")
    assert quiet.err == "" and quiet.out.startswith("band flat")


def test_what_is_printed_is_json_on_a_terminal_that_knows_no_chinese(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert main(["list", "forms", "--json"]) == 0
    narrow.flush()
    assert "戒指" in strict_json(narrow.buffer.getvalue().decode("latin-1"))[0]["text"]


def test_pattern_draws_height_and_picture_only(jewelgen, tmp_path):
    said = jewelgen("pattern", "lotus scroll band", "--pixels", "8", "--density", "preview", "--seed", "3", "--json", "--quiet", "--out", tmp_path / "out")
    facts = strict_json(said.out)
    from PIL import Image

    assert said.code == 0 and names(tmp_path / "out") == {"height.png", "picture.png", "recipe.json"}
    with Image.open(tmp_path / "out/height.png") as file:
        assert file.size == (facts["columns"], facts["rows"])
    again = jewelgen("show", tmp_path / "out", "--no-render", "--quiet", "--out", tmp_path / "piece")
    assert again.code == 0
    assert (tmp_path / "piece/height.png").read_bytes() == (tmp_path / "out/height.png").read_bytes()


@pytest.mark.parametrize("process", ["lost-wax", "silver-casting"])
def test_manufacture_enlarges_the_files_and_the_report_tells_both_sizes(process, jewelgen, tmp_path):
    import trimesh

    line = ("make", "plain band, silver, 5 mm wide, US 7", "--thickness", "2", "--quiet")
    assert jewelgen.piece(*line, "--out", tmp_path / "nominal").code == 0
    assert jewelgen.piece(*line, "--manufacture", process, "--out", tmp_path / "larger").code == 0
    nominal, larger = (read(tmp_path / n / "report.json") for n in ("nominal", "larger"))
    rules = larger["manufactured"]
    assert nominal["manufactured"] == {} and rules["process"] == process and rules["scale"] > 1.0
    assert larger["size_mm"] == nominal["size_mm"] and larger["inner_diameter_mm"] == nominal["inner_diameter_mm"]
    assert rules["inner_diameter_mm"] == pytest.approx((nominal["inner_diameter_mm"] - 2 * rules["polishing_mm"]) * rules["scale"], abs=1e-3)
    written = trimesh.load_mesh(tmp_path / "larger/piece.stl")
    np.testing.assert_allclose(written.extents, rules["size_mm"], atol=1e-3)
    grown = (np.array(nominal["size_mm"]) + 2 * rules["polishing_mm"]) * rules["scale"]
    np.testing.assert_allclose(rules["size_mm"], grown, atol=0.02)  # mm; facets of a larger circle
    page = (tmp_path / "larger/report.html").read_text(encoding="utf-8")
    assert process in page


@pytest.mark.parametrize("what", LISTED)
def test_every_list_can_be_read_by_people_and_programs(what, jewelgen):
    said = jewelgen("list", what)
    rows = strict_json(jewelgen("list", what, "--json").out)
    assert said.code == 0 and len(rows) == len(said.out.splitlines()) > 0
    assert len({row["name"] for row in rows}) == len(rows)
    assert all(row["name"] and row["text"] for row in rows)


def test_a_reader_that_goes_away_is_no_error():
    code = f"{sys.executable} -m blender_jewelgen list motifs | head -1; echo ${{PIPESTATUS[0]}}"
    said = subprocess.run(["bash", "-c", code], cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"})
    assert said.stderr == "" and said.stdout.splitlines()[-1] == "0"


def test_progress_that_nobody_reads_does_not_stop_the_work(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    said = ran("make", "lotus band", *QUICK, "--out", tmp_path / "out", stderr=writer)
    os.close(writer)
    assert said.code == 0 and names(tmp_path / "out") == WHOLE


def test_a_picture_that_blender_cannot_take_is_one_sentence_and_nothing_stays(jewelgen, tmp_path, monkeypatch):
    monkeypatch.setattr("blender_jewelgen.cli.setting.sys.executable", "/bin/false")
    said = jewelgen("make", "lotus band", "--density", "preview", "--pixels", "8", "--out", tmp_path / "out")
    refused(said, "picture", "--no-render")
    assert names(tmp_path) == set()
