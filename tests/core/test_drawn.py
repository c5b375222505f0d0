"""A drawing of its own: measured, cleaned, packed into a recipe, written to a file, and laid on a piece."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.pattern import compose, drawn, motifs
from blender_jewelgen.core.pattern.parts import parts
from blender_jewelgen.core.pattern.strip import Strip
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.words.design import Design, Motif


def ring(size: int = 64) -> np.ndarray:
    """(size, size) px of a 64 cell: distance to a ring of radii 12 and 24."""
    line = (np.arange(size) + 0.5) * 64.0 / size - 32.0
    far = np.hypot(line[:, None], line[None, :])
    return np.clip(6.0 - np.abs(far - 18.0), -6.0, 6.0).astype(np.float32)


@pytest.mark.parametrize("name", ["peony", "wyvern", "octopus", "snowflake-1"])
def test_a_library_drawing_is_centred_with_a_margin_and_keeps_its_silhouette(name):
    cell = drawn.drawing_of(name)
    inside = cell > 0.0
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - drawn.MARGIN * 64) <= 2
    assert abs(rows[0] + rows[-1] - 63) <= 2 and abs(columns[0] + columns[-1] - 63) <= 2
    if name in motifs.names():
        whole = drawn.resize(motifs.coverage(name, 256), 32, 32) > 0.5
        like = drawn.resize(cell, 32, 32) > 0.0
        assert (whole & like).sum() / (whole | like).sum() > 0.7


def test_distances_stay_px_of_the_small_cell_at_every_size():
    for size in (128, 512):
        found, near = drawn.enlarged(ring(), size), np.abs(ring(size)) < 3.0  # a ridge is blunted
        np.testing.assert_allclose(found[near], ring(size)[near], atol=0.06)
        assert abs(float(drawn.coverage(ring(), size).mean()) - np.pi * (24**2 - 12**2) / 64**2) < 0.002


def test_measured_distances_of_a_coverage_are_those_of_the_shape():
    exact = ring(256)
    found = drawn.measured(np.clip(0.5 + exact * 4.0, 0.0, 1.0))
    np.testing.assert_allclose(found, exact, atol=0.06)


def test_cleaning_takes_dust_fills_pinholes_and_leaves_the_rest():
    cell = ring()
    cell[2:4, 2:4] = 1.0  # dust
    cell[31, 14] = -1.0  # a pinhole in the ring
    clean = drawn.cleaned(cell)
    assert len(parts(clean > 0)[1]) == 2 and len(parts(clean <= 0)[1]) == 3
    same = np.abs(ring(128)) > 1.0
    np.testing.assert_array_equal((clean > 0)[same], (ring(128) > 0)[same])


def test_a_recipe_keeps_a_drawing_to_a_fiftieth_of_a_pixel():
    field = drawn.enlarged(ring(), 128)
    text = drawn.pack(field)
    assert text.isascii() and len(text) < 12_000
    again = drawn.unpack(text)
    near = np.abs(field) < 1.4
    np.testing.assert_allclose(again[near], field[near], atol=0.02)
    np.testing.assert_array_equal((again > 0)[np.abs(field) > 0.02], (field > 0)[np.abs(field) > 0.02])
    np.testing.assert_allclose(again, field, atol=0.6)  # measured anew far from the outline


@pytest.mark.parametrize("text", ["", "no", "AAAA", "eJwDAAAAAAE=", "龙"])
def test_a_damaged_drawing_is_refused(text):
    with pytest.raises(BadInput, match=r"damaged|cut short"):
        drawn.unpack(text)


def test_a_packed_bomb_is_not_unpacked():
    import base64
    import zlib

    with pytest.raises(BadInput, match="cut short"):
        drawn.unpack(base64.b64encode(zlib.compress(bytes(50_000_000), 9)).decode())


def test_a_file_gives_the_same_file_again():
    levels = drawn.levels(ring())
    assert levels.dtype == np.uint16 and levels.shape == (512, 512)
    np.testing.assert_array_equal(drawn.levels(drawn.field_of(levels)), levels)


@pytest.mark.parametrize(("picture", "said"), [(np.zeros((40, 40)), "blank"), (np.ones((40, 40)), "covered all over")])
def test_blank_and_full_drawings_are_refused(picture, said):
    with pytest.raises(BadInput, match=said):
        drawn.cell_of(picture)


def test_a_hairline_is_thickened_until_a_cell_can_show_it():
    picture = np.zeros((1000, 1000), np.float32)
    picture[498:502, 100:900] = 1.0
    cell = drawn.cell_of(picture)
    assert (cell > 0).any(0).sum() >= 54 and drawn.coverage(cell, 512).max() == 1.0


def test_a_motif_with_a_drawing_is_drawn_from_it_and_comes_back_from_json():
    design = Design(motifs=(Motif(name="lion", cell=drawn.pack(ring())),))
    strip = Strip(20.0, 5.0, 400, 100, False)
    own = compose.draw(design, strip)
    assert np.abs(own - compose.draw(Design(motifs=(Motif(name="lion"),)), strip)).max() > 0.2
    again = Recipe.from_json(Recipe(design=design).to_json()).design
    assert again == design
    np.testing.assert_array_equal(compose.draw(again, strip), own)
    assert "cell" not in Design(motifs=(Motif(name="lion"),)).to_dict()["motifs"][0]
    sources, missing = compose.resolve(Design(motifs=(Motif(name="unheard of", cell=drawn.pack(ring())),)), strip)
    assert not missing and sources[0].kind == "drawn"


@pytest.mark.parametrize("cell", [7, "x" * 20_001, "龙"])
def test_a_motif_refuses_what_is_no_drawing(cell):
    with pytest.raises(BadInput, match="drawing"):
        Motif(name="lion", cell=cell)
