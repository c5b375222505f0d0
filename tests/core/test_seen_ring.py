"""A ring in a picture is measured: its view, its ratios, whether it has a head; and what is no ring is not called one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import ring_pictures as rp

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.seen.photograph import photograph
from blender_jewelgen.core.seen.ring import ring_of
from blender_jewelgen.core.seen.subject import Subject, subject
from blender_jewelgen.core.units import inner_diameter

GALLERY = Path(__file__).resolve().parents[2] / "docs" / "gallery"
BANDS = [
    {"shape": "d", "width": 5.0, "thickness": 1.8, "size": "US 7"},
    {"shape": "flat", "width": 3.0, "thickness": 1.4, "size": "US 9"},
    {"shape": "court", "width": 7.0, "thickness": 2.0, "size": "US 5"},
    {"shape": "knife", "width": 4.0, "thickness": 2.2, "size": "US 7"},
]
SIGNETS = [
    {"shape": "oval", "width": 13.0, "length": 15.0, "thickness": 1.8, "size": "US 9"},
    {"shape": "round", "width": 11.0, "length": 11.0, "thickness": 2.5, "size": "US 9"},
    {"shape": "cushion", "width": 14.0, "length": 14.0, "thickness": 2.0, "size": "US 10"},
]
ASIDE = rp.Shot(away=-50.0, raised=25.0, rolled=10.0)


def name(lengths) -> str:
    return lengths["shape"]


def seen(form: str, lengths: dict, shot: rp.Shot, on: str = "gradient", colour: str = "gold", **asked):
    picture = rp.picture(rp.piece(form=form, **lengths), shot, 512, colour, on)
    return ring_of(subject(picture), **asked)


def ratio(lengths: dict, *names: str) -> float:
    inner = inner_diameter(lengths["size"]) / 2.0
    return sum(lengths[n] for n in names) / inner


@pytest.mark.parametrize("shot", [rp.THREE_QUARTER, ASIDE], ids=["three-quarter", "aside"])
@pytest.mark.parametrize("lengths", BANDS, ids=name)
def test_a_band_seen_aside_has_its_ratios(lengths, shot):
    ring = seen("band", lengths, shot)
    assert (ring.form.form, ring.view, ring.sure) == ("band", "three-quarter", True)
    assert ring.facts["outer_to_inner"] == pytest.approx(1.0 + ratio(lengths, "thickness"), rel=0.05)
    assert ring.facts["width_to_inner"] == pytest.approx(ratio(lengths, "width"), rel=0.10)


@pytest.mark.parametrize("lengths", [BANDS[1], BANDS[3]], ids=name)
def test_a_profile_is_read_where_it_shows(lengths):
    assert seen("band", lengths, rp.THREE_QUARTER).form.shape == lengths["shape"]


@pytest.mark.parametrize("lengths", BANDS[:2], ids=name)
def test_through_the_hole_a_band_has_its_thickness_and_its_width_is_said_to_be_assumed(lengths):
    ring = seen("band", lengths, rp.FRONT)
    assert (ring.form.form, ring.view) == ("band", "front")
    assert ring.facts["outer_to_inner"] == pytest.approx(1.0 + ratio(lengths, "thickness"), rel=0.05)
    assert ring.notes == (
        "a band was seen from the front",
        "not to be seen in the picture, and assumed: the finger size US 7, the width, the profile",
    )


@pytest.mark.parametrize("lengths", BANDS[::2], ids=name)
def test_edge_on_a_band_has_its_width_and_its_thickness_is_assumed(lengths):
    ring = seen("band", lengths, rp.SIDE)
    assert (ring.form.form, ring.view, ring.sure) == ("band", "side", False)
    assert ring.facts["width_to_inner"] == pytest.approx(ratio(lengths, "width"), rel=0.10)
    assert "the thickness" in ring.notes[1]


@pytest.mark.parametrize("shot", [rp.FRONT, rp.THREE_QUARTER, ASIDE], ids=["front", "three-quarter", "aside"])
@pytest.mark.parametrize("lengths", SIGNETS, ids=name)
def test_a_head_is_seen_and_measured(lengths, shot):
    ring = seen("signet", lengths, shot)
    assert (ring.form.form, ring.sure) == ("signet", True)
    assert ring.view == ("front" if shot == rp.FRONT else "three-quarter")
    assert ring.facts["outer_to_inner"] == pytest.approx(1.0 + ratio(lengths, "thickness"), rel=0.05)
    assert ring.facts["head_to_inner"] == pytest.approx(ratio(lengths, "width"), rel=0.10)
    if shot != rp.FRONT:
        assert ring.facts["length_to_inner"] == pytest.approx(ratio(lengths, "length"), rel=0.10)
        assert ring.form.shape == lengths["shape"]
    else:
        assert "the length of the head" in ring.notes[1]


def test_edge_on_a_head_is_seen_by_its_flare():
    ring = seen("signet", SIGNETS[0], rp.SIDE)
    assert (ring.form.form, ring.view) == ("signet", "side")
    assert ring.form.length == pytest.approx(15.0, rel=0.10)  # mm
    assert "the width of the head" in ring.notes[1]


@pytest.mark.parametrize("on", ["grey", "noise", "shadow"])
def test_the_ground_does_not_change_what_is_measured(on):
    ring = seen("band", BANDS[0], rp.THREE_QUARTER, on)
    assert ring.facts["outer_to_inner"] == pytest.approx(1.0 + ratio(BANDS[0], "thickness"), rel=0.05)
    assert ring.facts["width_to_inner"] == pytest.approx(ratio(BANDS[0], "width"), rel=0.12)


def test_a_ring_that_is_cut_off_or_broken_open_is_measured_all_the_same():
    mask, _normals = rp.cover(rp.piece(form="band", **BANDS[0]), rp.THREE_QUARTER, 512)
    cut, broken = mask.copy(), mask.copy()
    cut[:, 425:] = 0.0
    broken[250:258, :256] = 0.0  # a light as white as the ground
    whole, *others = (ring_of(Subject(m, (0, 0, 512, 512), ())) for m in (mask, cut, broken))
    for other in others:
        assert other.facts["outer_to_inner"] == pytest.approx(whole.facts["outer_to_inner"], rel=0.05)
        assert other.facts["width_to_inner"] == pytest.approx(whole.facts["width_to_inner"], rel=0.10)


def test_lengths_grow_with_the_finger_and_ratios_stay():
    small, large = (seen("band", BANDS[0], rp.THREE_QUARTER, size=size) for size in ("US 4", "US 12"))
    assert small.facts == large.facts
    grown = inner_diameter("US 12") / inner_diameter("US 4")
    assert large.form.width / small.form.width == pytest.approx(grown, rel=0.02)
    assert (small.form.size, large.form.size) == ("US 4", "US 12")
    assert len(small.notes) == 1  # nothing was assumed


def test_a_wrist_makes_it_a_bangle():
    assert seen("band", BANDS[0], rp.THREE_QUARTER, size="62 mm").form.form == "bangle"


def test_what_was_fitted_can_be_made():
    ring = seen("signet", SIGNETS[0], rp.THREE_QUARTER)
    host = form_host(complete(ring.form))
    assert host.inner_diameter == pytest.approx(inner_diameter("US 9"))


def frame(inner, outer) -> np.ndarray:
    y, x = (np.mgrid[0:400, 0:400] + 0.5) / 200.0 - 1.0
    picture = np.full((400, 400, 3), 0.93, np.float32)
    picture[outer(x, y) & ~inner(x, y)] = (0.75, 0.55, 0.2)
    return picture


def square(half: float):
    return lambda x, y: np.maximum(np.abs(x), np.abs(y)) < half


def round_(radius: float):
    return lambda x, y: np.hypot(x, y) < radius


def test_a_square_frame_and_a_disc_are_no_rings():
    assert not _sure(frame(square(0.45), square(0.6)))
    assert not _sure(frame(round_(0.0), round_(0.6)))
    assert _sure(frame(round_(0.5), round_(0.6)))


def _sure(picture: np.ndarray) -> bool:
    try:
        return ring_of(subject(picture)).sure
    except BadInput:
        return False


def test_a_stone_in_its_setting_is_left_out_and_said():
    def stone(x, y):
        return round_(0.5)(x, y + 0.0) | ((np.abs(x) < 0.12) & (y < -0.4) & (y > -0.72))

    ring = ring_of(subject(frame(round_(0.42), stone)))
    assert ring.form.form == "band" and "what stands on the band was left out; set stones with --stone" in ring.notes


def test_a_solid_thing_is_refused_with_the_other_way_to_go():
    y, x = (np.mgrid[0:300, 0:300] + 0.5) / 150.0 - 1.0
    picture = np.where(((x / 0.7) ** 2 + (y / 0.6) ** 2 < 1.0)[..., None], 0.2, 0.9) * np.ones(3)
    with pytest.raises(BadInput, match="the engine relief"):
        ring_of(subject(picture.astype(np.float32)))
    with pytest.raises(BadInput, match="no finger hole"):
        ring_of(subject(picture.astype(np.float32)), view="front")


def test_a_fit_can_be_stopped_while_it_is_being_made():
    heard = []

    def stop(share, text):
        heard.append((share, text))
        if len(heard) == 9:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        seen("signet", SIGNETS[0], rp.FRONT, tell=stop)
    shares = [share for share, _text in heard]
    assert shares == sorted(shares)
    assert {text for _share, text in heard} == {"fitting a band", "fitting a ring with a head"}


def test_form_params_of_a_ring_are_within_their_limits():
    assert isinstance(seen("band", {"shape": "flat", "width": 1.6, "thickness": 0.9, "size": "US 7"}, rp.FRONT).form, FormParams)


@pytest.mark.parametrize("piece", ["hammered-band", "lotus-scroll-band"])
def test_a_photograph_with_pools_of_light_and_hard_shadows_gives_the_width_and_says_what_it_cannot_see(piece):
    picture = photograph(GALLERY / f"{piece}.jpg")
    ring = ring_of(picture.subject())
    assert (ring.form.form, ring.form.shape, ring.view, ring.sure) == ("band", "flat", "three-quarter", True)
    assert ring.form.width == pytest.approx(7.0, rel=0.1)  # mm: both were made 7 mm wide
    assert any("assumed" in note and "the thickness" in note for note in ring.notes)
