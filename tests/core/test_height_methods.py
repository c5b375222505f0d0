"""Heights of pictures with known truth: how near each method comes, which one is chosen and why, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from height_truths import fault, grey, likeness, lit, noisy, normals, painted, relief
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.height.crop import cut_out
from blender_jewelgen.core.height.detail import detail_mm
from blender_jewelgen.core.height.filters import blur
from blender_jewelgen.core.height.ink import ink_of
from blender_jewelgen.core.height.looks import choose, looks_of
from blender_jewelgen.core.height.methods import Height, applicable, height_of
from blender_jewelgen.core.height.params import METHODS, HeightParams
from blender_jewelgen.core.height.shading import shaded_height
from blender_jewelgen.core.pattern import motifs

TRUTH = relief(512)
PX = 14.0
VECTORS = normals(TRUTH * PX)


def asked(method: str = "auto", **more) -> HeightParams:
    return HeightParams(method=method, **more)


@pytest.fixture(scope="module")
def large():
    """The relief at 1024 px, 30 px high, with its normals."""
    truth = relief(1024)
    return truth, normals(truth * 30.0)


def test_a_height_style_picture_is_within_half_a_percent(large):
    truth, _ = large
    for method in ("height", "auto"):
        made = height_of(grey(truth), asked(method))
        assert made.method == "height" and fault(made.height, truth) < 0.005


def test_a_blurred_depth_with_noisy_normals_is_within_three_percent(large):
    truth, vectors = large
    depth = blur(truth, 10.0)
    for more, limit in (({}, 0.03), ({"seamless": True}, 0.03)):
        made = height_of(grey(depth), asked("depth", **more), normals=noisy(vectors, 7.5))
        assert fault(made.height, truth) < limit and likeness(made.height, truth) > 0.98
    eight = height_of(grey(depth), asked("depth"), normals=painted(noisy(vectors, 7.5)))
    assert fault(eight.height, truth) < 0.03


def test_normals_alone_are_near_and_their_depth_is_known():
    made = height_of(painted(VECTORS), asked("normals", width=20.0))
    assert fault(made.height, TRUTH) < 0.005
    assert made.facts["natural_depth_mm"] == pytest.approx(PX * 20.0 / 512, rel=0.03)


def test_shading_under_a_known_light_is_far_nearer_than_brightness():
    picture = lit(VECTORS, 135.0, 30.0)
    shaded = height_of(picture, asked("shading", azimuth=135.0, elevation=30.0))
    bright = height_of(picture, asked("luminance"))
    assert fault(shaded.height, TRUTH) < 0.20 and likeness(shaded.height, TRUTH) > 0.85
    assert abs(likeness(bright.height, TRUTH)) < 0.2 and fault(bright.height, TRUTH) > 0.27
    assert "not its height" in bright.notes[0]
    elsewhere = height_of(picture, asked("shading", azimuth=-45.0, elevation=30.0))
    assert likeness(elsewhere.height, TRUTH) < -0.6  # light from the other side turns it inside out


def test_a_gentle_slope_is_recovered_in_its_own_scale():
    y, x = np.mgrid[:256, :256]
    bump = 6.0 * np.exp(-((x - 128.0) ** 2 + (y - 128.0) ** 2) / (2.0 * 25.0**2))
    height, facts = shaded_height(lit(normals(bump), 20.0, 35.0)[..., 0], 20.0, 35.0)
    assert np.ptp(height) == pytest.approx(6.0, rel=0.35) and facts["shading_explained"] > 0.95


def test_what_comes_out_fills_the_range_and_says_how_it_was_made():
    told = []
    made = height_of(grey(TRUTH), tell=lambda share, text: told.append(share))
    assert isinstance(made, Height) and made.height.dtype == np.float32 and (made.height.min(), made.height.max()) == (0.0, 1.0)
    assert made.facts["why"] and made.facts["columns"] == 512
    assert told == sorted(told) and told[-1] == 1.0


def test_it_stops_when_it_is_told_to():
    def stop(share: float, text: str) -> None:
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        height_of(grey(TRUTH), tell=stop)


def alpha(name: str) -> np.ndarray:
    shape = motifs.coverage(name, 256)
    return np.concatenate([grey(np.full(shape.shape, 0.3)), shape[..., None]], axis=-1)


def rings(side: int = 300) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - side / 2
    r = np.hypot(x, y)
    return (np.abs(r - 0.4 * side) < 2) | (np.abs(r - 0.15 * side) < 2)


def strokes(side: int = 300) -> np.ndarray:
    y, x = np.mgrid[:side, :side]
    return (np.abs(y - side / 2 - 40 * np.sin(x / 30.0)) < 2) & (x > 30) & (x < side - 30)


COLOUR = np.array([1.0, 0.8, 0.5], np.float32)


@pytest.mark.parametrize(
    ("picture", "more", "method", "word"),
    [
        (grey(TRUTH), {"deep": True}, "height", "16 bits"),
        (grey(TRUTH), {}, "height", "ground at one end"),
        (painted(VECTORS), {}, "normals", "unit vectors"),
        (painted(noisy(VECTORS, 7.5)), {}, "normals", "unit vectors"),
        (grey(1.0 - rings()), {}, "drawing", "enclose"),
        (grey(rings()), {}, "drawing", "enclose"),
        (grey(1.0 - strokes()), {}, "line", "two tones"),
        (alpha("lotus"), {}, "line", "two tones"),
        (lit(VECTORS, 135.0, 45.0), {}, "luminance", "photograph"),
        (lit(VECTORS, 135.0, 45.0), {"light": True}, "shading", "light is known"),
        (lit(VECTORS, 135.0, 45.0) * COLOUR, {}, "shading", "colours"),
    ],
)
def test_auto_sees_what_a_picture_is_and_says_why(picture, more, method, word):
    looks = looks_of(picture, more.get("deep", False))
    chosen, why = choose(looks, more.get("light", False))
    assert chosen == method and word in why
    assert method in applicable(looks)


def test_auto_follows_what_is_given_beside_the_picture():
    assert height_of(grey(blur(TRUTH, 5.0)), normals=VECTORS).method == "depth"
    assert height_of(lit(VECTORS, 135.0, 45.0) * COLOUR, normals=VECTORS).method == "normals"
    photo = lit(VECTORS, 135.0, 45.0) * COLOUR
    made = height_of(photo, depth=blur(TRUTH, 5.0), normals=VECTORS)
    assert made.method == "depth" and fault(made.height, TRUTH) < 0.01


def test_a_model_is_missed_in_one_sentence_and_its_answer_is_used_where_it_comes():
    with pytest.raises(BadInput, match="no depth model is installed") as refusal:
        height_of(grey(TRUTH), asked("model"))
    assert refusal.value.field == "method" and refusal.value.fix is not None
    assert height_of(lit(VECTORS, 90.0, 40.0), asked("model"), depth=TRUTH, normals=VECTORS).method == "depth"


@pytest.mark.parametrize("method", ["normals", "shading", "drawing", "height"])
def test_a_seamless_height_has_no_step_at_its_seam(method):
    turned = np.roll(TRUTH, 40, axis=1)[:, :470]  # cut anywhere
    picture = {"normals": painted(normals(turned * PX)), "shading": lit(normals(turned * PX), 135.0, 40.0), "drawing": grey(turned < 0.3), "height": grey(turned)}[method]
    found = height_of(picture, asked(method, seamless=True)).height
    assert found.shape == turned.shape
    assert np.abs(found[:, 0] - found[:, -1]).max() <= 1.05 * np.abs(np.diff(found, axis=1)).max()


def test_a_seamless_pattern_comes_out_the_same_wherever_it_is_cut():
    whole = height_of(painted(noisy(VECTORS, 5.0)), asked("normals", seamless=True)).height
    cut = height_of(painted(np.roll(noisy(VECTORS, 5.0), 100, axis=1)), asked("normals", seamless=True)).height
    np.testing.assert_allclose(np.roll(whole, 100, axis=1), cut, atol=2e-3)


def test_a_deep_thing_is_pressed_into_a_shallow_relief_with_its_detail():
    y, x = np.mgrid[:384, :384]
    dome = 120.0 * np.sqrt(np.clip(1.0 - ((x - 192) ** 2 + (y - 192) ** 2) / 250.0**2, 0.0, 1.0))
    truth = dome + 1.0 * np.sin(x / 3.0)
    picture = (0.5 * normals(truth) + 0.5).astype(np.float32)
    plain = height_of(picture, asked("normals", width=20.0))
    low = height_of(picture, asked("normals", width=20.0, relief_depth=0.6))
    assert plain.facts["natural_depth_mm"] > 3.0 and low.facts["flattened"] > 0.3

    def detail(height: np.ndarray) -> float:
        return float((height - blur(height, 4.0))[20:-20, 20:-20].std())

    assert detail(low.height) > 2.5 * detail(plain.height)


def test_ridges_too_fine_to_make_are_lowered():
    fine = relief(512, repeats=12)
    coarse = height_of(grey(fine), asked("height", width=20.0, feature=0.5)).height
    before, after = detail_mm(fine, 20.0 / 512, False), detail_mm(coarse, 20.0 / 512, False)
    assert min(after) > 1.25 * min(before)


def test_dark_can_be_high():
    np.testing.assert_allclose(height_of(grey(TRUTH), asked("height", invert=True)).height, 1.0 - height_of(grey(TRUTH), asked("height")).height, atol=1e-6)


def medal(ground: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A gold disc off the middle of a (240, 320) ground, and where it is."""
    y, x = np.mgrid[:240, :320]
    disc = np.hypot(x - 130, y - 110) < 70
    gold = lit(normals(20.0 * np.exp(-((x - 130.0) ** 2 + (y - 110.0) ** 2) / 900.0)), 135.0, 45.0) * COLOUR
    return np.where(disc[..., None], gold, ground).astype(np.float32), disc


@pytest.mark.parametrize("kind", ["plain", "running", "grained"])
def test_a_plain_ground_is_removed_and_the_thing_centred(kind):
    y, x = np.mgrid[:240, :320]
    ground = np.full((240, 320, 3), 0.8)
    ground = ground - {"plain": 0.0, "running": (0.3 * x / 320 + 0.1 * (y / 240) ** 2)[..., None], "grained": np.random.default_rng(0).normal(0.0, 0.02, ground.shape)}[kind]
    picture, disc = medal(ground)
    cut = cut_out(picture)
    assert cut.coverage is not None and "removed" in cut.note
    assert ((cut.coverage > 0.5) == disc).mean() > 0.99
    kept = disc[cut.rows, cut.columns]
    assert kept.sum() == disc.sum()
    across, down = np.flatnonzero(kept.any(axis=0)), np.flatnonzero(kept.any(axis=1))
    assert abs(across[0] - (kept.shape[1] - 1 - across[-1])) <= 2 and abs(down[0] - (kept.shape[0] - 1 - down[-1])) <= 2
    made = height_of(picture, asked("shading"))
    assert made.height.shape == kept.shape and (made.height[:3, :3] == 0.0).all()
    whole = height_of(picture, asked("shading", crop=False))
    assert whole.height.shape == (240, 320)


def test_no_plain_ground_leaves_the_picture_whole_and_says_so():
    y, x = np.mgrid[:240, :320]
    checks = np.repeat((((x // 40 + y // 40) % 2) * 0.8 + 0.1)[..., None], 3, axis=-1)
    cut = cut_out(checks.astype(np.float32))
    assert cut.coverage is None and "kept whole" in cut.note
    picture, _ = medal(checks)
    assert height_of(picture, asked("luminance")).height.shape == (240, 320)


def test_transparency_is_the_ground():
    picture = alpha("lotus")
    cut = cut_out(picture)
    assert cut.coverage is not None and cut.coverage.shape == (256, 256) and "transparent" in cut.note


def test_a_scan_of_a_drawing_is_read_as_the_drawing():
    clean = rings()
    rng = np.random.default_rng(7)
    shadow = np.linspace(0.55, 0.95, 300)[None] * np.linspace(1.0, 0.8, 300)[:, None]
    scan = blur((1.0 - 0.75 * clean) * shadow, 0.7) + rng.normal(0.0, 0.012, clean.shape)
    ink = ink_of(grey(scan))
    assert not ink.light and ((ink.coverage > 0.5) == clean).mean() > 0.985
    away = blur(clean.astype(np.float32), 4.0) < 0.01
    assert float(ink.coverage[away].max()) < 0.15 and float(ink.coverage[away].mean()) < 1e-4  # no grain, no shadow
    assert ink_of(grey(1.0 - scan)).light


BLANKS = {
    "white": (grey(np.ones((40, 50))), "flat"),
    "black": (grey(np.zeros((40, 50))), "flat"),
    "clear": (np.zeros((40, 50, 4), np.float32), "transparent everywhere"),
    "one px": (grey(np.ones((1, 1))), "8 px"),
    "narrow": (np.zeros((7, 400, 3), np.float32), "8 px"),
    "huge": (np.broadcast_to(np.float32(0.5), (8, 16385, 3)), "16384"),
    "not finite": (np.full((40, 50, 3), np.nan, np.float32), "finite"),
    "five colours": (np.zeros((40, 50, 5), np.float32), "colours"),
}


@pytest.mark.parametrize("name", BLANKS)
def test_what_holds_no_relief_is_refused_in_one_sentence(name):
    picture, word = BLANKS[name]
    for method in ("auto", "height"):
        with pytest.raises(BadInput, match=word) as refusal:
            height_of(picture, asked(method))
        assert refusal.value.field and "\n" not in str(refusal.value)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("auto", "model")])
def test_every_method_refuses_a_blank_picture(method):
    for level in (0.0, 0.5, 1.0):
        with pytest.raises(BadInput):
            height_of(grey(np.full((64, 64), level)), asked(method))


def test_a_light_at_the_zenith_is_refused_with_its_limits():
    with pytest.raises(BadInput, match="between 5 and 85 degrees") as refusal:
        height_of(lit(VECTORS, 0.0, 90.0), asked("shading", elevation=90.0))
    assert refusal.value.field == "elevation"


def test_maps_of_other_proportions_are_refused_and_of_other_sizes_fitted():
    for field, beside in (("depth", {"depth": np.zeros((64, 200))}), ("normals", {"normals": VECTORS[:100]})):
        with pytest.raises(BadInput, match="proportions") as refusal:
            height_of(grey(TRUTH), asked("depth"), **beside)
        assert refusal.value.field == field
    made = height_of(grey(blur(TRUTH, 6.0)), asked("depth"), normals=normals(relief(384) * PX * 384 / 512))
    assert fault(made.height, TRUTH) < 0.03


def test_depths_and_normals_of_different_things_are_told():
    made = height_of(grey(np.random.default_rng(0).random(TRUTH.shape)), asked("depth"), normals=VECTORS)
    assert any("little in common" in note for note in made.notes)


def test_a_picture_of_many_pixels_is_reduced_and_said(monkeypatch):
    from blender_jewelgen.core.height import methods

    monkeypatch.setattr(methods, "AREA", 10_000)
    made = height_of(grey(TRUTH), asked("height"))
    assert made.height.shape == (100, 100) and "100 x 100" in made.notes[0]


@settings(max_examples=120, deadline=None)
@given(
    arrays(np.float32, st.tuples(st.integers(8, 40), st.integers(8, 40), st.sampled_from([3, 4])), elements=st.sampled_from([0.0, 0.125, 0.5, 0.875, 1.0])),
    st.sampled_from([name for name in METHODS if name != "model"]), st.booleans(), st.booleans(), st.sampled_from([0.0, 0.3]), st.sampled_from([0.0, 1.0]),
    st.sampled_from([None, 0.1]),
)  # fmt: skip
def test_any_picture_gives_a_height_or_a_sentence(picture, method, seamless, crop, denoise, flatten, depth):
    params = HeightParams(method=method, seamless=seamless, crop=crop, denoise=denoise, flatten=flatten, feature=denoise, relief_depth=depth)
    try:
        made = height_of(picture, params)
    except BadInput as refusal:
        assert refusal.field and len(str(refusal)) < 300
        return
    assert made.height.dtype == np.float32 and np.isfinite(made.height).all() and made.height.min() >= 0.0 and made.height.max() <= 1.0
    assert made.height.ndim == 2 and min(made.height.shape) >= 1


def test_parameters_refuse_what_is_beyond_their_limits():
    for more in ({"method": "guess"}, {"width": 0.0}, {"elevation": 2.0}, {"denoise": 2.0}, {"crop": "yes"}):
        with pytest.raises(BadInput):
            HeightParams(**more)
    assert not HeightParams().light_known and replace(HeightParams(), azimuth=10.0).light == (10.0, 45.0)
