"""How a piece lies before the camera: pure numpy, so that it can be tested without a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

RINGS = ("band", "signet", "bangle", "cuff")
PLATES = ("pendant", "medallion", "plaque", "link", "earrings")


@dataclass(frozen=True)
class Pose:
    """Degrees. ``tilt`` leans the piece back from the camera, ``turn`` is round the vertical."""

    tilt: float
    turn: float
    height: float  # the camera's height above the horizon
    fill: float = 0.74  # share of the frame the piece takes


POSES = {
    "band": Pose(4.0, 12.0, 30.0, 0.8),
    "signet": Pose(8.0, 20.0, 32.0, 0.8),
    "bangle": Pose(4.0, 12.0, 27.0, 0.84),
    "cuff": Pose(4.0, 18.0, 30.0, 0.84),
    "bead": Pose(-18.0, 25.0, 34.0, 0.66),
    "pendant": Pose(5.0, -12.0, 64.0, 0.8),
    "medallion": Pose(5.0, -12.0, 64.0, 0.74),
    "plaque": Pose(5.0, -12.0, 62.0, 0.78),
    "link": Pose(5.0, -12.0, 62.0, 0.78),
    "earrings": Pose(5.0, -8.0, 64.0, 0.8),
    "mesh": Pose(0.0, 25.0, 38.0),
}


HANGING = Pose(84.0, 0.0, 16.0, 0.82)
SWAY = 52.0  # degrees


def turned(axis: str, degrees: float) -> np.ndarray:
    """(3, 3) right-handed rotation about one axis."""
    a = np.radians(degrees)
    c, s = float(np.cos(a)), float(np.sin(a))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


def pose_of(form: str, points: np.ndarray, turning: bool) -> Pose:
    """The pose of a form; a piece that turns stands upright, and plates are seen from a little above, as if they hung."""
    if not turning:
        return POSES[form]
    return HANGING if lies(form, points[:: max(1, len(points) // 60_000)]) else replace(POSES[form], tilt=0.0)


def stand(vertices: np.ndarray, relief: np.ndarray | None, form: str, turning: bool = False) -> np.ndarray:
    """(3, 3) rotation that sets a piece, given in its own axes, before a camera that looks along +y.

    Rings turn their ornament, heads and fronts to the camera and lean back, so that the outside
    meets the light and not the table; plates lie on their back with the upper edge away, or stand on it if they are to turn.
    """
    step = max(1, len(vertices) // 60_000)
    points = vertices[::step].astype(np.float64)
    pose = pose_of(form, points, turning)
    if lies(form, points):
        flat = _face_up(points, None if relief is None else relief[::step])
        return turned("x", pose.tilt) @ turned("z", pose.turn) @ flat
    front = turned("z", -90.0 - _heading(points)) if form in ("signet", "cuff") else np.eye(3)
    return turned("x", -pose.tilt) @ turned("z", pose.turn) @ front


def turn_at(share: float, sways: bool) -> float:
    """Degrees about the vertical after a share of a turn. What ``sways`` swings to both sides: a plate's back is bare."""
    return SWAY * math.sin(2.0 * math.pi * share) if sways else 360.0 * share


def swept(points: np.ndarray, sways: bool = False, steps: int = 24) -> np.ndarray:
    """(steps * m, 3): where about 2000 of the outermost of ``points`` come on one turn about the z axis."""
    reach = np.hypot(points[:, 0], points[:, 1])
    far = np.concatenate([np.argsort(reach)[-1000:], np.argsort(points[:, 2])[:500], np.argsort(points[:, 2])[-500:]])
    return np.concatenate([points[far] @ turned("z", turn_at(n / steps, sways)).T for n in range(steps)])


def lies(form: str, points: np.ndarray) -> bool:
    """Whether a piece lies on its back and is seen from above: the plates, and imported meshes as thin as one."""
    extent = np.sort(np.ptp(points, axis=0))
    return form in PLATES or (form == "mesh" and bool(extent[0] < 0.3 * extent[1]))


def _face_up(points: np.ndarray, relief: np.ndarray | None) -> np.ndarray:
    """Rotation that lays the thinnest axis along z with the ornament on top."""
    thin = int(np.argmin(np.ptp(points, axis=0)))
    lay = {0: turned("y", -90.0) @ turned("x", -90.0), 1: turned("x", 90.0), 2: np.eye(3)}[thin]
    if relief is not None and float(relief.max()) > 0.0:
        height = (points @ lay.T)[:, 2]
        if float(np.average(height, weights=relief + 1e-9)) < float(height.min() + height.max()) / 2.0 - 1e-9:
            lay = turned("y", 180.0) @ lay
    return lay


def _heading(points: np.ndarray) -> float:
    """Degrees round z at which the piece reaches farthest from its axis, or, for an open one, opposite its gap."""
    angle = np.arctan2(points[:, 1], points[:, 0])
    reach = np.hypot(points[:, 0], points[:, 1])
    counts, edges = np.histogram(angle, 36, (-np.pi, np.pi))
    if np.any(counts == 0):
        open_at = edges[:-1][counts == 0] + np.pi / 36.0
        return float(np.degrees(np.arctan2(np.sin(open_at).sum(), np.cos(open_at).sum()))) + 180.0
    far = angle[reach > np.quantile(reach, 0.97)]
    return float(np.degrees(np.arctan2(np.sin(far).sum(), np.cos(far).sum())))


def frame(points: np.ndarray, forward: np.ndarray, right: np.ndarray, up: np.ndarray, half: float, fill: float) -> np.ndarray:
    """(3,) where the camera stands so that the points fill the share ``fill`` of a square picture.

    ``forward``, ``right``, ``up``: the camera's axes; ``half``: tangent of half the angle of view.
    """
    place = np.stack([points @ right, points @ up, points @ forward], axis=1)
    limit = half * fill
    centre = (place[:, :2].min(axis=0) + place[:, :2].max(axis=0)) / 2.0
    distance = 0.0
    for _ in range(4):
        distance = float(np.max(np.abs(place[:, :2] - centre).max(axis=1) / limit - place[:, 2]))
        seen = (place[:, :2] - centre) / (place[:, 2:] + distance)
        centre = centre + (seen.min(axis=0) + seen.max(axis=0)) / 2.0 * distance
    return right * centre[0] + up * centre[1] - forward * distance
