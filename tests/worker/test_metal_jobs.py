"""Jobs that work metal give what a direct call gives, and write only what is another than before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from blender_jewelgen.core import pipeline
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.relief.params import CraftParams, ReliefParams
from blender_jewelgen.core.relief.stone import Stone
from blender_jewelgen.core.words.lexicon import read as read_words
from blender_jewelgen.core.words.text_line import TextLine
from blender_jewelgen.engines.registry import ask
from blender_jewelgen.worker import store
from blender_jewelgen.worker.jobs import JOBS


def recipe(words, form="band", **parts):
    relief = ReliefParams(pixels=8.0)
    return Recipe(design=read_words(words), form=FormParams(form=form, **({"size": "US 3", "width": 5.0} if form == "band" else {"width": 12.0})), relief=relief, **parts)


def silent(share, text, preview=""):
    pass


@pytest.fixture
def done(tmp_path):
    """Run a job in this process; each has a folder of its own."""
    folders = iter(range(100))

    def run(kind, made, **params):
        run.folder = tmp_path / str(next(folders))
        run.folder.mkdir()
        return JOBS[kind]({"recipe": made.to_json(), **params}, run.folder, silent)

    return run


CASES = {
    "sheet": recipe("hammered band", craft=CraftParams(sheet=0.5)), "openwork": recipe("openwork vine band"),
    "letters": recipe("band", texts=(TextLine(words="I", style="pierced"),)), "stones": recipe("plain band", stones=(Stone(size=1.0),)),
    "pendant": recipe("hammered pendant", "pendant", craft=CraftParams(sheet=0.5, rim=0.6)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_laying_with_metal_gives_the_body_of_a_direct_call_as_fine_as_a_preview(done, case):
    made = CASES[case]
    result = done("lay", made, metal=True)
    body = store.read_mesh(done.folder / "body.npz")
    direct = pipeline.draw(made, ask, silent)
    coarse = pipeline.raised(replace(direct, recipe=replace(direct.recipe, relief=replace(direct.recipe.relief, density="preview"))), silent)
    assert np.array_equal(body.vertices, coarse.mesh.vertices) and np.array_equal(body.faces, coarse.mesh.faces)
    assert edges(body.faces, len(body.vertices)).closed and (case == "pendant" or bodies(body.faces, len(body.vertices))[0] == 1)
    assert result["worked"] is True and result["craft"]["kind"] == direct.work.kind and list(coarse.notes) == result["notes"]
    assert (done.folder / "stones.npz").exists() == (case == "stones")
    again = done("lay", made)
    assert not (done.folder / "body.npz").exists() and again["worked"] is False and again["form_mark"] == result["form_mark"]


def test_a_piece_that_is_all_relief_has_no_body_of_its_own(done):
    result = done("lay", recipe("vine band", texts=(TextLine(words="LOVE"),)), metal=True)
    assert not (done.folder / "body.npz").exists() and result["worked"] is True and result["craft"]["kind"] == "solid"
    assert [line["text"] for line in result["craft"]["lines"]] == ["LOVE"]


def test_work_writes_only_what_is_another(done):
    made = CASES["openwork"]
    laid = done("lay", made, metal=True)
    height = (done.folder / "height.png").read_bytes()
    body = store.read_mesh(done.folder / "body.npz")
    known = str(done.folder / "height.png")
    result = done("work", made, height=known, form_mark=laid["form_mark"])
    assert sorted(path.name for path in done.folder.iterdir()) == ["body.npz"]
    same = store.read_mesh(done.folder / "body.npz")
    assert np.array_equal(same.vertices, body.vertices) and np.array_equal(same.faces, body.faces)
    assert result["form_mark"] == laid["form_mark"] and result["craft"] == laid["craft"]
    done("work", replace(made, texts=(TextLine(words="LOVE", style="engraved"),)), form_mark=laid["form_mark"])
    assert {"height.png", "ready.png", "thumb.png", "body.npz"} == {path.name for path in done.folder.iterdir()}
    assert (done.folder / "height.png").read_bytes() != height
    other = done("work", replace(made, form=replace(made.form, thickness=2.0)), height=known, form_mark=laid["form_mark"])
    assert (done.folder / "bare.npz").exists() and other["form_mark"] != laid["form_mark"]


def test_the_thickness_of_a_sheet_is_not_kept_as_that_of_the_form(done):
    made = CASES["sheet"]
    laid = Recipe.from_json(done("lay", made, metal=True)["recipe"])
    assert laid.form.thickness is None and laid.form.width == 5.0 and laid.craft.sheet == 0.5
    sheet = store.read_mesh(done.folder / "body.npz").volume
    done("lay", replace(laid, craft=CraftParams()), metal=True)
    bare = store.read_arrays(done.folder / "bare.npz")["vertices"]
    assert np.ptp(np.linalg.norm(bare[:, :2], axis=1)) > 1.3  # the usual 1.4 mm again
    done("lay", replace(laid, craft=CraftParams(sheet=0.5)), metal=True)
    assert store.read_mesh(done.folder / "body.npz").volume == sheet


def test_metal_that_cannot_be_worked_is_refused(done):
    with pytest.raises(BadInput, match="stone 1"):
        done("work", recipe("plain band", stones=(Stone(size=20.0),)))
    with pytest.raises(BadInput, match="nothing"):
        done("lay", CASES["openwork"], metal=True, clear="nothing.npz")
