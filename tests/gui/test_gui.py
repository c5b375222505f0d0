"""The extension in a real window, where this machine can have one; scripts/test_gui.py does it all."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import blender_chroot  # noqa: E402

sys.path.pop(0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["scenario", "motifs", "crafts", "models", "bodies", "faults", "killed"])
def test_the_window_obeys_a_real_mouse(name, tmp_path):
    reason = blender_chroot.hindrance() or ("needs the bpy package to build the zip" if importlib.util.find_spec("bpy") is None else None)
    if reason is None and not blender_chroot.complete(blender_chroot.folder()):
        reason = "the root folder with Blender is not made; scripts/blender_chroot.py makes it"
    if reason:
        pytest.skip(reason)
    for _ in range(2):  # a hand on a busy machine may miss a button once
        said = subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "test_gui.py"), "--only", name, "--out", str(tmp_path), "--limit", "600"],
            capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=700, env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
        if said.returncode == 0:
            break
    assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-5000:]
    assert json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))["code"] == 0
