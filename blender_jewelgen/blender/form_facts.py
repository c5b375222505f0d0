"""What the form panel tells: the fields a form has, the values that stand for "automatic", the inner diameter of a size."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import Any

from ..core.errors import BadInput
from ..core.form.params import FormParams, complete
from ..core.library import table
from ..core.params import from_dict
from ..core.units import all_labels, inner_diameter
from .settings import value_of

_SYSTEMS = ("US", "UK", "EU", "JP")
_FORM = {f.name: f for f in fields(FormParams)}


def fields_of(form: str) -> tuple[str, ...]:
    """The measures that apply to a form, in the order of the panel."""
    row = table("forms")["forms"].get(form)
    if row is None:
        return ()
    names = ["size"] if row["size"] else []
    names += ["width", "length", "thickness"] if row["surface"] == "plate" else ["width", "thickness"]
    names += {"bead": ["hole"], "cuff": ["gap"]}.get(form, [])
    return (*names, "margin")


def automatic(group: Any) -> dict[str, Any]:
    """The values a form's empty fields will have; empty where the form cannot be made as it is set."""
    free = tuple(value_of(_FORM[name], getattr(group, name)) for name in ("width", "length", "thickness", "margin"))
    return dict(_automatic(group.form, group.shape, group.size, *free))


@lru_cache(maxsize=64)
def _automatic(form: str, shape: str, size: str, width: Any, length: Any, thickness: Any, margin: Any) -> tuple[tuple[str, Any], ...]:
    given = {"form": form, "shape": shape, "size": size, "width": width, "length": length, "thickness": thickness, "margin": margin}
    try:
        done = complete(from_dict(FormParams, given, "form"))
    except BadInput:
        return ()
    return tuple((name, getattr(done, name)) for name in given)


@lru_cache(maxsize=64)
def diameter(size: str) -> tuple[str, str]:
    """(inner diameter with its unit, the same size in other systems) of a size as written; what is wrong with it and "" if it is."""
    try:
        inner = inner_diameter(size)
    except BadInput as error:
        return str(error.args[0]), ""
    if inner > 25.0:  # a wrist: ring sizes say nothing there
        return f"{inner:.2f} mm", ""
    labels = all_labels(inner)
    others = [f"{name} {labels[name]}" for name in _SYSTEMS if name in labels and not size.upper().startswith(name)]
    return f"{inner:.2f} mm", ", ".join(others)
