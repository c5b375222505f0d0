"""Prompts to Designs, in both languages, with and without a library of motifs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.core.words.lexicon import explain, read

LIBRARY = {"owl": "owl", "猫头鹰": "owl", "dragon": "wyvern", "dragon head": "dragon-head", "narwhal": "narwhal", "peacock": "peacock"}

PAIRS = [  # the same wish in English and Chinese
    ("repoussé lotus scroll band, beaded border, 18k gold, US 7", "錾刻缠枝莲戒指，联珠边，18K金，美码7号"),
    ("Tang style baoxiang medallion, pearl border, fish-roe ground, silver gilt", "唐风宝相花圆章，珍珠边，鱼子地，银鎏金"),
    ("openwork filigree butterfly earrings, 18k rose gold", "镂空花丝蝴蝶耳环，18K玫瑰金"),
    ("wave bangle, rope border, sterling silver, oxidised, 10 mm wide", "海水江崖手镯，绳纹边，925银，做旧，宽10毫米"),
    ("oval signet ring with dragon, high relief, 22k gold", "椭圆印章戒指，龙纹，高浮雕，22K金"),
    ("plain platinum band, comfort fit, 4 mm wide", "素圈铂金戒指，内弧，宽4毫米"),
    ("longevity lock with bats and clouds, pure silver", "长命锁，蝙蝠和祥云，足银"),
    ("peony pendant, drop shaped, six-fold symmetry, satin 14k white gold", "牡丹吊坠，水滴形，六重对称，哑光14K白金"),
    ("(lotus)1.4 (cloud:0.5) cuff --no beaded border", "（莲花）1.4（祥云：0.5）开口手镯 --no 联珠边"),
    ("fish::2 wave::1 plaque, bronze", "鱼纹::2 水波纹::1 牌，青铜"),
    ("eight cranes, all over, bangle, 0.6 mm deep", "八只仙鹤，满地，手镯，深0.6毫米"),
    ("engraved meander ring without border, EU 54, brass", "阴刻回纹戒指，无边，欧码54，黄铜"),
    ("hammered silver band, knife edge", "锤纹银戒指，刀锋"),
    ("granulation bead, 24k gold", "炸珠珠子，足金"),
    ("art deco cushion signet, chevron, yellow gold 14k, mirrored, repeated 12 times", "装饰艺术枕形印章戒，人字纹，14K黄金，镜像，重复12次"),
]


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_english_and_chinese_wishes_give_one_design(english, chinese):
    one, other = read(english), read(chinese)
    assert one.unknown == other.unknown == ()
    assert replace(one, prompt="") == replace(other, prompt="")
    assert replace(one, prompt="") != Design()


def test_the_issues_example_fills_every_slot_it_names():
    prompt = "repoussé lotus scroll band, beaded border, 18k gold, US 7"
    expected = Design(prompt=prompt, technique="repousse", motifs=(Motif(name="lotus-scroll"),), border="beaded", size="US 7")
    assert read(prompt) == expected  # band and 18k yellow gold are the defaults


def test_traditional_characters_read_as_simplified_ones():
    assert replace(read("鏨刻纏枝蓮戒指，聯珠邊"), prompt="") == replace(read("錾刻缠枝莲戒指，联珠边"), prompt="")


@pytest.mark.parametrize(
    ("prompt", "slot", "value"),
    [
        ("REPOUSSE ring", "technique", "repousse"),
        ("openwork pendant", "technique", "openwork"),
        ("repoussé and chasing", "technique", "repousse"),
        ("chased repoussé ring", "technique", "repousse"),
        ("hammered repoussé ring", "ground", "hammered"),
        ("hammered finish, lotus ring", "finish", "hammered"),
        ("beaded border bangle", "border", "beaded"),
        ("a border of leaves", "border", "leaf"),
        ("lotus band with beads", "border", "beaded"),
        ("gold bead", "form", "bead"),
        ("brooch with ivy", "form", "medallion"),
        ("a heart-shaped locket", "shape", "heart"),
        ("heart pendant", "shape", "heart"),
        ("shield signet", "shape", "shield"),
        ("medallion ring", "layout", "medallion"),
        ("gold", "metal", "gold-18k-yellow"),
        ("silver ring", "metal", "silver-925"),
        ("silver ring, 999 silver", "metal", "silver-999"),
        ("18ct white gold", "metal", "gold-18k-white"),
        ("rose gold ring, 14 k", "metal", "gold-14k-rose"),
        ("24k rose gold ring", "metal", "gold-18k-rose"),
        ("10k white gold ring", "metal", "gold-14k-white"),
        ("Au750", "metal", "gold-18k-yellow"),
        ("S925银", "metal", "silver-925"),
        ("low relief lotus", "depth", 0.35),
        ("0.6 mm deep lotus", "depth", 0.6),
        ("lotus, relief 0.8mm", "depth", 0.8),
        ("6mm band", "width", 6.0),
        ("2 cm wide cuff", "width", 20.0),
        ("a pendant of 30 mm", "width", 30.0),
        ("UK N½ ring", "size", "UK N½"),
        ("size N 1/2 ring", "size", "UK N½"),
        ("size 7 ring", "size", "US 7"),
        ("ring size 7½", "size", "US 7.5"),
        ("JP 14 ring", "size", "JP 14"),
        ("17.3 mm ring", "size", "17.3 mm"),
        ("ring with inner diameter 17.3 mm", "size", "17.3 mm"),
        ("戒指 港码 14", "size", "EU 54"),
        ("54号戒指", "size", "EU 54"),
        ("圈口58 手镯", "size", "58 mm"),
        ("12 repeats lotus", "repeats", 12),
        ("twelve repeats lotus", "repeats", 12),
        ("four-fold lotus", "symmetry", 4),
        ("lotus, 8-way symmetry", "symmetry", 8),
        ("四方连续云纹", "layout", "diaper"),
        ("mirrored lion", "mirror", True),
        ("Art-Nouveau ring", "period", "art-nouveau"),
    ],
)  # fmt: skip
def test_a_wording_fills_its_slot(prompt, slot, value):
    assert getattr(read(prompt), slot) == value


def test_a_border_word_is_no_motif():
    assert read("beaded border").motifs == ()
    assert read("rope border").motifs == ()
    assert read("rope bangle").motifs == (Motif(name="rope"),)


def test_the_last_of_two_metals_wins_and_a_note_names_both():
    design = read("lotus ring, gold, no, rather sterling silver")
    assert design.metal == "silver-925"
    assert any("gold-18k-yellow" in note and "silver-925" in note for note in design.notes)


def test_plain_with_a_beaded_border_is_noted_and_the_named_border_stays():
    for prompt in ("plain ring, beaded border", "beaded border, plain ring"):
        design = read(prompt)
        assert design.border == "beaded"
        assert "border: none, beaded named; beaded is used" in [note.replace("beaded, none", "none, beaded") for note in design.notes]


def test_a_heavier_border_wins_over_a_later_one():
    assert read("beaded border::2 rope border::1").border == "beaded"


def test_a_form_we_lack_is_mapped_with_a_note():
    design = read("fox brooch")
    assert design.form == "medallion"
    assert "a brooch is made as a medallion, without its pin" in design.notes


def test_a_shape_the_form_lacks_is_dropped_with_a_note():
    design = read("heart-shaped bangle")
    assert design.shape == ""
    assert "shape heart is not made for a bangle; the form's own shape is used" in design.notes


def test_shares_keep_their_ratio_whatever_their_size():
    small, large = read("lotus::1 cloud::0.5").motifs, read("lotus::4 cloud::2").motifs
    assert small == (Motif(name="lotus", weight=1.0), Motif(name="cloud", weight=0.5))
    assert [m.weight / small[0].weight for m in small] == [m.weight / large[0].weight for m in large]


def test_words_of_weight_zero_are_left_out_and_noted():
    design = read("(beaded border)0 lotus ring")
    assert design.border == "none"
    assert design.weights == (("beaded", 0.0),)
    assert "beaded border has weight 0 and is left out" in design.notes


@pytest.mark.parametrize("prompt", ["lotus and cloud ring --no cloud", "lotus ring, no clouds", "莲花戒指，不要云", "lotus ring —no clouds"])
def test_avoided_motifs_do_not_appear(prompt):
    design = read(prompt)
    assert design.motifs == (Motif(name="lotus"),)
    assert design.avoid == ("cloud",)


def test_an_avoided_border_is_taken_back():
    design = read("lotus ring, rope border --no border")
    assert design.border == "none"
    assert design.avoid == ("border",)
    assert "border rope is asked for and avoided; none is used" in design.notes


def test_a_plain_piece_avoids_every_motif_unless_one_is_named():
    assert read("plain ring").avoid == ("motif",)
    assert read("plain ring with lotus").avoid == ()


def test_a_period_brings_its_motif_only_where_none_is_named():
    assert read("celtic ring").motifs == (Motif(name="interlace"),)
    assert read("celtic wolf ring").motifs == (Motif(name="wolf"),)


def test_words_nobody_knows_are_kept_in_order():
    assert read("a zorblax ring with quibbo and 戊戌 for Ω").unknown == ("zorblax", "quibbo", "戊戌", "Ω")


def test_stones_are_kept_for_engines_with_a_note():
    design = read("ruby silver bunny ring")  # the prompt of source 000
    assert (design.unknown, design.metal, design.motifs) == (("ruby",), "silver-925", (Motif(name="rabbit"),))
    assert any("stones are set by their size and place" in note for note in design.notes)


@pytest.mark.parametrize(("typed", "meant"), [("lotos", "lotus"), ("acanthas", "acanthus"), ("meandre", "meander"), ("honeysukle", "honeysuckle")])
def test_a_misspelt_word_is_read_as_its_neighbour_and_noted(typed, meant):
    design = read(f"{typed} ring")
    assert design.motifs == (Motif(name=meant),)
    assert design.notes == (f"{typed} is read as {meant}",)


def test_the_library_is_asked_for_words_that_no_term_matches():
    design = read("narwhal ring", LIBRARY.get)
    assert (design.motifs, design.unknown) == ((Motif(name="narwhal"),), ())


def test_the_longest_name_wins_over_a_shorter_term():
    assert read("dragon-head signet", LIBRARY.get).motifs == (Motif(name="dragon-head"),)
    assert read("dragon signet", LIBRARY.get).motifs == (Motif(name="wyvern"),)


def test_a_name_of_the_library_never_swallows_the_form():
    assert read("owl bangle", {"owl bangle": "bangle-icon", "owl": "owl"}.get).form == "bangle"


def test_a_family_wins_over_a_silhouette_of_the_same_name():
    assert read("lotus ring", {"lotus": "lotus-flower-icon"}.get).motifs == (Motif(name="lotus"),)


def test_a_noun_the_library_lacks_takes_its_neighbour_or_becomes_unknown():
    phoenix = read("phoenix ring", LIBRARY.get)
    assert phoenix.motifs == (Motif(name="peacock"),)
    assert "the library has no phoenix; peacock is used" in phoenix.notes
    wolf = read("wolf ring", LIBRARY.get)
    assert (wolf.motifs, wolf.unknown) == ((), ("wolf",))
    assert "the library has no wolf" in wolf.notes


def test_names_of_the_library_mend_spelling_too():
    assert read("narwhall ring", LIBRARY.get, ["narwhal"]).motifs == (Motif(name="narwhal"),)


def test_chips_say_which_words_filled_which_slot():
    reading = explain("Repoussé lotus scroll band")
    said = [(chip.slot, chip.value, chip.words) for chip in reading.chips]
    assert said == [("technique", "repousse", "Repoussé"), ("motif", "lotus-scroll", "lotus scroll"), ("form", "band", "band")]


@pytest.mark.parametrize("prompt", ["", "   ", "\x00\x07", "123 !!", "()", "::2", "\u200b"])
def test_a_prompt_without_words_is_refused_with_an_example(prompt):
    with pytest.raises(BadInput, match="the prompt is empty; describe a piece"):
        read(prompt)


def test_a_long_prompt_is_refused_with_the_limit():
    assert read("lotus " * 333)
    with pytest.raises(BadInput, match="the prompt has 102400 characters; the limit is 2000"):
        read("a" * 102_400)


def test_control_characters_are_left_out_and_noted():
    design = read("lo\x00tus\u202e ring\x1b")
    assert design.prompt == "lotus ring"
    assert (design.motifs, design.notes) == ((Motif(name="lotus"),), ("control characters left out: 3",))


@pytest.mark.parametrize(("prompt", "fault"), [("ring 900 mm wide", "width is 900 mm"), ("lotus 50 mm deep", "depth is 50 mm"),
                                                ("1000-fold lotus", "symmetry is 1000"), ("ring, width -3 mm", "width is -3 mm")])  # fmt: skip
def test_lengths_out_of_limits_are_refused(prompt, fault):
    with pytest.raises(BadInput, match=fault):
        read(prompt)


@pytest.mark.parametrize("prompt", [english for english, _ in PAIRS] + ["zorblax (lotus)1.3 --no cloud"])
def test_a_design_survives_json_exactly(prompt):
    design = read(prompt)
    assert Design.from_dict(json.loads(json.dumps(design.to_dict()))) == design


@pytest.mark.parametrize("change", [{"form": "spoon"}, {"colour": "red"}, {"motifs": [{"name": "lotus", "weight": -1}]}, {"motifs": "lotus"},
                                    {"avoid": [1]}, {"weights": [["a"]]}, {"depth": 1e9}, {"mirror": 1}, {"metal": None}])  # fmt: skip
def test_a_recipe_with_a_wrong_field_is_refused(change):
    with pytest.raises(BadInput):
        Design.from_dict({**Design().to_dict(), **change})
