"""Tests of local models that make bodies: only where torch and diffusers are, offline, with models built on the spot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")

try:
    import diffusers  # noqa: F401
    import torch
    import transformers  # noqa: F401
except ImportError:
    torch = None
    collect_ignore = ["test_shap_e.py", "test_triposr.py", "test_triposg.py"]


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny models gain nothing by a second thread."""
    if torch is not None:
        torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def alone(tmp_path_factory, monkeypatch):
    """No test sees this person's models, nor leaves one in memory."""
    from blender_jewelgen.engines.diffusion.kept import KEPT

    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    yield
    KEPT.key = KEPT.value = None


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Give the name of a tiny model, get its folder or file, in a place named as people name theirs; each is built once."""
    import tiny_bodies

    home: Path = tmp_path_factory.mktemp("models") / "模型 José"
    home.mkdir()
    return lambda name, **more: tiny_bodies.built(name, home / "-".join([name, *map(str, more.values())]), **more)


@pytest.fixture(scope="session")
def ring(tmp_path_factory):
    """A picture of a ring on a light ground."""
    import numpy as np
    from PIL import Image

    path = tmp_path_factory.mktemp("pictures") / "戒指.png"
    y, x = (np.mgrid[:160, :160] - 79.5) / 60.0
    r = np.hypot(x, y)
    colours = np.full((160, 160, 3), 235.0)
    colours[np.abs(r - 0.8) < 0.2] = (212, 175, 55)
    Image.fromarray(colours.astype(np.uint8)).save(path)
    return path
