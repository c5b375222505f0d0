"""Write the node groups that ship: ``python scripts/build_nodes.py`` with bpy 4.5, whenever their code has changed.

The file is ``blender_jewelgen/assets/nodes.blend``; a test says when it is not up to date.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import bpy

from blender_jewelgen.blender import nodes_relief, tree_file

if bpy.app.version >= (5, 0, 0):
    sys.exit("build_nodes: the file must be written by Blender 4.5, the oldest that reads it")
bpy.ops.wm.read_factory_settings(use_empty=True)
tree_file.FILE.unlink(missing_ok=True)  # else it is read, not written
tree_file.save(nodes_relief.relief_group(), nodes_relief.INPUTS)
print(f"{tree_file.FILE}: {tree_file.FILE.stat().st_size / 1000:.0f} kB")
sys.stdout.flush()
os._exit(0)  # bpy 4.5 as a module can hang when its process ends
