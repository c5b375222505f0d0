"""The fonts of lettering: five that ship, and any TTF, OTF or TTC file; read by HarfBuzz, which checks what it reads."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput, Fix
from ..library import FOLDER, table
from ..words.text_line import FAMILIES

_LARGEST = 120_000_000  # bytes; the largest collections of Chinese fonts have about that
_MOST = 40_000  # curves of one letter; a written-out Chinese one has about 200
_KINDS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")
_SHOWN = 8  # characters named in a sentence


@dataclass(frozen=True, eq=False)
class Font:
    """One face of a font file.

    Attributes
    ----------
    name : str
        Name of a font that ships, or of the file.
    shaper : uharfbuzz.Font
    em : float
        Font units to the em.
    joined : bool
        Its letters touch their neighbours, as those of a script do.
    """

    name: str
    shaper: Any
    em: float
    joined: bool = False
    _drawn: dict[int, list[np.ndarray]] = field(default_factory=dict)

    def has(self, letter: str) -> bool:
        """Whether the font has a letter of its own for this character."""
        return bool(self.shaper.get_nominal_glyph(ord(letter)))

    def lacking(self, words: str) -> str:
        """The characters that the font has no letter for, each once; blanks and invisible signs need none."""
        return "".join(dict.fromkeys(c for c in words if not (self.has(c) or invisible(c))))

    def outline(self, glyph: int) -> list[np.ndarray]:
        """Contours of a glyph, each (n, 4, 2) cubics in em, x right and y up; none for a blank. Raises BadInput if it is beyond measure."""
        if glyph not in self._drawn:
            self._drawn[glyph] = _contours(self.shaper, glyph, self.em, self.name)
        return self._drawn[glyph]

    def ink(self, glyph: int) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) of a glyph's box in em; all 0 for a blank."""
        box = self.shaper.get_glyph_extents(glyph)
        if box is None:
            return 0.0, 0.0, 0.0, 0.0
        return box.x_bearing / self.em, (box.y_bearing + box.height) / self.em, (box.x_bearing + box.width) / self.em, box.y_bearing / self.em


def cleaned(words: str) -> str:
    """The words as they are set: composed, blanks made plain, without marks that only steer the order of writing."""
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Zs", "Zl", "Zp") else c for c in unicodedata.normalize("NFC", words))
    return "".join(c for c in plain if unicodedata.bidirectional(c) not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")).strip()


def invisible(letter: str) -> bool:
    """Blanks, joiners, direction marks and variation selectors."""
    return letter == " " or unicodedata.category(letter) == "Cf" or 0xFE00 <= ord(letter) <= 0xFE0F or 0xE0100 <= ord(letter) <= 0xE01EF


def find(name: str, words: str) -> Font:
    """The font called ``name``, or of the file ``name``, if it has every letter of ``words``; "auto" takes the first that has.

    Raises BadInput that names the field, and the letters that are missing.
    """
    if name == "auto":
        lacks = words
        for family in FAMILIES[1:]:
            font = shipped(family)
            missing = font.lacking(words)
            if not missing:
                return font
            lacks = min(lacks, missing, key=len)
        raise BadInput(f"the fonts that ship have no letter for {_named(lacks)}; name a font file that has", field="text", fix=_file())
    font = shipped(name) if name in FAMILIES else opened(Path(name).expanduser())
    missing = font.lacking(words)
    if missing:
        other = next((family for family in FAMILIES[1:] if family != name and not shipped(family).lacking(words)), None)
        fix = Fix(f"Use the font {other}", f"--font {other}") if other else _file()
        raise BadInput(f"the font {font.name} has no letter for {_named(missing)}", field="font", fix=fix)
    return font


def _file() -> Fix:
    return Fix("Name a font file", "--font FILE.ttf")


def _named(letters: str) -> str:
    shown = ", ".join(f"{c} (U+{ord(c):04X})" if c.isprintable() else f"U+{ord(c):04X}" for c in letters[:_SHOWN])
    return shown + (f" and {len(letters) - _SHOWN} more" if len(letters) > _SHOWN else "")


@lru_cache(maxsize=8)
def shipped(family: str) -> Font:
    """One of the fonts that ship."""
    row = table("fonts/fonts")["fonts"][family]
    return _read(FOLDER / "fonts" / row["file"], family, bool(row.get("joined")))


def opened(path: Path) -> Font:
    """The first face of a font file. Raises BadInput for what is missing, broken, too large or of another kind."""
    try:
        if not path.is_file():
            known = ", ".join(FAMILIES)
            what = "is a folder" if path.is_dir() else "is not there"
            raise BadInput(f"the font {path.name[:80]!r} {what}; name a TTF, OTF or TTC file, or one of {known}", field="font")
        about = path.stat()
        if about.st_size > _LARGEST:
            raise BadInput(f"the font {path.name!r} has {about.st_size / 1e6:.0f} MB; at most {_LARGEST / 1e6:.0f} MB are read", field="font")
        with open(path, "rb") as file:
            head = file.read(4)
        if head not in _KINDS:
            also = "; web fonts (WOFF) have to be unpacked first" if head[:3] == b"wOF" else ""
            raise BadInput(f"the font {path.name!r} is no TTF, OTF or TTC file{also}", field="font")
        return _known(path, about.st_size, about.st_mtime_ns)
    except (OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"the font {path.name[:80]!r} cannot be read ({getattr(error, 'strerror', None) or error})", field="font") from error


@lru_cache(maxsize=4)
def _known(path: Path, size: int, changed: int) -> Font:
    return _read(path, path.name, False)


def _read(path: Path, name: str, joined: bool) -> Font:
    try:
        import uharfbuzz as hb
    except ImportError as error:
        raise BadInput("lettering needs uharfbuzz, which is not installed here", field="text", fix=Fix("Leave the text out", '--text ""')) from error
    face = hb.Face(hb.Blob(path.read_bytes()))
    if not face.glyph_count or not face.unicodes:
        raise BadInput(f"the font {name!r} is broken: it holds no letters", field="font")
    shaper = hb.Font(face)
    return Font(name, shaper, float(face.upem), joined)


def _contours(shaper: Any, glyph: int, em: float, name: str) -> list[np.ndarray]:
    """What HarfBuzz draws of a glyph, as cubics in em."""
    import uharfbuzz as hb

    shape: list[list[tuple[float, ...]]] = []
    at = start = (0.0, 0.0)

    def move(x: float, y: float, _: Any) -> None:
        nonlocal at, start
        at = start = (x, y)
        shape.append([])

    def line(x: float, y: float, _: Any) -> None:
        nonlocal at
        if (x, y) != at:
            shape[-1].append((*at, *at, x, y, x, y))
        at = (x, y)

    def bow(cx: float, cy: float, x: float, y: float, _: Any) -> None:
        nonlocal at
        (ax, ay), third = at, 2.0 / 3.0
        shape[-1].append((ax, ay, ax + (cx - ax) * third, ay + (cy - ay) * third, x + (cx - x) * third, y + (cy - y) * third, x, y))
        at = (x, y)

    def cubic(ax: float, ay: float, bx: float, by: float, x: float, y: float, _: Any) -> None:
        nonlocal at
        shape[-1].append((*at, ax, ay, bx, by, x, y))
        at = (x, y)

    def close(_: Any) -> None:
        line(*start, _)

    pen = hb.DrawFuncs()
    pen.set_move_to_func(move)
    pen.set_line_to_func(line)
    pen.set_quadratic_to_func(bow)
    pen.set_cubic_to_func(cubic)
    pen.set_close_path_func(close)
    shaper.draw_glyph(glyph, pen, None)
    if sum(map(len, shape)) > _MOST:
        raise BadInput(f"a letter of the font {name} has {sum(map(len, shape)):,} curves; at most {_MOST:,} are drawn", field="font")
    return [np.array(contour, np.float64).reshape(-1, 4, 2) / em for contour in shape if contour]
