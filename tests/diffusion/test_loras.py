"""LoRAs: several with weights, weight 0 is none to the bit, nothing stays behind, and those that do not fit are named."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from steer import ALL, drawn, state

from blender_jewelgen.core.diffusion import Lora
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.diffusion import loras


def written(pipe, path, seed=0, rank=2, wider=0, strength=0.5):
    """A LoRA with random weights on every to_q and to_v of the model that draws, as trainers save it."""
    part = "unet" if getattr(pipe, "unet", None) is not None else "transformer"
    random = torch.Generator().manual_seed(seed)
    values = {}
    for name, layer in getattr(pipe, part).named_modules():
        if name.endswith(("to_q", "to_v")) and isinstance(layer, torch.nn.Linear):
            values[f"{part}.{name}.lora_A.weight"] = torch.randn(rank, layer.in_features + wider, generator=random) * strength
            values[f"{part}.{name}.lora_B.weight"] = torch.randn(layer.out_features, rank, generator=random) * strength
    save_file(values, path)
    return str(path)


@pytest.mark.parametrize("family", ALL)
def test_a_lora_changes_the_picture_by_its_weight_and_leaves_no_trace(loaded, family, tmp_path):
    pipe = loaded(family).pipe
    path = written(pipe, tmp_path / "worn.safetensors")
    before, bare = state(pipe), drawn(pipe)
    with loras.worn(pipe, [Lora(path=path, weight=1.0)]) as found:
        whole = drawn(pipe)
        assert [one.name for one in found] == ["worn"] or found[0].family == "lora"
    with loras.worn(pipe, [Lora(path=path, weight=0.25)]):
        quarter = drawn(pipe)
    assert np.abs(whole - bare).mean() > np.abs(quarter - bare).mean() > 0
    np.testing.assert_array_equal(drawn(pipe), bare)
    assert state(pipe) == before


def test_weight_zero_equals_none_to_the_bit_and_is_not_even_read(loaded, tmp_path):
    pipe = loaded("sdxl").pipe
    bare = drawn(pipe)
    with loras.worn(pipe, [Lora(path=str(tmp_path / "not-there.safetensors"), weight=0.0)]) as found:
        np.testing.assert_array_equal(drawn(pipe), bare)
    assert found == ()


def test_several_loras_add_up_in_any_order(loaded, tmp_path):
    pipe = loaded("sd15").pipe
    one, two = (Lora(path=written(pipe, tmp_path / f"{seed}.safetensors", seed), weight=weight) for seed, weight in ((1, 0.7), (2, -0.5)))
    pictures = {}
    for name, worn in (("one", [one]), ("two", [two]), ("both", [one, two]), ("back", [two, one])):
        with loras.worn(pipe, worn):
            pictures[name] = drawn(pipe)
    np.testing.assert_allclose(pictures["both"], pictures["back"], atol=1e-4)
    assert min(np.abs(pictures["both"] - pictures[name]).max() for name in ("one", "two")) > 1e-3


def test_the_effect_is_that_of_the_weights_themselves(loaded, tmp_path):
    """One layer alone: what it gives is W x + weight B A x."""
    pipe = loaded("sd15").pipe
    path = written(pipe, tmp_path / "one.safetensors")
    from safetensors.torch import load_file

    values = load_file(path)
    name = next(key for key in values if key.endswith("lora_A.weight")).removeprefix("unet.").removesuffix(".lora_A.weight")
    down, up = values[f"unet.{name}.lora_A.weight"], values[f"unet.{name}.lora_B.weight"]
    x = torch.randn(3, down.shape[1], generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain = pipe.unet.get_submodule(name)(x)
        with loras.worn(pipe, [Lora(path=path, weight=0.6)]):
            worn = pipe.unet.get_submodule(name)(x)
    torch.testing.assert_close(worn, plain + 0.6 * x @ down.T @ up.T, atol=1e-4, rtol=1e-4)


def test_a_lora_of_another_model_is_refused_by_name_and_leaves_no_trace(loaded, tmp_path):
    pipe = loaded("sd15").pipe
    before, bare = state(pipe), drawn(pipe)
    good = written(pipe, tmp_path / "good.safetensors")
    strange = [written(pipe, tmp_path / "wider.safetensors", wider=3), written(loaded("flux").pipe, tmp_path / "of-flux.safetensors")]
    for path in strange:
        name = path.rsplit("/", 1)[1].removesuffix(".safetensors")
        with pytest.raises(BadInput, match=name) as told, loras.worn(pipe, [Lora(path=good), Lora(path=path)]):
            pytest.fail("it was worn")
        assert told.value.field == "loras"
        assert state(pipe) == before
    np.testing.assert_array_equal(drawn(pipe), bare)


def test_missing_files_pickles_and_models_are_refused_by_name(loaded, models, tmp_path):
    pipe = loaded("sd15").pipe
    (tmp_path / "old.ckpt").write_bytes(b"\x80\x02}q\x00.")
    for path, text in ((tmp_path / "gone.safetensors", "gone.safetensors"), (tmp_path / "old.ckpt", "old.ckpt"), (models("sd15"), "is no LoRA")):
        with pytest.raises(BadInput, match=text), loras.worn(pipe, [Lora(path=str(path))]):
            pytest.fail("it was worn")


def test_a_cancel_takes_the_loras_off(loaded, tmp_path):
    pipe = loaded("z-image").pipe
    before = state(pipe)
    with pytest.raises(KeyboardInterrupt), loras.worn(pipe, [Lora(path=written(pipe, tmp_path / "a.safetensors"))]):
        raise KeyboardInterrupt
    assert state(pipe) == before


def test_without_peft_the_runtime_is_to_be_repaired(loaded, tmp_path, monkeypatch):
    pipe = loaded("sd15").pipe
    path = written(pipe, tmp_path / "a.safetensors")
    monkeypatch.setattr(loras, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="lacks peft") as told, loras.worn(pipe, [Lora(path=path)]):
        pytest.fail("it was worn")
    assert told.value.field == "runtime" and told.value.fix.option == "jewelgen runtime repair"
