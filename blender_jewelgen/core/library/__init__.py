"""Data that ships: one JSON table a file, each row with its source. Edit the tables, not the code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def table(name: str) -> Any:
    """The parsed ``name.json`` of this folder (read once; treat it as read-only)."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
