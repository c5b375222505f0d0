"""stages.html: the way from a picture to a piece, stage by stage, with its numbers beside those of the usual script."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ..core.translate import translate
from .page import _STYLE, _safe

_WORDS = {
    "en": {"title": "From a picture to a piece", "ours": "here", "naive": "usual script", "made": "Made with JewelGen", "yes": "yes", "no": "no"},
    "zh": {"title": "从图片到成品", "ours": "本工具", "naive": "通常做法", "made": "由 JewelGen 制作", "yes": "是", "no": "否"},
}
_MORE = """
section{display:grid;gap:.4rem 1.6rem;grid-template-columns:minmax(0,17rem) minmax(0,1fr);align-items:start;padding:1.3rem 0;border-top:1px solid #ded6c9}
section h2{margin:0;grid-column:2}section .seen{grid-row:1/span 3}section .rest{grid-column:2}section td+td,section th+th{text-align:right;width:32%}ol{list-style:none;margin:0;padding:0}
section td:nth-child(3){color:#7a6f60}section ul{margin:.6rem 0 0;color:#7a6f60;font-size:.92em}@media(max-width:40rem){section{grid-template-columns:1fr}section h2,section .rest{grid-column:1}section .seen{grid-row:auto}}
@media(prefers-color-scheme:dark){section{border-color:#3a352f}section td:nth-child(3),section ul{color:#a79b8a}}
"""
_WIDEST = 640  # px; a picture on the page is a quarter of a screen


@dataclass(frozen=True, eq=False, kw_only=True)
class Stage:
    """One step of the way.

    Attributes
    ----------
    name : str
        Such as "Solid"; English, it is translated where it is shown.
    picture : (h, w) or (h, w, 3 or 4) uint8 or None
    numbers : dict
        What was measured here, name to number, text, None (not measured) or True and False. A tuple is shown with × between.
    naive : dict
        The same names as far as the usual script has such a number at this stage.
    notes : tuple of str
        What was done, as sentences.
    """

    name: str
    picture: np.ndarray | None = None
    numbers: dict[str, Any] = field(default_factory=dict)
    naive: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def write_stages(path: Path, stages: Sequence[Stage], title: str = "", language: str = "") -> None:
    """Write the page; pictures are inside it. ``language`` is "en" or "zh", by default that of the title."""
    language = language or ("zh" if any("\u4e00" <= c <= "\u9fff" for c in title) else "en")
    path.write_text(stages_page(stages, title, language), encoding="utf-8", errors="replace")


def stages_page(stages: Sequence[Stage], title: str = "", language: str = "en") -> str:
    """The page as HTML."""
    w = _WORDS[language]
    title = title or w["title"]
    parts = [_section(number, stage, language) for number, stage in enumerate(stages, 1)]
    return (
        f'<!doctype html><html lang="{"zh-Hans" if language == "zh" else "en"}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_safe(title)}</title><style>{_STYLE}{_MORE}</style><main><h1>{_safe(title)}</h1><p class=sub>{_safe(' → '.join(translate(s.name, language) for s in stages))}</p>"
        f"{''.join(parts)}<footer>{w['made']}</footer></main></html>\n"
    )


def _section(number: int, stage: Stage, language: str) -> str:
    w = _WORDS[language]
    seen = f'<img alt="" src="{_png(stage.picture)}">' if stage.picture is not None else ""
    names = [*stage.numbers, *(name for name in stage.naive if name not in stage.numbers)]
    head = f"<tr><th></th><th>{w['ours']}</th>" + (f"<th>{w['naive']}</th>" if stage.naive else "") + "</tr>"
    rows = [_row(name, stage, language) for name in names]
    table = f"<table>{head}{''.join(rows)}</table>" if rows else ""
    notes = "".join(f"<li>{_safe(translate(note, language))}</li>" for note in stage.notes)
    said = f"<ul>{notes}</ul>" if notes else ""
    return f"<section><div class=seen>{seen}</div><h2>{number}. {_safe(translate(stage.name, language))}</h2><div class=rest>{table}{said}</div></section>"


def _row(name: str, stage: Stage, language: str) -> str:
    ours, naive = (_value(values[name], language) if name in values else "" for values in (stage.numbers, stage.naive))
    last = f"<td>{naive}</td>" if stage.naive else ""
    return f"<tr><td>{_safe(translate(name, language))}</td><td>{ours}</td>{last}</tr>"


def _value(value: Any, language: str) -> str:
    """A value as it is read; shares come as text."""
    if value is None:
        return "–"
    if isinstance(value, (bool, np.bool_)):
        return _WORDS[language]["yes" if value else "no"]
    if isinstance(value, (tuple, list)):
        return " × ".join(_value(part, language) for part in value)
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    if isinstance(value, (float, np.floating)):
        return _number(float(value)) if np.isfinite(value) else "–"
    return _safe(translate(str(value), language))


def _number(value: float) -> str:
    """Three digits below one, hundredths below a hundred, whole numbers above."""
    if abs(value) < 1.0:
        return f"{value:.3g}"
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 100.0 else f"{value:,.0f}"


def _png(picture: np.ndarray) -> str:
    """A picture as a data address, at most 640 px wide."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(picture, np.uint8))
    image.thumbnail((_WIDEST, _WIDEST))
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
