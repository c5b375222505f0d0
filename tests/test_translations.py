"""The Chinese of everything a person reads: complete, none of it stale, its gaps right, and whole in what real mistakes raise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wording

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.library import FOLDER, table
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.checks import check
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.recipe import MakeParams, Recipe
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.translate import translate
from blender_jewelgen.core.units import inner_diameter
from blender_jewelgen.core.words.design import Design, Motif

_CHINESE = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z]{2,}")
# Names, units and abbreviations that are the same in Chinese.
NAMES = frozenset(
    "JewelGen Blender Python OpenEXR PNG TIFF STL GLB OBJ PLY MF Draco JSON UTF UV GB MB mm px SHA NaN CC BY GPL or later dB"
    " US UK EU JP SAT tang art nouveau telkari skan tarakasi cannetille true false no scale MESH FILE VB py build assets scripts"
    " glb gltf stl obj ply mf inf procedural onnxruntime json SVG XML jewelgen list motifs motif"
    " AI torch LoRA ControlNet diffusers Marigold NVIDIA pickle HF TOKEN IP Adapter Windows Linux http JEWELGEN RUNTIME FOLDER float Depth Anything ROCm AMD Mac PORT model index auto"
    " Stability Stable Diffusion XL cpu Metal CUDA PASSWORD HOST config map sdxl DDIM DPM UniPC LCM none SDXL image encoder PIP CERT Visual Debian Ubuntu python venv DIR AVX macOS"
    " bfloat models GGUF class name NAME apache Gemma safetensors depth anything peft midjourney"
    " API https ComfyUI Hunyuan relief ring TripoSG TripoSR Shap shap glTF Meshy Tripo Hyper OpenAI Polycam dinov OFFLINE ssh requests Save Load Image api server Gradio openai gpt MODEL"
    " cm in bodies file"
    " OpenGL DirectX TTF OTF TTC WOFF uharfbuzz sans zh Hans en ar".split()
)
_GAP = re.compile(r"\{(\d+)\}")
_PLURALS = ("hole{}", "shell{}", "bit{}", "part{}", "bridge{}", "speck{}", "wire{}", "what {} hollowed")  # English endings; Chinese has none


@pytest.fixture(scope="module")
def said():
    """What is said (True), and that with what is silent (False)."""
    bpy = pytest.importorskip("bpy")
    from blender_jewelgen.blender import registration

    bpy.ops.wm.read_factory_settings(use_empty=True)
    registration.register()
    try:
        return {True: wording.everything(), False: wording.all_of_it()}
    finally:
        registration.unregister()


def chinese() -> dict[str, str]:
    return table("zh")


def left_over(text: str) -> list[str]:
    """English words in a Chinese sentence; what stands in quotes is the reader's own, or an option."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"|--[a-z-]+|/[\w./-]+|\{\d*\}|\.[a-z0-9]+\b", " ", text)
    return [word for word in _WORD.findall(plain) if word not in NAMES]


def test_every_sentence_has_its_chinese(said):
    missing = {sentence: where for sentence, where in said[True].items() if sentence not in chinese()}
    assert missing == {}


def test_no_chinese_is_kept_for_a_sentence_that_nobody_says(said):
    assert [english for english in chinese() if english not in said[True]] == []


def test_what_is_left_silent_is_still_in_the_sources(said):
    kept = said[False]
    assert [file for file in wording.SILENT_FILES if not (wording.PACKAGE / file).is_file()] == []
    assert [sentence for sentence in wording.SILENT if sentence not in kept] == []


def test_the_table_is_one_flat_object_without_a_key_twice():
    pairs = json.loads((FOLDER / "zh.json").read_text(encoding="utf-8"), object_pairs_hook=list)
    assert len({key for key, _ in pairs}) == len(pairs)
    assert all(isinstance(english, str) and isinstance(other, str) and other.strip() for english, other in pairs)


@pytest.mark.parametrize("english", sorted(e for e in table("zh") if "{}" in e))
def test_each_gap_is_filled_once_and_gaps_that_touch_stay_together(english):
    other = chinese()[english]
    count = english.count("{}")
    used = [int(number) for number in _GAP.findall(other)]
    endings = sum(ending in english for ending in _PLURALS)
    assert set(used) <= set(range(count))
    assert len(used) == len(set(used))
    assert count - len(used) <= endings
    assert "{}" not in other
    for place, touching in enumerate(re.split(r"(?<=\{\})(?!\{\})", english)[:-1]):
        assert touching, place
    runs = [run.count("{}") for run in re.findall(r"(?:\{\})+", english)]
    start = 0
    for run in runs:
        if run > 1:
            assert "".join(f"{{{number}}}" for number in range(start, start + run)) in other
        start += run


def test_no_english_is_left_over_in_the_chinese():
    assert {other: words for english, other in chinese().items() if (words := left_over(other))} == {}


def test_every_line_has_a_chinese_sign_unless_it_is_a_name():
    assert [english for english, other in chinese().items() if not _CHINESE.search(other) and english not in ("JewelGen: {}", " of {}", "sha256", "{}: {} mm", "{} GB")] == []


def test_labels_are_short_where_the_english_is():
    """A sidebar is narrow: two columns of a Chinese sign for each two letters, and some room."""
    wide = {e: o for e, o in chinese().items() if len(e) <= 12 and "{" not in e and sum(2 if ord(c) > 0x2E80 else 1 for c in o) > max(12, len(e) + 2)}
    assert wide == {}


def test_names_of_choices_are_words_the_reader_of_prompts_knows():
    """A Chinese label typed as a prompt is read as the same value."""
    from blender_jewelgen.core.words import keys
    from blender_jewelgen.core.words.lexicon import read

    wrong = {}
    for slot, values in (("form", keys.FORMS), ("technique", keys.TECHNIQUES), ("metal", keys.METALS), ("finish", keys.FINISHES[:3] + keys.FINISHES[4:])):
        for value in values:
            prompt = chinese()[value] if slot == "form" else f"{chinese()[value]}戒指" if slot != "finish" else f"{chinese()[value]}吊坠"
            if getattr(read(prompt), slot) != value:
                wrong[slot, value] = prompt, getattr(read(prompt), slot)
    assert wrong == {}


@pytest.mark.parametrize(
    "english, other",
    [
        ("Cut In", "凹入"),
        ("the depth was reduced from 1.2 to 0.4 mm: 0.8 mm of metal carry no more", "深度由 1.2 减为 0.4 mm：0.8 mm 厚的金属承受不了更多"),
        ("the metal is 0.2 mm too thin: thicken the piece at x 1.0, y -2.0, z 3.5 mm, or lower the depth", "金属薄了 0.2 mm：请加厚首饰（位于 x 1.0、y -2.0、z 3.5 mm），或减小深度"),
        ("layout 'zz' is not known; it must be one of auto, frieze, diaper", "不认识布局 'zz'；必须是以下之一：自动、二方连续、四方连续"),
        ("One closed body: 1.00 mm³ before, 2.00 mm³ after; 3 holes were closed", "一个封闭体：之前 1.00 mm³，之后 2.00 mm³；封闭了 3 个孔"),
        ("Width is 999 mm; it must be between 1 and 120 mm", "宽度为 999 mm；必须在 1 到 120 mm 之间"),
        ("the worker was ended by SIGKILL while starting", "工作进程启动时被 SIGKILL 终止"),
        ("a sentence of somebody else", "a sentence of somebody else"),
        ("", ""),
    ],
)
def test_sentences_are_found_with_their_numbers_and_with_sentences_inside(english, other):
    assert translate(english, "zh") == other
    assert translate(english, "en") == english


def test_every_template_is_found_again_when_it_is_filled():
    """With a number in each gap the closest sentence is its own, and every number is still there."""
    for english in chinese():
        count = english.count("{}")
        if not count or re.fullmatch(r"[^A-Za-z]*", english.replace("{}", "")):
            continue
        numbers = [str(7001 + place) for place in range(count)]
        filled = "".join(piece + number for piece, number in zip(english.split("{}"), [*numbers, ""]))
        found = translate(filled, "zh")
        used = [numbers[int(place)] for place in _GAP.findall(chinese()[english])]
        assert left_over(found) == [], (english, found)
        assert sorted(re.findall(r"70\d\d", found)) == sorted(used), (english, found)


def _read(name: str, content: bytes, folder: Path, reader: str) -> Any:
    from blender_jewelgen.core.height.picture import read_height
    from blender_jewelgen.core.mesh.read import read_mesh

    path = folder / name
    path.write_bytes(content)
    return read_mesh(path) if reader == "mesh" else read_height(path)


def _picture(folder: Path, pixels: np.ndarray) -> Any:
    from PIL import Image

    from blender_jewelgen.core.height.picture import read_height

    Image.fromarray(pixels).save(folder / "x.png")
    return read_height(folder / "x.png")


def _stl(*corners: float) -> bytes:
    rows = np.array(corners, np.float32).reshape(-1, 9)
    body = b"".join(b"\0" * 12 + row.tobytes() + b"\0\0" for row in rows)
    return b"x".ljust(80) + len(rows).to_bytes(4, "little") + body


def _budget(**values: Any) -> Any:
    from blender_jewelgen.core import pipeline
    from blender_jewelgen.engines.registry import ask

    form = {name: values.pop(name) for name in ("form", "size", "width", "thickness") if name in values}
    technique = values.pop("technique", "relief")
    design = Design(form=form.get("form", "band"), technique=technique, motifs=(Motif(name="vine"),))
    recipe = Recipe(design=design, form=FormParams(**form), relief=ReliefParams(density="preview", pixels=8.0, **values), make=MakeParams())
    return pipeline.draw(recipe, ask, lambda share, text: None)


MISTAKES: dict[str, Callable[[Path], Any]] = {
    "width too wide": lambda folder: FormParams(width=999.0),
    "width nought": lambda folder: FormParams(width=0.0),
    "width as a word": lambda folder: FormParams(width="wide"),
    "thickness not finite": lambda folder: FormParams(thickness=float("inf")),
    "form unknown": lambda folder: FormParams(form="tiara"),
    "form misspelt": lambda folder: FormParams(form="pendent"),
    "form as a number": lambda folder: FormParams(form=3),
    "shape of another form": lambda folder: complete(FormParams(form="band", shape="heart")),
    "margin wider than the piece": lambda folder: complete(FormParams(form="band", width=3.0, margin=2.0)),
    "signet too wide": lambda folder: form_host(complete(FormParams(form="signet", size="US 3", width=29.0))),
    "signet too thin": lambda folder: form_host(complete(FormParams(form="signet", thickness=0.7))),
    "hole too wide": lambda folder: form_host(complete(FormParams(form="bead", width=8.0, hole=8.0))),
    "gap too wide": lambda folder: form_host(complete(FormParams(form="cuff", size="40 mm", gap=60.0))),
    "depth negative": lambda folder: ReliefParams(depth=-1.0),
    "depth too deep": lambda folder: ReliefParams(depth=99.0),
    "mid above one": lambda folder: ReliefParams(mid=2.0),
    "around in halves": lambda folder: ReliefParams(around=2.5),
    "across too often": lambda folder: ReliefParams(across=1000),
    "mapping unknown": lambda folder: ReliefParams(mapping="conical"),
    "outer as a word": lambda folder: ReliefParams(outer="yes"),
    "density unknown": lambda folder: ReliefParams(density="ultra"),
    "seed in halves": lambda folder: MakeParams(seed=0.5),
    "seed negative": lambda folder: MakeParams(seed=-1),
    "process misspelt": lambda folder: MakeParams(process="lost-wacks"),
    "engine too long": lambda folder: MakeParams(engine="x" * 500),
    "technique unknown": lambda folder: Design(technique="welding"),
    "symmetry too high": lambda folder: Design(symmetry=1000),
    "border misspelt": lambda folder: Design(border="beeded"),
    "metal as a number": lambda folder: Design(metal=18),
    "avoid as a word": lambda folder: Design(avoid="skull"),
    "motif without a name": lambda folder: Motif(name=""),
    "motif too heavy": lambda folder: Motif(name="'lotus'", weight=99.0),
    "size in words": lambda folder: inner_diameter("'large'"),
    "size off the table": lambda folder: inner_diameter("US 99"),
    "size of a giant": lambda folder: inner_diameter("900 mm"),
    "recipe no JSON object": lambda folder: Recipe.from_json("[]"),
    "recipe too deep": lambda folder: Recipe.from_json("[" * 100_000),
    "recipe of the future": lambda folder: Recipe.from_json('{"format": 99}'),
    "recipe empty": lambda folder: Recipe.from_json("{}"),
    "prompt empty": lambda folder: _words(""),
    "prompt too long": lambda folder: _words("lotus " * 2000),
    "weight too heavy": lambda folder: _words("(lotus)99"),
    "nothing has weight": lambda folder: _words("lotus::0"),
    "mesh not there": lambda folder: _read_mesh(folder / "x.stl"),
    "mesh a folder": lambda folder: _read_mesh(folder),
    "mesh of another kind": lambda folder: _read("'x'.blend", b"BLENDER", folder, "mesh"),
    "mesh empty": lambda folder: _read("x.stl", b"", folder, "mesh"),
    "mesh cut short": lambda folder: _read("x.glb", b"glTF\2\0\0\0", folder, "mesh"),
    "mesh without area": lambda folder: _read("x.stl", _stl(*[1.0] * 18), folder, "mesh"),
    "mesh with a hole in its numbers": lambda folder: _read("x.stl", _stl(*[float("nan")] * 9, 0, 0, 0, 9, 0, 0, 0, 9, 0), folder, "mesh"),
    "mesh in metres": lambda folder: _read("x.stl", _stl(0, 0, 0, 0.02, 0, 0, 0, 0.02, 0), folder, "mesh"),
    "mesh of a unit": lambda folder: _read("x.stl", _stl(0, 0, 0, 1, 0, 0, 0, 1, 0), folder, "mesh"),
    "mesh in microns": lambda folder: _read("x.stl", _stl(0, 0, 0, 20000, 0, 0, 0, 20000, 0), folder, "mesh"),
    "picture not there": lambda folder: _read_picture(folder / "x.png"),
    "picture a folder": lambda folder: _read_picture(folder),
    "picture no picture": lambda folder: _read("x.png", b"no picture at all", folder, "picture"),
    "picture grey": lambda folder: _picture(folder, np.full((64, 64), 90, np.uint8)),
    "picture tiny": lambda folder: _picture(folder, np.arange(16, dtype=np.uint8).reshape(4, 4)),
    "picture OpenEXR": lambda folder: _read("x.exr", b"v/1\1", folder, "picture"),
    "thickness all cut away": lambda folder: _budget(technique="engraving", thickness=0.6, depth=3.0),
    "engine unknown": lambda folder: _engine("midjourney"),
    "motifs too many": lambda folder: _motif(prompt="lotus", count=65),
    "motif of no words": lambda folder: _motif(),
    "motif of strange words": lambda folder: _motif(prompt="xqzzt"),
    "motif to vary unknown": lambda folder: _motif(vary="buttrfly"),
    "motif of one thing in a row": lambda folder: _motif(prompt="owl", function="row"),
    "motif without its sketch": lambda folder: _motif(prompt="lotus", function="sketch"),
    "motif to repair without its mask": lambda folder: _motif(prompt="lotus", function="inpaint"),
    "mask of all": lambda folder: _motif(start=_disc(), mask=np.ones((64, 64), bool)),
    "sketch blank": lambda folder: _motif(sketch=np.full((64, 64), -6.0)),
    "sketch of a strip": lambda folder: _motif(sketch=np.ones((64, 32))),
    "model gone": lambda folder: _model(folder),
    "recipe's drawing damaged": lambda folder: _unpack("no drawing"),
    "recipe's drawing cut short": lambda folder: _unpack("eJwDAAAAAAE="),
    "picture of a sketch not there": lambda folder: _sketch(folder / "x.png"),
    "picture of a sketch a folder": lambda folder: _sketch(folder),
    "picture of a sketch white": lambda folder: _sketch(folder / "x.png", np.full((64, 64), 255, np.uint8)),
    "picture of a sketch black": lambda folder: _sketch(folder / "x.png", np.zeros((64, 64), np.uint8)),
    "picture of a sketch tiny": lambda folder: _sketch(folder / "x.png", np.eye(4, dtype=np.uint8)),
    "picture of a mask white": lambda folder: _mask(folder / "x.png", np.full((64, 64), 255, np.uint8)),
    "picture of a mask not there": lambda folder: _mask(folder / "x.png", None),
    "svg cut short": lambda folder: _sketch(folder / "x.svg", b"<svg"),
    "svg of words": lambda folder: _sketch(folder / "x.svg", b"<svg><text>lotus</text></svg>"),
    "svg with entities": lambda folder: _sketch(folder / "x.svg", b'<!DOCTYPE s [<!ENTITY a "b">]><svg/>'),
}


def _words(prompt: str) -> Any:
    from blender_jewelgen.core.words.lexicon import read

    return read(prompt)


def _engine(name: str) -> Any:
    from blender_jewelgen.engines.registry import card

    return card(name)


def _motif(**wish: Any) -> Any:
    from blender_jewelgen.engines import motif

    return motif.draw(motif.Wish(**wish), lambda share, text: None)


def _model(folder: Path) -> Any:
    from blender_jewelgen.engines.motif.files import model

    return model(folder)


def _disc() -> np.ndarray:
    y, x = np.mgrid[0:64, 0:64] - 31.5
    return np.clip(20.0 - np.hypot(x, y), -6.0, 6.0)


def _unpack(text: str) -> Any:
    from blender_jewelgen.core.pattern import drawn

    return drawn.unpack(text)


def _sketch(path: Path, content: Any = None) -> Any:
    from blender_jewelgen.core.pattern.sketch import read_drawing

    return read_drawing(_put(path, content))


def _mask(path: Path, content: Any) -> Any:
    from blender_jewelgen.core.pattern.sketch import read_mask

    return read_mask(_put(path, content))


def _put(path: Path, content: Any) -> Path:
    """A file of these bytes or pixels; none for None."""
    from PIL import Image

    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        Image.fromarray(content).save(path)
    return path


def _read_mesh(path: Path) -> Any:
    from blender_jewelgen.core.mesh.read import read_mesh

    return read_mesh(path)


def _read_picture(path: Path) -> Any:
    from blender_jewelgen.core.height.picture import read_height

    return read_height(path)


def is_chinese(text: str) -> bool:
    return bool(_CHINESE.search(text)) and left_over(re.sub(r"\bx\b|test_\w+", " ", text)) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_a_mistake_raises_is_chinese_and_keeps_its_numbers(mistake, tmp_path):
    with pytest.raises(BadInput) as raised:
        MISTAKES[mistake](tmp_path)
    english = str(raised.value.args[0])
    chinese = translate(english, "zh")
    assert is_chinese(chinese), (english, chinese)
    numbers = re.findall(r"\d+\.?\d*", re.sub(r"'[^']*'", " ", english))
    assert [number for number in numbers if number.rstrip(".") not in chinese] == []
    if raised.value.fix:
        assert is_chinese(translate(raised.value.fix.label, "zh"))


def _hints(mesh: Mesh, **more: Any) -> list[str]:
    return [c.hint for c in check(mesh, metal="silver-925", **more) if c.hint]


def test_what_checks_advise_is_chinese():
    corner = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)
    small, huge = Mesh(0.01 * corner, faces), Mesh(400.0 * corner, faces)
    inside_out, torn = Mesh(5.0 * corner, faces[:, ::-1].copy()), Mesh(5.0 * corner, faces[:2])
    one_turned = Mesh(5.0 * corner, np.vstack([faces[:3], faces[3:, ::-1]]))
    hints = [hint for mesh in (small, huge, inside_out, torn, one_turned) for hint in _hints(mesh)]
    assert len(set(hints)) >= 8
    assert {hint: said for hint in hints if not is_chinese(said := translate(hint, "zh"))} == {}


@pytest.mark.parametrize(
    "prompt",
    [
        "thumb ring, lotus", "9k gold ring, dragon, shield", "locket with enamel and pearls", "signet ring, heart shaped, US 7, EU 50", "ring, 3.5 kg, xyzzy",
        "(lotus)0 ring, no lotus", "chased and repoussé ring", "miao silver necklace", "17 mm ring, 12 mm deep", "lotus::2 dragon:: ring --no", "((lotus ring",
    ],
)  # fmt: skip
def test_remarks_on_a_prompt_are_chinese(prompt):
    own = {word.lower() for word in _WORD.findall(prompt)}
    for note in _words(prompt).notes:
        said = translate(note, "zh")
        assert _CHINESE.search(said)
        assert [word for word in left_over(said) if word.lower() not in own] == [], (note, said)
