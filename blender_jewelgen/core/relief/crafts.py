"""Which body a craft makes of a form: solid metal, a raised sheet, pierced metal, wires or granules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import BadInput, Fix
from ..form.params import FormParams
from ..form.plate import Plate
from ..form.turned import Turned
from ..mesh.arrays import Mesh
from . import mapping
from .body import Body
from .lift import lift, tiled
from .params import CraftParams, ReliefParams

SHEETS = ("relief", "repousse", "stepped", "chasing", "hammered")  # what can be worked from sheet


@dataclass(frozen=True, eq=False)
class Work:
    """All that a craft works on beside the form: what ``worked`` is handed.

    Attributes
    ----------
    kind : str
        solid, sheet, openwork, filigree or granulation.
    metal : (h, w) float32, mm, or None
        Signed distance inside the metal of openwork and pierced lettering, over the whole ornament.
    inside : (h, w) float32 in [0, 1], or None
        What is engraved on the finger side, 1 the deepest cut.
    """

    kind: str
    craft: CraftParams
    metal: np.ndarray | None = None
    inside: np.ndarray | None = None
    seed: int = 0


def kind_of(technique: str, craft: CraftParams, form: str, pierced: bool) -> str:
    """The kind of body. Raises BadInput for crafts that exclude each other."""
    own = technique if technique in ("openwork", "filigree", "granulation") else "solid"
    if craft.sheet is not None and own == "solid":
        if technique not in SHEETS:
            raise BadInput(f"sheet is for {', '.join(SHEETS[:-1])} and {SHEETS[-1]}, not for {technique}", field="sheet", fix=Fix("Repoussé from sheet", "--technique repousse"))
        if form == "signet":
            raise BadInput("sheet is not for a signet, whose head is solid; it is for bands, bangles, cuffs, beads, pendants, medallions, plaques, links and earrings", field="sheet")
        own = "sheet"
    elif craft.sheet is not None and own != "filigree":
        raise BadInput(f"sheet and {technique} exclude each other; --thickness says how thick the metal of {technique} is", field="sheet")
    if pierced:
        if own not in ("solid", "openwork"):
            raise BadInput(f"letters cannot be pierced through {'a sheet' if own == 'sheet' else own}; say --text-style engraved", field="text-style")
        own = "openwork"
    return own if form != "mesh" else "solid"


def formed(form: FormParams, kind: str, craft: CraftParams, asked: float | None, cut: float = 0.0) -> tuple[FormParams, tuple[str, ...]]:
    """The completed form as a kind of body needs it, and notes; ``asked`` is the thickness that was asked for, ``cut`` how deep ornament sinks, mm.

    A sheet without a rim is all the metal there is: the form is as thick as lets the sheet lie on the finger.
    """
    if kind != "sheet" or craft.sheet is None or craft.rim or craft.backing:
        return form, ()
    from .sheet import needed

    own = round(needed(form, craft.sheet, cut), 6)
    if asked is None or abs(asked - own) < 1e-4:
        return replace(form, thickness=own), ()
    note = f"the thickness of {asked:g} mm was not used: a sheet of {craft.sheet:g} mm without a rim is all the metal there is; --rim keeps it"
    return replace(form, thickness=own), (note,)


def worked(
    work: Work, host: Turned | Plate, where: mapping.Mapping | None, picture: np.ndarray, depth: float, relief: ReliefParams, keep_off: Mesh | None = None
) -> Body:
    """The body of one of our own forms under a tooled part of the pattern; ``depth`` in mm, below 0 it cuts in."""
    if work.kind == "solid":
        more = {} if work.inside is None else {"inside": work.inside}
        return Body(lift(host, where, picture, depth, relief, keep_off, **more))
    if work.kind == "granulation":
        from .granules import granulated_body

        return granulated_body(host, tiled(picture, relief), depth, _whole(relief), work.craft, keep_off)
    if work.inside is not None:
        raise BadInput(f"text on the inside needs solid metal; {work.kind} has none there", field="text-side")
    if work.kind == "sheet":
        from .sheet import sheet_body

        return sheet_body(host, tiled(picture, relief), depth, _whole(relief), work.craft, keep_off)
    if work.kind == "filigree":
        from .wires import filigree_body

        return filigree_body(host, tiled(picture, relief), depth, _whole(relief), work.craft, work.seed, keep_off)
    from .openwork import openwork_body

    assert work.metal is not None
    return openwork_body(host, tiled(picture, relief), work.metal, depth, _whole(relief), work.craft, keep_off)


def _whole(relief: ReliefParams) -> ReliefParams:
    """The same for a picture that holds all its repeats."""
    return relief if relief.around == relief.across == 1 else replace(relief, around=1, across=1)
