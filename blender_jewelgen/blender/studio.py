"""The photographer's table: backdrop, soft boxes, black cards and camera, all built by code, sizes in piece radii."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from . import poses
from .materials import Nodes, metal, stone, tree_of

LENS = 90.0  # mm on a 36 mm sensor
HALF_ANGLE = 18.0 / LENS
PAPER = (0.36, 0.33, 0.30)  # warm grey, linear

WARM, GLOW, COOL = (1.0, 0.975, 0.945), (1.0, 0.93, 0.84), (0.96, 0.98, 1.0)
AIR = 0.18  # what metal sees beside the boxes; the black of a jeweller's black cards
# name, place, (width, height), power, colour; the piece has radius 1, stands at the origin and is seen from -y
RIGS = {
    "ring": (
        ("Front", (0.3, -4.6, -0.2), (4.4, 5.4), 2.4, WARM),
        ("Top", (0.2, 0.9, 4.4), (4.4, 3.2), 2.3, WARM),
        ("Left", (-4.2, -0.6, 1.2), (2.2, 4.4), 2.8, COOL),
        ("Fill", (3.9, -3.0, 0.2), (2.6, 5.0), 1.2, WARM),
        ("Right", (4.3, 0.2, 1.2), (1.1, 4.4), 4.0, WARM),
        ("Back", (-0.8, 4.5, 2.2), (5.0, 1.8), 1.5, GLOW),
    ),
    "plate": (
        ("Ceiling", (-1.0, 2.1, 4.6), (6.4, 4.6), 1.35, WARM),
        ("Rake", (-3.8, 1.6, 1.7), (4.2, 1.7), 7.0, WARM),
        ("Front", (0.4, -3.9, 2.4), (3.6, 1.0), 3.6, GLOW),
        ("Right", (4.2, 0.4, 1.9), (3.2, 1.0), 4.0, COOL),
        ("Overhead", (1.9, -1.2, 4.4), (2.4, 2.6), 1.5, WARM),
    ),
}


@dataclass
class Studio:
    """A scene of its own; ``clear`` takes everything in it away again."""

    scene: bpy.types.Scene
    made: list[Any] = field(default_factory=list)
    piece: bpy.types.Object | None = None
    rest: Matrix = field(default_factory=Matrix)  # the piece's place before it turns
    sways: bool = False

    def keep(self, block: Any) -> Any:
        """Remember a data block for ``clear``."""
        self.made.append(block)
        return block

    def put(self, name: str, data: Any, matrix: Matrix) -> bpy.types.Object:
        """A new object of the scene."""
        thing = self.keep(bpy.data.objects.new(name, data))
        thing.matrix_world = matrix
        self.scene.collection.objects.link(thing)
        return thing

    def set_stones(self, data: bpy.types.Mesh) -> None:
        """Stones in the piece, which turn with it; their facets stay flat. The mesh becomes the studio's."""
        assert self.piece
        before = len(bpy.data.materials)
        glass = stone()
        if len(bpy.data.materials) > before:  # nobody else shows stones in this file
            self.keep(glass)
        self.keep(data).materials.append(glass)
        data.shade_flat()
        self.put("Stones", data, Matrix()).parent = self.piece

    def turn(self, share: float) -> None:
        """Turn the piece on the table, 1 being once round, or to both sides and back; lights and camera stand."""
        assert self.piece
        self.piece.matrix_world = Matrix.Rotation(math.radians(poses.turn_at(share, self.sways)), 4, "Z") @ self.rest

    def clear(self) -> None:
        """Remove the scene and all that was made for it."""
        bpy.data.scenes.remove(self.scene)
        bpy.data.batch_remove(self.made)


def build(
    data: bpy.types.Mesh, relief: np.ndarray | None, metal_key: str, finish: str, form: str, turning: bool = False
) -> Studio:
    """A scene with the mesh in its pose, lights, cards, backdrop and camera; the mesh becomes the studio's.

    ``turning``: the pose and the frame suit a piece that turns; see ``Studio.turn``.
    """
    studio = Studio(bpy.data.scenes.new("JewelGen studio"))
    studio.keep(data)
    points = np.empty(len(data.vertices) * 3, np.float32)
    data.attributes["position"].data.foreach_get("vector", points)
    points = points.reshape(-1, 3)
    pose = poses.pose_of(form, points, turning)
    turn = poses.stand(points, relief, form, turning)
    sample = points[:: max(1, len(points) // 200_000)] @ turn.T
    low, high = sample.min(axis=0), sample.max(axis=0)
    scale = 2.0 / float(max(high - low).max())
    origin = np.array([(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0, (points @ turn.T[:, 2]).min()])
    studio.rest = Matrix.Scale(scale, 4) @ Matrix.Translation(Vector(-origin)) @ Matrix(turn.tolist()).to_4x4()
    material = studio.keep(metal(metal_key, finish, round_z=form in poses.RINGS or form == "bead", scale=scale))
    data.materials.append(material)
    studio.piece = studio.put("Piece", data, studio.rest)
    seen = (sample - origin) * scale
    flat = poses.lies(form, points[:: max(1, len(points) // 60_000)])
    studio.sways = turning and flat
    _camera(studio, poses.swept(seen, flat) if turning else seen, pose)
    _backdrop(studio)
    _lights(studio, "plate" if flat and not turning else "ring")
    return studio


def _camera(studio: Studio, points: np.ndarray, pose: poses.Pose) -> None:
    a = math.radians(pose.height)
    forward = np.array([0.0, math.cos(a), -math.sin(a)])
    right, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, math.sin(a), math.cos(a)])
    place = poses.frame(points, forward, right, up, HALF_ANGLE, pose.fill)
    data = studio.keep(bpy.data.cameras.new("Camera"))
    data.lens, data.sensor_width, data.clip_end = LENS, 36.0, 200.0
    matrix = Matrix(np.stack([right, up, -forward], axis=1).tolist()).to_4x4()
    studio.scene.camera = studio.put("Camera", data, Matrix.Translation(Vector(place)) @ matrix)


def _backdrop(studio: Studio) -> None:
    """A sweep of paper: flat table, then a quarter circle, then a wall."""
    bend = np.linspace(0.0, math.pi / 2.0, 24)
    depth, radius = 5.0, 4.0
    line = [(-9.0, 0.0)] + [(depth + radius * math.sin(b), radius * (1.0 - math.cos(b))) for b in bend] + [(depth + radius, 16.0)]
    vertices = [(x, y, z) for y, z in line for x in (-16.0, 16.0)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(line) - 1)]
    data = studio.keep(bpy.data.meshes.new("Backdrop"))
    data.from_pydata(vertices, [], faces)
    data.shade_smooth()
    material = studio.keep(bpy.data.materials.new("Backdrop"))
    n = Nodes(tree_of(material))
    paper = n.add("ShaderNodeBsdfDiffuse", Color=(*PAPER, 1.0))
    n.add("ShaderNodeOutputMaterial", Surface=paper)
    data.materials.append(material)
    # What metal would see in the paper is given by the boxes, which reach below the table.
    studio.put("Backdrop", data, Matrix()).visible_glossy = False


def _lights(studio: Studio, rig: str) -> None:
    """Boxes that only metal sees, and one lamp that only the paper sees: a third of the time of true soft boxes."""
    for row in RIGS[rig]:
        _box(studio, *row)
    lamp = studio.keep(bpy.data.lights.new("Lamp", "AREA"))
    lamp.shape, lamp.size, lamp.size_y = "RECTANGLE", 3.4, 3.4
    lamp.energy, lamp.color = 420.0, (1.0, 0.97, 0.93)
    at = Vector((-1.6, 1.6, 4.6))
    thing = studio.put("Lamp", lamp, Matrix.Translation(at) @ (-at).to_track_quat("-Z", "Y").to_matrix().to_4x4())
    thing.visible_camera = thing.visible_glossy = False
    world = studio.keep(bpy.data.worlds.new("Studio air"))
    n = Nodes(tree_of(world))
    n.add("ShaderNodeOutputWorld", Surface=n.add("ShaderNodeBackground", Color=(1.0, 0.96, 0.92, 1.0), Strength=AIR))
    world.cycles.sampling_method = "NONE"
    studio.scene.world = world


def _plane(studio: Studio, name: str, at: tuple, size: tuple, material: bpy.types.Material) -> bpy.types.Object:
    """A rectangle that faces the piece, upright side up; -1 to 1 in its own x and y."""
    data = studio.keep(bpy.data.meshes.new(name))
    data.from_pydata([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], [], [(0, 1, 2, 3)])
    data.materials.append(material)
    aim = (Vector((0.0, 0.0, 0.45)) - Vector(at)).to_track_quat("Z", "Y").to_matrix().to_4x4()
    thing = studio.put(name, data, Matrix.Translation(at) @ aim @ Matrix.Diagonal((size[0] / 2.0, size[1] / 2.0, 1.0, 1.0)))
    thing.visible_camera = False
    return thing


def _box(studio: Studio, name: str, at: tuple, size: tuple, power: float, color: tuple) -> None:
    """A soft box: bright in the middle, fading to its rim, so that metal shows a gradient and no hard window."""
    material = studio.keep(bpy.data.materials.new(name))
    n = Nodes(tree_of(material))
    place = n.add("ShaderNodeTexCoord", "Object")
    parts = n.add("ShaderNodeSeparateXYZ", Vector=place).node.outputs
    fades = []
    for part in parts[:2]:
        edge = n.math("ABSOLUTE", part)
        fades.append(n.math("SUBTRACT", 1.0, n.math("POWER", edge, 2.4)))
    fade = n.math("MAXIMUM", n.math("MULTIPLY", *fades), 0.0)
    front = n.math("SUBTRACT", 1.0, n.add("ShaderNodeNewGeometry", "Backfacing"))
    glow = n.math("MULTIPLY", n.math("MULTIPLY", fade, front), power)
    n.add("ShaderNodeOutputMaterial", Surface=n.add("ShaderNodeEmission", Color=(*color, 1.0), Strength=glow))
    material.cycles.emission_sampling = "NONE"
    box = _plane(studio, name, at, size, material)
    box.visible_shadow = box.visible_diffuse = False


def expose(scene: bpy.types.Scene, size: int, samples: int) -> None:
    """Camera settings: a square PNG by Cycles on the processor, few rays, then cleaned."""
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.color_depth = "8"
    scene.view_settings.view_transform = "Khronos PBR Neutral"
    scene.view_settings.look = "None"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_light_tree = False
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.1
    cycles.adaptive_min_samples = min(8, samples)
    cycles.use_denoising = True
    try:
        cycles.denoiser = "OPENIMAGEDENOISE"
    except TypeError:  # some Linux distributions build Blender without it: more rays instead
        cycles.use_denoising, cycles.adaptive_threshold, cycles.samples = False, 0.02, 8 * samples
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.denoising_prefilter = "ACCURATE"  # with FAST, metal keeps a fine grain
    cycles.denoising_quality = "BALANCED"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 5, 1, 4
    cycles.sample_clamp_indirect = 4.0
    cycles.blur_glossy = 0.5
    cycles.caustics_reflective = False
