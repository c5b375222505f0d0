"""``--worker``: the engines of another Python draw, and the piece is the same."""

from __future__ import annotations

import sys

from command_line import QUICK, names, refused


def test_a_worker_draws_what_this_process_would(jewelgen, tmp_path):
    line = ("make", "lotus scroll band, silver", "--seed", "4", "--quiet", *QUICK)
    assert jewelgen(*line, "--out", tmp_path / "here").code == 0
    assert jewelgen(*line, "--worker", sys.executable, "--out", tmp_path / "there").code == 0
    for name in ("height.png", "piece.stl", "recipe.json"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes(), name


def test_a_worker_that_cannot_be_started_is_one_sentence_and_nothing_stays(jewelgen, tmp_path):
    for python in (tmp_path / "no python", "/bin/false"):
        refused(jewelgen("pattern", "lotus band", "--quiet", "--worker", python, "--out", tmp_path / "out"), "worker")
    assert names(tmp_path) == set()
