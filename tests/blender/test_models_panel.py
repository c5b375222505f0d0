"""The Models panel: the list, the licence card, fetching after consent, stopping, adding, removing, using; with a hub on this machine."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("bpy")
sys.path.insert(0, str(Path(__file__).parents[1] / "engines"))
from hub_server import Hub, model_folder
from recorder import draw

from blender_jewelgen.blender import models_known, operators_models, registration
from blender_jewelgen.engines.weights import models, places
from blender_jewelgen.engines.weights import resolve as weights
from blender_jewelgen.worker.jobs import JOBS

pytestmark = pytest.mark.skipif("models" not in JOBS or "operators_models" not in registration.MODULES, reason="not yet entered in worker/jobs.py and blender/registration.py")

PANEL = "VIEW3D_PT_jewelgen_models"
SD15 = models.card("sd15").hub


@pytest.fixture
def hub(tmp_path, monkeypatch):
    for name in ("HF_HUB_OFFLINE", "HF_TOKEN", "HF_HUB_CACHE", "JEWELGEN_MODELS", "JEWELGEN_SHARED_MODELS", "JEWELGEN_COMMERCIAL_ONLY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path / "家"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    server = Hub().start()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    server.repositories[SD15] = model_folder(tmp_path / "served")
    yield server
    server.stop()


class _Online:
    """``bpy.app`` of a Blender that may go online."""

    def __init__(self, app, online, background):
        self._app, self.online_access, self.background = app, online, background

    def __getattr__(self, name):
        return getattr(self._app, name)


@pytest.fixture
def panel(hub, addon, monkeypatch):
    """(bpy, what is known of the models, what the panel draws, a switch for online access and a window)."""
    bpy = addon

    class Seen:
        app = _Online(bpy.app, True, True)

        def __getattr__(self, name):
            return getattr(bpy, name)

    seen = Seen()
    monkeypatch.setattr(operators_models, "bpy", seen)
    monkeypatch.setattr(models_known, "bpy", seen)
    monkeypatch.setattr(sys.modules["blender_jewelgen.blender.panels_models"], "bpy", seen)

    def be(online=True, window=False):
        Seen.app = _Online(bpy.app, online, not window)

    return bpy, bpy.context.window_manager.jewelgen_models, lambda: draw(bpy, getattr(bpy.types, PANEL)), be


def choose(own, name):
    own.index = [row.name for row in own.rows].index(name)
    return own.rows[own.index]


def buttons(lines):
    return [line.split()[1].removeprefix("jewelgen.") for line in lines if line.startswith("button")]


def test_the_list_is_that_of_the_command_line(panel):
    bpy, own, drawn, _ = panel
    assert buttons(drawn()) == ["models_look"]
    assert bpy.ops.jewelgen.models_look() == {"FINISHED"}
    assert [row.name for row in own.rows] == [card.name for card in models.cards()] and {row.state for row in own.rows} == {"FETCH", "NEVER"}
    assert own.rows[own.index].name == own.recommended
    choose(own, "hunyuan3d-2")
    lines = " ".join(line.removeprefix("label ") for line in drawn())
    assert "European Union, United Kingdom, South Korea" in lines and "commercial use has conditions" in lines.lower()


def test_a_model_is_fetched_after_consent_used_and_removed(panel, tmp_path):
    bpy, own, drawn, _ = panel
    bpy.ops.jewelgen.models_look()
    choose(own, "sd15")
    assert {"models_fetch"} <= set(buttons(drawn())) and "models_remove" not in buttons(drawn())
    with pytest.raises(RuntimeError, match="CreativeML Open RAIL-M"):
        bpy.ops.jewelgen.models_fetch()
    own.accept = True
    assert bpy.ops.jewelgen.models_fetch() == {"FINISHED"}
    row = choose(own, "sd15")
    assert row.state == "HERE" and not own.fetching and not own.accept and weights.resolve("sd15").credit()["accepted"]
    assert {"models_use", "models_remove"} <= set(buttons(drawn())) and "models_fetch" not in buttons(drawn())
    assert bpy.ops.jewelgen.models_use() == {"FINISHED"} and bpy.context.scene.jewelgen.make.engine == "diffusers:sd15"
    assert bpy.ops.jewelgen.models_remove() == {"FINISHED"}
    assert choose(own, "sd15").state == "FETCH" and not bpy.ops.jewelgen.models_remove.poll() and not bpy.ops.jewelgen.models_use.poll()


def test_consent_to_one_licence_is_not_consent_to_the_next(panel):
    bpy, own, _, _ = panel
    bpy.ops.jewelgen.models_look()
    choose(own, "sd15")
    own.accept = True
    choose(own, "sdxl-turbo")
    assert not own.accept


def test_nothing_goes_online_where_blender_does_not_allow_it(panel, hub):
    bpy, own, drawn, be = panel
    bpy.ops.jewelgen.models_look()
    choose(own, "sd15")
    be(online=False)
    assert not bpy.ops.jewelgen.models_fetch.poll() and any("Online access is off" in line for line in drawn()) and hub.asked == []


def test_a_download_shows_how_far_it_is_and_can_be_stopped(panel, hub, monkeypatch):
    """With a window: the operator returns at once, other jobs are not kept waiting, what came is kept."""
    bpy, own, drawn, be = panel
    bpy.ops.jewelgen.models_look()
    choose(own, "sd15")
    own.accept, hub.hang = True, ".safetensors"
    be(window=True)
    assert bpy.ops.jewelgen.models_fetch() == {"FINISHED"} and own.fetching == "sd15"
    end = time.monotonic() + 20
    while not hub.of(".safetensors"):
        assert time.monotonic() < end
        time.sleep(0.01)
    operators_models._watch()
    assert "GB" in own.status and "progress" in drawn()[0] and not bpy.context.window_manager.jewelgen.busy
    assert bpy.ops.jewelgen.models_cancel() == {"FINISHED"} and not own.fetching
    be()
    bpy.ops.jewelgen.models_look()
    assert choose(own, "sd15").state == "HALF"
    hub.hang, own.accept = "?", True
    assert bpy.ops.jewelgen.models_fetch() == {"FINISHED"} and choose(own, "sd15").state == "HERE"


def test_a_fault_of_the_hub_stands_in_the_panel(panel, hub):
    bpy, own, drawn, _ = panel
    bpy.ops.jewelgen.models_look()
    choose(own, "sd15")
    own.accept = True
    hub.fail.append(("api/models", 404))
    with pytest.raises(RuntimeError, match="does not have"):
        bpy.ops.jewelgen.models_fetch()
    assert "does not have" in own.error and not own.fetching
    bpy.ops.jewelgen.models_look()
    assert any("oes not have" in line for line in drawn())


def test_the_switch_is_kept_and_leaves_models_out(panel):
    bpy, own, drawn, _ = panel
    bpy.ops.jewelgen.models_look()
    own.commercial_only = True
    assert places.settings().commercial_only and not own.known
    bpy.ops.jewelgen.models_look()
    assert not {"sdxl-turbo", "sana"} & {row.name for row in own.rows} and own.left_out == 2 and any("2 more" in line for line in drawn())
    own.commercial_only = False
    assert not places.settings().commercial_only


def test_an_own_folder_is_added_and_forgotten(panel, tmp_path):
    bpy, own, _, _ = panel
    folder = model_folder(tmp_path / "house style", "StableDiffusionXLPipeline")
    assert bpy.ops.jewelgen.models_add(filepath=str(folder), licence="apache-2.0") == {"FINISHED"}
    row = choose(own, "house style")
    assert (row.state, row.family, row.use, row.own) == ("HERE", "sdxl", "YES", True)
    assert bpy.ops.jewelgen.models_remove() == {"FINISHED"} and "house style" not in [row.name for row in own.rows] and folder.is_dir()
    with pytest.raises(RuntimeError, match="holds no model"):
        (tmp_path / "empty").mkdir()
        bpy.ops.jewelgen.models_add(filepath=str(tmp_path / "empty"))


def test_folders_are_chosen(panel, tmp_path):
    bpy, own, _, _ = panel
    assert bpy.ops.jewelgen.models_folder(directory=str(tmp_path)) == {"FINISHED"} and own.place == str(tmp_path) == str(places.where())
    assert bpy.ops.jewelgen.models_folder(directory=str(tmp_path / "cache" if (tmp_path / "cache").is_dir() else tmp_path), shared=True) == {"FINISHED"}
    assert places.settings().shared


def test_an_error_about_a_model_leads_to_its_licence_and_never_fetches(panel, hub):
    bpy, own, _, _ = panel

    class Said:
        def report(self, kind, text):
            self.text = text

    said = Said()
    assert operators_models.mend(said, bpy.context, "jewelgen models fetch qwen-image --accept") and "accept it there" in said.text
    assert own.rows[own.index].name == "qwen-image" and not own.accept and hub.asked == []
    own.commercial_only = True
    assert operators_models.mend(said, bpy.context, "jewelgen models where --no-commercial-only") and not places.settings().commercial_only
    assert not operators_models.mend(said, bpy.context, "--depth 0.6") and not operators_models.mend(said, bpy.context, "jewelgen runtime repair")
