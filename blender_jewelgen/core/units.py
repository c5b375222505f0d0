"""Sizes as people write them, to millimetres. Everything inside JewelGen is millimetres, grams and degrees."""

from __future__ import annotations

import math
import re

from .errors import BadInput, Fix
from .library import table

SMALLEST, LARGEST = 8.0, 120.0  # mm, inner diameters that a finger, wrist or arm can have
_FRACTIONS = {"¼": ".25", "½": ".5", "¾": ".75"}


def inner_diameter(size: str) -> float:
    """Inner diameter in mm of a size such as "US 7", "UK N½", "EU 54", "JP 14" or "17.3 mm".

    Looked up in ``library/sizes.json``; numbers between two rows are interpolated, letters are not.
    Raises BadInput for an unknown system or a size outside the table.
    """
    written = " ".join(str(size).split())
    length = re.fullmatch(r"([-+\d.,eE]+|nan|inf)\s*(?:mm|毫米)", written, re.IGNORECASE)
    if length:
        return _length(length[1], written)
    found = re.fullmatch(r"([A-Za-z.]{2,4})\s*[-:]?\s*(.+)", written)
    systems = {name: s for s in table("sizes")["systems"] for name in s["names"]}
    if not found or found[1].upper() not in systems:
        raise BadInput(
            f"size {written[:40]!r} is not known; write it like US 7, UK N, EU 54, JP 14 or 17.3 mm",
            field="size", fix=Fix("Use US 7", '--size "US 7"'),
        )
    system = systems[found[1].upper()]
    label = _tidy(found[2])
    rows = {row["label"]: float(row["diameter_mm"]) for row in system["rows"]}
    if label in rows:
        return rows[label]
    numbers = {float(k): v for k, v in rows.items() if re.fullmatch(r"[\d.]+", k)}
    labels = [row["label"] for row in system["rows"]]
    try:
        wanted = float(label)
        inside = bool(numbers) and min(numbers) <= wanted <= max(numbers)
    except ValueError:
        inside = False
    if not inside:
        raise BadInput(f"size {written[:40]!r} is outside the table; {system['key']} sizes go from {labels[0]} to {labels[-1]}", field="size")
    low = max(k for k in numbers if k <= wanted)
    high = min(k for k in numbers if k >= wanted)
    share = 0.0 if high == low else (wanted - low) / (high - low)
    return numbers[low] + share * (numbers[high] - numbers[low])


def _length(number: str, written: str) -> float:
    try:
        value = float(number.replace(",", "."))
    except ValueError:
        value = math.nan
    if not SMALLEST <= value <= LARGEST:  # also refuses NaN
        raise BadInput(f"size {written[:40]!r} cannot be worn; an inner diameter is between {SMALLEST:g} and {LARGEST:g} mm", field="size")
    return value


def _tidy(label: str) -> str:
    """'n 1/2' -> 'N½', '7 1/4' -> '7.25', '07' -> '7'."""
    label = label.strip().upper().replace(" 1/2", "½").replace(" 1/4", "¼").replace(" 3/4", "¾").replace(",", ".")
    if label[:1].isdigit():
        for sign, digits in _FRACTIONS.items():
            label = label.replace(sign, digits)
        label = label.replace(" ", "")
        try:
            return f"{float(label):g}"
        except ValueError:
            return label
    return label.replace(".5", "½").replace(" ", "")


def all_labels(diameter: float) -> dict[str, str]:
    """The nearest label in each system for an inner diameter in mm; ``{"US": "7", "EU": "54", ...}``."""
    return {
        s["key"]: min(s["rows"], key=lambda row: abs(row["diameter_mm"] - diameter))["label"]
        for s in table("sizes")["systems"]
    }
