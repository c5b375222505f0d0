"""A set from one design: all pieces and one page, or nothing; motifs of one length on all."""

from __future__ import annotations

import json
import re

import pytest
from command_line import QUICK, WHOLE

from blender_jewelgen.cli import main as program
from blender_jewelgen.cli import options as opt
from blender_jewelgen.cli import pieces_set
from blender_jewelgen.cli.setting import Setting
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams

PROMPT = "repoussé lotus, beaded border, silver, US 7, 12 repeats"


def run(out, *more: object, prompt: str = PROMPT) -> int:
    parser = opt.Parser(prog="jewelgen set")
    parser.add_argument("prompt")
    program._piece_options(parser)
    pieces_set.add_options(parser)
    options = parser.parse_args([prompt, "--out", str(out), "--quiet", "--margin", "0.3", *QUICK, *map(str, more)])
    options.setting = Setting()
    return pieces_set.pieces_set(options)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("set") / "套 装"
    assert run(folder, "--seed", "5") == 0
    return folder


def test_a_set_holds_a_whole_folder_for_each_piece_and_one_page(made):
    assert {f.name for f in made.iterdir()} == {"set.json", "set.html", "ring", "pendant", "earrings", "bracelet"}
    for name in ("ring", "pendant", "earrings", "bracelet"):
        assert {f.name for f in (made / name).iterdir()} == WHOLE
    page = (made / "set.html").read_text(encoding="utf-8")
    assert page.count("<img") == 4
    assert page.count("data:image/jpeg") == 4
    assert not re.search(r"(src|href)=\"(?!data:|\w+/report\.html)", page)


def test_all_pieces_share_seed_metal_technique_and_words(made):
    recipes = [json.loads((made / name / "recipe.json").read_text(encoding="utf-8")) for name in ("ring", "pendant", "earrings", "bracelet")]
    assert {r["form"]["form"] for r in recipes} == {"band", "pendant", "earrings", "link"}
    for part, field in (("make", "seed"), ("design", "metal"), ("design", "technique"), ("design", "prompt"), ("design", "border")):
        assert len({r[part][field] for r in recipes}) == 1
    assert recipes[0]["make"]["seed"] == 5
    assert recipes[0]["form"]["size"] == "US 7"


def test_the_earrings_are_mirrored_and_the_weights_add_up(made):
    facts = json.loads((made / "set.json").read_text(encoding="utf-8"))
    reports = {p["name"]: json.loads((made / p["folder"] / "report.json").read_text(encoding="utf-8")) for p in facts["pieces"]}
    assert reports["earrings"]["bodies"] == 2
    assert facts["weight_g"] == pytest.approx(sum(p["count"] * reports[p["name"]]["weight_g"] for p in facts["pieces"]), abs=2e-3)
    assert facts["weight_in_g"]["silver-925"] == pytest.approx(facts["weight_g"], rel=1e-3)
    assert facts["weight_in_g"]["platinum-950"] > 1.9 * facts["weight_g"]
    bracelet = facts["pieces"][3]
    assert bracelet["count"] == pieces_set.links(bracelet["size_mm"][0])
    assert 150 < bracelet["count"] * (bracelet["size_mm"][0] + 1.0) <= 180  # mm


def test_repeats_follow_the_length_so_that_motifs_stay_as_long(made):
    facts = json.loads((made / "set.json").read_text(encoding="utf-8"))
    ring = pieces_set.length_of(FormParams(form="band", size="US 7", margin=0.3)) / 12
    for piece in facts["pieces"]:
        recipe = json.loads((made / piece["folder"] / "recipe.json").read_text(encoding="utf-8"))
        form = FormParams(**recipe["form"])
        assert pieces_set.length_of(form) / piece["repeats"] == pytest.approx(ring, rel=0.2)


def test_a_set_is_replaced_only_by_force_and_leaves_no_piece_of_the_old_one(tmp_path):
    assert run(tmp_path / "set", "--pieces", "pendant,bracelet") == 0
    with pytest.raises(BadInput, match="already holds a set") as taken:
        run(tmp_path / "set", "--pieces", "pendant")
    assert taken.value.fix.option == "--force"
    (tmp_path / "set" / "notes.txt").write_text("mine")
    assert run(tmp_path / "set", "--pieces", "bead", "--force") == 0
    assert {f.name for f in (tmp_path / "set").iterdir()} == {"set.json", "set.html", "bead", "notes.txt"}


def test_nothing_is_written_if_one_piece_cannot_be_made(tmp_path):
    with pytest.raises(BadInput, match=r"^ring: stone 1"):
        run(tmp_path / "set", "--pieces", "bead,ring", "--stone", "round 3", "--thickness", "1.3")
    assert list(tmp_path.iterdir()) == []


def test_a_piece_and_a_set_do_not_share_a_folder(made, tmp_path):
    from blender_jewelgen.cli.folder import Folder

    with pytest.raises(BadInput, match="holds a set"), Folder(made, True):
        pass


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--pieces", "ring,crown"), "crown"), (("--pieces", ""), "one or more"), (("--pieces", "ring,ring"), "twice"), (("--form", "band"), "leave out --form"),
        (("--mesh", "x.stl"), "leave out --mesh"), (("--metal", "butter"), "butter"),
    ],
)  # fmt: skip
def test_what_a_set_cannot_take_is_refused(tmp_path, more, said):
    with pytest.raises(BadInput, match=said):
        run(tmp_path / "set", *more)
    assert list(tmp_path.iterdir()) == []


def test_size_width_and_shape_go_to_the_pieces_that_have_them():
    from blender_jewelgen.core.recipe import Recipe
    from blender_jewelgen.core.words.design import Design

    asked = {"size": "US 9", "width": 5.0, "shape": "heart", "length": 20.0}
    recipe = Recipe(design=Design(), form=FormParams(**asked))
    names = ["ring", "pendant", "earrings", "bracelet", "bangle"]
    forms = {name: pieces_set.recipe_for(recipe, name, names, asked).form for name in names}
    assert (forms["ring"].size, forms["ring"].width, forms["ring"].shape) == ("US 9", 5.0, "")
    assert (forms["pendant"].shape, forms["earrings"].shape, forms["bracelet"].shape) == ("heart", "heart", "")
    assert forms["pendant"].length == 20.0
    assert forms["bangle"].size == ""


def test_strict_says_3_where_a_check_fails(tmp_path):
    assert run(tmp_path / "set", "--pieces", "pendant", "--strict", "--thickness", "0.4") == 3
    assert (tmp_path / "set" / "set.json").exists()


def test_json_is_the_file(tmp_path, capsys):
    assert run(tmp_path / "set", "--pieces", "bead", "--json") == 0
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "set" / "set.json").read_text(encoding="utf-8"))
