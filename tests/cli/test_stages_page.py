"""stages.html: every stage with its picture and its numbers, beside those of the usual script; self-contained, nothing unescaped."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from blender_jewelgen.cli.stages_page import Stage, stages_page, write_stages


def stages() -> list[Stage]:
    picture = np.zeros((900, 1200, 3), np.uint8)
    picture[:, :600] = (200, 150, 60)
    return [
        Stage(name="Picture", picture=picture, notes=("one <object> found & cut out",)),
        Stage(name="Mesh", numbers={"Pieces": 1, "Closed": True, "Thinnest wall": None, "Size": (24.0, 24.0, 5.125)}, naive={"Pieces": 63, "Closed": False, "Fold": "47.5 %"}),
        Stage(name="Checks", picture=np.zeros((40, 30), np.uint8), numbers={"Triangles": 192140, "Share": np.float32(0.095), "Odd": float("nan")}),
    ]


def cells(page: str, name: str) -> list[str]:
    row = next(r for r in re.findall(r"<tr>(.*?)</tr>", page) if f"<td>{name}</td>" in r)
    return re.findall(r"<td>(.*?)</td>", row)


def test_numbers_stand_beside_the_usual_ones():
    page = stages_page(stages())
    assert cells(page, "Pieces") == ["Pieces", "1", "63"]
    assert cells(page, "Closed") == ["Closed", "yes", "no"]
    assert cells(page, "Fold") == ["Fold", "", "47.5 %"]
    assert cells(page, "Thinnest wall") == ["Thinnest wall", "–", ""]
    assert cells(page, "Size") == ["Size", "24 × 24 × 5.12", ""]


def test_a_stage_without_usual_numbers_has_no_column_for_them():
    page = stages_page(stages())
    assert cells(page, "Triangles") == ["Triangles", "192,140"]
    assert cells(page, "Share") == ["Share", "0.095"]
    assert cells(page, "Odd") == ["Odd", "–"]


@pytest.mark.parametrize("value, shown", [(17.318, "17.32"), (6.0, "6"), (0.12345, "0.123"), (555.6, "556"), (12345.6, "12,346"), (-2.5, "-2.5"), (0.0, "0")])
def test_numbers_have_the_digits_that_are_read(value, shown):
    assert cells(stages_page([Stage(name="Size", numbers={"length": value})]), "length") == ["length", shown]


def test_the_page_is_whole_in_itself_and_its_pictures_are_small_png(tmp_path):
    write_stages(tmp_path / "stages.html", stages())
    page = (tmp_path / "stages.html").read_text(encoding="utf-8")
    assert "http" not in page
    shown = [Image.open(io.BytesIO(base64.b64decode(data))) for data in re.findall(r'src="data:image/png;base64,([^"]+)"', page)]
    assert [image.size for image in shown] == [(640, 480), (30, 40)]
    assert shown[0].convert("RGB").getpixel((100, 100)) == pytest.approx((200, 150, 60), abs=2)


def test_stages_are_numbered_in_their_order_and_named_in_one_line():
    page = stages_page(stages())
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["1. Picture", "2. Mesh", "3. Checks"]
    assert "Picture → Mesh → Checks" in page


def test_signs_of_html_in_names_and_notes_stay_text():
    page = stages_page([Stage(name="<b>", numbers={"<i>": "<script>alert(1)</script>"}, notes=("a < b",))], title="</title><script>")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "a &lt; b" in page


def test_a_chinese_title_makes_a_chinese_page(tmp_path):
    write_stages(tmp_path / "stages.html", stages(), title="莲花戒指")
    page = (tmp_path / "stages.html").read_text(encoding="utf-8")
    assert 'lang="zh-Hans"' in page
    assert "<td>是</td><td>否</td>" in page


def test_a_page_without_stages_is_a_page():
    assert stages_page([]).startswith("<!doctype html>")
