"""``render`` with the true camera, as small as can be: one Blender for a still and the frames of a turn."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy")

from PIL import Image

ROOT = Path(__file__).parents[2]


def test_a_ring_that_turns_changes_from_frame_to_frame_under_lights_that_stand(tmp_path):
    recipe = ROOT / "docs" / "gallery" / "dragon-signet.json"
    line = ["render", recipe, "--kind", "turntable", "--frames", "3", "--size", "64", "--samples", "2", "--quiet", "--out", tmp_path / "out"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "blender_jewelgen", *map(str, line)], cwd=tmp_path, capture_output=True, text=True, timeout=120, env=env)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"out"}  # nor is anything left where temporary files lie
    frames = [np.asarray(Image.open(tmp_path / f"out/dragon-signet-turn/turn-00{n}.png").convert("L"), float) for n in (1, 2, 3)]
    for one, two in ((0, 1), (1, 2), (0, 2)):
        apart = np.abs(frames[one] - frames[two])
        assert apart[16:48, 16:48].mean() > 8.0 > 4.0 > apart[:6].mean()  # the piece moves, the paper behind it does not
    with Image.open(tmp_path / "out/dragon-signet.webp") as film:
        assert film.n_frames == 3 and film.size == (64, 64)
