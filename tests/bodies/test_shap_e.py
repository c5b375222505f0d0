"""Shap-E of random weights through the path a person's weights take: from a folder, by picture and by words, to a measured body."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import tiny_bodies
import torch

from blender_jewelgen.core.body import BodyOrder, BodyParams
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.engines.bodies import local, registry, shap_e
from blender_jewelgen.engines.diffusion.kept import KEPT
from blender_jewelgen.engines.weights import resolve as weights


def order(model, picture=None, prompt="", seed=3, **more):
    settings = {"candidates": 1, "steps": 2, "grid": 40} | more
    return BodyOrder(params=BodyParams(engine="shap-e", model=str(model), **settings), picture=picture, prompt=prompt, seed=seed)


def made(*args, tell=lambda share, text: None, **more):
    return registry.make(order(*args, **more), tell)


def refused(*args, **more) -> BadInput:
    with pytest.raises(BadInput) as caught:
        made(*args, **more)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.fixture
def folder(models):
    return models("shap-e")


def test_a_picture_becomes_a_closed_body(folder, ring):
    body = made(folder, ring)
    assert edges(body.mesh.faces, len(body.mesh.vertices)).sound and body.form is None and body.height is None
    assert 0.5 < body.mesh.volume < 1.3 and (np.abs(body.mesh.vertices) <= 1.0).all()
    assert body.mask.shape == (160, 160) and body.mask.mean() == pytest.approx(0.283, abs=0.01)  # of the ring alone
    assert body.credit["name"] == "shap-e" and body.credit["model"] == folder.name and body.credit["revision"].startswith("headers-")
    assert [body.credit[key] for key in ("steps", "guidance", "grid", "precision")] == ["2", "3", "40", "float32"]


def test_words_become_a_body_by_the_model_of_words(models):
    body = made(models("shap-e", words=True), prompt="a ring with a lotus")
    assert edges(body.mesh.faces, len(body.mesh.vertices)).sound and body.credit["guidance"] == "15" and body.mask is None


def test_the_seed_makes_the_body_and_the_picture_does(models, ring, tmp_path):
    folder = models("shap-e", chance=0.02)
    first, again, other = (made(folder, ring, seed=seed).mesh for seed in (3, 3, 4))
    assert np.array_equal(first.vertices, again.vertices) and not np.array_equal(first.vertices, other.vertices)
    from PIL import Image

    dark = tmp_path / "dark.png"
    Image.open(ring).point(lambda value: value // 3).save(dark)
    assert not np.array_equal(first.vertices, made(folder, dark, seed=3).mesh.vertices)


def test_every_candidate_has_the_next_seed(folder, ring):
    body = made(folder, ring, candidates=3, seed=8)
    assert [one.seed for one in body.candidates] == [8, 9, 10] and all(not one.refused for one in body.candidates)
    alone = made(folder, ring, seed=9)
    assert alone.candidates[0].numbers == body.candidates[1].numbers


def test_the_field_is_that_of_diffusers_own_decoder(folder, ring):
    """Of ``decode_to_mesh`` only the marching cubes are replaced; at 256 cells they would take 8 GB."""
    held = shap_e._read("ShapEImg2ImgPipeline", weights.judge(folder), local.planned(shap_e._local("ShapEImg2ImgPipeline"), weights.judge(folder)), _Reading())
    latent = torch.randn((1, 64, 16), generator=torch.Generator().manual_seed(2))
    seen = {}

    class Recorder(torch.nn.Module):
        def forward(self, field, low, size):
            seen["field"] = field
            raise StopIteration

    ask = shap_e._field(held.decoder, latent)
    axis = np.linspace(-1.0, 1.0, 12, dtype=np.float32)
    points = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    with torch.inference_mode():
        own = ask(points).reshape(12, 12, 12)
    held.decoder.mesh_decoder = Recorder()
    with pytest.raises(StopIteration):
        held.decoder.decode_to_mesh(latent, "cpu", grid_size=12)
    np.testing.assert_allclose(own, seen["field"][1:-1, 1:-1, 1:-1].numpy(), atol=1e-5)


def test_a_body_that_fills_its_box_is_refused_with_the_reason(models, ring):
    error = refused(models("shap-e", level=tiny_bodies.BLOCK), ring, candidates=2)
    assert error.field == "engine" and "none of the 2 bodies that Shap-E made can be used (seed 3: " in str(error) and "fills 100% of its box" in str(error) and error.fix.option == "--seed 5"


def test_a_model_of_words_reads_no_picture_and_the_other_way_round(models, folder, ring):
    assert "makes bodies of words, not of a picture; shap-e-picture does" in str(refused(models("shap-e", words=True), ring))
    assert "makes bodies of a picture, not of words; shap-e does" in str(refused(folder, prompt="a ring"))


def test_without_picture_and_words_nothing_is_loaded(folder):
    assert refused(folder).field == "picture" and KEPT.value is None


def test_a_picture_without_a_thing_is_refused_before_the_model_is_read(folder, tmp_path):
    from PIL import Image

    blank = tmp_path / "blank.png"
    Image.new("RGB", (200, 150), (200, 200, 200)).save(blank)
    assert refused(folder, blank).field == "picture" and KEPT.value is None


def test_weights_that_are_not_here_name_what_fetches_them(ring):
    error = refused("", ring)
    assert error.field == "network" and error.fix.option == "jewelgen models fetch shap-e-picture --accept"
    assert refused("", prompt="a ring").fix.option == "jewelgen models fetch shap-e --accept"


@pytest.mark.parametrize("when", ["looking for", "reading the picture", "finding the thing", "reading the", "looking at the", "step 1", "step 2", "asking", "finding the surface", "measuring"])
def test_cancel_acts_in_every_phase(folder, ring, when):
    heard = []

    def tell(share, text):
        heard.append(text)
        if when in text and (when != "reading the" or "picture" not in text):
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        made(folder, ring, tell=tell)
    assert when in heard[-1]


def test_progress_never_runs_back(folder, ring):
    shares = []
    made(folder, ring, candidates=2, tell=lambda share, text: shares.append(share))
    assert shares == sorted(shares) and shares[0] >= 0.0 and shares[-1] <= 1.0 and len(shares) > 40


def test_the_model_is_read_once_for_two_orders(folder, ring):
    made(folder, ring)
    first = KEPT.value
    made(folder, ring, seed=9)
    assert KEPT.value is first and KEPT.key[:2] == ("body", "shap-e")


def test_weights_that_lack_parts_are_refused_not_filled_with_noise(folder, ring, tmp_path):
    from safetensors.torch import load_file, save_file

    broken = shutil.copytree(folder, tmp_path / "broken")
    file = broken / "prior" / "diffusion_pytorch_model.safetensors"
    kept = load_file(file)
    kept.pop("proj_in.weight")
    save_file(kept, file)
    error = refused(broken, ring)
    assert error.field == "model" and "lacks 1 of its parts (proj_in.weight)" in str(error)


def test_a_part_of_another_size_is_one_sentence(folder, ring, tmp_path):
    broken = shutil.copytree(folder, tmp_path / "broken")
    file = broken / "prior" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"embedding_dim": 8, "clip_embed_dim": 16}))
    assert refused(broken, ring).field == "model"


def test_smaller_files_are_read_by_their_mark(ring, tmp_path):
    from diffusers import ShapEImg2ImgPipeline

    whole = tiny_bodies.built("shap-e", tmp_path / "whole")
    parts = local.hold(shap_e._local("ShapEImg2ImgPipeline"), weights.judge(whole), local.planned(shap_e._local("ShapEImg2ImgPipeline"), weights.judge(whole)), lambda *_: None)
    pipe: ShapEImg2ImgPipeline = parts.model.pipe
    pipe.to(torch.float16).save_pretrained(tmp_path / "half", variant="fp16")
    assert weights.judge(tmp_path / "half").variant == "fp16"
    assert edges(*_faces(made(tmp_path / "half", ring).mesh)).sound


def test_numbers_that_are_none_are_reckoned_again_in_full_precision(folder, ring, monkeypatch):
    from dataclasses import replace

    halves = local.planned
    monkeypatch.setattr(local, "planned", lambda kind, found: replace(halves(kind, found), dtype="bfloat16"))
    own = shap_e._latent

    def half_blind(model, asked, tell):
        if model.pipe.prior.dtype == torch.bfloat16:
            raise shap_e.NotFinite
        return own(model, asked, tell)

    monkeypatch.setattr(shap_e, "_latent", half_blind)
    body = made(folder, ring)
    assert body.credit["precision"] == "float32" and body.notes == ("this device makes no numbers of bfloat16; the bodies were made in float32",)
    monkeypatch.setattr(shap_e, "_latent", lambda *_: (_ for _ in ()).throw(shap_e.NotFinite()))
    assert "not finite" in str(refused(folder, ring))


@pytest.mark.parametrize(("grid", "option"), [(256, "--grid 128"), (64, "--engine auto")])
def test_too_little_memory_offers_a_coarser_grid(folder, ring, monkeypatch, grid, option):
    def short(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(shap_e, "surface", short)
    error = refused(folder, ring, grid=grid)
    assert error.field == "memory" and error.fix.option == option and KEPT.value is None


@pytest.mark.parametrize(("said", "field", "words"), [("CUDA error: no kernel image is available", "runtime", "graphics card cannot be used"), ("mat1 and mat2 shapes cannot be multiplied\nmore", "model", "cannot make a body: mat1")])
def test_what_torch_says_becomes_one_sentence(folder, ring, monkeypatch, said, field, words):
    def fails(*_):
        raise RuntimeError(said)

    monkeypatch.setattr(shap_e, "surface", fails)
    error = refused(folder, ring)
    assert error.field == field and words in str(error)


def test_without_torch_the_runtime_is_named(folder, ring, monkeypatch):
    monkeypatch.setitem(sys.modules, "diffusers", None)
    error = refused(folder, ring)
    assert error.field == "runtime" and error.fix.option == "jewelgen runtime install" and "diffusers is not in this Python" in str(error)


class _Reading:
    def at(self, share, text):
        assert 0.0 <= share <= 1.0


def _faces(mesh):
    return mesh.faces, len(mesh.vertices)
