"""Depth models of random weights: the real classes, saved as folders and loaded as a person's weights are; what they see becomes a relief."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import tiny_words
import torch

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.height.methods import height_of
from blender_jewelgen.core.height.params import HeightParams, SeeingParams
from blender_jewelgen.engines.depth import marigold as depth_marigold
from blender_jewelgen.engines.depth import run as depth_run
from blender_jewelgen.engines.depth import see as depth


@dataclass(frozen=True)
class Plan:
    """What ``device.plan`` gives, for the processor."""

    device: str = "cpu"
    dtype: str = "float32"
    offload: str = "none"
    slicing: bool = False
    quantise: str = ""


def weights(family: str, path: Path) -> SimpleNamespace:
    credit = {"model": f"tiny {family}", "revision": "0", "licence": "none"}
    return SimpleNamespace(name=f"tiny {family}", family=family, path=path, variant="", credit=lambda: credit)


def marigold(path: Path, normals: bool = False) -> Path:
    """A pipeline of random weights in a folder."""
    from diffusers import AutoencoderKL, DDIMScheduler, MarigoldDepthPipeline, MarigoldNormalsPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(3)
    tokenizer = tiny_words.clip()
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=(16, 32), layers_per_block=1, in_channels=8, out_channels=4, cross_attention_dim=32, attention_head_dim=4,
        norm_num_groups=8, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )  # fmt: skip
    vae = AutoencoderKL(block_out_channels=(8, 16, 16, 16), down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
                        latent_channels=4, layers_per_block=1, norm_num_groups=4, sample_size=64)  # fmt: skip
    text = CLIPTextModel(CLIPTextConfig(vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=1, max_position_embeddings=77,
                                        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id))  # fmt: skip
    common = {"unet": unet, "vae": vae, "scheduler": DDIMScheduler(prediction_type="v_prediction", clip_sample=False), "text_encoder": text, "tokenizer": tokenizer,
              "default_denoising_steps": 3, "default_processing_resolution": 64}  # fmt: skip
    pipe = MarigoldNormalsPipeline(**common, prediction_type="normals") if normals else MarigoldDepthPipeline(**common, prediction_type="depth")
    pipe.save_pretrained(path, safe_serialization=True)
    return path


def anything(path: Path, metric: bool = False, prepared: bool = True) -> Path:
    """Depth-Anything V2 in small, of random weights, in a folder."""
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    torch.manual_seed(5)
    backbone = Dinov2Config(image_size=56, patch_size=14, hidden_size=32, num_hidden_layers=4, num_attention_heads=4, out_indices=[1, 2, 3, 4], reshape_hidden_states=False,
                            apply_layernorm=True)  # fmt: skip
    config = DepthAnythingConfig(backbone_config=backbone, patch_size=14, reassemble_hidden_size=32, reassemble_factors=[4, 2, 1, 0.5], neck_hidden_sizes=[16, 16, 16, 16],
                                 fusion_hidden_size=16, head_hidden_size=8, initializer_range=0.3, depth_estimation_type="metric" if metric else "relative", max_depth=20 if metric else None)  # fmt: skip
    DepthAnythingForDepthEstimation(config).save_pretrained(path, safe_serialization=True)
    if prepared:
        (path / "preprocessor_config.json").write_text(
            '{"image_processor_type": "DPTImageProcessor", "do_resize": true, "size": {"height": 56, "width": 56}, "keep_aspect_ratio": true, "ensure_multiple_of": 14,'
            ' "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 3, "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true}'
        )
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One folder of each family, in a place named as people name theirs."""
    root = tmp_path_factory.mktemp("models") / "模型 José"
    root.mkdir()
    return {
        "marigold-depth": marigold(root / "depth"), "marigold-normals": marigold(root / "normals", normals=True), "depth-anything": anything(root / "anything"),
        "metric": anything(root / "metric", metric=True), "bare": anything(root / "bare", prepared=False),
    }  # fmt: skip


def photo(rows: int = 48, columns: int = 72) -> np.ndarray:
    """(rows, columns, 3) a lit ball."""
    y, x = np.mgrid[:rows, :columns]
    high = np.sqrt(np.clip(1.0 - ((x - columns / 2) / 20) ** 2 - ((y - rows / 2) / 20) ** 2, 0.0, None))
    return np.stack([0.1 + 0.8 * high, 0.1 + 0.6 * high, 0.2 + 0.3 * high], -1).astype(np.float32)


def look(folders, family, picture=None, plan=None, params=None, tell=lambda share, text: None):
    method = "depth-anything" if family in ("depth-anything", "metric", "bare") else "marigold"
    named = "depth-anything" if method == "depth-anything" else family
    return depth.estimate(method, photo() if picture is None else picture, weights(named, folders[family]), plan or Plan(), tell, params)


@pytest.mark.parametrize("family", ["marigold-depth", "depth-anything", "metric"])
def test_a_depth_has_the_size_of_the_picture_and_goes_from_0_to_1(folders, family):
    found = look(folders, family)
    assert found.normals is None and found.depth.dtype == np.float32 and found.depth.shape == (48, 72)
    assert (found.depth.min(), found.depth.max()) == (0.0, 1.0)
    assert list(found.credit.values()) == [{"model": f"tiny {'depth-anything' if family == 'metric' else family}", "revision": "0", "licence": "none"}]


def test_no_normal_faces_away(folders):
    found = look(folders, "marigold-normals")
    assert found.normals[..., 2].min() > 0.05


def test_normals_are_unit_vectors_of_the_size_of_the_picture(folders):
    found = look(folders, "marigold-normals")
    assert found.depth is None and found.normals.shape == (48, 72, 3)
    np.testing.assert_allclose(np.linalg.norm(found.normals, axis=-1), 1.0, atol=1e-5)


def test_marigolds_far_is_dark_and_its_disparity_is_not_turned(folders, tmp_path):
    import json
    import shutil

    other = tmp_path / "disparity"
    shutil.copytree(folders["marigold-depth"], other)
    index = json.loads((other / "model_index.json").read_text())
    (other / "model_index.json").write_text(json.dumps(index | {"prediction_type": "disparity"}))
    near = depth.estimate("marigold", photo(), weights("marigold-depth", other), Plan()).depth
    np.testing.assert_allclose(look(folders, "marigold-depth").depth, 1.0 - near, atol=1e-6)


def test_metres_from_the_lens_are_turned_into_nearness(folders):
    from transformers import AutoImageProcessor, DepthAnythingForDepthEstimation

    given = AutoImageProcessor.from_pretrained(str(folders["metric"]))(images=depth.shown(photo()), return_tensors="pt")
    metres = DepthAnythingForDepthEstimation.from_pretrained(str(folders["metric"])).eval()(**given).predicted_depth[:, None]
    metres = torch.nn.functional.interpolate(metres, size=(48, 72), mode="bicubic", align_corners=False)[0, 0].detach().numpy()
    np.testing.assert_allclose(look(folders, "metric").depth, depth_run.stretched(-metres), atol=1e-5)


def test_weights_without_a_note_on_pictures_are_shown_them_as_taught(folders):
    assert look(folders, "bare", params=SeeingParams(resolution=64)).depth.shape == (48, 72)


def test_the_same_seed_sees_the_same_and_another_does_not(folders):
    first, again, other = (look(folders, "marigold-depth", params=SeeingParams(seed=seed)).depth for seed in (4, 4, 5))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_several_looks_are_fitted_before_their_median_is_taken():
    truth = photo()[..., 0]
    answers = [(gain * truth + level)[..., None] for gain, level in ((0.5, 0.1), (0.9, 0.0), (0.2, 0.6), (1.0, 0.0))]
    answers.append(np.random.default_rng(0).random(truth.shape).astype(np.float32)[..., None])  # one that saw nothing
    np.testing.assert_allclose(depth_marigold.merged_depth(answers), depth_run.stretched(truth), atol=1e-5)


def test_directions_are_averaged_as_directions():
    a, b = np.zeros((2, 4, 5, 3), np.float32)
    a[..., 0], b[..., 2] = 1.0, 1.0
    np.testing.assert_allclose(depth_marigold.merged_normals([a, b]), np.broadcast_to(np.sqrt([0.5, 0.0, 0.5]), (4, 5, 3)), atol=1e-6)


def test_an_ensemble_looks_as_often_as_it_is_told(folders):
    told = []
    found = look(folders, "marigold-normals", params=SeeingParams(ensemble=3, steps=2), tell=lambda share, text: told.append((share, text)))
    assert {text for _, text in told if "step" in text} == {f"seeing the slopes, step {k} of 6" for k in range(1, 7)}
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] >= 0.0 and shares[-1] <= 1.0
    np.testing.assert_allclose(np.linalg.norm(found.normals, axis=-1), 1.0, atol=1e-5)


@pytest.mark.parametrize("family", ["marigold-depth", "marigold-normals", "depth-anything"])
def test_it_stops_within_a_step_at_every_phase(folders, family):
    calls, once = [], SeeingParams(steps=1)
    look(folders, family, params=once, tell=lambda share, text: calls.append(text))
    assert len(calls) > {"depth-anything": 5}.get(family, 20)
    for stop in (0, 2, len(calls) // 2, len(calls) - 1):
        seen = []

        def tell(share, text, seen=seen, stop=stop):
            seen.append(text)
            if len(seen) > stop:
                raise Cancelled("cancelled")

        with pytest.raises(Cancelled):
            look(folders, family, params=once, tell=tell)
        assert len(seen) == stop + 1


def test_what_half_precision_cannot_count_is_counted_again_in_full(folders, monkeypatch):
    tried = []

    def poor(image, weights, plan, params, tell):
        tried.append(plan.dtype)
        values = depth_marigold.depth(image, weights, replace(plan, dtype="float32"), params, tell)
        return values if plan.dtype == "float32" else np.where(values > 0.5, np.nan, values)

    values, notes = depth_run.finite(poor, depth.shown(photo()), weights("marigold-depth", folders["marigold-depth"]), Plan(dtype="float16"), SeeingParams(), lambda *_: None)
    assert tried == ["float16", "float32"] and notes == (depth_run.AGAIN,) and np.isfinite(values).all()


def test_a_model_that_never_answers_in_numbers_is_named(folders, tmp_path):
    import shutil

    from safetensors.torch import load_file, save_file

    broken = tmp_path / "broken"
    shutil.copytree(folders["depth-anything"], broken)
    tensors = {name: torch.full_like(value, torch.nan) for name, value in load_file(broken / "model.safetensors").items()}
    save_file(tensors, broken / "model.safetensors", {"format": "pt"})
    with pytest.raises(BadInput, match="no numbers") as refusal:
        depth.estimate("depth-anything", photo(), weights("depth-anything", broken), Plan())
    assert refusal.value.field == "model" and refusal.value.fix


def test_bfloat16_weights_see_nearly_the_same(folders):
    full, half = (look(folders, "depth-anything", plan=Plan(dtype=name)).depth for name in ("float32", "bfloat16"))
    assert np.isfinite(half).all() and np.corrcoef(full.ravel(), half.ravel())[0, 1] > 0.9


def test_too_little_memory_offers_a_smaller_size(folders, monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    monkeypatch.setattr(depth_marigold, "_load", full)
    with pytest.raises(BadInput, match="memory") as refusal:
        look(folders, "marigold-depth")
    assert refusal.value.field == "memory" and refusal.value.fix.option == "--resolution 384"
    with pytest.raises(BadInput) as refusal:
        look(folders, "marigold-depth", params=SeeingParams(resolution=128))
    assert refusal.value.fix.option == "--method shading"


def test_a_folder_of_another_model_is_one_sentence(folders, tmp_path):
    (tmp_path / "empty").mkdir()
    for family, path in (("marigold-depth", tmp_path / "empty"), ("depth-anything", tmp_path / "empty"), ("marigold-depth", folders["depth-anything"]), ("depth-anything", folders["marigold-depth"])):
        with pytest.raises(BadInput) as refusal:
            depth.estimate("marigold" if family.startswith("marigold") else "depth-anything", photo(), weights(family, path), Plan())
        assert refusal.value.field == "model" and "\n" not in str(refusal.value) and len(str(refusal.value)) < 400


def test_weights_that_lack_parts_are_refused_and_not_filled_with_noise(folders, tmp_path):
    import shutil

    from safetensors.torch import load_file, save_file

    other = tmp_path / "other"
    shutil.copytree(folders["depth-anything"], other)
    tensors = load_file(other / "model.safetensors")
    save_file({name: value for name, value in tensors.items() if not name.startswith("head")}, other / "model.safetensors", {"format": "pt"})
    with pytest.raises(BadInput, match="parts are missing"):
        depth.estimate("depth-anything", photo(), weights("depth-anything", other), Plan())


def test_pickles_are_not_opened(folders, tmp_path):
    import shutil

    from safetensors.torch import load_file

    other = tmp_path / "pickle"
    shutil.copytree(folders["depth-anything"], other)
    torch.save(load_file(other / "model.safetensors"), other / "pytorch_model.bin")
    (other / "model.safetensors").unlink()
    with pytest.raises(BadInput):
        depth.estimate("depth-anything", photo(), weights("depth-anything", other), Plan())


def test_what_is_transparent_is_seen_on_white_and_a_strip_is_refused():
    clear = np.concatenate([photo(), np.zeros((48, 72, 1), np.float32)], -1)
    assert np.asarray(depth.shown(clear)).min() == 255
    assert max(depth.shown(np.zeros((400, 4096), np.float32)).size) == depth.LARGEST
    with pytest.raises(BadInput, match="narrow"):
        depth.shown(np.zeros((10, 400, 3)))


def test_depth_and_normals_become_one_relief(folders):
    """The fusion is the core's own: a depth that is coarse and normals that are fine agree with the truth in both."""
    both = depth.joined([look(folders, "marigold-depth"), look(folders, "marigold-normals")])
    made = height_of(photo(), HeightParams(method="marigold", crop=False), depth=both.depth, normals=both.normals)
    assert made.method == "marigold" and made.height.shape == (48, 72) and "agreement" in made.facts
    assert set(both.credit) == {"marigold-depth", "marigold-normals"}
    alone = height_of(photo(), HeightParams(method="depth-anything"), depth=look(folders, "depth-anything").depth)
    assert alone.method == "depth-anything" and (alone.height.min(), alone.height.max()) == (0.0, 1.0)


def test_weights_are_found_judged_and_joined_by_their_names(folders):
    found = depth.see("marigold", photo(), [str(folders["marigold-depth"]), str(folders["marigold-normals"])], SeeingParams(steps=1))
    assert found.depth.shape == (48, 72) and found.normals.shape == (48, 72, 3)
    assert {name: row["family"] for name, row in found.credit.items()} == {"marigold-depth": "marigold-depth", "marigold-normals": "marigold-normals"}
    both = depth.see("depth-anything", photo(), [str(folders["marigold-normals"]), str(folders["depth-anything"])], SeeingParams(steps=1))
    assert set(both.credit) == {"depth-anything", "marigold-normals"} and both.depth is not None and both.normals is not None


@pytest.mark.parametrize(
    ("method", "names", "words"),
    [
        ("marigold", ["depth-anything"], "needs marigold-depth or marigold-normals"), ("depth-anything", ["marigold-normals"], "its own model"),
        ("marigold", ["marigold-depth", "marigold-depth"], "one family"),
    ],
)  # fmt: skip
def test_a_model_of_another_kind_is_refused_by_name(folders, method, names, words):
    with pytest.raises(BadInput, match=words) as refusal:
        depth.see(method, photo(), [str(folders[name]) for name in names])
    assert refusal.value.field == "model"


@pytest.fixture
def picture(tmp_path):
    from PIL import Image

    path = tmp_path / "照片 photo.png"
    Image.fromarray(np.round(photo() * 255).astype(np.uint8)).save(path)
    return path


def test_the_job_of_the_panel_sees_and_compares(folders, picture, tmp_path):
    from PIL import Image

    from blender_jewelgen.core.height.picture import read_levels
    from blender_jewelgen.worker.jobs_height import heights

    told = []
    order = {"picture": str(picture), "methods": ["depth-anything", "luminance"], "models": [str(folders["depth-anything"])]}
    result = heights(order, tmp_path, lambda share, text, preview="": told.append(text))
    assert [row["method"] for row in result["heights"]] == ["depth-anything", "luminance"] and "seeing the depth" in told
    assert read_levels(tmp_path / "height-depth-anything.png").shape == (48, 72)
    with Image.open(tmp_path / "thumb-depth-anything.png") as thumb:
        assert thumb.size == (72, 48)
    missing = heights(order | {"models": [str(tmp_path / "gone" / "folder")]}, tmp_path, lambda *_, **__: None)
    assert [row["method"] for row in missing["left_out"]] == ["depth-anything"] and "gone" in missing["left_out"][0]["reason"]


def test_the_verb_sees_in_a_worker_and_writes_the_height_of_both_models(folders, picture, tmp_path):
    import json

    from blender_jewelgen.cli.main import main
    from blender_jewelgen.core.height.picture import read_levels

    out = tmp_path / "金 盒"
    models = ["--model", str(folders["marigold-depth"]), "--model", str(folders["marigold-normals"])]
    assert main(["height", str(picture), "--method", "marigold", *models, "--steps", "1", "--seed", "7", "--quiet", "--json", "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["method"] == "marigold" and set(report["models"]) == {"marigold-depth", "marigold-normals"}
    seen = depth.see("marigold", photo(), models[1::2], SeeingParams(steps=1, seed=7))
    made = height_of(photo(), HeightParams(method="marigold"), depth=seen.depth, normals=seen.normals)
    assert np.abs(read_levels(out / "height.png") - made.height).max() < 1e-3


def test_a_named_model_says_the_method_and_another_method_is_refused(folders):
    from blender_jewelgen.cli.height import chosen

    both = [str(folders["marigold-normals"]), str(folders["depth-anything"])]
    assert chosen(HeightParams(), both).method == "depth-anything" and chosen(HeightParams(method="model"), both[:1]).method == "marigold"
    assert chosen(HeightParams(method="line"), ()).method == "line" and chosen(HeightParams(method="marigold"), both).method == "marigold"
    with pytest.raises(BadInput, match="shading sees with no model"):
        chosen(HeightParams(method="shading"), both)


def test_without_torch_anywhere_the_verb_says_what_to_install(picture, monkeypatch, capsys, tmp_path):
    from blender_jewelgen.cli.main import main
    from blender_jewelgen.worker import elsewhere
    from blender_jewelgen.worker.runtime import care as runtime

    monkeypatch.setattr(elsewhere, "find_spec", lambda name: None)
    monkeypatch.setattr(runtime, "python", lambda: None)
    assert main(["height", str(picture), "--method", "marigold", "--out", str(tmp_path / "o")]) == 2
    said = capsys.readouterr().err
    assert "the AI runtime, which is not installed" in said and "jewelgen runtime install" in said and not (tmp_path / "o").exists()


def test_the_job_goes_on_in_the_runtimes_python_where_this_one_has_no_torch(folders, picture, monkeypatch, tmp_path):
    import sys

    from blender_jewelgen.core.height.picture import read_levels
    from blender_jewelgen.worker import elsewhere, jobs_height
    from blender_jewelgen.worker.runtime import care as runtime

    order = {"picture": str(picture), "height": {"method": "depth-anything"}, "models": [str(folders["depth-anything"])]}
    (tmp_path / "here").mkdir()
    here = jobs_height.heights(order, tmp_path / "here", lambda *_, **__: None)
    monkeypatch.setattr(elsewhere, "find_spec", lambda name: None)
    monkeypatch.setattr(runtime, "python", lambda: sys.executable)
    told = []
    there = jobs_height.heights(order, tmp_path, lambda share, text, preview="": told.append((text, preview)))
    assert "starting the AI runtime" in [text for text, _ in told] and "thumb-depth-anything.png" in [preview for _, preview in told]
    assert there["heights"][0]["file"] == here["heights"][0]["file"]
    both = [read_levels(folder / "height-depth-anything.png") for folder in (tmp_path, tmp_path / "here")]
    np.testing.assert_allclose(*both, atol=1e-3)  # another number of threads adds in another order
    with pytest.raises(BadInput, match="no torch"):
        jobs_height.heights(order | {"passed_on": True}, tmp_path, lambda *_, **__: None)
    monkeypatch.setattr(runtime, "python", lambda: None)
    result = jobs_height.heights(order | {"methods": ["depth-anything", "luminance"]}, tmp_path, lambda *_, **__: None)
    assert [row["method"] for row in result["heights"]] == ["luminance"] and "runtime" in result["left_out"][0]["reason"]


def test_a_model_that_has_not_looked_is_asked_for(folders):
    with pytest.raises(BadInput, match="look at the picture first") as refusal:
        height_of(photo(), HeightParams(method="marigold"))
    assert refusal.value.fix.option == "jewelgen height PICTURE --method marigold"


def test_without_names_the_usual_models_see_and_the_one_for_normals_may_be_missing(monkeypatch, folders):
    from blender_jewelgen.engines.weights import models
    from blender_jewelgen.engines.weights import resolve as weights

    asked = []

    def resolve(name, here=("marigold-depth",)):
        asked.append(name)
        if name not in here:
            raise BadInput("not here", field="network")
        return judge(folders[name])

    judge = weights.judge
    monkeypatch.setattr(weights, "resolve", resolve)
    assert set(depth.see("marigold", photo(), params=SeeingParams(steps=1)).credit) == {"marigold-depth"} and asked == ["marigold-depth", "marigold-normals"]
    with pytest.raises(BadInput, match="not here"):
        depth.see("depth-anything", photo())
    assert {name for row in depth.USUAL.values() for name in row} <= {card.name for card in models.cards()}
