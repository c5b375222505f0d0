"""Fonts: letters, outlines and ligatures as an independent reader of the same files has them, and clear words for bad ones."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.lettering import bidi, fonts
from blender_jewelgen.core.lettering.typeset import set_line
from blender_jewelgen.core.library import FOLDER, table
from blender_jewelgen.core.words.text_line import FAMILIES

HERE = Path(__file__).parent / "fonts"
ARABIC, HEBREW = str(HERE / "arabic.ttf"), str(HERE / "hebrew.ttf")


def numbers(words: str, name: str, **kw) -> list[int]:
    return [glyph.number for glyph in set_line(fonts.find(name, words), words, **kw).glyphs]


def test_every_family_ships_and_has_its_credit_and_a_name_of_its_own():
    ttLib = pytest.importorskip("fontTools.ttLib")
    rows = table("fonts/fonts")["fonts"]
    licence = (FOLDER / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert tuple(rows) == FAMILIES[1:]
    assert sum((FOLDER / "fonts" / row["file"]).stat().st_size for row in rows.values()) < 8e6
    for name, row in rows.items():
        names = ttLib.TTFont(FOLDER / "fonts" / row["file"], lazy=True)["name"]
        assert names.getDebugName(1) == f"JewelGen {name.title()}"
        assert row["copyright"] in licence and "SIL Open Font License" in names.getDebugName(13)
        assert not any(kept in names.getDebugName(4) for kept in ("Dancing", "Noto", "Source", "LXGW", "Garamond", "Jost"))


def test_the_chinese_fonts_have_every_character_of_gb_2312_and_the_traditional_ones_of_jewelry():
    simple = "".join(bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF))
    assert len(simple) == 6763
    for name in ("song", "kai"):
        assert fonts.shipped(name).lacking(simple + "福祿壽囍龍鳳愛永恆寶華" + "Love 2026 & é") == ""


@pytest.mark.parametrize(("words", "name"), [("Forever", "roman"), ("永恒", "song"), ("Love 永恒", "song"), ("Ωμέγα", "roman"), ("Любовь", "roman")])
def test_auto_takes_the_first_font_that_has_every_letter(words, name):
    assert fonts.find("auto", words).name == name


@pytest.mark.parametrize("letter", "AgßQ&8永囍")
@pytest.mark.parametrize("name", ["roman", "sans", "script", "song", "kai"])
def test_outlines_enclose_the_area_that_fonttools_measures(letter, name):
    ttLib, pens = pytest.importorskip("fontTools.ttLib"), pytest.importorskip("fontTools.pens.areaPen")
    font = fonts.shipped(name)
    if not font.has(letter):
        pytest.skip("this font has no such letter")
    judge = ttLib.TTFont(FOLDER / "fonts" / f"{name}.ttf", lazy=True)
    glyphs = judge.getGlyphSet()
    pen = pens.AreaPen(glyphs)
    glyphs[judge.getBestCmap()[ord(letter)]].draw(pen)
    area = 0.0
    t = np.polynomial.legendre.leggauss(6)
    nodes, weights = (t[0] + 1) / 2, t[1] / 2
    for contour in font.outline(font.shaper.get_nominal_glyph(ord(letter))):
        a, b, c, d = (contour[:, i, None, :] for i in range(4))
        u = nodes[None, :, None]
        place = (1 - u) ** 3 * a + 3 * u * (1 - u) ** 2 * b + 3 * u * u * (1 - u) * c + u**3 * d
        way = 3 * ((1 - u) ** 2 * (b - a) + 2 * u * (1 - u) * (c - b) + u * u * (d - c))
        area += float((0.5 * (place[..., 0] * way[..., 1] - place[..., 1] * way[..., 0]) * weights).sum())
        np.testing.assert_array_equal(contour[1:, 0], contour[:-1, 3])  # joined
        np.testing.assert_array_equal(contour[0, 0], contour[-1, 3])  # and closed
    assert area == pytest.approx(pen.value / font.em**2, abs=1e-6)


def test_av_is_kerned_and_fi_is_one_letter():
    roman = fonts.shipped("roman")
    pair, a, v = (set_line(roman, words).length for words in ("AV", "A", "V"))
    assert pair < 0.95 * (a + v)
    assert len(numbers("fi", "roman")) == 1 and len(numbers("fi", "roman", spacing=0.2)) == 2  # letters that stand apart do not join


def test_spacing_is_added_between_letters_and_not_after_the_last():
    roman = fonts.shipped("roman")
    assert set_line(roman, "ABC", spacing=0.5).length == pytest.approx(set_line(roman, "ABC").length + 2 * 0.5)


def test_arabic_letters_join_and_run_to_the_left():
    alone = [numbers(letter, ARABIC)[0] for letter in "سلام"]
    word = numbers("سلام", ARABIC)
    assert len(word) == 4 and set(word).isdisjoint(alone[:2])  # initial and medial forms are other shapes
    first = set_line(fonts.find(ARABIC, "سلام"), "سلام").glyphs
    assert [glyph.x for glyph in first] == sorted(glyph.x for glyph in first)
    assert word[-1] == numbers("سلا", ARABIC)[-1]  # what is read first stands rightmost, whatever follows


def test_spacing_never_parts_joined_arabic_letters():
    font = fonts.find(ARABIC, "سلام")
    assert set_line(font, "سلام", spacing=0.5).length == set_line(font, "سلام").length


def test_hebrew_runs_to_the_left_and_the_number_in_it_to_the_right():
    assert numbers("שלום", HEBREW) == [numbers(c, HEBREW)[0] for c in "םולש"]
    mixed = numbers("שלום 123", HEBREW)
    assert mixed[:3] == [numbers(c, HEBREW)[0] for c in "123"]
    brackets = numbers("(שלום)", HEBREW)
    assert brackets[0] == numbers("(", HEBREW)[0] and brackets[-1] == numbers(")", HEBREW)[0]  # mirrored: they still embrace


def test_chinese_downward_advances_downward_and_turns_its_brackets():
    font = fonts.shipped("song")
    down = set_line(font, "永结同心", vertical=True)
    steps = -np.diff([glyph.y for glyph in down.glyphs])
    np.testing.assert_allclose(steps, steps[0], atol=0.02)
    assert steps[0] > 1.0 and down.box[3] - down.box[1] > 4.0 and down.box[2] - down.box[0] < 1.2
    across, turned = numbers("（心）", "song"), numbers("（心）", "song", vertical=True)
    assert across[1] == turned[1] and across[0] != turned[0] and across[2] != turned[2]


def test_runs_stand_as_an_independent_implementation_orders_them():
    judge = pytest.importorskip("bidi")
    mirror = pytest.importorskip("bidi.mirror").MIRRORED
    pick = random.Random(1)
    for _ in range(3000):
        words = "".join(pick.choice("abA אבגد سلم12 3.,:;/-+%$()[] !?١٢é́永") for _ in range(pick.randint(1, 14)))
        base = bidi.base_level(words)
        order = [i for start, end, level in bidi.runs(words, lambda i: 0) for i in (range(start, end) if level % 2 == 0 else range(end - 1, start - 1, -1))]
        mine = "".join(words[i] for i in order)
        theirs = judge.get_display(words, base_dir="R" if base else "L")
        assert len(mine) == len(theirs) and all(a == b or mirror.get(a) == b for a, b in zip(mine, theirs)), words


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("roman", "永恒", r"roman has no letter for 永 \(U\+6C38\), 恒 .*--font song"),
        ("auto", "I 😀 you", r"ship have no letter for 😀 \(U\+1F600\); name a font file"),
        ("kai", "שלום", "kai has no letter for ש"),
        (HEBREW, "Love", r"hebrew.ttf has no letter for L .*--font roman"),
        ("helvetica", "a", "not there; name a TTF"),
        (str(HERE), "a", "is a folder"),
        (__file__, "a", "is no TTF, OTF or TTC"),
        ("a\0b", "a", "cannot be read|not there"),
    ],
)
def test_a_font_that_cannot_be_used_is_named_with_what_it_lacks(name, words, says):
    with pytest.raises(BadInput, match=says) as caught:
        fonts.find(name, words)
    assert caught.value.field in ("font", "text") and "\n" not in str(caught.value)


def test_a_large_or_packed_font_is_refused_unread(tmp_path):
    with open(tmp_path / "huge.ttf", "wb") as file:
        file.write(b"\0\1\0\0")
        file.truncate(400_000_000)
    with pytest.raises(BadInput, match="400 MB"):
        fonts.find(str(tmp_path / "huge.ttf"), "a")
    (tmp_path / "web.woff2").write_bytes(b"wOF2" + bytes(200))
    with pytest.raises(BadInput, match="unpacked"):
        fonts.find(str(tmp_path / "web.woff2"), "a")


def test_damaged_fonts_end_in_a_sentence_or_in_letters(tmp_path):
    whole, pick = (FOLDER / "fonts" / "sans.ttf").read_bytes(), random.Random(3)
    seen = set()
    for k in range(120):
        data = bytearray(whole)
        for _ in range(pick.choice((1, 20, 400))):
            data[pick.randrange(4, len(data))] = pick.randrange(256)
        path = tmp_path / f"{k}.ttf"
        path.write_bytes(data[: pick.randrange(4, len(data))] if k % 3 == 0 else data)
        try:
            setting = set_line(fonts.find(str(path), "Ab"), "Ab")
            for glyph in setting.glyphs:
                assert np.isfinite(setting.shape(glyph, 30.0)).all()
            seen.add("letters")
        except BadInput as error:
            assert error.field in ("font", "text")
            seen.add("sentence")
    assert seen == {"letters", "sentence"}


def test_the_first_face_of_a_collection_is_taken(tmp_path):
    collection = pytest.importorskip("fontTools.ttLib.ttCollection")
    ttLib = pytest.importorskip("fontTools.ttLib")
    both = collection.TTCollection()
    both.fonts = [ttLib.TTFont(FOLDER / "fonts" / f"{name}.ttf") for name in ("sans", "roman")]
    both.save(tmp_path / "both.ttc")
    font = fonts.find(str(tmp_path / "both.ttc"), "A")
    assert set_line(font, "A").length == pytest.approx(set_line(fonts.shipped("sans"), "A").length)
