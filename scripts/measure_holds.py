"""How long Generate holds Blender: ``python scripts/measure_holds.py [RUNS]`` with bpy as a module; the timer's ticks are made by hand.

Prints, in ms, what the operator takes to hand its job in, and the longest tick of every run; the target is a median of
16 ms and nothing over 50 ms.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import bpy

from blender_jewelgen import blender as addon
from blender_jewelgen.blender import jobs, operators_generate


def timed(work: object) -> tuple[float, object]:
    """(ms, what it gave)."""
    start = time.perf_counter()
    given = work()  # type: ignore[operator]
    return 1000.0 * (time.perf_counter() - start), given


def main(runs: int) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    print(f"register {timed(addon.register)[0]:.1f} ms, Blender {bpy.app.version_string}")
    scene = bpy.context.scene
    scene.unit_settings.scale_length = 0.001
    scene.jewelgen.prompt = "repoussé lotus scroll band, beaded border, 18k gold, US 7"
    worst = []
    for _ in range(runs):
        handed, ticket = timed(lambda: jobs.submit(operators_generate.order(bpy.context)))
        ticks = []
        while not ticket.over:  # type: ignore[attr-defined]
            ticks.append(timed(jobs.tick)[0])
            time.sleep(jobs.STEP)
        worst.append(max(ticks))
        size = len(bpy.context.active_object.data.vertices)
        print(f"handed in {handed:5.1f} ms, longest tick {worst[-1]:6.1f} ms, {ticket.state}, {size:,} vertices")  # type: ignore[attr-defined]
    print(f"median of maxima {statistics.median(worst):.1f} ms, worst {max(worst):.1f} ms; after the first run {max(worst[1:], default=0.0):.1f} ms")
    addon.unregister()


main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
sys.stdout.flush()
os._exit(0)  # bpy 4.5 as a module can hang when its process ends
