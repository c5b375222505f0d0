"""A network of this family that is small enough to train in seconds, and a few cells to teach it."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.learning import cells
from blender_jewelgen.learning.taught import free_drawings

NAMES = ("heart-wings", "crown", "anchor", "lion", "lotus-flower", "seahorse", "moon", "dragon-head")
WIDTHS = (24, 48)


@pytest.fixture(scope="session")
def few_cells(tmp_path_factory):
    """Eight drawings of the library, five free ones and 28 figures, in the file that ``build`` keeps; (Cells, path)."""
    patch = pytest.MonkeyPatch()
    patch.setattr(cells.motifs, "names", lambda: NAMES)
    patch.setattr(cells, "free_drawings", lambda: free_drawings()[:5])
    patch.setattr(cells, "figure_cells", lambda count, seed=0, real=cells.figure_cells: real(28, seed))
    path = tmp_path_factory.mktemp("cells") / "cells.npz"
    made = cells.build(path)
    patch.undo()
    return made, path


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Threads of one process wait for each other on busy cores, many times longer than they work."""
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def small_network():
    """Random weights, every one of them at work: a fresh UNet ends in numbers too small to compare."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    from blender_jewelgen.learning.motif_network import MotifNetwork, new_unet

    torch.manual_seed(5)
    network = MotifNetwork(new_unet(WIDTHS, 1)).eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(0.02 * torch.randn_like(weights))
    return network.half().float()


@pytest.fixture(scope="session")
def noise():
    """(3, 1, 64, 64) float32, always the same."""
    return np.random.default_rng(2).normal(size=(3, 1, 64, 64)).astype(np.float32)
