"""Words for people change only on purpose: the help of every verb is kept in ``tests/approved``."""

from __future__ import annotations

import os

import pytest
from command_line import ROOT

from blender_jewelgen import __version__

APPROVED = ROOT / "tests" / "approved"


@pytest.mark.parametrize("verb", ["", "make", "pattern", "relief", "motif", "set", "height", "check", "show", "render", "list", "bench"])
def test_help_is_as_approved(verb, jewelgen, monkeypatch):
    """To approve new words, run with APPROVE=1 and look at the difference."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    said = jewelgen(*([verb] if verb else []), "--help")
    file = APPROVED / f"help{'-' + verb if verb else ''}.txt"
    if os.environ.get("APPROVE"):
        file.write_text(said.out, encoding="utf-8")
    assert said.code == 0 and said.out == file.read_text(encoding="utf-8")


def test_version_is_told(jewelgen):
    assert jewelgen("--version").out == f"jewelgen {__version__}\n"
