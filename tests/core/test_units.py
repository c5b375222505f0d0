"""Sizes as people write them."""

from __future__ import annotations

import contextlib
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.library import table
from blender_jewelgen.core.units import all_labels, inner_diameter


def test_us_sizes_grow_by_the_same_step():
    diameters = [inner_diameter(f"US {size:g}") for size in (0, 1, 7, 13)]
    assert diameters[0] == 11.63
    assert diameters[2] - diameters[0] == pytest.approx(7 * 0.8128)  # mm
    assert diameters[3] - diameters[0] == pytest.approx(13 * 0.8128)


def test_an_eu_size_is_its_circumference_in_mm():
    assert inner_diameter("EU 54") * math.pi == pytest.approx(54.0, abs=1e-3)
    assert inner_diameter("ISO 54.5") * math.pi == pytest.approx(54.5, abs=1e-3)


@pytest.mark.parametrize(
    ("one", "other"),
    [("US 7 1/2", "US 7.5"), ("us7.25", "US 7 1/4"), ("UK N 1/2", "uk n½"), ("17,3 mm", "17.3mm"), ("AU N", "UK N"), ("CA 9", "US 9"), ("17.3 毫米", "17.3 mm")],
)
def test_spellings_of_one_size_agree(one, other):
    assert inner_diameter(one) == inner_diameter(other)


@pytest.mark.parametrize("size", ["", "7", "US", "US 70", "US -70", "US N", "UK 5", "XX 7", "-3 mm", "0 mm", "nan mm", "inf mm", "1e9 mm", "EU nan", "\x00", "US 7 mm"])
def test_a_size_that_cannot_be_is_refused_in_one_sentence(size):
    with pytest.raises(BadInput) as caught:
        inner_diameter(size)
    assert caught.value.field == "size"
    assert "\n" not in str(caught.value)


@given(st.text(max_size=30))
def test_no_text_raises_anything_else(written):
    with contextlib.suppress(BadInput):
        assert 8.0 <= inner_diameter(written) <= 120.0


def test_every_system_rises_and_names_its_source():
    for system in table("sizes")["systems"]:
        diameters = [row["diameter_mm"] for row in system["rows"]]
        assert all(a < b for a, b in itertools.pairwise(diameters)), system["key"]
        assert len(system["source"]) > 20


def test_the_nearest_labels_of_us_7():
    assert all_labels(inner_diameter("US 7")) == {"US": "7", "EU": "54", "UK": "N½", "JP": "14", "CH": "14"}
