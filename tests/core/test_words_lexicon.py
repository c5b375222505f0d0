"""The table of terms, and what must hold for any text at all."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.library import table
from blender_jewelgen.core.words import keys
from blender_jewelgen.core.words.design import Design
from blender_jewelgen.core.words.lexicon import explain, read
from blender_jewelgen.core.words.terms import Speller, index, key, lexicon
from blender_jewelgen.core.words.text import fold, narrow, tokens
from blender_jewelgen.core.words.weights import weigh

TERMS = table("lexicon")["terms"]
VALUES = {
    "form": keys.FORMS, "shape": keys.ALL_SHAPES, "technique": keys.TECHNIQUES, "layout": keys.LAYOUTS, "border": keys.BORDERS,
    "ground": keys.GROUNDS, "metal": keys.METALS, "finish": keys.FINISHES, "mirror": (True, "true"), "avoid": ("motif",),
}  # fmt: skip
OPEN = ("motif", "period", "depth", "later", "filler", "negation")  # nouns of the library, styles, mm, and words without a key
WORDS = sorted({wording for term in TERMS for wording in (*term["en"], *term["zh"])})
SYNTAX = ["(", ")", "((", "))1.4", "::2", "::0.5", "::", " --no ", ":1.3)", "，", "。", "\n", "US 7", "UK N½", "8 mm wide", "0.6mm deep", "四方连续",
          "12 repeats", "sixfold", "zorblax", "Ω", "🐉", "\x07", "é", "港码14", "54号", "3", "十二"]  # fmt: skip


def test_there_are_at_least_400_terms_in_two_languages():
    assert len(TERMS) >= 400
    requests = [term for term in TERMS if term["slot"] not in ("filler", "negation")]
    assert len(requests) >= 380
    assert all(term["en"] and term["zh"] for term in requests)


def test_every_term_has_a_source_that_exists_and_no_source_is_idle():
    assert {term["source"] for term in TERMS} == set(table("lexicon")["sources"])


def test_every_value_is_a_key_of_the_contract():
    for term in TERMS:
        for slot, value in ((term["slot"], term["value"]), *term.get("also", {}).items()):
            assert slot in VALUES or slot in OPEN, term
            assert slot in OPEN or value in VALUES[slot], term
        for slot, values in term.get("when", {}).items():
            assert all(slot in OPEN or value in VALUES[slot] for value in values), term
        if term["slot"] == "motif":
            assert term["value"] == term["value"].lower() and " " not in term["value"]
        if term["slot"] == "depth":
            assert 0.1 <= term["value"] <= 2.0  # mm


def test_every_key_can_be_asked_for_by_some_words():
    said = {(term["slot"], term["value"]) for term in TERMS}
    for slot in ("form", "technique", "border", "ground", "metal", "finish"):
        assert {value for value in VALUES[slot] if (slot, value) not in said} == set(), slot
    assert {name for name in keys.DRAWN if ("motif", name) not in said} - {"hammered"} == set()


def test_every_reading_of_shared_words_but_the_last_has_a_condition():
    for words, readings in lexicon().phrases.items():
        assert all(term.when for term in readings[:-1]), words


@pytest.mark.parametrize("slot", ["form", "technique", "border", "ground", "metal", "finish", "motif", "period", "layout"])
def test_each_wording_alone_means_what_its_row_says(slot):
    for term in TERMS:
        if term["slot"] != slot or term.get("when"):
            continue
        for wording in (*term["en"], *term["zh"]):
            readings = lexicon().phrases[tuple(token.text for token in tokens(fold(wording, lexicon().simplified)[0]))]
            if len(readings) > 1:
                continue
            design = read(wording if any(c.isalpha() for c in wording) else f"a {wording}")
            found = {motif.name for motif in design.motifs} if slot == "motif" else {getattr(design, slot)}
            assert term["value"] in found, wording
            assert design.unknown == (), wording


@pytest.mark.parametrize("variant", [str.upper, str.title, lambda word: word.replace(" ", "-"), lambda word: f"  {word} !"])
def test_case_hyphens_and_space_do_not_matter(variant):
    for wording in ("fleur de lis", "rose gold", "egg and dart border", "art nouveau", "fish roe ground", "lotus scroll"):
        plain, changed = read(wording).to_dict(), read(variant(wording)).to_dict()
        assert {**plain, "prompt": ""} == {**changed, "prompt": ""}


def test_the_short_cuts_of_the_table_fold_as_prompts_are_folded():
    simplified = lexicon().simplified
    for wording in WORDS:
        assert key(wording, simplified) == tuple(token.text for token in tokens(fold(wording, simplified)[0]))


def test_an_edited_table_is_used():
    data = {"traditional": "", "terms": [{"slot": "motif", "value": "owl", "en": ["hooter"], "zh": ["夜猫子"]}]}
    words = tokens("a hooter")
    assert index(data).at(words, 1)[1][0].value == "owl"
    assert index(data).at(words, 0) == (0, ())


def test_the_speller_keeps_to_near_words():
    speller = Speller(["lotus", "acanthus", "meander"])
    assert [speller.nearest(word) for word in ("lotos", "acantus", "lotu", "zebra", "ocanthus")] == ["lotus", "acanthus", None, None, None]


def prompts() -> st.SearchStrategy[str]:
    words = st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(SYNTAX), st.text(max_size=6)), max_size=14)
    return st.one_of(st.text(max_size=200), words.map(" ".join), words.map("".join))


@settings(max_examples=400, deadline=None)
@given(prompts())
def test_any_text_gives_a_design_or_one_clear_sentence(prompt):
    try:
        reading = explain(prompt)
    except BadInput as error:
        assert str(error) and "\n" not in str(error)
        return
    design = reading.design
    assert read(prompt) == design
    assert Design.from_dict(json.loads(json.dumps(design.to_dict()))) == design
    assert not {motif.name for motif in design.motifs} & set(design.avoid)


@settings(max_examples=300, deadline=None)
@given(prompts())
def test_no_word_is_dropped_in_silence(prompt):
    try:
        reading = explain(prompt)
    except BadInput:
        return
    text = narrow(reading.design.prompt)
    weighed = weigh(text)
    pieces = (*weighed.pieces, *weighed.avoid)
    heard = {piece.start + i for piece in pieces for i in range(len(piece.text)) if piece.text[i] == text[piece.start + i]}
    covered = {i for chip in reading.chips for i in range(chip.start, chip.end)}
    assert [text[i] for i in sorted(heard - covered) if text[i].isalnum()] == []
    syntax = "".join(" " if i in heard else c for i, c in enumerate(text))  # numbers of weights, --no and foreign options
    told = " ".join(reading.design.notes)
    assert [run for run in re.findall(r"[^\W\d_]+", syntax) if run not in told and run.lower() not in ("no", "e")] == []
    for chip in reading.chips:
        if chip.slot == "unknown" and chip.words:
            assert chip.words in reading.design.unknown or f"{chip.words} has weight 0 and is left out" in reading.design.notes
