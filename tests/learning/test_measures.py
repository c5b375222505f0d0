"""The measures of the model card, on drawings whose numbers are known."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from blender_jewelgen.core.pattern.drawn import cleaned  # noqa: E402
from blender_jewelgen.learning import measures  # noqa: E402
from blender_jewelgen.learning.cells import figure_cells, joined  # noqa: E402
from blender_jewelgen.learning.judge import CLASSES, Judge, taught_classes, trained  # noqa: E402
from blender_jewelgen.learning.unseen import UNSEEN  # noqa: E402

Y, X = np.mgrid[:64, :64].astype(np.float32) + 0.5


def disc(x: float, y: float, radius: float) -> np.ndarray:
    return np.clip(radius - np.hypot(X - x, Y - y), -6.0, 6.0).astype(np.float32)


def box(x: float, y: float, wide: float, tall: float) -> np.ndarray:
    return np.clip(np.minimum(wide / 2 - np.abs(X - x), tall / 2 - np.abs(Y - y)), -6.0, 6.0).astype(np.float32)


def test_specks_pinholes_and_thin_cuts_are_counted():
    plain = box(32, 32, 40, 40)
    assert measures.faults(plain) == {"specks": 0, "pinholes": 0, "thin cuts": 0}
    assert measures.faults(np.maximum(plain, disc(5, 5, 1.2)))["specks"] == 1
    assert measures.faults(np.minimum(plain, -disc(32, 32, 0.9)))["pinholes"] == 1
    assert measures.faults(np.minimum(plain, -box(32, 32, 1.4, 60)))["thin cuts"] == 1
    assert measures.faults(np.minimum(plain, -box(32, 32, 3.0, 60)))["thin cuts"] == 0


def test_a_drawing_is_sound_when_its_parts_lie_together_without_dust():
    near = np.maximum(disc(20, 32, 10), disc(43, 32, 10))  # 3 px apart
    assert measures.sound(near) and not measures.sound(np.maximum(disc(16, 32, 10), disc(48, 32, 10)))
    assert not measures.sound(np.maximum(near, disc(32, 5, 1.0)))
    assert measures.sound(cleaned(np.maximum(near, disc(32, 5, 1.0))))


@pytest.mark.parametrize("move, score", [(0, 1.0), (1, 1.0), (8, 0.4)])
def test_an_outline_is_followed_within_the_tolerance(move, score):
    found = measures.followed(box(32 + move, 32, 30, 30), box(32, 32, 30, 30))
    assert found == 1.0 if score == 1.0 else score < found < 0.8


def test_a_blank_drawing_follows_nothing():
    assert measures.followed(np.full((64, 64), -6.0, np.float32), disc(32, 32, 20)) == 0.0


def test_likeness_forgives_face_place_turn_and_size_but_not_shape():
    shape = np.maximum(box(28, 34, 12, 36), box(40, 18, 20, 8))
    others = np.stack([shape[:, ::-1], np.roll(shape, (3, -4), (0, 1)), disc(32, 32, 18)])
    like = measures.likeness(shape[None], others)[0]
    assert like[0] > 0.8 and like[1] > 0.8 and like[2] < 0.6
    np.testing.assert_allclose(measures.pair_distance(np.stack([shape] * 3), others), 1.0 - like, atol=1e-6)


def test_kid_is_about_zero_for_two_draws_of_one_heap_and_grows_with_the_difference():
    rng = np.random.default_rng(0)
    heaps = [np.stack([disc(*rng.uniform(26, 38, 2), rng.uniform(*size)) for _ in range(80)]) for size in ((12, 18), (12, 18), (14, 20), (22, 26))]
    see = measures.RandomFeatures()
    first = see(heaps[0])
    middle, scale = first.mean(0), first.std(0)
    far = [measures.kid((first - middle) / scale, (see(heap) - middle) / scale) for heap in heaps[1:]]
    assert abs(far[0]) < 0.1 * far[1] < 0.1 * far[2]
    np.testing.assert_array_equal(see(heaps[1]), measures.RandomFeatures()(heaps[1]))


def test_words_kept_for_measuring_name_subjects_the_judge_knows():
    assert len(UNSEEN) == 40
    assert {subject for right in UNSEEN.values() for subject in right} <= set(CLASSES)


@pytest.mark.slow
def test_a_judge_learns_the_taught_drawings(few_cells):
    cells = joined(few_cells[0], figure_cells(42, seed=2))
    known = taught_classes(cells)
    assert ((known >= 0) == ~cells.held).all()
    judge = trained(cells, steps=60, batch=48)
    shown = np.flatnonzero(known >= 0)
    fields = torch.nn.functional.interpolate(torch.from_numpy(cells.shapes[shown])[:, None].float() * (6.0 / 127.0), (64, 64), mode="area")[:, 0].numpy()
    shares = judge.shares(fields)
    np.testing.assert_allclose(shares.sum(1), 1.0, atol=1e-5)
    np.testing.assert_allclose(judge.shares(fields[:, :, ::-1]), shares, atol=1e-5)  # a mirrored drawing is the same thing
    assert (shares.argmax(1) == known[shown]).mean() > 0.6
    assert (Judge().shares(fields).argmax(1) == known[shown]).mean() < 0.3
