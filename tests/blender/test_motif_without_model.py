"""A worker that cannot load the motif model: the panel says why in a sentence, and everything else goes on."""

from __future__ import annotations

import pytest

pytest.importorskip("bpy")

from motif_bench import piece, wish, without_runtime
from recorder import draw as panel
from shop import now

from blender_jewelgen.blender import jobs as jobs_module
from blender_jewelgen.blender import motif_state, motif_tiles


@pytest.fixture
def bare(addon, monkeypatch):
    """bpy with JewelGen registered, and a worker that has no onnxruntime."""
    without_runtime(monkeypatch)
    yield addon


def test_without_onnxruntime_the_panel_says_why_and_everything_else_goes_on(bare):
    _ob, own = piece(bare)
    wish(bare)
    with pytest.raises(RuntimeError, match="onnxruntime"):
        bare.ops.jewelgen.motif_draw()
    assert now(bare).model == "MISSING" and "onnxruntime" in now(bare).model_reason
    with pytest.raises(RuntimeError, match="onnxruntime"):  # now before the click
        bare.ops.jewelgen.motif_draw()
    from blender_jewelgen.blender.panels_motif import VIEW3D_PT_jewelgen_motif

    said = " ".join(line.removeprefix("label ") for line in panel(bare, VIEW3D_PT_jewelgen_motif))
    assert "onnxruntime" in said and "The library and the parametric figures go on" in " ".join(said.split())
    assert bare.ops.jewelgen.generate() == {"FINISHED"}
    assert motif_tiles.distances(own.motifs[0].name, "").shape == (64, 64)


def test_the_worker_is_asked_once_and_again_after_a_restart(bare):
    assert now(bare).model == "UNKNOWN"
    motif_state.ask()
    jobs_module.wait(*jobs_module.open_tickets())
    assert now(bare).model == "MISSING" and not now(bare).error
    motif_state.ask()
    assert not jobs_module.open_tickets()
    assert bare.ops.jewelgen.restart_worker() == {"FINISHED"}
    assert now(bare).model == "UNKNOWN" and len(jobs_module.open_tickets()) == 1
    jobs_module.wait(*jobs_module.open_tickets())
    assert now(bare).model == "MISSING"
