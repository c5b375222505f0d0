"""The relief's node group read from a small file that ships: writing four hundred nodes one by one holds Blender for seconds, reading them for 20 ms.

The file remembers what it was made of. Where the code is another, the group is written as it always was.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import bpy

from .node_inputs import Input

FILE = Path(__file__).parents[1] / "assets" / "nodes.blend"
_MARK = "jewelgen_source"
_SOURCES = ("nodes.py", "relief_tree.py", "relief_clear.py")


def source(inputs: tuple[Input, ...]) -> str:
    """Fingerprint of a group's inputs and of the code that writes its nodes."""
    digest = hashlib.sha256(repr(inputs).encode())
    for name in _SOURCES:
        digest.update((Path(__file__).parent / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def load(name: str, inputs: tuple[Input, ...]) -> bpy.types.NodeTree | None:
    """The group from the file, into this one; None where there is no file or the code has changed since."""
    if not FILE.is_file():
        return None
    known = set(bpy.data.libraries)
    try:
        with bpy.data.libraries.load(str(FILE), link=False) as (there, here):
            here.node_groups = [found for found in there.node_groups if found == name]
        tree = next(iter(here.node_groups), None)
        fresh = tree is not None and tree.get(_MARK) == source(inputs)
    except OSError:  # not there, or a folder that cannot be read
        return None
    for library in set(bpy.data.libraries) - known:
        if not library.users_id:
            bpy.data.libraries.remove(library)
    if tree is not None and not fresh:
        bpy.data.node_groups.remove(tree)
        return None
    return tree


def save(tree: bpy.types.NodeTree, inputs: tuple[Input, ...]) -> None:
    """Write a group to the file; with the oldest Blender that is served, for the newer ones read what it wrote."""
    tree[_MARK] = source(inputs)
    FILE.parent.mkdir(exist_ok=True)
    bpy.data.libraries.write(str(FILE), {tree}, compress=True)
