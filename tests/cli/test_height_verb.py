"""``jewelgen height``: a complete folder with a 16 bit height, or one sentence and nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command_line import QUICK, names, read, refused
from PIL import Image

from blender_jewelgen import __version__
from blender_jewelgen.cli.height import light
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.params import HeightParams
from blender_jewelgen.core.height.picture import read_height, read_levels
from blender_jewelgen.core.pattern.any_picture import read_with
from blender_jewelgen.core.recipe import fingerprint


def waves(side: int = 160) -> np.ndarray:
    """Height in px: two rows of bumps that join round."""
    y, x = np.mgrid[:side, :side] * (2.0 * np.pi / side)
    return 4.0 * np.maximum(np.sin(3.0 * x) * np.sin(2.0 * y), 0.0) ** 1.5


def save(path, values) -> None:
    Image.fromarray((np.clip(values, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)).save(path)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of pictures of one relief, named as people name theirs."""
    folder = tmp_path_factory.mktemp("pictures") / "José Núñez" / "图 1"
    folder.mkdir(parents=True)
    height = waves()
    down, across = np.gradient(height)
    vectors = np.stack([-across, down, np.ones_like(height)], axis=-1)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    Image.fromarray((height / height.max() * 65535).astype(np.uint16)).save(folder / "deep 高.png")
    save(folder / "grey.png", height / height.max())
    save(folder / "normals.png", 0.5 * vectors + 0.5)
    save(folder / "directx.png", 0.5 * vectors * [1, -1, 1] + 0.5)
    lit = np.clip(vectors @ [-0.5, 0.5, 0.7071], 0.0, 1.0)
    save(folder / "photo.jpg", lit[..., None] * [1.0, 0.8, 0.5])
    y, x = np.mgrid[:160, :160] - 80
    ring = np.abs(np.hypot(x, y) - 60) < 2
    save(folder / "ring.png", 1.0 - ring)
    (folder / "ring.svg").write_text('<svg viewBox="0 0 9 9"><circle cx="4.5" cy="4.5" r="3" fill="none" stroke="#000" stroke-width="0.2"/></svg>')
    save(folder / "white.png", np.ones((40, 40)))
    Image.new("RGBA", (40, 40), (9, 9, 9, 0)).save(folder / "clear.png")
    Image.fromarray(np.full((40, 40), np.nan, np.float32)).save(folder / "nan.tif")
    Image.new("1", (1, 1)).save(folder / "one.png")
    Image.new("1", (17000, 9)).save(folder / "huge.png")
    (folder / "words.png").write_text("no picture")
    (folder / "scene.exr").touch()
    save(folder / "wide.png", np.tile(np.linspace(0, 1, 200), (50, 1)))
    return folder


@pytest.mark.parametrize(
    ("file", "method", "why"),
    [
        ("deep 高.png", "height", "16 bits"), ("grey.png", "height", "ground at one end"), ("normals.png", "normals", "unit vectors"),
        ("ring.png", "drawing", "enclose"), ("ring.svg", "drawing", "enclose"), ("photo.jpg", "shading", "colours"),
    ],
)  # fmt: skip
def test_a_picture_gives_a_height_a_look_and_a_report_that_says_why(file, method, why, jewelgen, pictures, tmp_path):
    out = tmp_path / "金 盒"
    said = jewelgen("height", pictures / file, "--quiet", "--out", out)
    assert said.code == 0 and said.err == "" and said.out.startswith("height ") and f" by {method} (" in said.out, said
    assert names(out) == {"height.png", "picture.png", "report.json"} and names(tmp_path) == {out.name}
    report = read(out / "report.json")
    assert (report["format"], report["version"], report["method"]) == ("jewelgen-height/1", __version__, method)
    assert why in report["why"] and report["seconds"] > 0.0
    assert report["files"] == {"picture": {"path": str(pictures / file), "sha256": fingerprint(pictures / file)}}
    height = read_levels(out / "height.png")
    assert height.shape == (report["facts"]["rows"], report["facts"]["columns"]) and (height.min(), height.max()) == (0.0, 1.0)
    with Image.open(out / "height.png") as deep, Image.open(out / "picture.png") as look:
        assert deep.mode.startswith("I;16") and look.mode == "RGB" and look.size == deep.size


def test_a_height_is_kept_bit_for_bit(jewelgen, pictures, tmp_path):
    assert jewelgen("height", pictures / "deep 高.png", "--method", "height", "--quiet", "--out", tmp_path / "o").code == 0
    with Image.open(pictures / "deep 高.png") as before, Image.open(tmp_path / "o/height.png") as after:
        np.testing.assert_array_equal(np.asarray(before), np.asarray(after))


def test_another_run_gives_the_same_bytes(jewelgen, pictures, tmp_path):
    for name in "ab":
        assert jewelgen("height", pictures / "photo.jpg", "--light", "135,45", "--seamless", "--quiet", "--out", tmp_path / name).code == 0
    assert (tmp_path / "a/height.png").read_bytes() == (tmp_path / "b/height.png").read_bytes()


def test_a_sheet_shows_all_methods_that_apply(jewelgen, pictures, tmp_path):
    said = jewelgen("height", pictures / "photo.jpg", "--compare", "--quiet", "--json", "--out", tmp_path / "o")
    report = json.loads(said.out)
    assert report == read(tmp_path / "o/report.json")
    assert {"shading", "luminance"} <= {row["method"] for row in report["compared"]}
    assert names(tmp_path / "o") == {"height.png", "picture.png", "report.json", "sheet.png"}
    with Image.open(tmp_path / "o/sheet.png") as sheet:
        assert sheet.width > (1 + sum("seconds" in row for row in report["compared"])) * 384
    fused = json.loads(jewelgen("height", pictures / "grey.png", "--normals", pictures / "normals.png", "--compare", "--quiet", "--json", "--out", tmp_path / "p").out)
    assert fused["method"] == "depth" and [row["method"] for row in fused["compared"]][:2] == ["depth", "normals"]
    assert set(fused["files"]) == {"picture", "normals"} and fused["facts"]["agreement"] > 0.95


def test_a_green_that_points_down_is_turned_and_noted(jewelgen, pictures, tmp_path):
    said = jewelgen("height", pictures / "directx.png", "--quiet", "--out", tmp_path / "o")
    assert said.code == 0 and "DirectX" in said.out
    found, truth = read_levels(tmp_path / "o/height.png"), waves()
    assert np.corrcoef(found.ravel(), truth.ravel())[0, 1] > 0.99


def test_options_reach_the_height(jewelgen, pictures, tmp_path):
    said = jewelgen("height", pictures / "photo.jpg", "--method", "shading", "--light", "90,40", "--width", "12", "--relief-depth", "0.2", "--denoise", "0.2",
                    "--no-crop", "--invert", "--quiet", "--json", "--out", tmp_path / "o")  # fmt: skip
    report = json.loads(said.out)
    wanted = {"method": "shading", "azimuth": 90.0, "elevation": 40.0, "width": 12, "relief_depth": 0.2, "denoise": 0.2, "crop": False, "invert": True, "seamless": False}
    assert report["asked"] | wanted == report["asked"]
    assert report["facts"]["light_azimuth"] == 90.0 and report["facts"]["pixel_mm"] == pytest.approx(12 / 160)
    assert light("-30°") == {"azimuth": -30.0}
    for typed in ("up", "1,2,3", ""):
        with pytest.raises(BadInput, match="AZIMUTH,ELEVATION"):
            light(typed)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["white.png"], ("flat grey",)),
        (["white.png", "--method", "drawing"], ("blank",)),
        (["clear.png"], ("transparent everywhere",)),
        (["nan.tif"], ("nan.tif", "finite")),
        (["one.png"], ("8 px",)),
        (["huge.png"], ("16384",)),
        (["words.png"], ("not a picture",)),
        (["scene.exr"], ("OpenEXR",)),
        (["gone.png"], ("not there",)),
        (["grey.png", "--method", "guess"], ("method", "known")),
        (["grey.png", "--method", "model"], ("no depth model is installed", "--method shading")),
        (["photo.jpg", "--method", "shading", "--light", "0,90"], ("straight from above", "85 degrees")),
        (["photo.jpg", "--light", "left"], ("light", "135,45")),
        (["grey.png", "--method", "normals"], ("no normal map",)),
        (["grey.png", "--normals", "grey.png"], ("no normal map",)),
        (["grey.png", "--normals", "words.png"], ("words.png", "not a picture")),
        (["grey.png", "--depth-map", "wide.png", "--normals", "normals.png"], ("proportions", "200 x 50")),
        (["grey.png", "--width", "0"], ("width", "between")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(line, words, jewelgen, pictures, tmp_path):
    line = [str(pictures / word) if word.endswith((".png", ".jpg", ".tif", ".exr")) else word for word in line]
    refused(jewelgen("height", *line, "--quiet", "--out", tmp_path / "o"), *words)
    assert names(tmp_path) == set()


def test_a_folder_is_replaced_with_force_only_and_a_piece_never(jewelgen, pictures, made, tmp_path):
    out = tmp_path / "o"
    line = ("height", pictures / "grey.png", "--quiet", "--out", out)
    assert jewelgen(*line, "--compare").code == 0
    before = (out / "height.png").read_bytes()
    refused(jewelgen(*line, "--invert"), "already holds a height", "--force")
    assert (out / "height.png").read_bytes() == before
    assert jewelgen(*line, "--invert", "--force").code == 0
    assert (out / "height.png").read_bytes() != before and "sheet.png" not in names(out)
    refused(jewelgen("height", pictures / "grey.png", "--quiet", "--force", "--out", made), "holds a piece")
    refused(jewelgen("height", out / "height.png", "--quiet", "--force", "--out", out), "would be replaced")


def test_the_relief_verb_reads_a_height_as_before_and_anything_else_by_its_method(pictures):
    plain = read_height(pictures / "deep 高.png")
    same = read_with(pictures / "deep 高.png", HeightParams(method="height"))
    assert same.height.tobytes() == plain.height.tobytes() and same.notes == plain.notes
    assert read_with(pictures / "normals.png", HeightParams()).method == "normals"
    assert read_with(pictures / "ring.svg", HeightParams(method="drawing")).facts["parts"] == 1


def test_relief_reads_its_picture_by_the_method_that_is_asked_for_and_the_recipe_keeps_it(jewelgen, tmp_path):
    from PIL import Image, ImageDraw

    from blender_jewelgen.core.recipe import Recipe

    drawing = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(drawing).ellipse((40, 40, 160, 160), outline=0, width=4)
    drawing.save(tmp_path / "圆 é.png")
    for method, out in ((None, "plain"), ("drawing", "drawn")):
        asked = () if method is None else ("--height-method", method)
        assert jewelgen("relief", "medallion", "--height", tmp_path / "圆 é.png", *asked, "--out", tmp_path / out, "--quiet", *QUICK).code == 0
    plain, drawn = (Recipe.read(tmp_path / out / "recipe.json").height.method for out in ("plain", "drawn"))
    assert (plain, drawn) == ("height", "drawing")
    assert (tmp_path / "plain/height.png").read_bytes() != (tmp_path / "drawn/height.png").read_bytes()
    said = jewelgen("make", "band", "--height-method", "drawing", "--out", tmp_path / "none")
    assert said.code == 2 and "--height PICTURE" in said.err
