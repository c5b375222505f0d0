"""Parts of a pattern: one is drawn and tooled, its repeats cover the piece."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.pattern.strip import Strip, disc
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.relief.lift import lift, tiled, tooled
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.relief.surface import bounded, part_of, pitch_of, surface_of


@pytest.mark.parametrize(("form", "joins"), [("band", (True, True)), ("cuff", (False, True)), ("pendant", (False, True))])
def test_a_part_has_its_share_of_the_surface_and_joins_itself_if_it_is_repeated_round(form, joins):
    whole = surface_of(form_host(complete(FormParams(form=form))), 10.0)
    assert part_of(whole, 1, 1) is whole
    length, width = (whole.length, whole.width) if isinstance(whole, Strip) else (whole.size_x, whole.size_y)
    for around, periodic in zip((1, 6), joins):
        part = part_of(whole, around, 2)
        assert (part.length, part.width) == pytest.approx((length / around, width / 2))
        assert part.periodic == periodic
        assert part.columns == pytest.approx(whole.columns / around, abs=0.5)
        assert pitch_of(part, np.zeros((part.rows, part.columns))) == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize("form", ["band", "cuff", "pendant"])
def test_repeats_are_the_same_as_one_picture_of_them_all(form):
    host = form_host(complete(FormParams(form=form)))
    part = np.random.default_rng(2).random((30, 50), np.float32)
    one = ReliefParams(density="preview", pixels=8.0)
    many = ReliefParams(density="preview", pixels=8.0, around=4, across=3)
    np.testing.assert_array_equal(tiled(part, many), np.tile(part, (3, 4)))
    found, wanted = lift(host, None, part, 0.4, many), lift(host, None, np.tile(part, (3, 4)), 0.4, one)
    np.testing.assert_array_equal(found.vertices, wanted.vertices)
    np.testing.assert_array_equal(found.relief, wanted.relief)


def test_a_tooled_part_is_what_tooling_all_its_repeats_leaves():
    part = np.random.default_rng(2).random((40, 60), np.float32)
    many = ReliefParams(around=3, across=3)
    whole = tooled(np.tile(part, (3, 3)), ReliefParams(), 0.05, 0.045, True)
    np.testing.assert_allclose(tiled(tooled(part, many, 0.05, 0.045, True), many)[40:80], whole[40:80], atol=1e-6)


def test_a_large_part_is_reduced_until_its_repeats_can_be_worked_with():
    part = np.random.default_rng(0).random((100, 900), np.float32)
    assert bounded(part, 4, 4) is part
    small = bounded(part, 64, 2)
    assert small.shape[1] * 64 <= 8192 and small.shape[0] >= 8
    assert part_of(disc(20.0, 200), 2, 1).columns == 100
