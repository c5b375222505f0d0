"""Picture models on the command line: what is typed becomes parameters, files become whole paths, faults are one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import refused

from blender_jewelgen.cli.main import main, parser
from blender_jewelgen.cli.typed import recipe_of
from blender_jewelgen.core.diffusion import Control, ImagePrompt, Lora
from blender_jewelgen.core.errors import BadInput


def typed(*words: str):
    return recipe_of(parser(False).parse_args(["make", "lotus band", *words]))


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("old.png", "mask.png", "style 风.png", "lines.png", "a.safetensors"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "model").mkdir()
    return tmp_path


def test_every_option_becomes_its_parameter(files):
    recipe = typed(
        "--engine", "diffusers:model", "--negative", "flowers", "--steps", "6", "--guidance", "2,5", "--scheduler", "lcm", "--draw-pixels", "512", "--draw-prompt", "(leaf)1.3",
        "--start", "old.png", "--strength", "0.3", "--mask", "mask.png", "--image", "style 风.png::0.8::style", "--adapter", "model", "--lora", "a.safetensors::0.7",
        "--lora", "hub/name", "--control", "canny", "lines.png", "model", "0.6", "--tiling", "x", "--manner", "picture", "--draw-method", "shading", "--upscale", "2",
    )  # fmt: skip
    told = recipe.diffusion
    assert recipe.make.engine == f"diffusers:{files / 'model'}"
    assert (told.negative, told.steps, told.guidance, told.scheduler, told.pixels, told.prompt) == ("flowers", 6, 2.5, "lcm", 512, "(leaf)1.3")
    assert (told.start, told.mask, told.strength) == (str(files / "old.png"), str(files / "mask.png"), 0.3)
    assert told.images == (ImagePrompt(path=str(files / "style 风.png"), weight=0.8, part="style"),)
    assert told.loras == (Lora(path=str(files / "a.safetensors"), weight=0.7), Lora(path="hub/name"))
    assert told.controls == (Control(kind="canny", path=str(files / "lines.png"), model=str(files / "model"), weight=0.6),)
    assert (told.tiling, told.manner, told.method, told.upscale) == ("x", "picture", "shading", 2)
    assert Path(told.adapter) == files / "model"
    assert recipe.relief.pixels == typed().relief.pixels  # options of the same name stay their own steps'


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--start", "gone.png"), "start"), (("--image", "gone.png"), "image"), (("--image", "old.png::x"), "image"), (("--lora", "a::1::2"), "lora"),
        (("--control", "canny", "lines.png"), "control"), (("--engine", "diffusers:"), "engine"), (("--engine", "difusers:x"), "engine"), (("--steps", "0"), "steps"),
    ],
)  # fmt: skip
def test_faults_name_their_field(files, words, field):
    with pytest.raises(BadInput) as caught:
        recipe = typed(*words)
        if field == "engine":
            from blender_jewelgen.engines.registry import card

            card(recipe.make.engine)
    assert caught.value.field == field


def test_without_a_runtime_one_sentence_says_what_to_do_and_nothing_is_written(files, monkeypatch, capsys):
    from blender_jewelgen.worker import elsewhere
    from blender_jewelgen.worker.runtime import care as runtime

    monkeypatch.setattr(elsewhere, "find_spec", lambda name: None)
    monkeypatch.setattr(runtime, "python", lambda root=None: None)
    assert main(["pattern", "lotus band", "--engine", "diffusers:model", "--out", str(files / "out"), "--quiet"]) == 2
    assert "runtime" in (said := capsys.readouterr().err) and "jewelgen runtime install" in said and said.count("\n") == 1
    assert not (files / "out").exists()


def test_an_image_service_needs_the_network_to_be_allowed(jewelgen, tmp_path, monkeypatch):
    monkeypatch.setenv("JEWELGEN_OPENAI_KEY", "secret-of-mine")
    said = jewelgen.piece("make", "vine band, silver", "--engine", "openai:gpt-image-1", "--out", tmp_path / "out")
    refused(said, "--online")
    assert "secret-of-mine" not in said.err and not (tmp_path / "out").exists()
