"""Pictures heeded beside the words: more weight, more effect; none, no effect to the bit; style and layout where they belong."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from steer import drawn, picture, state

from blender_jewelgen.core.diffusion import ImagePrompt
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.diffusion import adapters

WIDTH, TOKENS = 24, 4


def written(pipe, folder, width=WIDTH, strength=1.0, words=None):
    """An IP-Adapter with random weights for this UNet as the authors' files are, and the encoder that it reads pictures with."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(5)
    unet = pipe.unet
    words = words or unet.config.cross_attention_dim
    values = {
        "image_proj.proj.weight": torch.randn(TOKENS * words, width), "image_proj.proj.bias": torch.randn(TOKENS * words),
        "image_proj.norm.weight": torch.ones(words), "image_proj.norm.bias": torch.zeros(words),
    }  # fmt: skip
    crossing = [name.removesuffix(".processor") for name in unet.attn_processors if "attn2" in name]
    for number, name in enumerate(crossing):
        hidden = unet.get_submodule(name).to_q.out_features
        for word in ("to_k_ip", "to_v_ip"):
            values[f"ip_adapter.{2 * number + 1}.{word}.weight"] = torch.randn(hidden, words) * strength
    folder.mkdir(parents=True, exist_ok=True)
    save_file(values, folder / "ip-adapter_tiny.safetensors")
    config = CLIPVisionConfig(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=32, patch_size=8, projection_dim=WIDTH)
    CLIPVisionModelWithProjection(config).eval().save_pretrained(folder / "image_encoder")
    return str(folder / "ip-adapter_tiny.safetensors")


@pytest.fixture
def made(loaded, tmp_path):
    """Give a family, get its pipeline, an adapter's file and two pictures' paths."""

    def of(family):
        pipe = loaded(family).pipe
        return pipe, written(pipe, tmp_path / family), [str(picture(tmp_path / f"{seed}.png", seed, 48 + 20 * seed)) for seed in (0, 1)]

    return of


def heeding(pipe, file, *images):
    with adapters.heeded(pipe, images, file) as call:
        return drawn(pipe, **call)


def test_an_image_weight_becomes_a_scale_that_people_can_read():
    assert [adapters.scale(weight) for weight in (0.0, 1.0)] == [0.0, 0.5]
    assert [adapters.scale(weight) for weight in (0.5, 2.0)] == pytest.approx([1 / 3, 2 / 3])


def test_style_and_layout_lie_where_sdxl_and_sd15_decide_them():
    def unet(down, up):
        having = [SimpleNamespace(attentions=[None] * count) if count else SimpleNamespace() for count in (*down, *up)]
        return SimpleNamespace(down_blocks=having[: len(down)], up_blocks=having[len(down) :])

    sdxl, sd15 = unet((0, 2, 2), (3, 3, 0)), unet((2, 2, 2, 0), (0, 3, 3, 3))
    assert adapters.blocks(sdxl, "style", 0.5) == {"up": {"block_0": [0.0, 0.5, 0.0]}}
    assert adapters.blocks(sdxl, "layout", 0.5) == {"down": {"block_2": [0.0, 0.5]}}
    assert adapters.blocks(sd15, "style", 0.5) == {"up": {"block_1": [0.0, 0.5, 0.0]}}
    assert adapters.blocks(sd15, "layout", 0.5) == {"down": {"block_2": [0.0, 0.5]}}
    assert adapters.blocks(sdxl, "all", 0.5) == 0.5


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_more_weight_has_more_effect_and_nothing_stays_behind(made, family):
    pipe, file, (one, two) = made(family)
    before, bare = state(pipe), drawn(pipe)
    effect = [np.abs(heeding(pipe, file, ImagePrompt(path=one, weight=weight)) - bare).mean() for weight in (0.1, 0.5, 2.0)]
    assert 0 < effect[0] < effect[1] < effect[2]
    assert not np.array_equal(heeding(pipe, file, ImagePrompt(path=one)), heeding(pipe, file, ImagePrompt(path=two)))
    np.testing.assert_array_equal(drawn(pipe), bare)
    assert state(pipe) == before


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_weight_zero_equals_no_adapter_to_the_bit(made, family):
    pipe, file, (one, two) = made(family)
    bare = drawn(pipe)
    np.testing.assert_array_equal(heeding(pipe, "not-there.safetensors", ImagePrompt(path=one, weight=0.0)), bare)
    alone = heeding(pipe, file, ImagePrompt(path=one))
    np.testing.assert_array_equal(heeding(pipe, file, ImagePrompt(path=one), ImagePrompt(path=two, weight=0.0)), alone)


def test_also_an_adapter_that_is_loaded_has_no_effect_at_scale_zero(made):
    pipe, file, (one, _) = made("sdxl")
    bare = drawn(pipe)
    with adapters.heeded(pipe, [ImagePrompt(path=one)], file) as call:
        pipe.set_ip_adapter_scale(0.0)
        np.testing.assert_allclose(drawn(pipe, **call), bare, atol=1e-6)


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_style_and_layout_and_all_are_three_things(made, family):
    pipe, file, (one, _) = made(family)
    bare = drawn(pipe)
    pictures = [heeding(pipe, file, ImagePrompt(path=one, part=part)) for part in ("all", "style", "layout")]
    pictures.append(heeding(pipe, file, ImagePrompt(path=one, part="style"), ImagePrompt(path=one, part="layout")))
    for index, picture_ in enumerate(pictures):
        assert all(not np.array_equal(picture_, other) for other in (bare, *pictures[:index]))


def test_style_reaches_no_other_block_than_its_own(made):
    pipe, file, (one, _) = made("sdxl")
    with adapters.heeded(pipe, [ImagePrompt(path=one, weight=2.0, part="style")], file):
        reached = {name.split(".transformer_blocks")[0] for name, one in pipe.unet.attn_processors.items() if any(getattr(one, "scale", [0]))}
    assert reached == {"up_blocks.0.attentions.1"}


def test_several_pictures_with_weights_of_their_own(made):
    pipe, file, (one, two) = made("sdxl")
    both = heeding(pipe, file, ImagePrompt(path=one, weight=0.4), ImagePrompt(path=two, weight=1.5))
    with adapters.heeded(pipe, [ImagePrompt(path=one, weight=0.4), ImagePrompt(path=two, weight=1.5)], file) as call:
        scales = {tuple(processor.scale) for processor in pipe.unet.attn_processors.values() if hasattr(processor, "scale")}
        assert len(call["ip_adapter_image"]) == 2
    assert len(scales) == 1 and next(iter(scales)) == pytest.approx((0.4 / 1.4, 0.6))
    same = heeding(pipe, file, ImagePrompt(path=one, weight=1.5), ImagePrompt(path=two, weight=0.4))
    assert not np.array_equal(both, same)
    with adapters.heeded(pipe, [ImagePrompt(path=one), ImagePrompt(path=two)], file) as call:
        assert [len(group) for group in call["ip_adapter_image"]] == [2]
        assert np.isfinite(drawn(pipe, **call)).all()


def test_without_guidance_it_works_too(made):
    pipe, file, (one, _) = made("sdxl")
    with adapters.heeded(pipe, [ImagePrompt(path=one)], file) as call:
        assert not np.array_equal(drawn(pipe, guidance_scale=0.0, **call), drawn(pipe, guidance_scale=3.0, **call))


def test_what_cannot_be_heeded_is_refused_and_leaves_no_trace(made, loaded, tmp_path):
    pipe, file, (one, _) = made("sd15")
    before, seen = state(pipe), [ImagePrompt(path=one)]
    other = written(pipe, tmp_path / "other", words=40)
    lonely = written(pipe, tmp_path / "lonely", width=WIDTH + 1)
    (tmp_path / "ip.bin").write_bytes(b"\x80\x02}q\x00.")
    for name, text in (("", "name its weights"), (other, "does not fit this model"), (lonely, "image encoder"), (str(tmp_path / "ip.bin"), "ip.bin")):
        with pytest.raises(BadInput, match=text), adapters.heeded(pipe, seen, name):
            pytest.fail("it was heeded")
        assert state(pipe) == before
    with pytest.raises(BadInput, match="heeds no pictures"), adapters.heeded(loaded("z-image").pipe, seen, file):
        pytest.fail("it was heeded")
    with pytest.raises(BadInput, match=r"gone\.png"), adapters.heeded(pipe, [ImagePrompt(path=str(tmp_path / "gone.png"))], file):
        pytest.fail("it was heeded")
