"""What tests of motifs share: a quick wish, strokes of a pen, a worker whose Python has no onnxruntime."""

from __future__ import annotations

import numpy as np
from shop import now, settle

from blender_jewelgen.blender import sketch_pen

WORDS = "dragon pendant, 12 mm wide"


def wish(bpy, count=2, **values):
    """A wish that is drawn in a moment."""
    group = bpy.context.scene.jewelgen.wish
    group.count, group.steps = count, 3
    for name, value in values.items():
        setattr(group, name, value)
    return group


def piece(bpy, words=WORDS):
    """A small live relief, and the settings it was made with."""
    own = settle(bpy, words)
    assert bpy.ops.jewelgen.generate() == {"FINISHED"}, now(bpy).error
    return bpy.context.view_layer.objects.active, own


def draw(bpy, **values):
    """Motifs in the grid."""
    wish(bpy, **values)
    assert bpy.ops.jewelgen.motif_draw() == {"FINISHED"}, now(bpy).error
    return bpy.context.scene.jewelgen.tiles


def drawn(tiles):
    """Places of the tiles that the model drew."""
    return [place for place, tile in enumerate(tiles) if tile.cell]


def ring(middle=(0.0, 0.0), radius=6.0, count=40):
    """A closed line, mm."""
    t = np.linspace(0.0, 2 * np.pi, count)
    return np.stack([middle[0] + radius * np.cos(t), middle[1] + 1.2 * radius * np.sin(t)], axis=1)


def stroke(pen, points, radius=0.6, closed=False, layer=sketch_pen.PEN, unit=1.0):
    """Draw a line with the pen, mm."""
    drawing = pen.data.layers[layer].current_frame().drawing
    drawing.add_strokes([len(points)])
    line = drawing.strokes[len(drawing.strokes) - 1]
    line.cyclic = closed
    for point, (x, y) in zip(line.points, points, strict=True):
        point.position, point.radius = (x * unit, y * unit, 0.0), radius * unit
    pen.data.update_tag()


def followed(session):
    """Look at the sketch, and wait for what comes of it."""
    from blender_jewelgen.blender import jobs, sketch_live

    count = len(session.times)
    assert sketch_live.look(), session.where.scene_now().name
    jobs.wait(session.ticket)
    assert session.ticket.state == "done", session.ticket.error
    assert len(session.times) == count + 1
    return session.made


def without_runtime(monkeypatch):
    """A worker in whose Python onnxruntime cannot be loaded."""
    from blender_jewelgen.worker import environment

    usual = environment.command_for

    def command_for(python=None):
        command, env = usual(python)
        code = "import sys, runpy; sys.modules['onnxruntime'] = None; runpy.run_module('blender_jewelgen.worker', run_name='__main__', alter_sys=True)"
        return [*command[: command.index("-m")], "-c", code], env

    monkeypatch.setattr(environment, "command_for", command_for)
