"""One line of lettering: what is written, with which letters, and where."""

from __future__ import annotations

from dataclasses import dataclass

from ..params import check_limits, choice, number, text

TEXT_LIMIT = 500  # characters
SIDES = ("outside", "inside")
STYLES = ("raised", "engraved", "pierced")
PATHS = ("auto", "straight", "arc", "around", "vertical", "monogram")
FAMILIES = ("auto", "roman", "sans", "script", "song", "kai")  # the fonts that ship; auto takes one that has the letters


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """A line of text on a piece; lengths in mm, places as shares of the surface from its upper left corner."""

    words: str = text("", "What is written", TEXT_LIMIT)
    side: str = choice("outside", SIDES, "Side of the piece: inside is the finger side of a ring, a bangle or a cuff")
    style: str = choice("raised", STYLES, "Letters that stand out, are cut in, or go through the metal")
    font: str = text("auto", "Font: a name of the fonts that ship, or the path of a TTF, OTF or TTC file", 4096)
    path: str = choice("auto", PATHS, "Line that the letters stand on: straight, an arc, all around the border, downward, or a monogram")
    height: float | None = number(None, 0.4, 60.0, "mm", "Height of the capitals; empty for as large as fits")
    spacing: float = number(0.0, -0.5, 3.0, "", "Space added between the letters, as a share of their height")
    left: float | None = number(None, 0.0, 1.0, "", "Left border of the line's box, as a share of the surface's length")
    top: float | None = number(None, 0.0, 1.0, "", "Upper border of the line's box, as a share of the surface's width")
    right: float | None = number(None, 0.0, 1.0, "", "Right border of the line's box")
    bottom: float | None = number(None, 0.0, 1.0, "", "Lower border of the line's box")
    language: str = text("", "Language of the text, such as en, zh-Hans or ar; empty to work it out", 20)

    def __post_init__(self) -> None:
        check_limits(self)
