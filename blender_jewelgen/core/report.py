"""What is said of a finished piece: checks and numbers, as one JSON object."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Check:
    """One rule and what was found.

    ``ok`` is None where a rule could not be judged because nothing was measured. ``value`` and ``limit`` are in ``unit``;
    the limit is the least or the most that passes, as the name of the rule says. ``hint`` says what to change, and is
    empty if there is nothing to.
    """

    name: str
    ok: bool | None
    value: Any
    limit: Any
    unit: str = ""
    hint: str = ""


def failed(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks that did not pass; those without a measurement are not among them."""
    return tuple(c for c in checks if c.ok is False)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The facts of one piece. Lengths in mm, weight in grams; None where a fact does not apply."""

    form: str
    metal: str
    watertight: bool
    bodies: int
    triangles: int
    size_mm: tuple[float, float, float]
    inner_diameter_mm: float | None
    volume_mm3: float
    weight_g: float
    min_wall_mm: float | None
    seam_error_mm: float | None
    checks: tuple[Check, ...]
    mapping: dict[str, Any] = field(default_factory=dict)  # kind, reason, and what it does to the pattern
    process: str = ""
    craft: dict[str, Any] = field(default_factory=dict)  # kind of body, openings, granules, lines of text, stones, weight if solid
    words: dict[str, Any] = field(default_factory=dict)
    words_unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    engine: str = ""
    seed: int = 0
    version: str = ""
    manufactured: dict[str, Any] = field(default_factory=dict)  # what the written files hold, if a process enlarged them

    @property
    def ok(self) -> bool:
        """No check failed."""
        return not failed(self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and text; numbers that are not finite become None, for JSON has no word for them."""
        return plain({f.name: getattr(self, f.name) for f in fields(self)})

    def to_json(self) -> str:
        """The object as JSON text that ends with a line break."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """The value in lists, dicts, texts and numbers that JSON holds; a number that is not finite becomes None."""
    if isinstance(value, Check):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
