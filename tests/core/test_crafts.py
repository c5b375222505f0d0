"""Which body a craft makes, and what excludes what."""

from __future__ import annotations

import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.relief.crafts import formed, kind_of
from blender_jewelgen.core.relief.params import TECHNIQUES, CraftParams

SOLID, SHEET = CraftParams(), CraftParams(sheet=0.5)


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_technique_has_a_kind_of_body(technique):
    own = technique if technique in ("openwork", "filigree", "granulation") else "solid"
    assert kind_of(technique, SOLID, "band", False) == own
    assert kind_of(technique, SOLID, "mesh", False) == "solid"


def test_a_sheet_is_worked_and_neither_engraved_nor_pierced():
    assert kind_of("repousse", SHEET, "band", False) == kind_of("chasing", SHEET, "pendant", False) == "sheet"
    assert kind_of("filigree", SHEET, "band", False) == "filigree"  # the sheet of its backing
    for technique in ("engraving", "openwork", "granulation"):
        with pytest.raises(BadInput, match="sheet"):
            kind_of(technique, SHEET, "band", False)


def test_a_signet_has_no_sheet():
    with pytest.raises(BadInput, match="signet"):
        kind_of("repousse", SHEET, "signet", False)


def test_pierced_letters_open_solid_metal_and_nothing_else():
    assert kind_of("relief", SOLID, "band", True) == kind_of("openwork", SOLID, "band", True) == "openwork"
    for technique, craft in (("repousse", SHEET), ("filigree", SOLID), ("granulation", SOLID)):
        with pytest.raises(BadInput, match="pierced"):
            kind_of(technique, craft, "band", True)


@pytest.mark.parametrize("shape", ["flat", "d", "court", "knife"])
def test_a_sheet_without_a_rim_is_all_the_metal_there_is(shape):
    form, notes = formed(complete(FormParams(form="band", shape=shape)), "sheet", SHEET, None)
    assert notes == ()
    assert 0.3 < form_host(form).wall < 0.75
    again, notes = formed(form, "sheet", SHEET, form.thickness)  # the recipe of that piece, read again
    assert again == form and notes == ()


def test_a_thickness_that_a_sheet_cannot_keep_is_told_and_a_rim_keeps_it():
    form = complete(FormParams(form="band", thickness=2.0))
    made, notes = formed(form, "sheet", SHEET, 2.0)
    assert made.thickness == 0.5 and "2 mm was not used" in notes[0] and "--rim" in notes[0]
    assert formed(form, "sheet", CraftParams(sheet=0.5, rim=1.0), 2.0) == (form, ())
    assert formed(form, "solid", SOLID, 2.0) == (form, ())
