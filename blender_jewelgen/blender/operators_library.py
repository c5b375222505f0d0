"""JewelGen's forms, metals and motifs in the asset browser, on request and away again."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import bpy
from bpy.props import BoolProperty

from . import assets
from .translations import say


class JEWELGEN_OT_add_library(bpy.types.Operator):
    """Show JewelGen's forms, metals, motifs and node groups in the Asset Browser"""

    bl_idname = "jewelgen.add_library"
    bl_label = "Add to the Asset Browser"

    remove: BoolProperty(name="Remove", description="Take the library out of the Asset Browser again", default=False, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not (assets.FOLDER / assets.FILE).is_file():
            cls.poll_message_set(say("This copy of JewelGen came without its library; scripts/build_assets.py makes it"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        if self.remove:
            said = "The library is no longer listed" if assets.remove() else "The library was not listed"
        else:
            said = "The library is in the Asset Browser" if assets.add() else "The library was there already"
        self.report({"INFO"}, say(said))
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_add_library,)
