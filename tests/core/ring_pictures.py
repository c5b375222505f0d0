"""Pictures of our own forms for tests of what is seen in pictures: a small renderer of polished metal, and grounds to stand on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.height.filters import blur, resize
from blender_jewelgen.core.mesh.arrays import Mesh, face_normals
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.relief.assemble import looking
from blender_jewelgen.core.relief.lift import lift
from blender_jewelgen.core.relief.params import ReliefParams

METALS = {"silver": (0.93, 0.93, 0.94), "gold": (1.0, 0.78, 0.34), "rose": (0.95, 0.66, 0.54), "black": (0.16, 0.16, 0.18)}
GROUNDS = ("white", "grey", "blue", "dark", "gradient", "shadow", "noise", "beige")


@dataclass(frozen=True)
class Shot:
    """Where a camera stands, degrees: ``away`` from the finger's axis, ``raised`` above it, ``rolled`` about its own."""

    away: float = 0.0
    raised: float = 0.0
    rolled: float = 0.0
    distance: float = 12.0  # of the piece's size
    share: float = 0.7  # of the picture that the piece covers


FRONT, THREE_QUARTER, SIDE = Shot(), Shot(away=35.0, raised=18.0), Shot(away=90.0)


def piece(**lengths) -> Mesh:
    """The bare mesh of one of our forms, the finger along z, the head towards +y."""
    host = form_host(complete(FormParams(**lengths)))
    flat = np.zeros((8, 8), np.float32)
    return looking(host, lift(host, None, flat, 0.02, ReliefParams(density="preview")))


def cover(mesh: Mesh, shot: Shot = FRONT, side: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """(side, side) float32 share of each pixel covered, and (side, side, 3) normals towards the viewer (x right, y up)."""
    fine = 2 * side
    points, faces = mesh.vertices @ _turn(shot).T, mesh.faces
    points = points - (points.max(axis=0) + points.min(axis=0)) / 2.0
    size = float(np.ptp(points[:, :2], axis=0).max())
    normals = np.zeros_like(points)
    flat = face_normals(points, faces)
    for k in range(3):
        np.add.at(normals, faces[:, k], flat)
    near = shot.distance * size
    scale = near / (near - points[:, 2])
    flatpoints = points[:, :2] * scale[:, None]
    flatpoints -= (flatpoints.max(axis=0) + flatpoints.min(axis=0)) / 2.0
    pixel = shot.share * fine / np.ptp(flatpoints, axis=0).max()
    xy = np.stack([flatpoints[:, 0] * pixel + fine / 2.0, fine / 2.0 - flatpoints[:, 1] * pixel], axis=1)
    a, b, c = (xy[faces[:, k]] for k in range(3))
    facing = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]) < -1e-9  # rows run down
    faces = faces[facing]
    face, row, column = _pixels(xy[faces], fine)
    share = _shares(xy[faces[face]], column + 0.5, row + 0.5)
    corners = faces[face]
    order = np.argsort((share * points[corners, 2]).sum(axis=1), kind="stable")
    nearest = np.full(fine * fine, -1)
    nearest[(row * fine + column)[order]] = order  # the last one written is the nearest
    hit = np.flatnonzero(nearest >= 0)
    shown = np.zeros((fine * fine, 3))
    shown[hit] = np.einsum("pk,pkx->px", share[nearest[hit]], normals[corners[nearest[hit]]])
    shown /= np.maximum(np.linalg.norm(shown, axis=1, keepdims=True), 1e-12)
    mask = resize((nearest >= 0).astype(np.float32).reshape(fine, fine), side, side)
    return mask, np.stack([resize(shown[:, k].reshape(fine, fine), side, side) for k in range(3)], axis=-1)


def _pixels(corners: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Triangle, row and column of every pixel whose centre a triangle (n, 3, 2) covers."""
    low = np.clip(np.ceil(corners[..., 1].min(axis=1) - 0.5), 0, side).astype(int)
    high = np.clip(np.ceil(corners[..., 1].max(axis=1) - 0.5), 0, side).astype(int)
    face, row = _counted(low, high)
    left, right = np.full(len(face), np.inf), np.full(len(face), -np.inf)
    for k in range(3):
        p, q = corners[face, k], corners[face, (k + 1) % 3]
        rise = q[:, 1] - p[:, 1]
        share = (row + 0.5 - p[:, 1]) / np.where(np.abs(rise) < 1e-12, 1e-12, rise)
        cuts = (share >= 0.0) & (share <= 1.0)
        at = p[:, 0] + share * (q[:, 0] - p[:, 0])
        left[cuts], right[cuts] = np.minimum(left, at)[cuts], np.maximum(right, at)[cuts]
    kept = np.isfinite(left)
    face, row, left, right = face[kept], row[kept], left[kept], right[kept]
    line, column = _counted(np.clip(np.ceil(left - 0.5), 0, side).astype(int), np.clip(np.ceil(right - 0.5), 0, side).astype(int))
    return face[line], row[line], column


def _counted(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(which, value) of all whole numbers from low to high, the end left out."""
    count = np.maximum(high - low, 0)
    which = np.repeat(np.arange(len(low)), count)
    return which, np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + low[which]


def _shares(corners: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n, 3) weights of a triangle's corners at a point."""
    (ax, ay), (bx, by), (cx, cy) = (corners[:, k].T for k in range(3))
    whole = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    second = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / whole
    third = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / whole
    return np.stack([1.0 - second - third, second, third], axis=1)


def metal(normals: np.ndarray, colour: str = "silver", seed: int = 0) -> np.ndarray:
    """(h, w, 3) polished metal in a studio: bright boxes, a dark floor, blown-out highlights."""
    random = np.random.default_rng(seed)
    unit = normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-6)
    mirror = 2.0 * unit[..., 2:3] * unit - (0.0, 0.0, 1.0)
    light = 0.30 + 0.30 * mirror[..., 1]
    for _ in range(4):
        towards = random.normal(size=3) + (0.0, 0.6, 0.4)
        towards /= np.linalg.norm(towards)
        light += random.uniform(0.35, 0.8) / (1.0 + np.exp(-18.0 * (mirror @ towards - random.uniform(0.5, 0.85))))
    light = np.clip(light, 0.04, None)[..., None]
    return np.clip(light * np.array(METALS[colour]) + np.maximum(light - 1.0, 0.0), 0.0, 1.0).astype(np.float32)


def ground(kind: str, side: int, mask: np.ndarray, seed: int = 0) -> np.ndarray:
    """(side, side, 3) of what the piece stands on."""
    y, x = np.mgrid[0.0 : 1.0 : side * 1j, 0.0 : 1.0 : side * 1j]
    plain = {"white": (1.0, 1.0, 1.0), "grey": (0.62, 0.62, 0.62), "blue": (0.35, 0.48, 0.68), "dark": (0.07, 0.07, 0.08), "beige": (0.87, 0.76, 0.66)}
    if kind in plain:
        return np.broadcast_to(np.array(plain[kind], np.float32), (side, side, 3)).copy()
    if kind == "gradient":
        return np.stack([0.95 - 0.35 * y, 0.93 - 0.30 * y - 0.05 * x, 0.97 - 0.28 * y], axis=-1).astype(np.float32)
    if kind == "noise":
        grain = np.random.default_rng(seed).normal(0.0, 0.035, (side, side, 3))
        return np.clip(0.78 + 0.06 * (x - y)[..., None] + grain, 0.0, 1.0).astype(np.float32)
    fallen = np.roll(mask, (round(0.03 * side), round(0.02 * side)), (0, 1))
    dark = 0.38 * blur(fallen, 0.025 * side)
    return np.repeat((0.94 * (1.0 - dark))[..., None], 3, axis=-1).astype(np.float32)


def picture(mesh: Mesh, shot: Shot = FRONT, side: int = 512, colour: str = "silver", on: str = "white", seed: int = 0) -> np.ndarray:
    """(side, side, 3) float32, or with ``on`` "clear" (side, side, 4)."""
    return posed(*cover(mesh, shot, side), colour, on, seed)


def posed(mask: np.ndarray, normals: np.ndarray, colour: str = "silver", on: str = "white", seed: int = 0) -> np.ndarray:
    """The picture of what ``cover`` gave."""
    shown = metal(normals, colour, seed)
    if on == "clear":
        return np.concatenate([shown, mask[..., None]], axis=-1)
    behind = ground(on, len(mask), mask, seed)
    return np.clip(shown * mask[..., None] + behind * (1.0 - mask[..., None]), 0.0, 1.0).astype(np.float32)


def _turn(shot: Shot) -> np.ndarray:
    away, raised, rolled = np.deg2rad([shot.away, shot.raised, shot.rolled])
    about_y = np.array([[np.cos(away), 0, np.sin(away)], [0, 1, 0], [-np.sin(away), 0, np.cos(away)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(raised), -np.sin(raised)], [0, np.sin(raised), np.cos(raised)]])
    about_z = np.array([[np.cos(rolled), -np.sin(rolled), 0], [np.sin(rolled), np.cos(rolled), 0], [0, 0, 1]])
    return about_z @ about_x @ about_y
