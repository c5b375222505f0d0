"""The network and its pipeline: what goes in changes what comes out, and only that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from blender_jewelgen.learning.motif_network import CELL, MotifNetwork, new_unet  # noqa: E402
from blender_jewelgen.learning.motif_pipeline import MotifPipeline  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pipeline(small_network):
    made = MotifPipeline.of(small_network)
    made.set_progress_bar_config(disable=True)
    return made


def drawn(pipeline, noise, **wishes):
    count = len(wishes["prompt"]) if isinstance(wishes.get("prompt"), list) else 1
    return pipeline(latents=torch.from_numpy(noise[:count]), **wishes).images


def test_cell_time_and_words_each_steer_the_direction(small_network, noise):
    cell, time, words = torch.from_numpy(noise), torch.full((3,), 0.5), torch.nn.functional.normalize(torch.ones(3, 96), dim=1)
    with torch.no_grad():
        plain = small_network(cell, time, words)
        assert plain.shape == cell.shape
        for changed in ((cell.flip(3), time, words), (cell, time + 0.2, words), (cell, time, -words), (cell, time, 0.0 * words)):
            assert float((small_network(*changed) - plain).abs().max()) > 1e-3
        torch.testing.assert_close(small_network(cell[1:2], time[1:2], words[1:2]), plain[1:2], atol=1e-5, rtol=1e-4)  # neighbours do not count


@pytest.mark.parametrize("widths, layers", [((24, 48), 1), ((24, 48, 96), 2)])
def test_a_network_of_any_width_takes_cells_of_64_px(widths, layers):
    network = MotifNetwork(new_unet(widths, layers))
    with torch.no_grad():
        assert network(torch.zeros(2, 1, CELL, CELL), torch.zeros(2), torch.zeros(2, 96)).shape == (2, 1, CELL, CELL)


def test_words_weights_what_to_avoid_and_guidance_change_the_drawing(pipeline, noise):
    plain = drawn(pipeline, noise, prompt="dragon")
    np.testing.assert_array_equal(plain, drawn(pipeline, noise, prompt="dragon"))
    pair = (("dragon", 1.5), ("lotus", 1.0))
    others = (
        {"prompt": "lotus"}, {"prompt": ""}, {"prompt": "dragon", "negative_prompt": "lotus"}, {"prompt": "dragon", "guidance_scale": 4.0},
        {"prompt": pair}, {"prompt": [(("dragon", 1.0), ("lotus", 1.5))]}, {"prompt": "dragon", "num_inference_steps": 5},
    )  # fmt: skip
    made = [plain, *(drawn(pipeline, noise, **other) for other in others)]
    for k, one in enumerate(made):
        assert all(np.abs(one - two).max() > 1e-3 for two in made[:k])


def test_a_generator_of_the_same_seed_gives_the_same_drawing(pipeline):
    first, again, other = (pipeline("dragon", generator=torch.Generator().manual_seed(seed)).images for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_little_strength_stays_near_the_start_and_full_strength_forgets_it(pipeline, noise):
    start = np.fromfunction(lambda y, x: np.clip(20.0 - np.hypot(y - 31.5, x - 31.5), -6.0, 6.0), (CELL, CELL)).astype(np.float32)
    away = [float(np.abs(np.tanh(drawn(pipeline, noise, prompt="crown", image=start, strength=s)[0] / 3.0) - np.tanh(start / 3.0)).mean()) for s in (0.05, 0.3, 0.9)]
    assert away[0] < 0.2 and away[0] < away[1] < away[2]
    np.testing.assert_array_equal(drawn(pipeline, noise, prompt="crown", image=start, strength=1.0), drawn(pipeline, noise, prompt="crown"))


def test_a_callback_hears_every_step_and_may_change_the_cells(pipeline, noise):
    heard = []

    def listen(_, number, time, values):
        heard.append((number, float(time)))
        return {"latents": torch.zeros_like(values["latents"])} if number == 3 else {}

    made = drawn(pipeline, noise, prompt="dragon", num_inference_steps=4, callback_on_step_end=listen)
    assert [number for number, _ in heard] == [0, 1, 2, 3]
    times = 1.5 * np.linspace(1.0, 0.0, 5)[:-1] / (1.0 + 0.5 * np.linspace(1.0, 0.0, 5)[:-1])
    np.testing.assert_allclose([time for _, time in heard], 1000.0 * times, rtol=1e-5)
    assert not made.any()


def test_pictures_and_tensors_show_the_same_drawing(pipeline, noise):
    values = drawn(pipeline, noise, prompt="dragon")
    np.testing.assert_array_equal(drawn(pipeline, noise, prompt="dragon", output_type="pt").numpy(), values)
    (picture,) = drawn(pipeline, noise, prompt="dragon", output_type="pil")
    clear = np.abs(values[0]) > 0.01
    np.testing.assert_array_equal((np.asarray(picture) < 128)[clear], (values[0] > 0.0)[clear])


@pytest.mark.parametrize("wish", [{"strength": 0.0}, {"strength": 1.5}, {"num_inference_steps": 0}, {"latents": torch.zeros(2, 1, 64, 64)}])
def test_numbers_that_make_no_sense_are_refused(pipeline, wish):
    with pytest.raises(ValueError, match=r"must be|need"):
        pipeline("dragon", **wish)


def test_a_saved_pipeline_draws_the_same_in_a_fresh_process_without_a_network(pipeline, noise, tmp_path):
    pipeline.save_pretrained(tmp_path / "saved")
    np.save(tmp_path / "noise.npy", noise[:1])
    code = (
        "import sys, numpy, torch\n"
        "from blender_jewelgen.learning.motif_pipeline import MotifPipeline\n"
        "pipe = MotifPipeline.from_pretrained(sys.argv[1] + '/saved')\n"
        "numpy.save(sys.argv[1] + '/cells.npy', pipe('dragon', latents=torch.from_numpy(numpy.load(sys.argv[1] + '/noise.npy'))).images)\n"
    )
    offline = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "nothing")}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=offline, timeout=300, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "cells.npy"), drawn(pipeline, noise, prompt="dragon"), atol=1e-4)
    assert list((tmp_path / "saved").glob("*/*.safetensors")) and not list((tmp_path / "saved").rglob("*.bin"))
