"""The job of the panel *From a Picture*, and of the AI runtime's Python: a picture becomes a body."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.body import Body, BodyOrder, BodyParams, Candidate
from ..core.form.params import FormParams
from ..core.params import from_dict
from ..core.recipe import Recipe
from ..core.report import plain
from ..core.solid.params import SolidParams
from ..core.words.design import Design
from . import store
from .loop import Tell

if TYPE_CHECKING:
    from .client import Client


def body(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """A body of a picture, solid and sized.

    {picture: path or "", prompt?, size?: finger, seed?, online?: bool, body?: fields of ``BodyParams``, solid?: fields of ``SolidParams``,
    asked?: fields of ``FormParams``} to body.npz (as the engine gave it), solid.npz, height.png and mask.png where there are such, and {engine,
    mesh, solid, height, mask: names of files or "", form: fields or None, notes, credit, candidates: [{seed, numbers, refused}],
    quality, after, cost, origin}.
    """
    from .chain import facts, start

    solid = from_dict(SolidParams, params.get("solid") or {}, "solid")
    begun = start(Recipe(design=Design()), order_of(params), solid, dict(params.get("asked") or {}), tell)
    tell(0.97, "writing files")
    return plain(_written(begun.body, begun.solid.mesh if begun.solid else None, folder) | facts(begun) | {"origin": begun.recipe.origin})


def bare_body(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """What the engine alone makes of an order, for the process that asked: see ``body_of``."""
    from ..engines.bodies.registry import make

    made = make(order_of(params), tell)
    known = {"form": asdict(made.form) if made.form else None, "credit": made.credit, "notes": made.notes, "cost": made.cost}
    return plain(_written(made, None, folder) | known | {"candidates": [asdict(one) for one in made.candidates]})


def body_of(client: Client, order: BodyOrder, tell: Tell) -> Body:
    """What an engine in another Python makes, as one here would; raises what ``Client.wait`` does."""
    asked = asdict(order) | {"picture": str(order.picture) if order.picture else "", "body": asdict(order.params)}
    asked.pop("params")
    with tempfile.TemporaryDirectory(prefix="jewelgen-") as name:
        folder = Path(name)
        told = client.run("bare_body", asked, folder, tell=tell)
        mesh = store.read_mesh(folder / told["mesh"]) if told["mesh"] else None
        arrays = store.read_arrays(folder / told["arrays"]) if told["arrays"] else {}
    return Body(
        mesh=mesh, form=FormParams(**told["form"]) if told["form"] else None, height=arrays.get("height"), mask=arrays.get("mask"), credit=told["credit"],
        notes=tuple(told["notes"]), candidates=tuple(Candidate(**one) for one in told["candidates"]), cost=told["cost"],
    )  # fmt: skip


def order_of(params: dict[str, Any]) -> BodyOrder:
    """The order in a job's parameters. Raises BadInput for a field that is wrong."""
    known = {f.name: params[f.name] for f in fields(BodyOrder) if f.name in params and f.name not in ("params", "picture")}
    picture = Path(params["picture"]) if params.get("picture") else None
    return BodyOrder(params=from_dict(BodyParams, params.get("body") or {}, "body"), picture=picture, **known)


def _written(made: Body, solid: Any, folder: Path) -> dict[str, str]:
    """The files of a body in a job's folder, by what they hold."""
    names = {"mesh": "", "solid": "", "height": "", "mask": "", "arrays": ""}
    for name, file, mesh in (("mesh", "body.npz", made.mesh), ("solid", "solid.npz", solid)):
        if mesh is not None:
            store.write_mesh(folder / file, mesh)
            names[name] = file
    arrays = {name: values for name in ("height", "mask") if (values := getattr(made, name)) is not None}
    for name, values in arrays.items():
        names[name] = f"{name}.png"
        store.write_height(folder / names[name], np.asarray(values, np.float32))
    if arrays:
        names["arrays"] = "pictures.npz"
        store.write_arrays(folder / names["arrays"], **arrays)
    return names
