"""Every test has a home of its own, keys that open nothing, and no service but those on this machine."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from services import KEYS, Ear, Services

from blender_jewelgen.core.body import Body, BodyOrder, BodyParams
from blender_jewelgen.engines.bodies import registry
from blender_jewelgen.engines.remote import http, keys, waiting


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home without keys, proxies and a key ring, and short waits."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "JEWELGEN_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    for one in keys.PROVIDERS:
        monkeypatch.delenv(one.variable, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path / "家 home"))
    monkeypatch.setattr(http, "PAUSE", 0.01)
    monkeypatch.setattr(waiting, "EVERY", 0.05)
    return tmp_path / "家 home"


@pytest.fixture
def services(home, monkeypatch) -> Iterator[Services]:
    for name, key in KEYS.items():
        monkeypatch.setenv(keys.provider(name).variable, key)
    server = Services().start()
    yield server
    server.stop()
    for thread in threading.enumerate():
        if thread.name == "jewelgen request":  # what a cancelled request still brings belongs to this test's home
            thread.join(10.0)


@pytest.fixture
def picture(tmp_path) -> Path:
    """A gold disc on white."""
    from PIL import Image

    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    colours = np.where((x**2 + y**2 < 0.5)[..., None], [200, 160, 60], [255, 255, 255]).astype(np.uint8)
    path = tmp_path / "戒指 ring.png"
    Image.fromarray(colours).save(path)
    return path


@pytest.fixture
def make(services, picture) -> Callable[..., Body]:
    """Has an engine make a body of the picture by the services on this machine."""

    def made(engine: str = "meshy", tell: Any = None, *, online: bool = True, shown: Path | None = picture, prompt: str = "", seed: int = 0, **params: Any) -> Body:
        home = {"tripo": "/v2/openapi", "rodin": "/api/v2", "openai": "/v1"}.get(engine, "")
        params.setdefault("server", services.address + home)
        order = BodyOrder(params=BodyParams(engine=engine, **params), picture=shown, prompt=prompt, seed=seed, online=online)
        return registry.make(order, tell or Ear())

    return made
