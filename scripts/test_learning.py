#!/usr/bin/env python3
"""Test what needs torch, in an environment of its own: lessons of the motif model, and tiny picture and depth models: ``python3.11 scripts/test_learning.py [pytest arguments]``.

The environment (.venv-learn, about 1 GB where torch comes without graphics card, 5 GB with) is made at first use and again when
scripts/locks/learn.in changes. The same Python runs train_motif.py, export_motif.py and evaluate_motif.py.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import environment

VENV = environment.ROOT / ".venv-learn"
WANTED = environment.ROOT / "scripts" / "locks" / "learn.in"


def interpreter() -> str:
    """The Python of the environment, made first if need be."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, wanted = VENV / "stamp", f"{sys.version} {hashlib.sha256(WANTED.read_bytes()).hexdigest()}"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        environment.say(f"making an environment with torch in {VENV}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(WANTED)], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


if __name__ == "__main__":
    python = interpreter()
    code = subprocess.run([python, "-m", "pytest", "tests/learning", "tests/diffusion", "tests/bodies", *sys.argv[1:]], cwd=environment.ROOT).returncode
    panel = [str(environment.interpreter("test")), "-m", "pytest", "tests/blender/test_pictures.py", "tests/blender/test_body_panel.py", "-m", "slow", *sys.argv[1:]]  # Blender, its worker in this Python
    sys.exit(code or subprocess.run(panel, cwd=environment.ROOT, env={**os.environ, "JEWELGEN_TEST_PYTHON": python}, timeout=1200).returncode)
