"""The hub's own library against our hub: so the hub that our client is tested with is one; and real folders are told for what they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engines"))
from hub_server import REVISION, TOKEN, Hub, model_folder

from blender_jewelgen.engines.weights import fetch, headers
from blender_jewelgen.engines.weights import models as table
from blender_jewelgen.engines.weights import resolve as weights

SD15 = table.card("sd15").hub
LIBRARY = """
import json, sys
from huggingface_hub import snapshot_download
print(snapshot_download(sys.argv[1], max_workers=1))
"""


@pytest.fixture
def hub(tmp_path, monkeypatch):
    for name in ("HF_HUB_OFFLINE", "HF_TOKEN", "HF_HUB_CACHE", "JEWELGEN_MODELS", "JEWELGEN_SHARED_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    server = Hub().start()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    yield server
    server.stop()


def test_the_library_fetches_from_our_hub_and_we_find_what_it_fetched(hub, tmp_path):
    """A process of its own: the library reads the hub's address when it is imported."""
    hub.repositories[SD15] = model_folder(tmp_path / "served", variants=("fp16",))
    done = subprocess.run([sys.executable, "-c", LIBRARY, SD15], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    folder = Path(done.stdout.strip().splitlines()[-1])
    made = weights.resolve("sd15")
    assert made.path == folder and (made.family, made.revision, made.variant) == ("sd15", REVISION, "fp16")
    assert {file.name: file.read_bytes() for file in folder.rglob("*.safetensors")} == {file.name: file.read_bytes() for file in (tmp_path / "served").rglob("*.safetensors")}


def test_a_gated_repository_is_refused_to_the_library_as_to_us(hub, tmp_path, monkeypatch):
    hub.repositories[SD15] = model_folder(tmp_path / "served")
    hub.gated.add(SD15)
    done = subprocess.run([sys.executable, "-c", LIBRARY, SD15], capture_output=True, text=True, timeout=120)
    assert "GatedRepoError" in done.stderr
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    done = subprocess.run([sys.executable, "-c", LIBRARY, SD15], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux", "flux2-klein", "z-image", "qwen-image", "sana"])
def test_a_folder_that_diffusers_saved_is_told_and_can_be_fetched(family, models, hub, tmp_path):
    """What save_pretrained writes of real classes passes every judgement, comes whole from a hub, and its parameters are counted."""
    import torch
    from diffusers import DiffusionPipeline

    folder = models(family)
    made = weights.judge(folder)
    assert made.family == family
    hub.repositories["some/model"] = folder
    hub.licences["some/model"] = "apache-2.0"
    (here,) = fetch.fetch("some/model", True)
    assert weights.resolve("some/model").family == family and weights.resolve("some/model").parts == made.parts
    pipe = DiffusionPipeline.from_pretrained(here, use_safetensors=True, local_files_only=True)
    nets = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
    counted = sum({p.data_ptr(): p.numel() for net in nets for p in [*net.parameters(), *net.buffers()]}.values())  # shared ones once
    assert sum(made.parts.values()) == pytest.approx(counted / 1e9, rel=0.03)


def test_loras_that_peft_saves_are_told(models, tmp_path):
    import torch
    from diffusers import DiffusionPipeline
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    pipe = DiffusionPipeline.from_pretrained(models("sd15"), local_files_only=True)
    pipe.unet.add_adapter(LoraConfig(r=2, target_modules=["to_k", "to_q", "to_v", "to_out.0"]))
    pipe.save_lora_weights(tmp_path / "lora", unet_lora_layers={name: value.to(torch.float16) for name, value in get_peft_model_state_dict(pipe.unet).items()})
    (file,) = (tmp_path / "lora").glob("*.safetensors")
    assert headers.family_of(headers.head(file))[0] == "lora" and weights.judge(tmp_path / "lora").family == "lora"
    json.dumps(weights.judge(tmp_path / "lora").credit())
