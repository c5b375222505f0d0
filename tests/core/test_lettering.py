"""Lines of text on strips and faces: where they lie, what they leave of the ornament, what is said of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.outlines import outline
from blender_jewelgen.core.form.outlines import signed_distance as outline_distance
from blender_jewelgen.core.lettering.lines import Lettered, lettered
from blender_jewelgen.core.mesh.weight import limits
from blender_jewelgen.core.pattern.parts import parts
from blender_jewelgen.core.pattern.strip import Plate, Strip, disc
from blender_jewelgen.core.words.text_line import PATHS, STYLES, TextLine

RULES = limits("castable-resin")
PX = 24  # px/mm
BAND = Strip(54.4, 6.0, 54 * PX, 6 * PX)
COIN = disc(26.0, 26 * PX)


def plate(shape: str, width: float, length: float) -> Plate:
    columns, rows = round(width * PX), round(length * PX)
    x = (np.arange(columns) + 0.5) / columns * width - width / 2
    y = (np.arange(rows) + 0.5) / rows * length - length / 2
    return Plate(width, length, columns, rows, outline_distance(outline(shape, width, length), x, y)[::-1].astype(np.float32))


def on(surface: Strip | Plate, *lines: TextLine, picture: np.ndarray | None = None, depth: float = 0.5, inside: Strip | None = None, **kw) -> Lettered:
    bare = np.zeros((surface.rows, surface.columns), np.float32) if picture is None else picture
    return lettered(bare, surface, inside, lines, "engraving" if depth < 0 else "relief", RULES, depth, **kw)


def line(words: str, **kw) -> TextLine:
    return TextLine(words=words, **kw)


def beads(surface: Strip | Plate, pitch: float = 2.0) -> np.ndarray:
    """Domes in a lattice, 1.2 mm across."""
    x, y = np.broadcast_arrays(surface.x, surface.y)
    away = np.hypot((x + pitch / 2) % pitch - pitch / 2, (y + pitch / 2) % pitch - pitch / 2)
    return np.sqrt(np.clip(1.0 - (away / 0.6) ** 2, 0.0, 1.0)).astype(np.float32)


def test_raised_letters_stand_in_full_on_a_calm_ground():
    found = on(BAND, line("LOVE"), picture=beads(BAND))
    left, top, right, bottom = found.facts["lines"][0]["box"]
    box = found.picture[int(top * BAND.rows) : int(bottom * BAND.rows), int(left * BAND.columns) : int(right * BAND.columns)]
    assert box.max() == 1.0 and box.min() == 0.0
    assert ((box < 0.02) | (box > 0.98)).mean() > 0.85  # nothing but ground, letters and their edges
    assert found.metal is None and found.inside is None


def test_engraved_letters_are_cut_into_a_level_plate():
    found = on(BAND, line("LOVE", style="engraved"), picture=beads(BAND))
    inside = found.keep > 0.1
    assert (found.picture[inside] > 0.99).mean() > 0.5 and found.picture[inside].min() < 0.01


@pytest.mark.parametrize("style", ["raised", "engraved"])
def test_where_white_is_the_deepest_cut_letters_are_the_other_way_round(style):
    np.testing.assert_allclose(on(BAND, line("LOVE", style=style), depth=0.5).picture, 1.0 - on(BAND, line("LOVE", style=style), depth=-0.5).picture, atol=1e-6)


def test_a_bare_band_is_only_cut():
    found = on(BAND, line("LOVE", style="engraved"))
    far = found.keep < -0.5
    assert far.any() and (found.picture[far] == 1.0).all() and found.picture.min() < 0.01


@pytest.mark.parametrize("style", ["raised", "engraved"])
def test_ornament_never_crosses_letters_and_motifs_are_whole_or_gone(style):
    ornament = beads(BAND)
    found = on(BAND, line("AMOR", style=style), picture=ornament)
    taken = found.keep > 0.0
    alone = on(BAND, line("AMOR", style=style))
    if style == "raised":
        np.testing.assert_allclose(found.picture[taken], alone.picture[taken], atol=1e-6)  # as if there had been no ornament
    label, sizes = parts(ornament > 0.1, True)
    here = found.picture > 0.1
    beyond = found.keep < -0.3
    for k in range(1, len(sizes)):
        bead = label == k
        if (bead & beyond).sum() == bead.sum():
            whole = (here & bead).sum() / bead.sum()
            assert whole > 0.97 or whole < 0.05, k


def test_the_ornaments_own_border_runs_on_beside_the_letters():
    rows = np.minimum(BAND.y, BAND.width - BAND.y)
    picture = np.maximum(beads(BAND) * (rows > 1.2), np.broadcast_to(((rows > 0.1) & (rows < 0.6)).astype(np.float32), beads(BAND).shape)).astype(np.float32)
    found = on(BAND, line("AMOR"), picture=picture)
    border = np.broadcast_to((rows > 0.15) & (rows < 0.55), picture.shape)
    assert (found.picture[border] == 1.0).all()
    _, top, _, bottom = found.facts["lines"][0]["box"]
    assert top * BAND.width > 0.6 and bottom * BAND.width < BAND.width - 0.6


@pytest.mark.parametrize("words", ["I", "FOREVER & ALWAYS", "To love and to cherish, till death us do part", "百年好合", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"])
def test_a_line_is_as_large_as_fits_and_no_longer_than_the_finger_is_round(words):
    row = on(BAND, line(words)).facts["lines"][0]
    left, top, right, bottom = row["box"]
    assert right - left <= 1.0 and top >= 0.0 and bottom <= 1.0
    assert right - left > 0.9 or bottom - top > 0.7  # one of the two borders is reached


def test_a_height_that_is_asked_for_is_kept_or_the_note_says_what_goes():
    fits = on(BAND, line("LOVE", height=2.0))
    assert fits.facts["lines"][0]["height_mm"] == 2.0 and not any("not 2" in note for note in fits.notes)
    not_so = on(BAND, line("LOVE", height=9.0))
    assert not_so.facts["lines"][0]["height_mm"] < 6.0 and any("not 9 mm" in note for note in not_so.notes)


def test_letters_stay_in_their_box():
    found = on(BAND, line("A", left=0.1, top=0.2, right=0.3, bottom=0.9), line("B", left=0.5, top=0.0, right=0.6, bottom=0.5))
    for row, wanted in zip(found.facts["lines"], ([0.1, 0.2, 0.3, 0.9], [0.5, 0.0, 0.6, 0.5])):
        left, top, right, bottom = row["box"]
        assert left >= wanted[0] - 1e-3 and top >= wanted[1] - 1e-3 and right <= wanted[2] + 1e-3 and bottom <= wanted[3] + 1e-3
    columns = np.flatnonzero((found.picture > 0.5).any(axis=0)) / BAND.columns
    assert (((columns > 0.1) & (columns < 0.3)) | ((columns > 0.5) & (columns < 0.6))).all()


def test_lines_without_a_box_stand_one_above_the_other_in_one_height():
    rows = on(BAND, line("Anna"), line("& Tom")).facts["lines"]
    assert rows[0]["box"][3] <= rows[1]["box"][1] + 1e-6 and rows[0]["height_mm"] == rows[1]["height_mm"]


def test_chinese_lines_that_run_downward_stand_from_right_to_left():
    rows = on(plate("rectangle", 16.0, 24.0), line("永结同心", path="vertical"), line("百年好合", path="vertical")).facts["lines"]
    assert rows[1]["box"][2] <= rows[0]["box"][0] + 1e-6
    assert all(row["box"][3] - row["box"][1] > 2.0 * (row["box"][2] - row["box"][0]) for row in rows)


def test_five_hundred_characters_are_refused_with_how_many_go():
    with pytest.raises(BadInput, match=r"500 characters; its letters would be 0\.\d+ mm high and at least 0\.4 mm can be made, so at most about \d+ characters") as caught:
        on(BAND, line("forever and " * 41 + "a day ok"))
    assert caught.value.field == "text"
    said = int(str(caught.value).split("about ")[1].split()[0])
    assert on(BAND, line(("forever and " * 41)[: int(said * 0.97)].strip())).facts["lines"][0]["height_mm"] >= 0.4


def test_a_line_all_around_is_repeated_or_closes():
    short = on(BAND, line("AMOR", path="around", height=2.0))
    _, sizes = parts(short.picture > 0.5, True)
    assert (len(sizes) - 1) % 4 == 0 and len(sizes) - 1 >= 12  # A M O R, again and again
    middle = on(BAND, line("TO HAVE AND TO HOLD FOR EVER", path="around", height=1.6)).facts["lines"][0]["box"]
    assert 0.94 < middle[2] - middle[0] <= 1.0


def test_a_line_that_crosses_the_seam_is_whole():
    moved = on(BAND, line("LOVE", left=0.9, right=1.0))
    _, sizes = parts(moved.picture > 0.5, True)
    assert len(sizes) - 1 == 4
    front = on(BAND, line("FOREVER YOURS"))
    assert len(parts(front.picture > 0.5, True)[1]) - 1 == 12 and (front.picture[:, 0] > 0.5).any()  # as long as the band: it runs over the seam


def test_a_legend_follows_the_border_of_a_coin():
    found = on(COIN, line("CARPE DIEM QVAM MINIMVM", path="around"), line("MMXXVI", path="around"), line("A"))
    x, y = np.broadcast_arrays(COIN.x, COIN.y)
    ink = found.picture > 0.5
    outer = ink & (COIN.outline < 1.4 + 1.2 * found.facts["lines"][0]["height_mm"])
    away = np.hypot(x, y)[outer]
    assert np.ptp(away) < 1.25 * found.facts["lines"][0]["height_mm"]
    assert (COIN.outline[ink] > 1.0).all()
    assert found.facts["lines"][0]["height_mm"] == found.facts["lines"][1]["height_mm"]
    assert (ink & (y > 6.0)).any() and (ink & (y < -6.0)).any()


def test_letters_of_a_legend_are_turned_and_never_bent():
    found = on(COIN, line("IIIIIIIIIIII", path="around", font="sans"))
    _, sizes = parts(found.picture > 0.5)
    assert len(sizes) - 1 == 12 and np.ptp(sizes[1:]) < 0.06 * sizes[1:].mean()


@pytest.mark.parametrize("shape", ["disc", "oval", "heart", "shield", "drop"])
@pytest.mark.parametrize("words", ["A", "AB", "ABC", "WXYZ", "福壽"])
def test_a_monogram_keeps_inside_the_outline(shape, words):
    face = plate(shape, 22.0, 24.0)
    found = on(face, line(words, path="monogram"))
    ink = found.picture > 0.5
    assert face.outline[ink].min() > 1.0
    assert np.ptp(np.flatnonzero(ink.any(axis=1))) > 0.3 * face.rows
    wanted = {"ABC": 3, "WXYZ": 4, "A": 1}
    if words in wanted:
        assert len(parts(ink)[1]) - 1 == wanted[words]


def test_two_letters_of_a_monogram_run_over_and_under_each_other():
    found = on(COIN, line("HH", path="monogram"))
    assert len(parts(found.picture > 0.5)[1]) - 1 >= 3  # the lower strokes are parted beside the upper ones


def test_a_monogram_of_five_letters_is_refused():
    with pytest.raises(BadInput, match="one to four letters, not 5"):
        on(COIN, line("ABCDE", path="monogram"))


def test_hairlines_are_widened_to_what_is_made_and_said_to_be():
    found = on(BAND, line("百年好合", font="song"))
    row = found.facts["lines"][0]
    assert row["stroke_mm"] >= RULES.min_detail_mm and any("widened from 0.1" in note for note in found.notes)
    tiny = lettered(np.zeros((BAND.rows, BAND.columns), np.float32), BAND, None, (line("Love", height=1.0),), "relief", limits("lost-wax"), 0.5)
    assert any("makes 0.5 mm" in note and "font sans" in note for note in tiny.notes)


def test_the_stroke_that_is_reported_is_the_stroke():
    bar = on(BAND, line("III", font="sans", height=4.0)).facts["lines"][0]["stroke_mm"]
    ink = on(BAND, line("I", font="sans", height=4.0)).picture > 0.5
    assert bar == pytest.approx(ink.any(axis=0).sum() / PX, abs=0.05)


def test_text_inside_is_engraved_and_only_where_there_is_an_inside():
    skin = Strip(54.4, 5.0, 54 * PX, 5 * PX)
    found = on(BAND, line("Forever", side="inside", style="raised"), inside=skin, picture=beads(BAND))
    assert found.inside.shape == (skin.rows, skin.columns) and found.inside.max() == 1.0
    np.testing.assert_array_equal(found.picture, beads(BAND))
    assert any("finger side are engraved" in note for note in found.notes) and found.keep is None
    with pytest.raises(BadInput, match="no finger side") as caught:
        on(COIN, line("Forever", side="inside"))
    assert caught.value.field == "text-side"


def test_blank_lines_are_no_lines():
    found = on(BAND, line("  "), line(""), picture=beads(BAND))
    np.testing.assert_array_equal(found.picture, beads(BAND))
    assert found.facts["lines"] == []


@settings(max_examples=60, deadline=None)
@given(
    words=st.text(st.sampled_from("AaBgQ&8.é 永福囍回!-fi"), min_size=1, max_size=24).filter(lambda t: t.strip()),
    style=st.sampled_from(STYLES), path=st.sampled_from(PATHS), font=st.sampled_from(["auto", "song", "kai"]), which=st.sampled_from(["band", "coin", "heart", "cuff"]),
    height=st.none() | st.floats(0.4, 20.0), spacing=st.floats(-0.2, 1.0), sunk=st.booleans(),
)  # fmt: skip
def test_any_line_is_drawn_in_range_or_refused_in_a_sentence(words, style, path, font, which, height, spacing, sunk):
    surface = {"band": Strip(54.4, 5.0, 54 * 12, 5 * 12), "cuff": Strip(150.0, 14.0, 150 * 6, 14 * 6, False), "coin": disc(20.0, 240), "heart": plate("heart", 20.0, 20.0)}[which]
    try:
        found = on(surface, line(words, style=style, path=path, font=font, height=height, spacing=spacing), depth=-0.4 if sunk else 0.4)
    except BadInput as error:
        assert "\n" not in str(error) and error.field
        return
    assert found.picture.shape == (surface.rows, surface.columns) and found.picture.dtype == np.float32
    assert np.isfinite(found.picture).all() and found.picture.min() >= 0.0 and found.picture.max() <= 1.0
    assert (found.metal is not None) == (style == "pierced")
    assert found.facts["lines"][0]["height_mm"] >= 0.4 - 1e-6
