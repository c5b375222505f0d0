"""Quotations of a prompt become lines of text; what leads to them is no craft, and what is left is read as before."""

from __future__ import annotations

from itertools import pairwise

import pytest

from blender_jewelgen.core.words.lexicon import explain
from blender_jewelgen.core.words.quotes import beside
from blender_jewelgen.core.words.text_line import TextLine

WRITTEN = [
    ('gold band "LOVE"', TextLine(words="LOVE")),
    ('gold band engraved "LOVE"', TextLine(words="LOVE", style="engraved")),
    ('gold band, engraved inside with "Anna & Luis"', TextLine(words="Anna & Luis", side="inside", style="engraved")),
    ("gold band, pierced letters “MMXXVI”", TextLine(words="MMXXVI", style="pierced")),
    ("金戒指，内圈刻「永结同心」", TextLine(words="永结同心", side="inside", style="engraved")),
    ("金戒指，刻字“福”", TextLine(words="福", style="engraved")),
    ("gold band, inscribed «Ave Maria»", TextLine(words="Ave Maria", style="engraved")),
]


@pytest.mark.parametrize(("prompt", "line"), WRITTEN, ids=[p for p, _ in WRITTEN])
def test_a_quotation_is_a_line_and_its_clause_says_how_it_is_written(prompt, line):
    reading = explain(prompt)
    assert reading.lines == (line,)
    assert reading.design.technique == "relief" and reading.design.unknown == () and reading.design.metal.startswith("gold")


def test_several_quotations_keep_their_order_and_their_own_side():
    reading = explain('silver band, "LOVE" outside, engraved inside "Anna"')
    assert [(line.words, line.side, line.style) for line in reading.lines] == [("LOVE", "outside", "raised"), ("Anna", "inside", "engraved")]


def test_every_word_is_in_one_chip_and_quotations_have_chips_of_their_own():
    prompt = 'engraved acanthus band, inscribed "Dragon ring" in silver'
    reading = explain(prompt)
    covered = sorted((chip.start, chip.end) for chip in reading.chips)
    assert all(b <= c for (_, b), (c, _) in pairwise(covered))
    assert [chip.value for chip in reading.chips if chip.slot == "text"] == ["Dragon ring"]
    assert reading.design.technique == "engraving" and [m.name for m in reading.design.motifs] == ["acanthus"] and reading.design.metal == "silver-925"


@pytest.mark.parametrize("prompt", ['a band of 1" width', "dragon's lotus band", 'ring ""', "leaf 'vine' band"])
def test_marks_that_quote_nothing_write_nothing(prompt):
    assert explain(prompt).lines == ()


def test_letters_stand_alone_unless_an_ornament_is_named():
    alone, named = explain('silver band "LOVE"'), explain('vine band "LOVE"')
    assert "motif" in beside(alone.design, alone.lines).avoid
    assert beside(named.design, named.lines) == named.design
    assert beside(alone.design, ()) == alone.design
