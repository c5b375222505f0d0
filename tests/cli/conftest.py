"""Command lines to call, and a few pieces made once for all tests."""

from __future__ import annotations

import pytest
from command_line import QUICK, Command

from blender_jewelgen.cli.main import main


@pytest.fixture
def jewelgen(capsys) -> Command:
    return Command(capsys)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A band of a prompt that tries to be a page of its own."""
    folder = tmp_path_factory.mktemp("made") / "José Núñez" / "首饰 盒"
    prompt = 'lotus band, milgrain border, silver, US 7 <script>alert(1)</script> & zorblatt'
    assert main(["make", prompt, "--seed", "5", "--quiet", "--out", str(folder), *QUICK]) == 0
    return folder


@pytest.fixture(scope="session")
def picture(tmp_path_factory):
    """A height picture of 16 bits that joins its own beginning."""
    import numpy as np
    from PIL import Image

    x, y = np.meshgrid(np.arange(240) / 240 * 2 * np.pi, np.arange(40))
    grey = (np.sin(6 * x) * np.sin(y / 6.0) + 1.0) * 32767.0
    path = tmp_path_factory.mktemp("picture") / "waves.png"
    Image.fromarray(grey.astype(np.uint16)).save(path)
    return path


@pytest.fixture(scope="session")
def ball(tmp_path_factory):
    """A closed ball of 16 mm as STL."""
    import trimesh

    path = tmp_path_factory.mktemp("ball") / "ball.stl"
    trimesh.creation.icosphere(subdivisions=3, radius=8.0).export(path)
    return path
