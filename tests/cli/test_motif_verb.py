"""``jewelgen motif``: a complete folder of motifs to choose from, or one sentence and nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from command_line import names, ran, read, refused, start
from PIL import Image

from blender_jewelgen import __version__
from blender_jewelgen.cli.motif import label_of
from blender_jewelgen.core.pattern import drawn
from blender_jewelgen.core.recipe import fingerprint
from blender_jewelgen.engines.motif import files

QUICK = ("--quiet", "--steps", "3")


def pictures(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix == ".png"}


@pytest.fixture(scope="module")
def drawings(tmp_path_factory):
    """A folder of pictures, named as people name theirs."""
    folder = tmp_path_factory.mktemp("drawings") / "José Núñez" / "草图 1"
    folder.mkdir(parents=True)
    y, x = np.mgrid[0:300, 0:300]
    ring = np.abs(np.hypot(x - 150, y - 150) - 100) < 18
    Image.fromarray(drawn.levels(drawn.cleaned(drawn.drawing_of("anchor")))).save(folder / "锚.png")
    Image.fromarray(np.where(ring, 0, 255).astype(np.uint8)).save(folder / "ring.png")
    photo = np.where(np.hypot(x - 150, y - 150) < 100, 0.3 + x / 2000, 0.8 - y / 2000) + np.random.default_rng(0).normal(0.0, 0.03, x.shape)
    Image.fromarray((np.clip(photo, 0, 1) * 255).astype(np.uint8)).save(folder / "photo.jpg")
    (folder / "ring.svg").write_text('<svg viewBox="0 0 9 9"><circle cx="4.5" cy="4.5" r="3" fill="none" stroke="#000"/></svg>')
    free = np.zeros((512, 512), np.uint8)
    free[:, 300:] = 255
    Image.fromarray(free).save(folder / "right.png")
    Image.fromarray(np.full((99, 99), 255, np.uint8)).save(folder / "white.png")
    Image.fromarray(np.zeros((99, 99), np.uint8)).save(folder / "black.png")
    Image.new("1", (9000, 8000), 1).save(folder / "huge.png")
    Image.fromarray(np.where(ring, np.nan, 1.0).astype(np.float32)).save(folder / "nan.tif")
    (folder / "words.png").write_text("no picture")
    return folder


def test_a_prompt_gives_motifs_a_sheet_and_a_report(jewelgen, tmp_path):
    out = tmp_path / "金 盒 é"
    said = jewelgen("motif", "龙与莲", "--seed", "3", *QUICK, "--out", out)
    assert said.code == 0 and said.err == "" and said.out.startswith("8 motifs in ") and said.out.rstrip().endswith(str(out))
    assert names(out) == {"report.json", "sheet.png"} | {f"motif-{n}.png" for n in range(1, 9)}
    assert names(tmp_path) == {out.name}
    for n in range(1, 9):
        with Image.open(out / f"motif-{n}.png") as file:
            assert file.size == (512, 512) and file.mode == "I;16"
    assert len(set(pictures(out).values())) == 9  # no two alike
    with Image.open(out / "sheet.png") as sheet:
        assert sheet.width > 4 * 256 and sheet.height > 2 * 256
    report = read(out / "report.json")
    assert (report["format"], report["version"]) == ("jewelgen-motifs/1", __version__)
    assert report["wish"] | {"prompt": "龙与莲", "seed": 3, "count": 8, "steps": 3, "strength": None, "function": "auto"} == report["wish"]
    assert report["engine"]["name"] == "motif" and report["model"] == {"revision": files.model().revision} and report["drawings"] == {}
    assert [m["file"] for m in report["motifs"]] == [f"motif-{n}.png" for n in range(1, 9)]
    for m in report["motifs"]:
        assert m["drawn_by"] == "model" and m["function"] == "blend" and m["origin"] in ("library", "family", "")
        assert m["nearest"] in files.model().names and 0.0 <= m["likeness"] <= 1.0 and 0.0 <= m["score"] <= 1.0 and m["seconds"] > 0.0
        assert bool(m["source"]) == bool(m["origin"]) and m["words"]


def test_same_seed_same_bytes_another_seed_other_motifs(jewelgen, tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        assert jewelgen("motif", "owl", "--n", "3", "--seed", seed, *QUICK, "--out", tmp_path / name).code == 0
    a, b, c = (pictures(tmp_path / name) for name in "abc")
    assert a == b and set(a.values()).isdisjoint(c.values())


def test_another_python_draws_the_same(jewelgen, tmp_path):
    line = ("motif", "owl", "--n", "2", *QUICK)
    assert jewelgen(*line, "--out", tmp_path / "here").code == 0
    said = jewelgen(*line, "--worker", sys.executable, "--out", tmp_path / "there 工")
    assert said.code == 0, said.err
    assert pictures(tmp_path / "here") == pictures(tmp_path / "there 工") and names(tmp_path / "here") == names(tmp_path / "there 工")


@pytest.mark.parametrize(
    ("line", "function", "origin", "label"),
    [
        (["owl"], "vary", "library", "varied from "),
        (["--vary", "lotus"], "vary", "family", "varied from lotus"),
        (["owl", "--vary", "锚.png"], "vary", "drawing", "varied from your drawing"),
        (["owl", "--vary", "ring.svg"], "vary", "drawing", "varied from your drawing"),
        (["owl", "--blend", "anchor"], "blend", "library", "blended from "),
        (["owl", "--blend", "anchor", "--row"], "row", "library", "step 1 of 2, "),
        (["octopus", "--function", "invent", "--symmetry", "3"], "invent", "", "invented"),
        (["owl", "--sketch", "ring.png", "--strength", "0.5"], "sketch", "drawing", "after your sketch"),
        (["owl", "--sketch", "photo.jpg"], "sketch", "drawing", "after your sketch"),
        (["--inpaint", "锚.png", "--mask", "right.png"], "inpaint", "drawing", "a part drawn anew"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_each_way_is_told_in_report_and_on_the_sheet(line, function, origin, label, jewelgen, drawings, tmp_path):
    line = [str(drawings / word) if "." in word and not word[0].isdigit() else word for word in line]
    said = jewelgen("motif", *line, "--n", "2", *QUICK, "--out", tmp_path / "out")
    assert said.code == 0, said.err
    report = read(tmp_path / "out/report.json")
    assert {(m["function"], m["origin"]) for m in report["motifs"]} == {(function, origin)}
    first, second = label_of(1, report["motifs"][0], 2)
    assert label in first and second.startswith(f"nearest {report['motifs'][0]['nearest']} ")
    given = {option[2:]: path for option, path in pairwise(line) if path.startswith(str(drawings))}
    assert report["drawings"] == {option: {"path": path, "sha256": fingerprint(Path(path))} for option, path in given.items()}
    assert ("half-tones" in said.out) == ("photo.jpg" in " ".join(line)) == bool(report["notes"])


def test_a_motif_of_ours_is_varied_and_mended_again(jewelgen, drawings, tmp_path):
    """Files of this verb are read back by it: outside of the mask not one level changes."""
    assert jewelgen("motif", "owl", "--n", "1", *QUICK, "--out", tmp_path / "one").code == 0
    first = tmp_path / "one/motif-1.png"
    assert jewelgen("motif", "anchor", "--inpaint", first, "--mask", drawings / "right.png", "--n", "1", *QUICK, "--out", tmp_path / "two").code == 0
    before, after = (np.asarray(Image.open(path)).astype(int) for path in (first, tmp_path / "two/motif-1.png"))
    assert (before[:, :300] == after[:, :300]).all() and (before[:, 300:] != after[:, 300:]).mean() > 0.2


def test_a_row_is_one_row_on_its_sheet_and_in_its_order(jewelgen, tmp_path):
    assert jewelgen("motif", "owl", "--blend", "anchor", "--row", "--n", "6", *QUICK, "--out", tmp_path / "out").code == 0
    with Image.open(tmp_path / "out/sheet.png") as sheet:
        assert sheet.width > 6 * 256 and sheet.height < 2 * 256
    assert [m["number"] for m in read(tmp_path / "out/report.json")["motifs"]] == list(range(6))


def test_json_is_the_report(jewelgen, tmp_path):
    said = jewelgen("motif", "owl", "--n", "1", *QUICK, "--json", "--out", tmp_path / "out")
    assert json.loads(said.out) == read(tmp_path / "out/report.json")


def test_words_move_the_motif_by_their_weights(jewelgen, tmp_path):
    for name, prompt in (("one", "(octopus)1.5 anchor"), ("two", "(octopus)0.5 anchor")):
        assert jewelgen("motif", prompt, "--function", "invent", "--n", "2", *QUICK, "--out", tmp_path / name).code == 0
    one, two = pictures(tmp_path / "one"), pictures(tmp_path / "two")
    assert set(one.values()).isdisjoint(two.values())


def test_old_motifs_stay_without_force_and_none_of_them_is_left_with_it(jewelgen, tmp_path):
    out = tmp_path / "out"
    assert jewelgen("motif", "owl", "--n", "3", *QUICK, "--out", out).code == 0
    (out / "motif-plan.txt").write_text("mine")
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    refused(jewelgen("motif", "owl", "--n", "1", *QUICK, "--out", out), "already holds motifs", "--force")
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    refused(jewelgen("motif", "owl", "--vary", out / "motif-2.png", "--n", "1", *QUICK, "--force", "--out", out), "vary 'motif-2.png' would be replaced", "--out")
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    assert jewelgen("motif", "owl", "--n", "1", *QUICK, "--force", "--out", out).code == 0
    assert names(out) == {"motif-1.png", "sheet.png", "report.json", "motif-plan.txt"}


def test_a_piece_and_motifs_never_share_a_folder(jewelgen, tmp_path):
    (tmp_path / "piece").mkdir()
    (tmp_path / "piece" / "recipe.json").write_text("{}")
    refused(jewelgen("motif", "owl", *QUICK, "--force", "--out", tmp_path / "piece"), "holds a piece", "--out")
    assert jewelgen("motif", "owl", "--n", "1", *QUICK, "--out", tmp_path / "motifs").code == 0
    refused(jewelgen.piece("make", "lotus band", "--quiet", "--force", "--out", tmp_path / "motifs"), "holds motifs", "--out")


BAD = [
    ([""], "prompt is empty"), ([], "prompt is empty"), (["xqzzt blorf"], "none of the words 'xqzzt blorf'"), (["(dragon)0"], "weight 0"),
    (["owl", "--blend", "xqzzt"], "none of the words 'xqzzt'"), (["o" * 3000], "prompt has 3000 characters", "2000"),
    (["owl", "--n", "0"], "count is 0", "1 and 64"), (["owl", "--count", "65"], "count is 65", "1 and 64"), (["owl", "--n", "2.5"], "count is 2.5", "whole number"),
    (["owl", "--steps", "1"], "steps is 1", "2 and 50"), (["owl", "--guidance", "nan"], "guidance is nan", "number"), (["owl", "--strength", "0"], "strength is 0", "0.05 and 1"),
    (["owl", "--seed", "-1"], "seed is -1"), (["owl", "--symmetry", "5"], "symmetry '5'", "mirror"), (["owl", "--function", "inven"], "function 'inven'", "did you mean invent"),
    (["--vary", "buttrfly"], "vary 'buttrfly' is no motif of the library"), (["--vary", ""], "vary is empty"), (["--vary", "gone.png"], "vary names a picture that is not there: 'gone.png'"),
    (["owl", "--sketch", "white.png"], "sketch 'white.png' is blank"), (["owl", "--sketch", "black.png"], "sketch 'black.png' is covered all over"),
    (["owl", "--sketch", "huge.png"], "sketch 'huge.png' is 9000 x 8000 px", "64 million px"), (["owl", "--sketch", "nan.tif"], "sketch 'nan.tif'", "not finite"),
    (["owl", "--sketch", "words.png"], "sketch 'words.png' is not a picture"), (["owl", "--sketch", "."], "is a folder"), (["owl", "--sketch", ""], "sketch is not named"),
    (["owl", "--sketch", "\0"], "sketch"), (["owl", "--function", "sketch"], "sketch is missing"),
    (["--inpaint", "锚.png", "--mask", "white.png"], "the mask 'white.png' covers everything"), (["--inpaint", "锚.png", "--mask", "black.png"], "the mask 'black.png' covers nothing"),
    (["owl", "--inpaint", "锚.png"], "--mask"), (["owl", "--mask", "right.png"], "--inpaint"), (["--inpaint", "white.png", "--mask", "right.png"], "inpaint 'white.png' is blank"),
    (["owl", "--vary", "锚.png", "--sketch", "ring.png"], "exclude each other"), (["owl", "--row", "--function", "vary"], "exclude each other"),
    (["owl", "--row"], "row needs two things"), (["owl", "--worker", "/nope/python"], "worker"), (["owl", "anchor"], "stands in quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "words"), [(line, words) for line, *words in BAD], ids=[" ".join(line)[:40].replace("\0", "0") for line, *_ in BAD])
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(line, words, jewelgen, drawings, tmp_path, monkeypatch):
    monkeypatch.chdir(drawings)
    before = names(drawings)
    refused(jewelgen("motif", *line, "--quiet", "--out", tmp_path / "out"), *words)
    assert names(tmp_path) == set() and names(drawings) == before


@pytest.mark.parametrize("harm", ["gone", "truncated", "of another version", "without onnxruntime"])
def test_a_model_that_cannot_run_is_named_and_pieces_are_still_made(harm, jewelgen, tmp_path, monkeypatch):
    weights = tmp_path / "weights"
    shutil.copytree(files.FOLDER, weights)
    monkeypatch.setattr(files, "FOLDER", weights)
    if harm == "gone":
        shutil.rmtree(weights)
    elif harm == "truncated":
        graph = weights / "motif.onnx"
        graph.write_bytes(graph.read_bytes()[:1000])
    elif harm == "of another version":
        card = weights / "motif.json"
        card.write_text(card.read_text("utf-8").replace("jewelgen-motif/1", "jewelgen-motif/9"), encoding="utf-8")
    else:
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
    why = {"gone": "is missing", "truncated": "motif.onnx", "of another version": "jewelgen-motif/9", "without onnxruntime": "onnxruntime"}[harm]
    refused(jewelgen("motif", "owl", *QUICK, "--out", tmp_path / "out"), "motif model", why)
    assert not (tmp_path / "out").exists()
    listed = jewelgen("list", "engines")
    assert listed.code == 0 and why in next(line for line in listed.out.splitlines() if line.startswith("motif"))
    assert jewelgen.piece("make", "lotus band, silver", "--quiet", "--out", tmp_path / "piece").code == 0


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C reaches a whole console there")
def test_ctrl_c_ends_it_with_130_and_leaves_nothing(tmp_path):
    process = start("motif", "dragon", "--n", "64", "--steps", "50", "--out", tmp_path / "out")
    for line in process.stderr:
        if "drawing the motifs" in line:
            break
    assert names(tmp_path) != set()  # the working folder
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and out == "" and "stopped; nothing was written" in err and "Traceback" not in err
    assert names(tmp_path) == set()
    assert time.monotonic() - began < 30


@pytest.mark.skipif(os.name != "posix", reason="needs limits of a process")
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path):
    import resource

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))  # bytes; a motif has about 90,000

    refused(ran("motif", "owl", "--n", "1", *QUICK, "--out", tmp_path / "out", preexec_fn=small_disk), "oo large")
    assert names(tmp_path) == set()
