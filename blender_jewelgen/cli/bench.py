"""Speeds of this machine as medians, each beside a rival timed in the same process where there is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..core.mesh.arrays import Mesh
from ..core.pipeline import Tell
from . import bench_bodies, bench_crafts
from .bench_rows import Row, beside, median, row, under

_PROMPT = "repoussé lotus scroll band, beaded border, 18k gold, US 7"


def measure(only: str, tell: Tell) -> list[Row]:
    """All rows whose name holds ``only``: name, median_ms, rival, rival_ms, ratio, target, ok."""
    rows = []
    with _rivals_on_stderr():
        for share, (name, run) in enumerate(_ROWS.items()):
            if only in name:
                tell(share / len(_ROWS), name)
                rows.append({"name": name, **run()})
    return rows


@contextmanager
def _rivals_on_stderr() -> Iterator[None]:
    """Blender prints as it exports; stdout stays for the rows."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _start() -> Row:
    code = f"from blender_jewelgen.cli.main import parser; from blender_jewelgen.cli.typed import recipe_of; recipe_of(parser(False).parse_args(['make', {_PROMPT!r}]))"
    return under(median(lambda: subprocess.run([sys.executable, "-c", code], check=True)), 400.0)


def _pattern() -> Row:
    from ..core.pattern import compose
    from ..core.pattern.strip import Strip
    from ..core.words.lexicon import read

    design = read(_PROMPT)
    strip = Strip(64.0, 16.0, 1024, 256)
    return under(median(lambda: compose.draw(design, strip, 0)), 300.0)


def _band_grid() -> tuple[Any, Any, np.ndarray]:
    from ..core.form.params import FormParams, complete
    from ..core.form.turned import turned
    from ..core.pattern import compose
    from ..core.pattern.strip import Strip
    from ..core.relief import solid
    from ..core.words.lexicon import read

    host = turned(complete(FormParams(form="band", width=8.0)))
    spacing = (host.ornament[0] * host.profile_length / 1e6) ** 0.5
    picture = compose.draw(read(_PROMPT), Strip(*host.ornament, 2048, 256), 0)
    return host, solid.grid(host, spacing, 0.25), picture


def _structured() -> Row:
    from ..core.relief import solid

    _host, layout, picture = _band_grid()

    def ours() -> None:
        tall = solid.sample(picture, layout, True)
        tall *= layout.weight
        tall *= np.float32(0.6)
        points = solid.displace(layout, tall)
        solid.normals(points, *tall.shape, True)

    return beside(median(ours, 9), "Blender Subdivision + Displace", _blender_stack(picture), 20.0)


def _generic() -> Row:
    from ..core.relief import generic, mapping, solid

    host, layout, picture = _band_grid()
    rows, columns = len(layout.row), len(layout.angle)
    flat = solid.close(host, layout, solid.displace(layout, np.zeros((rows, columns), np.float32)), np.zeros((rows, columns), np.float32))
    where = mapping.of_mesh(flat, "auto")

    ours = median(lambda: generic.lifted(flat, where, picture, 0.6, 0.25))
    return beside(ours, "Blender Subdivision + Displace", _blender_stack(picture), 3.0)


def _blender_stack(picture: np.ndarray) -> float:
    """Median ms of Blender's own modifiers on the same band at one million vertices."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    around, across, levels = 344, 45, 3
    u, v = np.meshgrid(np.arange(around), np.arange(across))
    turn = u / around * 2.0 * np.pi
    points = np.stack([10.0 * np.cos(turn), 10.0 * np.sin(turn), v / (across - 1) * 8.0 - 4.0], 2).reshape(-1, 3)
    index = np.arange(around * across).reshape(across, around)
    quads = np.stack([index[:-1], np.roll(index, -1, 1)[:-1], np.roll(index, -1, 1)[1:], index[1:]], 2).reshape(-1, 4)
    data = bpy.data.meshes.new("band")
    data.from_pydata(points.tolist(), [], quads.tolist())
    layer = data.uv_layers.new(name="UVMap")
    corners = np.stack([(u / around).ravel()[quads.ravel()], (v / (across - 1)).ravel()[quads.ravel()]], 1).astype(np.float32)
    layer.data.foreach_set("uv", corners.ravel())
    thing = bpy.data.objects.new("band", data)
    bpy.context.scene.collection.objects.link(thing)
    image = bpy.data.images.new("height", picture.shape[1], picture.shape[0], float_buffer=True)
    image.pixels.foreach_set(np.repeat(picture[::-1, :, None], 4, 2).astype(np.float32).ravel())
    texture = bpy.data.textures.new("height", "IMAGE")
    texture.image = image
    fine = thing.modifiers.new("fine", "SUBSURF")
    fine.subdivision_type, fine.levels = "SIMPLE", levels
    push = thing.modifiers.new("push", "DISPLACE")
    push.texture, push.texture_coords, push.uv_layer = texture, "UV", "UVMap"
    strength = iter(np.linspace(0.5, 0.7, 100))

    def once() -> None:
        push.strength = float(next(strength))
        bpy.context.view_layer.update()
        result = thing.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        assert len(result.vertices) > 900_000

    return median(once)


def _closed() -> Row:
    import trimesh

    from ..core.mesh.closed import edges

    mesh = _torus(1000, 500)

    def rival() -> None:
        fresh = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
        assert fresh.is_watertight and fresh.is_winding_consistent

    return beside(median(lambda: edges(mesh.faces, len(mesh.vertices))), "trimesh", median(rival, 3), 8.0)


def _glb() -> Row:
    import bpy

    from ..core.mesh.files import write_glb

    mesh = _torus(1000, 1000)
    with tempfile.TemporaryDirectory() as folder:
        ours = median(lambda: write_glb(Path(folder) / "ours.glb", mesh))
        bpy.ops.wm.read_factory_settings(use_empty=True)
        data = bpy.data.meshes.new("torus")
        data.vertices.add(len(mesh.vertices))
        data.attributes["position"].data.foreach_set("vector", mesh.vertices.astype(np.float32).ravel())
        data.loops.add(mesh.faces.size)
        data.attributes[".corner_vert"].data.foreach_set("value", mesh.faces.ravel())
        data.polygons.add(len(mesh.faces))
        data.polygons.foreach_set("loop_start", np.arange(0, mesh.faces.size, 3, dtype=np.int32))
        data.update(calc_edges=True)
        bpy.context.scene.collection.objects.link(bpy.data.objects.new("torus", data))
        rival = median(lambda: bpy.ops.export_scene.gltf(filepath=str(Path(folder) / "blender.glb")), 1)
    return beside(ours, "Blender glTF exporter", rival, 10.0)


def _make() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "blender_jewelgen", "make", _PROMPT, "--no-render", "--quiet", "--force", "--out", str(Path(folder) / "out")]
        return under(median(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL), 3), 6000.0)


def _torus(around: int, section: int) -> Mesh:
    from ..core.form.plate import torus

    return torus(9.0, 1.5, around, section)


def _worker_start() -> Row:
    from ..worker.times import start_ms

    return under(start_ms(), 300.0)


def _worker_round_trip() -> Row:
    from ..worker.times import round_trip_ms

    return under(round_trip_ms(), 5.0)


def _new_object() -> Row:
    """As the add-on does it, in one process with bpy: edges worked out beforehand, then attribute by attribute."""
    code = (
        "import json, os, sys, time; import bpy, numpy as np\n"
        "from blender_jewelgen.blender.mesh_steps import arrays_of, steps; from blender_jewelgen.core.mesh.arrays import Mesh\n"
        "side = 1000; y, x = np.mgrid[0:side, 0:side].astype(np.float32); p = np.stack([x, y, np.sin(x / 30)], -1).reshape(-1, 3)\n"
        "at = np.arange(side * side, dtype=np.int32).reshape(side, side)\n"
        "a, b, c, d = at[:-1, :-1].ravel(), at[:-1, 1:].ravel(), at[1:, 1:].ravel(), at[1:, :-1].ravel()\n"
        "f = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])\n"
        "def ours():\n    for _ in steps(arrays_of(Mesh(p, f)), 'ours'): pass\n"
        "def theirs(): bpy.data.meshes.new('theirs').from_pydata(p.tolist(), [], f.tolist())\n"
        "took = {}\n"
        "for name, work in (('ours', ours), ('theirs', theirs)):\n"
        "    times = []\n"
        "    for _ in range(3): t = time.perf_counter(); work(); times.append(time.perf_counter() - t)\n"
        "    took[name] = sorted(times)[1] * 1000\n"
        "print(json.dumps(took), flush=True); os._exit(0)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300).stdout
    took = json.loads(said.strip().splitlines()[-1])
    return beside(took["ours"], "from_pydata", took["theirs"], 3.0)


def _motifs() -> Row:
    from ..core.pattern.drawn import CELL
    from ..core.words.vectors import DIMENSIONS
    from ..engines import motif
    from ..engines.motif import files

    wish = motif.Wish(prompt="dragon", function="invent", count=8)
    ours = median(lambda: motif.draw(wish, lambda share, text: None))
    net, twice = files.model(), 2 * wish.count  # with the words and without
    noise, words = np.zeros((twice, CELL, CELL), np.float32), np.zeros((twice, DIMENSIONS), np.float32)

    def passes() -> None:
        for step in range(wish.steps):
            net.direction(noise, np.full(twice, 1.0 - step / wish.steps, np.float32), words)

    bare = median(passes)
    return row(ours, "<= 1200 ms, 0.9 of them in the net", ours <= 1200.0 and bare / ours >= 0.9, "the net's own passes", bare)


def _sketch() -> Row:
    from ..core.pattern import drawn
    from ..engines import motif

    wish = motif.Wish(prompt="eagle", sketch=drawn.drawing_of("dove"), count=1, steps=6)
    return under(median(lambda: motif.draw(wish, lambda share, text: None)), 250.0)


_ROWS: dict[str, Callable[[], Row]] = {
    "enter the command line and read a prompt": _start,
    "pattern of 1024 x 256 px": _pattern,
    "structured relief, 1 M vertices": _structured,
    "relief on any mesh, 1 M vertices": _generic,
    "closed and wound outward, 1 M triangles": _closed,
    "GLB of 2 M triangles": _glb,
    "make, no picture, print density": _make,
    "8 motifs, words to cells": _motifs,
    "a motif after a sketch": _sketch,
    "worker: from nothing to ready": _worker_start,
    "worker: a message there and back": _worker_round_trip,
    "new Blender object of 1 M vertices": _new_object,
    **bench_crafts.ROWS,
    **bench_bodies.ROWS,
}
