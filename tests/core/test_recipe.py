"""A recipe holds everything, comes back equal, and refuses what it does not know."""

from __future__ import annotations

import json
import math
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen import __version__
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.recipe import FORMAT, MakeParams, Recipe, Source, fingerprint
from blender_jewelgen.core.relief.params import CraftParams, ReliefParams
from blender_jewelgen.core.relief.stone import Stone
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.core.words.text_line import TextLine

FULL = Recipe(
    design=Design(
        prompt="(lotus)1.4 戒指", motifs=(Motif(name="lotus", weight=1.4),), weights=(("lotus", 1.4),), avoid=("dragon",), unknown=("zorblatt",),
        notes=("two metals",), depth=0.4, metal="silver-925",
    ),
    form=FormParams(form="mesh", width=5.5, thickness=1.25),
    relief=ReliefParams(depth=0.3, mapping="triplanar", repeat=12.0, density="preview"),
    craft=CraftParams(sheet=0.5, back="soft", rim=1.0, backing=True, wire_kind="beaded"),
    texts=(TextLine(words="永结同心", side="inside", style="engraved", left=0.1, top=0.0, right=0.9, bottom=1.0), TextLine(words="LOVE")),
    stones=(Stone(cut="oval", size=4.0, length=6.0, u=0.25, turn=-90.0),),
    make=MakeParams(seed=2**31 - 1, process="dmls", manufacture="lost-wax"),
    height=Source(path="/somewhere/首饰/h.png", sha256="ab" * 32),
    mesh=Source(path="m.stl", sha256="cd" * 32, scale=25.4),
    engine={"name": "procedural", "revision": "1", "licence": "GPL"},
)


def values(**changes):
    return json.loads(FULL.to_json()) | changes


@pytest.mark.parametrize("recipe", [FULL, Recipe(design=Design())], ids=["full", "plain"])
def test_a_recipe_comes_back_equal(recipe):
    written = recipe.to_json()
    assert Recipe.from_json(written) == recipe and Recipe.from_json(written).to_json() == written


def test_every_parameter_of_every_step_is_written():
    written = values()
    assert written["format"] == FORMAT and written["version"] == __version__
    for name, cls in (("design", Design), ("form", FormParams), ("relief", ReliefParams), ("craft", CraftParams), ("make", MakeParams), ("height", Source), ("mesh", Source)):
        assert set(written[name]) == {f.name for f in fields(cls)}
    for name, cls in (("texts", TextLine), ("stones", Stone)):
        assert all(set(row) == {f.name for f in fields(cls)} for row in written[name])


def test_names_that_are_no_text_are_written_as_json_and_come_back():
    recipe = Recipe(design=Design(), height=Source(path="/x/\udcff.png", sha256=""))
    assert Recipe.from_json(recipe.to_json().encode("utf-8").decode("utf-8")) == recipe


@pytest.mark.parametrize("gone", ["form", "relief", "craft", "texts", "stones", "make", "height", "mesh", "engine", "version"])
def test_what_is_missing_takes_its_default(gone):
    written = values(form={"form": "mesh"})
    del written[gone]
    if gone == "form":
        del written["mesh"]
    recipe = Recipe.from_json(json.dumps(written))
    assert getattr(recipe, gone) == getattr(Recipe(design=Design()), gone)


WRONG = [
    ("format", None, "jewelgen/1"), ("format", ["jewelgen/1"], "jewelgen/1"), ("design", None, "design"), ("design", [1], "design"),
    ("design", {"motifs": 3}, "motifs"), ("design", {"motifs": [{"name": ""}]}, "motif"), ("design", {"weights": [["a"]]}, "weights"),
    ("design", {"colour": 1}, "colour"), ("form", None, "form"), ("form", {"form": "crown"}, "crown"), ("form", {"width": True}, "width"),
    ("form", {"width": math.nan}, "width"), ("form", {"size": 7}, "size"), ("relief", {"depth": math.inf}, "depth"), ("relief", {"draft": "x"}, "draft"),
    ("relief", {"pixels": None}, "pixels"), ("make", {"seed": 0.5}, "seed"), ("make", {"seed": 10**400}, "seed"), ("make", {"engine": "x" * 301}, "engine"),
    ("height", 5, "height"), ("height", {"path": None}, "path"), ("height", {"path": "x" * 5000}, "4096"), ("mesh", {"scale": -1}, "scale"),
    ("mesh", {"scale": math.nan}, "scale"), ("mesh", {"scale": "1"}, "scale"), ("engine", None, "engine"), ("engine", {"name": 5}, "engine"),
    ("craft", {"sheet": 9.0}, "sheet"), ("craft", {"wire_kind": "square"}, "wire-kind"), ("texts", {"words": "x"}, "texts"), ("texts", ["x"], "texts"),
    ("texts", [{"words": "x" * 501}], "500"), ("texts", [{"words": "x"}] * 13, "12"), ("texts", [{"words": "x", "side": "above"}], "above"),
    ("stones", [{"cut": "pear"}], "pear"), ("stones", [{"size": 0.1}], "size"), ("stones", [{}] * 401, "400"), ("version", 1, "version"), ("surprise", 1, "surprise"), ("form", {"form": "band"}, "mesh"),
]


@pytest.mark.parametrize(("name", "value", "word"), WRONG, ids=[f"{n}={str(v)[:24]}" for n, v, _ in WRONG])
def test_a_wrong_field_is_refused_by_name(name, value, word):
    with pytest.raises(BadInput, match=word):
        Recipe.from_json(json.dumps(values(**{name: value})))


def test_a_recipe_without_a_design_is_refused():
    written = values()
    del written["design"]
    with pytest.raises(BadInput, match="design"):
        Recipe.from_json(json.dumps(written))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
steps = {name: row for name, row in values().items() if isinstance(row, dict)}
places = [(name, None) for name in values()] + [(name, key) for name, row in steps.items() for key in row]


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(places), value=json_values)
def test_any_value_in_any_place_is_taken_or_refused_but_never_a_crash(place, value):
    name, key = place
    written = values()
    if key is None:
        written[name] = value
    else:
        written[name] = written[name] | {key: value}
    try:
        recipe = Recipe.from_json(json.dumps(written))
    except BadInput as error:
        assert "\n" not in str(error)[:60]
    else:
        assert Recipe.from_json(recipe.to_json()) == recipe


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_refused_in_one_sentence(written):
    with pytest.raises(BadInput):
        Recipe.from_json(written)


def test_a_file_that_is_no_recipe_is_refused(tmp_path):
    path = tmp_path / "recipe.json"
    with pytest.raises(BadInput, match="No such file"):
        Recipe.read(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="not text"):
        Recipe.read(path)
    path.write_text("[" * 200_000)
    with pytest.raises(BadInput, match="JSON"):
        Recipe.read(path)
    path.write_text(" " * 1_000_001)
    with pytest.raises(BadInput, match="1,000,000"):
        Recipe.read(path)


def test_a_recipe_that_an_editor_gave_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "recipe.json"
    path.write_text(FULL.to_json(), encoding="utf-8-sig")
    assert Recipe.read(path) == FULL


def test_the_fingerprint_is_sha256(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert fingerprint(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
