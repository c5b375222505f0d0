"""Jobs give what a direct call gives, bit for bit; what they leave in the folder is whole and can be read back."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_jewelgen.core import pipeline
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.height.picture import read_height, read_levels
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.checks import check
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.files import write_stl
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.relief.bare import bare_piece
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.relief.places import Places
from blender_jewelgen.core.report import plain
from blender_jewelgen.core.words.lexicon import read as read_words
from blender_jewelgen.engines.registry import ask
from blender_jewelgen.worker import store
from blender_jewelgen.worker.jobs import JOBS
from blender_jewelgen.worker.remote import ask_of

sys.path.append(str(Path(__file__).parents[1] / "core"))
from mesh_shapes import ball, band, box

QUICK = {"density": "preview", "pixels": 10.0}


def recipe(words: str = "lotus scroll band", form: str = "band", seed: int = 3, **relief: object) -> Recipe:
    made = Recipe(design=read_words(words), form=FormParams(form=form), relief=ReliefParams(**{**QUICK, **relief}))
    return replace(made, make=replace(made.make, seed=seed))


def silent(share: float, text: str, preview: str = "") -> None:
    pass


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    """One worker of the real kind for all, started as the add-on does."""
    from blender_jewelgen.worker.client import Client

    with Client(log=tmp_path_factory.mktemp("log") / "worker.log") as client:
        yield client


@pytest.fixture
def done(worker, tmp_path):
    """Run a job and give its result; its folder is ``tmp_path / "José 首饰"``."""
    folder = tmp_path / "José 首饰"
    folder.mkdir()

    def run(kind: str, **params: object) -> dict:
        result = worker.wait(worker.submit(kind, params, folder), 120)
        assert not [file.name for file in folder.iterdir() if file.name.startswith(".")]  # no draft is left
        return result

    run.folder = folder
    return run


def test_there_are_the_jobs_of_the_contract():
    pieces = {"draw", "lay", "work", "make", "check", "solid", "read", "ask", "warm", "motif", "able", "follow", "heights", "body", "bare_body", "quality", "keys", "key_set", "key_remove", "tasks", "task_forget"}
    assert pieces | {"models", *(f"runtime_{verb}" for verb in ("status", "install", "repair", "remove", "report"))} == set(JOBS)


def test_draw_gives_the_picture_of_a_direct_call_and_a_thumb(done):
    made = recipe("lotus and unicornfish band")
    result = done("draw", recipe=made.to_json(), thumb=128)
    direct = pipeline.draw(made, ask, silent)
    assert np.array_equal(read_levels(done.folder / "height.png"), direct.picture)
    assert (result["rows"], result["columns"]) == direct.picture.shape
    assert result["credit"] == direct.recipe.engine and result["notes"] == list(direct.notes)
    assert Recipe.from_json(result["recipe"]) == direct.recipe
    thumb = Image.open(done.folder / "thumb.png")
    assert thumb.width == 128 and thumb.height >= 64 and np.ptp(np.asarray(thumb)) > 100


def test_a_recipe_can_be_an_object_or_text(done):
    made = recipe()
    one = done("draw", recipe=made.to_json())
    assert done("draw", recipe=json.loads(made.to_json())) == one


@pytest.mark.parametrize(("form", "relief"), [("band", {}), ("band", {"mapping": "planar"}), ("band", {"around": 3}), ("signet", {}), ("earrings", {}), ("bead", {"mid": 0.5})], ids=str)
def test_lay_gives_what_the_live_relief_needs(done, form, relief):
    made = recipe("lotus", form, **relief)
    result = done("lay", recipe=made.to_json())
    direct = pipeline.draw(made, ask, silent)
    assert np.array_equal(read_levels(done.folder / "height.png"), direct.picture)
    assert np.abs(read_levels(done.folder / "ready.png") - direct.ready).max() <= 0.5 / 65535 + 1e-7
    kept = store.read_arrays(done.folder / "bare.npz")
    around, across = direct.host.ornament
    bare = bare_piece(direct.host, min(0.12, max(0.09, (around * across / 60_000.0) ** 0.5)))
    for name, value in {"vertices": bare.mesh.vertices, "faces": bare.mesh.faces, "uv": bare.uv, "lift": bare.lift, "rim": bare.rim, "wrap": np.array(bare.wrap)}.items():
        assert np.array_equal(kept[name], value) and kept[name].dtype == value.dtype
    assert (result["depth"], result["surface"], result["notes"]) == (direct.depth, list(direct.size), list(direct.notes))
    assert result["mapping"] == (direct.where.kind if direct.where else "planar") and result["reason"]
    assert (done.folder / "places.npz").exists() == (direct.places is not None)


def test_lay_on_a_mesh_gives_its_places(done):
    made = recipe("lotus", "mesh")
    store.write_mesh(done.folder / "mesh.npz", band(80, 20))
    result = done("lay", recipe=made.to_json(), mesh="mesh.npz")
    direct = pipeline.draw(made, ask, silent, mesh=band(80, 20))
    places = Places.unpacked(store.read_arrays(done.folder / "places.npz"))
    assert places.chosen == result["mapping"] == direct.where.kind == "toroidal"
    assert places.sizes == direct.places.sizes and np.array_equal(places.frame, direct.places.frame)
    assert not (done.folder / "bare.npz").exists()


@pytest.mark.parametrize("kind", ["lay", "make"])
def test_a_mesh_with_large_holes_is_refused_in_one_sentence(done, kind):
    half = ball(5.0, 24, 36)
    store.write_mesh(done.folder / "mesh.npz", Mesh(half.vertices, half.faces[half.vertices[half.faces][..., 2].max(axis=1) > 0]))
    with pytest.raises(BadInput, match="holes too large"):
        done(kind, recipe=recipe("lotus", "mesh").to_json(), mesh="mesh.npz")


def test_a_new_look_at_the_same_height_asks_no_engine(done):
    made = recipe()
    first = done("lay", recipe=made.to_json())
    picture = read_levels(done.folder / "height.png")
    deeper = replace(Recipe.from_json(first["recipe"]), relief=replace(made.relief, depth=0.3))
    deeper = replace(deeper, make=replace(deeper.make, engine="no-such-engine"))  # nobody would answer
    again = done("lay", recipe=deeper.to_json(), height="height.png")
    assert np.array_equal(read_levels(done.folder / "height.png"), picture)
    assert again["depth"] == 0.3 and Recipe.from_json(again["recipe"]).engine == Recipe.from_json(first["recipe"]).engine


def test_a_picture_is_laid_and_the_recipe_remembers_its_file(done, tmp_path):
    x, y = np.meshgrid(np.arange(200), np.arange(60))
    path = tmp_path / "波 waves.png"
    Image.fromarray(((np.sin(x / 5) * np.sin(y / 6) + 1) * 32767).astype(np.uint16)).save(path)
    made = recipe("plain band")
    result = done("lay", recipe=made.to_json(), picture=str(path))
    assert np.array_equal(read_levels(done.folder / "height.png"), pipeline.draw(made, ask, silent, picture=read_height(path).height).picture)
    kept = Recipe.from_json(result["recipe"])
    assert kept.height.path == str(path) and len(kept.height.sha256) == 64 and kept.engine["name"] == "picture"


@pytest.mark.parametrize("form", ["band", "pendant"])
def test_make_gives_the_piece_of_a_direct_call_bit_for_bit(done, form):
    made = recipe("peony, gold", form)
    done("lay", recipe=made.to_json())
    result = done("make", recipe=made.to_json(), height="height.png")
    direct = pipeline.run(made, ask, silent, drawn=read_levels(done.folder / "height.png"))
    kept = store.read_mesh(done.folder / "piece.npz")
    assert np.array_equal(kept.vertices, direct.mesh.vertices) and kept.vertices.dtype == direct.mesh.vertices.dtype
    assert np.array_equal(kept.faces, direct.mesh.faces)
    report, known = result["report"], direct.report.to_dict()
    assert report == json.loads((done.folder / "report.json").read_text(encoding="utf-8"))
    assert {k: v for k, v in report.items() if k != "seconds"} == {k: v for k, v in known.items() if k != "seconds"}


def test_ornament_keeps_clear_of_what_is_handed_in(done):
    made = recipe("lotus")
    gem = ball(2.0, 12, 18, at=(0.0, -11.0, 0.0))
    store.write_mesh(done.folder / "clear.npz", gem)
    done("make", recipe=made.to_json(), clear="clear.npz")
    direct = pipeline.shape(made, ask, silent, keep_off=gem).mesh
    kept = store.read_mesh(done.folder / "piece.npz")
    assert np.array_equal(kept.vertices, direct.vertices)  # a preview is not reduced
    moved = np.linalg.norm(kept.vertices - pipeline.shape(made, ask, silent).mesh.vertices, axis=1)
    away = np.linalg.norm(kept.vertices - (0.0, -11.0, 0.0), axis=1)
    assert moved.max() > 0.1 and moved[away > 4.0].max() == 0.0  # mm: nothing changes elsewhere


def test_check_says_what_the_checks_say_and_weighs_in_every_metal(done):
    store.write_mesh(done.folder / "mesh.npz", box())
    result = done("check", mesh="mesh.npz", metal="silver-925", process="lost-wax", bodies=1)
    assert result["checks"] == plain([asdict(c) for c in check(box(), "lost-wax", metal="silver-925")])
    assert result["volume_mm3"] == pytest.approx(480.0) and result["size_mm"] == [10.0, 8.0, 6.0]
    assert result["weights"]["silver-925"] == result["weight_g"] and result["weights"]["gold-18k-yellow"] > result["weight_g"]


@pytest.mark.parametrize(("params", "words"), [({"metal": "cheese"}, "metal 'cheese' is not known"), ({"metal": "silver-925", "process": "magic"}, "process 'magic'")])
def test_check_refuses_what_it_does_not_know(done, params, words):
    store.write_mesh(done.folder / "mesh.npz", box())
    with pytest.raises(BadInput, match=words):
        done("check", mesh="mesh.npz", **params)


def test_solid_makes_one_body_and_is_honest_about_the_volume_before(done):
    store.write_mesh(done.folder / "mesh.npz", join([ball(5.0, 48, 72), ball(4.9, 48, 72), ball(0.3, at=(9.0, 0.0, 0.0))]))
    result = done("solid", mesh="mesh.npz")
    body = store.read_mesh(done.folder / "solid.npz")
    assert edges(body.faces, len(body.vertices)).sound and bodies(body.faces, len(body.vertices))[0] == 1
    assert (result["bodies_before"], result["bodies_after"], result["exact"]) == (3, 1, True)
    assert result["volume_after"] == pytest.approx(ball(5.0, 48, 72).volume) and result["volume_before"] > 1.9 * result["volume_after"]
    assert "no amount of metal: the surface was doubled" in result["notes"][-1]


def test_solid_leaves_a_sound_body_as_it_is(done):
    store.write_mesh(done.folder / "mesh.npz", box())
    result = done("solid", mesh="mesh.npz")
    assert result["notes"] == ["the mesh was one closed body already"] and result["volume_before"] == result["volume_after"] == pytest.approx(480.0)


def askew(mesh: Mesh, seed: int = 4) -> Mesh:
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    return Mesh(mesh.vertices @ turn.T + 30.0, mesh.faces)


def test_read_lays_a_ring_that_lies_askew_on_its_axis(done, tmp_path):
    write_stl(tmp_path / "环 ring.stl", askew(band()))
    result = done("read", path=str(tmp_path / "环 ring.stl"))
    mesh = store.read_mesh(done.folder / "mesh.npz")
    radius = np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1])
    assert radius.min() == pytest.approx(8.66, abs=0.01) and radius.max() == pytest.approx(10.06, abs=0.01)  # mm: the hole is on z
    assert mesh.vertices[:, 2].max() == pytest.approx(3.0, abs=0.01) == -mesh.vertices[:, 2].min()
    assert mesh.volume == pytest.approx(band().volume, rel=1e-5)
    assert "its hole points up" in result["notes"][-1] and (result["unit"], result["axis"], result["closed"]) == ("mm", "", True)


def test_read_lays_a_flat_piece_on_its_back(done, tmp_path):
    write_stl(tmp_path / "plate.stl", box(20.0, 2.0, 30.0))  # standing: thin along y
    result = done("read", path=str(tmp_path / "plate.stl"))
    assert result["axis"] == "y" and result["size_mm"][2] == pytest.approx(2.0)
    mesh = store.read_mesh(done.folder / "mesh.npz")
    assert mesh.volume == pytest.approx(20 * 2 * 30) and np.allclose(mesh.vertices.max(axis=0), -mesh.vertices.min(axis=0))


def test_read_can_leave_a_body_where_it_is(done, tmp_path):
    write_stl(tmp_path / "plate.stl", box(20.0, 2.0, 30.0, at=(5.0, 6.0, 7.0)))
    result = done("read", path=str(tmp_path / "plate.stl"), orient=False, centre=False)
    assert result["notes"] == [] and store.read_mesh(done.folder / "mesh.npz").vertices.max(axis=0).tolist() == [15.0, 7.0, 22.0]


@pytest.mark.parametrize(
    ("size", "params", "longest", "unit", "word"),
    [
        (0.02, {}, 20.0, "metres", "read as metres"), (1.0, {}, 20.0, "model", "was made 20 mm"), (900.0, {}, 20.0, "model", "was made 20 mm"), (20.0, {}, 20.0, "mm", ""),
        (1.0, {"size": 35.0}, 35.0, "model", ""), (1.0, {"scale": 25.4}, 25.4, "inches", ""), (20.0, {"scale": 1.0}, 20.0, "mm", ""),
    ],
)
def test_read_finds_a_unit_and_says_which(done, tmp_path, size, params, longest, unit, word):
    write_stl(tmp_path / "ball.stl", ball(size / 2.0))
    result = done("read", path=str(tmp_path / "ball.stl"), orient=False, **params)
    assert max(result["size_mm"]) == pytest.approx(longest, rel=1e-3) and result["unit"] == unit
    assert (not word and not result["notes"]) or word in result["notes"][-1]
    assert result["scale"] == pytest.approx(longest / size, rel=1e-3)


@pytest.mark.parametrize(("params", "words"), [({"path": "/no/such.stl"}, "there is no file"), ({"path": __file__}, "not a mesh file"), ({"path": __file__, "size": -1}, "size is -1")])
def test_read_refuses_in_one_sentence(done, params, words):
    with pytest.raises(BadInput, match=words):
        done("read", **params)


@pytest.mark.parametrize("parts", [
    {"vertices": np.zeros((3, 3))}, {"vertices": np.zeros((3, 3)), "faces": np.array([[0, 1, 9]])}, {"vertices": np.full((3, 3), np.nan), "faces": np.array([[0, 1, 2]])},
    {"vertices": np.zeros((3, 2)), "faces": np.array([[0, 1, 2]])}, {"vertices": np.zeros((3, 3)), "faces": np.array([[0.0, 1.0, 2.0]])},
    {"vertices": np.zeros((3, 3)), "faces": np.array([[0, 1, 2]]), "mask": np.zeros(2)}, {"vertices": np.zeros(()), "faces": np.zeros(())},
    {"vertices": np.array([{"an": "object"}]), "faces": np.array([[0, 1, 2]])},
])  # fmt: skip
def test_a_file_that_is_no_mesh_is_refused(tmp_path, parts):
    np.savez(tmp_path / "mesh.npz", **parts)
    with pytest.raises(BadInput, match=r"mesh\.npz"):
        store.read_mesh(tmp_path / "mesh.npz")


def test_a_mesh_comes_back_as_it_was_written(tmp_path):
    mesh = replace(box(), mask=np.linspace(0, 1, 8, dtype=np.float32), uv=np.zeros((12, 3, 2), np.float32), relief=np.ones(8, np.float32))
    store.write_mesh(tmp_path / "mesh.npz", mesh)
    back = store.read_mesh(tmp_path / "mesh.npz")
    for name in ("vertices", "faces", "relief", "uv", "mask"):
        assert np.array_equal(getattr(back, name), getattr(mesh, name))


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path):
    path = tmp_path / "report.json"
    store.write_json(path, {"old": 1})
    with pytest.raises(ValueError, match="JSON"):
        store.write_json(path, {"new": float("nan")})
    assert json.loads(path.read_text()) == {"old": 1} and [file.name for file in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("form", ["band", "pendant"])
def test_another_process_draws_the_same_pixels(worker, form):
    made = recipe("dragon and cloud", form)
    steps = []
    there = pipeline.draw(made, ask_of(worker), lambda share, text: steps.append(text))
    here = pipeline.draw(made, ask, silent)
    assert np.array_equal(there.picture, here.picture) and there.recipe == here.recipe and there.notes == here.notes
    assert "drawing the pattern" in steps


def test_an_engine_that_is_not_there_is_refused_as_it_is_here(worker):
    made = recipe()
    made = replace(made, make=replace(made.make, engine="proceduril"))
    with pytest.raises(BadInput, match="did you mean procedural"):
        pipeline.draw(made, ask_of(worker), silent)
