"""Height pictures and meshes of other people: used, used with a note, or refused in one sentence."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from command_line import WHOLE, names, read, refused

from blender_jewelgen.core.mesh import inside
from blender_jewelgen.core.mesh import read as reader


@pytest.mark.parametrize("host", [["--form", "band"], ["--form", "pendant"], "ball"], ids=["band", "pendant", "mesh"])
def test_a_picture_is_raised_on_forms_and_meshes(host, picture, ball, jewelgen, tmp_path):
    host = ["--mesh", ball] if host == "ball" else host
    said = jewelgen.piece("relief", "silver", "--height", picture, *host, "--out", tmp_path / "out")
    report = read(tmp_path / "out/report.json")
    assert said.code == 0 and names(tmp_path / "out") == WHOLE
    assert report["watertight"] and report["bodies"] == 1 and report["metal"] == "silver-925" and report["engine"] == "picture"
    assert not any("8 bits" in note for note in report["notes"])


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1"])
def test_a_picture_of_eight_bits_is_used_and_said_to_have_terraces(mode, jewelgen, tmp_path):
    from PIL import Image

    grey = np.tile((np.sin(np.arange(96) / 96 * 8 * np.pi) * 120 + 127).astype(np.uint8), (24, 1))
    Image.fromarray(grey).convert(mode).save(tmp_path / "grey.png")
    said = jewelgen.piece("relief", "--height", tmp_path / "grey.png", "--out", tmp_path / "out")
    assert said.code == 0 and "8 bits" in said.out and "terraces" in said.out


def bad_pictures(folder, picture):
    from PIL import Image

    (folder / "cut.png").write_bytes(picture.read_bytes()[:200])
    Image.new("L", (1, 1)).save(folder / "dot.png")
    Image.new("L", (20_000, 8)).save(folder / "wide.png")
    Image.new("L", (64, 64), 7).save(folder / "flat.png")
    Image.fromarray(np.full((16, 16), np.nan, np.float32)).save(folder / "nan.tiff")
    (folder / "deep.exr").write_bytes(b"v/1\x01\x02\0\0\0")
    (folder / "words.png").write_text("no picture")
    (folder / "folder.png").mkdir()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cut.png", ["cut short"]), ("dot.png", ["1 x 1", "8 px"]), ("wide.png", ["20000", "16384"]), ("flat.png", ["flat"]), ("nan.tiff", ["finite"]),
        ("deep.exr", ["OpenEXR", "16 bit"]), ("words.png", ["not a picture"]), ("folder.png", ["folder"]), ("gone.png", ["not there"]),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused(name, words, picture, jewelgen, tmp_path):
    bad_pictures(tmp_path, picture)
    refused(jewelgen.piece("relief", "--height", tmp_path / name, "--out", tmp_path / "out"), name, *words)
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*"))


def solid(radius=8.0):
    import trimesh

    return trimesh.creation.icosphere(subdivisions=3, radius=radius)


def test_a_mesh_in_metres_or_inches_is_seen_and_the_scale_that_it_asks_for_helps(jewelgen, tmp_path):
    for name, factor, scale in (("metres", 0.001, "1000"), ("inches", 1 / 25.4, "25.4")):
        solid(8.0 * factor).export(tmp_path / f"{name}.stl")
        refused(jewelgen.piece("make", "lotus", "--mesh", tmp_path / f"{name}.stl", "--out", tmp_path / name), "--scale", scale, name)
        said = jewelgen.piece("make", "hammered", "--mesh", tmp_path / f"{name}.stl", "--scale", scale, "--out", tmp_path / name)
        size = read(tmp_path / name / "report.json")["size_mm"]
        assert said.code == 0 and all(15.9 < side < 17.5 for side in size)  # mm


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "tiny", "1e-5", "1e5"])
def test_a_scale_that_makes_no_jewelry_is_refused(scale, ball, jewelgen, tmp_path):
    refused(jewelgen.piece("make", "lotus", "--mesh", ball, f"--scale={scale}", "--out", tmp_path / "out"), "scale")
    assert names(tmp_path) == set()


def test_a_form_and_a_mesh_exclude_each_other(ball, jewelgen, tmp_path):
    refused(jewelgen.piece("make", "lotus", "--mesh", ball, "--form", "band", "--out", tmp_path / "out"), "form", "mesh")


def test_an_inside_out_mesh_with_double_faces_is_mended_and_said(jewelgen, tmp_path):
    import trimesh

    good = solid()
    faces = np.vstack([good.faces, good.faces[:20]])[:, ::-1]
    trimesh.Trimesh(good.vertices, faces, process=False).export(tmp_path / "bad.ply")
    said = jewelgen.piece("make", "hammered", "--mesh", tmp_path / "bad.ply", "--out", tmp_path / "out")
    report = read(tmp_path / "out/report.json")
    assert said.code == 0 and "inside out" in said.out and "20 duplicate faces" in said.out
    assert report["watertight"] and report["volume_mm3"] > 0.9 * good.volume


def test_an_open_mesh_and_one_of_two_bodies_become_one_closed_body_and_it_is_said(jewelgen, tmp_path, monkeypatch):
    import trimesh

    monkeypatch.setattr(inside, "_CELLS", 3.0e4)  # coarse, so that it takes a second
    whole = trimesh.creation.icosphere(subdivisions=2, radius=4.0)
    opened = whole.copy()
    opened.update_faces(np.arange(len(opened.faces)) > 3)
    two = trimesh.util.concatenate([whole, trimesh.creation.icosphere(subdivisions=2, radius=2.0).apply_translation([7, 0, 0])])
    for name, mesh, word in (("open", opened, "not closed"), ("two", two, "2 separate bodies")):
        mesh.export(tmp_path / f"{name}.stl")
        said = jewelgen.piece("make", "hammered", "--mesh", tmp_path / f"{name}.stl", "--out", tmp_path / name)
        report = read(tmp_path / name / "report.json")
        assert said.code == 0 and word in said.out and "rebuilt" in said.out
        assert report["watertight"] and report["bodies"] == 1


def bad_meshes(folder):
    import trimesh

    (folder / "empty.stl").touch()
    broken = solid().vertices.copy()
    broken[4] = np.nan
    trimesh.Trimesh(broken, solid().faces, process=False).export(folder / "nan.stl")
    (folder / "points.obj").write_text("v 0 0 0\nv 9 0 0\n")
    (folder / "words.stl").write_text("solid nothing")
    scene = {"asset": {"version": "2.0"}, "buffers": [{"uri": "../../secret.bin", "byteLength": 36}], "meshes": [{"primitives": []}]}
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    (folder / "outside.glb").write_bytes(struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text), len(text), b"JSON") + text)
    (folder / "folder.stl").mkdir()


@pytest.mark.parametrize("verb", ["make", "check"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty.stl", ["empty"]), ("nan.stl", ["not numbers"]), ("points.obj", ["no faces"]), ("words.stl", ["words.stl"]),
        ("outside.glb", ["outside its folder"]), ("folder.stl", ["folder"]), ("gone.stl", ["not there"]), ("picture.png", ["picture.png"]),
    ],
)
def test_a_mesh_that_cannot_be_used_is_refused(verb, name, words, jewelgen, tmp_path):
    bad_meshes(tmp_path)
    line = ["check", tmp_path / name] if verb == "check" else ["make", "lotus", "--mesh", tmp_path / name, "--quiet", "--no-render", "--out", tmp_path / "out"]
    refused(jewelgen(*line), *words)
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*"))


def test_more_triangles_than_the_limit_are_refused(ball, jewelgen, tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MAX_TRIANGLES", 1000)
    refused(jewelgen.piece("make", "lotus", "--mesh", ball, "--out", tmp_path / "out"), "1,000", "decimate")


def test_check_judges_a_foreign_file_in_words_and_as_json(ball, jewelgen, tmp_path):
    import trimesh

    said = jewelgen("check", ball, "--strict")
    assert said.code == 0 and "ok    closed" in said.out
    opened = solid()
    opened.update_faces(np.arange(len(opened.faces)) > 9)
    opened.export(tmp_path / "open.stl")
    said = jewelgen("check", tmp_path / "open.stl", "--json", "--strict")
    facts = json.loads(said.out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert said.code == 3 and facts["ok"] is False
    closed = next(c for c in facts["checks"] if c["name"] == "closed")
    assert closed["ok"] is False and closed["hint"]
    assert jewelgen("check", tmp_path / "open.stl").code == 0  # not strict: told, not failed
    trimesh.util.concatenate([solid(), solid().apply_translation([20, 0, 0])]).export(tmp_path / "two.stl")
    assert jewelgen("check", tmp_path / "two.stl", "--strict").code == 3
    assert jewelgen("check", tmp_path / "two.stl", "--strict", "--bodies", "2").code == 0


def test_the_source_picture_is_not_overwritten_by_the_result(picture, jewelgen, tmp_path):
    source = tmp_path / "height.png"
    source.write_bytes(picture.read_bytes())
    refused(jewelgen.piece("relief", "--height", source, "--out", tmp_path), "height.png", "--force")
    refused(jewelgen.piece("relief", "--height", source, "--out", tmp_path, "--force"), "replaced", "--out")
    assert source.read_bytes() == picture.read_bytes() and names(tmp_path) == {"height.png"}
