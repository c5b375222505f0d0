"""What stands in a picture is found on any ground, and what cannot be used is refused with its reason."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import ring_pictures as rp
from PIL import Image

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.filters import blur
from blender_jewelgen.core.seen.photograph import photograph
from blender_jewelgen.core.seen.subject import on_ground, subject


@pytest.fixture(scope="module")
def band():
    return rp.cover(rp.piece(form="band", shape="d", width=5.0), rp.THREE_QUARTER, 512)


@pytest.fixture(scope="module")
def signet():
    return rp.cover(rp.piece(form="signet"), rp.THREE_QUARTER, 512)


def disc(side: int = 256, radius: float = 0.3, at: tuple[float, float] = (0.5, 0.5), colour=(0.2, 0.3, 0.7), on=(0.9, 0.9, 0.9)) -> np.ndarray:
    y, x = (np.mgrid[0:side, 0:side] + 0.5) / side
    inside = np.hypot(x - at[0], y - at[1]) < radius
    return np.where(inside[..., None], np.array(colour, np.float32), np.array(on, np.float32)).astype(np.float32)


def overlap(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.minimum(found, true).sum() / np.maximum(found, true).sum())


@pytest.mark.parametrize("on", rp.GROUNDS)
@pytest.mark.parametrize("colour", ["gold", "rose"])
def test_a_ring_of_gold_is_found_on_every_ground_and_is_not_taken_for_skin(band, on, colour):
    found = subject(rp.posed(*band, colour=colour, on=on, seed=3))
    assert overlap(found.mask, band[0]) > 0.96
    assert len(found.holes) == 1


@pytest.mark.parametrize("on", ["grey", "blue", "dark", "gradient", "beige"])
def test_polished_silver_is_found_where_the_ground_is_not_as_white_as_its_highlights(signet, on):
    found = subject(rp.posed(*signet, colour="silver", on=on, seed=3))
    assert overlap(found.mask, signet[0]) > 0.95 and len(found.holes) == 1


def test_dark_metal_has_no_holes_punched_into_it(band):
    found = subject(rp.posed(*band, colour="black", on="white", seed=1))
    assert overlap(found.mask, band[0]) > 0.96 and len(found.holes) == 1


def test_transparency_says_what_the_thing_is(band):
    found = subject(rp.posed(*band, on="clear"))
    assert overlap(found.mask, band[0]) > 0.99


def test_the_box_and_the_hole_are_where_the_ring_is():
    picture = disc(400, 0.3)
    picture[(np.hypot(*(np.mgrid[0:400, 0:400] + 0.5 - 200.0)) < 60.0)] = 0.9
    found = subject(picture)
    np.testing.assert_allclose(found.box, (80, 80, 320, 320), atol=2)
    assert found.holes[0].area == pytest.approx(np.pi * 60.0**2, rel=0.05)
    np.testing.assert_allclose(found.holes[0].box, (140, 140, 260, 260), atol=3)


def test_a_mask_is_of_the_size_of_its_picture():
    found = subject(disc(1500)[200:1300])
    assert found.mask.shape == (1100, 1500)
    assert found.mask.mean() == pytest.approx(np.pi * 450.0**2 / (1100 * 1500), rel=0.02)


def test_on_a_ground_the_thing_is_centred_with_its_longer_side_as_asked():
    picture = disc(300, 0.2, at=(0.3, 0.6))
    shown = on_ground(picture, subject(picture), 256, share=0.75, ground=1.0)
    blue = shown[..., 0] < 0.6
    rows, columns = np.flatnonzero(blue.any(axis=1)), np.flatnonzero(blue.any(axis=0))
    assert shown.shape == (256, 256, 3)
    np.testing.assert_allclose([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1], [32, 32, 224, 224], atol=3)
    np.testing.assert_array_equal(shown[0], 1.0)


def test_a_thing_at_the_border_is_centred_on_its_ground_too():
    picture = disc(300, 0.2, at=(0.24, 0.24))
    shown = on_ground(picture, subject(picture), 128, share=0.5, ground=0.5)
    assert shown[64, 64, 2] == pytest.approx(0.7, abs=0.02)
    np.testing.assert_allclose(shown[2], 0.5, atol=1e-6)


def test_several_things_are_counted_and_crumbs_are_not():
    two = np.minimum(disc(256, 0.15, (0.25, 0.5)), disc(256, 0.15, (0.75, 0.5)))
    with pytest.raises(BadInput, match="there are 2 things in the picture") as caught:
        subject(two)
    assert caught.value.field == "picture"
    assert subject(two, several=True).mask.mean() == pytest.approx(2.0 * np.pi * 0.15**2, rel=0.05)
    crumb = np.minimum(disc(256, 0.2), disc(256, 0.045, (0.9, 0.9)))
    found = subject(crumb)
    assert found.mask.mean() == pytest.approx(np.pi * 0.2**2, rel=0.05)
    assert "1 small one was left out" in found.notes[0]


def hand(side: int = 512, tone=(0.87, 0.68, 0.56)) -> np.ndarray:
    """A finger that comes in from below, a gold ring on it."""
    y, x = np.mgrid[0.0 : 1.0 : side * 1j, 0.0 : 1.0 : side * 1j]
    light = 0.75 + 0.25 * np.cos((x - 0.45) * 6.0)
    finger = (np.abs(x - 0.5) < 0.18 + 0.25 * np.clip(y - 0.5, 0, 1)) & (y > 0.2)
    palm = y > 0.75
    picture = np.where((finger | palm)[..., None], light[..., None] * np.array(tone), 0.96)
    gold = finger & (np.abs(y - 0.45) < 0.05)
    picture = np.where(gold[..., None], (0.3 + 0.7 * np.abs(np.sin(40.0 * x)))[..., None] * np.array((1.0, 0.78, 0.34)), picture)
    noise = np.random.default_rng(0).normal(0.0, 0.008, picture.shape)
    return np.clip(np.stack([blur(picture[..., k], 0.8) for k in range(3)], axis=-1) + noise, 0.0, 1.0).astype(np.float32)


@pytest.mark.parametrize("tone", [(0.94, 0.80, 0.70), (0.87, 0.68, 0.56), (0.55, 0.37, 0.26)])
def test_a_hand_that_wears_the_ring_is_named(tone):
    with pytest.raises(BadInput, match="a hand or a body fills most of the picture"):
        subject(hand(tone=tone))


def test_a_bust_is_refused_as_something_that_runs_out_of_the_picture():
    picture = disc(256, 0.45, (0.5, 0.95), colour=(0.3, 0.3, 0.3))
    with pytest.raises(BadInput, match="of the picture's rim"):
        subject(picture)


def test_a_gold_ring_that_touches_the_border_is_not_called_a_hand(band):
    mask, normals = rp.cover(rp.piece(form="band", width=6.0), rp.Shot(share=1.0), 512)
    assert subject(rp.posed(mask, normals, colour="gold", on="white")).mask.mean() == pytest.approx(mask.mean(), rel=0.08)


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (np.full((64, 64, 3), 0.4, np.float32), "of one colour"),
        (np.zeros((64, 64, 4), np.float32), "transparent everywhere"),
        (np.clip(np.random.default_rng(0).normal(0.5, 0.03, (256, 256, 3)), 0, 1).astype(np.float32), "nothing in the picture stands out"),
        (disc(31), "31 x 31 px; at least 32"),
        (disc(400, 0.03), "px long; at least 32"),
        (np.full((64, 64), 0.4, np.float32), "must be rows, columns"),
        (np.full((64, 64, 3), np.nan, np.float32), "not finite"),
    ],
    ids=["one colour", "transparent", "noise", "tiny", "tiny thing", "no colours", "nan"],
)
def test_what_shows_no_thing_is_refused_with_its_reason(picture, reason):
    with pytest.raises(BadInput, match=reason) as caught:
        subject(picture)
    assert caught.value.field == "picture"


def test_a_picture_of_fifty_megapixels_is_reduced_before_it_is_looked_at(tmp_path):
    small = Image.fromarray((disc(710) * 255).astype(np.uint8))
    small.resize((7100, 7100), Image.NEAREST).save(tmp_path / "large.png", compress_level=1)
    tracemalloc.start()
    shown = photograph(tmp_path / "large.png")
    found = shown.subject()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.0e9  # bytes
    assert max(shown.colours.shape) == 2048 and "reduced" in shown.notes[0]
    assert found.mask.mean() == pytest.approx(np.pi * 0.09, rel=0.02)
