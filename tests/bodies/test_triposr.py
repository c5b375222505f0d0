"""TripoSR: our network against the libraries' own layers and the published file's sizes; then tiny weights through a person's path."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

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
from blender_jewelgen.engines.bodies import registry, triposr_net
from blender_jewelgen.engines.bodies.layers import Layers
from blender_jewelgen.engines.weights import resolve as weights

ROOT = Path(__file__).resolve().parents[2]


def made(model, picture=None, prompt="", tell=lambda share, text: None, **more):
    params = BodyParams(engine="triposr", model=str(model), **({"grid": 48} | more))
    return registry.make(BodyOrder(params=params, picture=picture, prompt=prompt), tell)


def refused(*args, **more) -> BadInput:
    with pytest.raises(BadInput) as caught:
        made(*args, **more)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.fixture
def file(models):
    return models("triposr") / "triposr.safetensors"


def chance(shapes, seed=0):
    torch.manual_seed(seed)
    return {name: torch.randn(shape) * 0.1 + (1.0 if "norm" in name and name.endswith("weight") else 0.0) for name, shape in shapes.items()}


def test_names_and_sizes_are_those_of_the_published_file():
    """Counts of tensors and numbers in each part, as a public port of the model lists them; the pooler (590 592) is not used."""
    shapes = triposr_net.shapes(tiny_bodies.triposr_sizes(768, 1024, 32, (12, 16, 9), 16, 40, 64))
    parts = {}
    for name, shape in shapes.items():
        count, numbers = parts.get(name.partition(".")[0], (0, 0))
        parts[name.partition(".")[0]] = count + 1, numbers + math.prod(shape)
    assert parts["backbone"] == (326, 329_535_488) and parts["decoder"] == (20, 41_284) and parts["post_processor"] == (2, 163_880)
    assert parts["tokenizer"] == (1, 3_145_728) and parts["image_tokenizer"] == (198, 85_798_656)
    assert shapes["backbone.transformer_blocks.15.ff.net.0.proj.weight"] == (8192, 1024) and shapes["decoder.layers.18.weight"] == (4, 64)


def test_the_image_encoder_is_the_vision_transformer_it_was_taught_as():
    from transformers import ViTConfig, ViTModel

    tensors = chance({name: shape for name, shape in triposr_net.shapes(tiny_bodies.triposr_sizes(wide=128, patch=16)).items() if name.startswith("image")})
    theirs = ViTModel(ViTConfig(hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=512, image_size=224, patch_size=16), add_pooling_layer=False)
    names = {
        "encoder.layer": "layers", "attention.attention.query": "attention.q_proj", "attention.attention.key": "attention.k_proj", "attention.attention.value": "attention.v_proj",
        "attention.output.dense": "attention.o_proj", "intermediate.dense": "mlp.fc1", "output.dense": "mlp.fc2",
    }  # fmt: skip
    own = {name.removeprefix("image_tokenizer.model."): value for name, value in tensors.items()}
    renamed = {}
    for name, value in own.items():  # the libraries of today name the layers otherwise
        for old, new in names.items() if any(name.startswith("layers.") for name in theirs.state_dict()) else ():
            name = name.replace(old, new)
        renamed[name] = value
    theirs.load_state_dict(renamed, strict=True)
    picture = torch.rand((1, 3, 96, 96))
    mean, spread = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    with torch.no_grad():
        wanted = theirs.eval()((picture - mean) / spread, interpolate_pos_encoding=True).last_hidden_state
        own = triposr_net.seen(Layers(tensors), picture)
    assert own.shape == (1, 37, 128)
    torch.testing.assert_close(own, wanted, atol=2e-4, rtol=2e-4)


def test_a_block_of_the_backbone_is_diffusers_transformer_block():
    from diffusers.models.attention import BasicTransformerBlock

    theirs = BasicTransformerBlock(128, 2, 64, cross_attention_dim=64, activation_fn="geglu").eval()
    tensors = chance({name: tuple(value.shape) for name, value in theirs.state_dict().items()})
    theirs.load_state_dict(tensors, strict=True)
    x, patches = torch.randn((1, 20, 128)), torch.randn((1, 7, 64))
    with torch.no_grad():
        wanted = theirs(x, encoder_hidden_states=patches)
        own = triposr_net._block(Layers({f"b.{name}": value for name, value in tensors.items()}), "b", x, patches)
    torch.testing.assert_close(own, wanted, atol=1e-4, rtol=1e-4)


def test_a_point_is_looked_up_on_the_planes_xy_xz_and_yz():
    """Planes whose first feature is a coordinate; the decoder gives it back."""
    side = 64
    axis = (torch.arange(side) + 0.5) / side * 2.0 - 1.0
    planes = torch.zeros((3, 1, side, side))
    planes[0, 0], planes[1, 0], planes[2, 0] = axis[None] * 1.0, axis[:, None] * 10.0, axis[:, None] * 100.0  # x of xy, z of xz, z of yz
    layers = Layers({"decoder.layers.0.weight": torch.tensor([[1.0, 1.0, 1.0]] + [[0.0] * 3] * 3), "decoder.layers.0.bias": torch.zeros(4)})
    points = torch.tensor([[0.3, 0.0, 0.0], [0.0, 0.3, 0.0], [0.0, 0.0, 0.3]]) * triposr_net.RADIUS
    found = triposr_net.density(layers, planes, points) + 1.0 + math.log(triposr_net.LEVEL)
    torch.testing.assert_close(found, torch.tensor([0.3, 0.0, 33.0]), atol=1e-3, rtol=1e-3)


def test_a_picture_becomes_a_closed_body(file, ring):
    body = made(file, ring)
    assert edges(body.mesh.faces, len(body.mesh.vertices)).sound and body.mesh.volume > 0.1
    assert (np.abs(body.mesh.vertices) <= triposr_net.RADIUS).all() and body.mask.shape == (160, 160)
    assert body.credit["family"] == "triposr" and body.credit["precision"] == "float32" and body.credit["grid"] == "48"


def test_the_picture_makes_the_body_and_chance_does_not(models, ring, tmp_path):
    from PIL import Image

    wilder = models("triposr", chance=0.06)
    first, again = made(wilder, ring).mesh, made(wilder, ring).mesh
    assert np.array_equal(first.vertices, again.vertices)
    dark = tmp_path / "dark.png"
    Image.open(ring).point(lambda value: value // 3).save(dark)
    assert not np.array_equal(first.vertices, made(wilder, dark).mesh.vertices)


def test_the_side_towards_the_camera_is_the_front(file, ring, monkeypatch):
    """TripoSR's camera stands on +x; a body that bulges there bulges towards -y with us, and z stays up."""
    monkeypatch.setattr(triposr_net, "density", lambda layers, planes, points: 0.3 - (points - torch.tensor([0.4, 0.1, 0.2])).norm(dim=1))
    mesh = made(file, ring).mesh
    np.testing.assert_allclose((mesh.vertices.min(0) + mesh.vertices.max(0)) / 2.0, [0.1, -0.4, 0.2], atol=0.01)


def test_another_framing_is_tried_only_where_the_first_gives_no_body(file, ring, monkeypatch):
    assert len(made(file, ring, candidates=4).candidates) == 1
    shown = []
    whole = triposr_net.triplane

    def seen(layers, picture):
        shown.append(float((picture - 0.5).abs().gt(0.02).any(dim=1).float().mean()))
        return whole(layers, picture)

    monkeypatch.setattr(triposr_net, "triplane", seen)
    monkeypatch.setattr(triposr_net, "density", lambda layers, planes, points: torch.ones(len(points)))
    error = refused(file, ring, candidates=3)
    assert "none of the 3 bodies that TripoSR made can be used (framing 0: " in str(error) and error.fix.option == "--engine auto" and "fills 100% of its box" in str(error)
    assert len(shown) == 3 and shown[0] > shown[1] > shown[2]  # 0.85, 0.75 and 0.65 of the frame


def test_words_alone_are_sent_to_a_model_that_reads_them(file):
    error = refused(file, prompt="a ring")
    assert error.field == "picture" and error.fix.option == "--engine shap-e"


@pytest.mark.parametrize("when", ["looking for", "reading the picture", "reading the model", "looking at the picture", "asking", "finding the surface", "measuring"])
def test_cancel_acts_in_every_phase(file, ring, when):
    def tell(share, text):
        if when in text:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        made(file, ring, tell=tell)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda kept: kept.pop("backbone.proj_in.bias"), "lacks 1 of its"),
        (lambda kept: kept.update({"backbone.proj_in.bias": torch.zeros(3)}), "backbone.proj_in.bias in triposr.safetensors of triposr is 3; it must be 64"),
        (lambda kept: kept.pop("tokenizer.embeddings"), "is no such network"),
    ],
)
def test_weights_that_are_not_whole_are_one_sentence(file, ring, tmp_path, change, words):
    kept = load_file(file)
    change(kept)
    save_file(kept, tmp_path / "triposr.safetensors")
    error = refused(tmp_path / "triposr.safetensors", ring)
    assert error.field == "model" and words in str(error)


def test_a_file_is_told_by_its_names(file):
    found = weights.judge(file)
    assert (found.family, found.name) == ("triposr", "triposr") and found.parts["denoiser"] > 0.0
    assert weights.judge(file.parent).path == file


def test_the_published_pickle_is_refused_with_what_converts_it(ring, tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "model.ckpt")
    (tmp_path / "config.yaml").write_text("cond_image_size: 512\n")
    for named in (tmp_path / "model.ckpt", tmp_path):
        error = refused(named, ring)
        assert "pickle" in str(error) and error.fix.option == "python scripts/convert_triposr.py model.ckpt triposr.safetensors"
    assert "pickle" in str(refused("", ring))


def converted(source, target):
    return subprocess.run([sys.executable, str(ROOT / "scripts" / "convert_triposr.py"), str(source), str(target)], capture_output=True, text=True, timeout=120)


def test_the_script_makes_weights_of_the_pickle(file, tmp_path):
    torch.save(load_file(file) | {"image_tokenizer.model.pooler.dense.bias": torch.zeros(64)}, tmp_path / "model.ckpt")
    said = converted(tmp_path / "model.ckpt", tmp_path / "out.safetensors")
    assert said.returncode == 0, said.stderr
    assert weights.judge(tmp_path / "out.safetensors").family == "triposr"
    first, second = load_file(file), load_file(tmp_path / "out.safetensors")
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert converted(tmp_path / "model.ckpt", tmp_path / "out.safetensors").returncode == 2  # nothing is written over


class Burglar:
    def __reduce__(self):
        return print, ("broken in",)


def test_the_script_runs_nothing_that_a_pickle_holds(tmp_path):
    torch.save({"a": Burglar()}, tmp_path / "model.ckpt")
    said = converted(tmp_path / "model.ckpt", tmp_path / "out.safetensors")
    assert said.returncode == 2 and "broken in" not in said.stdout + said.stderr and not (tmp_path / "out.safetensors").exists()
    assert len(said.stderr.strip().splitlines()) == 1
