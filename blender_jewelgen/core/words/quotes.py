"""What a prompt wants written: words in quotation marks become lines of text and are no ornament."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .design import Design
from .text_line import TEXT_LIMIT, TextLine

_QUOTED = re.compile("[\"\u201c\u201d\u201e]([^\"\u201c\u201d\u201e\n]+)[\"\u201c\u201d]|\u300c([^\u300d\n]+)\u300d|\u300e([^\u300f\n]+)\u300f|\u00ab([^\u00bb\n]+)\u00bb")
_STYLE = re.compile(r"pierced|cut through|openwork|镂空|镂刻|穿孔|(engrav\w*|inscri\w*|刻|铭)", re.IGNORECASE)
_INSIDE = re.compile(r"\binside\b|\binner\b|内圈|内侧|内壁|戒内|里面", re.IGNORECASE)
_LEAD = re.compile(  # the words before a quotation that only say how it is written
    r"(?:\b(?:and|with|pierced|engrav\w*|inscri\w*|raised|embossed|letter\w*|text|words?|monogram|initials?|inside|outside|inner|outer|the|side|on|in|of|"
    r"reading|reads|saying|says|that|cut|through)\b[\s:]*|[刻写着有字铭文内外圈侧壁戒面里上镂空“”：:]\s*)+$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quote:
    """A line of text and where it and the words that lead to it stand in the prompt."""

    line: TextLine
    start: int
    end: int


def quotes(prompt: str) -> tuple[str, tuple[Quote, ...]]:
    """The prompt with its quotations, and what leads to them, blanked to commas; and the quotations.

    How a line is written is read from its own clause: engraved, pierced, raised if nothing is said; inside, where it is engraved.

    >>> quotes('gold band, engraved inside "Anna"')[1][0].line.side
    'inside'
    """
    found: list[Quote] = []
    masked, last = prompt, 0
    for match in _QUOTED.finditer(prompt):
        words = next(filter(None, match.groups())).strip()
        if not any(c.isalnum() for c in words) or len(words) > TEXT_LIMIT:
            continue
        clause = re.split(r"[,;.，；。]", prompt[last : match.start()])[-1]
        begin = match.start() - (len(lead[0]) if (lead := _LEAD.search(clause)) else 0)
        style = _STYLE.search(clause)
        inside = bool(_INSIDE.search(clause))
        how = "engraved" if inside or (style and style[1]) else "pierced" if style else "raised"
        found.append(Quote(TextLine(words=words, side="inside" if inside else "outside", style=how), begin, match.end()))
        masked = masked[:begin] + "," * (match.end() - begin) + masked[match.end() :]
        last = match.end()
    return masked, tuple(found)


def beside(design: Design, lines: tuple[TextLine, ...]) -> Design:
    """The design of a piece that has lines of text: where it names no ornament, none is put beside them."""
    if not lines or design.motifs or design.period or "motif" in design.avoid:
        return design
    return replace(design, avoid=(*design.avoid, "motif"))
