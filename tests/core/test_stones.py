"""Stones in their seats: the metal stays whole, the stone fits, what does not fit is refused in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.solids import to_solid
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.relief import assemble, mapping
from blender_jewelgen.core.relief.lift import lift
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.relief.stone import CUTS, Stone
from blender_jewelgen.core.relief.stones import FLOOR, RIM, SINK, cut, cut_added, placed, settle, stone_of

COARSE = ReliefParams(density="preview")


def host_of(form: str, sunk: bool = False, **lengths: object):
    return form_host(complete(FormParams(form=form, **lengths)), sunk)


def raised(host, keep_off: Mesh | None = None, depth: float = 0.4) -> Mesh:
    picture = np.tile((np.sin(np.arange(300) / 300 * 2 * np.pi * 30) * 0.5 + 0.5).astype(np.float32), (60, 1))
    where = None if hasattr(host, "polygon") else mapping.of_host(host, "auto")
    return lift(host, where, picture, depth, COARSE, keep_off)


def solid(mesh: Mesh):
    return to_solid(Mesh(mesh.vertices, mesh.faces))


def assert_whole(mesh: Mesh, parts: int = 1) -> None:
    assert edges(mesh.faces, len(mesh.vertices)).sound
    assert bodies(mesh.faces, len(mesh.vertices))[0] == parts
    assert len(self_intersections(mesh, limit=1)) == 0


CASES = [
    ("band", {"thickness": 2.0}, ["round 3"]),
    ("band", {"thickness": 1.8, "shape": "d"}, [f"round 1.5 at {k}% 50%" for k in range(0, 100, 10)]),
    ("band", {"thickness": 2.4, "width": 9.0}, ["oval 4x3 at 25% 50% turned 90", "square 2.4 at 0% 50% turned 45"]),
    ("bangle", {"thickness": 3.0}, ["square 3 at 10% 40%"]),
    ("cuff", {"thickness": 2.0}, ["round 2.5", "round 2 at 90% 50%"]),
    ("bead", {}, ["round 2 at 10% 50%"]),
    ("pendant", {"thickness": 2.8}, ["oval 6x4 at 50% 50% turned 30", "round 2 at 50% 15%"]),
    ("earrings", {"thickness": 2.0}, ["round 2.5 at 50% 60%"]),
    ("signet", {"thickness": 2.8}, ["oval 4x3 at 50% 50%"]),
]


@pytest.mark.parametrize(("form", "lengths", "words"), CASES, ids=[f"{c[0]}-{len(c[2])}" for c in CASES])
@pytest.mark.parametrize("sunk", [False, True])
def test_a_piece_with_seats_is_whole_and_its_stones_touch_no_metal(form, lengths, words, sunk):
    host = host_of(form, sunk, **lengths)
    settled = settle(host, tuple(stone_of(word) for word in words))
    body = cut(raised(host, placed(host, settled.keep_off)[0], -0.15 if sunk else 0.4), settled.cutters)
    piece = assemble.making(cut_added(host, settled.cutters), body, 0.006)
    assert_whole(piece, 2 if form == "earrings" else 1)
    gems = placed(host, settled.gems)
    assert len(gems) == (2 if form == "earrings" else 1)
    metal = solid(piece)
    for gem in gems:
        assert (metal ^ solid(gem)).volume() < 1e-6  # mm³
        gap = metal.min_gap(solid(gem), 1.0)
        assert 0.0 < gap < 0.06  # mm of play in the seat
    assert len(settled.facts["stones"]) == len(words)
    assert settled.facts["carat_total"] == pytest.approx(sum(s["carat"] for s in settled.facts["stones"]), abs=2e-3)


def test_the_girdle_lies_just_below_the_surface_where_that_is_lowest():
    host = host_of("band", thickness=2.4)
    gem = settle(host, (Stone(size=3.0, u=0.0),)).gems
    girdle = gem.vertices[np.hypot(gem.vertices[:, 1], gem.vertices[:, 2]) > 1.499]  # the stone looks along +x
    outside = host.inner_diameter / 2.0 + 2.4
    assert girdle[:, 0].max() == pytest.approx(np.sqrt(outside**2 - 1.53**2) - SINK, abs=2e-3)


def test_relief_is_cleared_round_a_stone_and_stands_elsewhere():
    host = host_of("pendant", thickness=3.0)
    settled = settle(host, (Stone(size=4.0),))
    bare, full = raised(host, settled.keep_off), raised(host)
    far = np.hypot(bare.vertices[:, 0], bare.vertices[:, 1])
    front = bare.vertices[:, 2] > 2.0
    assert bare.relief[front & (far < 2.4)].max() == 0.0
    np.testing.assert_array_equal(bare.vertices[far > 3.2], full.vertices[far > 3.2])


def test_a_closed_seat_leaves_its_floor_and_an_open_one_says_so():
    thick, thin = host_of("plaque", thickness=4.0), host_of("plaque", thickness=1.9)
    closed, through = settle(thick, (Stone(size=3.0),)), settle(thin, (Stone(size=3.0),))
    assert closed.notes == ()
    assert closed.cutters[0].vertices[:, 2].min() >= FLOOR - 1e-9
    assert through.cutters[0].vertices[:, 2].min() < 0.0
    assert "goes through under stone 1" in through.notes[0]


def test_the_seat_of_a_signet_is_cut_out_of_its_shank_too():
    host = host_of("signet", thickness=2.8)
    settled = settle(host, (Stone(size=4.0),))
    opened = cut_added(host, settled.cutters)
    assert opened.added[0].volume < host.added[0].volume - 0.5  # mm³
    assert_whole(opened.added[0])
    band = host_of("band")
    assert cut_added(band, ()) is band


@pytest.mark.parametrize(
    ("form", "lengths", "words", "said"),
    [
        ("band", {}, ["round 3"], "--thickness 1.7"),
        ("band", {"thickness": 6.0}, ["round 9"], "at most"),
        ("pendant", {"thickness": 4.0}, ["round 3 at 2% 50%"], "from the border"),
        ("pendant", {"thickness": 4.0, "shape": "heart"}, ["round 3 at 50% 98%"], "from the border"),
        ("pendant", {"thickness": 4.0}, ["round 3", "round 3 at 60% 50%"], "stones 1 and 2 leave less than 0.4 mm"),
        ("cuff", {"thickness": 3.0}, ["round 2 at 0% 50%"], "from the border"),
        ("bead", {}, ["round 8"], "stone 1 is 8"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_field_and_with_the_numbers(form, lengths, words, said):
    with pytest.raises(BadInput, match=said) as refused:
        settle(host_of(form, **lengths), tuple(stone_of(word) for word in words))
    assert refused.value.field == "stone"


def test_the_fix_for_thin_metal_is_enough():
    for size in (1.0, 2.0, 2.7, 3.3, 4.0):
        try:
            settle(host_of("band", thickness=1.4), (Stone(size=size),))
        except BadInput as error:
            settle(host_of("band", thickness=float(error.fix.option.split()[1])), (Stone(size=size),))


@given(
    form=st.sampled_from(["band", "pendant", "plaque", "signet", "link"]), kind=st.sampled_from(CUTS), size=st.floats(0.8, 5.0), more=st.floats(1.0, 1.8), u=st.floats(0.0, 1.0),
    v=st.floats(0.0, 1.0), turn=st.floats(-180.0, 180.0), thickness=st.floats(1.2, 5.0),
)
@settings(max_examples=12, deadline=None)
def test_any_stone_is_set_soundly_or_refused(form, kind, size, more, u, v, turn, thickness):
    try:
        host = host_of(form, thickness=thickness)
        settled = settle(host, (Stone(cut=kind, size=size, length=None if kind == "round" else min(size * more, 40.0), u=u, v=v, turn=turn),))
    except BadInput:
        assume(False)
    body = cut(raised(host, placed(host, settled.keep_off)[0]), settled.cutters)
    assert_whole(body)
    assert (solid(body) ^ solid(settled.gems)).volume() < 1e-6  # mm³


def test_no_stones_are_no_work():
    host = host_of("band")
    settled = settle(host, ())
    body = raised(host)
    assert cut(body, settled.cutters) is body
    assert settled.facts == {"stones": [], "carat_total": 0}
    assert len(settled.gems.faces) == len(settled.keep_off.faces) == 0


@pytest.mark.parametrize(
    ("words", "stone"),
    [
        ("round 3 at 50% 25%", Stone(size=3.0, u=0.5, v=0.25)),
        ("oval 6x4 at 10% 50% turned 90", Stone(cut="oval", size=4.0, length=6.0, u=0.1, turn=90.0)),
        ("  OVAL 4 mm × 6,5 mm  ", Stone(cut="oval", size=4.0, length=6.5)),
        ("square 2.5 mm at 0 % 100 % turned -45 deg", Stone(cut="square", size=2.5, u=0.0, v=1.0, turn=-45.0)),
    ],
)
def test_a_stone_is_read_from_words(words, stone):
    assert stone_of(words) == stone


@pytest.mark.parametrize("words", ["", "round", "3 at 50% 50%", "round 3 at 50", "triangle 3", "round 3 at 150% 0%", "round 400", "round -3", "round 3 x", "round 3 turned", "round 3;4", "圆 3"])
def test_nonsense_is_refused_as_a_stone(words):
    with pytest.raises(BadInput):
        stone_of(words)


def test_seats_keep_their_distance_from_the_border():
    host = host_of("band", thickness=3.0, width=6.0)
    settle(host, (Stone(size=6.0 - 2.0 * RIM - 0.5),))
    with pytest.raises(BadInput, match="from the border"):
        settle(host, (Stone(size=6.0 - 2.0 * RIM + 0.5),))
