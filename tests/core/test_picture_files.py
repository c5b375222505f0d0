"""Height pictures of other people: every kind and depth is read as it is meant, every damage is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.picture import fit, quantised, read_height, read_levels, write_height

RAMP = np.tile(np.linspace(0.0, 1.0, 64, dtype=np.float32), (16, 1))


def test_what_is_written_comes_back_to_one_in_65535(tmp_path):
    height = np.random.default_rng(0).random((33, 57)).astype(np.float32)
    height[0, 0], height[0, 1] = 0.0, 1.0
    write_height(tmp_path / "h.png", height)
    read = read_height(tmp_path / "h.png")
    assert read.height.dtype == np.float32 and read.notes == ()
    np.testing.assert_allclose(read.height, height, atol=0.51 / 65535)


def test_heights_beyond_the_limits_are_held_at_them(tmp_path):
    write_height(tmp_path / "h.png", np.tile(np.array([-1.0, 0.5, 2.0, 0.0], np.float32), (8, 4)))
    with Image.open(tmp_path / "h.png") as file:
        assert sorted(np.unique(np.asarray(file))) == [0, 32768, 65535]


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.2, 0.7), (0.5, 0.5)])
def test_a_quantised_height_is_read_back_bit_for_bit_and_written_byte_for_byte(low, high, tmp_path):
    height = low + (high - low) * np.random.default_rng(1).random((33, 57)).astype(np.float32)
    found = quantised(height)
    assert found.dtype == np.float32 and np.abs(found - height).max() <= 0.5001 / 65535
    write_height(tmp_path / "a.png", height)
    again = read_levels(tmp_path / "a.png")
    assert again.dtype == np.float32 and again.tobytes() == found.tobytes() == quantised(found).tobytes()
    write_height(tmp_path / "b.png", again)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_every_level_of_16_bits_is_read_back_as_itself(tmp_path):
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    Image.fromarray(levels).save(tmp_path / "all.png")
    write_height(tmp_path / "again.png", read_levels(tmp_path / "all.png"))
    with Image.open(tmp_path / "again.png") as file:
        np.testing.assert_array_equal(np.asarray(file), levels)


def test_only_a_height_of_this_program_is_taken_as_it_is(tmp_path):
    Image.fromarray((RAMP * 255).astype(np.uint8)).save(tmp_path / "grey.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    for name in ("grey.png", "broken.png", "absent.png"):
        with pytest.raises(BadInput, match="height"):
            read_levels(tmp_path / name)


@pytest.mark.parametrize(
    ("kind", "values"),
    [("png", np.uint16), ("tiff", np.uint16), ("tiff", np.int32), ("tiff", np.float32)],
    ids=["png 16", "tiff 16", "tiff 32", "tiff float"],
)
def test_deep_pictures_keep_their_depth(kind, values, tmp_path):
    top = {np.uint16: 65535, np.int32: 2**31 - 1, np.float32: 3.0e38}[values]
    Image.fromarray((RAMP.astype(np.float64) * top).astype(values)).save(tmp_path / f"h.{kind}")
    read = read_height(tmp_path / f"h.{kind}")
    np.testing.assert_allclose(read.height, RAMP, atol=2e-5)
    assert read.notes == ()


def test_a_float_picture_may_span_all_that_a_float_can(tmp_path):
    Image.fromarray((RAMP * 2.0 - 1.0) * np.float32(3.0e38)).save(tmp_path / "h.tiff")
    np.testing.assert_allclose(read_height(tmp_path / "h.tiff").height, RAMP, atol=1e-6)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "LA", "CMYK"])
def test_pictures_of_eight_bits_are_read_as_they_look_and_noted(mode, tmp_path):
    grey = Image.fromarray((RAMP * 255).astype(np.uint8))
    (grey.convert("RGB") if mode == "CMYK" else grey).convert(mode).save(tmp_path / ("h.tiff" if mode == "CMYK" else "h.png"))
    read = read_height(next(tmp_path.glob("h.*")))
    np.testing.assert_allclose(read.height, RAMP, atol=1.5 / 255)
    assert len(read.notes) == 1 and "8 bits" in read.notes[0]


def test_colours_count_by_luminance_and_transparency_is_the_ground(tmp_path):
    picture = np.zeros((8, 32, 4), np.uint8)
    picture[:, 0:8] = (255, 0, 0, 255)
    picture[:, 8:16] = (0, 255, 0, 255)
    picture[:, 16:24] = (255, 255, 255, 255)
    picture[:, 24:] = (255, 255, 255, 0)
    Image.fromarray(picture).save(tmp_path / "h.png")
    np.testing.assert_allclose(read_height(tmp_path / "h.png").height[0, [0, 8, 16, 24]], [0.2126, 0.7152, 1.0, 0.0], atol=1e-5)


def test_tall_pictures_are_read_whole_though_a_band_at_a_time(tmp_path):
    tall = np.tile(np.linspace(0, 255, 700).astype(np.uint8)[:, None], (1, 9))
    Image.fromarray(tall).save(tmp_path / "h.png")
    np.testing.assert_allclose(read_height(tmp_path / "h.png").height, tall / 255.0, atol=1e-6)


def test_a_photograph_is_turned_as_the_camera_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    Image.fromarray((RAMP * 255).astype(np.uint8)).save(tmp_path / "h.png", exif=exif)
    np.testing.assert_allclose(read_height(tmp_path / "h.png").height, RAMP[:, ::-1], atol=1 / 255)


def test_a_large_picture_is_reduced_and_said(tmp_path):
    Image.fromarray(np.tile(np.linspace(0, 65535, 9000).astype(np.uint16), (9, 1))).save(tmp_path / "h.png")
    read = read_height(tmp_path / "h.png")
    assert read.height.shape == (8, 8192) and "8192 x 8" in read.notes[0]


@pytest.mark.parametrize(
    ("size", "words"), [((1, 1), "8 px"), ((7, 90), "8 px"), ((20_000, 8), "16384"), ((14_000, 14_000), "178 million")], ids=str
)
def test_sizes_beyond_the_limits_are_refused_before_they_are_unpacked(size, words, tmp_path):
    Image.new("1", size).save(tmp_path / "h.png")
    with pytest.raises(BadInput, match=words):
        read_height(tmp_path / "h.png")


def test_what_is_no_height_is_refused_by_name(tmp_path):
    Image.new("L", (9, 9), 3).save(tmp_path / "flat.png")
    Image.fromarray(np.full((9, 9), np.inf, np.float32)).save(tmp_path / "inf.tiff")
    (tmp_path / "words.png").write_text("words")
    (tmp_path / "none.png").touch()
    (tmp_path / "page.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")  # would start another program
    (tmp_path / "scene.exr").touch()
    (tmp_path / "folder").mkdir()
    for name, words in {
        "flat.png": "flat grey", "inf.tiff": "finite", "words.png": "not a picture", "none.png": "not a picture", "page.eps": "not a picture",
        "scene.exr": "OpenEXR", "folder": "folder", "gone.png": "not there",
    }.items():
        with pytest.raises(BadInput, match=words) as refusal:
            read_height(tmp_path / name)
        assert name in str(refusal.value) and refusal.value.field == "height"


def encoded(kind):
    out = io.BytesIO()
    wave = np.random.default_rng(3).integers(0, 255, (24, 40)).astype(np.uint8)
    Image.fromarray(wave).save(out, kind)
    return out.getvalue()


FILES = {kind: encoded(kind) for kind in ("PNG", "TIFF", "JPEG", "BMP", "GIF", "WEBP")}


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(FILES)), cut=st.floats(0.0, 1.0), flips=st.lists(st.tuples(st.floats(0.0, 0.999), st.integers(1, 255)), max_size=4))
def test_a_damaged_file_is_read_or_refused_but_never_a_crash(kind, cut, flips, tmp_path):
    raw = bytearray(FILES[kind][: max(1, int(len(FILES[kind]) * cut))])
    for where, bits in flips:
        raw[int(where * len(raw))] ^= bits
    path = tmp_path / f"h.{kind.lower()}"
    path.write_bytes(bytes(raw))
    try:
        height = read_height(path).height
    except BadInput as error:
        assert path.name in str(error) and "\n" not in str(error)
    else:
        assert np.isfinite(height).all() and height.min() == 0.0 and height.max() == 1.0


def test_a_picture_is_repeated_round_a_ring_and_cropped_elsewhere():
    picture = np.random.default_rng(1).random((20, 40)).astype(np.float32)
    round_it, note = fit(picture, 60.0, 6.0, True)
    assert round_it.shape == (20, 200) and "5 times" in note
    assert (round_it[:, :40] == picture).all() and (round_it[:, 160:] == picture).all()
    square, note = fit(picture, 10.0, 10.0, False)
    assert square.shape == (20, 20) and "sides" in note and (square == picture[:, 10:30]).all()
    flat, note = fit(picture, 40.0, 10.0, False)
    assert flat.shape == (10, 40) and "above and below" in note and (flat == picture[5:15]).all()
    same, note = fit(picture, 20.0, 10.0, False)
    assert same is picture and note == ""
