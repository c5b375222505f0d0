"""``render``: many recipes, one process, nothing twice, nothing half-written; the camera is pretended here."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from command_line import ROOT, Said, names, refused
from PIL import Image

from blender_jewelgen.cli import batch, sheet
from blender_jewelgen.cli.main import main
from blender_jewelgen.cli.setting import Setting
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.words.lexicon import read

PIECES = {"band": "plain band, silver", "Löwe 狮子": "wave band, 18k gold, US 8", "disc": "plain medallion, silver"}


def recipe(words: str) -> Recipe:
    from blender_jewelgen.core.form.params import FormParams

    design = read(words)
    return Recipe(design=design, form=FormParams(form=design.form, size=design.size), relief=ReliefParams(density="preview", pixels=10.0))


@dataclass
class Studio:
    """A folder of recipes, one of pictures, and a camera that only pretends."""

    folder: Path
    capsys: object

    @property
    def out(self) -> Path:
        return self.folder / "pictures"

    @property
    def camera(self) -> tuple[str, ...]:
        return (sys.executable, str(self.folder / "camera.py"))

    @property
    def starts(self) -> int:
        """How often the camera was started."""
        file = self.folder / "starts.txt"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def __call__(self, *arguments: object) -> Said:
        self.capsys.readouterr()
        code = main(["render", str(self.folder / "recipes"), "--out", str(self.out), "--size", "64", *map(str, arguments)], Setting(picture=self.camera))
        return Said(code, *self.capsys.readouterr())

    def facts(self, *arguments: object) -> dict:
        said = self("--json", *arguments)
        assert said.code == 0, said
        return json.loads(said.out)


@pytest.fixture
def studio(tmp_path, capsys) -> Studio:
    (tmp_path / "recipes").mkdir()
    for name, words in PIECES.items():
        (tmp_path / "recipes" / f"{name}.json").write_text(recipe(words).to_json(), encoding="utf-8")
    (tmp_path / "recipes" / "notes.json").write_text('{"format": "of somebody else"}')
    (tmp_path / "recipes" / "list.json").write_text("[1]")
    shutil.copy(Path(__file__).with_name("pretend_camera.py"), tmp_path / "camera.py")
    return Studio(tmp_path, capsys)


def test_all_recipes_of_a_folder_are_taken_by_one_process_and_no_other_file_is(studio):
    facts = studio.facts("--quiet")
    assert set(facts["pieces"]) == set(PIECES) and facts["skipped"] == [] and facts["failed"] == {}
    assert names(studio.out) == {f"{name}.png" for name in PIECES} and studio.starts == 1
    assert facts["pieces"]["Löwe 狮子"]["metal"] == "gold-18k-yellow" and facts["pieces"]["Löwe 狮子"]["size"] == "US 8"
    assert facts["pieces"]["disc"]["size"].endswith(" mm") and all(piece["weight_g"] > 0.5 for piece in facts["pieces"].values())


def test_a_second_run_takes_nothing_and_a_changed_recipe_alone_is_taken_again(studio):
    first = studio.facts("--quiet")
    before = {file.name: file.stat().st_mtime_ns for file in studio.out.iterdir()}
    again = studio.facts("--quiet")
    assert again["pieces"] == first["pieces"] and set(again["skipped"]) == set(PIECES) and studio.starts == 1
    changed = studio.folder / "recipes" / "disc.json"
    one = Recipe.read(changed)
    changed.write_text(replace(one, design=replace(one.design, metal="silver-999")).to_json(), encoding="utf-8")
    assert set(studio.facts("--quiet")["skipped"]) == set(PIECES) - {"disc"}
    after = {file.name: file.stat().st_mtime_ns for file in studio.out.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"disc.png"}
    assert studio.facts("--quiet", "--force")["skipped"] == []
    assert studio.facts("--quiet", "--samples", "7")["skipped"] == []  # nor does a rough picture stand for a fine one


def test_metal_and_finish_of_all_can_be_changed_and_weigh_accordingly(studio):
    silver = studio.facts("--quiet")["pieces"]["band"]
    gold = studio.facts("--quiet", "--metal", "gold-24k", "--finish", "satin")["pieces"]["band"]
    assert gold["metal"] == "gold-24k" and gold["weight_g"] / silver["weight_g"] == pytest.approx(19.3 / 10.4, rel=0.02)


@pytest.mark.parametrize(("metal", "word"), [("bronze", "sold out"), ("platinum-950", "code 9")], ids=["says why", "dies"])
def test_a_piece_that_fails_is_told_and_the_others_are_taken(metal, word, studio):
    bad = studio.folder / "recipes" / "disc.json"
    one = Recipe.read(bad)
    bad.write_text(replace(one, design=replace(one.design, metal=metal)).to_json(), encoding="utf-8")
    (studio.folder / "recipes" / "a wrong one.json").write_text('{"format": "jewelgen/1", "design": null}')
    said = studio("--quiet")
    lines = said.err.splitlines()
    assert said.code == 2 and len(lines) == 3
    assert lines[0].startswith("jewelgen: a wrong one: ") and "design" in lines[0]
    assert lines[1].startswith("jewelgen: disc: ") and word in lines[1]
    assert lines[2] == "jewelgen: 2 of 4 pieces failed: a wrong one, disc"
    assert names(studio.out) == {"band.png", "Löwe 狮子.png"}
    bad.write_text(one.to_json(), encoding="utf-8")
    assert studio("--quiet").code == 2 and names(studio.out) == {f"{name}.png" for name in PIECES}


def test_a_turn_is_numbered_frames_and_one_picture_that_moves(studio):
    facts = studio.facts("--quiet", "--kind", "turntable", "--frames", "5")
    assert names(studio.out) == {f"{name}{end}" for name in PIECES for end in ("-turn", ".webp")}
    assert names(studio.out / "disc-turn") == {f"turn-00{n}.png" for n in range(1, 6)}
    with Image.open(studio.out / "disc.webp") as film:
        assert film.n_frames == 5 and film.info["loop"] == 0
        assert sum(_durations(film)) == pytest.approx(6000, abs=10)  # ms, once round
    assert set(studio.facts("--quiet", "--kind", "turntable", "--frames", "5")["skipped"]) == set(PIECES) == set(facts["pieces"])
    (studio.out / "disc.webp").unlink()
    assert set(studio.facts("--quiet", "--kind", "turntable", "--frames", "5")["skipped"]) == set(PIECES) - {"disc"}
    assert studio.facts("--quiet", "--kind", "turntable", "--frames", "3")["skipped"] == []
    assert names(studio.out / "disc-turn") == {f"turn-00{n}.png" for n in range(1, 4)}


def _durations(film):
    for number in range(film.n_frames):
        film.seek(number)
        film.load()
        yield film.info["duration"]


def test_a_sheet_shows_every_piece_once_with_a_label_under_it(studio):
    facts = studio.facts("--quiet", "--kind", "sheet", "--columns", "2", "--size", "200")
    assert facts["sheet"] == str(studio.out / "sheet.png")
    with Image.open(facts["sheet"]) as image:
        pixels = image.convert("RGB")
        metal = sum(count for count, colour in pixels.getcolors(1 << 24) if colour == (200, 150, 50))
        assert metal == 3 * 200 * 200  # px
        assert image.width > 400 and image.height > 400
        gap = round(0.045 * 200)
        low = pixels.crop((gap, gap + 200, gap + 200, gap + 240)).getcolors(1 << 16)
        assert len(low) > 10 and (0, sheet.PAPER) not in low  # letters stand there
        empty = pixels.crop((gap * 2 + 200, gap + 240, gap * 2 + 400, image.height)).getcolors(1 << 16)
        assert empty == [(200 * (image.height - gap - 240), sheet.PAPER)]  # three pieces in rows of two
    again = studio.facts("--quiet", "--kind", "sheet", "--columns", "3", "--size", "200")
    assert set(again["skipped"]) == set(PIECES) and Path(again["sheet"]).exists()


def test_labels_tell_name_metal_weight_and_size_and_never_leave_their_picture():
    one, two = sheet.label_of({"name": "vine", "metal": "gold-18k-rose", "weight_g": 4.2, "size": "US 7"})
    assert one == "vine" and "rose" in two.lower() and "4.20 g" in two and two.endswith("US 7")
    font = sheet._font("x", 20)
    cut = sheet._cut("a very long name of a ring that nobody can read", font, 100.0)
    assert sheet._writes(font, one + two) and not sheet._writes(font, "狮")
    assert cut.endswith("…") and font.getlength(cut) <= 100.0 < font.getlength("a very long name of a ring")


def test_a_sheet_of_very_many_pieces_stays_a_picture_that_can_be_opened(tmp_path):
    Image.new("RGB", (512, 512)).save(tmp_path / "one.png")
    size = sheet.contact_sheet(tmp_path / "sheet.png", [tmp_path / "one.png"] * 600, [("a", "b")] * 600, 20, 512)
    assert max(size) <= 12_000 + 100 and size[0] > 5000


def test_names_are_those_of_files_and_folders_and_no_two_are_alike(made, tmp_path):
    (tmp_path / "more").mkdir()
    shutil.copy(made / "recipe.json", tmp_path / "more" / "Sheet.json")
    shutil.copytree(made, tmp_path / "more" / "one")
    shutil.copy(made / "recipe.json", tmp_path / "one.json")
    jobs = batch.jobs_of([str(tmp_path / "more"), str(tmp_path / "one.json"), str(made), str(tmp_path / "more" / "one")])
    assert [job.name for job in jobs] == ["Sheet-2", "one", "one-2", made.name]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["nowhere"], ["nowhere", "not there"]), ([".", "--kind", "film"], ["kind", "film"]), (["empty"], ["no recipe"]), ([], ["recipe"]),
        (["recipes", "--size", "8"], ["size", "64", "4096"]), (["recipes", "--frames", "1"], ["frames", "2"]), (["recipes", "--columns", "0"], ["columns"]),
        (["recipes", "--samples", "many"], ["samples", "whole"]), (["recipes", "--metal", "cheese"], ["cheese"]), (["recipes", "--finish", "furry"], ["finish", "satin"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_what_cannot_be_meant_is_refused_before_any_work(line, words, studio, jewelgen, monkeypatch):
    monkeypatch.chdir(studio.folder)
    (studio.folder / "empty").mkdir()
    refused(jewelgen("render", *line), *words)
    assert not studio.out.exists()


def test_files_of_others_stay(studio):
    studio.out.mkdir()
    Image.new("RGB", (8, 8)).save(studio.out / "disc.png")
    (studio.out / "band-turn").mkdir()
    (studio.out / "band-turn" / "diary.txt").write_text("mine")
    mine = (studio.out / "disc.png").read_bytes()
    said = studio("--quiet")
    assert said.code == 2 and "disc.png is in the way" in said.err and "--force" in said.err
    assert (studio.out / "disc.png").read_bytes() == mine
    said = studio("--quiet", "--kind", "turntable", "--frames", "2", "--force")
    assert said.code == 2 and "band-turn is in the way" in said.err
    assert names(studio.out / "band-turn") == {"diary.txt"}
    assert studio("--quiet", "--force").code == 0 and (studio.out / "disc.png").read_bytes() != mine


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to one process")
@pytest.mark.parametrize("kind", ["still", "turntable"])
def test_ctrl_c_keeps_what_is_done_and_leaves_nothing_half_written(kind, studio):
    slow = studio.folder / "recipes" / "disc.json"
    one = Recipe.read(slow)
    slow.write_text(replace(one, design=replace(one.design, metal="brass")).to_json(), encoding="utf-8")
    line = ["render", str(studio.folder / "recipes"), "--out", str(studio.out), "--size", "64", "--kind", kind, "--frames", "2"]
    code = f"import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); from blender_jewelgen.cli.main import main; from blender_jewelgen.cli.setting import Setting; sys.exit(main({line!r}, Setting(picture={studio.camera!r})))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True, env={**os.environ, "PYTHONUTF8": "1"}
    )
    for said in process.stderr:
        if said.endswith("disc: taking the picture\n"):
            break
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=30)[1]
    # the pieces come in the order of their names: the band before the disc, the lion after it
    assert process.returncode == 130 and rest.splitlines()[-1] == "jewelgen: stopped; 1 of 3 pieces are done; the same command goes on from there"
    assert names(studio.out) == ({"band.png"} if kind == "still" else {"band-turn", "band.webp"})
    slow.write_text(one.to_json(), encoding="utf-8")
    assert studio.facts("--quiet", "--kind", kind, "--frames", "2")["skipped"] == ["band"]


def test_a_folder_that_nothing_came_into_is_not_left_behind(studio):
    for file in (studio.folder / "recipes").iterdir():
        one = replace(recipe("plain band"), design=replace(read("plain band"), metal="bronze"))
        file.write_text(one.to_json(), encoding="utf-8")
    assert studio("--quiet").code == 2 and not studio.out.exists()


def test_progress_goes_where_the_setting_says_and_never_beside_json(studio, capsys):
    line = ["render", str(studio.folder / "recipes" / "band.json"), "--out", str(studio.out), "--size", "64", "--force"]
    assert main(line, Setting(picture=studio.camera, aloud=True)) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.startswith("[") and "taking the picture" in out and out.splitlines()[-1].startswith("still of 1 piece")
    assert main([*line, "--json"], Setting(picture=studio.camera, aloud=True)) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) and err.startswith("[")
