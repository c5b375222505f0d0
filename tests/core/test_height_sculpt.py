"""A drawing becomes a sculpted motif: its lines are all there, what they enclose swells, nested parts rise and sink."""

from __future__ import annotations

import io

import numpy as np
import pytest
from drawing_edges import agreement, edges, flower, outline
from height_truths import grey
from PIL import Image

from blender_jewelgen.core.height.filters import resize
from blender_jewelgen.core.height.ink import ink_of
from blender_jewelgen.core.height.methods import height_of
from blender_jewelgen.core.height.params import HeightParams
from blender_jewelgen.core.height.sculpt import inflated, sculpted
from blender_jewelgen.core.pattern import inflate, motifs
from blender_jewelgen.core.pattern.any_picture import read_any, read_with


@pytest.mark.parametrize("name", ["owl", "wyvern", "lotus", "anchor", "viking-shield", "clarinet", "byzantin-temple"])
@pytest.mark.parametrize("width", [0.0, 2.0, 3.0, 5.0])
def test_every_line_of_a_drawing_is_in_its_relief(name, width):
    ink = outline(name, 512, width) if width else motifs.coverage(name, 512)
    made = sculpted(ink)
    assert agreement(edges(made.height), edges(ink)) > 0.9


@pytest.mark.parametrize("width", [1.0, 2.0, 4.0, 8.0, 12.0])
def test_lines_of_any_width_are_chased_where_they_were_drawn(width):
    ink = flower(512, width)
    assert agreement(edges(sculpted(ink).height), edges(ink)) > 0.9


def test_a_grey_scan_with_grain_is_sculpted_as_well():
    ink = outline("owl", 512, 3.0)
    rng = np.random.default_rng(3)
    paper = np.clip(1.0 - 0.85 * ink, 0.0, 1.0) * np.linspace(0.75, 1.0, 512)[None] + rng.normal(0.0, 0.015, ink.shape)
    file = io.BytesIO()
    Image.fromarray((np.clip(paper, 0.0, 1.0) * 255).astype(np.uint8)).save(file, "JPEG", quality=80)
    scan = np.asarray(Image.open(file), np.float32) / 255.0
    made = height_of(grey(scan), HeightParams(method="drawing", crop=False))
    assert agreement(edges(made.height), edges(ink)) > 0.9


def disc(side: int, radius: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    b, a = np.mgrid[:side, :side] - side / 2 + 0.5
    return np.hypot(a - x, b - y) - radius


def ring(side: int, radius: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    return np.clip(2.0 - np.abs(disc(side, radius, x, y)), 0.0, 1.0)


def level(made: np.ndarray, where: np.ndarray) -> float:
    return float(np.median(made[where]))


def test_enclosed_parts_swell_and_the_ground_stays_down():
    ink = ring(300, 100).astype(np.float32)
    made = sculpted(ink)
    assert made.height[disc(300, 100) > 6].max() == 0.0 and made.height.max() == 1.0
    assert made.facts["parts"] == 1 and made.facts["raised"] == 1
    profile = made.height[150, 150:240]
    assert profile[0] > 0.99 and (np.diff(profile) < 2e-3).all()  # a dome
    np.testing.assert_allclose(made.height, made.height.T, atol=0.02)


def test_small_nested_parts_rise_and_large_ones_sink():
    small = np.maximum(ring(300, 120), ring(300, 30, 60)).astype(np.float32)
    large = np.maximum(ring(300, 120), ring(300, 100)).astype(np.float32)
    inner, outer = np.abs(disc(300, 0, 60)) < 8, np.abs(disc(300, 0, -60)) < 8
    bump = sculpted(small)
    assert (bump.facts["parts"], bump.facts["raised"], bump.facts["sunk"]) == (2, 2, 0)
    assert level(bump.height, inner) > level(bump.height, outer) + 0.05
    bowl = sculpted(large)
    assert bowl.facts["sunk"] == 1
    assert level(bowl.height, disc(300, 20) < 0) < level(bowl.height, np.abs(disc(300, 110)) < 3) + 0.15
    assert level(sculpted(large, "rise").height, disc(300, 20) < 0) > level(sculpted(large, "sink").height, disc(300, 20) < 0) / 0.99 - 1e-6
    assert sculpted(large, "rise").facts["sunk"] == 0 and sculpted(small, "sink").facts["sunk"] == 1


def test_lines_are_grooves_within_a_part_and_wires_on_the_ground():
    ink = ring(300, 100)
    ink = np.maximum(ink, np.clip(2.0 - np.abs(np.mgrid[:300, :300][0] - 150.0), 0.0, 1.0) * (disc(300, 60) < 0))  # ends within
    ink = np.maximum(ink, np.clip(2.0 - np.abs(np.mgrid[:300, :300][1] - 280.0), 0.0, 1.0) * (np.abs(np.mgrid[:300, :300][0] - 150) < 60))
    made = sculpted(ink.astype(np.float32)).height
    column = made[100:200, 150]
    assert made[150, 150] < 0.7 * min(column[38], column[62])
    assert made[150, 280] > 0.2 and made[150, 270] == made[150, 290] == 0.0


def test_holes_of_a_filled_shape_show_the_ground_and_its_cuts_stay_open():
    ink = ((disc(300, 110) < 0) & (disc(300, 60) > 0)).astype(np.float32)
    made = sculpted(ink)
    assert made.facts["filled"] == 1 and made.height[disc(300, 54) < 0].max() == 0.0
    assert level(made.height, np.abs(disc(300, 85)) < 4) > 0.9


def test_a_drawing_that_wraps_has_no_seam():
    ink = np.roll(flower(256, 3.0), 90, axis=1)
    made = sculpted(ink, wrap=True).height
    assert np.abs(made[:, 0] - made[:, -1]).max() <= np.abs(np.diff(made, axis=1)).max()
    assert np.abs(np.roll(made, -90, axis=1) - sculpted(np.roll(ink, -90, axis=1), wrap=True).height).max() < 0.05


@pytest.mark.parametrize("make", [lambda ink: sculpted(ink).height, inflated])
def test_relief_is_within_its_range_whatever_is_drawn(make):
    rng = np.random.default_rng(0)
    for ink in (np.zeros((40, 50)), np.ones((40, 50)), rng.random((33, 70)), rng.random((9, 9)) > 0.5, np.eye(64), flower(64, 1.0)):
        made = make(np.asarray(ink, np.float32))
        assert made.shape == ink.shape and made.dtype == np.float32 and np.isfinite(made).all() and made.min() >= 0.0 and made.max() <= 1.0


def test_twice_the_pixels_give_the_same_relief():
    small, large = (sculpted(outline("owl", side, side / 100.0)).height for side in (384, 768))
    assert np.abs(resize(large, 384, 384) - small).mean() < 0.03


def test_an_svg_is_read_and_sculpted(tmp_path):
    file = tmp_path / "rose.svg"
    petals = "".join(f'<ellipse cx="50" cy="26" rx="9" ry="14" transform="rotate({45 * k} 50 50)"/>' for k in range(8))
    file.write_text(f'<svg viewBox="0 0 100 100"><g fill="none" stroke="#000" stroke-width="1.2"><circle cx="50" cy="50" r="44"/><circle cx="50" cy="50" r="9"/>{petals}</g></svg>')
    made = read_with(file, HeightParams(crop=False))
    assert made.method == "drawing" and made.facts["parts"] >= 10 and made.height.shape == (512, 512)
    ink = ink_of(read_any(file).colours).coverage
    assert agreement(edges(made.height), edges(ink)) > 0.9


def test_the_membrane_moved_house_without_changing():
    assert inflate.pillow.__module__.endswith("height.membrane")
    drawn = inflate.inflate(motifs.coverage("owl", 160), "rounded")
    assert float(drawn.astype(np.float64).mean()) == pytest.approx(BEFORE, abs=1e-7)


BEFORE = 0.097884407  # mean of the owl as the membrane made it in core/pattern
