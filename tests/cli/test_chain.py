"""A picture becomes a piece: ``mesh`` and ``make --from``, with our own forms and with the mesh of a model that stands in for a real one."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from command_line import names, read, refused

from blender_jewelgen.core.body import Body, Candidate
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.engines.bodies import registry


def ring(segments: int = 96, sides: int = 32) -> Mesh:
    """A torus of a unit and a half, as models give them: no unit, its axis level."""
    u, v = np.meshgrid(np.arange(segments) / segments * 2 * np.pi, np.arange(sides) / sides * 2 * np.pi, indexing="ij")
    radius = 0.6 + 0.12 * np.cos(v)
    points = np.stack([radius * np.cos(u), 0.12 * np.sin(v), radius * np.sin(u)], axis=-1).reshape(-1, 3)
    at = np.arange(segments * sides).reshape(segments, sides)
    a, b, c, d = at, np.roll(at, -1, 0), np.roll(np.roll(at, -1, 0), -1, 1), np.roll(at, -1, 1)
    faces = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([a, d, c], -1).reshape(-1, 3)])
    mesh = Mesh(points, faces.astype(np.int32))
    return mesh if mesh.volume > 0 else Mesh(points, np.ascontiguousarray(mesh.faces[:, ::-1]))


def crumbled() -> Mesh:
    """The ring with twelve loose bits beside it and a hole in it."""
    whole = ring()
    bit = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float) * 0.02
    bits = [Mesh(bit + np.array([0.9, 0.1 * k, 0.0]), np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)) for k in range(12)]
    return join([Mesh(whole.vertices, whole.faces[5:]), *bits])


@pytest.fixture
def model(monkeypatch):
    """The engine "shap-e" gives the crumbled ring; the orders it heard."""
    heard = []

    def make(order, tell):
        heard.append(order)
        tell(0.5, "denoising")
        rows = (Candidate(seed=order.seed, numbers={"pieces": 13}), Candidate(seed=order.seed + 1, numbers={"pieces": 1}, refused="a cube"))
        return Body(mesh=crumbled(), credit={"model": "tiny"}, notes=("of one picture",), candidates=rows)

    real = registry.import_module
    monkeypatch.setattr(registry, "import_module", lambda name, package: SimpleNamespace(make=make) if name.endswith("shap_e") else real(name, package))
    monkeypatch.setattr("blender_jewelgen.worker.elsewhere.python_with_torch", lambda *_: None)
    return heard


@pytest.fixture
def photo(tmp_path):
    """A yellow ring seen through its hole, on white."""
    from PIL import Image

    y, x = np.mgrid[:256, :256]
    far = np.hypot(x - 128, y - 128)
    colours = np.full((256, 256, 3), 250, np.uint8)
    colours[(far < 96) & (far > 78)] = (212, 168, 60)
    path = tmp_path / "José 戒指.png"
    Image.fromarray(colours).save(path)
    return path


def test_the_mesh_of_a_model_becomes_a_closed_ring_of_the_finger_size_with_the_ornament_of_the_words(model, photo, jewelgen, tmp_path):
    out = tmp_path / "piece"
    said = jewelgen.piece("make", "celtic interlace, silver, US 7", "--from", photo, "--body", "shap-e", "--seed", "5", "--out", out)
    assert said.code == 0, said.err
    report, recipe = read(out / "report.json"), read(out / "recipe.json")
    assert {"generated.glb", "body.glb", "stages.html", "piece.3mf"} <= names(out)
    assert report["watertight"] and report["bodies"] == 1 and report["mapping"]["kind"] == "toroidal"
    assert recipe["form"]["form"] == "mesh" and recipe["mesh"]["path"] == "body.glb"
    assert recipe["origin"]["name"] == "shap-e" and recipe["origin"]["sha256"] and recipe["origin"]["seed"] == "5" and recipe["origin"]["path"] == str(photo)
    assert model[0].size == "US 7" and model[0].seed == 5 and model[0].picture == photo
    inner = inner_radius(out / "body.glb")
    assert inner == pytest.approx(17.35 / 2, abs=0.02)  # US 7
    assert "of one picture" in report["notes"]


def inner_radius(file) -> float:
    """mm from the axis to the nearest corner, round the finger hole."""
    from blender_jewelgen.core.mesh.read import read_mesh
    from blender_jewelgen.core.relief.axes import pose

    mesh, _ = read_mesh(file)
    found = pose(mesh)
    local = (mesh.vertices - found.centre) @ found.frame.T
    return float(np.hypot(local[:, 0], local[:, 1]).min())


def test_a_piece_from_a_picture_is_made_again_from_its_recipe_without_the_model(model, photo, jewelgen, tmp_path):
    first = tmp_path / "one"
    assert jewelgen.piece("make", "vine, silver, US 9", "--from", photo, "--body", "shap-e", "--out", first).code == 0
    moved = tmp_path / "José 盒"
    first.rename(moved)
    assert len(model) == 1
    said = jewelgen("show", moved, "--no-render", "--out", tmp_path / "two")
    assert said.code == 0 and len(model) == 1
    assert (tmp_path / "two/piece.stl").read_bytes() == (moved / "piece.stl").read_bytes()


def test_mesh_writes_the_body_as_the_engine_gave_it_with_its_numbers_and_refusals(model, photo, jewelgen, tmp_path):
    said = jewelgen("mesh", photo, "--engine", "shap-e", "--candidates", "2", "--out", tmp_path / "body")
    report = read(tmp_path / "body/report.json")
    assert said.code == 0 and names(tmp_path / "body") == {"mesh.glb", "picture.png", "report.json"}
    assert report["quality"]["pieces"] == 13 and not report["quality"]["closed"] and report["quality"]["open_edges"] > 0
    assert "seed 1 refused: a cube" in said.out and report["candidates"][1]["refused"] == "a cube"
    assert model[0].params.candidates == 2 and not model[0].online


def test_a_ring_in_a_picture_becomes_a_band_of_ours_that_can_be_ornamented(photo, jewelgen, tmp_path):
    said = jewelgen.piece("make", "meander, silver, US 9", "--from", photo, "--out", tmp_path / "ring")
    assert said.code == 0, said.err
    recipe, report = read(tmp_path / "ring/recipe.json"), read(tmp_path / "ring/report.json")
    assert recipe["form"]["form"] == "band" and recipe["form"]["size"] == "US 9" and recipe["origin"]["name"] == "ring"
    assert report["inner_diameter_mm"] == pytest.approx(18.95, abs=0.1) and report["watertight"]
    assert recipe["form"]["thickness"] == pytest.approx(18.95 / 2 * (96 / 78 - 1), rel=0.12)
    assert "stages.html" in names(tmp_path / "ring")


def test_mesh_needs_no_weights_for_a_ring(photo, jewelgen, tmp_path):
    said = jewelgen("mesh", photo, "--out", tmp_path / "body", "--json")
    report = json.loads(said.out)
    assert said.code == 0 and report["engine"]["name"] == "ring" and report["form"]["form"] == "band"
    assert report["quality"]["closed"] and report["quality"]["pieces"] == 1 and report["quality"]["euler"] == 0


def test_the_words_go_before_what_the_picture_shows(photo, jewelgen, tmp_path):
    jewelgen.piece("make", "vine, silver, US 7, 9 mm wide", "--from", photo, "--out", tmp_path / "ring")
    assert read(tmp_path / "ring/recipe.json")["form"]["width"] == 9.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "gone.png"], ["gone.png", "not there"]),
        (["--from", ""], ["not named", "--from"]),
        (["--from", "PHOTO", "--height", "PHOTO"], ["from and height exclude"]),
        (["--from", "PHOTO", "--mesh", "PHOTO"], ["from and mesh exclude"]),
        (["--candidates", "3"], ["candidates", "--from"]),
        (["--from", "PHOTO", "--body", "shap-f"], ["shap-e"]),
        (["--from", "PHOTO", "--body", "shap-e", "--candidates", "40"], ["candidates", "16"]),
        (["--from", "PHOTO", "--pictures", "diffusers:sd15"], ["exclude"]),
        (["--body", "triposr"], ["pictures only", "--pictures"]),
        (["--body", "shap-e", "--pictures", "procedural"], ["draws heights"]),
    ],
)
def test_what_cannot_begin_is_refused_in_a_sentence(arguments, words, model, photo, jewelgen, tmp_path):
    typed = [str(photo) if word == "PHOTO" else word for word in arguments]
    refused(jewelgen.piece("make", "band, silver", *typed, "--out", tmp_path / "out"), *words)
    assert not (tmp_path / "out").exists()


def test_nothing_at_all_is_refused(jewelgen, tmp_path):
    refused(jewelgen("make", "--out", tmp_path / "out"), "make needs a prompt")
    refused(jewelgen("mesh", "--out", tmp_path / "out"), "nothing is shown")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_chain_that_is_stopped_at_any_time_leaves_nothing(share, model, photo, monkeypatch, jewelgen, tmp_path):
    from blender_jewelgen.cli import progress

    before = progress.Progress.__call__

    def stopping(self, at, text):
        before(self, at, text)
        if at >= share:
            raise KeyboardInterrupt

    monkeypatch.setattr(progress.Progress, "__call__", stopping)
    said = jewelgen.piece("make", "vine, silver, US 9", "--from", photo, "--body", "shap-e", "--out", tmp_path / "out")
    assert said.code == 130 and not (tmp_path / "out").exists() and not list(tmp_path.glob(".jewelgen*"))


def test_what_an_engine_refuses_is_said_and_nothing_is_written(photo, monkeypatch, jewelgen, tmp_path):
    def make(order, tell):
        raise BadInput("all 4 candidates are cut off by their box (9.5 % of the area); try other seeds", field="engine")

    monkeypatch.setattr(registry, "import_module", lambda *_: SimpleNamespace(make=make))
    monkeypatch.setattr("blender_jewelgen.worker.elsewhere.python_with_torch", lambda *_: None)
    refused(jewelgen.piece("make", "vine", "--from", photo, "--body", "shap-e", "--out", tmp_path / "out"), "9.5 %")
    assert not (tmp_path / "out").exists()
