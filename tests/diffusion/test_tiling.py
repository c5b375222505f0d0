"""Sides that run on into each other: the seam is no larger than the inside with every kind of model, and all is put back after."""

from __future__ import annotations

import inspect
import sys
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from steer import ALL, drawn, state

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.diffusion import circular, tiling, turning

SIDE, SEEDS = 128, 4


def smooth_noise(shape, generator=None, device=None, dtype=None, layout=None):
    """Noise that runs on over both sides and has no fine grain, so that a seam has nothing to hide in."""
    spectrum = torch.fft.fft2(torch.randn(tuple(shape), generator=generator))
    down, across = (torch.fft.fftfreq(size) * size for size in shape[-2:])
    noise = torch.fft.ifft2(spectrum * torch.exp(-(down[:, None] ** 2 + across**2) / 4.0)).real
    return (noise / noise.std()).to(dtype)


@contextmanager
def leaning(pipe, gain=4.0):
    """A transformer says more the farther right and down a token lies in what it is shown, as if it knew its borders."""
    if getattr(pipe, "transformer", None) is None:
        yield
        return
    model = pipe.transformer
    inner, names = model.forward, list(inspect.signature(type(model).forward).parameters)[1:]

    def lean(high, wide):
        return torch.linspace(-gain, gain, high)[:, None] + torch.linspace(-gain, gain, wide)

    def forward(*args, **more):
        call = dict(zip(names, args)) | more
        answer = inner(**call)
        sample = answer[0] if isinstance(answer, tuple) else answer.sample
        if isinstance(sample, list):
            sample = [one + lean(*one.shape[-2:]) for one in sample]
        elif sample.ndim == 4:
            sample = sample + lean(*sample.shape[-2:])
        elif call.get("img_shapes"):
            sample = sample + lean(*call["img_shapes"][0][0][1:]).reshape(-1, 1)
        else:
            ids = call["img_ids"][0] if call["img_ids"].ndim == 3 else call["img_ids"]
            sample = sample + lean(*(int(ids[:, axis].max()) + 1 for axis in (1, 2))).reshape(-1, 1)
        return (sample,) if isinstance(answer, tuple) else type(answer)(sample=sample)

    model.__dict__["forward"] = forward
    try:
        yield
    finally:
        del model.__dict__["forward"]


@contextmanager
def noise(pipe, made):
    """The pipeline begins with the noise that ``made`` gives."""
    module = sys.modules[type(pipe).__module__]
    own, module.randn_tensor = module.randn_tensor, made
    try:
        yield
    finally:
        module.randn_tensor = own


def pooled(pipe, axes):
    """The seam over several seeds, so that no chance slope at the wrap counts."""
    with leaning(pipe), noise(pipe, smooth_noise), tiling.tiled(pipe, axes):
        pictures = [drawn(pipe, seed, width=SIDE, height=SIDE) for seed in range(SEEDS)]
    return tiling.seam(np.concatenate(pictures, axis=2), tiling.grain(pipe))


def test_the_seam_of_a_sine_is_none_and_of_a_ramp_the_whole_ramp():
    wave = np.sin(2 * np.pi * np.arange(64) / 64)
    phases = np.stack([np.sin(2 * np.pi * (np.arange(64) / 64 + shift)) for shift in np.arange(8) / 8])
    assert tiling.seam(phases)["x"] == pytest.approx(1.0, abs=1e-9)
    assert tiling.seam(np.tile(np.arange(50.0), (8, 1))) == pytest.approx({"x": 49.0, "y": 1.0})
    assert tiling.seam(np.zeros((8, 8, 3), np.uint8)) == {"x": 1.0, "y": 1.0}
    assert tiling.seam(np.tile(wave[:, None], (1, 8)))["x"] == 1.0


def test_the_seam_is_compared_with_steps_between_tokens_if_asked():
    stairs = np.repeat(np.tile([0.0, 1.0], 4), 4)[None].repeat(3, 0)
    assert tiling.seam(stairs, 4)["x"] == pytest.approx(1.0)
    assert tiling.seam(stairs)["x"] > 2.0


@pytest.mark.parametrize("family", ALL)
def test_the_seam_is_as_small_as_the_inside_with_tiling_and_larger_without(loaded, family):
    pipe = loaded(family).pipe
    plain, both = pooled(pipe, "none"), pooled(pipe, "both")
    assert max(both.values()) < 1.3, both
    for axis in "xy":
        assert plain[axis] > 1.3 * both[axis], (plain, both)


@pytest.mark.parametrize("family", ["sdxl", "sana", "flux"])
def test_only_the_side_that_was_asked_for_runs_on(loaded, family):
    pipe = loaded(family).pipe
    plain, wide = pooled(pipe, "none"), pooled(pipe, "x")
    assert wide["x"] < 1.3 and plain["x"] > 1.3 * wide["x"]
    assert wide["y"] > 0.6 * plain["y"]


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_a_unet_with_tiling_draws_the_same_picture_wherever_it_is_cut(loaded, family):
    """The strongest that can be said of seamlessness: noise rolled by 64 x 64 px gives the picture rolled by 64 x 64 px."""
    pipe = loaded(family).pipe

    def rolled(*args, **more):
        return smooth_noise(*args, **more).roll((8, 8), (-2, -1))

    def square():
        return drawn(pipe, width=128, height=128, steps=2)

    with noise(pipe, smooth_noise):
        with tiling.tiled(pipe, "both"):
            straight = square()
        cut = square()
    with noise(pipe, rolled):
        with tiling.tiled(pipe, "both"):
            turned = square()
        other = square()
    np.testing.assert_allclose(np.roll(straight, (64, 64), (0, 1)), turned, atol=2e-3)
    assert np.abs(np.roll(cut, (64, 64), (0, 1)) - other).max() > 0.02


@pytest.mark.parametrize("family", ["sd15", "flux2-klein", "qwen-image", "sana"])
def test_every_kind_of_vae_reads_and_draws_the_same_wherever_it_is_cut(loaded, family):
    vae = loaded(family).pipe.vae
    film = (slice(None), slice(None), None) if family == "qwen-image" else (slice(None), slice(None))
    picture = smooth_noise((1, 3, 64, 128), torch.Generator().manual_seed(1), dtype=torch.float32)[film]

    def read(values):
        found = vae.encode(values)
        return found.latent_dist.mode() if hasattr(found, "latent_dist") else found.latent

    with torch.no_grad(), circular.circular_vae(vae, True, True):
        latents, turned = read(picture), read(picture.roll((32, 32), (-2, -1)))
        scale = picture.shape[-1] // latents.shape[-1]
        torch.testing.assert_close(latents.roll((32 // scale, 32 // scale), (-2, -1)), turned, atol=1e-4, rtol=1e-3)
        back, again = vae.decode(latents).sample, vae.decode(turned).sample
    torch.testing.assert_close(back.roll((32, 32), (-2, -1)), again, atol=1e-3, rtol=1e-2)


@pytest.mark.parametrize("family", ALL)
def test_tiling_is_undone_exactly(loaded, family):
    pipe = loaded(family).pipe
    before, first = state(pipe), drawn(pipe)
    with tiling.tiled(pipe, "both"):
        assert not np.array_equal(drawn(pipe), first)
    with pytest.raises(ZeroDivisionError), tiling.tiled(pipe, "x"):
        raise ZeroDivisionError
    with tiling.tiled(pipe, "none"):
        np.testing.assert_array_equal(drawn(pipe), first)
    np.testing.assert_array_equal(drawn(pipe), first)
    assert state(pipe) == before


def test_what_an_offload_hook_laid_over_a_model_stays(loaded):
    model = loaded("flux").pipe.transformer
    laid = model.forward
    model.__dict__["forward"] = laid
    try:
        with tiling.tiled(loaded("flux").pipe, "x"):
            assert model.__dict__["forward"] is not laid
        assert model.__dict__["forward"] is laid
    finally:
        del model.__dict__["forward"]


@pytest.mark.parametrize("margin", [0, 2, 4])
@pytest.mark.parametrize("size", [(8, 8), (5, 12), (16, 3)])
def test_a_model_that_changes_nothing_gives_back_what_was_turned(size, margin):
    turn = turning.Turn(True, True, margin)
    grid = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0))
    shifts = set()
    for when in (1000.0, 750.0, 500.0):
        time = torch.tensor([when])
        torch.testing.assert_close(turn.back(turn.out(grid, time), time, *size), grid)
        shifts.add(turn.shift(time, *size))
    assert len(shifts) == 3
    assert turn.shift(torch.tensor([1000.0]), *size) in shifts and (0, 0) not in shifts


def test_whatever_a_model_says_has_no_step_at_the_cut():
    """With margins, an answer that leans from one border of its view to the other is faded into itself."""
    turn = turning.Turn(True, False)
    time, grid = torch.tensor([1.0]), torch.zeros(1, 1, 4, 64)
    lean = torch.linspace(0.0, 1.0, 64 + 8).expand(1, 1, 4, 72)
    assert turn.out(grid, time).shape[-1] == 72
    smooth = turn.back(lean, time, 4, 64)[0, 0, 0]
    steps = (smooth - smooth.roll(1)).abs()
    assert steps.max() < 0.13  # the whole jump of 64/71, over 8 tokens
    assert (lean[0, 0, 0, 4] - lean[0, 0, 0, 67]).abs() > 0.85


def test_a_vae_that_decodes_in_tiles_is_handed_a_margin_and_its_borders_are_faded():
    class Leaning:
        """Decodes eight times as large, lighter from border to border of what it is shown."""

        use_tiling = True

        def decode(self, latents, return_dict=True):
            grown = latents.repeat_interleave(8, -1).repeat_interleave(8, -2)
            return (grown + torch.linspace(0.0, 1.0, grown.shape[-1]),)

    vae, latents = Leaning(), torch.zeros(1, 1, 4, 64)
    plain = vae.decode(latents)[0]
    with circular.circular_vae(vae, True, False):
        wide = vae.decode(latents)[0]
    assert wide.shape == plain.shape == (1, 1, 32, 512)
    assert (plain[..., 0] - plain[..., -1]).abs().max() == pytest.approx(1.0)
    assert (wide - wide.roll(1, -1)).abs().max() < 0.005  # the jump of 0.67, over 256 px
    assert "decode" not in vae.__dict__


def test_a_real_vae_that_decodes_in_tiles_has_no_seam(loaded):
    vae = loaded("sd15").pipe.vae
    latents = smooth_noise((1, 4, 32, 64), torch.Generator().manual_seed(2), dtype=torch.float32)
    vae.enable_tiling()
    try:
        with torch.no_grad(), circular.circular_vae(vae, True, False):
            wide = vae.decode(latents).sample
    finally:
        vae.disable_tiling()
    assert wide.shape == (1, 3, 256, 512)
    assert tiling.seam(wide[0].permute(1, 2, 0).numpy(), 8)["x"] < 1.3


def test_axes_there_are_not_and_models_that_are_not_known_are_refused():
    class Strange:
        unet = transformer = None

    with pytest.raises(BadInput, match="it must be one of none, x, y, both"), tiling.tiled(Strange(), "z"):
        pass
    with pytest.raises(BadInput, match="--tiling none"), tiling.tiled(Strange(), "x"):
        pass
