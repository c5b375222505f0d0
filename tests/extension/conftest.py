"""The extension as built for this machine, once for all its tests, and an empty home for a Blender."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from installed import HERE, script


@pytest.fixture(scope="session")
def builder() -> ModuleType:
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("Blender's extension tool comes with the bpy package, which is not here")
    return script("build_extension")


@pytest.fixture(scope="session")
def zipped(builder, tmp_path_factory) -> Path:
    """The zip for this machine."""
    if HERE is None:
        pytest.skip("there are no wheels for this machine")
    try:
        return builder.build(tmp_path_factory.mktemp("dist"), HERE)
    except SystemExit as error:
        if "pip could not fetch" in str(error):
            pytest.skip("the wheels are neither here nor to be had")
        raise


@pytest.fixture
def user(tmp_path) -> Path:
    """An empty folder for a Blender's user files, named as people name theirs."""
    folder = tmp_path / "José Núñez" / "首饰 盒"
    folder.mkdir(parents=True)
    return folder
