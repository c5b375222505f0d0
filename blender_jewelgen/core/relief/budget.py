"""How deep ornament may go: metal that the process needs is never given away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput, Fix
from ..form.params import FormParams
from ..form.plate import Plate
from ..form.turned import Turned
from ..mesh.arrays import Mesh
from .params import TECHNIQUES


@dataclass(frozen=True)
class Budget:
    """Signed depth in mm (below 0 it cuts in), and a note where it had to be less than asked for."""

    depth: float
    note: str = ""


def budget(
    wanted: float | None, technique: str, host: Turned | Plate | Mesh, form: FormParams, min_wall: float, process: str, mid: float = 0.0
) -> Budget:
    """The depth that is asked for, or the technique's own, or as much as the metal carries.

    What stands out may be one and a half times as high as the metal under it is thick, plus half a millimetre; what is cut
    in leaves ``min_wall`` mm; on an imported mesh an eighth (cut) or a quarter (raised) of its smallest side is the limit.
    The level ``mid`` of the picture stays at the surface, so that a relief is cut in by ``mid`` of its depth, and an
    engraving stands out by as much. Raises BadInput if there is no metal to cut into.
    """
    usual, raised = TECHNIQUES[technique]
    asked = wanted or usual
    stands, cut = (1.0 - mid, mid) if raised else (mid, 1.0 - mid)  # shares of the depth
    if isinstance(host, Mesh):
        side = float(np.min(host.size))
        why = f"the mesh is only {side:.1f} mm across"
        limits = [(0.25 * side, stands, why), (0.125 * side, cut, why)]
    else:
        metal = metal_under(host, form)
        limits = [
            (1.5 * metal + 0.5, stands, f"{metal:.2f} mm of metal carry no more"),
            (metal - min_wall, cut, f"{process} needs {min_wall:g} mm of metal under it"),
        ]
        if cut > 0 and metal - min_wall < 0.05 * cut:
            thick = round((form.thickness or metal) + min_wall + 0.4 - metal, 1)
            what = f"relief with mid {mid:g}" if raised else technique
            raise BadInput(
                f"thickness leaves {metal:.2f} mm of metal; {what} for {process} needs more than {min_wall + 0.05 * cut:.2f} mm",
                field="thickness", fix=Fix(f"Make it {thick:g} mm thick", f"--thickness {thick:g}"),
            )
    most, why = min((room / share, why) for room, share, why in limits if share > 0)
    given = min(asked, most)
    note = f"the depth was reduced from {asked:g} to {given:.2f} mm: {why}" if given < asked - 1e-9 else ""
    return Budget(float(given if raised else -given), note)


def metal_under(host: Turned | Plate, form: FormParams) -> float:
    """Least metal under the ornament of one of our own forms before any is cut, mm."""
    return form.thickness if isinstance(host, Plate) and form.thickness else host.wall
