"""What tests of jobs and operators share: a quick order, and the timer's ticks without a window."""

from __future__ import annotations

import json
import os
import time

import numpy as np

PROMPT = "repoussé lotus scroll band, beaded border, 18k gold, US 7"


def quick(bpy, prompt=PROMPT, unit=1.0):
    """The scene's settings for a coarse piece; ``unit`` scene units per mm."""
    bpy.context.scene.unit_settings.scale_length = 0.001 / unit
    own = bpy.context.scene.jewelgen
    own.prompt, own.relief.pixels, own.relief.density = prompt, 8.0, "preview"
    return own


def ordered(bpy):
    """The job that Generate would begin, begun as if there were a window."""
    from blender_jewelgen.blender import jobs, operators_generate

    return jobs.submit(operators_generate.order(bpy.context))


def ticked(*tickets, until=None, seconds=60.0):
    """Let the timer tick until the jobs are over, or ``until()`` holds."""
    from blender_jewelgen.blender import jobs

    end = time.monotonic() + seconds
    while not (until() if until else all(ticket.over for ticket in tickets)):
        assert time.monotonic() < end, [ticket.state for ticket in tickets]
        jobs.tick()
        time.sleep(0.005)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


def reliefs(bpy):
    return [ob for ob in bpy.context.scene.objects if ob.jewelgen.kind == "relief"]


def points(data):
    flat = np.empty(len(data.vertices) * 3, np.float32)
    data.attributes["position"].data.foreach_get("vector", flat)
    return flat.reshape(-1, 3)


def corners(data):
    flat = np.empty(len(data.loops), np.int32)
    data.attributes[".corner_vert"].data.foreach_get("value", flat)
    return flat.reshape(-1, 3)


def recipe(ob):
    return json.loads(ob.jewelgen.recipe)
