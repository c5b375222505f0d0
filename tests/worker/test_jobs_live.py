"""Motifs on a piece in haste: the same picture as the walk gives, from a sketch, with and without a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.height.picture import read_levels
from blender_jewelgen.core.pattern import drawn
from blender_jewelgen.core.recipe import Recipe, Source
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines import motif
from blender_jewelgen.worker import jobs_live
from blender_jewelgen.worker.jobs import JOBS

BAND = Recipe(design=Design(motifs=(Motif(name="lotus"),), border="beaded"), form=FormParams(size="US 3", width=3.0), relief=ReliefParams(pixels=12.0))
PENDANT = Recipe(design=Design(form="pendant", motifs=(Motif(name="owl"),)), form=FormParams(form="pendant", width=12.0), relief=ReliefParams(pixels=12.0))


def quiet(share, text, preview=""):
    assert 0.0 <= share <= 1.0 and text


def disc(radius=0.8):
    y, x = np.mgrid[-1 : 1 : 256j, -1 : 1 : 256j]
    return (np.hypot(x, y) < radius).astype(np.float32)


def follow(folder, recipe, sketch=None, **params):
    if sketch is not None:
        np.savez(folder / "sketch.npz", coverage=sketch)
        params["sketch"] = "sketch.npz"
    return JOBS["follow"]({"recipe": recipe.to_json(), **params}, folder, quiet)


@pytest.mark.parametrize("recipe", [BAND, PENDANT])
def test_in_haste_at_full_size_the_picture_is_that_of_the_walk(tmp_path, recipe):
    follow(tmp_path, recipe, pixels=12.0)
    result = follow(tmp_path, recipe)
    ready = np.load(tmp_path / "ready.npy")
    assert ready.dtype == np.float32 and np.abs(ready - read_levels(tmp_path / "ready.png")).max() <= 0.51 / 65535
    assert Recipe.from_json(result["recipe"]).design.motifs == recipe.design.motifs and result["motif"] is None


def test_in_haste_it_is_smaller_and_never_larger_than_the_recipe(tmp_path):
    shapes = []
    for pixels in (6.0, 12.0, 500.0):
        follow(tmp_path, BAND, pixels=pixels)
        shapes.append(np.load(tmp_path / "ready.npy").shape)
    assert shapes[0] < shapes[1] == shapes[2] == read_levels(_fine(tmp_path)).shape


def _fine(folder):
    follow(folder, BAND)
    return folder / "ready.png"


def test_a_form_is_worked_out_once_whatever_is_drawn_on_it(tmp_path):
    jobs_live._board.cache_clear()
    pictures = []
    for name in ("lotus", "owl", "lotus"):
        follow(tmp_path, replace(BAND, design=replace(BAND.design, motifs=(Motif(name=name),), prompt=name)), pixels=6.0)
        pictures.append(np.load(tmp_path / "ready.npy"))
    assert jobs_live._board.cache_info().misses == 1
    np.testing.assert_array_equal(pictures[0], pictures[2])
    assert np.abs(pictures[0] - pictures[1]).max() > 0.3
    follow(tmp_path, replace(BAND, form=replace(BAND.form, width=5.0)), pixels=6.0)
    assert jobs_live._board.cache_info().misses == 2


def test_strokes_as_they_are_become_the_only_motif_where_they_lie(tmp_path):
    aside = np.roll(disc(0.4), 64, axis=1)
    made = follow(tmp_path, PENDANT, aside, pixels=6.0)["motif"]
    shape = drawn.unpack(made["cell"]) > 0
    assert (made["function"], made["reason"]) == ("drawn", "")
    assert shape.mean() == pytest.approx(np.pi * 0.4**2 / 4, rel=0.05)
    assert np.argwhere(shape).mean(axis=0) == pytest.approx([63.5, 95.5], abs=1.5)
    fitted = drawn.unpack(follow(tmp_path, PENDANT, aside, pixels=6.0, fit=True)["motif"]["cell"]) > 0
    assert np.argwhere(fitted).mean(axis=0) == pytest.approx([63.5, 63.5], abs=1.5) and fitted.mean() > 4 * shape.mean()


def test_with_a_wish_the_model_follows_the_sketch_and_the_recipe_keeps_the_drawing(tmp_path):
    result = follow(tmp_path, PENDANT, disc(), wish={"prompt": "owl", "steps": 3, "seed": 5, "strength": 0.3})
    made = result["motif"]
    shape = drawn.unpack(made["cell"]) > 0
    assert made["function"] == "sketch" and (shape & (drawn.unpack(_plain(tmp_path)) > 0)).sum() / shape.sum() > 0.9
    assert [m.cell for m in Recipe.from_json(result["recipe"]).design.motifs] == [made["cell"]]


def _plain(folder):
    return follow(folder, PENDANT, disc(), pixels=6.0)["motif"]["cell"]


def test_without_a_recipe_the_motif_alone_is_drawn(tmp_path):
    np.savez(tmp_path / "sketch.npz", coverage=disc())
    result = JOBS["follow"]({"sketch": "sketch.npz"}, tmp_path, quiet)
    assert result["recipe"] == "" and result["motif"]["cell"] == _plain(tmp_path)


def test_a_model_that_cannot_draw_leaves_the_strokes_and_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(motif, "reason", lambda: "the motif model lacks its file motif.onnx")
    made = follow(tmp_path, PENDANT, disc(), wish={"prompt": "owl"}, pixels=6.0)["motif"]
    assert (made["function"], made["reason"]) == ("drawn", "the motif model lacks its file motif.onnx")
    assert JOBS["able"]({}, tmp_path, quiet) == {"reason": "the motif model lacks its file motif.onnx"}


@pytest.mark.parametrize("sketch, said", [(np.zeros((64, 64), np.float32), "blank"), (np.ones((64, 64), np.float32), "covered all over")])
def test_a_sketch_of_nothing_or_everything_is_refused(tmp_path, sketch, said):
    with pytest.raises(BadInput, match=said):
        follow(tmp_path, PENDANT, sketch, pixels=6.0)


def test_a_piece_of_a_picture_has_no_motifs(tmp_path):
    with pytest.raises(BadInput, match="made of a picture"):
        follow(tmp_path, replace(PENDANT, height=Source(path="wave.png")), pixels=6.0)


def test_cancel_is_heard_at_every_step_of_the_model(tmp_path):
    heard = []

    def stop(share, text, preview=""):
        heard.append(text)
        if len(heard) == 2:
            raise Cancelled("cancelled")

    np.savez(tmp_path / "sketch.npz", coverage=disc())
    with pytest.raises(Cancelled):
        JOBS["follow"]({"recipe": PENDANT.to_json(), "sketch": "sketch.npz", "wish": {"prompt": "owl", "steps": 6}}, tmp_path, stop)
    assert heard == ["drawing the motifs"] * 2 and not (tmp_path / "ready.png").exists()
