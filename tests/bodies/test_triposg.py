"""TripoSG: our networks against the libraries' own layers and the published sizes; then tiny weights through a person's path."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import tiny_bodies
import torch
from safetensors.torch import load_file, save_file

from blender_jewelgen.core.body import BodyOrder, BodyParams
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.engines.bodies import registry, triposg, triposg_net
from blender_jewelgen.engines.bodies.layers import Layers
from blender_jewelgen.engines.weights import resolve as weights


@pytest.fixture(autouse=True)
def few_tokens(monkeypatch):
    monkeypatch.setattr(triposg_net, "TOKENS", 64)


def made(model, picture=None, prompt="", seed=3, tell=lambda share, text: None, **more):
    params = BodyParams(engine="triposg", model=str(model), **({"grid": 40, "steps": 2, "candidates": 1} | more))
    return registry.make(BodyOrder(params=params, picture=picture, prompt=prompt, seed=seed), tell)


def refused(*args, **more) -> BadInput:
    with pytest.raises(BadInput) as caught:
        made(*args, **more)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.fixture
def folder(models):
    return models("triposg")


def chance(shapes, seed=0):
    torch.manual_seed(seed)
    return {name: torch.randn(shape) * 0.2 + (1.0 if "norm" in name and name.endswith("weight") else 0.0) for name, shape in shapes.items()}


def test_sizes_are_those_of_the_published_files():
    """5.76 GB of the transformer in float32; of 0.97 GB of the autoencoder the decoder's part, without the 31 million of its encoder."""
    walker = triposg_net.walker_shapes(tiny_bodies.walker_sizes(2048, 64, 1024, 128, 21))
    assert sum(map(math.prod, walker.values())) * 4 / 1e9 == pytest.approx(5.76, abs=0.02)
    assert [name for name in walker if name.startswith("blocks.10.skip")] == [] and walker["blocks.11.skip_linear.weight"] == (2048, 4096)
    decoder = triposg_net.decoder_shapes(tiny_bodies.decoder_sizes(1024, 64, 51, 17))
    encoder = 8 * (4 * 512**2 + 8 * 512**2) + 512 * 54
    assert (sum(map(math.prod, decoder.values())) + encoder + 8 * 12 * 512) * 4 / 1e9 == pytest.approx(0.97, abs=0.02)


def as_usual(tensors, at, head, parts):
    """The rows of query, key and value as the libraries order them: the published ones stand head by head."""
    joined = torch.cat([tensors[f"{at}.{part}.weight"] for part in parts])
    rows = joined.unflatten(0, (-1, len(parts), head))
    return {f"{part}.weight": rows[:, number].flatten(0, 1) for number, part in enumerate(parts)}


@pytest.mark.parametrize("taught", [True, False], ids=["lengths taught", "as they are"])
def test_self_attention_is_diffusers_attention_with_its_heads_in_order(taught):
    from diffusers.models.attention_processor import Attention

    theirs = Attention(query_dim=64, heads=4, dim_head=16, qk_norm="rms_norm" if taught else None, eps=1e-6, bias=False).eval()
    tensors = chance({f"a.{name}": tuple(value.shape) for name, value in theirs.state_dict().items()})
    theirs.load_state_dict({name.removeprefix("a."): value for name, value in tensors.items()} | as_usual(tensors, "a", 16, ("to_q", "to_k", "to_v")), strict=True)
    x = torch.randn((2, 9, 64))
    with torch.no_grad():
        torch.testing.assert_close(triposg_net._own(Layers(tensors), "a", x, 4), theirs(x), atol=1e-4, rtol=1e-4)


def test_cross_attention_is_diffusers_attention_with_its_heads_in_order():
    from diffusers.models.attention_processor import Attention

    theirs = Attention(query_dim=64, cross_attention_dim=64, heads=4, dim_head=16, cross_attention_norm="layer_norm", bias=False).eval()
    tensors = chance({f"a.{name}": tuple(value.shape) for name, value in theirs.state_dict().items()})
    theirs.load_state_dict({name.removeprefix("a."): value for name, value in tensors.items()} | as_usual(tensors, "a", 16, ("to_k", "to_v")), strict=True)
    x, other = torch.randn((2, 9, 64)), torch.randn((2, 5, 64))
    layers = Layers(tensors)
    with torch.no_grad():
        own = triposg_net._other(layers, "a", x, triposg_net._pairs(layers, "a", other, 4))
        torch.testing.assert_close(own, theirs(x, encoder_hidden_states=other), atol=1e-4, rtol=1e-4)


def test_the_time_is_told_as_diffusers_tells_it():
    from diffusers.models.embeddings import Timesteps

    time = torch.tensor([0.0, 20.0, 999.5])
    torch.testing.assert_close(triposg_net._waves_of_time(time, 32), Timesteps(32, False, 0)(time), atol=1e-5, rtol=1e-5)


def test_a_place_is_told_by_itself_its_sines_and_its_cosines():
    found = triposg_net._waves_of_place(torch.tensor([[[0.1, 0.2, 0.3]]]), 2)[0, 0]
    angles = [0.1, 0.2, 0.2, 0.4, 0.3, 0.6]
    np.testing.assert_allclose(found, [0.1, 0.2, 0.3, *np.sin(angles), *np.cos(angles)], atol=1e-6)


@pytest.mark.parametrize(("guidance", "end"), [(7.0, 7.0), (1.0, 1.0)])
def test_the_walk_goes_the_whole_way_in_any_number_of_steps(monkeypatch, guidance, end):
    """A network that always says 1 for the picture and 0 without it leads from 0 to the guidance, at times from 1000 down."""
    times = []

    def one(layers, tokens, time, patches):
        times.append(float(time[0]))
        return tokens * 0.0 + patches.mean(dim=(1, 2))[:, None, None]

    monkeypatch.setattr(triposg_net, "walk", one)
    layers = Layers({"proj_in.weight": torch.zeros((4, 3))})
    found = triposg_net.walked(layers, torch.zeros((1, 5, 3)), torch.ones((1, 2, 4)), 4, guidance, lambda number: None)
    torch.testing.assert_close(found, torch.full((1, 5, 3), end))
    assert times == [1000.0, 750.0, 500.0, 250.0]


def test_the_skips_join_the_first_half_to_the_second(folder):
    """What the first block says reaches the last by a skip also where all between is put out."""
    tensors = load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors")
    seen = []

    class Told(Layers):
        def linear(self, name, x):
            if "skip_linear" in name:
                seen.append((name, tuple(x.shape)))
            return super().linear(name, x)

    with torch.no_grad():
        triposg_net.walk(Told(tensors), torch.randn((1, 6, 8)), torch.tensor([500.0]), torch.randn((1, 3, 32)))
    assert seen == [("blocks.3.skip_linear", (1, 7, 64)), ("blocks.4.skip_linear", (1, 7, 64))]


def test_a_picture_becomes_a_closed_body(folder, ring):
    body = made(folder, ring)
    assert edges(body.mesh.faces, len(body.mesh.vertices)).sound and 0.3 < body.mesh.volume < 2.0
    assert (np.abs(body.mesh.vertices) <= 1.005).all()
    assert [body.credit[key] for key in ("family", "steps", "guidance", "precision")] == ["triposg", "2", "7", "float32"]


def test_seed_and_picture_make_the_body(models, ring, tmp_path):
    from PIL import Image

    wilder = models("triposg", chance=0.06)
    first, again, other = (made(wilder, ring, seed=seed).mesh for seed in (3, 3, 4))
    assert np.array_equal(first.vertices, again.vertices) and not np.array_equal(first.vertices, other.vertices)
    dark = tmp_path / "dark.png"
    Image.open(ring).point(lambda value: value // 3).save(dark)
    assert not np.array_equal(first.vertices, made(wilder, dark).mesh.vertices)


def test_y_is_up_with_it_and_z_with_us(folder, ring, monkeypatch):
    monkeypatch.setattr(triposg_net, "answering", lambda layers, tokens, count: lambda points: 0.3 - (points - torch.tensor([0.1, 0.2, 0.4])).norm(dim=1))
    mesh = made(folder, ring).mesh
    np.testing.assert_allclose((mesh.vertices.min(0) + mesh.vertices.max(0)) / 2.0, [0.1, -0.4, 0.2], atol=0.01)


def test_every_seed_is_a_candidate(folder, ring):
    body = made(folder, ring, candidates=2, seed=6)
    assert [one.seed for one in body.candidates] == [6, 7] and not any(one.refused for one in body.candidates)


def test_a_body_that_fills_its_box_is_refused(models, ring):
    error = refused(models("triposg", level=tiny_bodies.BLOCK), ring, candidates=2)
    assert "none of the 2 bodies that TripoSG made can be used (seed 3: " in str(error) and "fills 100% of its box" in str(error)


def test_words_alone_are_sent_to_a_model_that_reads_them(folder):
    assert refused(folder, prompt="a ring").fix.option == "--engine shap-e"


@pytest.mark.parametrize("when", ["looking for", "reading the picture", "reading the model", "looking at the picture", "step 1", "step 2", "decoding", "asking", "finding the surface", "measuring"])
def test_cancel_acts_in_every_phase(folder, ring, when):
    def tell(share, text):
        if when in text:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        made(folder, ring, tell=tell)


def test_progress_never_runs_back(folder, ring):
    shares = []
    made(folder, ring, candidates=2, tell=lambda share, text: shares.append(share))
    assert shares == sorted(shares) and shares[-1] <= 1.0


def test_a_folder_is_told_by_its_class_and_none_of_its_makers_code_is_run(folder, tmp_path):
    found = weights.judge(folder)
    assert found.family == "triposg" and set(found.parts) == {"denoiser", "image", "vae"} and all(found.parts.values())
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "transformer" / "model.py").write_text("raise SystemExit")
    with pytest.raises(BadInput, match="code of its maker"):
        weights.judge(copy)


def test_other_pipelines_may_still_not_name_classes_of_their_makers(tmp_path):
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "FluxPipeline", "transformer": ["triposg.models", "Thing"]}))
    with pytest.raises(BadInput, match="code of its maker"):
        weights.judge(tmp_path)


@pytest.mark.parametrize(("part", "name", "words"), [("transformer", "blocks.3.skip_norm.weight", "lacks 1 of its"), ("vae", "decoder.proj_out.bias", "lacks 1 of its"), ("vae", "post_quant.weight", "is no such network")])
def test_weights_that_are_not_whole_are_one_sentence(folder, ring, tmp_path, part, name, words):
    broken = shutil.copytree(folder, tmp_path / "broken")
    file = broken / part / "diffusion_pytorch_model.safetensors"
    kept = load_file(file)
    kept.pop(name)
    save_file(kept, file)
    error = refused(broken, ring)
    assert error.field == "model" and words in str(error)


def test_weights_in_several_files_are_read_as_one(folder, ring, tmp_path):
    parted = shutil.copytree(folder, tmp_path / "parted")
    whole = parted / "transformer" / "diffusion_pytorch_model.safetensors"
    kept = load_file(whole)
    whole.unlink()
    names = sorted(kept)
    for number, some in enumerate((names[:40], names[40:]), 1):
        save_file({name: kept[name] for name in some}, whole.with_name(f"diffusion_pytorch_model-0000{number}-of-00002.safetensors"))
    assert np.array_equal(made(parted, ring).mesh.vertices, made(folder, ring).mesh.vertices)


def test_numbers_that_are_none_are_told(folder, ring, monkeypatch):
    monkeypatch.setattr(triposg_net, "walk", lambda layers, tokens, time, patches: tokens * float("nan"))
    assert "not finite" in str(refused(folder, ring))


def test_parts_that_wait_elsewhere_make_the_same_body(folder, ring, monkeypatch):
    """With a small card the parts wait in the computer's own memory and are lent for their while."""
    first = made(folder, ring).mesh
    own = triposg._read
    held = {}

    def waiting(*args):
        held["model"] = own(*args)
        held["model"].waiting = True
        return held["model"]

    from blender_jewelgen.engines.diffusion.kept import KEPT

    KEPT.free()
    monkeypatch.setattr(triposg, "LOCAL", type(triposg.LOCAL)(**{**vars(triposg.LOCAL), "read": waiting}))
    assert np.array_equal(first.vertices, made(folder, ring).mesh.vertices) and held["model"].waiting
