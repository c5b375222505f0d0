"""True repoussé: sheet metal of one thickness, whose back follows the relief on its front."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import BadInput, Fix
from ..form.params import FormParams
from ..form.plate import Plate
from ..form.turned import Turned, turned
from ..height.filters import blur
from ..mesh.arrays import Mesh
from ..mesh.contour import between
from .body import Body
from .clear import nearest
from .hollow import closed_back
from .lift import lift, spacing_of
from .params import CraftParams, ReliefParams
from .sides import Sides, sides_of

_SLOPE = 3.0  # of the wall between a solid rim and the hollow: steep, but no step between two vertices
_SOFT = 0.8  # sheets; what rises less than twice as wide is left out of a soft back
_PATCH = 0.4  # mm of solid metal round what will be soldered on
_STRIPS = 6  # of columns on which the finished thickness is measured
_SHORT = 0.1  # share of the sheet that may be missing where the form itself is thinner; more is refused


def sheet_body(
    host: Turned | Plate, picture: np.ndarray, depth: float, relief: ReliefParams, craft: CraftParams, keep_off: Mesh | None = None
) -> Body:
    """Sheet of ``craft.sheet`` mm under a tooled picture; the front is the one that ``lift`` makes.

    ``depth`` in mm, below 0 it is chased in; ``keep_off`` holds gems and prongs in the finished piece's frame. The back
    never comes nearer to the finger than the host's own back. Raises BadInput for a signet, and where the form has less
    metal than the sheet.
    """
    sheet = _checked(host, craft)
    raised = lift(host, None, picture, depth, relief, keep_off)
    sides = sides_of(host, raised, spacing_of(relief, max(host.ornament)), relief.fade)
    if not craft.rim and not craft.backing and isinstance(host, Turned):
        sides = _fitted(sides, float(host.inner[:, 0].min()))
    back = sides.eroded(sheet)
    notes: list[str] = []
    _enough(host, sides, sides.levels(back, sheet), sheet)
    if craft.back == "soft":
        back = _soft(back, _SOFT * sheet / max(sides.pitch), sides.periodic)
    rim, backing = craft.rim, craft.backing
    if backing and rim == 0.0:
        rim = max(sheet, 0.8)
        notes.append(f"a rim of {rim:g} mm was added, which the backing is soldered to")
    followed, level = _levels(host, sides, back, sheet, rim)
    if rim and not backing and isinstance(host, Turned):  # a bowed form touches the finger where now the sheet rises: its rim has to
        over, finger = np.float32(level.min() - host.inner[:, 0].min()), np.float32(host.inner[:, 0].min())
        if over > 1e-6:
            sides = replace(sides, own=np.maximum(sides.own - over, finger))
            followed, level = _levels(host, sides, back, sheet, rim)
    free = sides.inside(sheet) & (level >= followed - 1e-6)  # not solid
    if _bead(host):
        free &= level <= followed + 1e-6  # nor on its lips
    if _lost(sides, level, free):
        notes.append(f"the relief is too fine for a sheet of {sheet:g} mm: its back is nearly smooth")
    mesh, facts = (closed_back if backing else _open_back)(sides, level, sheet)
    if backing:
        notes.append(f"the back is closed; vents for gas and resin: {facts['vents']}, {facts['vent_mm']:.1f} mm wide")
        if facts["filled"]:
            notes.append(f"hollows without room for a vent were left solid: {facts['filled']}")
    least, most = sheet, sheet
    if not free.any():
        notes.append(f"a sheet of {sheet:g} mm finds no room between the borders: the piece is solid")
    else:
        least, most = _measured(sides, level, free, sheet + (abs(depth) if craft.back == "soft" else 0.0))
        if least < 0.98 * sheet:
            notes.append(f"the form is {least:.2f} mm thick in places, less than the sheet of {sheet:g} mm")
    facts |= {"sheet_mm": sheet, "thickness_min_mm": round(least, 4), "thickness_max_mm": round(most, 4), "solid_volume_mm3": round(raised.volume, 2)}
    return Body(mesh, tuple(notes), wall_mm=min(least, sheet) if backing else least, facts=facts)


def needed(form: FormParams, sheet: float, cut: float = 0.0) -> float:
    """Thickness in mm of the form on which a sheet just lies against its own back; ``cut`` mm of ornament go into it.

    ``form`` is complete. On a bowed band its crown is higher than the sheet is thick, because its borders are not.
    """
    metal = sheet + cut
    if form.form not in ("band", "bangle", "cuff") or form.shape == "flat":
        return metal
    low, high = metal, 6.0 * metal
    for _ in range(24):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if _metal(turned(replace(form, thickness=float(np.clip(middle, 0.3, 12.0)))), metal) >= metal else (middle, high)
    return high


def _metal(host: Turned, sheet: float) -> float:
    """Least distance from the finger to a band's outer side, away from the borders, mm."""
    border = max(host.margin, sheet + min(0.35, host.margin))  # as Sides.inside
    high = np.linspace(-1.0, 1.0, 65)[:, None] * float(host.along(np.array(max(host.profile_length - border, 0.65 * host.profile_length)))[1])
    return float(np.hypot(host.inner[:, 0].min() - host.outer[::8, 0], high - host.outer[::8, 1]).min())


def _checked(host: Turned | Plate, craft: CraftParams) -> float:
    if craft.sheet is None:
        raise BadInput("sheet is empty; say how thick the metal is, in mm", field="sheet", fix=Fix("Use 0.5 mm", "--sheet 0.5"))
    if isinstance(host, Plate) and host.rotation is not None:
        raise BadInput(
            "a signet's head is solid, so that it can be worn and cut; sheet is for bands, bangles, cuffs, beads, pendants, medallions, plaques and earrings",
            field="sheet",
        )
    if craft.backing and _bead(host):
        raise BadInput("a bead is open at its hole only; its sheet needs no backing", field="backing")
    return craft.sheet


def _bead(host: Turned | Plate) -> bool:
    return isinstance(host, Turned) and host.inner_diameter < host.outer[:, 0].max()


def _enough(host: Turned | Plate, sides: Sides, back: np.ndarray, sheet: float) -> None:
    """Refuses a sheet that the form has no metal for."""
    high = float((sides.level - sides.own).max())
    if sheet > high:
        raise BadInput(f"sheet is {sheet:g} mm; the piece is only {high:.2f} mm thick with its relief", field="sheet")
    free = sides.inside(sheet)
    if _bead(host):  # its own back is the hole: no sheet reaches that far, but for the lips
        return
    short = float((sides.own - back)[free].max()) if free.any() else 0.0
    if short > _SHORT * sheet:
        bare = host.thickness if isinstance(host, Plate) else float(host.outer[:, 0].max() - host.inner[:, 0].min())
        bowed = isinstance(host, Turned) and np.ptp(host.along(np.linspace(*host.zone, 21))[0]) > 1e-6
        thick = np.ceil((bare + (2.0 if bowed else 1.0) * short) * 20.0 - 0.01) / 20.0
        raise BadInput(
            f"thickness leaves {sheet - short:.2f} mm of metal where the form is thinnest; a sheet of {sheet:g} mm needs more",
            field="thickness", fix=Fix(f"Make it {thick:g} mm thick", f"--thickness {thick:g}"),
        )  # fmt: skip


def _fitted(sides: Sides, finger: float) -> Sides:
    """With an own back that no longer bows outward to the borders: a sheet arches over the finger, whose radius is in mm, and touches it there only."""
    free = sides.border >= sides.plain[1]
    over = float(sides.own[free].max()) - finger if free.any() else 0.0
    return replace(sides, own=np.maximum(sides.own - np.float32(over), np.float32(finger))) if over > 1e-6 else sides


def _levels(host: Turned | Plate, sides: Sides, back: np.ndarray, sheet: float, rim: float) -> tuple[np.ndarray, np.ndarray]:
    """(n,) levels of a back that follows the front, and of the one that is made: not behind the form's own, solid along the borders."""
    followed = sides.levels(back, sheet)
    return followed, np.maximum(sides.own, np.minimum(followed, _limit(host, sides, rim)))


def _soft(back: np.ndarray, reach: float, periodic: bool) -> np.ndarray:
    """The back without what rises less than twice ``reach`` px wide, smoothed, and nowhere higher than it was.

    The lowest place all round, then the highest of these, leaves broad forms as they are. The lowest round half as far,
    blurred over no more than that, cannot come out above them.
    """
    wide, near = max(1, int(reach)), max(1, int(0.5 * reach))
    broad = -_lowest(-_lowest(back, wide, periodic), wide, periodic)
    return np.minimum(blur(_lowest(broad, near, periodic), (near - 0.5) / 4.0, periodic), back)


def _lowest(values: np.ndarray, reach: int, periodic: bool) -> np.ndarray:
    """Least value of the square of ``reach`` px round each place."""
    for axis, wraps in ((1, periodic), (0, False)):
        run, length, full = np.pad(values, [(reach, reach) if k == axis else (0, 0) for k in (0, 1)], mode="wrap" if wraps else "edge"), 1, 2 * reach + 1
        while length < full:  # the least of a run is the least of two shorter ones
            step = min(length, full - length)
            count = run.shape[axis] - step
            run = np.minimum(np.take(run, np.arange(count), axis), np.take(run, np.arange(step, count + step), axis))
            length += step
        values = run
    return values


def _limit(host: Turned | Plate, sides: Sides, rim: float) -> np.ndarray:
    """(n,) levels up to which the back may rise: solid metal along the borders and where something is soldered on."""
    rise = np.full(len(sides.own), np.inf)
    if rim > 0.0:
        rise = _SLOPE * (sides.border - rim)
    for part in host.added if isinstance(host, Plate) else ():
        far = _PATCH + float((sides.level - sides.own).max()) / _SLOPE  # from there on nothing is left to limit
        away = nearest(sides.place(sides.own).astype(np.float64), part, far)
        rise = np.minimum(rise, _SLOPE * (away - _PATCH))
    return (sides.own + np.maximum(rise, 0.0)).astype(np.float32)


def _open_back(sides: Sides, level: np.ndarray, sheet: float) -> tuple[Mesh, dict[str, float]]:
    """The sheet alone: front, back, and walls along the borders."""
    vertices, faces = between(sides.place(level), sides.front, sides.region)
    return Mesh(vertices, faces, np.concatenate([sides.shade, np.zeros_like(sides.shade)])), {}


def _lost(sides: Sides, level: np.ndarray, free: np.ndarray) -> bool:
    """Whether the front has relief and the back has next to none of it."""
    if not free.any():
        return False
    front, back = (float((a - sides.bare)[free].std()) for a in (sides.level, level))
    return front > 0.02 and back < 0.1 * front


def _measured(sides: Sides, level: np.ndarray, free: np.ndarray, thickest: float) -> tuple[float, float]:
    """Least and largest distance in mm from the back to the front on some strips, where no rim or patch is solid."""
    columns, at = sides.shape[1], sides.region.points[:, 0]
    reach = int(1.3 * thickest / min(sides.pitch)) + 2
    held = np.unique(at[free & ~sides.outline])
    strips = held[np.linspace(0, len(held) - 1, _STRIPS + 2).astype(int)[1:-1]]
    away = np.abs(at[:, None] - strips)
    away = (np.minimum(away, columns - away) if sides.periodic else away).min(axis=1)
    chosen = np.flatnonzero(free & (away == 0.0))
    faces = sides.region.faces[(away <= reach)[sides.region.faces].all(axis=1)]
    found = nearest(sides.place(level)[chosen], Mesh(sides.front, faces), 4.0 * thickest)
    return float(found.min()), float(found[np.isfinite(found)].max())
