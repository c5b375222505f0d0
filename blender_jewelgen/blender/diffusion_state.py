"""What a picture model is told in the scene, as the parameters of a recipe, and back; which engine draws."""

from __future__ import annotations

import os
from typing import Any

import bpy

from ..core.diffusion import Control, DiffusionParams, ImagePrompt, Lora
from ..core.errors import BadInput
from ..engines.registry import PICTURES
from .settings import read, write

ROWS: dict[str, type] = {"images": ImagePrompt, "controls": Control, "loras": Lora}
PARTS = ("ALL", "MASK", "BOX")  # what of the picture to start from is drawn anew


def is_picture(engine: str) -> bool:
    """Whether an engine is a picture model."""
    return engine.startswith(PICTURES)


def named(engine: str) -> str:
    """The name, folder, file or hub id of a picture model; "" of every other engine."""
    return engine.removeprefix(PICTURES).strip() if is_picture(engine) else ""


def engine_of(engine: str) -> str:
    """The engine as a recipe has it: a folder or file of weights beside the .blend as a whole path. Raises BadInput without a model."""
    if not is_picture(engine):
        return engine
    if not named(engine):
        raise BadInput("no picture model is chosen; choose one, or type its name, folder, file or hub id", field="engine")
    return PICTURES + absolute(named(engine), "engine")


def absolute(path: str, field: str) -> str:
    """A file beside the .blend (``//``) or in the home folder (``~``) as a whole path; any other name as it is. Raises BadInput."""
    path = path.strip()
    if path.startswith("//"):
        if not bpy.data.filepath:
            raise BadInput(f"{path[:80]} lies beside a file that was never saved; save the file first", field=field)
        return os.path.normpath(bpy.path.abspath(path))
    return os.path.expanduser(path) if path.startswith("~") else path


def params_of(group: Any) -> DiffusionParams:
    """What the panel says. A row without a file is none; a mask or a box counts only beside a picture to start from. Raises BadInput."""
    values: dict[str, Any] = {name: tuple(_row(row, cls, name) for row in getattr(group, name) if row.path.strip()) for name, cls in ROWS.items()}
    values |= {name: absolute(getattr(group, name), name) for name in ("start", "mask", "adapter")}
    values["mask"] = values["mask"] if values["start"] and group.region == "MASK" else ""
    values["box"] = group.box if values["start"] and group.region == "BOX" else ""
    return read(group, DiffusionParams, upscale=int(group.times), **values)


def _row(row: Any, cls: type, name: str) -> Any:
    files = {part: absolute(getattr(row, part), name) for part in ("path", "model") if part in row.bl_rna.properties}
    return read(row, cls, **files)


def put_params(group: Any, params: DiffusionParams) -> None:
    """Set the panel so that ``params_of`` gives these again."""
    write(group, params)
    group.times = str(params.upscale)
    group.region = "MASK" if params.mask else "BOX" if params.box else "ALL"
    for name in ROWS:
        rows = getattr(group, name)
        rows.clear()
        for value in getattr(params, name):
            write(rows.add(), value)


def card_of(engine: str) -> Any:
    """The ``ModelCard`` of a picture model that is in the table, by its name or hub id; else None."""
    from ..engines.weights import models

    name = named(engine).partition("@")[0].lower()
    return next((card for card in models.cards() if name and name in (card.name.lower(), card.hub.lower())), None)


def suits(engine: str, family: str, kind: str = "") -> str:
    """Name of the addition of a family ("controlnet", "ip-adapter") that is made for a picture model; "" where none is known."""
    from ..engines.weights import models

    card = card_of(engine)
    base = "" if card is None else card.base or card.family
    return next((one.name for one in models.cards() if base and (one.family, one.base, one.kind) == (family, base, kind)), "")
