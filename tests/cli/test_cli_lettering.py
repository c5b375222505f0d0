"""Lines of text and stones as options, and as changes of a recipe."""

from __future__ import annotations

import pytest

from blender_jewelgen.cli.lettering import changed
from blender_jewelgen.cli.main import parser
from blender_jewelgen.cli.typed import recipe_of
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.words.text_line import TextLine


def typed(*arguments: str):
    return recipe_of(parser().parse_args(["make", "plain silver band", *arguments]))


def again(recipe, *arguments: str):
    return changed(recipe, parser().parse_args(["show", "x", *arguments]))


def test_an_option_given_once_holds_for_every_line():
    texts = typed("--text", "LOVE", "--text", "永结同心", "--text-style", "engraved", "--font", "song").texts
    assert texts == (TextLine(words="LOVE", style="engraved", font="song"), TextLine(words="永结同心", style="engraved", font="song"))


def test_an_option_given_once_for_each_line_keeps_their_order():
    texts = typed("--text", "A", "--text", "B", "--text-side", "inside", "--text-side", "outside", "--text-height", "1.5", "--text-height", "2,5").texts
    assert [(t.words, t.side, t.height) for t in texts] == [("A", "inside", 1.5), ("B", "outside", 2.5)]


def test_a_box_is_in_per_cent():
    (line,) = typed("--text", "A", "--text-box", "10 20% 90 80").texts
    assert (line.left, line.top, line.right, line.bottom) == (0.1, 0.2, 0.9, 0.8)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--font", "song"), "--font"), (("--text", "A", "--text", "B", "--text", "C", "--font", "song", "--font", "kai"), "2 times for 3"),
        (("--text", "A", "--text-box", "10 20 5 80"), "text-box"), (("--text", "A", "--text-box", "all"), "text-box"),
        (("--text", "A", "--text-style", "burnt"), "burnt"), (("--text", "A", "--text-height", "tall"), "tall"),
        (("--text", "A", "--text-height", "900"), "height"), (("--text", "x" * 501), "500"),
    ],
)  # fmt: skip
def test_lines_that_cannot_be_set_are_refused_by_name(arguments, word):
    with pytest.raises(BadInput, match=word):
        typed(*arguments)


def test_lines_of_a_recipe_are_added_dropped_and_replaced():
    recipe = typed("--text", "A", "--text", "B", "--text-style", "engraved")
    assert [t.words for t in again(recipe, "--add-text", "C").texts] == ["A", "B", "C"]
    assert [t.words for t in again(recipe, "--drop-text", "1").texts] == ["B"]
    assert [(t.words, t.style) for t in again(recipe, "--drop-text", "1", "--add-text", "C", "--text-style", "pierced").texts] == [("B", "engraved"), ("C", "pierced")]
    assert [t.words for t in again(recipe, "--text", "D").texts] == ["D"]
    assert again(recipe) is recipe
    with pytest.raises(BadInput, match="drop-text is 3"):
        again(recipe, "--drop-text", "3")
