"""What a picture model is told: it travels in a recipe and back, and what is wrong is named."""

from __future__ import annotations

import json

import pytest

from blender_jewelgen.core.diffusion import Control, DiffusionParams, ImagePrompt, Lora
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.recipe import MakeParams, Recipe
from blender_jewelgen.core.words.lexicon import read

FULL = DiffusionParams(
    prompt="a::2 b::1", negative="flowers", steps=8, guidance=3.5, scheduler="euler", pixels=768, start="old.png", strength=0.4, box="0.1,0.2,0.5,0.5",
    controls=(Control(kind="depth", path="d.png", model="cn", weight=0.7),), images=(ImagePrompt(path="s.png", weight=2.0, part="style"),), adapter="ip",
    loras=(Lora(path="a.safetensors", weight=-0.5), Lora(path="b")), tiling="both", manner="picture", method="shading", upscale=2,
)  # fmt: skip


def test_a_recipe_keeps_every_word_for_a_picture_model():
    recipe = Recipe(design=read("lotus band"), make=MakeParams(engine="diffusers:sdxl"), diffusion=FULL)
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_a_recipe_without_any_says_nothing_of_it():
    assert "diffusion" not in json.loads(Recipe(design=read("lotus band")).to_json())


def test_only_what_differs_from_the_defaults_is_kept():
    assert DiffusionParams(steps=5).to_dict() == {"steps": 5}
    assert DiffusionParams.from_dict({"steps": 5}) == DiffusionParams(steps=5)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"steps": 0}, "steps"), ({"guidance": float("nan")}, "guidance"), ({"scheduler": "magic"}, "scheduler"), ({"upscale": 3}, "upscale"), ({"mask": "m.png"}, "start"),
        ({"box": "0,0,1,1"}, "start"), ({"start": "a", "mask": "m", "box": "0,0,1,1"}, "mask"), ({"loras": "x"}, "loras"), ({"loras": [{"path": "a", "weight": 9}]}, "weight"),
        ({"images": [{"path": "a"}] * 5}, "images"), ({"controls": [{"kind": "pose", "path": "a"}]}, "kind"), ({"strength": 0}, "strength"), ({"nonsense": 1}, "diffusion"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(values, field):
    with pytest.raises(BadInput) as caught:
        DiffusionParams.from_dict(values)
    assert caught.value.field == field
