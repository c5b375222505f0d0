"""The composer with the model's own motifs: only where the library has nothing better, and kept in the design."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.pattern import drawn
from blender_jewelgen.core.pattern.strip import Strip
from blender_jewelgen.core.pipeline import Order
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines import inventive, motif
from blender_jewelgen.engines.motif import files
from blender_jewelgen.engines.registry import ask, card

FOLDER = files.FOLDER
STRIP = Strip(60.0, 6.0, 480, 48)


def quiet(share: float, text: str) -> None:
    assert 0.0 <= share <= 1.0 and text


def design(prompt: str, *names: str, **more) -> Design:
    return Design(prompt=prompt, motifs=tuple(Motif(name=n) for n in names), **more)


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        (design("lion band", "lion"), False),
        (design("lion and anchor", "lion", "anchor"), False),
        (design("lion embracing an anchor", "lion", "anchor"), True),
        (design("狮抱锚", "lion", "anchor"), True),
        (design("jaguar band", unknown=("jaguar",)), True),
        (design("vintage band", unknown=("vintage",)), False),
        (design("embracing band", unknown=("embracing",)), False),
    ],
)
def test_the_model_draws_only_what_the_library_cannot(asked, model):
    assert inventive.wanted(asked) == model


def test_two_things_become_one_motif_that_the_design_keeps(monkeypatch):
    monkeypatch.setattr(inventive, "_LEAST", 0.0)
    asked = design("octopus embracing an anchor", "octopus", "anchor", unknown=("embracing",))
    answer = ask(Order("auto", asked, STRIP, 0), quiet)
    assert answer.credit == card("motif").credit() | {"revision": files.model().revision}
    assert "the motif model drew octopus with anchor" in answer.notes[0]
    (one,) = answer.design.motifs
    assert one.name == "octopus with anchor" and one.cell and answer.design.unknown == ()
    monkeypatch.setattr(motif, "draw", None)  # from here on the model is not asked
    again = ask(Order("auto", answer.design, STRIP, 0), quiet)
    np.testing.assert_array_equal(again.picture, answer.picture)
    assert again.credit == answer.credit


def test_a_blend_that_did_not_come_out_well_gives_way_to_the_library(monkeypatch):
    monkeypatch.setattr(inventive, "_LEAST", 2.0)
    asked = design("octopus embracing an anchor", "octopus", "anchor")
    answer = ask(Order("auto", asked, STRIP, 0), quiet)
    assert "did not come out well" in answer.notes[0] and answer.design == asked


def test_drawings_kept_before_need_no_weights_and_then_none_are_credited(monkeypatch, tmp_path):
    cell = drawn.pack(drawn.drawing_of("lion"))
    asked = Design(prompt="lion band", motifs=(Motif(name="mine", cell=cell),))
    whole = ask(Order("auto", asked, STRIP, 0), quiet)
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    alone = ask(Order("auto", asked, STRIP, 0), quiet)
    np.testing.assert_array_equal(alone.picture, whole.picture)
    assert whole.credit["revision"] == files.revision(FOLDER) and alone.credit == card("motif").credit() and alone.notes == ()


def test_asked_for_by_name_the_model_varies_what_the_library_has():
    answer = ask(Order("motif", design("lion band", "lion"), STRIP, 0), quiet)
    plain = ask(Order("procedural", design("lion band", "lion"), STRIP, 0), quiet)
    assert answer.design.motifs[0].name == "lion" and answer.design.motifs[0].cell
    assert np.abs(answer.picture - plain.picture).max() > 0.1


def test_without_the_model_auto_goes_on_and_says_so_and_a_name_is_refused(monkeypatch):
    def broken(wish, tell):
        raise BadInput("the motif model lacks its file motif.onnx", field="engine")

    monkeypatch.setattr(motif, "draw", broken)
    asked = design("octopus embracing an anchor", "octopus", "anchor")
    answer = ask(Order("auto", asked, STRIP, 0), quiet)
    assert answer.notes == ("the library drew the motifs: the motif model lacks its file motif.onnx",)
    assert answer.credit == card("motif").credit()
    np.testing.assert_array_equal(answer.picture, ask(Order("procedural", asked, STRIP, 0), quiet).picture)
    with pytest.raises(BadInput, match="lacks its file"):
        ask(Order("motif", asked, STRIP, 0), quiet)
