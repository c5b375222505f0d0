"""Where pictures are projected from: the scene's camera, or views round the object, as matrices."""

from __future__ import annotations

import math
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ..core.errors import BadInput

# Azimuth and elevation in degrees of the looks at an object; front first. Each row leaves no point of a ball seen at less than the cosine behind it.
AROUND: dict[int, tuple[tuple[str, float, float], ...]] = {
    4: (("Front", 0, 30), ("Right", 90, -30), ("Back", 180, 30), ("Left", 270, -30)),
    6: (("Front", 0, 0), ("Right", 90, 0), ("Back", 180, 0), ("Left", 270, 0), ("Top", 0, 90), ("Bottom", 0, -90)),
    9: (
        ("Front", 0, 20), ("Right", 90, 20), ("Back", 180, 20), ("Left", 270, 20), ("Front Right", 45, -35), ("Back Right", 135, -35), ("Back Left", 225, -35),
        ("Front Left", 315, -35), ("Top", 0, 90),
    ),
}  # fmt: skip
_ROOM = 1.06  # of the object's half width that a view shows


@dataclass(frozen=True, eq=False)
class View:
    """A look at the scene. ``eye`` (4, 4): world to a frame that looks along -z; ``lens`` (4, 4): from there to -1 … 1."""

    name: str
    eye: np.ndarray
    lens: np.ndarray

    @property
    def flat(self) -> bool:
        """Whether it is a parallel projection."""
        return abs(float(self.lens[3, 3]) - 1.0) < 1e-9

    def seen(self, points: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Of (n, 3) points in the world: (n, 2) px, x to the right and y down, and (n,) distances along the look."""
        ahead = points @ self.eye[:3, :3].T + self.eye[:3, 3]
        flat = ahead @ self.lens[:, :3].T + self.lens[:, 3]
        with np.errstate(divide="ignore", invalid="ignore"):
            place = flat[:, :2] / flat[:, 3:]
        return np.stack([(0.5 + 0.5 * place[:, 0]) * size[0], (0.5 - 0.5 * place[:, 1]) * size[1]], axis=1), -ahead[:, 2]

    def towards(self, points: np.ndarray) -> np.ndarray:
        """(n, 3) unit vectors from points of the world to the eye."""
        turn = self.eye[:3, :3]
        if self.flat:
            return np.broadcast_to(turn[2] / np.linalg.norm(turn[2]), points.shape)
        away = -np.linalg.inv(turn) @ self.eye[:3, 3] - points
        return away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-30)

    def footprint(self, distance: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Length in the world of one pixel at these distances."""
        each = 2.0 / (abs(float(self.lens[0, 0])) * size[0])
        return np.full(distance.shape, each) if self.flat else each * np.maximum(distance, 1e-9)


def of_camera(scene: bpy.types.Scene, size: tuple[int, int] | None = None) -> View:
    """The scene's camera as it frames a picture of ``size``, or of the render's. Raises BadInput without one."""
    camera = scene.camera
    if camera is None or camera.type != "CAMERA":
        raise BadInput("the scene has no camera; add one and look through it", field="camera")
    if camera.data.type == "PANO":
        raise BadInput("a panoramic camera cannot project a picture", field="camera")
    width, height = size or render_size(scene)
    render = scene.render
    shape = (render.pixel_aspect_x, render.pixel_aspect_y) if size is None else (1.0, 1.0)
    lens = camera.calc_matrix_camera(bpy.context.evaluated_depsgraph_get(), x=width, y=height, scale_x=shape[0], scale_y=shape[1])
    return View("Camera", np.array(camera.matrix_world.normalized().inverted(), float), np.array(lens, float))


def render_size(scene: bpy.types.Scene) -> tuple[int, int]:
    """(width, height) in px of a render."""
    render = scene.render
    part = render.resolution_percentage / 100.0
    return max(8, round(render.resolution_x * part)), max(8, round(render.resolution_y * part))


def around(points: np.ndarray, count: int, turn: Matrix | None = None) -> list[View]:
    """``count`` (4, 6 or 9) parallel looks at (n, 3) points in the world, each as wide as all need; ``turn``: the object's own axes."""
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    frame = np.eye(3) if turn is None else np.array(turn.normalized().to_3x3(), float)
    away = points - middle
    turns = [(name, _look(azimuth, elevation) @ frame.T) for name, azimuth, elevation in AROUND[count]]
    half = max(max(float(np.abs(away @ look[:2].T).max()) for _, look in turns), 1e-9) * _ROOM
    deep = max(float(np.linalg.norm(away, axis=1).max()), 1e-9) * 2.0
    lens = np.diag([1.0 / half, 1.0 / half, -1.0 / (2.0 * deep), 1.0])
    views = []
    for name, look in turns:
        eye = np.eye(4)
        eye[:3, :3] = look
        eye[:3, 3] = -look @ (middle + deep * look[2])
        views.append(View(name, eye, lens))
    return views


def _look(azimuth: float, elevation: float) -> np.ndarray:
    """(3, 3) right, up and towards the eye, as rows: azimuth 0 stands in front, at -y, and 90 to the right, at +x."""
    a, e = math.radians(azimuth), math.radians(elevation)
    back = Vector((math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)))
    right = Vector((math.cos(a), math.sin(a), 0.0))
    return np.array([right, back.cross(right), back], float)
