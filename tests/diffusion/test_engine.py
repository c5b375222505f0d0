"""Everything that steers a model, through the one door of the engine: it changes the picture, and the next picture knows nothing of it."""

import numpy as np
import pytest
from PIL import Image
from steer import picture, state
from test_adapters import written as adapter_in
from test_control import net
from test_loras import written as lora_in

from blender_jewelgen.core.diffusion import Control, DiffusionParams, ImagePrompt, Lora
from blender_jewelgen.core.pattern.strip import Strip
from blender_jewelgen.core.stages import Order
from blender_jewelgen.core.words.design import Design
from blender_jewelgen.engines.diffusion.drawing import drawn

BAND = Strip(length=12.0, width=6.0, columns=96, rows=48)


def draw(model, **params):
    order = Order("diffusers:tiny", Design(), BAND, 4, DiffusionParams(**({"prompt": "lotus scroll", "steps": 2, "pixels": 128} | params)))
    return drawn(order, model, lambda share, text: None)


def steered(kind, model, tmp_path):
    """Parameters that steer in one way."""
    shown = str(picture(tmp_path / "shown.png", width=128))
    if kind == "lora":
        return {"loras": (Lora(path=lora_in(model.pipe, tmp_path / "worn.safetensors"), weight=0.8),)}
    if kind == "control":
        net(model.pipe, model.family).save_pretrained(tmp_path / "net")
        return {"controls": (Control(kind="canny", path=shown, model=str(tmp_path / "net"), weight=0.8),)}
    if kind == "adapter":
        return {"images": (ImagePrompt(path=shown, weight=1.0),), "adapter": adapter_in(model.pipe, tmp_path / "adapter")}
    return {"start": {"start": shown}, "box": {"start": shown, "box": "0.5,0,0.5,1"}, "scheduler": {"scheduler": "euler"}, "seamless": {"tiling": "both"}}[kind]


@pytest.mark.parametrize("kind", ["lora", "control", "adapter", "start", "box", "scheduler", "seamless"])
def test_each_way_changes_the_picture_and_leaves_no_trace(loaded, tmp_path, kind):
    model = loaded("sd15")
    bare, before = draw(model), state(model.pipe)
    params = steered(kind, model, tmp_path)
    one, again = draw(model, **params), draw(model, **params)
    np.testing.assert_array_equal(one.colours, again.colours)
    assert not np.array_equal(one.colours, bare.colours)
    assert state(model.pipe) == before
    np.testing.assert_array_equal(draw(model).colours, bare.colours)


@pytest.mark.parametrize("family", ["sd3", "flux", "z-image", "qwen-image"])
@pytest.mark.parametrize("kind", ["lora", "control"])
def test_transformers_are_steered_too(loaded, tmp_path, family, kind):
    model = loaded(family)
    bare = draw(model)
    params = steered(kind, model, tmp_path)
    one, again = draw(model, **params), draw(model, **params)
    np.testing.assert_array_equal(one.colours, again.colours)
    assert not np.array_equal(one.colours, bare.colours)
    np.testing.assert_array_equal(draw(model).colours, bare.colours)


def test_all_at_once_and_outside_the_box_nothing(loaded, tmp_path):
    model = loaded("sd15")
    bare, before = draw(model), state(model.pipe)
    params = {}
    for kind in ("lora", "control", "adapter", "box", "scheduler"):
        params |= steered(kind, model, tmp_path)
    heard = []
    order = Order("", Design(), BAND, 4, DiffusionParams(prompt="(lotus)1.3::2 dragon::1 --no bird", steps=3, pixels=128, upscale=2, strength=0.9, **params))
    answer = drawn(order, model, lambda share, text: heard.append(share))
    assert answer.colours.shape == (128, 256, 3) and answer.picture.shape == (48, 96) and np.isfinite(answer.picture).all()
    assert heard == sorted(heard) and answer.credit["scheduler"] == "EulerDiscrete"
    assert state(model.pipe) == before
    np.testing.assert_array_equal(draw(model).colours, bare.colours)
    same = draw(model, **params, strength=0.9)
    np.testing.assert_array_equal(same.colours[:, :64], np.asarray(Image.open(params["start"]))[:, :64])
