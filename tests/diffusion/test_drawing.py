"""What surrounds the steps: precision that fails, memory that ends, heights, seams, the other ways a picture is steered, and the kept model."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from blender_jewelgen.core.diffusion import DiffusionParams, Lora
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.pattern.strip import Strip, disc
from blender_jewelgen.core.stages import Order
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines import diffusers_picture
from blender_jewelgen.engines.diffusion import drawing, heights, kept, load
from blender_jewelgen.engines.diffusion.drawing import drawn
from blender_jewelgen.engines.weights import resolve as weights
from blender_jewelgen.engines.weights.device import Memory, plan

CPU = Memory(device="cpu", main_gb=8.0, free_gb=8.0)
BAND = Strip(length=24.0, width=6.0, columns=192, rows=48)


def order(surface=BAND, show=None, seed=1, **params):
    given = {"prompt": "lotus scroll", "steps": 2, "pixels": 128} | params
    return Order("diffusers:tiny", Design(motifs=(Motif(name="lotus"),)), surface, seed, DiffusionParams(**given), show)


def quiet(share, text):
    pass


@pytest.fixture
def own(models):
    """A freshly read model that a test may spoil."""

    def read(family, **changes):
        found = weights.judge(models(family))
        return load._read(found, load.family_of(family), replace(plan(found, CPU), **changes), kept.Reading())

    return read


def spoilt(module, when):
    """Make a denoiser give NaN while ``when`` of its precision holds."""
    forward = module.forward

    def broken(*args, **named):
        found = forward(*args, **named)
        one = found[0] if isinstance(found, tuple) else found.sample
        if when(module.dtype):
            one.mul_(float("nan"))
        return found

    module.forward = broken


@pytest.mark.parametrize(("family", "part"), [("sd15", "unet"), ("z-image", "transformer")])
def test_pictures_of_nan_are_drawn_again_in_float32_and_said(own, loaded, family, part):
    model = own(family, dtype="bfloat16")
    if family == "z-image":  # its pipeline keeps the model's numbers in a list
        plain = model.pipe.vae.decode

        def decode(latents, **named):
            return tuple(v * float("nan") for v in plain(latents, **named)) if model.pipe.vae.dtype == torch.bfloat16 else plain(latents, **named)

        model.pipe.vae.decode = decode
    else:
        spoilt(getattr(model.pipe, part), lambda dtype: dtype == torch.bfloat16)
    shown = []
    answer = drawn(order(show=shown.append), model, quiet)
    assert "this device makes NaN of bfloat16; it was drawn again in float32" in answer.notes
    assert answer.credit["precision"] == "float32" and model.plan.dtype == "float32"
    assert np.isfinite(answer.picture).all() and np.ptp(answer.picture) > 0.1
    again = drawn(order(), model, quiet)
    assert not any("NaN" in note for note in again.notes)  # the model stays in float32
    np.testing.assert_array_equal(again.colours, answer.colours)


def test_nan_in_float32_is_a_damaged_model(own):
    model = own("sd15")
    spoilt(model.pipe.unet, lambda dtype: True)
    with pytest.raises(BadInput, match="not finite") as told:
        drawn(order(), model, quiet)
    assert told.value.field == "model"


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("MPS backend out of memory (MPS allocated: 5 GB)"), MemoryError()])
def test_too_little_memory_offers_the_size_that_fits(own, error):
    model = own("sd15")

    def full(*_, **__):
        raise error

    model.pipe.unet.forward = full
    kept.KEPT.key, kept.KEPT.value = "this", model
    with pytest.raises(BadInput, match="ran out of memory at 512 x 256 px") as told:
        drawn(order(pixels=512), model, quiet)
    assert told.value.field == "memory" and told.value.fix.option == "--draw-pixels 320"
    assert kept.KEPT.value is None  # what did not fit is not kept


def test_a_card_that_fails_is_not_taken_for_a_model_that_does(own):
    model = own("sd15")

    def broken(*_, **__):
        raise RuntimeError("CUDA error: device-side assert triggered\nCompile with TORCH_USE_CUDA_DSA")

    model.pipe.unet.forward = broken
    with pytest.raises(BadInput, match="graphics card cannot be used: CUDA error: device-side assert triggered") as told:
        drawn(order(), model, quiet)
    assert told.value.field == "runtime"


def test_sanas_decoder_out_of_memory_is_heard_although_its_pipeline_swallows_it(own):
    model = own("sana")

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    model.pipe.vae.decode = full
    with pytest.raises(BadInput, match="ran out of memory"):
        drawn(order(), model, quiet)


@pytest.mark.parametrize(("family", "part", "other"), [("sd15", "unet", "sdxl"), ("sdxl", "unet", "sd15"), ("flux", "transformer", "flux2-klein")])
def test_parts_of_two_models_are_refused(models, tmp_path, family, part, other):
    home = shutil.copytree(models(family), tmp_path / "mine")
    found = weights.judge(home)
    shutil.rmtree(home / part)
    shutil.copytree(models(other) / part, home / part)
    with pytest.raises(BadInput) as told:
        load.load(found, plan(found, CPU))
    assert told.value.field == "model" and "\n" not in str(told.value)


def test_a_shape_that_only_shows_in_the_middle_of_a_step_is_told_in_one_sentence(own):
    model = own("flux")
    model.pipe.transformer.context_embedder = torch.nn.Linear(48, 32)
    with pytest.raises(BadInput, match="do not fit each other") as told:
        drawn(order(), model, quiet)
    assert told.value.field == "model" and "\n" not in str(told.value)


def test_other_faults_of_a_library_are_not_dressed_up(own):
    model = own("sd15")

    def odd(*_, **__):
        raise RuntimeError("something else")

    model.pipe.unet.forward = odd
    with pytest.raises(RuntimeError, match="something else"):
        drawn(order(), model, quiet)


def test_a_band_joins_itself_and_says_how_well(loaded):
    answer = drawn(order(), loaded("sd15"), quiet)
    assert answer.credit["tiles"] == "2 x 1" and float(answer.credit["seam_x"]) < 2.0
    np.testing.assert_array_equal(answer.picture[:, :96], answer.picture[:, 96:])
    inside = np.sqrt((np.diff(answer.picture, axis=1) ** 2).mean())
    across = np.sqrt(((answer.picture[:, 0] - answer.picture[:, -1]) ** 2).mean())
    assert across < 2.0 * inside
    alone = drawn(order(tiling="none"), loaded("sd15"), quiet)
    assert "seam_x" not in alone.credit and not np.array_equal(alone.colours, answer.colours)


def test_what_is_to_be_avoided_changes_the_picture_or_is_said_to_be_in_vain(loaded):
    sd15, flux = loaded("sd15"), loaded("flux")
    one, two = (drawn(order(negative=words), sd15, quiet) for words in ("", "dragon"))
    assert not np.array_equal(one.colours, two.colours) and not any("no effect" in note for note in two.notes)
    one, two = (drawn(order(negative=words), flux, quiet) for words in ("", "dragon"))
    assert np.array_equal(one.colours, two.colours) and any("no effect" in note for note in two.notes)
    told = drawn(order(prompt="lotus --no dragon"), sd15, quiet)
    assert np.array_equal(told.colours, drawn(order(prompt="lotus", negative="dragon"), sd15, quiet).colours)


def test_guidance_and_steps_are_the_models_own_unless_asked(loaded):
    answer = drawn(order(steps=None, pixels=64), replace_card(loaded("sd15"), 3, 2.5), quiet)
    assert answer.credit["steps"] == "3" and answer.credit["guidance"] == "2.5"
    answer = drawn(order(steps=4, guidance=0.0, pixels=64), loaded("sd15"), quiet)
    assert answer.credit["steps"] == "4" and answer.credit["guidance"] == "0"


def replace_card(model, steps, guidance):
    card = replace(model.weights.card, steps=steps, guidance=guidance, source="a table")
    return load.Loaded(model.pipe, model.family, replace(model.weights, card=card), model.plan)


def test_a_scheduler_is_used_for_one_order(loaded):
    model = loaded("sd15")
    own_one = type(model.pipe.scheduler).__name__
    answer = drawn(order(scheduler="ddim"), model, quiet)
    assert answer.credit["scheduler"] == "DDIM" and type(model.pipe.scheduler).__name__ == own_one
    with pytest.raises(BadInput, match="scheduler"):
        drawn(order(scheduler="flow-euler"), model, quiet)


@pytest.fixture
def start(tmp_path):
    y, x = np.mgrid[0:64, 0:128] / 64.0
    picture = np.stack([0.5 + 0.5 * np.sin(6.0 * x), 0.5 + 0.5 * np.cos(5.0 * y), 0.5 + 0.0 * x], axis=-1)
    path = tmp_path / "start.png"
    Image.fromarray((picture * 255).astype(np.uint8)).save(path)
    return path


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux", "flux2-klein", "z-image", "qwen-image"])
def test_the_smaller_the_strength_the_more_of_the_start_is_in_the_picture(loaded, start, tmp_path, family):
    other = tmp_path / "other.png"
    Image.fromarray(255 - np.asarray(Image.open(start))).save(other)
    band = Strip(12.0, 6.0, 96, 48)
    apart = []
    for strength in (0.3, 1.0):
        pair = [drawn(order(surface=band, start=str(path), strength=strength, steps=4), loaded(family), quiet).colours.astype(float) for path in (start, other)]
        apart.append(np.abs(pair[0] - pair[1]).mean())
    assert apart[0] > 1.5 * apart[1]


def test_outside_a_box_the_start_stays_to_the_bit(loaded, start):
    begun = np.asarray(Image.open(start))
    answer = drawn(order(surface=Strip(12.0, 6.0, 96, 48), start=str(start), box="0.25,0.25,0.5,0.5", strength=0.9), loaded("sd15"), quiet)
    inside = np.zeros((64, 128), bool)
    inside[16:48, 32:96] = True
    np.testing.assert_array_equal(answer.colours[~inside], begun[~inside])
    assert not np.array_equal(answer.colours[inside], begun[inside])


def test_sana_cannot_start_from_a_picture_and_says_so(loaded, start):
    with pytest.raises(BadInput, match="cannot") as told:
        drawn(order(start=str(start)), loaded("sana"), quiet)
    assert told.value.field == "engine"


def test_drawn_larger_it_keeps_its_seam_and_covers_the_same_surface(loaded):
    plain = drawn(order(), loaded("sd15"), quiet)
    heard = []
    large = drawn(order(upscale=2), loaded("sd15"), lambda share, text: heard.append(share))
    assert large.colours.shape == (128, 256, 3) and plain.colours.shape == (64, 128, 3) and large.picture.shape == plain.picture.shape
    assert heard == sorted(heard) and float(large.credit["seam_x"]) < 3.0


def test_a_cancel_while_words_are_read_or_the_picture_is_drawn_larger(loaded):
    for at in ("reading the words", "step 1", "making it larger", "tile 1", "finding the height"):

        def stop(share, text, at=at):
            if text.startswith(at):
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            drawn(order(upscale=2), loaded("sd15"), stop)
    assert not loaded("sd15").pipe.scheduler.timesteps.isnan().any()


def test_a_height_is_the_luminance_between_its_darkest_and_lightest():
    ramp = np.repeat(np.linspace(0.3, 0.7, 128, dtype=np.float32)[None, :, None], 64, 0).repeat(3, 2)
    height, _ = heights.height_in(ramp, DiffusionParams(), 10.0, False, quiet)
    np.testing.assert_allclose(height, np.tile(np.linspace(0.0, 1.0, 128), (64, 1)), atol=0.01)
    specks = ramp.copy()
    specks[3, 5], specks[9, 7] = 0.0, 1.0
    np.testing.assert_allclose(heights.height_in(specks, DiffusionParams(), 10.0, False, quiet)[0][20:], height[20:], atol=0.01)
    with pytest.raises(BadInput, match="flat"):
        heights.height_in(np.full((64, 64, 3), 0.5, np.float32), DiffusionParams(), 10.0, False, quiet)


def test_a_photograph_is_read_by_the_method_that_is_asked_for(loaded):
    asked = [drawn(order(surface=disc(10.0, 64), manner="picture", method=method), loaded("sd15"), quiet) for method in ("luminance", "shading")]
    np.testing.assert_array_equal(asked[0].colours, asked[1].colours)
    assert not np.allclose(asked[0].picture, asked[1].picture)
    with pytest.raises(BadInput) as told:
        drawn(order(surface=disc(10.0, 64), manner="picture", method="model"), loaded("sd15"), quiet)
    assert told.value.field == "method"


def test_several_orders_in_a_row_leave_the_model_as_it_was(loaded, start):
    model = loaded("sd15")
    first = drawn(order(), model, quiet)
    parts = {name: id(part) for name, part in model.pipe.components.items()}
    for params in ({"start": str(start)}, {"tiling": "both"}, {"scheduler": "euler"}, {"seed": 9}, {"pixels": 64}):
        drawn(order(**params), model, quiet)
    assert {name: id(part) for name, part in model.pipe.components.items()} == parts
    np.testing.assert_array_equal(drawn(order(), model, quiet).colours, first.colours)


def test_lightning_is_laid_on_the_model_it_was_made_for(models, monkeypatch):
    """A LoRA with a companion: the companion draws, the LoRA is worn, steps and credit are the LoRA's."""
    from blender_jewelgen.engines.weights import device

    base = weights.judge(models("sdxl"))
    card = replace(base.card, name="lightning", steps=4, guidance=1.0, scheduler="euler", source="a table")
    lora = replace(base, name="lightning", family="lora", card=card, companions=(base,), path=models("sdxl") / "lightning.safetensors")
    seen = []
    monkeypatch.setattr(weights, "resolve", lambda text, tell=None: lora)
    monkeypatch.setattr(device, "found", lambda *_, **__: CPU)
    monkeypatch.setattr(drawing, "drawn", lambda order, loaded, tell, more, scheduler: seen.append((loaded, more, scheduler)))
    diffusers_picture.draw(order(), quiet)
    made, more, scheduler = seen[0]
    assert made.family == "sdxl" and made.weights is lora and more == (Lora(path=str(lora.path)),) and scheduler == "euler"
    load.free()


@pytest.mark.parametrize(("name", "spacing"), [("sdxl", "leading"), ("sdxl-lightning", "trailing")])
def test_models_of_few_steps_take_the_last_of_every_stretch(loaded, monkeypatch, name, spacing):
    model, called, seen = loaded("sdxl"), drawing._called, []
    named = load.Loaded(model.pipe, "sdxl", replace(model.weights, name=name), model.plan)
    monkeypatch.setattr(drawing, "_called", lambda pipe, given: seen.append(pipe.scheduler.config.timestep_spacing) or called(pipe, given))
    drawn(order(scheduler="euler"), named, quiet)
    assert seen == [spacing] and model.pipe.scheduler.config.timestep_spacing == "leading"


def test_without_torch_the_runtime_is_offered(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BadInput) as told:
        diffusers_picture.draw(order(), quiet)
    assert told.value.field == "runtime" and told.value.fix.option == "jewelgen runtime install" and "torch" in str(told.value)


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux", "flux2-klein", "z-image", "qwen-image", "sana"])
def test_part_by_part_it_draws_the_same(own, loaded, start, family):
    """The hooks that move parts to a card and back, with the processor as the card."""
    model = own(family)
    model.pipe.enable_model_cpu_offload(device="cpu")
    model.plan = replace(model.plan, offload="model")
    shown = []
    for params in ({}, {} if family == "sana" else {"start": str(start)}):
        for _ in range(2):
            one = drawn(order(show=shown.append, **params), model, quiet)
            whole = drawn(order(**params), loaded(family), quiet)
            assert np.abs(one.colours.astype(int) - whole.colours).max() <= 1  # parts that moved are added in another order
    assert shown and model.tints["colours"] is not None
