"""The motif model that ships: what it is asked, what it gives, what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.pattern import drawn
from blender_jewelgen.core.pattern.parts import parts
from blender_jewelgen.engines import motif
from blender_jewelgen.engines.motif import Wish, files
from blender_jewelgen.engines.motif.drawing import fresh, likeness
from blender_jewelgen.engines.motif.starts import halved, starts_of
from blender_jewelgen.engines.motif.synonyms import SYNONYMS
from blender_jewelgen.engines.motif.words import best_known, listen

OWN = drawn.drawing_of("lion")


def _disc() -> np.ndarray:
    y, x = np.mgrid[:192, :192] - 95.5
    return np.hypot(x, y) < 80


def _ring() -> np.ndarray:
    y, x = np.mgrid[:192, :192] - 95.5
    return np.abs(np.hypot(x, y) - 70) < 10


def quiet(share: float, text: str) -> None:
    assert 0.0 <= share <= 1.0 and text


def draw(**wish):
    return motif.draw(Wish(**{"steps": 4, "count": 2, **wish}), quiet)


def test_the_model_that_ships_is_whole_and_small():
    assert motif.reason() == ""
    size = sum(f.stat().st_size for f in files.FOLDER.rglob("*") if f.is_file())
    assert 5e6 < size < 23e6


def test_the_same_wish_gives_the_same_motifs_and_another_seed_others():
    one, two, other = draw(prompt="dragon"), draw(prompt="dragon"), draw(prompt="dragon", seed=1)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.field, b.field)
        assert (a.score, a.nearest, a.source) == (b.score, b.nearest, b.source)
    assert max(np.abs(a.field - b.field).max() for a, b in zip(one, other, strict=True)) > 1.0


def test_a_motif_does_not_depend_on_how_many_are_drawn_with_it():
    many = {m.number: m for m in draw(prompt="lotus", function="invent", count=9)}
    few = {m.number: m for m in draw(prompt="lotus", function="invent", count=2)}
    for k in few:
        assert ((few[k].field > 0) != (many[k].field > 0)).mean() < 0.01


@pytest.mark.parametrize(
    ("prompt", "function"), [("dragon", "vary"), ("octopus embracing an anchor, art nouveau", "blend"), ("龙与莲", "blend"), ("jaguar", "invent")]
)
def test_what_is_done_follows_from_the_words(prompt, function):
    made = draw(prompt=prompt)
    assert {m.function for m in made} == {function}
    assert any(m.source for m in made) == (function != "invent")


def test_every_motif_is_one_piece_without_dust():
    for made in draw(prompt="star", function="invent", count=4):
        _, sizes = parts(made.field > 0)
        assert made.field.shape == (128, 128) and np.isfinite(made.field).all()
        assert (sizes[1:] >= 6 * 4).all() and len(sizes) >= 2
        assert 0.0 <= made.score <= 1.0 and 0.0 <= made.likeness <= 1.0 and made.seconds > 0


def test_weights_of_words_move_the_result():
    fields = [draw(prompt=prompt, function="invent", count=1)[0].field for prompt in ("sun::1 leaf::3", "sun::3 leaf::1", "sun", "sun -leaf")]
    for k, field in enumerate(fields):
        for other in fields[:k]:
            assert ((field > 0) != (other > 0)).mean() > 0.01


@pytest.mark.parametrize("symmetry", ["mirror", "2", "4"])
def test_a_symmetric_motif_is_symmetric(symmetry):
    field = draw(prompt="flower", function="invent", symmetry=symmetry, count=1)[0].field
    same = field[:, ::-1] if symmetry == "mirror" else np.rot90(field, 4 // int(symmetry))
    assert ((field > 0) != (same > 0)).mean() < 0.002


def test_a_row_goes_from_one_thing_to_the_other():
    made = draw(prompt="sun", blend="heart", function="row", count=5)
    assert [m.number for m in made] == [0, 1, 2, 3, 4]
    steps = [((a.field > 0) != (b.field > 0)).mean() for a, b in pairwise(made)]
    assert max(steps) < ((made[0].field > 0) != (made[-1].field > 0)).mean()


def test_outside_a_repaired_region_nothing_changes_by_a_bit():
    start = drawn.field_of(drawn.levels(drawn.drawing_of("lion")))
    mask = np.zeros((512, 512), bool)
    mask[200:330, 180:300] = True
    made = draw(prompt="lion", start=start, mask=mask, count=2)
    for one in made:
        assert one.function == "inpaint"
        np.testing.assert_array_equal(drawn.levels(one.field)[~mask], drawn.levels(start)[~mask])
        assert (one.field[mask] != start[mask]).any()


def test_a_sketch_is_followed_the_more_the_weaker_the_strength():
    sketch = drawn.drawing_of("heart")
    apart = []
    for strength in (0.2, 0.9):
        made = draw(prompt="star", sketch=sketch, strength=strength, count=2)
        assert {m.function for m in made} == {"sketch"}
        apart.append(np.mean([((m.field > 0) != (drawn.enlarged(sketch, 128) > 0)).mean() for m in made]))
    assert apart[0] < 0.08 and apart[0] < apart[1]


def test_of_several_cells_the_newest_that_shows_the_words_is_kept():
    model = files.model()
    lion, thin, anchor = drawn.drawing_of("lion"), drawn.drawing_of("lion") - 1.0, drawn.drawing_of("anchor")
    words = listen("lion").vector
    assert fresh(model, words, np.stack([lion, thin])) == 1
    assert fresh(model, words, np.stack([anchor, lion])) == 1
    assert fresh(model, words, np.stack([np.full_like(lion, -6.0), lion])) == 1  # a blank one is like nothing
    assert fresh(model, np.zeros(96), np.stack([anchor, lion])) == 0


def test_a_blend_takes_the_drawings_that_were_taught():
    assert best_known("lion") == "lion"
    assert best_known("fairy") == "butterfly-flower"
    made = sorted(draw(prompt="butterfly", blend="heart", count=6), key=lambda m: m.number)
    assert [m.source for m in made[:2]] == ["butterfly-flower + hearts"] * 2
    backs = {m.source.removeprefix("butterfly-flower + ") for m in made}
    assert len(backs) > 1 and all(best_known(name) == name for name in backs)  # several drawings of one word take turns


@pytest.mark.parametrize("words", [("wave", "mountain"), ("fish", "wave"), ("coral", "fruit")])
def test_words_of_taught_drawings_are_blended_though_the_library_names_them_otherwise(words):
    assert all(" + " in m.source for m in draw(prompt=words[0], blend=words[1], count=2))


def test_a_blend_leaves_both_things_as_they_are_but_where_they_meet():
    wish = Wish(prompt="lion", blend="sun", count=4)
    begin = starts_of(wish, "blend", listen("lion"), listen("sun"))
    for start in begin:
        assert 0.05 < start.free.mean() < 0.5
    halved = begin[0]
    left, right = (drawn.cell_of(drawn.silhouette_of(name)) for name in ("lion", "sun"))
    far = ~halved.free
    np.testing.assert_array_equal(halved.cell[:, :32], left[:, :32])
    np.testing.assert_array_equal(halved.cell[:, 32:], right[:, 32:])
    assert far[:, :24].all() and far[:, 40:].all() and not far[:, 30:34].any()
    made = {m.number: drawn.enlarged(m.field, drawn.CELL) > 0.0 for m in motif.draw(wish, quiet)}
    for k, start in enumerate(begin):
        changed = made[k] != (start.cell > 0.0)
        assert changed[start.free].any() and changed[~start.free].mean() < 0.05  # the clean-up alone may drop a speck there


def test_weights_move_the_line_between_two_halves():
    line = [halved(_disc(), _ring(), 0.0, share)[0] for share in (0.3, 0.5, 0.7)]
    solid = [int((cell > 0.0).sum()) for cell in line]
    assert solid[0] < solid[1] < solid[2]


@pytest.mark.parametrize(("word", "subject"), [("python", "snake"), ("wyrm", "dragon"), ("toadstool", "mushroom"), ("clam", "shell"), ("schooner", "ship")])
def test_plain_words_mean_what_was_taught(word, subject):
    assert [text for text, _ in listen(word).phrases] == [subject]


def test_synonyms_lead_to_taught_subjects():
    assert set(SYNONYMS.values()) <= set(files.model().subjects)


def test_likeness_is_overlap_over_union_of_the_better_face():
    shape = np.zeros((32, 32), bool)
    shape[8:24, 4:12] = True
    taught = np.stack([shape, shape[:, ::-1], np.roll(shape, 4, 1), ~shape])
    found = likeness(shape, taught)
    assert found[0] == found[1] == 1.0
    assert found[2] == pytest.approx(5 / 11) and found[3] < 0.2  # a shift of one pixel is forgiven


@pytest.mark.parametrize(
    ("wish", "field", "said"),
    [
        ({}, "prompt", "the prompt is empty"),
        ({"prompt": "qwzx vlrk"}, "prompt", "knows none of the words"),
        ({"prompt": "dragon", "blend": "qwzx"}, "blend", "knows none of the words"),
        ({"prompt": "dragon", "vary": "qwzx"}, "vary", "no motif of the library"),
        ({"prompt": "jaguar", "function": "vary"}, "vary", "no drawing"),
        ({"prompt": "dragon", "function": "row"}, "blend", "needs two things"),
        ({"start": OWN, "function": "blend", "prompt": "jaguar"}, "blend", "blend needs two things the library can draw; found none"),
        ({"start": OWN, "function": "row", "prompt": "dragon", "blend": "jaguar"}, "blend", "row needs two things the library can draw; found none"),
        ({"prompt": "(dragon)0"}, "prompt", "weight 0"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_one_sentence(wish, field, said):
    with pytest.raises(BadInput, match=said) as caught:
        draw(**wish)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"count": 0}, "count"), ({"count": 65}, "count"), ({"steps": 1}, "steps"), ({"guidance": 9.0}, "guidance"), ({"strength": 1.5}, "strength"),
        ({"symmetry": "5"}, "symmetry"), ({"function": "melt"}, "function"), ({"sketch": np.full((64, 64), -1.0)}, "sketch"),
        ({"sketch": np.full((64, 64), 1.0)}, "sketch"), ({"sketch": np.zeros((64, 32))}, "sketch"), ({"sketch": np.full((64, 64), np.nan)}, "sketch"),
        ({"mask": np.ones((64, 64), bool)}, "mask"), ({"function": "sketch"}, "sketch"), ({"function": "blend"}, "blend"),
        ({"start": drawn.drawing_of("lion"), "mask": np.ones((64, 64), bool)}, "mask"),
        ({"start": drawn.drawing_of("lion"), "mask": np.zeros((64, 64), bool)}, "mask"),
    ],
)  # fmt: skip
def test_a_wish_out_of_limits_is_refused_at_birth(wish, field):
    with pytest.raises(BadInput) as caught:
        Wish(**wish)
    assert caught.value.field == field


def test_a_drawing_can_be_stopped_at_any_step():
    class Enough(Exception):
        pass

    for last in (1, 3, 5):
        heard = []

        def tell(share: float, text: str, last: int = last, heard: list = heard) -> None:
            heard.append(share)
            if len(heard) == last:
                raise Enough

        with pytest.raises(Enough):
            motif.draw(Wish(prompt="sun", count=16, steps=3), tell)
        assert len(heard) == last and heard == sorted(heard)


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "weights é 首饰"
    shutil.copytree(files.FOLDER, copy)
    return copy


def test_the_model_loads_from_any_folder(folder):
    assert motif.reason(folder) == "" and files.revision(folder) == files.model(folder).revision


def _other_version(folder):
    card = json.loads((folder / "motif.json").read_text())
    (folder / "motif.json").write_text(json.dumps(card | {"format": "jewelgen-motif/99"}))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda f: (f / "motif.json").unlink(), "missing"),
        (lambda f: (f / "motif.json").write_text("{"), "missing"),
        (_other_version, "jewelgen-motif/99"),
        (lambda f: (f / "motif.onnx").unlink(), "lacks its file motif.onnx"),
        (lambda f: (f / "motif.onnx").write_bytes((f / "motif.onnx").read_bytes()[:1000]), "must have"),
        (lambda f: (f / "drawings.npz").write_bytes(bytes(len((f / "drawings.npz").read_bytes()))), "SHA-256"),
    ],
)
def test_harmed_files_are_named(folder, harm, said):
    harm(folder)
    assert said in motif.reason(folder)


def test_without_onnxruntime_the_reason_is_said_and_nothing_crashes():
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"
        "from blender_jewelgen.engines import motif\n"
        "print(motif.reason())\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "needs onnxruntime" in done.stdout


def test_words_are_heard_with_their_weights_and_what_to_avoid():
    spoken = listen("(dragon)1.5 lotus, no waves")
    assert dict(spoken.phrases) == {"dragon": 1.5, "lotus": 1.0} and spoken.avoided.any()
    assert np.linalg.norm(spoken.vector) == pytest.approx(1.0)
    np.testing.assert_allclose(listen("龙").vector, listen("dragon").vector)


def test_a_cell_that_comes_out_blank_is_drawn_again(monkeypatch):
    from blender_jewelgen.engines.motif import drawing

    real, calls = drawing.sample, []

    def sample(direction, plan, *rest):
        cells = real(direction, plan, *rest)
        if len(calls) < drawing.CANDIDATES:
            cells[1] = -6.0
        calls.append(len(cells))
        return cells

    monkeypatch.setattr(drawing, "sample", sample)
    assert all((m.field > 0).any() for m in draw(prompt="heart", function="invent", count=3))
    assert calls == [3] * drawing.CANDIDATES + [1]
