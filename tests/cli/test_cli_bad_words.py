"""Prompts and options that cannot be used: code 2, one sentence that names the field and the limit, nothing written."""

from __future__ import annotations

import pytest
from command_line import WHOLE, names, ran, read, refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blender_jewelgen.cli.main import parser
from blender_jewelgen.core.errors import BadInput


@pytest.mark.parametrize(
    ("prompt", "words"),
    [("", ["prompt is empty"]), (" \n\t ", ["prompt is empty"]), ("\x00\x07\x1b", ["prompt is empty"]), ("x" * 100_000, ["100000", "2000"])],
    ids=["empty", "blank", "control", "100 kB"],
)
def test_a_prompt_without_words_or_with_too_many_is_refused(prompt, words, jewelgen, tmp_path):
    refused(jewelgen.piece("make", prompt, "--out", tmp_path / "out"), *words)
    assert names(tmp_path) == set()


BAD_OPTIONS = [
    ("form", "crown", ["form", "crown", "band"]), ("form", "", ["form"]), ("form", "pendnat", ["did you mean pendant?"]),
    ("metal", "unobtainium", ["metal", "unobtainium"]), ("metal", "", ["metal"]),
    ("size", "US 99", ["size", "0 to 16"]), ("size", "0 mm", ["size", "between 8 and 120 mm"]), ("size", "-17 mm", ["between 8 and 120 mm"]),
    ("size", "nan mm", ["size", "8 and 120"]), ("size", "inf mm", ["size", "8 and 120"]), ("size", "1e9 mm", ["8 and 120"]),
    ("size", "7", ["size", "US 7"]), ("size", "x" * 99, ["size", "40"]),
    ("mapping", "bent", ["mapping", "toroidal"]), ("technique", "knitting", ["technique", "engraving"]), ("technique", "", ["technique"]),
    ("finish", "furry", ["finish", "satin"]), ("finish", "", ["finish"]), ("engine", "dall-e", ["engine", "procedural"]),
    ("process", "magic", ["process", "dmls"]), ("manufacture", "magic", ["manufacture", "dmls"]), ("shape", "square", ["shape", "court"]),
    ("density", "thick", ["density", "print"]),
    ("seed", "-1", ["seed", "0"]), ("seed", "1.5", ["seed", "whole number"]), ("seed", "nan", ["seed", "whole number"]),
    ("seed", "1e30", ["seed"]), ("seed", "many", ["seed is 'many'", "whole number"]),
    ("depth", "0", ["depth", "0.02", "6 mm"]), ("depth", "-1", ["depth", "0.02"]), ("depth", "nan", ["depth", "number"]),
    ("depth", "inf", ["depth", "number"]), ("depth", "1e300", ["depth", "6 mm"]), ("depth", "deep", ["depth is 'deep'", "number"]),
    ("width", "0", ["width", "1.5"]), ("width", "1e9", ["width", "120"]), ("thickness", "-3", ["thickness", "0.2"]),
    ("margin", "9", ["margin", "at most"]), ("pixels", "1e9", ["pixels", "128"]), ("tolerance", "-1", ["tolerance", "0.1"]),
    ("fade", "nan", ["fade", "number"]), ("repeat", "0", ["repeat", "200"]), ("scale", "2", ["scale", "--mesh"]),
    ("picture-size", "12", ["picture-size", "64", "4096"]), ("picture-size", "²", ["picture-size", "number"]),
    ("picture-size", "99.5", ["picture-size", "whole"]), ("nonsense", "1", ["--nonsense"]),
    ("mesh", "none.stl", ["mesh", "not there"]), ("height", "none.png", ["picture", "not there"]),
]


@pytest.mark.parametrize(("option", "value", "words"), BAD_OPTIONS, ids=[f"{o}={v[:12]}" for o, v, _ in BAD_OPTIONS])
def test_an_option_outside_its_limits_is_refused_by_name(option, value, words, jewelgen, tmp_path):
    density = () if option == "density" else ("--density", "preview")
    out = tmp_path / "deep" / "er" / "out"
    refused(jewelgen("make", "lotus band", f"--{option}={value}", "--no-render", *density, "--quiet", "--out", out), *words)
    assert names(tmp_path) == set()  # nor the folders on the way


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([], ["VERB"]), (["frobnicate"], ["frobnicate", "make"]), (["make"], ["prompt"]), (["list"], ["what"]), (["list", "gods"], ["gods", "forms"]),
        (["make", "lotus", "band"], ["band", "quotes"]), (["make", "x", "--no", "dragon"], ["--no"]), (["relief"], ["--height"]),
        (["check"], ["file"]), (["show"], ["recipe"]), (["pattern", "lotus", "--form", "mesh"], ["pattern", "mesh"]),
        (["make", "lotus", "--form", "mesh"], ["--mesh"]), (["relief", "--height", ""], ["--height"]),
        (["make", "cuff", "--form", "cuff", "--gap", "80"], ["gap", "46"]), (["make", "bead", "--form", "bead", "--hole", "20"], ["hole", "9.8"]),
        (["check", "x.stl", "--bodies", "0"], ["bodies", "1"]), (["check", "x.stl", "--bodies", "two"], ["bodies", "whole number"]),
        (["check", "x.stl", "--metal", "cheese"], ["metal", "cheese"]), (["check", "x.stl", "--process", "cheese"], ["process", "cheese"]),
        (["check", "x.stl", "--scale", "-1"], ["scale"]), (["check", "x.stl"], ["x.stl", "not there"]), (["check", ""], ["not named"]),
        (["check", "n" * 300], ["mesh"]), (["show", "n" * 300], ["recipe"]), (["make", "x", "--height", "~nobody-here/x.png"], ["height", "path"]),
    ],
    ids=lambda value: " ".join(value)[:40] or "nothing",
)
def test_a_command_line_that_cannot_be_meant_is_one_sentence(line, words, jewelgen, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(jewelgen(*line), *words)
    assert names(tmp_path) == set()


def test_contradictory_words_make_a_piece_and_say_which_word_was_taken(jewelgen, tmp_path):
    said = jewelgen.piece("make", "gold silver band, US 7 US 9, polished hammered", "--out", tmp_path / "out")
    assert said.code == 0
    notes = " ".join(read(tmp_path / "out/report.json")["notes"])
    assert "metal" in notes and "size" in notes
    assert all(note in said.out for note in read(tmp_path / "out/report.json")["notes"])


def test_control_characters_and_halves_of_characters_come_into_no_file(jewelgen, tmp_path):
    said = jewelgen.piece("make", "lotus\x00 \x1b[31mband\x07 \ud800 \x7f", "--out", tmp_path / "out")
    assert said.code == 0 and "\x1b" not in said.out
    recipe = read(tmp_path / "out/recipe.json")
    assert not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in recipe["design"]["prompt"])


def test_typed_options_go_before_the_words(jewelgen, tmp_path):
    said = jewelgen.piece(
        "make", "repoussé lotus band, polished silver, US 7, 6 mm wide", "--metal", "platinum-950", "--technique", "engraving", "--finish", "satin",
        "--size", "EU 54", "--width", "5", "--depth", "0.2 mm", "--out", tmp_path / "out",
    )
    recipe = read(tmp_path / "out/recipe.json")
    assert said.code == 0
    assert (recipe["design"]["metal"], recipe["design"]["technique"], recipe["design"]["finish"]) == ("platinum-950", "engraving", "satin")
    assert (recipe["form"]["size"], recipe["form"]["width"], recipe["relief"]["depth"]) == ("EU 54", 5.0, 0.2)
    assert recipe["form"]["form"] == "band" and names(tmp_path / "out") == WHOLE


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.lists(st.one_of(st.sampled_from(["make", "check", "list", "show", "--seed", "--out", "--mesh", "--no-render"]), st.text(max_size=12)), max_size=6))
def test_any_command_line_is_parsed_or_refused_but_never_a_crash(line):
    try:
        parser().parse_args(line)
    except BadInput as error:
        assert str(error)
    except SystemExit as ended:  # --help
        assert ended.code == 0


def test_bytes_that_are_no_text_are_survived(tmp_path):
    out = bytes(tmp_path) + b"/\xff\xfe"
    said = ran("make", "lotus band", "--no-render", "--density", "preview", "--pixels", "8", "--quiet", "--json", "--out", out.decode("utf-8", "surrogateescape"))
    assert said.code == 0 and "Traceback" not in said.err
