#!/usr/bin/env python3
"""Cut the fonts that ship from their originals: ``build_fonts.py FOLDER [--tests]``; needs fonttools.

FOLDER holds the files named in ``core/library/fonts/fonts.json`` (their packages stand in docs/dependencies.md). Each is cut to the letters that
lettering offers, loses its hints, which metal has no use for, and gets a name of its own, as the licence asks of changed fonts. --tests
cuts the small fonts of tests/core/fonts instead.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "blender_jewelgen/core/library/fonts"
TESTS = ROOT / "tests/core/fonts"
FEATURES = ("kern", "liga", "clig", "calt", "ccmp", "locl", "rlig", "mark", "mkmk", "init", "medi", "fina", "isol", "curs", "vert", "vrt2", "lnum")
WESTERN = (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C), *range(0x300, 0x30D), *range(0x1E00, 0x1F00), *range(0x2010, 0x2027), 0x2030, 0x2032,
           0x2033, 0x2039, 0x203A, 0x2044, 0x20AC, 0x2116, 0x2122, 0x221E, 0x2605, 0x2606, 0x2660, 0x2663, 0x2665, 0x2666, 0x2661)  # fmt: skip
GREEK_CYRILLIC = (*range(0x370, 0x400), *range(0x400, 0x460), 0x490, 0x491)
KANA = (*range(0x3041, 0x3097), *range(0x309B, 0x3100))
# traditional forms that GB 2312 lacks: blessings, jewelry, and the commonest family names
BLESSINGS = (
    "祿壽囍龍鳳財貴愛樂華寶麟鶴龜蓮蘭萬歲長無極結東銀鑽鐲鏈墜釵環懷錦繡雲鵲魚蟬馬鴛鴦雙對緣約願夢聖誕節慶賀團圓滿聲氣義禮誠靜寧興達學業師"
    "張陳劉楊趙黃吳孫鄭馮蔣韓羅許鄧蕭葉蘇盧魏範賈鄒閻譚陸龔錢湯嚴顧賴龐鍾鸞鳴進門開處處順風來運轉發強國際還記見親親媽爸兒女為與"
    "恆圖壯闊髮鬚齡齊韓顏頭頂頸項順須預頌頓題額類飄飲飯飽餘饒駿駕騎驚鬆魯鮮鯉鳩鴻鵬鸚黨點齋誰說話語讀書詩畫藝術傳統機會時間過現實幸運貓獅虎豬鳥鷹蝶蠍雞燈籠夢飛揚遠勝難忘傾慕憐戀瑩瓊瑤璣瑪瑙鑲鍍鎏掐絲點翠鏤鏨刻當歸爾獨"
    "給謝謝媽祖關聖觀音彌陀佛經輪蓮臺淨閑靈靈犀鎖鑰鐘錶車舟舉麗瀟灑韻賢慧專業衛護總統領軍將帥聯盟舊鄉願麥穀豐盛裡裏豐產歡騰榮譽厚載"
    "牽動戲劇鬧鳯喬倫偉傑備儀優億價優兩凱創勁勞動勳區協單廠廣應庫從復徳惠慣憶憲懇戰擇擊據擁數曉書會榮樹橋檢櫻權歐歷殺灣為煙營爭牆"
)


def letters() -> dict[str, set[int]]:
    """The code points of each font that ships."""
    hanzi = {ord(c) for c in BLESSINGS} | set(KANA)
    for row in (*range(0xA1, 0xA4), *range(0xB0, 0xF8)):
        for cell in range(0xA1, 0xFF):
            hanzi |= {ord(c) for c in bytes([row, cell]).decode("gb2312", "ignore")}
    western, chinese = set(WESTERN), hanzi | set(WESTERN)
    return {"roman": western | set(GREEK_CYRILLIC), "sans": western | set(GREEK_CYRILLIC), "script": western, "song": chinese, "kai": chinese}


def cut(source: Path, target: Path, points: Iterable[int], name: str) -> None:
    """Write the part of a font that has these code points, under another name."""
    from fontTools import subset

    options = subset.Options(
        layout_features=list(FEATURES), hinting=False, notdef_outline=True, name_IDs=["*"], name_languages=[0x409], glyph_names=False, recalc_timestamp=False,
    )  # fmt: skip
    options.drop_tables += ["STAT", "DSIG", "meta", "BASE", "gasp", "MATH", "VORG"]
    font = subset.load_font(source, options, lazy=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    _rename(font, name)
    subset.save_font(font, target, options)


def _rename(font: Any, name: str) -> None:
    """Names of its own; copyright (0), trademark (7), licence (13, 14) and makers (8 to 12) stay as they are."""
    names = font["name"]
    names.names = [row for row in names.names if row.nameID in (0, 5, 7, 8, 9, 11, 12, 13, 14)]
    style = "Regular"
    for number, text in {1: name, 2: style, 3: f"{name} {style}", 4: name, 6: name.replace(" ", "")}.items():
        names.setName(text, number, 3, 1, 0x409)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="where the originals lie")
    parser.add_argument("--tests", action="store_true", help="cut the small fonts of the tests")
    arguments = parser.parse_args()
    if arguments.tests:
        TESTS.mkdir(exist_ok=True)
        for name, file, text in (("Arabic", "Amiri_400Regular.ttf", "سلام حب نور للأبد ٠١٢٣٤٥٦٧٨٩ ab"), ("Hebrew", "FrankRuhlLibre_500Medium.ttf", "שלום אהבה אני לדודי ודודי לי 123 ab()")):
            cut(arguments.folder / file, TESTS / f"{name.lower()}.ttf", {ord(c) for c in text}, f"JewelGen Test {name}")
        return 0
    table, points = json.loads((FOLDER / "fonts.json").read_text(encoding="utf-8")), letters()
    for name, row in table["fonts"].items():
        target = FOLDER / row["file"]
        cut(arguments.folder / row["original"], target, points[name], f"JewelGen {name.title()}")
        print(f"{name}  {target.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
