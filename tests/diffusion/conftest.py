"""Tests of picture engines: only where torch and diffusers are, offline, with models built on the spot."""

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
except ImportError:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny models gain nothing by a second thread, and where other programs work too two wait for each other thirty times as long."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Give a family's name, get the folder of its tiny model; each is built once."""
    import tiny

    home: Path = tmp_path_factory.mktemp("models")
    return lambda family: tiny.folder(family, home / family)


@pytest.fixture(scope="session")
def loaded(models):
    """Give a family's name, get its tiny model in memory, read as a person's folder is; each is read once and lasts as long as the tests."""
    from blender_jewelgen.engines.diffusion import kept, load
    from blender_jewelgen.engines.weights import resolve as weights
    from blender_jewelgen.engines.weights.device import Memory, plan

    held = {}

    def of(family):
        if family not in held:
            found = weights.judge(models(family))
            held[family] = load.load(found, plan(found, Memory(device="cpu", main_gb=8.0, free_gb=8.0)))
            kept.KEPT.key = kept.KEPT.value = None  # so that the next one does not put it away
        return held[family]

    return of
