"""Patterns as sound pierced metal: widths measured by another method than made them, one part, nothing that crashes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.discs import grown, shrunk
from blender_jewelgen.core.height.distance import distance
from blender_jewelgen.core.height.filters import blur, resize
from blender_jewelgen.core.pattern import compose
from blender_jewelgen.core.pattern.parts import parts
from blender_jewelgen.core.pattern.strip import Strip, disc
from blender_jewelgen.core.pattern.thin import middles
from blender_jewelgen.core.pattern.web import Web, web_of
from blender_jewelgen.core.relief.params import CraftParams
from blender_jewelgen.core.words.lexicon import read

PITCH = 1.0 / 24.0  # mm a pixel
CRAFT = CraftParams()


def strip(prompt: str, length: float = 30.0, width: float = 7.0, seed: int = 0) -> np.ndarray:
    return compose.draw(read(prompt), Strip(length, width, round(length / PITCH), round(width / PITCH)), seed)


def too_narrow(mask: np.ndarray, pixel: float, wanted: float, wrap: bool) -> float:
    """How far, mm, any place of a mask lies from where a disc ``wanted`` mm wide fits into it: by exact distances, erosion and dilation.

    A bar or a neck that is too thin loses half its width at least; a rounded corner, drawn in pixels, a fraction of one.
    """
    radius = 0.5 * wanted / pixel
    core = distance(mask, radius + 2.0, wrap) - 0.5 >= radius - 1e-6  # from pixel centres to the edge between pixels
    far = distance(~core, 3.0 * radius, wrap)  # to the middle of the nearest disc that fits
    return float((far[mask].max() - radius) * pixel)


def assert_sound(web: Web, pitch: float, wrap: bool, craft: CraftParams, outside: np.ndarray | None = None) -> None:
    fine = 3
    rows, columns = web.metal.shape
    field = resize(web.metal, rows * fine, columns * fine, wrap)
    beyond = int(np.ceil(2.0 * max(craft.web, craft.opening) / pitch * fine))
    metal = np.pad(field > 0.0, ((beyond, beyond), (0, 0) if wrap else (beyond, beyond)), constant_values=True)
    pixel = pitch / fine
    assert too_narrow(metal, pixel, 0.97 * craft.web, wrap) < 0.06 * craft.web + 0.6 * pitch
    assert too_narrow(~metal, pixel, 0.97 * craft.opening, wrap) < 0.06 * craft.opening + 0.6 * pitch
    whole = web.metal > 0.0 if outside is None else (web.metal > 0.0) & ~outside
    assert len(parts(whole, wrap)[1]) == 2, "one part"
    assert (web.metal <= 0.0).any()


@pytest.mark.parametrize("wrap", [True, False])
@pytest.mark.parametrize("radius", [0.0, 1.0, 2.3, 5.3])
def test_discs_grow_and_shrink_as_exact_distances_say(wrap, radius):
    mask = np.random.default_rng(3).random((30, 47)) < 0.02
    np.testing.assert_array_equal(grown(mask, radius, wrap), distance(~mask, radius + 1.0, wrap) <= radius)
    np.testing.assert_array_equal(shrunk(~mask, radius, wrap), ~grown(mask, radius, wrap))


def test_a_thin_bar_is_thickened_along_its_middle_and_a_corner_is_not():
    mask = np.zeros((80, 120), bool)
    mask[30:34, 10:110] = True  # 4 px wide
    mask[50:75, 20:100] = True  # a block with corners
    thin = middles(mask, 6.3, False)
    y, _ = np.nonzero(thin)
    assert thin[:, 20:100].any(axis=0).all() and y.max() < 40
    wide = grown(thin, 6.3) | mask
    assert 12 <= wide[:45, 60].sum() <= 15


@pytest.mark.parametrize("prompt", ["openwork vine band", "openwork dragon band", "openwork key fret band", "openwork lotus band, beaded border"])
def test_patterns_round_a_band_become_sound(prompt):
    assert_sound(web_of(strip(prompt), PITCH, True, CRAFT), PITCH, True, CRAFT)


def test_a_pendant_becomes_sound_within_its_frame():
    face = disc(24.0, 480)
    web = web_of(compose.draw(read("openwork phoenix pendant"), face, 0), 0.05, False, CRAFT, face.outline)
    assert_sound(web, 0.05, False, CRAFT, face.outline <= 0.0)
    assert (web.metal[face.outline <= CRAFT.frame - 0.05] > 0.0).all()
    assert (web.metal[face.outline <= 0.0] > 0.0).all(), "beyond the outline all is metal: the plate cuts it"


@pytest.mark.parametrize("craft", [CraftParams(web=0.3, opening=0.8), CraftParams(web=1.2, opening=0.3), CraftParams(web=0.25, opening=0.25)])
def test_other_widths_are_kept_too(craft):
    assert_sound(web_of(strip("openwork vine band"), PITCH, True, craft), PITCH, True, craft)


@given(st.integers(0, 2**31), st.floats(0.15, 0.8), st.booleans())
@settings(max_examples=25, deadline=None)
def test_noise_becomes_sound_or_is_refused_in_one_sentence(seed, grain, wrap):
    picture = blur(np.random.default_rng(seed).standard_normal((140, 300)), grain / PITCH, wrap)
    picture = np.clip(0.5 + 0.5 * picture / picture.std(), 0.0, 1.0)
    try:
        web = web_of(picture, PITCH, wrap, CRAFT)
    except BadInput as error:
        assert error.field in ("technique", "opening") and str(error)
    else:
        assert_sound(web, PITCH, wrap, CRAFT)


def test_a_lone_motif_hangs_by_three_bars_or_more_that_are_spread_out():
    y, x = np.mgrid[:240, :480]
    picture = np.clip((60.0 - np.hypot(x - 240.0, y - 120.0)) / 8.0, 0.0, 1.0).astype(np.float32)  # 5 mm across, in a field of 20 by 10
    web = web_of(picture, PITCH, False, CRAFT)
    assert_sound(web, PITCH, False, CRAFT)
    assert web.facts["bridges"] >= 3 and "bridge" in " ".join(web.notes)
    assert web.facts["openings"] >= 3, "bars at different places part the field"


def test_what_repeats_is_held_alike():
    tile = strip("openwork dragon band", 10.0)
    web = web_of(np.tile(tile, (1, 4)), PITCH, True, CRAFT)
    columns = (web.metal > 0.0).mean(axis=0).reshape(4, -1)
    assert np.abs(columns - columns[0]).mean() < 0.02


def test_the_seam_is_a_place_like_any_other():
    picture = strip("openwork vine band")
    here, there = (web_of(np.roll(picture, shift, axis=1), PITCH, True, CRAFT) for shift in (0, 211))
    assert ((np.roll(here.metal, 211, axis=1) > 0) != (there.metal > 0)).mean() < 0.03


def test_rails_and_what_is_to_stay_solid_stay_metal():
    picture = strip("openwork dragon band")
    solid = np.zeros(picture.shape, bool)
    solid[40:120, 100:180] = True
    web = web_of(picture, PITCH, True, CRAFT, rails=(0.5, 0.0), solid=solid)
    rail = int(0.5 / PITCH) - 1
    assert (web.metal[:rail] > 0).all() and (web.metal[-rail:] > 0).all()
    assert (web.metal[42:118, 102:178] > 0).all()


def test_the_edge_of_an_opening_lies_where_it_was_drawn():
    y, x = np.mgrid[:240, :480]
    far = np.hypot(x - 240.3, y - 120.2) * PITCH
    picture = np.clip((far - 3.0) / 0.4 + 0.1, 0.0, 1.0).astype(np.float32)  # a round opening of 6 mm
    web = web_of(picture, PITCH, False, CRAFT)
    near = np.abs(far - 3.0) < 0.3
    assert np.abs(web.metal[near] - (far - 3.0)[near]).max() < 0.02  # mm


def test_an_empty_field_of_a_frame_is_said():
    picture = np.zeros((160, 900), np.float32)
    picture[20:140, 40:200] = 1.0
    web = web_of(picture, PITCH, True, CRAFT)
    assert any("stands free" in note for note in web.notes)


@pytest.mark.parametrize(
    ("picture", "field"),
    [
        (np.zeros((100, 200), np.float32), "technique"),
        (np.ones((100, 200), np.float32), "technique"),
        (np.eye(1, 20000, 10050, dtype=np.float32).reshape(100, 200), "technique"),
        ((np.random.default_rng(0).random((100, 200)) > 0.5).astype(np.float32), "opening"),
        (np.zeros((1, 1), np.float32), "technique"),
    ],
)
def test_nothing_all_one_pixel_and_noise_are_refused_in_one_sentence(picture, field):
    with pytest.raises(BadInput) as error:
        web_of(picture, PITCH, True, CRAFT)
    assert error.value.field == field


def test_a_textured_ground_is_still_ground():
    y, x = np.mgrid[:160, :480]
    picture = (0.2 + 0.1 * np.sin(x / 5.0) * np.sin(y / 5.0)).astype(np.float32)
    picture[40:120, 100:140] = 1.0
    picture[40:120, 300:340] = 1.0
    web = web_of(picture, PITCH, True, CRAFT)
    assert_sound(web, PITCH, True, CRAFT)
    assert web.metal[80, 120] > 0 > web.metal[80, 220]
