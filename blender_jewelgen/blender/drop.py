"""Files dragged into the viewport: a picture becomes the ornament, a mesh is imported."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy_extras.io_utils import ImportHelper

from .operators_import import MESHES
from .translations import say

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".bmp", ".webp")


class JEWELGEN_OT_import_picture(bpy.types.Operator, ImportHelper):
    """Use a picture as the ornament: white stands high, black lies low"""

    bl_idname = "jewelgen.import_picture"
    bl_label = "Use as Ornament"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(name="File", description="Picture file", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=";".join(f"*{end}" for end in PICTURES), options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return self.execute(context) if self.filepath else super().invoke(context, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.abspath(self.filepath))
        known = set(bpy.data.images)
        try:
            image = bpy.data.images.load(str(path), check_existing=True)
        except RuntimeError:
            image = None
        if image is None or 0 in image.size:
            if image is not None and image not in known:
                bpy.data.images.remove(image)
            self.report({"ERROR"}, say(f"{path.name or 'Nothing'} is not a picture that can be read"))
            return {"CANCELLED"}
        if image not in known:
            image.colorspace_settings.name = "Non-Color"  # heights are numbers, not light
        settings = context.scene.jewelgen
        settings.picture, settings.source = image, "PICTURE"
        self.report({"INFO"}, say(f"{image.name}, {image.size[0]} × {image.size[1]} pixels, is the ornament now"))
        return {"FINISHED"}


class _Viewport:
    """Files are taken in the 3D viewport."""

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


class JEWELGEN_FH_picture(_Viewport, bpy.types.FileHandler):
    """Pictures that become the ornament"""

    bl_idname = "JEWELGEN_FH_picture"
    bl_label = "JewelGen Ornament"
    bl_import_operator = "jewelgen.import_picture"
    bl_file_extensions = ";".join(PICTURES)


class JEWELGEN_FH_mesh(_Viewport, bpy.types.FileHandler):
    """Meshes that are read at jewelry's size"""

    bl_idname = "JEWELGEN_FH_mesh"
    bl_label = "JewelGen Mesh"
    bl_import_operator = "jewelgen.import_mesh"
    bl_file_extensions = ";".join(MESHES)


CLASSES = (JEWELGEN_OT_import_picture, JEWELGEN_FH_picture, JEWELGEN_FH_mesh)
