"""What Projection keeps in the file: pictures and guides of the views (scene), and what was baked (object)."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from typing import Any

import bpy
from bpy.props import CollectionProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from .projection import CAMERA, VIEWS
from .projection_views import AROUND

SIZES = (512, 1024, 2048, 4096)


def _is_image(self: Any, image: bpy.types.Image) -> bool:
    return image.type not in ("RENDER_RESULT", "COMPOSITING")


def _views(self: Any, context: bpy.types.Context) -> None:
    ensure_rows(self)


class JewelGenShot(bpy.types.PropertyGroup):
    """One view: the picture that is projected from it, and what guided the drawing of it."""

    name: StringProperty(name="View", description="Where the object is seen from")
    picture: PointerProperty(type=bpy.types.Image, name="Picture", description="Picture that is projected from this view; empty for none", poll=_is_image)
    depth: PointerProperty(type=bpy.types.Image, name="Depth", description="The object from this view: near is light")
    normals: PointerProperty(type=bpy.types.Image, name="Normals", description="The object from this view: which way its surface faces")


class JewelGenProjection(bpy.types.PropertyGroup):
    """How pictures are laid on an object."""

    source: EnumProperty(
        name="From", description="Where the pictures are projected from", update=_views,
        items=[(CAMERA, "Camera", "One picture, through the scene's camera"), (VIEWS, "Around", "Several pictures, from all sides of the object")],
    )  # fmt: skip
    count: EnumProperty(
        name="Views", description="How many pictures, from all sides of the object", default="6", update=_views,
        items=[(str(count), str(count), ", ".join(row[0] for row in rows)) for count, rows in AROUND.items()],
    )  # fmt: skip
    camera: PointerProperty(type=JewelGenShot)
    shots: CollectionProperty(type=JewelGenShot)
    guide: IntProperty(name="Guide Size", description="Longer side of the guides in pixels", default=1024, min=64, max=4096, subtype="PIXEL")
    size: EnumProperty(name="Texture", description="Sides of the baked picture in pixels", default="1024", items=[(str(n), str(n), "") for n in SIZES])
    sharpness: FloatProperty(
        name="Sharpness", description="How soon a view gives way to one that looks more straight: 1 mixes widely, 12 cuts", default=4.0, min=1.0, max=12.0
    )
    limit: FloatProperty(name="Steepest (°)", description="Surface that is seen more askew than this is left to other views", default=80.0, min=20.0, max=89.0)
    margin: IntProperty(name="Margin", description="Pixels that colours go on over the borders of islands", default=8, min=1, max=64, subtype="PIXEL")

    @property
    def rows(self) -> "list[JewelGenShot]":
        """The views in use, the camera or those around; [] before their rows are made."""
        if self.source == CAMERA:
            return [self.camera]
        known = {row.name: row for row in self.shots}
        names = names_of(int(self.count))
        return [known[name] for name in names] if all(name in known for name in names) else []


class JewelGenProjected(bpy.types.PropertyGroup):
    """What was baked for an object."""

    image: PointerProperty(type=bpy.types.Image, name="Picture", description="The baked picture")
    unseen: FloatProperty(name="Unseen", description="Share of the surface that no view saw", min=0.0, max=1.0)
    notes: StringProperty(name="Notes", description="What a person should know of it")


def names_of(count: int) -> list[str]:
    """Names of the rows of ``count`` views; those of another count look from elsewhere and have rows of their own."""
    return [f"{name} ({count})" for name, _, _ in AROUND[count]]


def ensure_rows(settings: JewelGenProjection) -> None:
    """A row for each view in use; rows of other counts keep their pictures."""
    if settings.source == CAMERA:
        settings.camera.name = "Camera"
        return
    known = {row.name for row in settings.shots}
    for name in names_of(int(settings.count)):
        if name not in known:
            settings.shots.add().name = name


CLASSES = (JewelGenShot, JewelGenProjection, JewelGenProjected)


def register() -> None:
    bpy.types.Scene.jewelgen_projection = PointerProperty(type=JewelGenProjection)
    bpy.types.Object.jewelgen_projection = PointerProperty(type=JewelGenProjected)


def unregister() -> None:
    for owner in (bpy.types.Scene, bpy.types.Object):
        if hasattr(owner, "jewelgen_projection"):
            del owner.jewelgen_projection
