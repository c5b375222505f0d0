"""What the verbs print: facts as lines of text, or as JSON that every reader reads."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.report import Check

if TYPE_CHECKING:
    from ..core.pipeline import Piece


def json_text(values: Any, indent: int | None = None) -> str:
    """JSON text that the terminal can show: no NaN, other scripts as they are where they can be."""
    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    return json.dumps(_plain(values), ensure_ascii=not utf8, indent=indent, allow_nan=False)


def say_piece(piece: Piece, out: object) -> None:
    """Print what became of a piece, and what failed."""
    report, form = piece.report, piece.shaped.recipe.form
    label = form.size if report.inner_diameter_mm and form.size else " x ".join(f"{v:.1f}" for v in report.size_mm) + " mm"
    inner = f" ({report.inner_diameter_mm:.2f} mm inside)" if report.inner_diameter_mm else ""
    print(f"{form.form} {form.shape}, {report.metal}, {label}{inner}: {report.weight_g:.2f} g, {report.triangles:,} triangles, in {out}".replace(" ,", ","))
    for note in report.notes:
        print(f"  note  {note}")
    if report.words_unknown:
        print(f"  words not understood: {', '.join(report.words_unknown)}")
    for c in report.checks:
        if c.ok is False:
            print(check_line(c))


def check_line(c: Check) -> str:
    """One check as a line of text."""
    word = {True: "ok  ", False: "FAIL", None: "--  "}[c.ok]
    value = c.value if not isinstance(c.value, float) else round(c.value, 3)
    if isinstance(value, (tuple, list)):
        value = " x ".join(f"{v:.2f}" for v in value)
    hint = f": {c.hint}" if c.ok is False and c.hint else ""
    return f"  {word}  {c.name} {'' if value is None else value} {c.unit if value is not None else ''}".rstrip() + hint


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
