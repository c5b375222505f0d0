"""The unrolled side of a form: places lie where the relief puts them, and the back is where the form's own back is."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.plate import Plate
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.relief import solid
from blender_jewelgen.core.relief.bend import Bend
from blender_jewelgen.core.relief.plate import sheet

FORMS = [("band", "flat"), ("band", "d"), ("band", "knife"), ("bangle", ""), ("cuff", ""), ("bead", ""), ("pendant", "heart"), ("medallion", "")]


def host_of(form: str, shape: str):
    return form_host(complete(FormParams(form=form, shape=shape)))


@pytest.mark.parametrize(("form", "shape"), FORMS)
def test_the_bare_surface_of_a_form_is_the_one_that_relief_is_raised_from(form, shape):
    host = host_of(form, shape)
    bend = Bend.of(host)
    if isinstance(host, Plate):
        bare = sheet(host, 0.3)
        deep = bare.rim + host.margin > host.edge  # the edge is rounded, the unrolled side is not
        u, v = bare.uv[deep, 0] * bend.size[0], bare.uv[deep, 1] * bend.size[1]
        assert np.abs(bend.place(u, v, 0.0) - bare.front[deep]).max() < 1e-4
        return
    layout = solid.grid(host, 0.3, 0.0)
    known = solid.displace(layout, np.full((len(layout.row), len(layout.angle)), 0.4, np.float32)).reshape(len(layout.row), -1, 3)
    v = np.linspace(0.0, host.profile_length, len(layout.row))
    u = layout.column * bend.size[0]
    inside = slice(2, -2)
    got = bend.place(*(a.ravel() for a in np.meshgrid(u, v)), 0.4).reshape(known.shape)
    assert np.abs(got - known)[:, inside].max() < 2e-3


@pytest.mark.parametrize(("form", "shape"), FORMS)
def test_the_back_lies_on_the_forms_own_back(form, shape):
    host = host_of(form, shape)
    bend = Bend.of(host)
    u, v = (a.ravel() for a in np.meshgrid(np.linspace(0.3, 0.7, 9) * bend.size[0], np.linspace(0.35, 0.65, 9) * bend.size[1]))
    back = bend.place(u, v, bend.inner(u, v))
    if isinstance(host, Plate):
        assert np.abs(back[:, 2]).max() < 1e-9
    else:
        skin = np.interp(back[:, 2], host.inner[::-1, 1], host.inner[::-1, 0])
        assert np.abs(np.hypot(back[:, 0], back[:, 1]) - skin).max() < 1e-6


@pytest.mark.parametrize(("form", "shape"), FORMS)
def test_frames_are_square_and_look_outward(form, shape):
    host = host_of(form, shape)
    bend = Bend.of(host)
    u, v = np.array([0.3, 0.5]) * bend.size[0], np.array([0.5, 0.5]) * bend.size[1]
    along, across, normal = bend.frames(u, v)
    assert np.abs(np.einsum("ij,ij->i", along, across)).max() < 1e-9 and np.abs(np.einsum("ij,ij->i", along, normal)).max() < 1e-9
    out = (0.0, 0.0, 1.0) if isinstance(host, Plate) else bend.place(u, v, 0.0) * (1.0, 1.0, 0.0)
    assert (np.einsum("ij,ij->i", normal, np.broadcast_to(out, normal.shape)) > 0.5).all()
