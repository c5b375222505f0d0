"""The tables of processes and metals, and what is computed from them."""

from __future__ import annotations

import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.library import table
from blender_jewelgen.core.mesh.weight import Limits, density, limits, metals, processes, weight_g

METALS = """gold-24k gold-22k gold-18k-yellow gold-14k-yellow gold-10k-yellow gold-18k-white gold-14k-white gold-18k-rose
gold-14k-rose platinum-950 platinum-900 palladium-950 silver-999 silver-925 brass bronze copper titanium steel""".split()


def test_the_metals_are_those_of_the_contract_in_its_order():
    assert list(metals()) == METALS


def test_every_metal_has_names_in_both_languages_a_plausible_density_and_a_source():
    sources = table("alloys")["sources"]
    for key, row in table("alloys")["alloys"].items():
        assert row["en"], key
        assert any("\u4e00" <= c <= "\u9fff" for c in row["zh"]), key
        assert 4.0 < row["density_g_cm3"] < 22.6, key  # osmium, the densest, has 22.6
        assert row["source"] in sources, key


def test_gold_is_denser_the_finer_it_is():
    yellow = ["gold-10k-yellow", "gold-14k-yellow", "gold-18k-yellow", "gold-22k", "gold-24k"]
    assert [density(m) for m in yellow] == sorted(density(m) for m in yellow)
    for row in (table("alloys")["alloys"][m] for m in yellow):
        assert row["fineness"] == pytest.approx(row["karat"] / 24 * 1000, abs=3)


def test_every_number_of_every_process_names_a_known_source():
    body = table("processes")
    used = set()
    for key, row in body["processes"].items():
        assert set(row["name"]) == {"en", "zh"}, key
        for name, cell in row.items():
            if name != "name":
                assert cell["source"] in body["sources"], (key, name)
                used.add(cell["source"])
    assert used == set(body["sources"])  # none is listed in vain


@pytest.mark.parametrize("process", ["castable-resin", "direct-wax", "lost-wax", "dmls", "silver-casting"])
def test_every_process_has_limits_of_a_sane_size(process):
    assert process in processes()
    rules = limits(process)
    assert isinstance(rules, Limits)
    assert 0.3 <= rules.min_wall_mm <= 1.5
    assert 0.1 <= rules.min_detail_mm <= rules.min_wall_mm
    assert 0.0 <= rules.shrinkage <= 0.1
    assert 0.0 <= rules.polishing_mm <= 0.25
    assert len(rules.build_mm) == 3
    assert min(rules.build_mm) >= 80.0  # a bangle must go in


def test_scale_of_the_mould_is_larger_than_of_printed_wax():
    assert limits("direct-wax").shrinkage == pytest.approx(0.01)
    assert limits("lost-wax").shrinkage == pytest.approx(0.035)
    assert limits("dmls").shrinkage == 0.0


def test_weight_is_volume_times_density():
    assert weight_g(1000.0, "silver-925") == pytest.approx(10.36)  # g of one cm³


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(BadInput, match=r"process 'lost-wacks' is not known; did you mean lost-wax\?"):
        limits("lost-wacks")
    with pytest.raises(BadInput, match=r"did you mean gold-18k-rose\?"):
        density("gold-18k-ros")
