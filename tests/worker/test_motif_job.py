"""The job ``motif``: files that are whole, the same each time, what was asked for, and one sentence for what cannot be."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.pattern import drawn
from blender_jewelgen.engines.motif import files
from blender_jewelgen.worker import jobs_motif
from blender_jewelgen.worker.client import Client

QUICK = {"count": 2, "steps": 3}


def quiet(share: float, text: str, preview: str = "") -> None:
    pass


def done(folder, **params):
    """The result of a quick wish, its model in this process."""
    params["wish"] = QUICK | params.get("wish", {})
    folder.mkdir(parents=True, exist_ok=True)
    return jobs_motif.motif(params, folder, quiet)


def levels(path) -> np.ndarray:
    with Image.open(path) as file:
        assert file.mode == "I;16"
        return np.asarray(file).astype(int)


@pytest.fixture(scope="module")
def anchor(tmp_path_factory):
    """A motif file of ours."""
    path = tmp_path_factory.mktemp("anchor") / "motif-1.png"
    Image.fromarray(drawn.levels(drawn.cleaned(drawn.drawing_of("anchor")))).save(path)
    return path


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A copy of the model's folder that is the one in use."""
    folder = tmp_path / "模型 weights"
    shutil.copytree(files.FOLDER, folder)
    monkeypatch.setattr(files, "FOLDER", folder)
    return folder


def test_the_model_ships_and_runs_here():
    assert files.reason() == ""


def test_files_and_facts_agree(tmp_path):
    result = done(tmp_path, wish={"prompt": "dragon", "seed": 5}, thumb=96)
    assert [(m["file"], m["thumb"]) for m in result["motifs"]] == [("motif-1.png", "thumb-1.png"), ("motif-2.png", "thumb-2.png")]
    assert {path.name for path in tmp_path.iterdir()} == {m[key] for m in result["motifs"] for key in ("file", "thumb")}
    json.dumps(result, allow_nan=False)
    assert result["credit"]["name"] == "motif" and result["credit"]["revision"] == result["model"] == files.model().revision
    assert result["notes"] == []
    for m in result["motifs"]:
        shown = levels(tmp_path / m["file"])
        assert shown.shape == (512, 512) and shown.min() < 32768 < shown.max()
        kept = drawn.levels(drawn.unpack(m["cell"])).astype(int)
        assert ((kept > 32768) != (shown > 32768)).mean() < 0.003  # the recipe's drawing is the file's
        with Image.open(tmp_path / m["thumb"]) as thumb:
            assert thumb.size == (96, 96) and thumb.mode == "RGB" and len(np.unique(np.asarray(thumb).reshape(-1, 3), axis=0)) > 200
        assert m["function"] == "vary" and m["origin"] == "library" and m["source"] in files.model().names
        assert 0.0 <= m["likeness"] <= 1.0 and 0.0 <= m["score"] <= 1.0 and m["seed"] == 5 and m["nearest"] in files.model().names
    assert [m["score"] for m in result["motifs"]] == sorted((m["score"] for m in result["motifs"]), reverse=True)


def test_the_same_wish_gives_the_same_bytes_and_another_seed_others(tmp_path):
    one, same, other = (done(tmp_path / name, wish={"prompt": "龙与莲", "seed": seed}) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    for m in one["motifs"]:
        for key in ("file", "thumb"):
            assert (tmp_path / "a" / m[key]).read_bytes() == (tmp_path / "b" / m[key]).read_bytes()
    assert [m["cell"] for m in one["motifs"]] == [m["cell"] for m in same["motifs"]]
    assert {m["cell"] for m in one["motifs"]}.isdisjoint(m["cell"] for m in other["motifs"])


def test_a_worker_draws_what_this_process_draws_and_keeps_its_model(tmp_path):
    here = done(tmp_path / "here", wish={"prompt": "owl"})
    with Client() as client:
        heard, shown = [], []
        one = client.run("motif", {"wish": QUICK | {"prompt": "owl"}}, tmp_path / "one", 60.0, lambda share, text: heard.append((share, text)), shown.append)
        pid = client.pid
        client.run("motif", {"wish": QUICK | {"prompt": "owl"}}, tmp_path / "two", 60.0)
        assert client.pid == pid
    for m in here["motifs"]:
        same = [(tmp_path / where / m["file"]).read_bytes() for where in ("here", "one", "two")]
        assert same[0] == same[1] == same[2]
    assert [m["cell"] for m in one["motifs"]] == [m["cell"] for m in here["motifs"]]
    assert shown == ["thumb-1.png", "thumb-2.png"]
    assert [share for share, _ in heard] == sorted(share for share, _ in heard) and heard[-1][0] == 1.0


def test_two_jobs_at_once_wait_for_each_other_and_do_not_mix(tmp_path):
    with Client() as client:
        jobs = [client.submit("motif", {"wish": QUICK | {"prompt": word}}, tmp_path / word) for word in ("owl", "anchor", "owl")]
        owl, anchor, again = (client.wait(job, 60.0) for job in jobs)
    assert [m["cell"] for m in owl["motifs"]] == [m["cell"] for m in again["motifs"]]
    assert {m["source"] for m in owl["motifs"]}.isdisjoint(m["source"] for m in anchor["motifs"])


def test_a_job_is_cancelled_while_it_draws_and_the_worker_goes_on(tmp_path):
    with Client() as client:
        client.run("able", {}, tmp_path, 60.0)
        heard = []

        def enough(share: float, text: str) -> None:
            heard.append(share)
            if len(heard) > 4:
                raise Cancelled("enough")

        pid = client.pid
        with pytest.raises(Cancelled):
            client.run("motif", {"wish": {"prompt": "dragon", "count": 64, "steps": 50}}, tmp_path / "long", 60.0, enough)
        assert heard[-1] < 0.2
        assert len(client.run("motif", {"wish": QUICK | {"prompt": "owl"}}, tmp_path / "next", 60.0)["motifs"]) == 2
        assert client.pid == pid
    assert list((tmp_path / "long").iterdir()) == []


def test_cancelled_at_any_step_every_file_is_whole(tmp_path):
    calls = []
    jobs_motif.motif({"wish": QUICK | {"prompt": "owl"}}, tmp_path, lambda *said, **more: calls.append(said))
    for stop in range(len(calls)):
        folder = tmp_path / f"{stop}"
        folder.mkdir()
        left = iter(range(stop))

        def tell(*said, left=left, **more) -> None:
            if next(left, None) is None:
                raise Cancelled("cancelled")

        with pytest.raises(Cancelled):
            jobs_motif.motif({"wish": QUICK | {"prompt": "owl"}}, folder, tell)
        for path in folder.iterdir():
            assert not path.name.startswith(".")
            with Image.open(path) as file:
                file.load()


@pytest.mark.parametrize(
    ("wish", "function"),
    [
        ({"prompt": "owl"}, "vary"), ({"prompt": "owl", "blend": "anchor"}, "blend"), ({"prompt": "octopus embracing an anchor"}, "blend"), ({"vary": "owl"}, "vary"),
        ({"prompt": "owl", "function": "invent", "symmetry": "mirror"}, "invent"), ({"prompt": "owl", "blend": "anchor", "function": "row", "count": 3}, "row"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_is_asked_for_is_what_is_told(wish, function, tmp_path):
    motifs = done(tmp_path, wish=wish)["motifs"]
    assert {m["function"] for m in motifs} == {function} and len(motifs) == wish.get("count", 2)


def test_a_sketch_is_followed_the_closer_the_lower_the_strength(tmp_path):
    y, x = np.mgrid[0:300, 0:300]
    scribble = np.abs(np.hypot(x - 150, y - 150) - 100) < 18  # a ring
    Image.fromarray(np.where(scribble, 0, 255).astype(np.uint8)).save(tmp_path / "ring.png")
    ring = drawn.cell_of(scribble, gap=0.0) > 0
    overlap = []
    for strength in (0.3, 0.6, 1.0):
        motifs = done(tmp_path / str(strength), wish={"prompt": "dragon", "strength": strength, "count": 4}, sketch=str(tmp_path / "ring.png"))["motifs"]
        assert {(m["function"], m["origin"], m["source"]) for m in motifs} == {("sketch", "drawing", "")}
        shapes = [drawn.enlarged(drawn.unpack(m["cell"]), 64) > 0 for m in motifs]
        overlap.append(np.mean([(s & ring).sum() / (s | ring).sum() for s in shapes]))
    assert overlap[0] > 0.7 and overlap[0] > overlap[1] > overlap[2]


def test_a_motif_file_in_the_folder_can_be_varied(anchor, tmp_path):
    shutil.copy(anchor, tmp_path / "mine.png")
    motifs = done(tmp_path, wish={"prompt": "anchor", "strength": 0.3}, start="mine.png")["motifs"]
    was = levels(anchor) > 32768
    for m in motifs:
        now = levels(tmp_path / m["file"]) > 32768
        assert (m["function"], m["origin"]) == ("vary", "drawing") and 0.6 < (was & now).sum() / (was | now).sum() < 1.0


@pytest.mark.parametrize("prompt", ["dragon", ""])
def test_outside_of_a_mask_not_one_level_changes(prompt, anchor, tmp_path):
    free = np.zeros((512, 512), bool)
    free[100:400, 300:] = True
    Image.fromarray(np.where(free, 255, 0).astype(np.uint8)).save(tmp_path / "mask.png")
    motifs = done(tmp_path, wish={"prompt": prompt}, start=str(anchor), mask="mask.png")["motifs"]
    before = levels(anchor)
    for m in motifs:
        after = levels(tmp_path / m["file"])
        assert m["function"] == "inpaint"
        assert (after == before)[~free].all()
        assert (after != before)[free].mean() > 0.2


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"wish": {"prompt": ""}}, "prompt", "prompt is empty"),
        ({"wish": {"prompt": "  "}}, "prompt", "prompt is empty"),
        ({"wish": {"prompt": "xqzzt blorf"}}, "prompt", "none of the words"),
        ({"wish": {"prompt": "(dragon)0"}}, "prompt", "weight 0"),
        ({"wish": {"prompt": "owl", "count": 65}}, "count", "between 1 and 64"),
        ({"wish": {"prompt": "owl", "guidance": float("nan")}}, "guidance", "must be a number"),
        ({"wish": {"prompt": "owl", "strength": 2.0}}, "strength", "between 0.05 and 1"),
        ({"wish": {"prompt": "owl", "symmetry": "5"}}, "symmetry", "none, mirror, 2, 3, 4, 6"),
        ({"wish": {"prompt": 3}}, "prompt", "must be text"),
        ({"wish": {"prompt": "owl", "colour": "red"}}, "wish", "unknown field 'colour'"),
        ({"wish": {"prompt": "owl", "sketch": [[0]]}}, "wish", "a file beside it"),
        ({"wish": "owl"}, "wish", "must be an object"),
        ({}, "wish", "must be an object"),
        ({"wish": {"prompt": "owl"}, "sketch": "gone.png"}, "sketch", "not there: 'gone.png'"),
        ({"wish": {"prompt": "owl"}, "mask": "gone.png"}, "mask", "not there: 'gone.png'"),
        ({"wish": {"prompt": "owl"}, "thumb": 5000}, "thumb", "between 16 and 1024"),
        ({"wish": {"prompt": "owl", "function": "inpaint"}}, "mask", "needs a drawing and a mask"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, dict) else None,
)  # fmt: skip
def test_bad_wishes_are_one_sentence_and_leave_no_file(params, field, words, tmp_path):
    with pytest.raises(BadInput, match=words) as caught:
        jobs_motif.motif(params, tmp_path, quiet)
    assert caught.value.field == field and "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def without(folder, name):
    (folder / name).unlink()


def cut_short(folder, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-9])


def flipped(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (folder / name).write_bytes(content)


def newer(folder, name):
    (folder / name).write_text(json.dumps(json.loads((folder / name).read_text("utf-8")) | {"format": "jewelgen-motif/2"}), encoding="utf-8")


UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.mark.parametrize(
    ("harm", "name", "words"),
    [
        (without, "motif.json", "is missing"), (without, "motif.onnx", "lacks its file motif.onnx"), (without, UNET, f"lacks its file {UNET}"),
        (cut_short, "drawings.npz", "drawings.npz has"), (cut_short, UNET, f"{UNET} has"), (cut_short, "motif.json", "is missing"),
        (flipped, UNET, "is damaged"), (flipped, "motif.onnx", "is damaged"), (newer, "motif.json", "jewelgen-motif/2"),
    ],
)  # fmt: skip
def test_a_model_that_is_not_whole_is_named_and_nothing_is_made(harm, name, words, weights, tmp_path):
    harm(weights, name)
    with pytest.raises(BadInput, match=words) as caught:
        done(tmp_path / "out", wish={"prompt": "owl"})
    assert caught.value.field == "engine" and "\n" not in str(caught.value) and files.reason() == str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_without_onnxruntime_one_sentence_says_so(weights, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BadInput, match="needs onnxruntime, which cannot be loaded here") as caught:
        done(tmp_path / "out", wish={"prompt": "owl"})
    assert caught.value.field == "engine" and files.reason() == str(caught.value)
