"""A workshop for tests of the operators: the add-on in an empty file, small quick pieces, and a timer driven by hand."""

from __future__ import annotations

import time

import numpy as np
from live import object_of

from blender_jewelgen.core.mesh.arrays import Mesh

BAND = "lotus band, US 3, 2 mm wide"
PENDANT = "lotus pendant, 8 mm wide"
DISC = "lotus disc pendant, 8 mm wide"


def settle(bpy, words=PENDANT, unit=1.0):
    """The scene set to ``words``, few pixels and a coarse print; scene units per mm are ``unit``."""
    scene = bpy.context.scene
    scene.unit_settings.scale_length = 0.001 / unit
    scene.jewelgen.relief.pixels = 6
    scene.jewelgen.relief.tolerance = 0.05
    scene.jewelgen.prompt = words
    return scene.jewelgen


def now(bpy):
    return bpy.context.window_manager.jewelgen


def active(bpy):
    return bpy.context.view_layer.objects.active


def choose(bpy, ob):
    """The object alone selected and active."""
    bpy.context.view_layer.update()
    for other in bpy.context.view_layer.objects:
        other.select_set(other == ob)
    bpy.context.view_layer.objects.active = ob
    bpy.context.view_layer.update()
    return ob


def tube(radius=6.0, wire=1.2, n=64, m=24):
    """A closed ring round the z axis, mm."""
    a, b = np.meshgrid(np.arange(n) / n * 2 * np.pi, np.arange(m) / m * 2 * np.pi, indexing="ij")
    far = radius + wire * np.cos(b)
    points = np.stack([far * np.cos(a), far * np.sin(a), wire * np.sin(b)], -1).reshape(-1, 3)
    grid = np.arange(n * m).reshape(n, m)
    c, d = np.roll(grid, -1, 0), np.roll(grid, -1, 1)
    e = np.roll(c, -1, 1)
    faces = np.concatenate([np.stack([grid, c, e], -1).reshape(-1, 3), np.stack([grid, e, d], -1).reshape(-1, 3)])
    return Mesh(points.astype(np.float32), faces.astype(np.int32))


def torus(bpy, unit=1.0, name="Torus", **shape):
    """A ring of the artist's, chosen."""
    return choose(bpy, object_of(bpy, tube(**shape), unit, name))


class _App:
    """``bpy.app`` of a Blender that is not in the background."""

    background = False

    def __init__(self, app):
        self._app = app

    def __getattr__(self, name):
        return getattr(self._app, name)


class Window:
    """``bpy`` as it is with a window: operators return at once and the timer would be asked for."""

    def __init__(self, bpy):
        self._bpy = bpy
        self.app = _App(bpy.app)

    def __getattr__(self, name):
        return getattr(self._bpy, name)


def windowed(monkeypatch, bpy):
    """Jobs believe that there is a window; nothing ticks but ``tick_until``."""
    from blender_jewelgen.blender import jobs, laying, say

    for module in (jobs, laying, say):
        monkeypatch.setattr(module, "bpy", Window(bpy))
    return jobs


def tick_until(jobs, met, seconds=60.0):
    """Call the timer as Blender would until ``met()``."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, [(t.state, t.text) for t in jobs._desk.tickets]
        time.sleep(min(jobs.tick() or 0.0, 0.01))


def finish(jobs, seconds=60.0):
    """Let every job end as it will."""
    tick_until(jobs, lambda: not jobs._desk.tickets, seconds)


def finger(ob):
    """Everything of an object's own that making a print must leave alone, as one value."""
    import hashlib

    data = ob.data
    points = np.empty(len(data.vertices) * 3, np.float32)
    data.attributes["position"].data.foreach_get("vector", points)
    parts = [points.tobytes(), str([tuple(p.vertices) for p in data.polygons[:50]]).encode()]
    for layer in data.uv_layers:
        flat = np.empty(len(data.loops) * 2, np.float32)
        layer.uv.foreach_get("vector", flat)
        parts.append(layer.name.encode() + flat.tobytes())
    for key in data.shape_keys.key_blocks if data.shape_keys else ():
        flat = np.empty(len(data.vertices) * 3, np.float32)
        key.data.foreach_get("co", flat)
        parts.append(f"{key.name} {key.value}".encode() + flat.tobytes())
    parts.append(str([m and m.name for m in data.materials]).encode())
    parts.append(str([(m.name, m.type, m.show_viewport, m.show_render) for m in ob.modifiers]).encode())
    parts.append(str([tuple(row) for row in ob.matrix_world]).encode())
    parts.append(str(sorted(a.name for a in data.attributes)).encode())
    return hashlib.sha256(b"|".join(parts)).hexdigest()
