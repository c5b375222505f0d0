"""The trainer as it is started by hand: it learns, stops, goes on, and shares its work among processes."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def train(few_cells, tmp_path):
    """Runs the trainer on few cells with a small network; the rows of its log."""
    (tmp_path / "cells.npz").write_bytes(few_cells[1].read_bytes())

    def run(*options: object) -> list[dict[str, float]]:
        command = [sys.executable, ROOT / "scripts/train_motif.py", "--out", tmp_path, "--widths", 24, 48, "--batch", 16, "--rate", 0.003, *options]
        ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=500, env={**os.environ, "OMP_NUM_THREADS": "1"})
        assert ran.returncode == 0, ran.stderr[-2000:]
        with open(tmp_path / "log.csv", encoding="utf-8") as file:
            return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]

    return run


def checkpoint(folder: Path) -> dict:
    return torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)


def test_training_lowers_the_loss_and_goes_on_where_it_stopped(train, tmp_path):
    first = train("--minutes", 0.15, "--every", 9)
    before = checkpoint(tmp_path)
    assert len(first) == 1 and before["seen"] == first[0]["images"]
    rows = train("--minutes", 0.4, "--every", 9)
    after = checkpoint(tmp_path)
    assert rows[0] == first[0] and rows[1]["loss"] < 0.75 * first[0]["loss"]
    assert after["seen"] == rows[1]["images"] > before["seen"] and after["spent"] > before["spent"]
    assert (tmp_path / "sheet.png").stat().st_size > 1000 and not (tmp_path / "checkpoint.part").exists()
    moved = [name for name, weights in after["steady"].items() if not torch.equal(weights, before["steady"][name])]
    assert len(moved) > 0.9 * len(after["steady"])


def test_two_processes_share_one_training(train, tmp_path):
    rows = train("--minutes", 0.4, "--every", 0.15, "--processes", 2)
    state = checkpoint(tmp_path)
    assert state["seen"] % 32 == 0 and rows[-1]["loss"] < 0.8 * rows[0]["loss"]
    assert all(bool(weights.isfinite().all()) for weights in (*state["network"].values(), *state["steady"].values()))
