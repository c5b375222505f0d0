"""Several bodies of one order: the worst are refused with the reason, the best is kept; needs no torch."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.engines.bodies.candidates import best
from blender_jewelgen.engines.bodies.surface import surface

BOX = ((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0))


def body(field) -> Mesh:
    return surface(field, *BOX, 40, lambda share, text: None)


BALL = body(lambda p: 0.6 - np.linalg.norm(p, axis=1))
CUT = body(lambda p: 0.6 - np.linalg.norm(p - np.array([0.7, 0.0, 0.0]), axis=1))
BLOCK = body(lambda p: np.ones(len(p)))
NOTHING = body(lambda p: -np.ones(len(p)))
COIN = Mesh(BALL.vertices * np.array([1.0, 1.0, 0.0005]), BALL.faces)
PLATE = body(lambda p: np.minimum(0.7 - np.hypot(p[:, 0], p[:, 1]), 0.2 - np.abs(p[:, 2])))  # flat above and below, within the box
DUST = join([Mesh(BALL.vertices * 0.05 + np.array([0.19 * i - 0.9, 0.0, 0.0]), BALL.faces) for i in range(10)])
TWO = join([BALL, Mesh(BALL.vertices * 0.2 + 0.75, BALL.faces)])


def kept(*meshes, **more):
    return best(lambda number, tell: meshes[number], range(7, 7 + len(meshes)), BOX, "Tiny", lambda share, text: None, **more)


def test_the_best_is_kept_and_every_one_has_its_numbers():
    mesh, candidates = kept(BLOCK, TWO, BALL, CUT)
    assert mesh is BALL and [one.seed for one in candidates] == [7, 8, 9, 10]
    assert [bool(one.refused) for one in candidates] == [True, False, False, True]
    assert [one.numbers["pieces"] for one in candidates] == [1, 2, 1, 1] and candidates[0].numbers["hull_to_box"] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("mesh", "words"), [(BLOCK, "fills 100% of its box"), (CUT, "box cut it off"), (NOTHING, "no faces"), (COIN, "sheet"), (DUST, "10 pieces")], ids=["block", "cut", "nothing", "sheet", "dust"]
)
def test_a_body_that_is_none_is_refused_with_the_reason(mesh, words):
    _, candidates = kept(mesh, BALL)
    assert words in candidates[0].refused and not candidates[1].refused


def test_a_flat_side_away_from_the_walls_is_design():
    mesh, candidates = kept(PLATE)
    assert mesh is PLATE and candidates[0].numbers["box_planes"] == 0.0 and candidates[0].numbers["known_box"]


def test_all_refused_is_one_sentence_with_numbers_and_a_way_on():
    with pytest.raises(BadInput) as caught:
        kept(CUT, BLOCK, CUT)
    error = caught.value
    assert error.field == "engine" and error.fix.option == "--seed 10" and "\n" not in str(error)
    assert error.args[0].startswith("none of the 3 bodies that Tiny made can be used (seed 7: the model's box cut it off: ") and "%" in error.args[0]
    assert error.args[0].endswith("; 1 of another kind)")


def test_one_alone_is_told_as_one():
    with pytest.raises(BadInput, match="the body that Tiny made cannot be used"):
        kept(NOTHING)


def test_where_another_adds_nothing_the_first_usable_ends_it():
    made = []
    mesh, candidates = best(lambda number, tell: made.append(number) or (CUT, BALL, TWO)[number], range(3), BOX, "Tiny", lambda share, text: None, noise=False)
    assert mesh is BALL and made == [0, 1] and len(candidates) == 2


def test_progress_runs_from_none_to_all_and_cancel_comes_out():
    shares = []
    best(lambda number, tell: tell(0.5, "working") or BALL, range(2), BOX, "Tiny", lambda share, text: shares.append((share, text)))
    assert [text for _, text in shares] == ["body 1 of 2: working", "body 1 of 2: measuring it", "body 2 of 2: working", "body 2 of 2: measuring it"]
    assert shares == sorted(shares, key=lambda row: row[0]) and shares[-1][0] <= 1.0

    def cancel(share, text):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        best(lambda number, tell: BALL, range(2), BOX, "Tiny", cancel)
