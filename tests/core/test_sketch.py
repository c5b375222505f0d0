"""Pictures as drawings: what is drawn is found whatever its colours, and what cannot be a drawing is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.pattern import drawn, sketch
from blender_jewelgen.core.pattern.sketch import read_drawing, read_mask


def disc(side: int = 400, radius: float = 120.0) -> np.ndarray:
    """(side, side) bool, a disc a little off the middle."""
    y, x = np.mgrid[0:side, 0:side]
    return np.hypot(x - 0.45 * side, y - 0.52 * side) < radius


def saved(path, pixels):
    Image.fromarray(pixels).save(path)
    return path


def cut_out(shape: np.ndarray, grey: int) -> np.ndarray:
    """RGBA of a shape on nothing."""
    return np.dstack([np.full((*shape.shape, 3), grey, np.uint8), np.where(shape, 255, 0).astype(np.uint8)])


GUISES = {
    "dark on light": lambda s: np.where(s, 20, 240).astype(np.uint8),
    "light on dark": lambda s: np.where(s, 240, 20).astype(np.uint8),
    "red on cream": lambda s: np.where(s[..., None], [150, 30, 30], [250, 245, 230]).astype(np.uint8),
    "one bit": lambda s: ~s,
    "black on nothing": lambda s: cut_out(s, 0),
    "white on nothing": lambda s: cut_out(s, 255),
    "sixteen bits": lambda s: np.where(s, 1000, 60000).astype(np.uint16),
}


@pytest.mark.parametrize("guise", GUISES)
def test_a_silhouette_is_the_same_cell_in_any_guise(guise, tmp_path):
    read = read_drawing(saved(tmp_path / "x.png", GUISES[guise](disc())))
    y, x = np.mgrid[0:64, 0:64] - 31.5
    ideal = np.clip(0.5 * drawn.MARGIN * 64 - np.hypot(x, y), -drawn.REACH, drawn.REACH)  # px, centred and nine tenths wide
    assert read.field.shape == (64, 64) and read.notes == ()
    assert np.abs(read.field - ideal).max() < 0.6


def test_unfitted_everything_stays_where_it_is(tmp_path):
    shape = np.zeros((300, 600), bool)
    shape[100:200, 450:550] = True
    read = read_drawing(saved(tmp_path / "x.png", np.where(shape, 0, 255).astype(np.uint8)), fit=False)
    rows, columns = (np.flatnonzero((read.field > 0).any(axis=axis)) for axis in (1, 0))
    assert read.field.shape == (512, 512)
    np.testing.assert_allclose([rows[0], rows[-1] + 1, columns[0], columns[-1] + 1], np.array([250, 350, 450, 550]) * 512 / 600, atol=1.0)


def test_a_drawing_to_the_very_border_is_not_turned_inside_out_where_its_light_is_known(tmp_path):
    shape = ~disc()
    path = saved(tmp_path / "x.png", np.where(shape, 255, 0).astype(np.uint8))
    for light, inside in ((True, shape), (False, ~shape)):
        found = read_drawing(path, fit=False, light=light).field > 0
        assert (found != np.asarray(Image.fromarray(inside).resize((512, 512)))).mean() < 0.01


def test_a_motif_file_of_ours_comes_back_level_by_level(tmp_path):
    levels = drawn.levels(drawn.cleaned(drawn.drawing_of("anchor")))
    read = read_drawing(saved(tmp_path / "motif-1.png", levels))
    assert read.field.shape == (512, 512) and (drawn.levels(read.field) == levels).all()


def test_a_height_of_the_same_size_and_depth_is_no_motif_file_of_ours():
    x = np.linspace(0, 65535, 512)
    assert not sketch.is_motif(np.tile(x, (512, 1)))
    assert not sketch.is_motif(np.where(disc(512), 65535.0, 0.0))
    assert not sketch.is_motif(np.full((512, 512), 32768.0))


@pytest.mark.parametrize("width", [1, 3, 8])
def test_thin_lines_of_a_scribble_stay_whole_and_as_wide_as_a_cell_shows(width, tmp_path):
    image = Image.new("L", (800, 800), 255)
    ImageDraw.Draw(image).line([(100, 700), (400, 100), (700, 700), (150, 300), (650, 300), (100, 700)], fill=0, width=width)
    image.save(tmp_path / "star.png")
    field = read_drawing(tmp_path / "star.png").field
    _, sizes = drawn.parts(field > 0.0)
    assert len(sizes) == 2  # the ground, and one star
    assert field.max() > 0.8  # px: half a line


def test_a_photograph_in_uneven_light_is_parted_and_told_of(tmp_path):
    y, x = np.mgrid[0:600, 0:800]
    shape = np.hypot(x - 400, y - 300) < 170
    grain = np.random.default_rng(1).normal(0.0, 0.03, shape.shape)
    light = np.where(shape, 0.2 + 0.0002 * x, 0.85 - 0.0002 * (x + y)) + grain
    read = read_drawing(saved(tmp_path / "photo.jpg", (np.clip(light, 0, 1) * 255).astype(np.uint8)))
    assert (read.field > 0).mean() == pytest.approx(np.pi * (0.5 * drawn.MARGIN) ** 2, rel=0.03)
    assert read.notes == ("photo.jpg has half-tones: what stands out from its ground was taken as the drawing",)


def test_lines_on_paper_photographed_in_failing_light_are_found(tmp_path):
    image = Image.new("L", (800, 600), 255)
    ImageDraw.Draw(image).line([(150, 450), (400, 120), (650, 450), (150, 450)], fill=0, width=14)
    drawing = np.asarray(image) / 255.0
    photo = (0.9 - 0.6 * np.arange(800) / 800) * (0.35 + 0.65 * drawing) + np.random.default_rng(2).normal(0.0, 0.015, drawing.shape)
    read = read_drawing(saved(tmp_path / "x.jpg", (np.clip(photo, 0, 1) * 255).astype(np.uint8)), fit=False)
    square = np.ones((800, 800))
    square[100:700] = drawing
    wanted = np.asarray(Image.fromarray((square * 255).astype(np.uint8)).resize((512, 512), Image.Resampling.BOX)) < 128
    found = read.field > 0
    assert (wanted & found).sum() / (wanted | found).sum() > 0.85


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{}</svg>'
SQUARE = np.zeros((512, 512), bool)
SQUARE[128:384, 128:384] = True
SVGS = {
    "path": '<path d="M25,25h50v50h-50z"/>',
    "rectangle": '<rect x="25" y="25" width="50" height="50"/>',
    "polygon": '<polygon points="25 25 75 25 75 75 25 75"/>',
    "moved and turned": '<g transform="translate(50,50) rotate(45)"><rect x="-1" y="-1" width="2" height="2" transform="rotate(45) scale(25)"/></g>',
    "line of its width": '<line x1="25" y1="50" x2="75" y2="50" stroke="black" stroke-width="50" stroke-linecap="butt"/>',
    "style sheet": '<style>.a, .b{fill:#123} .c{fill:none}</style><rect class="b" x="25" y="25" width="50" height="50"/><rect class="c" width="90" height="90"/>',
    "not shown": '<rect x="25" y="25" width="50" height="50"/><circle r="90" display="none"/><g visibility="hidden"><circle r="90"/></g><defs><circle r="90"/></defs>',
    "on white paper": '<rect width="100" height="100" fill="white"/><rect x="25" y="25" width="50" height="50" style="fill:rgb(40, 10, 0)"/>',
    "far beyond the page": '<rect x="25" y="25" width="50" height="50"/><rect x="99999" y="1e300" width="50" height="50"/>',
}


@pytest.mark.parametrize("name", SVGS)
def test_an_svg_is_painted_as_it_says(name, tmp_path):
    (tmp_path / "x.svg").write_text(SVG.format(SVGS[name]), encoding="utf-8")
    found = read_drawing(tmp_path / "x.svg", fit=False).field > 0
    # round ends of a line reach beyond it
    wanted = SQUARE if name != "line of its width" else SQUARE | found & (np.abs(np.arange(512) - 255.5) > 128)[None]
    assert (found ^ wanted).sum() <= 2 * 4 * 256


def test_holes_of_an_svg_stay_open_by_either_rule_and_by_white_paint(tmp_path):
    ring = '<path fill-rule="{}" d="M10,10h80v80h-80z M30,30{}z"/>{}'
    for rule, inner, more in (("evenodd", "h40v40h-40", ""), ("nonzero", "v40h40v-40", ""), ("nonzero", "h40v40h-40", '<rect x="30" y="30" width="40" height="40" fill="#fff"/>')):
        (tmp_path / "x.svg").write_text(SVG.format(ring.format(rule, inner, more)), encoding="utf-8")
        field = read_drawing(tmp_path / "x.svg", fit=False).field
        assert field[256, 256] < 0 < field[256, 100], rule


def raw(content: bytes):
    return lambda path: path.write_bytes(content)


def picture(pixels):
    return lambda path: Image.fromarray(pixels).save(path)


NOT_A_NUMBER = np.where(disc(100, 20.0), np.nan, 1.0).astype(np.float32)
BAD = {
    "blank.png": (picture(np.full((99, 99), 255, np.uint8)), "is blank"),
    "nothing.png": (picture(np.zeros((99, 99, 4), np.uint8)), "is blank"),
    "blank-16.png": (picture(np.full((99, 99), 65535, np.uint16)), "is blank"),
    "blank.tif": (picture(np.ones((99, 99), np.float32)), "is blank"),
    "faint.png": (picture(np.where(disc(99, 30.0), 244, 255).astype(np.uint8)), "is blank"),
    "full.png": (picture(np.zeros((99, 99), np.uint8)), "covered all over"),
    "full-16.png": (picture(np.zeros((99, 99), np.uint16)), "covered all over"),
    "huge.png": (lambda path: Image.new("1", (9000, 8000), 1).save(path), "is 9000 x 8000 px; at most 64 million px are read"),
    "tiny.png": (picture(np.eye(4, dtype=np.uint8) * 255), "at least 8 px a side"),
    "nan.tif": (picture(NOT_A_NUMBER), "not finite"),
    "text.png": (raw(b"no picture at all"), "not a picture"),
    "cut.png": (raw(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\0\0\0\0"), "broken|not a picture"),
    "gone.png": (lambda path: None, "is not there"),
    "folder.png": (lambda path: path.mkdir(), "is a folder"),
    "cut.svg": (raw(b"<svg><path"), "broken SVG"),
    "web.svg": (raw(b"<html/>"), "not an SVG drawing"),
    "bomb.svg": (raw(b'<!DOCTYPE s [<!ENTITY a "b">]><svg>&a;</svg>'), "entities"),
    "words.svg": (raw(b"<svg><text>lotus</text></svg>"), "no shape that can be read"),
    "odd.svg": (raw(b'<svg viewBox="0 0 0 0"><rect width="1" height="1"/></svg>'), "broken SVG"),
    "unmoved.svg": (raw(b'<svg><path d="L1,1h3"/></svg>'), "broken SVG"),
    "white.svg": (raw(b'<svg><rect width="512" height="512"/></svg>'), "covered all over"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_drawing_is_refused_with_option_name_and_reason(name, tmp_path):
    make, reason = BAD[name]
    make(tmp_path / name)
    with pytest.raises(BadInput, match=reason) as caught:
        read_drawing(tmp_path / name, "vary")
    assert caught.value.field == "vary" and name in str(caught.value) and "\n" not in str(caught.value)


def test_a_mask_is_what_is_light_or_painted_at_all(tmp_path):
    half = np.zeros((64, 64), bool)
    half[:, 32:] = True
    wanted = np.zeros((512, 512), bool)
    wanted[:, 256:] = True
    for pixels in (np.where(half, 255, 0).astype(np.uint8), np.where(half, 65535, 0).astype(np.uint16), cut_out(half, 0), cut_out(half, 255)):
        assert (read_mask(saved(tmp_path / "m.png", pixels)) == wanted).all()


@pytest.mark.parametrize(("grey", "covered"), [(0, "nothing"), (60, "nothing"), (255, "everything")])
def test_a_mask_of_nothing_or_everything_is_refused(grey, covered, tmp_path):
    with pytest.raises(BadInput, match=f"covers {covered}") as caught:
        read_mask(saved(tmp_path / "m.png", np.full((64, 64), grey, np.uint8)))
    assert caught.value.field == "mask"
