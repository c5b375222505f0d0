"""Models come from a hub: chosen files, proved, resumed; every fault of a hub and of a disk is one sentence."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hub_server import REVISION, TOKEN, model_folder, write_safetensors

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.engines.weights import chosen_files, download, fetch, models, places
from blender_jewelgen.engines.weights import hub as client
from blender_jewelgen.engines.weights import resolve as weights

SD15 = models.card("sd15").hub
UNET = "unet/diffusion_pytorch_model.fp16.safetensors"


def get(name="sd15", **settings):
    return fetch.fetch(name, **{"accept": True, "pause": 0.01, **settings})


def names(folder):
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def refusal(name="sd15", **settings):
    with pytest.raises(BadInput) as caught:
        get(name, **settings)
    assert "\n" not in str(caught.value) and TOKEN not in str(caught.value)
    return caught.value


@pytest.fixture
def sd15(hub, tmp_path):
    """A hub with a model as hubs hold them: in two precisions, with pickles, pictures and a file of everything beside."""
    folder = model_folder(tmp_path / "served" / "sd15", variants=("", "fp16"), pickles=True)
    write_safetensors(folder / "v1-5-pruned.safetensors", {"a": (900, 900)})
    (folder / "pipeline.py").write_text("raise SystemExit")
    hub.repositories[SD15] = folder
    return hub


def test_what_a_model_needs_comes_and_nothing_else(sd15, home):
    told = []
    (folder,) = get(tell=lambda share, text: told.append((share, text)))
    assert folder == home / SD15.replace("/", "--") / REVISION[:12]
    assert names(folder) == {
        "jewelgen.json", "LICENSE.md", "model_index.json", "scheduler/scheduler_config.json", "tokenizer/vocab.json", "tokenizer/merges.txt", "unet/config.json", "vae/config.json",
        "text_encoder/config.json", UNET, "vae/diffusion_pytorch_model.fp16.safetensors", "text_encoder/model.fp16.safetensors",
    }  # fmt: skip
    for name in names(folder) - {"jewelgen.json"}:
        assert (folder / name).read_bytes() == (sd15.repositories[SD15] / name).read_bytes()
    made = weights.resolve("sd15")
    assert (made.family, made.revision, made.variant, made.hub, made.path) == ("sd15", REVISION, "fp16", SD15, folder)
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1.0 and "GB" in told[-2][1]


def test_a_recipe_keeps_revision_licence_and_consent(sd15):
    get()
    assert weights.resolve("sd15").credit() == {
        "model": "sd15", "family": "sd15", "hub": SD15, "revision": REVISION, "licence": "CreativeML Open RAIL-M", "commercial": "yes", "accepted": time.strftime("%Y-%m-%d"),
    }  # fmt: skip


def test_what_is_here_is_not_asked_for_again(sd15):
    get()
    asked = len(sd15.asked)
    assert get(accept=False) == get(f"sd15@{REVISION}") == [weights.resolve("sd15").path] and len(sd15.asked) == asked


def test_nothing_is_asked_of_the_hub_before_the_licence_is_accepted(sd15):
    error = refusal(accept=False)
    assert "Open RAIL-M: commercial use is allowed; not to harm" in str(error) and error.fix.option == "jewelgen models fetch sd15 --accept"
    assert sd15.asked == []


def test_a_model_on_another_is_fetched_with_it(sd15, tmp_path):
    sdxl, light = models.card("sdxl"), models.card("sdxl-lightning")
    sd15.repositories[sdxl.hub] = model_folder(tmp_path / "served" / "sdxl", "StableDiffusionXLPipeline", variants=("fp16",))
    write_safetensors(tmp_path / "served" / "light" / light.files[0], {"down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight": (4, 2048)})
    write_safetensors(tmp_path / "served" / "light" / "sdxl_lightning_8step_lora.safetensors", {"x": (4, 4)})
    sd15.repositories[light.hub] = tmp_path / "served" / "light"
    assert "; it needs Stable Diffusion XL 1.0, CreativeML Open RAIL++-M: commercial use is allowed" in str(refusal("sdxl-lightning", accept=False))
    folders = get("sdxl-lightning")
    assert names(folders[0]) == {"jewelgen.json", light.files[0]} and len(folders) == 2
    made = weights.resolve("sdxl-lightning")
    assert (made.family, made.base, made.path.name, made.companions[0].family) == ("lora", "sdxl", light.files[0], "sdxl")


@pytest.mark.parametrize("name", ["ip-adapter-sd15", "ip-adapter-sdxl"])
def test_two_models_of_one_repository_do_not_meet(hub, tmp_path, name):
    for card in (models.card("ip-adapter-sd15"), models.card("ip-adapter-sdxl")):
        for file in card.files:
            if file.endswith(".json"):
                (tmp_path / "served" / file).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / "served" / file).write_text("{}")
            else:
                write_safetensors(tmp_path / "served" / file, {"image_proj.norm.weight": (4, 4), "ip_adapter.1.to_k_ip.weight": (4, 768 if card.base == "sd15" else 2048)})
    hub.repositories["h94/IP-Adapter"] = tmp_path / "served"
    get(name)
    made = weights.resolve(name)
    assert made.base == models.card(name).base and (made.path.parent / "image_encoder" / "config.json").is_file()
    other = {"ip-adapter-sd15": "ip-adapter-sdxl", "ip-adapter-sdxl": "ip-adapter-sd15"}[name]
    with pytest.raises(BadInput, match="not on this computer"):
        weights.resolve(other)


@pytest.mark.parametrize("ranges", [True, False])
def test_half_a_download_is_gone_on_with(sd15, ranges):
    """Cancelled in the middle of a file, as a kill would leave it; the next run fetches the rest only."""
    whole = (sd15.repositories[SD15] / UNET).stat().st_size
    sd15.slow, sd15.ranges = 0.02, ranges

    def stop(share, text):
        if UNET in text and len(sd15.of(UNET)) and list(places.halves(SD15)) and any(file.stat().st_size > 500 for file in places.halves(SD15)[0].rglob("*.fp16.safetensors.part")):
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        get(tell=stop)
    (half,) = places.halves(SD15)
    came = (half / f"{UNET}.part").stat().st_size
    assert 0 < came < whole and not (half / "jewelgen.json").exists()
    with pytest.raises(BadInput, match="only by half"):
        weights.resolve("sd15")
    sd15.slow, before = 0.0, len(sd15.of(UNET))
    (folder,) = get()
    asked = [one for one in sd15.of(UNET)[before:] if one.host == "store"]
    assert [one.start for one in asked] == [came]
    assert (folder / UNET).read_bytes() == (sd15.repositories[SD15] / UNET).read_bytes() and not half.exists()


def test_a_connection_that_breaks_is_taken_up_where_it_broke(sd15):
    sd15.cut["diffusion_pytorch_model.fp16.safetensors"] = 700
    get()
    assert [one.start for one in sd15.of(UNET) if one.host == "store"] == [0, 700]


def test_a_file_that_arrives_damaged_is_deleted_and_said(sd15):
    sd15.spoil.add("diffusion_pytorch_model.fp16.safetensors")
    error = refusal()
    assert "arrived damaged" in str(error) and error.field == "network" and error.fix.option == "jewelgen models fetch sd15 --accept"
    assert not list(places.halves(SD15)[0].rglob("unet/*.safetensors*"))
    sd15.spoil.clear()
    get()


def test_a_bad_half_is_thrown_away_by_itself(sd15, home):
    part = home / SD15.replace("/", "--") / f"{REVISION[:12]}.part"
    (part / "unet").mkdir(parents=True)
    (part / f"{UNET}.part").write_bytes(b"rubbish" * 50)
    (folder,) = get()
    assert [one.start for one in sd15.of(UNET) if one.host == "store"] == [350, 0]
    assert (folder / UNET).read_bytes() == (sd15.repositories[SD15] / UNET).read_bytes()


@pytest.mark.parametrize(("status", "times"), [(500, 3), (503, 2), (429, 2)])
def test_a_fault_that_passes_is_waited_for(sd15, status, times):
    sd15.fail += [(UNET, status)] * times
    texts = []
    get(tell=lambda share, text: texts.append(text))
    assert any(("busy" if status == 429 else "trying again") in text for text in texts)


@pytest.mark.parametrize(
    ("status", "words", "field"),
    [(500, "error 500", "network"), (429, "had enough of us", "network"), (404, "does not have", "model"), (418, "error 418", "network")],
)
def test_a_fault_that_stays_is_one_sentence(sd15, status, words, field):
    sd15.fail += [("api/models", status)] * 9
    error = refusal()
    assert words in str(error) and error.field == field
    assert len(sd15.asked) == (1 if status in (404, 418) else client.TRIES)


def test_a_hub_that_asks_for_an_hour_is_not_waited_for(sd15):
    sd15.retry_after = "3600"
    sd15.fail.append(("api/models", 429))
    assert "in 60 min" in str(refusal()) and len(sd15.asked) == 1


def test_a_missing_token_is_named_with_the_page_to_accept(hub, tmp_path, monkeypatch):
    card = models.card("flux1-schnell")
    hub.repositories[card.hub] = model_folder(tmp_path / "served", "FluxPipeline")
    hub.gated.add(card.hub)
    error = refusal("flux1-schnell")
    assert error.field == "token" and "HF_TOKEN" in str(error) and f"{hub.address}/{card.hub}" in str(error)
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_else")
    error = refusal("flux1-schnell")
    assert error.field == "token" and "has not accepted" in str(error) and "somebody" not in str(error)


def test_the_token_goes_to_the_hub_alone_and_is_kept_nowhere(hub, tmp_path, monkeypatch):
    card = models.card("flux1-schnell")
    hub.repositories[card.hub] = model_folder(tmp_path / "served", "FluxPipeline")
    hub.gated.add(card.hub)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    texts = []
    get("flux1-schnell", tell=lambda share, text: texts.append(text))
    assert {one.token for one in hub.asked if one.host == "hub"} == {TOKEN} and {one.token for one in hub.asked if one.host == "store"} == {""}
    kept = b"".join(file.read_bytes() for file in (tmp_path / "家 home").rglob("*") if file.is_file())
    assert TOKEN.encode() not in kept and TOKEN not in "".join(texts) + json.dumps(weights.resolve("flux1-schnell").credit())


def test_the_token_may_lie_in_the_key_ring(monkeypatch, home):
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=lambda service, name: f"{service}/{name}"))
    assert client.token() == "jewelgen/huggingface"
    monkeypatch.setenv("HF_TOKEN", "hf_first")
    assert client.token() == "hf_first"

    def locked(*_):
        raise RuntimeError("the ring is locked")

    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=locked))
    assert client.token() == ""


def test_a_repository_that_is_not_there(hub):
    assert "token" in refusal("nobody/nothing").field  # a hub does not say which of the two it is
    hub.repositories["some/model"] = Path("/nonexistent")
    hub.fail += [("revision/main", 404)] * 2
    assert "the hub does not have this revision of some/model" in str(refusal("some/model@v9"))
    assert "the hub does not have some/model" in str(refusal("some/model"))


def test_nobody_answers(home):
    began = time.monotonic()
    error = refusal()
    assert error.field == "network" and "127.0.0.1:9 cannot be reached" in str(error) and time.monotonic() - began < 5


def test_a_proxy_is_named_when_nothing_is_reached(home, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("http_proxy", "http://user:geheim@127.0.0.1:9")
    error = refusal()
    assert "through the proxy of HTTP_PROXY" in str(error) and "geheim" not in str(error)


def test_a_proxy_is_used(sd15, monkeypatch):
    """Our hub stands for the proxy: it is asked for the whole address."""
    monkeypatch.setenv("http_proxy", sd15.address)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    error = refusal("sd15")  # what a proxy sends us on to, the store, goes through it too and is not known there
    assert sd15.asked and sd15.asked[0].path.endswith(f"/api/models/{SD15}/revision/main") and error.field in ("network", "token", "model")


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "JEWELGEN_OFFLINE"])
def test_downloads_can_be_switched_off(sd15, monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert refusal().field == "network" and sd15.asked == []


def test_a_disk_without_room_is_told_before_anything_comes(sd15, monkeypatch):
    monkeypatch.setattr(download.shutil, "disk_usage", lambda path: SimpleNamespace(total=10**12, used=0, free=200_000_000))
    error = refusal()
    assert error.field == "size" and "0.2 GB free" in str(error) and error.fix.option.endswith("--to DIR")
    assert not sd15.of("safetensors")


def test_a_disk_that_fills_up_keeps_what_came(sd15, monkeypatch):
    blocks = client.blocks

    def filling(hub, revision, name, *rest):
        for block in blocks(hub, revision, name, *rest):
            yield block[:200]
            if name == UNET:
                raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(download.hub, "blocks", lambda hub, revision, name, *rest: filling(hub, revision, name, *rest) if name == UNET else blocks(hub, revision, name, *rest))
        error = refusal()
    assert error.field == "size" and "is full" in str(error)
    assert (places.halves(SD15)[0] / f"{UNET}.part").stat().st_size == 200
    get()


@pytest.mark.parametrize("silent", ["api/models", "model_index.json", ".safetensors"])
def test_cancel_acts_while_the_hub_keeps_silent(sd15, silent):
    sd15.hang = silent
    began = time.monotonic()

    def stop(share, text):
        if any(silent in one.path for one in sd15.asked):
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        get(tell=stop)
    assert time.monotonic() - began < 3.0
    assert not list(places.where().rglob("*.lock"))


FETCH = "import sys; from blender_jewelgen.engines.weights import fetch; fetch.fetch('sd15', True)"


def test_a_killed_download_leaves_what_came_and_no_lock(sd15):
    """Another process fetches; meanwhile nobody else may; it is killed in the middle, and the next one goes on."""
    sd15.slow = 0.1
    process = subprocess.Popen([sys.executable, "-c", FETCH], cwd=Path(__file__).parents[2])
    try:
        deadline = time.monotonic() + 20
        while not any(half.rglob("*.safetensors.part") for half in places.halves(SD15)) or not sd15.of("safetensors"):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
        assert "being fetched already" in str(refusal())
    finally:
        process.kill()
        process.wait()
    sd15.slow = 0.0
    (folder,) = get()
    assert weights.resolve("sd15").path == folder and not list(places.where().rglob("*.part*"))


@pytest.mark.parametrize("name", ["unet/../../evil.json", "/evil.json", "unet/..\\..\\evil.json", "C:evil.json", "unet/evil.py", "unet/evil.exe"])
def test_no_file_leaves_the_folder(name):
    with pytest.raises(BadInput, match="not fetched"):
        chosen_files.harmless(name, "some/model")


def test_a_list_with_a_file_that_leads_elsewhere_is_refused(sd15, tmp_path):
    sd15.extra.append({"rfilename": "unet/C:evil.json", "size": 3, "blobId": ""})
    assert "not fetched" in str(refusal()) and not sd15.of("safetensors")


def test_pickles_alone_are_not_fetched(hub, tmp_path):
    folder = model_folder(tmp_path / "served", pickles=True)
    for file in folder.glob("*/*.safetensors"):
        file.unlink()
    hub.repositories[SD15] = folder
    error = refusal()
    assert "pickle" in str(error) and error.field == "model" and not hub.of(".bin")


@pytest.mark.parametrize("index", [{"_class_name": ["pipeline", "Mine"]}, {"_class_name": "StableDiffusionPipeline", "unet": ["mine", "Net"]}])
def test_code_of_the_maker_is_refused_before_the_weights_come(hub, tmp_path, index):
    folder = model_folder(tmp_path / "served")
    (folder / "model_index.json").write_text(json.dumps(index))
    hub.repositories["some/model"] = folder
    error = refusal("some/model")
    assert "code of its maker" in str(error) and not hub.of(".safetensors")


def test_a_model_of_another_architecture_is_refused_before_its_weights_come(hub, tmp_path):
    hub.repositories[SD15] = model_folder(tmp_path / "served", "StableDiffusionXLPipeline")
    assert "family sdxl" in str(refusal()) and not hub.of(".safetensors")


def test_a_stranger_is_judged_by_what_the_hub_says_of_its_licence(hub, tmp_path):
    hub.repositories["some/model"] = model_folder(tmp_path / "served")
    hub.licences["some/model"] = "cc-by-nc-4.0"
    assert "not for commercial use" in str(refusal("some/model", accept=False))
    assert "only commercial models" in str(refusal("some/model", commercial_only=True))
    get("some/model")
    made = weights.resolve("some/model")
    assert (made.licence, made.commercial, made.revision) == ("cc-by-nc-4.0", False, REVISION)
    hub.licences["some/model"] = "mit"
    fetch.remove("some/model")
    get("some/model")
    assert weights.resolve("some/model", commercial_only=True).commercial


def test_the_switch_refuses_before_the_hub_is_asked(hub):
    error = refusal("sdxl-turbo", commercial_only=True)
    assert error.field == "model" and "--no-commercial-only" in error.fix.option and hub.asked == []


def test_only_what_was_fetched_is_removed(sd15, home, tmp_path):
    (folder,) = get()
    shared = tmp_path / "class room"
    shutil.copytree(home, shared)
    places.change(shared=(str(shared),))
    assert fetch.remove("sd15") == [folder] and not folder.exists()
    assert weights.resolve("sd15").path == shared / folder.relative_to(home)
    with pytest.raises(BadInput, match="shared folders are only read"):
        fetch.remove("sd15")


@pytest.mark.parametrize(("length", "over"), [(259, 0), (260, 1), (300, 41)])
def test_paths_too_long_for_windows_are_counted(length, over, sd15, monkeypatch):
    assert places.too_long("x" * length, windows=True) == over and places.too_long("x" * length, windows=False) == 0


def test_a_path_too_long_for_windows_is_told_before_anything_comes(sd15, tmp_path, monkeypatch):
    real = places.too_long
    monkeypatch.setattr(places, "too_long", lambda path, windows=None: real(path, True))
    error = refusal(to=str(tmp_path / ("x" * 120) / ("y" * 120)))
    assert error.field == "size" and "more than Windows takes" in str(error) and not sd15.of(".safetensors")


def test_usual_folders_are_short_enough_for_windows():
    """The longest path of the largest model under a user name of 20 letters."""
    card = models.card("stabilityai/stable-diffusion-3.5-large")
    folder = places.folder_of(card.hub, "", REVISION, places.Path(r"C:\Users\abcdefghijklmnopqrst\AppData\Local\jg\models"))
    longest = folder.with_name(folder.name + ".part") / "text_encoder_3/model.fp16-00002-of-00002.safetensors.part"
    assert len(str(longest)) < 200
