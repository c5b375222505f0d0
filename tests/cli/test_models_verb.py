"""``jewelgen models``: list, card, fetch, add, remove, where, with a hub on this machine."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command_line import Said

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engines"))
from hub_server import REVISION, Hub, model_folder

from blender_jewelgen.cli import models as verb
from blender_jewelgen.cli import options as opt
from blender_jewelgen.cli.setting import Setting
from blender_jewelgen.core.errors import JewelGenError
from blender_jewelgen.engines.weights import models, places

SD15 = models.card("sd15").hub


@pytest.fixture
def hub(tmp_path, monkeypatch):
    for name in ("HF_HUB_OFFLINE", "HF_TOKEN", "HF_HUB_CACHE", "JEWELGEN_MODELS", "JEWELGEN_SHARED_MODELS", "JEWELGEN_COMMERCIAL_ONLY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path / "家"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    server = Hub().start()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    server.repositories[SD15] = model_folder(tmp_path / "served", variants=("fp16",))
    yield server
    server.stop()


@pytest.fixture
def run(capsys):
    """The verb as main runs it."""

    def command(*arguments: object) -> Said:
        parser = opt.Parser(prog="jewelgen models")
        verb.add_options(parser)
        capsys.readouterr()
        try:
            options = parser.parse_args([str(a) for a in arguments])
            options.setting = Setting()
            code = verb.models(options)
        except JewelGenError as error:
            print(f"jewelgen: {error}", file=sys.stderr)
            code = 2
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return command


def test_the_list_says_what_is_here_what_fits_and_what_to_take(hub, run):
    said = run("list", "--memory", "8")
    assert said.code == 0 and "Recommended: sdxl: " in said.out
    rows = {line.split()[0]: line for line in said.out.splitlines()}
    assert "can be fetched, commercial" in rows["sd15"] and "non-commercial" in rows["sdxl-turbo"] and "gated" in rows["flux1-schnell"] and "cannot be fetched" in rows["triposr"]
    assert "too large" in {line.split()[0]: line for line in run("list", "--memory", "1.5").out.splitlines()}["qwen-image"]
    only = run("list", "--memory", "8", "--commercial-only").out
    assert "sdxl-turbo" not in only and "2 more are not for commercial use" in only


def test_the_list_for_machines_is_the_same(hub, run):
    told = json.loads(run("list", "--memory", "12", "--json").out)
    assert [row["name"] for row in told["models"]] == [card.name for card in models.cards()] and told["recommended"]["name"] == "flux2-klein-4b"
    assert told["memory"]["total_gb"] == 12.0 and {row["state"] for row in told["models"]} == {"fetch", "never"}
    assert json.loads(run("list", "--memory", "0", "--json").out)["recommended"]["name"] == "sd15"


def test_a_card_shows_licence_and_territory(hub, run):
    said = run("card", "hunyuan3d-2")
    assert "European Union, United Kingdom, South Korea" in said.out and "commercial use has conditions" in said.out and said.code == 0
    assert json.loads(run("card", SD15, "--json").out)["licence"]["key"] == "openrail-m"
    assert run("card", "sd16").code == 2


def test_fetch_wants_consent_then_brings_the_model(hub, run):
    said = run("fetch", "sd15")
    assert said.code == 2 and "CreativeML Open RAIL-M" in said.err and "(try jewelgen models fetch sd15 --accept)" in said.err and said.out == ""
    said = run("fetch", "sd15", "--accept")
    assert said.code == 0 and f"{SD15} at revision {REVISION[:12]}, CreativeML Open RAIL-M, in " in said.out and "[100%]" in said.err
    rows = {line.split()[0]: line for line in run("list").out.splitlines()}
    assert " here, commercial" in rows["sd15"]
    told = json.loads(run("fetch", "sd15", "--json", "--quiet").out)
    assert told["fetched"][0]["revision"] == REVISION
    assert "1 folders deleted" in run("remove", "sd15").out and run("remove", "sd15").code == 2


def test_a_fault_of_the_hub_is_one_sentence(hub, run):
    hub.fail.append(("api/models", 404))
    said = run("fetch", "sd15", "--accept", "--quiet")
    assert said.code == 2 and said.sentence.startswith("jewelgen: the hub does not have") and "\n" not in said.sentence


def test_an_own_folder_gets_a_name(hub, run, tmp_path):
    folder = model_folder(tmp_path / "own", "StableDiffusionXLPipeline")
    said = run("add", folder, "--name", "house")
    assert said.code == 0 and "house: sdxl, licence unknown" in said.out and "--engine diffusers:house" in said.out
    (row,) = [row for row in json.loads(run("list", "--json").out)["models"] if row["own"]]
    assert (row["name"], row["state"], row["commercial"], row["family"]) == ("house", "here", "unknown", "sdxl")
    folder.rename(tmp_path / "gone")
    (row,) = [row for row in json.loads(run("list", "--json").out)["models"] if row["own"]]
    assert row["state"] == "broken" and "renamed" in row["reason"]
    assert "forgotten" in run("remove", "house").out


def test_where_is_asked_and_said(hub, run, tmp_path):
    told = json.loads(run("where", "--json").out)
    assert told["where"] == str(tmp_path / "家" / "models") and told["free_gb"] > 0 and not told["commercial_only"]
    (tmp_path / "room").mkdir()
    said = run("where", tmp_path / "disk", "--shared", tmp_path / "room", "--commercial-only")
    assert str(tmp_path / "disk") in said.out and f"read only  {tmp_path / 'room'}" in said.out and "only: yes" in said.out
    assert places.where() == tmp_path / "disk" and places.commercial_only()
    assert run("where", "--forget", tmp_path / "room", "--no-commercial-only").code == 0 and str(tmp_path / "room") not in run("where").out
    assert run("where", "--forget", tmp_path / "room").code == 2 and run("where", "--shared", tmp_path / "nowhere").code == 2
    run("fetch", "sd15", "--accept", "--quiet")
    assert (tmp_path / "disk" / SD15.replace("/", "--")).is_dir()


def test_another_folder_for_once(hub, run, tmp_path):
    assert run("fetch", "sd15", "--accept", "--quiet", "--to", tmp_path / "stick").code == 0
    assert (tmp_path / "stick" / SD15.replace("/", "--") / REVISION[:12] / places.OWN).is_file()
