"""Every family of picture models, in miniature: built, saved, judged, read and drawn with as a person's own folder is."""

import json
import shutil
import threading

import numpy as np
import pytest
import torch
from tiny import FAMILIES

from blender_jewelgen.core.diffusion import DiffusionParams
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.pattern.strip import Strip, disc
from blender_jewelgen.core.stages import Order
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines import diffusers_picture
from blender_jewelgen.engines.diffusion import families, kept, load, previews
from blender_jewelgen.engines.diffusion.drawing import drawn
from blender_jewelgen.engines.weights import resolve as weights
from blender_jewelgen.engines.weights.device import Memory, plan

BAND = Strip(length=12.0, width=6.0, columns=96, rows=48)
EVERY = pytest.mark.parametrize("family", list(FAMILIES))
CPU = Memory(device="cpu", main_gb=8.0, free_gb=8.0)


def order(prompt="lotus scroll", surface=BAND, seed=5, show=None, **params):
    design = Design(motifs=(Motif(name="lotus-scroll"),))
    return Order("diffusers:tiny", design, surface, seed, DiffusionParams(**({"prompt": prompt, "steps": 2, "pixels": 128} | params)), show)


def quiet(share, text):
    pass


def test_every_family_of_the_table_has_a_tiny_model():
    assert set(FAMILIES) == set(families.FAMILIES)


@EVERY
def test_same_seed_same_pixels_other_seed_or_words_other_pixels(loaded, family):
    model = loaded(family)
    one, again = drawn(order(), model, quiet), drawn(order(), model, quiet)
    seed, words = drawn(order(seed=6), model, quiet), drawn(order("dragon and cloud"), model, quiet)
    np.testing.assert_array_equal(one.colours, again.colours)
    np.testing.assert_array_equal(one.picture, again.picture)
    assert one.colours.dtype == np.uint8 and one.colours.shape == (64, 128, 3)
    assert one.picture.dtype == np.float32 and one.picture.shape == (48, 96)
    assert np.ptp(one.picture) > 0.2 and one.picture.min() >= 0.0 and one.picture.max() <= 1.0
    assert np.abs(one.colours.astype(int) - seed.colours).mean() > 1.0
    assert not np.array_equal(one.colours, words.colours)


@EVERY
def test_what_it_draws_is_what_the_bare_pipeline_draws(loaded, family):
    model = loaded(family)
    ours = drawn(order(surface=disc(10.0, 64), pixels=64, negative="blur", manner="picture", method="luminance"), model, quiet)
    pipe, kind = model.pipe, families.FAMILIES[family]
    steps, guidance = 2, families.usual(kind, model.pipe, model.weights)[1]
    more = {"use_resolution_binning": False} if family == "sana" else {}
    if kind.hears_negative(guidance, pipe):
        from blender_jewelgen.engines.diffusion.wording import PHOTO_NEVER

        never = f"blur, {PHOTO_NEVER}"
        more |= {"negative_prompt_embeds": pipe.encode_prompt(never)[0]} if family == "flux2-klein" else {"negative_prompt": never}
    bare = pipe(
        prompt="lotus scroll", num_inference_steps=steps, width=64, height=64, generator=torch.Generator().manual_seed(5), output_type="np",
        **{kind.scale: guidance}, **more,
    ).images[0]  # fmt: skip
    np.testing.assert_array_equal(ours.colours, (bare * 255.0 + 0.5).astype(np.uint8))


@EVERY
def test_it_shows_every_step_and_cancels_at_the_second(loaded, family):
    model, shown, heard = loaded(family), [], []
    drawn(order(show=shown.append, steps=3), model, lambda share, text: heard.append((share, text)))
    steps = [text for _, text in heard if text.startswith("step")]
    assert len(shown) == len(steps) + 1 >= 3  # the last step says that the picture is decoded
    assert all(p.dtype == np.uint8 and p.ndim == 3 and p.shape[2] == 3 and np.ptp(p) > 0 for p in shown)
    assert not np.array_equal(shown[0], shown[-1])
    assert [share for share, _ in heard] == sorted(share for share, _ in heard)
    seen = []

    def stop(share, text):
        if text.startswith("step 2") or (text == "decoding the picture" and len(seen) == 2):
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        drawn(order(show=seen.append, steps=2), model, stop)
    assert len(seen) == 2
    again = drawn(order(), model, quiet)
    np.testing.assert_array_equal(again.colours, drawn(order(), model, quiet).colours)


@EVERY
def test_previews_take_the_colours_from_the_models_own_encoder(loaded, family):
    model = loaded(family)
    previews.prepared(model)
    assert model.tints["colours"].shape[0] == 3 and bool(torch.isfinite(model.tints["colours"]).all())


@EVERY
def test_the_credit_says_how_it_was_drawn(loaded, family):
    answer = drawn(order(surface=Strip(54.0, 6.0, 270, 30)), loaded(family), quiet)
    credit = answer.credit
    assert credit["model"] == family and credit["steps"] == "2" and credit["size"] == "128 x 64" and credit["tiles"] == "5 x 1"
    assert credit["revision"] and credit["licence"] and credit["scheduler"] and float(credit["seam_x"]) > 0.0
    assert all(isinstance(value, str) for value in credit.values())
    assert "the model drew one tile of 128 x 64 px; it lies 5 times on the surface" in answer.notes


@EVERY
def test_weights_of_another_family_are_refused_in_one_sentence(models, tmp_path, family):
    other = "sd15" if family != "sd15" else "sdxl"
    found = weights.judge(models(family))
    wrong = type(found)(**{**{name: getattr(found, name) for name in found.__dataclass_fields__}, "path": models(other)})
    with pytest.raises(BadInput) as told:
        load.load(wrong, plan(found, CPU))
    assert told.value.field in ("model", "runtime") and "\n" not in str(told.value)


def test_the_engine_draws_by_the_name_of_a_folder(models, monkeypatch):
    from blender_jewelgen.engines.weights import device

    monkeypatch.setattr(device, "found", lambda *_, **__: CPU)
    named = order()
    named = Order(f"diffusers:{models('sd15')}", named.design, named.surface, named.seed, named.diffusion)
    heard = []
    first = diffusers_picture.draw(named, lambda share, text: heard.append((share, text)))
    before = kept.KEPT.value
    second = diffusers_picture.draw(named, quiet)
    assert kept.KEPT.value is before is not None  # the model stayed in memory
    np.testing.assert_array_equal(first.picture, second.picture)
    shares = [share for share, _ in heard]
    assert shares == sorted(shares) and shares[0] >= 0.0 and shares[-1] <= 1.0
    assert any(text.startswith("reading the") for _, text in heard)
    load.free()
    assert kept.KEPT.value is None


def test_another_model_takes_the_place_of_the_one_that_was_kept(models):
    one, two = (weights.judge(models(name)) for name in ("sd15", "flux"))
    first = load.load(one, plan(one, CPU))
    assert load.load(one, plan(one, CPU)) is first
    second = load.load(two, plan(two, CPU))
    assert kept.KEPT.value is second is not first
    load.free()


def test_a_cancel_is_heard_while_the_model_is_read(models, monkeypatch):
    found, gate = weights.judge(models("sd15")), threading.Event()
    monkeypatch.setattr(load, "_part", lambda *_: gate.wait(20))

    def stop(share, text):
        if text.startswith("reading the"):
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        load.load(found, plan(found, CPU), stop)
    reader = kept.KEPT.thread
    assert reader.is_alive()  # the library cannot be stopped, but nobody waits for it
    gate.set()
    reader.join(20)
    assert not reader.is_alive()
    monkeypatch.undo()
    assert load.load(found, plan(found, CPU)).family == "sd15"
    load.free()


def test_a_folder_renamed_while_it_is_read_is_said(models, tmp_path, monkeypatch):
    home = shutil.copytree(models("sd15"), tmp_path / "mine")
    found, part = weights.judge(home), load._part

    def renamed(folder, *rest):
        if folder.name == "unet":
            home.rename(tmp_path / "yours")
        return part(folder, *rest)

    monkeypatch.setattr(load, "_part", renamed)
    with pytest.raises(BadInput, match="moved or renamed"):
        load.load(found, plan(found, CPU))


def test_a_model_with_code_of_its_own_is_not_run(models, tmp_path):
    home = shutil.copytree(models("sd15"), tmp_path / "mine")
    found = weights.judge(home)
    index = json.loads((home / "model_index.json").read_text())
    index["unet"] = ["evil", "UNet"]
    (home / "model_index.json").write_text(json.dumps(index))
    (home / "evil.py").write_text("raise SystemExit('run')")
    with pytest.raises(BadInput, match="code of its own"):
        load.load(found, plan(found, CPU))


def test_pickled_parts_are_not_read(models, tmp_path):
    home = shutil.copytree(models("sd15"), tmp_path / "mine")
    found = weights.judge(home)
    file = home / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save({"a": torch.zeros(1)}, file.with_suffix(".bin"))
    file.unlink()
    with pytest.raises(BadInput) as told:
        load.load(found, plan(found, CPU))
    assert told.value.field == "model"


def test_the_plans_precision_is_the_models(models):
    from dataclasses import replace

    found = weights.judge(models("sd15"))
    model = load.load(found, replace(plan(found, CPU), dtype="bfloat16"))
    assert model.pipe.unet.dtype == model.pipe.vae.dtype == model.pipe.text_encoder.dtype == torch.bfloat16
    assert np.isfinite(drawn(order(), model, quiet).picture).all()
    load.free()


@pytest.mark.parametrize(("family", "kind"), [(f, k) for f in families.FAMILIES for k in ("image", "inpaint") if getattr(families.FAMILIES[f], k)])
def test_variants_share_every_part(loaded, family, kind):
    model = loaded(family)
    made = load.variant(model, kind)
    assert type(made).__name__ == getattr(families.FAMILIES[family], kind)
    assert all(made.components[name] is part for name, part in model.pipe.components.items() if name in made.components)


def test_a_family_without_a_kind_says_so(loaded):
    with pytest.raises(BadInput, match="cannot start from a picture"):
        load.variant(loaded("sana"), "image")


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_a_single_file_is_the_same_model_as_its_folder(models, loaded, tmp_path, family):
    import tiny_file

    file = tiny_file.one_file(models(family), tmp_path / "mine.safetensors")
    shutil.copytree(models(family), tmp_path / "mine", ignore=shutil.ignore_patterns("*.safetensors"))
    found = weights.judge(file)
    assert found.family == family and found.config == tmp_path / "mine"
    model = load.load(found, plan(found, CPU))
    for name, part in loaded(family).pipe.components.items():
        if hasattr(part, "state_dict"):
            read = model.pipe.components[name].state_dict()
            assert all(torch.equal(value, read[key]) for key, value in part.state_dict().items()), name
    one, two = (drawn(order(), each, quiet).colours.astype(int) for each in (model, loaded(family)))
    assert np.abs(one - two).max() <= 1  # the same numbers, laid otherwise in memory, are added in another order
    load.free()


def test_a_single_file_without_its_settings_says_what_to_put_where(models, tmp_path):
    import tiny_file

    file = tiny_file.one_file(models("sd15"), tmp_path / "mine.safetensors")
    with pytest.raises(BadInput, match="beside it in a folder mine"):
        weights.judge(file)


def test_half_a_single_file_is_refused(models, tmp_path):
    import tiny_file

    file = tiny_file.one_file(models("sd15"), tmp_path / "mine.safetensors")
    shutil.copytree(models("sd15"), tmp_path / "mine", ignore=shutil.ignore_patterns("*.safetensors"))
    found = weights.judge(file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(BadInput) as told:
        load.load(found, plan(found, CPU))
    assert told.value.field == "model" and "\n" not in str(told.value)


def test_an_inpainting_model_draws_nothing_from_words(models, tmp_path):
    from diffusers import UNet2DConditionModel

    home = shutil.copytree(models("sd15"), tmp_path / "mine")
    config = dict(UNet2DConditionModel.load_config(home / "unet")) | {"in_channels": 9}
    UNet2DConditionModel.from_config(config).save_pretrained(home / "unet")
    found = weights.judge(home)
    with pytest.raises(BadInput, match="only fills in parts"):
        load.load(found, plan(found, CPU))


def test_a_folder_of_smaller_files_is_read_by_their_variant(models, tmp_path):
    home = shutil.copytree(models("sd15"), tmp_path / "mine")
    for file in home.glob("*/*.safetensors"):
        file.rename(file.with_name(file.name.replace(".safetensors", ".fp16.safetensors")))
    found = weights.judge(home)
    assert found.variant == "fp16"
    model = load.load(found, plan(found, CPU))
    assert drawn(order(), model, quiet).picture.shape == (48, 96)
    load.free()


@pytest.mark.parametrize(
    ("name", "few"), [("dreamXL_lightning", True), ("house-turbo", True), ("hyper-sd-8", True), ("lcm-style", True), ("hyperrealism", False), ("filmcmyk", False)]
)
def test_a_strangers_name_may_tell_that_it_needs_few_steps(loaded, name, few):
    model = loaded("sdxl")
    assert families.hasty(families.FAMILIES["sdxl"], model.pipe, name) is few


@pytest.mark.parametrize(
    ("error", "field"),
    [(torch.OutOfMemoryError("CUDA out of memory"), "memory"), (MemoryError(), "memory"), (ImportError("no bitsandbytes", name="bitsandbytes"), "runtime"),
     (RuntimeError("CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors"), "runtime"),
     (RuntimeError("The NVIDIA driver on your system is too old (found version 11040)."), "runtime"), (AssertionError("Torch not compiled with CUDA enabled"), "runtime"),
     (RuntimeError("size mismatch for conv_in.weight:\n\tcopying"), "model"), (OSError("no file named model.safetensors"), "model"), (KeyError("x"), "model")],
)  # fmt: skip
def test_what_a_library_says_while_reading_becomes_one_sentence(models, monkeypatch, error, field):
    found = weights.judge(models("sd15"))

    def fails(*_):
        raise error

    monkeypatch.setattr(load, "_part", fails)
    with pytest.raises(BadInput) as told:
        load.load(found, plan(found, CPU))
    assert told.value.field == field and "\n" not in str(told.value) and not str(told.value).endswith(".")
    assert kept.KEPT.value is None


def test_weights_in_fewer_bits_need_their_library_and_say_which(models):
    from dataclasses import replace

    found = weights.judge(models("flux"))
    with pytest.raises(BadInput, match="bitsandbytes") as told:
        load.load(found, replace(plan(found, CPU), quantise="nf4", dtype="bfloat16"))
    assert told.value.field == "runtime" and told.value.fix.option == "jewelgen runtime repair"


def test_a_class_that_this_diffusers_lacks_is_named():
    with pytest.raises(BadInput, match="NobodysPipeline") as told:
        families.pipeline_class("NobodysPipeline")
    assert told.value.field == "runtime"


def test_sana_sprint_draws_in_two_steps(models, tmp_path):
    """A pipeline of its own in the same family: no guidance by two passes, no negative prompt."""
    from dataclasses import replace

    from diffusers import SanaSprintPipeline, SanaTransformer2DModel, SCMScheduler
    from tiny import sana

    torch.manual_seed(7)
    plain = sana()
    config = {name: value for name, value in plain.transformer.config.items() if not name.startswith("_")}
    parts = plain.components | {
        "transformer": SanaTransformer2DModel(**(config | {"guidance_embeds": True, "qk_norm": "rms_norm_across_heads"})).eval(),
        "scheduler": SCMScheduler(prediction_type="trigflow", sigma_data=0.5),
    }
    SanaSprintPipeline(**parts).save_pretrained(tmp_path / "sprint")
    found = replace(weights.judge(models("sana")), name="sprint", path=tmp_path / "sprint")
    model = load.load(found, plan(found, CPU))
    answer, again = (drawn(order("(lotus)1.4 scroll", steps=None, negative="dragon"), model, quiet) for _ in range(2))
    assert type(model.pipe).__name__ == "SanaSprintPipeline" and answer.credit["steps"] == "2" and answer.credit["scheduler"] == "SCM"
    assert any("no effect" in note for note in answer.notes)
    np.testing.assert_array_equal(answer.colours, again.colours)
    load.free()
