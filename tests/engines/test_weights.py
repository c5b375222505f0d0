"""What a person names is found and judged before anything is loaded: families, pickles, code, halves, folders that went."""

from __future__ import annotations

import json
import shutil
import struct

import pytest
from hub_server import REVISION, model_folder, write_safetensors

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.weights import fetch, headers, judged, models, places
from blender_jewelgen.engines.weights import resolve as weights

UNET_XL = {"model.diffusion_model.input_blocks.0.0.weight": (4, 4), "conditioner.embedders.1.model.positional_embedding": (4, 4), "first_stage_model.x": (8, 2)}
UNET_15 = {"model.diffusion_model.input_blocks.0.0.weight": (4, 4), "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": (4, 4)}


def refusal(text, **settings):
    with pytest.raises(BadInput) as caught:
        weights.resolve(str(text), **settings)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("cls", "family"),
    [("StableDiffusionPipeline", "sd15"), ("StableDiffusionXLPipeline", "sdxl"), ("StableDiffusion3Pipeline", "sd3"), ("FluxPipeline", "flux"), ("Flux2KleinPipeline", "flux2-klein"), ("ZImagePipeline", "z-image"), ("QwenImagePipeline", "qwen-image"), ("SanaPipeline", "sana"), ("MarigoldDepthPipeline", "marigold-depth"), ("MarigoldNormalsPipeline", "marigold-normals"), ("ShapEPipeline", "shap-e"), ("StableDiffusionUpscalePipeline", "upscaler")],
)
def test_a_folder_is_told_by_its_class(home, tmp_path, cls, family):
    folder = model_folder(tmp_path / "我的 model", cls)
    made = weights.resolve(f"diffusers:{folder}")
    assert (made.family, made.path, made.name, made.variant) == (family, folder, "我的 model", "")
    assert made.parts == pytest.approx({"denoiser": (64 * 48 + 7) / 1e9, "vae": (64 * 48 + 7) / 1e9, "text": (64 * 48 + 7) / 1e9})
    assert not made.commercial and made.card.licence.commercial == "unknown" and made.revision.startswith("headers-")


def test_smaller_files_alone_are_told(home, tmp_path):
    assert weights.resolve(str(model_folder(tmp_path / "m", variants=("fp16",)))).variant == "fp16"
    assert weights.resolve(str(model_folder(tmp_path / "both", variants=("", "fp16")))).variant == ""
    assert [judged.variant_of(name) for name in ("model.safetensors", "model.fp16.safetensors", "model-00001-of-00002.safetensors", "model.fp16-00001-of-00002.safetensors")] == ["", "fp16", "", "fp16"]


def test_other_weights_have_another_mark(home, tmp_path):
    first = weights.resolve(str(model_folder(tmp_path / "a")))
    second = weights.resolve(str(model_folder(tmp_path / "b", variants=("fp16",))))
    assert first.revision != second.revision == weights.resolve(str(tmp_path / "b")).revision


@pytest.mark.parametrize("name", ["model.ckpt", "model.bin", "model.pt", "model.pth", "MODEL.CKPT"])
def test_pickles_are_refused_and_never_opened(home, tmp_path, name):
    (tmp_path / name).write_bytes(b"\x80\x02cos\nsystem\nq\x00.")
    assert "pickle" in str(refusal(tmp_path / name))


def test_a_folder_of_pickles_is_refused(home, tmp_path):
    folder = model_folder(tmp_path / "m", pickles=True)
    assert weights.resolve(str(folder)).family == "sd15"  # beside .safetensors they are not looked at
    (folder / "unet/diffusion_pytorch_model.safetensors").unlink()
    error = refusal(folder)
    assert "m/unet holds its weights as pickle files only (diffusion_pytorch_model.bin)" in str(error) and error.field == "model"


def test_a_pickle_that_calls_itself_safetensors_is_refused(home, tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"PK\x03\x04" + bytes(200))
    assert "whatever its name says" in str(refusal(tmp_path / "x.safetensors"))
    (tmp_path / "y.safetensors").write_bytes(struct.pack("<Q", 4) + b"[1] " + bytes(200))
    assert "whatever its name says" in str(refusal(tmp_path / "y.safetensors"))


@pytest.mark.parametrize("index", [{"_class_name": ["pipeline", "Mine"]}, {"_class_name": "StableDiffusionPipeline", "unet": ["my_unet", "Net"]}])
def test_code_of_the_maker_is_refused(home, tmp_path, index):
    folder = model_folder(tmp_path / "m")
    (folder / "model_index.json").write_text(json.dumps(index))
    assert "code of its maker" in str(refusal(folder))


@pytest.mark.parametrize(("file", "text"), [("unet/config.json", '{"auto_map": {"AutoModel": "evil.Net"}}'), ("tokenizer/tokenizer_config.json", '{"auto_map": {}}'), ("unet/net.py", ""), ("pipeline.py", ""), ("vae/config.json", '{"trust_remote_code": true}')])
def test_code_beside_the_weights_is_refused(home, tmp_path, file, text):
    folder = model_folder(tmp_path / "m")
    (folder / file).write_text(text)
    assert "code of its maker" in str(refusal(folder)) and file.split("/")[-1] in str(refusal(folder))


def test_a_class_that_is_not_drawn_with_is_named(home, tmp_path):
    assert "is a WuerstchenPipeline" in str(refusal(model_folder(tmp_path / "m", "WuerstchenPipeline")))
    write_safetensors(tmp_path / "t" / "model.safetensors", {"x": (4, 4)})
    (tmp_path / "t" / "config.json").write_text('{"architectures": ["BertModel"]}')
    assert "BertModel" in str(refusal(tmp_path / "t"))


@pytest.mark.parametrize("keep", [4, 60, 1000])
def test_half_a_file_is_found_by_its_head(home, tmp_path, keep):
    folder = model_folder(tmp_path / "m")
    file = folder / "vae/diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    error = refusal(folder)
    assert "ends early" in str(error) and "fetch it again" in str(error)


def test_a_part_or_a_piece_that_lacks_is_named(home, tmp_path):
    folder = model_folder(tmp_path / "m")
    (folder / "unet/diffusion_pytorch_model.safetensors").rename(folder / "unet/diffusion_pytorch_model-00001-of-00002.safetensors")
    (folder / "unet/diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "diffusion_pytorch_model-00001-of-00002.safetensors", "b": "diffusion_pytorch_model-00002-of-00002.safetensors"}}))
    assert "lacks 1 of its 2 files of weights (diffusion_pytorch_model-00002-of-00002.safetensors)" in str(refusal(folder))
    shutil.rmtree(folder / "unet")
    assert "lacks its part unet" in str(refusal(folder))
    (folder / "model_index.json").write_text("{")
    assert "cannot be read" in str(refusal(folder))


@pytest.mark.parametrize(
    ("shapes", "family", "base"),
    [
        (UNET_XL, "sdxl", ""), (UNET_15, "sd15", ""),
        ({"unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight": (4, 768)}, "lora", "sd15"),
        ({"lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight": (4, 2048)}, "lora", "sdxl"),
        ({"transformer.single_transformer_blocks.0.attn.to_k.lora_A.weight": (4, 64)}, "lora", "flux"),
        ({"transformer.transformer_blocks.0.attn.add_k_proj.lora_A.weight": (4, 64)}, "lora", "sd3"),
        ({"transformer.transformer_blocks.0.img_mod.1.lora_A.weight": (4, 64)}, "lora", "qwen-image"),
        ({"diffusion_model.layers.0.attention.to_k.lora_A.weight": (4, 64)}, "lora", "z-image"),
        ({"image_proj.norm.weight": (4,), "ip_adapter.1.to_k_ip.weight": (4, 768)}, "ip-adapter", "sd15"),
        ({"image_proj.norm.weight": (4,), "ip_adapter.1.to_k_ip.weight": (4, 2048)}, "ip-adapter", "sdxl"),
        ({"controlnet_cond_embedding.conv_in.weight": (4, 4), "down_blocks.0.attn2.to_k.weight": (4, 768)}, "controlnet", "sd15"),
        ({"controlnet_cond_embedding.conv_in.weight": (4, 4), "add_embedding.linear_1.weight": (4, 4)}, "controlnet", "sdxl"),
        ({"model.diffusion_model.joint_blocks.0.context_block.adaLN_modulation.1.bias": (4,)}, "sd3", ""),
        ({"double_blocks.0.img_attn.norm.key_norm.scale": (4,)}, "flux", ""),
        ({"single_stream_modulation.lin.weight": (4, 4)}, "flux2-klein", ""),
        ({"model.diffusion_model.layers.0.adaLN_modulation.0.weight": (4, 4)}, "z-image", ""),
        ({"encoder.layer.0.weight": (4, 4)}, "", ""),
    ],
)  # fmt: skip
def test_a_file_is_told_by_the_names_in_its_head(tmp_path, shapes, family, base):
    assert headers.family_of(headers.head(write_safetensors(tmp_path / "x.safetensors", shapes))) == (family, base)


def test_only_the_head_is_read(tmp_path, monkeypatch):
    """A file of 40 GB, most of it a hole."""
    file = write_safetensors(tmp_path / "x.safetensors", UNET_15)
    text = json.dumps({"big": {"dtype": "F16", "shape": [20_000, 1_000_000], "data_offsets": [0, 40_000_000_000]}}).encode()
    with file.open("wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        out.truncate(8 + len(text) + 40_000_000_000)
    assert headers.head(file).billions == 20.0


def test_a_single_file_needs_the_settings_of_its_family(home, hub, tmp_path):
    file = write_safetensors(tmp_path / "own" / "dream.safetensors", UNET_15)
    error = refusal(file)
    assert "settings and tables of words are not in it" in str(error) and error.fix.option == "jewelgen models fetch sd15 --accept"
    beside = model_folder(tmp_path / "own" / "dream")
    made = weights.resolve(str(file))
    assert (made.family, made.path, made.config) == ("sd15", file, beside)
    shutil.rmtree(beside)
    hub.repositories[models.card("sd15").hub] = model_folder(tmp_path / "served")
    (folder,) = fetch.fetch("sd15", True)
    assert weights.resolve(str(file)).config == folder  # a model of the family that is here has them


@pytest.mark.parametrize("shapes", [{"double_blocks.0.img_attn.norm.key_norm.scale": (4,)}, {"layers.0.adaLN_modulation.0.weight": (4, 4)}, {"blocks.0.cross_attn.q_linear.weight": (4, 4)}])
def test_a_file_that_holds_the_denoiser_only_is_refused(home, tmp_path, shapes):
    assert "holds its denoiser only" in str(refusal(write_safetensors(tmp_path / "x.safetensors", shapes)))


def test_a_controlnet_and_a_depth_model_are_told_by_their_settings(home, tmp_path):
    write_safetensors(tmp_path / "c/diffusion_pytorch_model.safetensors", {"x": (4, 4)})
    (tmp_path / "c/config.json").write_text('{"_class_name": "ControlNetModel", "cross_attention_dim": 2048}')
    made = weights.resolve(str(tmp_path / "c"))
    assert (made.family, made.base) == ("controlnet", "sdxl")
    write_safetensors(tmp_path / "d/model.safetensors", {"x": (4, 4)})
    (tmp_path / "d/config.json").write_text('{"architectures": ["DepthAnythingForDepthEstimation"], "model_type": "depth_anything"}')
    assert weights.resolve(str(tmp_path / "d")).family == "depth-anything"


@pytest.mark.parametrize(("text", "words"), [("", "no model is named"), ("sdxll", "did you mean sdxl"), ("./gone", "there is no"), ("gone.safetensors", "there is no"), ("~/nothing/here", "there is no"), ("x.gguf", "there is no")])
def test_what_is_not_there_is_one_sentence(home, text, words):
    assert words in str(refusal(text)) and refusal(text).field == "model"


def test_what_is_not_fetched_yet_names_what_fetches_it(home):
    error = refusal("sdxl")
    assert error.field == "network" and "not on this computer" in str(error) and error.fix.option == "jewelgen models fetch sdxl --accept"
    assert refusal(f"some/model@{REVISION}").fix.option == f"jewelgen models fetch some/model@{REVISION} --accept"
    assert "pickle" in str(refusal("triposr"))


def test_an_added_name_lasts_and_a_renamed_folder_is_told(home, tmp_path):
    folder = model_folder(tmp_path / "house style")
    made = fetch.add(folder, "house", "apache-2.0")
    assert (made.name, made.commercial, made.licence) == ("house", True, "Apache 2.0") and weights.resolve("house", commercial_only=True).path == folder
    folder.rename(tmp_path / "elsewhere")
    error = refusal("house")
    assert "not there any more" in str(error) and error.fix.option == "jewelgen models add PATH --name house"
    assert fetch.remove("house") == [] and (tmp_path / "elsewhere").is_dir()
    assert "not known" in str(refusal("house"))


@pytest.mark.parametrize("name", ["", "sdxl", "a/b", "a@b", "x" * 61])
def test_some_names_cannot_be_given(home, tmp_path, name):
    with pytest.raises(BadInput):
        fetch.add(model_folder(tmp_path / "m"), name)


def test_the_switch_leaves_out_what_is_not_commercial(home, tmp_path, monkeypatch):
    folder = model_folder(tmp_path / "m")
    assert "does not say whether" in str(refusal(folder, commercial_only=True))
    places.change(commercial_only=True)
    assert refusal(folder).fix.option == "jewelgen models where --no-commercial-only"
    monkeypatch.setenv("JEWELGEN_COMMERCIAL_ONLY", "0")
    assert weights.resolve(str(folder)).family == "sd15"


def test_the_place_is_the_calls_then_the_environments_then_the_settings(home, tmp_path, monkeypatch):
    assert places.where() == home
    places.change(where=str(tmp_path / "disk"))
    assert places.where() == tmp_path / "disk"
    monkeypatch.setenv("JEWELGEN_MODELS", str(tmp_path / "env"))
    assert places.where() == tmp_path / "env" and places.where(tmp_path / "said") == tmp_path / "said"
    monkeypatch.setenv("JEWELGEN_SHARED_MODELS", str(tmp_path / "room"))
    places.change(shared=(str(tmp_path / "room 2"),))
    assert places.shared() == (tmp_path / "room", tmp_path / "room 2", tmp_path / "hub cache" / "hub")


def test_settings_that_cannot_be_read_are_named(home):
    places.home().mkdir(parents=True)
    places.settings_file().write_text("{")
    with pytest.raises(BadInput, match="cannot be read"):
        places.settings()


def test_what_another_program_fetched_is_found(home, tmp_path):
    """The cache of the hub's own library: links from snapshots to blobs, a revision in refs."""
    hub = models.card("sd15").hub
    root = tmp_path / "hub cache" / "hub" / f"models--{hub.replace('/', '--')}"
    folder = model_folder(root / "snapshots" / REVISION)
    blob = root / "blobs" / "abc"
    blob.parent.mkdir()
    (folder / "unet/diffusion_pytorch_model.safetensors").rename(blob)
    (folder / "unet/diffusion_pytorch_model.safetensors").symlink_to(blob)
    assert "not on this computer" in str(refusal("sd15"))
    (root / "refs").mkdir()
    (root / "refs/main").write_text(REVISION)
    made = weights.resolve("sd15")
    assert (made.revision, made.hub, made.card.name, made.path) == (REVISION, hub, "sd15", folder)
    assert fetch.fetch("sd15", True) == [folder]  # so the hub is not asked
    assert weights.resolve(f"{hub}@{REVISION}").path == folder
    blob.write_bytes(blob.read_bytes()[:50])
    assert "ends early" in str(refusal("sd15"))


def test_a_shared_folder_is_read_and_never_written(home, hub, tmp_path):
    hub.repositories[models.card("sd15").hub] = model_folder(tmp_path / "served")
    fetch.fetch("sd15", True)
    home.rename(tmp_path / "room")
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "room").rglob("*")}
    places.change(shared=(str(tmp_path / "room"),))
    made = weights.resolve("sd15")
    assert made.path.is_relative_to(tmp_path / "room") and made.revision == REVISION
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "room").rglob("*")} == before


def test_a_model_that_is_not_what_its_card_says_is_refused(home, tmp_path):
    with pytest.raises(BadInput, match="holds a model of the family sdxl; Stable Diffusion 1"):
        weights.judge(model_folder(tmp_path / "m", "StableDiffusionXLPipeline"), "sd15", models.card("sd15"))
