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


def budget(wanted: float | None, technique: str, host: Turned | Plate | Mesh, form: FormParams, min_wall: float, process: str) -> Budget:
    """The depth that is asked for, or the technique's own, or as much as the metal carries.

    Raised ornament may stand one and a half times the metal under it plus half a millimetre; cut ornament leaves
    ``min_wall`` mm; on an imported mesh an eighth (cut) or a quarter (raised) of its smallest side is the limit.
    Raises BadInput if there is no metal to cut into.
    """
    usual, raised = TECHNIQUES[technique]
    asked = wanted or usual
    if isinstance(host, Mesh):
        most = float(np.min(host.size)) * (0.25 if raised else 0.125)
        why = f"the mesh is only {float(np.min(host.size)):.1f} mm across"
    else:
        metal = metal_under(host, form)
        if raised:
            most, why = 1.5 * metal + 0.5, f"{metal:.2f} mm of metal carry no more"
        else:
            most, why = metal - min_wall, f"{process} needs {min_wall:g} mm of metal under it"
            if most < 0.05:
                thick = round((form.thickness or metal) + min_wall + 0.4 - metal, 1)
                raise BadInput(
                    f"thickness leaves {metal:.2f} mm of metal; engraving for {process} needs more than {min_wall + 0.05:.2f} mm",
                    field="thickness", fix=Fix(f"Make it {thick:g} mm thick", f"--thickness {thick:g}"),
                )
    given = min(asked, most)
    note = f"the depth was reduced from {asked:g} to {given:.2f} mm: {why}" if given < asked - 1e-9 else ""
    return Budget(float(given if raised else -given), note)


def metal_under(host: Turned | Plate, form: FormParams) -> float:
    """Least metal under the ornament of one of our own forms before any is cut, mm."""
    return form.thickness if isinstance(host, Plate) and form.thickness else host.wall
