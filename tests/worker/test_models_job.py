"""The job of the Models panel, as the worker runs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engines"))
from hub_server import Hub, model_folder

from blender_jewelgen.core.errors import Cancelled
from blender_jewelgen.engines.weights import models as table
from blender_jewelgen.engines.weights.fetch import fetch
from blender_jewelgen.worker.jobs_models import models

SD15 = table.card("sd15").hub


@pytest.fixture
def hub(tmp_path, monkeypatch):
    for name in ("HF_HUB_OFFLINE", "HF_TOKEN", "HF_HUB_CACHE", "JEWELGEN_MODELS", "JEWELGEN_SHARED_MODELS", "JEWELGEN_COMMERCIAL_ONLY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    server = Hub().start()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    server.repositories[SD15] = model_folder(tmp_path / "served")
    yield server
    server.stop()


def quiet(share: float, text: str, preview: str = "") -> None:
    pass


def test_the_list_can_be_sent_as_json(hub, tmp_path):
    told = models({}, tmp_path, quiet)
    json.dumps(told, allow_nan=False)
    assert {row["name"] for row in told["models"]} == {card.name for card in table.cards()} and told["recommended"]["name"] and told["memory"]["main_gb"] > 0


def test_what_is_fetched_or_half_fetched_is_told(hub, tmp_path):
    def state() -> str:
        return next(row for row in models({}, tmp_path, quiet)["models"] if row["name"] == "sd15")["state"]

    hub.hang = ".safetensors"

    def stop(share: float, text: str, preview: str = "") -> None:
        if hub.of(".safetensors"):
            raise Cancelled("cancelled")

    assert state() == "fetch"
    with pytest.raises(Cancelled):
        fetch("sd15", accept=True, tell=stop)
    assert state() == "half"
    hub.hang = "?"
    fetch("sd15", accept=True)
    assert state() == "here"
