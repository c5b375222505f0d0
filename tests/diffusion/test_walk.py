"""A picture model in the whole walk: command line and worker, this Python and another one, the recipe again, cancel."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from PIL import Image
from tiny import FAMILIES

from blender_jewelgen.cli.main import main
from blender_jewelgen.core.diffusion import DiffusionParams
from blender_jewelgen.core.errors import Cancelled
from blender_jewelgen.core.height.picture import read_levels
from blender_jewelgen.core.pattern.strip import Strip
from blender_jewelgen.core.pipeline import Order
from blender_jewelgen.core.words.lexicon import read
from blender_jewelgen.worker import elsewhere
from blender_jewelgen.worker.runtime import care as runtime

SMALL = ("--steps", "2", "--draw-pixels", "64", "--quiet")


@pytest.fixture
def other_python(monkeypatch):
    """As where this Python had no torch: the runtime's is another process of this very program."""
    monkeypatch.setattr(elsewhere, "find_spec", lambda name: None)
    monkeypatch.setattr(runtime, "python", lambda root=None: sys.executable)
    yield
    elsewhere.close()


@pytest.fixture(scope="module")
def other_worker():
    """The same for many orders, which one worker answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elsewhere, "find_spec", lambda name: None)
        patch.setattr(runtime, "python", lambda root=None: sys.executable)
        yield
        elsewhere.close()


def drawn(models, tmp_path, name: str, *words: str):
    folder = tmp_path / name
    assert main(["pattern", "lotus band, US 7", "--engine", f"diffusers:{models('sd15')}", *SMALL, *words, "--out", str(folder)]) == 0
    return folder


def test_the_same_words_give_the_same_picture_here_and_in_another_python(models, tmp_path, other_python):
    there = drawn(models, tmp_path, "there")
    elsewhere.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elsewhere, "find_spec", lambda name: object())
        here = drawn(models, tmp_path, "here")
    for name, most in (("height.png", 0.01 * 65535), ("colours.png", 2)):  # sums of another number of threads end in other last digits
        a, b = (np.array(Image.open(folder / name)).astype(int) for folder in (here, there))
        assert np.abs(a - b).max() <= most < np.ptp(a)


def test_a_recipe_says_who_drew_and_how(models, tmp_path):
    folder = drawn(models, tmp_path, "who 谁", "--negative", "flowers")
    recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["diffusion"] == {"steps": 2, "pixels": 64, "negative": "flowers"}
    assert recipe["engine"]["family"] == "sd15" and recipe["engine"]["revision"] and recipe["engine"]["licence"]
    assert read_levels(folder / "height.png").std() > 0.0


def test_what_another_python_shows_on_the_way_comes_here_and_cancel_ends_it(models, other_python):
    strip = Strip(54.0, 6.0, 432, 48)
    seen, told = [], []
    order = Order(f"diffusers:{models('sd15')}", read("lotus band"), strip, 1, DiffusionParams(steps=6, pixels=64), lambda picture: seen.append(picture.shape))
    answer = elsewhere.ask(order, lambda share, text: told.append(share))
    assert answer.picture.shape == (48, 432) and answer.colours is not None and answer.colours.dtype == np.uint8
    assert len(seen) >= 3 and all(len(shape) == 3 for shape in seen)
    assert told == sorted(told)

    def enough(share: float, text: str) -> None:
        if text.startswith("step"):
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        elsewhere.ask(order, enough)
    assert np.array_equal(elsewhere.ask(order, lambda share, text: None).picture, answer.picture)  # it goes on working


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_draws_through_a_worker_of_another_python(models, other_worker, family):
    strip = Strip(54.0, 6.0, 432, 48)
    seen = []
    order = Order(f"diffusers:{models(family)}", read("lotus band"), strip, 1, DiffusionParams(steps=2, pixels=64), lambda picture: seen.append(picture.shape))
    answer = elsewhere.ask(order, lambda share, text: None)
    assert answer.picture.shape == (48, 432) and answer.picture.dtype == np.float32 and np.isfinite(answer.picture).all()
    assert answer.credit["family"] == family and seen
