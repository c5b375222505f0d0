"""The settings on the screen are the parameters of the core: the same names, limits and words, and the same recipe as the command line reads."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

pytest.importorskip("bpy")

from blender_jewelgen.blender import properties, scene_recipe, settings
from blender_jewelgen.cli import typed
from blender_jewelgen.cli.main import parser
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.library import table
from blender_jewelgen.core.recipe import MakeParams, Recipe
from blender_jewelgen.core.relief.params import CraftParams, ReliefParams
from blender_jewelgen.core.relief.stone import Stone
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.core.words.text_line import TextLine

GROUPS = {"form": FormParams, "relief": ReliefParams, "craft": CraftParams, "make": MakeParams}
ROWS = {"texts": TextLine, "stones": Stone}
PRESETS = [row["prompt"] for row in table("presets")["presets"]]
BY_HAND = {("form", "form"), ("form", "shape"), ("form", "size"), ("make", "engine"), ("make", "manufacture"), ("design", "metal"), ("design", "period"), ("texts", "words"), ("texts", "font"), ("craft", "sheet")}


@pytest.fixture
def scene(_shop):
    """A new scene with nothing set."""
    made = _shop.data.scenes.new("Bench")
    yield made
    _shop.data.scenes.remove(made)


def said_by(words, *options):
    return typed.recipe_of(parser().parse_args(["make", words, *options]))


def every_field():
    found = [(group, f) for group, cls in (GROUPS | ROWS).items() for f in fields(cls) if "kind" in f.metadata]
    return [*found, *(("design", f) for f in fields(Design) if f.name in scene_recipe.DESIGN_SLOTS)]


@pytest.mark.parametrize(("group", "f"), every_field(), ids=lambda x: x if isinstance(x, str) else x.name)
def test_every_parameter_has_a_property_with_its_limits_default_and_tooltip(scene, group, f):
    held = getattr(scene.jewelgen, group)
    prop = (held.add() if group in ROWS else held).bl_rna.properties[f.name]
    meta = f.metadata
    assert prop.name == prop.name.strip() and prop.name[0].isupper()
    assert prop.description and not prop.description.endswith(".")
    if (group, f.name) not in BY_HAND:
        assert prop.description.startswith(meta["tip"].rstrip("."))
    if meta["kind"] in ("number", "whole"):
        free, nothing = f.default is None, 0 if meta["low"] > 0 else -1
        assert prop.hard_min == pytest.approx(nothing if free else meta["low"], rel=1e-6)
        assert prop.hard_max == pytest.approx(meta["high"], rel=1e-6)
        assert prop.default == pytest.approx(nothing if free else f.default, rel=1e-6)
        assert (f"; {nothing} lets the program choose" in prop.description) == (free and (group, f.name) not in BY_HAND)
        assert prop.type == {"number": "FLOAT", "whole": "INT"}[meta["kind"]]
        assert (f"({meta['unit']})" in prop.name) == bool(meta["unit"])
    elif meta["kind"] == "switch":
        assert prop.type == "BOOLEAN" and prop.default == f.default
    elif prop.type == "ENUM":
        assert {item.identifier for item in prop.enum_items} | {"mesh"} >= {value or "_" for value in meta.get("values", ())}
        assert all(item.name for item in prop.enum_items)


@pytest.mark.parametrize("group", GROUPS | ROWS)
def test_what_is_written_is_read_again_to_the_last_digit(scene, group):
    cls = (GROUPS | ROWS)[group]
    held = getattr(scene.jewelgen, group)
    held = held.add() if group in ROWS else held
    numbers = {f.name: f for f in fields(cls) if f.metadata.get("kind") == "number"}
    samples = [cls()]
    for name, f in numbers.items():
        low, high = f.metadata["low"], f.metadata["high"]
        samples += [cls(**{name: value}) for value in (low, high, round(low + 0.1 * (high - low), 2), round(low + (high - low) / 3, 4))]
    for f in fields(cls):
        if f.metadata.get("kind") == "choice" and f.name != "form":
            samples += [cls(**{f.name: value}) for value in f.metadata["values"]]
        elif f.metadata.get("kind") == "switch":
            samples += [cls(**{f.name: value}) for value in (True, False)]
        elif f.metadata.get("kind") == "whole":
            samples += [cls(**{f.name: value}) for value in (f.metadata["low"], f.metadata["high"])]
    for params in samples:
        properties.write(held, params)
        assert properties.read(held, cls) == params


@pytest.mark.parametrize("words", [
    *PRESETS, "", "band", "no owls, lotus:2.5 and crane band, UK N½, 5.5 mm wide, 0.35 mm deep", "engraved signet, US 9.25", "戒指，龙纹，银", "zorblatt",
])  # fmt: skip
def test_the_same_words_give_the_recipe_of_the_command_line(scene, words):
    scene.jewelgen.prompt = words
    try:
        expected = said_by(words)
    except BadInput as error:
        with pytest.raises(BadInput, match=str(error.args[0])[:20]):
            properties.read_recipe(scene)
        return
    assert properties.read_recipe(scene) == expected


@pytest.mark.parametrize("options", [
    {"form.form": "pendant"}, {"form.width": 5.5, "form.size": "UK N"}, {"form.form": "signet", "form.shape": "oval"},
    {"design.metal": "bronze", "design.finish": "satin", "design.technique": "engraving"},
    {"relief.depth": 0.3, "relief.mid": 0.25, "relief.fade": 0.0, "relief.around": 3, "relief.mapping": "planar", "relief.outer": False},
    {"make.seed": 77, "make.process": "dmls", "make.manufacture": "dmls", "relief.pixels": 12.0, "relief.draft": 0.0},
    {"form.thickness": 1.3, "form.margin": 0.0, "form.hole": 1.2, "form.gap": 30.0, "relief.repeat": 11.0},
    {"craft.sheet": 0.45, "craft.back": "soft", "craft.rim": 1.2, "craft.backing": True}, {"craft.wire": 0.35, "craft.wire_kind": "beaded", "craft.fill": "scrolls"},
    {"craft.frame": 1.1, "craft.web": 0.6, "craft.opening": 0.5, "craft.granule": 0.7, "craft.sink": 0.3},
])  # fmt: skip
@pytest.mark.parametrize("words", [PRESETS[0], PRESETS[5]])
def test_settings_beside_the_words_do_what_options_of_the_command_line_do(scene, words, options):
    scene.jewelgen.prompt = words
    line = []
    for path, value in options.items():
        group, name = path.split(".")
        setattr(getattr(scene.jewelgen, group), name, value)
        name = name.replace("_", "-")
        line += [f"--{name}"] if value is True else [f"--no-{name}"] if value is False else [f"--{name}", str(value)]
    assert properties.read_recipe(scene) == said_by(words, *line)


def test_lines_and_stones_of_the_panel_are_those_of_the_command_line(scene):
    own = scene.jewelgen
    own.prompt = 'lotus band, engraved inside "Anna", US 7'
    assert [(row.words, row.side, row.style) for row in own.texts] == [("Anna", "inside", "engraved")]
    assert properties.read_recipe(scene) == said_by(own.prompt) and "texts" not in scene_recipe.touched(own.design)
    row = own.texts.add()
    row.words, row.style, row.path, row.height, row.spacing = " 永结同心 ", "pierced", "arc", 2.5, 0.1
    own.texts.add()  # a row without words is no line
    for place, (name, share) in enumerate(zip(("left", "top", "right", "bottom"), (0.1, 0.2, 0.9, 0.8))):
        setattr(row, name, share)
        assert row.boxed == (place == 3)
    stone = own.stones.add()
    stone.cut, stone.size, stone.length, stone.u, stone.v, stone.turn = "oval", 2.5, 4.0, 0.25, 0.4, 45.0
    own.stones.add()
    made = properties.read_recipe(scene)
    assert made.texts == (
        TextLine(words="Anna", side="inside", style="engraved"),
        TextLine(words="永结同心", style="pierced", path="arc", height=2.5, spacing=0.1, left=0.1, top=0.2, right=0.9, bottom=0.8),
    )  # fmt: skip
    typed_stones = ("--stone", "oval 4x2.5 at 25% 40% turned 45", "--stone", "round 3")
    options = ("--text", "Anna", "--text", "永结同心", "--text-style", "engraved", "--text-style", "pierced", "--text-side", "inside", "--text-side", "outside")
    expected = said_by(own.prompt, *options, *typed_stones)
    assert (made.stones, made.texts[0], made.design) == (expected.stones, expected.texts[0], expected.design)
    own.prompt = 'owl band "Other"'
    assert [line.words for line in properties.read_recipe(scene).texts] == ["Anna", "永结同心"]  # by hand goes before the words
    scene_recipe.touch(own.design, "texts", by_hand=False)
    properties.reread(scene)
    assert properties.read_recipe(scene) == replace(said_by('owl band "Other"'), stones=made.stones)
    own.texts[0].boxed = True
    assert properties.read_recipe(scene).texts[0].bottom == 0.8
    own.texts[0].boxed = False
    assert properties.read_recipe(scene).texts[0] == TextLine(words="Other")


def test_a_piece_of_letters_alone_has_no_ornament_here_as_on_the_command_line(scene):
    scene.jewelgen.prompt = 'silver band "LOVE"'
    assert properties.read_recipe(scene) == said_by('silver band "LOVE"')
    scene.jewelgen.prompt = "silver band"
    row = scene.jewelgen.texts.add()
    row.words = "LOVE"
    assert properties.read_recipe(scene) == said_by("silver band", "--text", "LOVE")


def test_a_sheet_is_turned_on_and_off_and_stays_within_its_limits(scene):
    scene.jewelgen.prompt = "hammered band"
    craft = scene.jewelgen.craft
    assert not craft.hollow and properties.read_recipe(scene).craft.sheet is None
    craft.hollow = True
    assert properties.read_recipe(scene).craft.sheet == 0.5
    craft.sheet = 0.05
    assert properties.read_recipe(scene).craft.sheet == 0.2
    craft.hollow = False
    assert properties.read_recipe(scene).craft == CraftParams()


@pytest.mark.parametrize("words", PRESETS)
def test_a_recipe_written_to_the_scene_is_read_again(scene, words):
    recipe = said_by(words, "--seed", "11", "--width", "7.3", "--fade", "0.4", "--technique", "chasing")
    changed = replace(recipe, design=replace(recipe.design, motifs=(Motif(name="owl", weight=0.7),), avoid=("rose",), repeats=5, border="rope", period="tang"))
    worked = replace(changed, craft=CraftParams(sheet=0.4, rim=0.5), texts=(TextLine(words="LOVE", side="inside"),), stones=(Stone(size=2.0, u=0.1),))
    for one in (recipe, worked, changed, Recipe(design=recipe.design, form=FormParams(form=recipe.form.form))):
        scene.jewelgen.prompt = "something else altogether, silver owl bead"
        scene.jewelgen.form.width = 30.0
        scene.jewelgen.design.metal = "bronze"
        properties.write_recipe(scene, one)
        back = properties.read_recipe(scene)
        assert json.loads(back.to_json()) == json.loads(one.to_json())


def test_reading_words_again_changes_neither_the_recipe_nor_what_was_set_by_hand(scene):
    own = scene.jewelgen
    own.prompt = PRESETS[0]
    own.design.metal = "bronze"
    own.form.width = 6.5
    own.relief.depth = 0.42
    before = properties.read_recipe(scene)
    assert (before.design.metal, before.form.width, before.relief.depth) == ("bronze", 6.5, 0.42)
    properties.reread(scene)
    assert properties.read_recipe(scene) == before
    own.prompt = "owl pendant, silver, 12 mm wide, 1 mm deep"
    after = properties.read_recipe(scene)
    assert (after.design.metal, after.form.width, after.relief.depth, after.form.form) == ("bronze", 6.5, 0.42, "pendant")
    assert (own.design.metal, own.form.width) == ("bronze", 6.5)


def chips(scene):
    return {(chip.slot, chip.value, chip.touched) for chip in scene.jewelgen.chips}


def test_chips_say_what_was_read_and_what_was_set_by_hand(scene):
    scene.jewelgen.prompt = "lotus band, rope border, silver, US 7"
    found = chips(scene)
    assert {("motif", "lotus", False), ("form", "band", False), ("border", "rope", False), ("metal", "silver-925", False)} <= found
    assert not any(touched for _, _, touched in found)
    words = scene.jewelgen.prompt
    assert all(chip.words and chip.words.lower() in words.lower() for chip in scene.jewelgen.chips)
    scene.jewelgen.design.metal = "bronze"
    assert {(s, v, t) for s, v, t in chips(scene) if s == "metal"} == {("metal", "bronze", True)}


@pytest.mark.parametrize(("slot", "value", "said"), [
    ("metal", "bronze", "silver-925"), ("form", "pendant", "band"), ("size", "US 10", "US 7"), ("width", "9.5", None), ("depth", "0.8", None),
    ("technique", "engraving", "repousse"), ("fade", "0.9", 0.25), ("thickness", "2.2", None),
])  # fmt: skip
def test_a_field_set_by_hand_goes_before_the_words_until_it_is_given_back(_shop, slot, value, said):
    bpy = _shop
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.jewelgen.prompt = "repoussé lotus band, silver, US 7"
    before = properties.read_recipe(scene)

    def field_of(recipe):
        held = next(p for p in (recipe.form, recipe.relief, recipe.design) if hasattr(p, slot))
        return getattr(held, slot)

    assert field_of(before) == said
    assert bpy.ops.jewelgen.chip_set(slot=slot, value=value) == {"FINISHED"}
    got = field_of(properties.read_recipe(scene))
    assert (got == float(value)) if isinstance(got, float) else (got == value)
    assert bpy.ops.jewelgen.chip_clear(slot=slot) == {"FINISHED"}
    assert properties.read_recipe(scene) == before


def test_a_motif_weighed_or_taken_away_by_hand_stays_so_until_given_back(scene):
    own = scene.jewelgen
    own.prompt = "lotus and owl band"
    before = properties.read_recipe(scene)
    assert [m.name for m in own.motifs] == [m.name for m in before.design.motifs]
    own.motifs[0].weight = 2.5
    own.prompt = "crane band"
    assert [(m.name, m.weight) for m in properties.read_recipe(scene).design.motifs] == [("lotus", 2.5), ("owl", 1.0)]
    scene_recipe.touch(own.design, "motifs", by_hand=False)
    properties.reread(scene)
    assert [m.name for m in properties.read_recipe(scene).design.motifs] == ["heron"]


def test_words_that_cannot_be_read_are_an_error_and_leave_the_fields_alone(scene):
    scene.jewelgen.prompt = "lotus band, bronze"
    scene.jewelgen.prompt = "lotus " * 2000
    assert scene.jewelgen.reread_error
    assert scene.jewelgen.design.metal == "bronze"
    with pytest.raises(BadInput):
        properties.read_recipe(scene)
    scene.jewelgen.prompt = "lotus band, silver"
    assert scene.jewelgen.reread_error == "" and scene.jewelgen.design.metal == "silver-925"


def test_a_number_comes_back_as_it_was_typed():
    for value in (0.1, 0.3, 17.3, 0.006, 32.0, 1e-9, 123.456, 58.0):
        import struct

        assert settings.typed(struct.unpack("f", struct.pack("f", value))[0]) == value


def test_two_scenes_have_settings_of_their_own(_shop, scene):
    other = _shop.data.scenes.new("Other")
    scene.jewelgen.prompt, other.jewelgen.prompt = "lotus band, bronze", "owl pendant, silver"
    assert (scene.jewelgen.design.metal, other.jewelgen.design.metal) == ("bronze", "silver-925")
    other.jewelgen.design.metal = "platinum-950"
    assert properties.read_recipe(scene).design.metal == "bronze"
    assert not scene_recipe.touched(scene.jewelgen.design)
    _shop.data.scenes.remove(other)


def test_the_usual_clearance_is_the_preferences_until_the_artist_sets_another(scene, monkeypatch):
    monkeypatch.setattr(scene_recipe.addon, "setting", lambda name, default=None: 0.75 if name == "clearance" else default)
    scene.jewelgen.prompt = "vine band"
    assert scene_recipe.read_recipe(scene).relief.clear == 0.75
    scene.jewelgen.relief.clear = 0.4
    made = scene_recipe.read_recipe(scene)
    assert made.relief.clear == 0.4
    scene_recipe.write_recipe(scene, replace(made, relief=replace(made.relief, clear=0.3)))
    assert scene_recipe.read_recipe(scene).relief.clear == 0.3
