"""What a process takes away is added before: shrinkage as scale, polishing as metal on every side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .form.params import FormParams
from .mesh.weight import Limits
from .relief.params import CraftParams


def enlarged(form: FormParams, inner_diameter: float | None, skin: float) -> FormParams:
    """The form with ``skin`` mm more metal on every side: wider, thicker, its hole smaller."""
    assert form.width is not None and form.thickness is not None
    larger: dict[str, Any] = {"thickness": form.thickness + 2 * skin, "width": form.width + 2 * skin}
    if form.length:
        larger["length"] = form.length + 2 * skin
    if form.form == "bead":
        larger["hole"] = form.hole - 2 * skin
    elif inner_diameter:
        larger["size"] = f"{inner_diameter - 2 * skin:.6f} mm"
    return replace(form, **larger)


def thicker(craft: CraftParams, skin: float) -> CraftParams:
    """The craft with ``skin`` mm more metal on every side of its sheet, wires and bars."""
    more = 2 * skin
    return replace(
        craft, sheet=None if craft.sheet is None else craft.sheet + more, wire=craft.wire + more, frame=craft.frame + more, granule=craft.granule + more
    )


def facts(rules: Limits, skin: float, size: tuple[float, ...], inner_diameter: float | None, volume: float) -> dict[str, Any]:
    """What the report says of the written files."""
    scale = 1.0 + rules.shrinkage
    return {
        "process": rules.process,
        "scale": scale,
        "polishing_mm": skin,
        "size_mm": [round(float(v), 4) for v in size],
        "inner_diameter_mm": round((inner_diameter - 2 * skin) * scale, 4) if inner_diameter else None,
        "volume_mm3": round(volume, 3),
    }
