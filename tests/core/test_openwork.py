"""Pierced bodies: closed whatever the field, exact where nothing is pierced, as wide as was asked for at the skin too."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.plate import Plate, plate
from blender_jewelgen.core.form.turned import Turned, turned
from blender_jewelgen.core.height.filters import blur
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.solids import to_solid
from blender_jewelgen.core.pattern import compose
from blender_jewelgen.core.pattern.parts import parts
from blender_jewelgen.core.relief.lift import lift
from blender_jewelgen.core.relief.openwork import field_of, openwork_body
from blender_jewelgen.core.relief.params import CraftParams, ReliefParams
from blender_jewelgen.core.relief.surface import surface_of
from blender_jewelgen.core.words.lexicon import read

QUICK = ReliefParams(density="preview")
CRAFT = CraftParams()
CIRCLE = np.arange(48) / 48 * 2.0 * np.pi
SMALL_BAND = Turned(
    np.stack([np.full(81, 3.0), np.linspace(-1.0, 1.0, 81)], 1), np.array([[2.2, 1.0], [2.2, 0.0], [2.2, -1.0]]), 360.0, 0.2, 4.4
)
SMALL_ARC = Turned(SMALL_BAND.outer, SMALL_BAND.inner, 250.0, 0.2, 4.4)
SMALL_DISC = Plate(2.0 * np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], 1), 0.8, 0.1, 0.2, 0.1)


def form(kind: str, **more: object) -> Turned | Plate:
    params = complete(FormParams(form=kind, **more))
    return turned(params) if kind in ("band", "bangle", "cuff", "bead") else plate(params)


def random_field(rng: np.random.Generator, kind: str) -> np.ndarray:
    values = rng.standard_normal((int(rng.integers(1, 40)), int(rng.integers(1, 60)))).astype(np.float32)
    if kind == "smooth":
        values = blur(values, 2.0, True)
    elif kind == "levels":
        values = np.round(values * 2.0) / 2.0
    elif kind == "zeros":
        values[rng.random(values.shape) < 0.4] = 0.0
    elif kind == "binary":
        values = np.where(values > 0, np.float32(1.0), np.float32(-1.0))
    return values


@pytest.mark.parametrize("host", [SMALL_BAND, SMALL_ARC, SMALL_DISC], ids=["band", "cuff", "disc"])
@pytest.mark.parametrize("kind", ["noise", "smooth", "levels", "zeros", "binary"])
def test_forty_random_fields_give_closed_outward_bodies(host, kind):
    import manifold3d

    rng = np.random.default_rng(7)
    for count in range(40):
        metal = random_field(rng, kind)
        try:
            mesh = openwork_body(host, rng.random((9, 17)).astype(np.float32), metal, 0.3, QUICK, CRAFT).mesh
        except BadInput as error:
            assert "nothing is left" in str(error)
            continue
        assert edges(mesh.faces, len(mesh.vertices)).sound
        assert mesh.volume > 0
        if count % 4 == 0:
            assert to_solid(mesh).status() == manifold3d.Error.NoError
        if count % 20 == 0:
            assert len(self_intersections(mesh, limit=1)) == 0


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("band", {}), ("band", {"shape": "d"}), ("band", {"shape": "court", "size": "US 3"}), ("band", {"shape": "knife"}),
        ("bangle", {}), ("cuff", {}), ("bead", {}), ("pendant", {"shape": "heart"}), ("medallion", {}), ("earrings", {"shape": "drop"}), ("plaque", {}),
    ],
)  # fmt: skip
def test_every_form_that_can_be_pierced_is_one_body_that_does_not_cross_itself(kind, more):
    host = form(kind, **more)
    picture = compose.draw(read(f"openwork lotus scroll {kind}"), surface_of(host, 16.0), 0)
    web = field_of(host, picture, CRAFT)
    body = openwork_body(host, picture, web.metal, 0.6, QUICK, CRAFT)
    assert edges(body.mesh.faces, len(body.mesh.vertices)).sound
    assert bodies(body.mesh.faces, len(body.mesh.vertices))[0] == 1
    assert len(self_intersections(body.mesh, limit=1)) == 0
    assert web.facts["openings"] >= 8 and body.facts["open_share"] > 0.05
    assert 0.7 <= body.wall_mm <= 2.5


def test_a_window_leaves_the_rest_of_the_band_as_it_was():
    host = form("band", width=6.0)
    length, width = host.ornament
    metal = np.full((100, 1000), 1.0, np.float32)
    x, y = (np.arange(1000) + 0.5) / 1000 * length, (np.arange(100) + 0.5) / 100 * width
    window = np.minimum(np.minimum(x - 10.0, 40.0 - x)[None, :], np.minimum(y - 1.0, width - 1.0 - y)[:, None])
    metal = np.minimum(metal, -window).astype(np.float32)
    picture = np.zeros((100, 1000), np.float32)
    plain, pierced = lift(host, None, picture, 0.6, QUICK), openwork_body(host, picture, metal, 0.6, QUICK, CRAFT).mesh
    share = 30.0 / length * (width - 2.0)  # of the circle, times the height of the window
    outer, inner = host.along(np.array([host.profile_length / 2]))[0][0], host.inner_diameter / 2
    gone = share * np.pi * (outer**2 - inner**2)
    assert plain.volume - pierced.volume == pytest.approx(gone, rel=0.02)  # mm³
    np.testing.assert_allclose(pierced.size, plain.size, atol=2e-3)
    assert np.hypot(*pierced.vertices[:, :2].T).min() == pytest.approx(inner, abs=1e-3)


def test_relief_stands_on_bars_and_runs_out_beside_their_edges():
    host = SMALL_DISC
    x = np.linspace(-2.0, 2.0, 401)
    far = np.hypot(x[None, :], x[:, None]) - 0.6  # a hole of 1.2 mm
    body = openwork_body(host, np.ones((401, 401), np.float32), far.astype(np.float32), 0.4, ReliefParams(density="print", fade=0.05), CRAFT)
    half = len(body.mesh.vertices) // 2
    front, back = body.mesh.vertices[:half], body.mesh.vertices[half:]
    reach = np.hypot(*front[:, :2].T)
    swell = 0.1 * (1.0 - (reach / 2.0) ** 2) ** 2
    edge, full = reach < 0.6 + 1e-3, (reach > 0.85) & (reach < 1.5)
    np.testing.assert_allclose(front[full, 2] - swell[full], 0.8 + 0.4, atol=1e-3)
    assert np.abs(front[edge, 2] - swell[edge] - (0.8 - 0.1)).max() < 0.02
    np.testing.assert_allclose(back[full, 2], 0.0, atol=1e-6)
    np.testing.assert_allclose(front[:, :2], back[:, :2], atol=1e-9)  # upright walls
    assert body.mesh.relief[:half][full].min() > 0.99


def test_bars_are_as_wide_as_asked_for_where_walls_have_run_together_at_the_skin():
    host = form("band", size="US 4", thickness=2.0)
    picture = compose.draw(read("openwork vine band"), surface_of(host, 24.0), 0)
    metal = field_of(host, picture, CRAFT).metal
    inward = (host.inner_diameter / 2) / host.radius
    from test_web import too_narrow

    columns = metal.shape[1]
    pitch = host.ornament[0] / columns
    margin = int(2.0 / pitch)
    solid = np.pad(metal > 0, ((margin, margin), (0, 0)), constant_values=True)
    assert too_narrow(solid, pitch, 0.97 * CRAFT.web / inward, True) < 0.06 * CRAFT.web + pitch
    assert inward < 0.85, "a test of something"


def test_under_a_bail_and_at_the_ends_of_a_cuff_the_metal_is_whole():
    pendant, cuff = form("pendant"), form("cuff")
    picture = np.zeros((400, 400), np.float32)
    picture[150:250, 150:250] = 1.0
    metal = field_of(pendant, picture, CRAFT).metal
    loop = pendant.added[0].vertices
    low = int((0.5 - loop[:, 1].min() / pendant.size[1]) * 400)
    assert (metal[: low + 3, 195:205] > 0).all()
    strip = np.zeros((200, 2000), np.float32)
    strip[60:140, 900:1100] = 1.0
    metal = field_of(cuff, strip, CRAFT).metal
    ends = int(0.7 * cuff.profile_length / 2 / cuff.ornament[0] * 2000)
    assert (metal[:, :ends] > 0).all() and (metal[:, -ends:] > 0).all() and (metal <= 0).any()
    assert len(parts(np.pad(metal > 0, ((1, 1), (0, 0)), constant_values=True))[1]) == 2, "with the plain margins"


def test_a_bead_becomes_a_shell_and_a_signet_is_refused():
    bead = form("bead")
    picture = compose.draw(read("openwork lotus bead"), surface_of(bead, 16.0), 0)
    body = openwork_body(bead, picture, field_of(bead, picture, CRAFT).metal, 0.4, QUICK, CRAFT)
    assert any("hollow" in note for note in body.notes)
    reach = np.linalg.norm(body.mesh.vertices, axis=1)
    assert 5.9 - body.wall_mm < reach.min() < 6.0 - body.wall_mm + 0.1
    signet = form("signet")
    for attempt in (lambda: field_of(signet, picture, CRAFT), lambda: openwork_body(signet, picture, picture, 0.4, QUICK, CRAFT)):
        with pytest.raises(BadInput) as error:
            attempt()
        assert error.value.field == "technique" and error.value.fix


def test_relief_keeps_clear_of_a_gem():
    gem = Mesh(np.array([[2.9, -0.3, -0.3], [3.4, 0.3, -0.3], [3.4, -0.3, 0.3], [3.4, 0.3, 0.3]]), np.array([[0, 1, 2], [1, 3, 2], [0, 2, 3], [0, 3, 1]], np.int32))
    ones = np.ones((20, 60), np.float32)
    bare, kept = (openwork_body(SMALL_BAND, ones, ones, 0.4, QUICK, CRAFT, keep_off=k).mesh for k in (None, gem))
    near = np.linalg.norm(kept.vertices - (3.0, 0.0, 0.0), axis=1) < 0.3
    assert np.hypot(*kept.vertices[near, :2].T).max() < 3.001 < 3.3 < np.hypot(*bare.vertices[near, :2].T).max()
