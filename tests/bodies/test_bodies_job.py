"""The worker's job with every local family: what goes over the wire is what a panel and the command line need."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.engines.bodies import triposg_net
from blender_jewelgen.worker import store
from blender_jewelgen.worker.jobs_bodies import bare_body


@pytest.mark.parametrize("family", ["shap-e", "triposr", "triposg"])
def test_a_job_gives_the_body_the_mask_and_the_candidates(models, ring, tmp_path, monkeypatch, family):
    monkeypatch.setattr(triposg_net, "TOKENS", 64)
    asked = {"engine": family, "model": str(models(family)), "grid": 40, "steps": 2, "candidates": 2}
    told = bare_body({"picture": str(ring), "body": asked, "seed": 5}, tmp_path, lambda share, text: None)
    assert json.loads(json.dumps(told)) == told
    mesh = store.read_mesh(tmp_path / told["mesh"])
    assert edges(mesh.faces, len(mesh.vertices)).sound and told["credit"]["family"] == family and told["form"] is None
    assert store.read_arrays(tmp_path / told["arrays"])["mask"].shape == (160, 160)
    assert [one["seed"] for one in told["candidates"]] == ([0] if family == "triposr" else [5, 6])
    assert all(one["numbers"]["closed"] and not one["refused"] for one in told["candidates"])
