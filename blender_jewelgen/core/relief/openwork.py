"""Pierced metal with relief on its front: periodic marching squares, two skins and upright walls; closed by construction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import BadInput, Fix
from ..form.outlines import signed_distance
from ..form.plate import Plate
from ..form.turned import Turned
from ..height.discs import grown
from ..mesh.arrays import Mesh
from ..mesh.contour import Area, area, between
from ..pattern.parts import parts
from ..pattern.web import Web, web_of
from .assemble import poses
from .body import Body
from .clear import clearance
from .cut import Between, sampled
from .fade import ramp
from .lift import spacing_of
from .params import CraftParams, ReliefParams
from .solid import grid

_NEAR = 0.08  # cells; with 45 µm between vertices no two come nearer than 3.6 µm, which single precision still tells apart
_SOFT, _ROUND = 0.2, 0.1  # mm: beside an opening relief runs out, and the front edge is broken; the back is left to the file
_ROUNDED_OFF = 0.76  # of half the width of a cuff; nearer to its ends the metal narrows and is left whole
_MOST = 1.5  # a web is made wider by no more than this because walls run together towards the axis
_HOLLOW = 0.08, 0.8, 1.2  # of a bead's diameter, and between which mm its shell is thick
_SOLDER = 0.5  # mm of metal round what is soldered to a plate


@dataclass(frozen=True, eq=False)
class _Skins:
    """Places (n, 3) mm of a region's points on both sides, and shading (n,)."""

    front: np.ndarray
    back: np.ndarray
    shade: np.ndarray


def field_of(host: Turned | Plate, picture: np.ndarray, craft: CraftParams, solid: np.ndarray | None = None) -> Web:
    """The metal of a form under a picture of its whole ornament, as ``openwork_body`` wants it.

    What the form itself has is seen to: the margins are rails, walls that run together towards the axis get a wider web, the
    ends of a cuff and the metal under a bail stay whole. ``solid`` (h, w) bool stays metal besides. Raises BadInput for a
    form that cannot be pierced, and as ``web_of``.
    """
    _refuse(host)
    rows, columns = picture.shape
    pitch = host.ornament[0] / columns
    if isinstance(host, Plate):
        held = _soldered(host, columns, rows)
        held = held if solid is None else held | solid
        return web_of(picture, pitch, False, craft, host.distance(columns, rows), solid=held)
    wider = float(np.clip(host.radius / _back(host, np.linspace(*host.zone, 65))[0].min(), 1.0, _MOST))
    craft = replace(craft, web=min(craft.web * wider, 5.0), opening=min(craft.opening * wider, 5.0))
    rails = max(craft.frame - host.margin, 0.0), max(craft.frame, _ROUNDED_OFF * host.profile_length / 2.0)
    return web_of(picture, pitch, host.periodic, craft, rails=rails, solid=solid)


def openwork_body(
    host: Turned | Plate, picture: np.ndarray, metal: np.ndarray, depth: float, relief: ReliefParams, craft: CraftParams, keep_off: Mesh | None = None
) -> Body:
    """A form pierced where ``metal`` is not above 0, with relief on what is left of its front.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
        The whole ornament.
    metal : (h, w) float32, mm
        Signed distance to the nearest edge of an opening, over the same area; see ``field_of``.
    depth : float
        mm from black to white; below 0 it cuts in.
    keep_off : Mesh, optional
        Gems and prongs, in the finished piece's frame; the relief keeps clear of them.

    Raises BadInput for a form that cannot be pierced.
    """
    _refuse(host)
    mesh = mesh_of(host, picture, metal, depth, relief, spacing_of(relief, max(host.ornament)), keep_off)
    cut = max(-depth, 0.0) + max(depth, 0.0) * relief.mid
    wall = (_shell(host) or host.wall) - cut
    share = float((metal <= 0.0).mean())
    return Body(mesh, _notes(host), wall_mm=wall, detail_mm=craft.web, facts={"open_share": round(share, 3)})


def mesh_of(
    host: Turned | Plate, picture: np.ndarray, metal: np.ndarray, depth: float, relief: ReliefParams, spacing: float, keep_off: Mesh | None = None
) -> Mesh:
    """The pierced body alone, its vertices ``spacing`` mm apart; raises BadInput where no metal is left."""
    region, skins = (_flat if isinstance(host, Plate) else _bent)(host, picture, metal, depth, relief, spacing, keep_off)
    if not len(region.faces):
        raise BadInput("nothing is left of the piece: the openings take all its metal", field="technique")
    vertices, faces = between(skins.back, skins.front, region, region.points[:, 0])
    return Mesh(vertices, faces, np.concatenate([skins.shade, np.zeros_like(skins.shade)]).astype(np.float32))


def _refuse(host: Turned | Plate) -> None:
    if isinstance(host, Plate) and host.rotation is not None:
        raise BadInput(
            "the head of a signet is solid down to the finger and cannot be pierced; choose a band or a pendant, or another technique",
            field="technique", fix=Fix("Make it relief", "--technique relief"),
        )  # fmt: skip


def _notes(host: Turned | Plate) -> tuple[str, ...]:
    shell = _shell(host)
    return (f"the bead is hollow: its shell is {shell:.2f} mm thick",) if shell else ()


def _shell(host: Turned | Plate) -> float:
    """Thickness of the shell that a pierced bead becomes, mm; 0 for other forms."""
    if isinstance(host, Plate) or host.outer[-1, 0] - host.inner[0, 0] > 0.25 * (host.wall + 1e-9):
        return 0.0
    share, least, most = _HOLLOW
    return float(np.clip(share * 2.0 * host.outer[:, 0].max(), least, most))


def _back(host: Turned, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radius and height of the back behind places across the outer side: on the skin at the same height, in a bead along the radius."""
    radius, height = host.along(v)
    shell = _shell(host)
    if shell:
        shrink = 1.0 - shell / np.hypot(radius, height)
        return np.maximum(radius * shrink, 0.5 * host.inner_diameter), height * shrink  # the thread's hole stays as wide as it is
    skin = host.inner[::-1]
    return np.interp(height, skin[:, 1], skin[:, 0]), height


def _soldered(host: Plate, columns: int, rows: int) -> np.ndarray:
    """(rows, columns) bool: under what is soldered to a plate, and a little round it."""
    mask = np.zeros((rows, columns), bool)
    width, length = host.size
    for part in host.added:
        x = np.floor((part.vertices[:, 0] / width + 0.5) * columns).astype(int)
        y = np.floor((0.5 - part.vertices[:, 1] / length) * rows).astype(int)
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
        mask[y[inside], x[inside]] = True
    return grown(mask, _SOLDER * columns / width) if mask.any() else mask


def _bent(
    host: Turned, picture: np.ndarray, metal: np.ndarray, depth: float, relief: ReliefParams, spacing: float, keep_off: Mesh | None
) -> tuple[Area, _Skins]:
    """A turned form. Grid rows stand half a step inside its borders, one row beyond each; the border is cut between them, exactly."""
    length, (start, end), around = host.profile_length, host.zone, host.ornament[0]
    rows = max(24, int(np.ceil(length / spacing)))
    step = length / rows
    v = (np.arange(-1, rows + 1) + 0.5) * step
    if host.periodic:
        columns = max(48, int(np.ceil(around / spacing)))
        share = np.arange(columns) / columns
    else:
        columns = max(48, int(np.ceil(around / spacing)))
        share = (np.arange(-1, columns + 1) + 0.5) / columns
    row, column = 1.0 - (v - start) / (end - start), share
    rim = np.minimum(v - start, end - v).astype(np.float32)
    far = np.maximum(sampled(metal, row, column, host.periodic), np.where(rim < 0.0, -rim, np.float32(-np.inf))[:, None])
    tall = sampled(picture, row, column, host.periodic)
    far[[0, 1, -2, -1]] = np.maximum(far[[0, 1, -2, -1]], np.float32(0.5 * step))
    if not host.periodic:
        far[:, [0, 1, -2, -1]] = np.maximum(far[:, [0, 1, -2, -1]], np.float32(0.5 * step))
    inside = far.copy()
    inside[[0, -1]] = -inside[[1, -2]]
    if not host.periodic:
        inside[:, [0, -1]] = -inside[:, [1, -2]]
    region = area(_held(inside, host.periodic), host.periodic, _NEAR)
    at = Between(region, inside.shape)
    angle, squeeze, hold = _turn(host, share, at)
    v_at = np.clip(at.up(v), 0.0, length)
    radius, height, out, up = (at.up(_ended(values, ends)) for values, ends in _profile(host, v, length))
    back_radius, back_height = (at.up(_ended(values, ends)) for values, ends in zip(_back(host, v[1:-1]), _back(host, np.array([0.0, length]))))
    open_by = np.maximum(at.both(far), 0.0)
    weight = ramp(np.minimum(v_at - start, end - v_at), relief.fade) * hold
    cosine, sine = np.cos(angle), np.sin(angle)
    if keep_off is not None and len(keep_off.faces):
        bare = np.stack([radius * cosine, radius * sine, height * squeeze], 1)
        weight = weight * _kept(host, bare, keep_off, relief)
    rise = (at.both(tall) - relief.mid) * weight
    along, upward = (out, up) if _shell(host) else (1.0, 0.0)  # as walls stand; edges fall away along them, or they would cross
    move, fall = depth * rise * ramp(open_by, _SOFT), _rounding(open_by, _ROUND)
    r = radius + move * out - fall * along
    front = np.stack([r * cosine, r * sine, (height + move * up - fall * upward) * squeeze], 1)
    back = np.stack([back_radius * cosine, back_radius * sine, back_height * squeeze], 1)
    return region, _Skins(front, back, _shade(rise, relief.mid, depth, open_by))


def _flat(
    host: Plate, picture: np.ndarray, metal: np.ndarray, depth: float, relief: ReliefParams, spacing: float, keep_off: Mesh | None
) -> tuple[Area, _Skins]:
    """A plate: its outline and the openings cut out of one grid."""
    width, length = host.size
    x, y = _axis(width, spacing), _axis(length, spacing)
    edge = signed_distance(host.polygon, x, y)
    row, column = 0.5 - y / length, x / width + 0.5
    far, tall = sampled(metal, row, column, False), sampled(picture, row, column, False)
    region = area(_held(np.minimum(edge, far), False), False, _NEAR)
    at = Between(region, edge.shape)
    px, py = at.across(x), at.up(y)
    rim, open_by = np.maximum(at.both(edge), 0.0), np.maximum(at.both(far), 0.0)
    swell = host.dome * (1.0 - 4.0 * ((px / width) ** 2 + (py / length) ** 2)).clip(0.0) ** 2
    weight = ramp(rim - host.margin, relief.fade)
    if keep_off is not None and len(keep_off.faces):
        weight = weight * _kept(host, np.stack([px, py, host.thickness + swell], 1), keep_off, relief)
    rise = (at.both(tall) - relief.mid) * weight
    fall = np.maximum(_rounding(rim, host.edge), _rounding(open_by, _ROUND))
    front = np.stack([px, py, host.thickness + swell - fall + depth * rise * ramp(open_by, _SOFT)], 1)
    back = np.stack([px, py, _rounding(rim, 0.4 * host.edge)], 1)
    return region, _Skins(front, back, _shade(rise, relief.mid, depth, open_by))


def _held(field: np.ndarray, wrap: bool) -> np.ndarray:
    """The field without what hangs on nothing: cut off by letters, or by a grid whose cells are wider than its bars."""
    label, sizes = parts(field > 0.0, wrap)
    return np.where((label > 0) & (label != sizes.argmax()), -np.abs(field), field)


def _profile(host: Turned, v: np.ndarray, length: float) -> list[tuple[np.ndarray, tuple[float, float]]]:
    """Radius, height, and normal of the outer side at the inner rows, each with its values at both borders."""
    ends = np.array([0.0, length])
    here, there = (*host.along(v[1:-1]), *host.normals(v[1:-1])), (*host.along(ends), *host.normals(ends))
    return [(values, (float(both[0]), float(both[1]))) for values, both in zip(here, there)]


def _ended(values: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Values of the inner rows with one more at each side, so that half way to it lies the value at the border."""
    return np.concatenate([[2.0 * ends[0] - values[0]], values, [2.0 * ends[1] - values[-1]]])


def _turn(host: Turned, share: np.ndarray, at: Between) -> tuple[np.ndarray, np.ndarray | float, np.ndarray | float]:
    """Angle of each point, and its shares of the profile's height and of the depth, which are less at the ends of a cuff.

    ``share`` (columns,) of the length. Between columns the height's share runs straight, or points on one row would leave
    it at the ends, where it changes fast.
    """
    if host.periodic:
        return at.across(share, 1.0) * 2.0 * np.pi, 1.0, 1.0
    layout = grid(host, 0.05, 0.0)
    squeeze, hold = (
        at.across(_ended(np.interp(share[1:-1], layout.column, values), (float(values[0]), float(values[-1])))) for values in (layout.squeeze, layout.hold)
    )
    half = np.deg2rad(host.arc) / 2.0
    return np.pi / 2.0 + (2.0 * at.across(share) - 1.0) * half, squeeze, np.clip(hold, 0.0, 1.0)


def _kept(host: Turned | Plate, points: np.ndarray, keep_off: Mesh, relief: ReliefParams) -> np.ndarray:
    return np.minimum.reduce([clearance(p, keep_off, relief.clear, relief.fade) for p in poses(host, points)])


def _shade(rise: np.ndarray, mid: float, depth: float, open_by: np.ndarray) -> np.ndarray:
    """How high each point stands, 0..1; what is cut in is dark."""
    soft = ramp(open_by, _SOFT)
    return np.clip((rise + mid) * soft if depth >= 0 else 1.0 - (rise + mid) * soft, 0.0, 1.0)


def _axis(size: float, spacing: float) -> np.ndarray:
    """Grid lines about ``spacing`` apart, two beyond a piece of this size, whose ends fall midway between lines."""
    half = max(8, round(size / spacing / 2.0))
    return np.arange(-half - 2, half + 3) * (size / (2 * half + 1))


def _rounding(rim: np.ndarray, radius: float) -> np.ndarray:
    """How far a quarter-round edge falls away, mm, at ``rim`` mm from it."""
    over = np.clip(1.0 - rim / radius, 0.0, 1.0)
    return radius * (1.0 - np.sqrt(1.0 - over**2))
