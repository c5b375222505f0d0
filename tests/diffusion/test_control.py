"""ControlNets: edges of our own, every family that has them, several at once, and no effect of weight 0 to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from steer import drawn, picture, state

from blender_jewelgen.core.diffusion import Control, DiffusionParams
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.diffusion import circular, control, load, regions, tiling, turning
from blender_jewelgen.engines.diffusion.edges import canny

HAVING = ("sd15", "sdxl", "sd3", "flux", "z-image", "qwen-image", "sana")


def net(pipe, family, seed=0):
    """A ControlNet with random weights for this model."""
    import diffusers

    torch.manual_seed(seed)
    core = getattr(pipe, "unet", None) or pipe.transformer
    if family in ("sd15", "sdxl"):
        made = diffusers.ControlNetModel.from_unet(core, conditioning_channels=3)
    elif family == "sd3":
        made = diffusers.SD3ControlNetModel.from_config({**core.config, "num_layers": 1, "extra_conditioning_channels": 0})
    elif family == "flux":
        made = diffusers.FluxControlNetModel.from_config({**core.config, "num_layers": 1, "num_single_layers": 1})
    elif family == "qwen-image":
        made = diffusers.QwenImageControlNetModel.from_config({**core.config, "num_layers": 1, "extra_condition_channels": 0})
    elif family == "z-image":
        made = diffusers.ZImageControlNetModel(control_layers_places=[0], control_refiner_layers_places=[0], control_in_dim=4, dim=32, n_refiner_layers=1, n_heads=2, n_kv_heads=2)
    else:
        made = diffusers.SanaControlNetModel.from_config({**core.config, "num_layers": 1})
    with torch.no_grad():
        for weights in made.parameters():  # the doors that are taught open from zero
            if weights.abs().max() == 0 or not torch.isfinite(weights).all():
                weights.normal_(std=0.05)
    return made.eval()


@pytest.fixture
def made(loaded, tmp_path):
    """Give a family, get its pipeline, the folder of a ControlNet, a picture's path."""

    def of(family, seed=0):
        pipe = loaded(family).pipe
        if family == "sana":  # adds what its ControlNet says from the second block on
            torch.manual_seed(9)
            pipe = load.recast(pipe, type(pipe), transformer=type(pipe.transformer).from_config({**pipe.transformer.config, "num_layers": 2}).eval())
        folder = tmp_path / f"{family}-{seed}"
        net(pipe, family, seed).save_pretrained(folder)
        return pipe, str(folder), str(picture(tmp_path / "picture.png"))

    return of


@pytest.mark.parametrize("family", HAVING)
def test_the_picture_is_kept_to_by_its_weight_and_the_model_stays_as_it_was(made, family):
    pipe, folder, path = made(family)
    before, bare = state(pipe), drawn(pipe)
    pictures = {}
    for weight in (1e-6, 0.1, 1.0):
        guided, call = control.guided(pipe, [Control(kind="tile", path=path, model=folder, weight=weight)], (64, 64))
        pictures[weight] = drawn(guided, **call)
    effect = {weight: np.abs(found - pictures[1e-6]).mean() for weight, found in pictures.items()}
    assert 0 < effect[0.1] < effect[1.0]
    np.testing.assert_array_equal(drawn(pipe), bare)
    assert state(pipe) == before
    guided, call = control.guided(pipe, [Control(path=path, model="not-there", weight=0.0)], (64, 64))
    assert guided is pipe and call == {}


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_almost_no_weight_is_the_picture_without(made, family):
    pipe, folder, path = made(family)
    guided, call = control.guided(pipe, [Control(kind="canny", path=path, model=folder, weight=1e-6)], (64, 64))
    np.testing.assert_allclose(drawn(guided, **call), drawn(pipe), atol=1e-3)


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux"])
def test_several_pictures_at_once_each_with_its_weight(made, family):
    pipe, one, path = made(family, 1)
    _, two, _ = made(family, 2)
    both = [Control(kind="tile", path=path, model=one, weight=0.8), Control(kind="depth", path=path, model=two, weight=0.4)]
    guided, call = control.guided(pipe, both, (64, 64))
    assert call["controlnet_conditioning_scale"] == [0.8, 0.4]
    pictures = [drawn(guided, **call)]
    for part in both:
        guided, call = control.guided(pipe, [part], (64, 64))
        pictures.append(drawn(guided, **call))
    assert all(np.abs(pictures[a] - pictures[b]).max() > 1e-4 for a, b in ((0, 1), (0, 2), (1, 2)))


@pytest.mark.parametrize("family", HAVING)
def test_the_seam_stays_closed_under_a_controlnet(made, family):
    pipe, folder, path = made(family)
    guided, call = control.guided(pipe, [Control(kind="tile", path=path, model=folder, weight=1.0)], (64, 64))
    bare = drawn(guided, **call)
    with tiling.tiled(guided, "both"):
        assert np.isfinite(drawn(guided, **call)).all()
    np.testing.assert_array_equal(drawn(guided, **call), bare)


def placeless(model, patch):
    """The model no longer knows where a token lies, so that it cannot tell a turned picture from a straight one."""
    if hasattr(model, "rope_embedder"):
        own = model.rope_embedder
        patch.setattr(model, "rope_embedder", lambda ids: own(ids * 0))
    elif type(model).__name__.startswith("SD3"):
        patch.setitem(model.pos_embed._buffers, "pos_embed", torch.zeros_like(model.pos_embed.pos_embed))  # setattr would take the buffer away for good
    elif type(model).__name__.startswith("Qwen"):
        own = model.pos_embed.forward
        patch.setattr(model.pos_embed, "forward", lambda *args, **more: tuple(torch.ones_like(one) for one in own(*args, **more)))
    elif hasattr(model, "pos_embed"):
        own = model.pos_embed.forward
        patch.setattr(model.pos_embed, "forward", lambda ids: own(ids * 0))


@pytest.mark.parametrize("family", ["sd3", "flux", "z-image", "qwen-image", "sana"])
def test_a_model_and_its_controlnet_are_turned_alike(made, family, monkeypatch):
    """What knows no places must draw the same straight and turned; one token out of step would show."""
    pipe, folder, path = made(family)
    placeless(pipe.transformer, monkeypatch)
    guided, call = control.guided(pipe, [Control(kind="tile", path=path, model=folder, weight=1.0)], (64, 64))
    if family != "z-image":  # whose ControlNet has the model's own parts
        placeless(guided.controlnet, monkeypatch)
    with circular.circular(guided.transformer, True, True), circular.circular(guided.controlnet, True, True):
        straight = drawn(guided, **call)
        turn = turning.Turn(True, True, margin=0)
        with turning.turning(guided.transformer, turn), turning.turning(guided.controlnet, turn):
            turned = drawn(guided, **call)
        one = turning.Turn(True, True, margin=0)
        with turning.turning(guided.transformer, one):
            apart = drawn(guided, **call)
    assert len(turn._steps) == 2
    np.testing.assert_allclose(turned, straight, atol=2e-3)
    assert np.abs(apart - straight).max() > 0.01


@pytest.mark.parametrize("family", ["sd15", "sdxl", "flux"])
@pytest.mark.parametrize("box", ["", "0.25,0.25,0.5,0.5"])
def test_it_goes_with_a_picture_to_start_from(made, family, box):
    pipe, folder, path = made(family)
    starting, call = regions.started(pipe, DiffusionParams(start=path, box=box, strength=0.9), (64, 64))
    guided, more = control.guided(starting, [Control(kind="canny", path=path, model=folder, weight=1.0)], (64, 64))
    assert "control_image" in more and "image" in call and ("mask_image" in call) == bool(box)
    assert not np.array_equal(drawn(guided, **call, **more), drawn(starting, **call))


def test_families_without_are_refused_and_so_are_nets_that_do_not_fit(made, loaded, models, tmp_path):
    pipe, folder, path = made("sdxl")
    keep = Control(kind="tile", path=path, model=folder, weight=1.0)
    with pytest.raises(BadInput, match="Stable Diffusion XL does") as told:
        control.guided(loaded("flux2-klein").pipe, [keep], (64, 64))
    assert told.value.field == "controls"
    for family, text in (("sd15", "does not fit"), ("flux", "is a ControlNetModel; this model takes a FluxControlNetModel")):
        with pytest.raises(BadInput, match=text):
            control.guided(loaded(family).pipe, [keep], (64, 64))
    with pytest.raises(BadInput, match="name its weights"):
        control.guided(pipe, [Control(path=path, weight=1.0)], (64, 64))
    with pytest.raises(BadInput, match="is no ControlNet"):
        control.guided(pipe, [Control(path=path, model=str(models("sd15")), weight=1.0)], (64, 64))
    one = [keep, Control(kind="tile", path=path, model=folder, weight=0.5)]
    with pytest.raises(BadInput, match="one picture at once; 2 were given"):
        control.guided(loaded("z-image").pipe, one, (64, 64))
    starting, _ = regions.started(loaded("sd3").pipe, DiffusionParams(start=path), (64, 64))
    with pytest.raises(BadInput, match="with a picture to start from"):
        control.guided(starting, [keep], (64, 64))
    with pytest.raises(BadInput, match=r"gone\.png"):
        control.guided(pipe, [Control(kind="tile", path=str(tmp_path / "gone.png"), model=folder, weight=1.0)], (64, 64))


def test_a_net_in_one_file_is_read_with_the_settings_beside_it(made):
    pipe, folder, path = made("sd15")
    whole, call = control.guided(pipe, [Control(kind="tile", path=path, model=folder, weight=1.0)], (64, 64))
    file = next(iter(Path(folder).glob("*.safetensors")))
    single, _ = control.guided(pipe, [Control(kind="tile", path=path, model=str(file), weight=1.0)], (64, 64))
    np.testing.assert_array_equal(drawn(single, **call), drawn(whole, **call))
    with pytest.raises(BadInput, match="this model takes a"):
        control._place(str(file), "FluxControlNetModel")


def test_the_hints_are_what_controlnets_are_taught_with(tmp_path):
    path = str(picture(tmp_path / "a.png", width=96, height=64))
    lines = control.hint(Control(kind="canny", path=path), (96, 64))
    assert set(np.unique(lines)) == {0, 255} and 0.01 < (lines > 0).mean() < 0.2
    assert np.array_equal(control.hint(Control(kind="tile", path=path), (96, 64)), np.asarray(Image.open(path)))
    deep = (np.linspace(20000, 40000, 64 * 64).reshape(64, 64)).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    depth = control.hint(Control(kind="depth", path=str(tmp_path / "deep.png")), (64, 64))
    assert depth.min() == 0 and depth.max() == 255 and (depth[..., 0] == depth[..., 2]).all()
    Image.new("L", (64, 64), 9).save(tmp_path / "flat.png")
    for kind, text in (("canny", "no lines"), ("depth", "is flat")):
        with pytest.raises(BadInput, match=text):
            control.hint(Control(kind=kind, path=str(tmp_path / "flat.png")), (64, 64))


def test_a_disc_has_one_closed_line_of_one_pixel_where_its_edge_is():
    rows, columns = np.mgrid[:80, :80] - 39.5
    lines = canny((np.hypot(rows, columns) < 25.0).astype(np.float32))
    radius = np.hypot(rows, columns)[lines]
    assert radius.min() > 24.0 and radius.max() < 26.5
    assert lines.sum() == pytest.approx(2 * np.pi * 25, rel=0.15)
    angles = np.sort(np.arctan2(rows[lines], columns[lines]))
    assert np.diff(angles).max() < 0.1  # rad: no gap


def test_lines_run_on_over_sides_that_join_and_shift_with_the_picture():
    rng = np.random.default_rng(0)
    spectrum = np.fft.fft2(rng.random((64, 96)))
    down, across = np.fft.fftfreq(64)[:, None] * 64, np.fft.fftfreq(96) * 96
    grey = np.fft.ifft2(spectrum * np.exp(-(down**2 + across**2) / 60)).real
    grey = ((grey - grey.min()) / np.ptp(grey)).astype(np.float32)
    lines = canny(grey > 0.5, x=True, y=True)
    np.testing.assert_array_equal(np.roll(lines, (20, 30), (0, 1)), canny(np.roll(grey, (20, 30), (0, 1)) > 0.5, x=True, y=True))


def test_weak_lines_stay_only_where_they_lead_on_from_strong_ones():
    step = np.zeros((32, 64), np.float32)
    step[:, 20:] = np.linspace(0.15, 0.5, 32)[:, None]
    step[:, 45:] += 0.15
    lines = canny(step)
    assert lines[:, 18:22].any(1).mean() > 0.9  # strong below, followed upward
    assert not lines[:, 43:48].any()  # 0.15 of a step all along is nowhere strong


def test_our_edges_agree_with_those_of_scikit_image():
    feature = pytest.importorskip("skimage.feature")
    rows, columns = np.mgrid[:96, :96]
    grey = (0.5 + 0.25 * np.sin(rows / 7.0) * np.cos(columns / 9.0) + 0.25 * (np.hypot(rows - 40, columns - 50) < 22)).astype(np.float32)
    ours = canny(grey, sigma=1.4)
    sobel = 8.0 / (np.sqrt(2 * np.pi) * 1.4)  # they take the slope with weights that add up to 8, we as a share of a clean step
    theirs = feature.canny(grey, sigma=1.4, low_threshold=0.1 * sobel, high_threshold=0.2 * sobel)
    from blender_jewelgen.core.height.distance import distance

    inner = (slice(6, -6), slice(6, -6))
    for one, two in ((ours, theirs), (theirs, ours)):
        near = distance(~two, 3.0)[inner][one[inner]] <= 1.5
        assert near.mean() > 0.9
