"""From a picture to what the pipeline starts from: a body, made solid and sized, and the recipe it belongs to. Panel and command line go this way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.body import Body, BodyOrder
from ..core.errors import BadInput
from ..core.form.params import FormParams
from ..core.library import table
from ..core.mesh.arrays import Mesh
from ..core.pipeline import Tell
from ..core.recipe import Recipe, fingerprint, level
from ..core.solid.params import SolidParams
from . import elsewhere

if TYPE_CHECKING:
    from ..core.mesh.quality import Quality
    from ..core.solid.made import Solid

_GUESS = 20.0  # mm: longest side of a generated body that nobody gave a size
_JEWELRY = (3.0, 200.0)  # mm; a body within is taken to be of its own size


@dataclass(frozen=True, eq=False, kw_only=True)
class Start:
    """What a picture became, up to where the pipeline begins.

    Attributes
    ----------
    raw : Quality or None
        Numbers of the mesh as the engine gave it; None where the body is a form of ours.
    solid : Solid or None
        The same made one closed body of its size, mm.
    recipe : Recipe
        With the form that was found; its sources are named by whoever writes them.
    height : (h, w) float32 in [0, 1] or None
        The relief, where the picture itself is the ornament.
    """

    body: Body
    recipe: Recipe
    raw: Quality | None = None
    solid: Solid | None = None

    @property
    def mesh(self) -> Mesh | None:
        return self.solid.mesh if self.solid else None

    @property
    def height(self) -> np.ndarray | None:
        return self.body.height

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self.body.notes, *(self.solid.notes if self.solid else ()))


def start(recipe: Recipe, order: BodyOrder, solid: SolidParams, asked: dict[str, Any], tell: Tell) -> Start:
    """The body of a picture, solid and in millimetres, with the recipe to go on with.

    ``asked`` are the fields of ``FormParams`` that a person gave; they go before what the picture shows. Raises BadInput: see
    the engine, which refuses a generator's cubes, and ``solid.made``.
    """
    body = elsewhere.body(order, lambda share, text: tell(0.6 * share, text))
    recipe = replace(recipe, origin=_origin(order, body))
    if body.mesh is None:
        form = fitted(body.form or FormParams(), asked)
        recipe = _with_form(recipe, form)
        return Start(body=body, recipe=recipe if body.height is not None else level(recipe))
    from ..core.mesh.quality import measured
    from ..core.solid.made import made

    tell(0.62, "measuring the mesh")
    raw = measured(body.mesh, wall=False)
    whole = made(sized(body.mesh, solid), solid, lambda share, text: tell(0.65 + 0.35 * share, text))
    form = FormParams(form="mesh")
    return Start(body=body, recipe=_with_form(recipe, form), raw=raw, solid=whole)


def fitted(found: FormParams, asked: dict[str, Any]) -> FormParams:
    """The form of a picture with what a person asked for; measures stay in proportion to a size that was asked for by the engine itself."""
    asked = {name: value for name, value in asked.items() if value not in (None, "")}
    if not table("forms")["forms"][asked.get("form", found.form)]["size"]:
        asked.pop("size", None)  # of a finger, which a plate has not
    if asked.get("form", found.form) != found.form:
        return FormParams(**asked)  # another kind of piece: nothing that was measured fits it
    return replace(found, **asked)


def sized(mesh: Mesh, solid: SolidParams) -> Mesh:
    """A mesh in a unit of its own as millimetres, where no size is given with it. Raises BadInput for one without extent."""
    longest = float(mesh.size.max()) if len(mesh.faces) else 0.0
    if not longest > 0.0 or not np.isfinite(longest):
        raise BadInput("the engine gave a mesh without extent; try another seed", field="mesh")
    if solid.size or solid.finger or _JEWELRY[0] <= longest <= _JEWELRY[1]:
        return mesh
    return replace(mesh, vertices=mesh.vertices * (_GUESS / longest))


def _with_form(recipe: Recipe, form: FormParams) -> Recipe:
    design = replace(recipe.design, form=form.form)
    return replace(recipe, design=design, form=form)


def _origin(order: BodyOrder, body: Body) -> dict[str, str]:
    """Where the body comes from, for the recipe: no key and no address of a service is ever here."""
    source = {"path": str(order.picture), "sha256": fingerprint(order.picture)} if order.picture else {}
    kept = body.credit | source | {"seed": str(order.seed)}
    if order.prompt:
        kept["prompt"] = order.prompt
    return {name: str(value) for name, value in kept.items()}


def facts(begun: Start) -> dict[str, Any]:
    """What is told of a start besides its files, in plain values."""
    form = None if begun.body.mesh is not None else {f.name: getattr(begun.recipe.form, f.name) for f in fields(FormParams)}
    return {
        "engine": begun.body.credit.get("name", ""), "credit": begun.body.credit, "form": form, "notes": begun.notes, "cost": begun.body.cost,
        "candidates": [asdict(one) for one in begun.body.candidates], "quality": begun.raw.as_dict() if begun.raw else None,
        "after": begun.solid.after.as_dict() if begun.solid else None,
    }  # fmt: skip
