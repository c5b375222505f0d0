"""Engines are rows: found by name, loaded late, credited."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.pattern.strip import Strip
from blender_jewelgen.core.pipeline import Order
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines.registry import CARDS, ask, card


def order(seed: int = 0, *motifs: str, engine: str = "auto") -> Order:
    return Order(engine, Design(motifs=tuple(Motif(name=m) for m in motifs)), Strip(60.0, 6.0, 480, 48), seed)


def quiet(share: float, text: str) -> None:
    assert 0.0 <= share <= 1.0 and text


def test_auto_is_an_engine_that_needs_no_memory():
    assert card("auto").memory_gb == 0.0
    assert card(card("auto").name) is card("auto")


def test_an_unknown_engine_is_refused_with_the_nearest_name():
    with pytest.raises(BadInput, match="did you mean procedural"):
        card("procedual")


def test_names_are_unique_and_licences_said():
    assert len({c.name for c in CARDS}) == len(CARDS)
    assert all(c.licence and c.revision for c in CARDS)


def test_the_registry_imports_no_engine():
    code = "import sys; import blender_jewelgen.engines.registry; print([m for m in sys.modules if m.endswith('engines.procedural')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_same_seed_same_pixels_and_the_credit_names_the_engine():
    one, two, other = ask(order(3, "vine"), quiet), ask(order(3, "vine"), quiet), ask(order(4, "vine"), quiet)
    np.testing.assert_array_equal(one.picture, two.picture)
    assert not np.array_equal(one.picture, other.picture)
    assert one.picture.dtype == np.float32 and one.picture.shape == (48, 480)
    assert one.credit["name"] == "procedural" and "GPL" in one.credit["licence"]


def test_a_motif_that_nobody_knows_is_named():
    assert ask(order(0, "vine", "zzyzx"), quiet).missing == ("zzyzx",)
