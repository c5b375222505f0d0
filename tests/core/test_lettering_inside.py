"""Letters cut into the finger side: closed, exact elsewhere, and to be read from within."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.turned import turned
from blender_jewelgen.core.lettering.lines import lettered
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.weight import limits
from blender_jewelgen.core.relief.lift import inside_depth, lift
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.relief.surface import inner_surface
from blender_jewelgen.core.words.text_line import TextLine

PREVIEW = ReliefParams(density="preview")


def host_of(form: str, **kw):
    return turned(complete(FormParams(form=form, **kw)))


def engraved(host, words: str = "L F", **kw):
    strip = inner_surface(host, 24.0)
    bare = np.zeros((16, 64), np.float32)
    found = lettered(bare, strip, strip, (TextLine(words=words, side="inside", style="engraved", font="sans", **kw),), "relief", limits("castable-resin"), 0.4)
    return found, lift(host, None, bare, 0.4, PREVIEW, None, found.inside)


@pytest.mark.parametrize(("form", "kw"), [("band", {}), ("band", {"shape": "court"}), ("band", {"shape": "knife"}), ("bangle", {}), ("cuff", {})])
def test_the_body_is_closed_and_does_not_cross_itself_and_the_hole_is_exact(form, kw):
    host = host_of(form, **kw)
    _, body = engraved(host)
    assert edges(body.faces, len(body.vertices)).sound
    assert len(self_intersections(body, limit=1)) == 0
    plain = lift(host, None, np.zeros((16, 64), np.float32), 0.4, PREVIEW)
    narrowest = [2.0 * float(np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1]).min()) for mesh in (plain, body)]
    assert narrowest[0] == pytest.approx(host.inner_diameter, abs=1e-3) and narrowest[1] == pytest.approx(narrowest[0], abs=1e-3)
    assert 0.0 < plain.volume - body.volume < 0.02 * plain.volume  # metal is only taken away
    radius = np.hypot(body.vertices[:, 0], body.vertices[:, 1])
    deepest = radius[radius < host.inner_diameter / 2.0 + 0.5].max() - host.inner_diameter / 2.0
    assert inside_depth(host) * 0.8 < deepest


def test_letters_read_from_within_run_to_the_right_and_stand_upright():
    host = host_of("band")
    _, body = engraved(host, "L", left=0.4, right=0.6)
    radius = np.hypot(body.vertices[:, 0], body.vertices[:, 1]) - host.inner_diameter / 2.0
    cut = body.vertices[(radius > 0.15) & (radius < 0.35) & (np.abs(body.vertices[:, 2]) < host.skin[1])]
    angle = np.arctan2(cut[:, 1], cut[:, 0])
    middle = np.pi  # half way round
    along = -(((angle - middle + np.pi) % (2 * np.pi)) - np.pi)  # who looks outward has growing angles to the left
    low, high = cut[:, 2].min(), cut[:, 2].max()
    foot, stem = along[cut[:, 2] < low + 0.1 * (high - low)], along[cut[:, 2] > low + 0.5 * (high - low)]
    assert np.ptp(foot) > 1.8 * np.ptp(stem)  # the L's bar is at its foot
    assert abs(stem.min() - foot.min()) < 0.1 * np.ptp(foot)  # and runs to the right of its stem


def test_a_wall_too_thin_to_be_cut_is_refused_with_its_measure():
    with pytest.raises(BadInput, match=r"thickness leaves 0\.\d+ mm of metal; text on the inside needs at least 0\.36 mm"):
        engraved(host_of("band", thickness=0.3))
    assert inside_depth(host_of("band", thickness=0.6)) < 0.21 < inside_depth(host_of("band"))
