"""Every test has a home of its own for models, and no hub but its own."""

from __future__ import annotations

import pytest
from hub_server import Hub


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The folder of models of this test."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_CACHE", "JEWELGEN_SHARED_MODELS", "JEWELGEN_MODELS", "JEWELGEN_COMMERCIAL_ONLY", "HF_HUB_OFFLINE", "JEWELGEN_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path / "家 home"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub cache"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody is there
    return tmp_path / "家 home" / "models"


@pytest.fixture
def hub(home, monkeypatch):
    """A hub on this machine that the program asks instead of the real one."""
    server = Hub().start()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    yield server
    server.stop()
