"""What ships: one set of weights for torch and onnxruntime, and the same drawings from both."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

from blender_jewelgen.core.words.vectors import embed  # noqa: E402
from blender_jewelgen.engines.motif import files  # noqa: E402
from blender_jewelgen.engines.motif.sampler import Plan, sample  # noqa: E402
from blender_jewelgen.learning.motif_pipeline import MotifPipeline  # noqa: E402

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "export_motif.py"


@pytest.fixture(scope="module")
def export():
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("export_motif_under_test", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def training(small_network, few_cells, tmp_path_factory):
    """A folder as the trainer leaves it."""
    folder = tmp_path_factory.mktemp("training")
    state = small_network.state_dict()
    torch.save({"network": state, "steady": state, "optimizer": {}, "seen": 1234, "spent": 5.0}, folder / "checkpoint.pt")
    (folder / "cells.npz").write_bytes(few_cells[1].read_bytes())
    return folder


@pytest.fixture(scope="module")
def weights(export, training, tmp_path_factory):
    """The folder that ships, made from it."""
    folder = tmp_path_factory.mktemp("shipped") / "weights"
    export.main([str(training), "--out", str(folder)])
    return folder


def told(*_):
    """Nobody listens."""


def test_torch_and_onnxruntime_draw_the_same(weights, noise, small_network):
    model = files.model(weights)
    words = np.stack([embed([(word, 1.0)]) for word in ("dragon", "lotus", "crown")])
    away = np.stack([embed([("rose", 1.0)])] * 3)
    start = np.clip(noise[::-1, 0] * 4.0, -6.0, 6.0)
    pipe = MotifPipeline.from_pretrained(weights)
    pipe.set_progress_bar_config(disable=True)
    prompts = ["dragon", "lotus", "crown"]
    one = model.direction(noise[:, 0], np.array([0.2, 0.5, 1.0]), words)
    with torch.no_grad():
        same = small_network(torch.from_numpy(noise), torch.tensor([0.2, 0.5, 1.0]), torch.from_numpy(words))[:, 0].numpy()
    np.testing.assert_allclose(one, same, atol=1e-4)
    for strength, begin in ((1.0, None), (0.7, start)):
        ours = sample(model.direction, Plan(noise[:, 0], words, away, begin, np.full(3, strength, np.float32)), 8, 2.0, told)
        theirs = pipe(prompts, "rose", begin, strength, 8, 2.0, latents=torch.from_numpy(noise)).images
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_weights_lie_once_and_the_graph_reads_them_there(weights):
    import onnx

    graph = onnx.load(weights / "motif.onnx", load_external_data=False)
    outside = [tensor for tensor in graph.graph.initializer if tensor.data_location == onnx.TensorProto.EXTERNAL]
    count = sum(int(np.prod(tensor.dims)) for tensor in outside)
    stored = sum(path.stat().st_size for path in weights.rglob("*.safetensors"))
    assert 2 * count <= stored < 2.2 * count
    inside = sum(int(np.prod(tensor.dims)) for tensor in graph.graph.initializer) - count
    assert inside < 1000 and (weights / "motif.onnx").stat().st_size < 200_000
    text = (weights / "motif.onnx").read_bytes()
    assert str(SCRIPT.parents[1]).encode() not in text and b"site-packages" not in text


def test_the_same_checkpoint_gives_the_same_bytes(export, training, weights, tmp_path):
    export.main([str(training), "--out", str(tmp_path / "again")])
    names = sorted(path.relative_to(weights) for path in weights.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*") if path.is_file())
    for name in names:
        assert (weights / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_the_list_names_every_file_with_its_size_and_sum(weights):
    about = json.loads((weights / "motif.json").read_text("utf-8"))
    assert about["format"] == "jewelgen-motif/1" and about["images"] == 1234 and len(about["revision"]) == 12
    there = {path.relative_to(weights).as_posix() for path in weights.rglob("*") if path.is_file()}
    assert set(about["files"]) == there - {"motif.json"}
    for name, entry in about["files"].items():
        data = (weights / name).read_bytes()
        assert entry == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_drawings_that_were_taught_go_along_with_their_subjects(weights, few_cells):
    made = few_cells[0]
    with np.load(weights / "drawings.npz", allow_pickle=False) as file:
        names, subjects = (bytes(file[key]).decode().split("\n") for key in ("names", "subjects"))
        cells = file["cells"]
    drawn = [name for name, held in zip(made.names[:13], made.held, strict=False) if not held]
    assert sorted(names) == sorted(drawn) and cells.shape == (len(names), 32, 32) and cells.dtype == np.int8
    for name, subject, cell in zip(names, subjects, cells, strict=True):
        k = made.names.index(name)
        assert subject == made.captions[k][0]
        large = np.kron(cell > 0, np.ones((3, 3), bool))
        assert (large ^ (made.shapes[k] > 0)).mean() < 0.12  # fine lines are lost at 32 px


def test_an_export_that_fails_leaves_the_old_weights(export, training, weights, monkeypatch):
    before = (weights / "motif.json").read_bytes()
    monkeypatch.setattr(export, "parity", lambda network, graph: 0.5)
    with pytest.raises(SystemExit, match="differ"):
        export.main([str(training), "--out", str(weights)])
    assert (weights / "motif.json").read_bytes() == before
