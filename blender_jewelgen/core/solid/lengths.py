"""Lengths as people write them: "30 mm", "3 cm", "1.2 in"."""

from __future__ import annotations

import contextlib
import math
import re

from ..errors import BadInput, Fix

SHORTEST, LONGEST = 1.0, 300.0  # mm, longest side of a piece
_UNITS = {"": 1.0, "mm": 1.0, "毫米": 1.0, "cm": 10.0, "厘米": 10.0, "in": 25.4, "inch": 25.4, "inches": 25.4, '"': 25.4}


def length(written: str) -> float:
    """Millimetres of a length; without a unit it is in mm. Raises BadInput for what is none, or is no size of a piece."""
    text = " ".join(str(written).split())
    found = re.fullmatch(r"([-+]?[\d.,]+(?:[eE][-+]?\d+)?)\s*([a-z毫厘米\"]*)", text.lower())
    value = math.nan
    if found and found[2] in _UNITS:
        with contextlib.suppress(ValueError):  # "1.2.3"
            value = float(found[1].replace(",", ".")) * _UNITS[found[2]]
    if math.isnan(value):
        raise BadInput(f"size {text[:40]!r} is no length; write it like 30 mm, 3 cm or 1.2 in", field="size", fix=Fix("30 mm", '--size "30 mm"'))
    if not SHORTEST <= value <= LONGEST:
        raise BadInput(f"size {text[:40]!r} is no size of a piece; its longest side is between {SHORTEST:g} and {LONGEST:g} mm", field="size")
    return value
