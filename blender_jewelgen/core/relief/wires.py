"""Wire filigree: the pattern, or scrolls, bent of wire within frames of heavier wire, soldered to one piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import BadInput, Fix
from ..form.plate import Plate
from ..form.turned import Turned
from ..height.distance import distance
from ..mesh.arrays import Mesh
from ..wires.curves import even, parted
from ..wires.isolines import isolines
from .assemble import poses
from .body import Body
from .clear import clearance
from .field_lines import Layer
from .fuse import fuse
from .ground import Ground, ground_of
from .lift import lift, tiled
from .params import CraftParams, ReliefParams
from .pattern_lines import lay_pattern
from .solder import Joined, Wire, soldered, unwound
from .sweep import KINDS, TALL, TWIST, ball, swept

GAP = 0.6  # share of ``craft.opening`` that is the least gap between two wires: a slit between rounds, wider than its narrowest place
_SHEET = 0.5  # mm of a backing of no stated thickness
_UNDER = 0.25  # of the frame's gauge that a backing stays within the border
_BURY = 0.12  # gauges that wires lie in a plate under them
_ACROSS = 3.0  # gauges that a field must measure between its frames
_BUDGET = 430_000  # triangles of all wires; beyond, sections are simplified
_BEND = 0.64  # gauges: least radius of a wire's middle line
_COARSE = 4  # pixels between places that are asked for their distance from stones


def filigree_body(
    host: Turned | Plate, picture: np.ndarray, depth: float, relief: ReliefParams, craft: CraftParams, seed: int, keep_off: Mesh | None = None
) -> Body:
    """A form made of wire.

    The wires' backs lie on the form's own back: the frame wires keep the finger's diameter. Two neighbouring wires are at
    least ``GAP * craft.opening`` apart or soldered, by an overlap or a drop of solder. With ``craft.backing``, and always on
    the head of a signet, they lie on a plate. Of one seed everything comes out the same.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
        One part of the pattern; row 0 is the upper edge.
    depth : float
        mm that the field may swell above its frames, where the form swells.
    keep_off : Mesh, optional
        Gems and prongs in the finished piece's frame; a wire runs round them.

    Raises BadInput where the field between the frames does not hold the wire.
    """
    applied = isinstance(host, Plate) and (host.inner_diameter is not None or host.rotation is not None)
    sheet = (craft.sheet or _SHEET) if craft.backing and not applied else 0.0
    tall = TALL if craft.wire_kind == "flattened" else 1.0
    ground = ground_of(host, tall * craft.wire, (tall if craft.wire_kind == "flattened" else 1.0) * craft.frame, sheet, max(abs(depth), 0.0), applied, craft.frame)
    opening = GAP * craft.opening
    solid = applied or sheet > 0.0
    layer = Layer(ground, craft, opening, _BURY * craft.wire if solid else 0.0, seed, _blocked(ground, keep_off, relief, craft.frame))
    _refuse(float(ground.border.max()) * 2.0 - 2.0 * craft.frame, craft)
    layer.frames()
    if craft.fill == "scrolls" or not lay_pattern(layer, tiled(picture, relief), host.margin):
        if ground.bead and not any(w.role == "rib" for w in layer.layout.wires):
            layer.ribs()
        layer.scrolls()
    layout = layer.layout
    wires = unwound(_sound(layout.wires, ground), ground)
    granules = np.concatenate(layout.granules) if layout.granules else np.zeros((0, 4))
    joined = Joined(tuple(wires), granules, np.zeros((0, 4)), 0, 0) if solid else soldered(wires, granules, ground, opening)
    notes = list(layout.notes)
    if joined.bridges:
        notes.append(f"{joined.bridges} short wire{'s were' if joined.bridges > 1 else ' was'} added to solder loose parts")
    if joined.dropped:
        notes.append(f"{joined.dropped} loose bit{'s' if joined.dropped > 1 else ''} too small to solder left out")
    coarse = _coarseness(joined)
    if coarse > 1.2 and craft.wire_kind == "twisted":
        notes.append(f"there is so much wire that its twist is {coarse:.1f} times as long as usual")
    parts = [part for wire in joined.wires for part in _tubes(wire, ground, coarse)]
    bent = len(parts) > len(joined.wires)  # some so tightly that they are in pieces
    parts += [_granule(row, ground) for row in (*joined.granules, *joined.solder)]
    if solid:
        parts.append(_plate(host, relief, sheet, ground, craft.frame))

    mesh, said = fuse(parts, seed, bent)
    length = sum(w.curve.length for w in joined.wires)
    facts = {
        "wires": len(joined.wires), "wire_mm": round(length, 1), "granules": len(joined.granules), "solder_points": len(joined.solder),
        "bridges": joined.bridges, "dropped": joined.dropped, "gap_mm": round(opening, 3),
    }  # fmt: skip
    return Body(mesh, (*notes, *said), None, round(KINDS[craft.wire_kind].least * craft.wire, 3), facts)


def _refuse(field: float, craft: CraftParams) -> None:
    if field < _ACROSS * craft.wire:
        most = max(0.2, np.floor(100.0 * (field + 2.0 * craft.frame) / (_ACROSS + 4.0)) / 100.0)
        raise BadInput(
            f"wire is {craft.wire:g} mm; between frames of {craft.frame:g} mm this piece leaves {max(field, 0.0):.1f} mm, too little for it",
            field="wire", fix=Fix(f"Use wire of {most:g} mm", f"--wire {most:g} --frame {max(0.3, 2.0 * most):g}"),
        )  # fmt: skip


def _blocked(ground: Ground, keep_off: Mesh | None, relief: ReliefParams, height: float) -> np.ndarray | None:
    """(rows, columns) float32: true mm from what has to stay free; None if nothing has."""
    if keep_off is None or not len(keep_off.faces):
        return None
    room = ground.room()
    u, v = (axis[:: _COARSE] for axis in room.centres())
    flat = np.stack([np.tile(u, len(v)), np.repeat(v, len(u))], axis=1)
    places = [p for w in (0.0, 0.5 * height, height) for p in poses(ground.host, ground.place(flat, w))]
    share = np.minimum.reduce([clearance(p, keep_off, relief.clear, 1e-3) for p in places]).reshape(len(v), len(u))
    if share.min() > 0.5:
        return None
    whole = np.repeat(np.repeat(share, _COARSE, axis=0), _COARSE, axis=1)[: room.gap.shape[0], : room.gap.shape[1]]
    far = distance(whole > 0.5, 6.0 / room.step, ground.wrap) - 0.5 * _COARSE
    return (far * room.step * room.scale[:, None]).astype(np.float32)


def _sound(wires: list[Wire], ground: Ground) -> list[Wire]:
    """The same wires, cut where they are bent too tightly on a ground that is smaller than it is unrolled: a bead's."""
    if not ground.bead:
        return wires
    room = ground.room()
    return [replace(w, curve=c) for w in wires for c in parted(w.curve, _BEND * w.gauge / float(room.scales(w.curve.points).min()))]


def _coarseness(joined: Joined) -> float:
    """How much sections have to be simplified: 1 for not at all."""
    total = sum(2.0 * KINDS[w.kind].sides * w.curve.length / (KINDS[w.kind].step * w.gauge) for w in joined.wires)
    return max(1.0, float(np.sqrt(total / _BUDGET)))


def _tubes(wire: Wire, ground: Ground, coarse: float) -> list[Mesh]:
    """A wire as closed parts, shaded: 1 on its top, 0 at its back."""
    kind = KINDS[wire.kind]
    sides = max(8, 2 * round(0.5 * kind.sides / coarse))
    step = min(kind.step * wire.gauge * coarse, 0.45)
    if wire.role == "frame":
        step = min(step, 0.15 if not isinstance(ground.host, Plate) else 0.35)  # a finger's ring stays round to a micrometre
    twist = TWIST * coarse  # a section turned too far from the one before would pass through it
    line = even(wire.curve, step)
    middle = ground.place(line.points, wire.height)
    if wire.kind == "twisted" and wire.curve.closed:  # a whole number of sections to a half turn: some stand upright, and touch what it lies on
        length = float(np.linalg.norm(middle - np.roll(middle, 1, axis=0), axis=1).sum())
        halves = max(1, round(2.0 * length / (twist * wire.gauge)))
        line = even(wire.curve, 1.000001 * wire.curve.length / (halves * max(3, int(np.ceil(length / halves / step)))))
        middle = ground.place(line.points, wire.height)
    up = ground.normals(line.points)
    found = []
    for part in swept(middle, up, wire.gauge, wire.kind, wire.curve.closed, sides, twist):
        rise = np.einsum("ij,ij->i", part.mesh.vertices - middle[part.owner], up[part.owner])
        shade = np.clip(0.5 + rise / (kind.height * wire.gauge), 0.0, 1.0).astype(np.float32)
        found.append(Mesh(part.mesh.vertices, part.mesh.faces, shade))
    return found


def _granule(row: np.ndarray, ground: Ground) -> Mesh:
    flat = row[None, :2]
    row = (*row[:2], max(row[2], 1.03 * row[3]), row[3])  # nothing reaches behind the wires' backs
    middle, up = ground.place(flat, row[2])[0], ground.normals(flat)[0]
    mesh = ball(middle, float(row[3]), 3 if row[3] > 0.2 else 2)
    return Mesh(mesh.vertices, mesh.faces, np.clip(0.5 + 0.5 * (mesh.vertices - middle) @ up / row[3], 0.0, 1.0).astype(np.float32))


def _plate(host: Turned | Plate, relief: ReliefParams, sheet: float, ground: Ground, frame: float) -> Mesh:
    """The metal under applied wires, its shading dark; a plate of its own ends under the frame wire."""
    middle = np.zeros(3)
    if isinstance(host, Plate):
        bare = host
        if sheet:
            outline = max(isolines(ground.border, _UNDER * frame, ground.length, ground.width, False), key=lambda line: line.length).points
            low, high = outline.min(axis=0), outline.max(axis=0)
            middle[:2] = 0.5 * (low + high) - (0.5 * ground.length, 0.5 * ground.width)
            bare = replace(host, polygon=outline - 0.5 * (low + high), thickness=sheet, dome=0.0, edge=0.4 * min(sheet, frame))
    elif ground.bead:
        outer = host.outer * (ground.level / float(host.outer[:, 0].max()))
        rows = np.linspace(len(outer) - 1, 0, 121).round().astype(int)
        bare = replace(host, outer=outer, inner=outer[rows] * (1.0 - sheet / ground.level))
    else:
        inner = 0.5 * host.inner_diameter
        heights = host.outer[:, 1]
        edge = min(0.35, 0.4 * sheet)
        over = np.clip(np.abs(heights) - (np.abs(heights).max() - edge), 0.0, edge)
        outer = np.stack([inner + sheet - edge + np.sqrt(edge**2 - over**2), heights], axis=1)
        skin = np.stack([np.minimum(host.inner[:, 0], inner + 0.4 * sheet), host.inner[:, 1]], axis=1)
        bare = replace(host, outer=outer, inner=skin)
    flat = lift(bare, None, np.zeros((16, 16), np.float32), 0.0, replace(relief, around=1, across=1, density="preview"))
    return Mesh(flat.vertices + middle, flat.faces, np.zeros(len(flat.vertices), np.float32))
