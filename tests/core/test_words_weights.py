"""The weight syntax alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.words.text import narrow
from blender_jewelgen.core.words.weights import BARE_PAIR, weigh


def shares(text: str) -> list[tuple[str, float]]:
    return [(piece.text.strip(" ,"), piece.weight) for piece in weigh(narrow(text)).pieces]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lotus", [("lotus", 1.0)]),
        ("(lotus)1.4", [("lotus", 1.4)]),
        ("(lotus:1.4)", [("lotus", 1.4)]),
        ("（莲花：1.4）", [("莲花", 1.4)]),
        ("（莲花）１．４", [("莲花", 1.4)]),
        ("(lotus)", [("lotus", 1.1)]),
        ("((lotus))", [("lotus", 1.21)]),
        ("(lotus (scroll)2)1.5", [("lotus", 1.5), ("scroll", 3.0)]),
        ("(lotus).5 band", [("lotus", 0.5), ("band", 1.0)]),
        ("(lotus)8 mm wide", [("lotus", 1.1), ("8 mm wide", 1.0)]),
        ("(lotus)18k gold", [("lotus", 1.1), ("18k gold", 1.0)]),
        ("motif::2 cloud::1", [("motif", 2.0), ("cloud", 1.0)]),
        ("lotus:: cloud", [("lotus", 1.0), ("cloud", 1.0)]),
        ("莲花::2云纹::1戒指", [("莲花", 2.0), ("云纹", 1.0), ("戒指", 1.0)]),
        ("(lotus)2 cloud::3", [("lotus", 6.0), ("cloud", 3.0)]),
        ("lotus::1e0", [("lotus", 1.0)]),
        ("lotus: a flower", [("lotus: a flower", 1.0)]),
    ],
)
def test_each_word_has_its_weight(text, expected):
    assert shares(text) == [(words, pytest.approx(weight)) for words, weight in expected]


@pytest.mark.parametrize("number", ["-1", "11", "nan", "inf", "-0.5", "1e999", "99999999999"])
@pytest.mark.parametrize("form", ["lotus::{}", "(lotus){}", "(lotus:{})"])
def test_a_weight_outside_0_to_10_is_refused(form, number):
    with pytest.raises(BadInput, match="it must be between 0 and 10"):
        weigh(form.format(number))


def test_weights_that_multiply_beyond_10_are_refused_with_the_words():
    with pytest.raises(BadInput, match="the weight of 'lotus' is 25"):
        weigh("(lotus)5::5")


def test_all_words_of_weight_zero_are_refused():
    with pytest.raises(BadInput, match="nothing is left"):
        weigh("lotus::0 (cloud)0::1")


@pytest.mark.parametrize("text", ["((lotus)", "lotus)) cloud", ")lotus(", "(" * 500 + "lotus"])
def test_brackets_without_a_partner_are_noted_and_the_words_stay(text):
    weighed = weigh(text)
    assert "lotus" in "".join(piece.text for piece in weighed.pieces)
    assert any(note.startswith("brackets without a partner") for note in weighed.notes)


def test_a_share_that_is_no_number_is_text_and_noted():
    weighed = weigh("lotus ::abc")
    assert [(piece.text.strip(), piece.weight) for piece in weighed.pieces] == [("lotus", 1.0), ("abc", 1.0)]
    assert weighed.notes == ("::abc is no number; the part counts 1",)


@pytest.mark.parametrize("text", ["lotus --no beads, clouds", "lotus --no beads --no clouds", "lotus --NO beads，clouds", "lotus——no beads, clouds"])
def test_what_follows_no_is_avoided(text):
    weighed = weigh(narrow(text))
    words = " ".join(piece.text for piece in weighed.avoid).replace(",", " ").split()
    assert (words, [piece.text.strip() for piece in weighed.pieces]) == (["beads", "clouds"], ["lotus"])


def test_options_of_other_programs_are_noted():
    weighed = weigh("lotus --ar 3:4 --v 5.2")
    assert weighed.notes == ("--ar 3:4 means nothing here", "--v 5.2 means nothing here")
    assert [piece.text.strip() for piece in weighed.pieces] == ["lotus"]


@given(st.integers(1, 20))
def test_every_bare_pair_emphasises_once_more(pairs):
    assert weigh("(" * pairs + "lotus" + ")" * pairs).pieces[0].weight == pytest.approx(BARE_PAIR**pairs, rel=1e-5)


@given(st.text(alphabet="():.-nobeads 0123456789，（）：lotus莲—\n", max_size=120))
def test_pieces_lie_where_they_say_and_never_overlap(text):
    text = narrow(text)
    try:
        weighed = weigh(text)
    except BadInput:
        return
    end = 0
    for piece in weighed.pieces:
        assert piece.start >= end
        end = piece.start + len(piece.text)
        strays = [i for i in range(len(piece.text)) if piece.text[i] != text[piece.start + i]]
        assert all(piece.text[i] == " " for i in strays)
        assert 0.0 <= piece.weight <= 10.0
