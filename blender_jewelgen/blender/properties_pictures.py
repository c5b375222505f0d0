"""What the Picture Model panel keeps in the file: what a picture model is told, and rows of pictures, controls and LoRAs."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from collections.abc import Sequence
from typing import Any

import bpy
from bpy.props import CollectionProperty, EnumProperty, FloatProperty, FloatVectorProperty, IntProperty, StringProperty

from ..core.diffusion import CONTROLS, Control, DiffusionParams, ImagePrompt, Lora
from . import diffusion_state
from .settings import annotations_of, free_value, items, typed
from .translations import CONTEXT

_BOX = (0.25, 0.25, 0.5, 0.5)  # left, top, width, height in shares, when a box is first asked for
_METHODS = [
    ("auto", "Automatic", "Look at the picture and take what suits it"),
    ("height", "Height", "Its greys are heights already"),
    ("luminance", "Brightness", "Light parts stand out, uneven light taken away"),
    ("shading", "Shading", "A form that light and shade of a photograph show"),
    ("line", "Lines", "The lines of a drawing stand out"),
    ("drawing", "Drawing", "The parts that a drawing encloses swell"),
    ("normals", "Normal Map", "The colours of a normal map are slopes"),
    ("depth", "Depth Map", "Its greys are a depth"),
    ("model", "Depth Model", "The depth model that is there sees the height"),
    ("marigold", "Marigold", "Marigold sees the height"),
    ("depth-anything", "Depth Anything", "Depth Anything V2 sees the height"),
]


def _file(cls: type, name: str, label: str) -> Any:
    """A parameter that names a file; one beside the .blend may begin with //."""
    meta = cls.__dataclass_fields__[name].metadata
    return StringProperty(
        name=label, description=meta["tip"], maxlen=meta["limit"], subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"}, translation_context=CONTEXT
    )


def _weight(cls: type, low: float = 0.0) -> Any:
    f = cls.__dataclass_fields__["weight"]
    return FloatProperty(
        name="Weight", description=f.metadata["tip"], default=f.default, min=f.metadata["low"], max=f.metadata["high"], soft_min=low, soft_max=2.0,
        precision=2, step=5, translation_context=CONTEXT,
    )  # fmt: skip


def _own(name: str, label: str, tip: str) -> Any:
    """A number that may be left to the model."""
    f = DiffusionParams.__dataclass_fields__[name]
    free = free_value(f)
    common: dict[str, Any] = {"name": label, "description": tip, "min": free, "max": f.metadata["high"], "default": free, "translation_context": CONTEXT}
    return IntProperty(**common) if f.metadata["kind"] == "whole" else FloatProperty(**common, precision=1, step=50)


def _model(self: Any) -> str:
    return diffusion_state.named(self.id_data.jewelgen.make.engine)


def _choose_model(self: Any, value: str) -> None:
    self.id_data.jewelgen.make.engine = diffusion_state.PICTURES + value.strip().removeprefix(diffusion_state.PICTURES)


def _models(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    from ..engines.weights import models

    return [card.name for card in models.cards() if card.family in models.PICTURES]


def _area(self: Any) -> Sequence[float]:
    try:
        found = tuple(float(part) for part in self.box.split(","))
    except ValueError:
        return _BOX
    return found if len(found) == 4 else _BOX


def _set_area(self: Any, value: Sequence[float]) -> None:
    left, top = (min(max(share, 0.0), 0.99) for share in value[:2])
    wide, high = (min(max(share, 0.01), 1.0 - first) for share, first in ((value[2], left), (value[3], top)))
    self.box = ",".join(f"{round(typed(share), 4):g}" for share in (left, top, wide, high))


def _boxed(self: Any, context: bpy.types.Context) -> None:
    if self.region == "BOX" and not self.box:
        _set_area(self, _BOX)


def _kept(self: Any, context: bpy.types.Context) -> None:
    """A ControlNet of the table gives way to the one for what is kept now; one of the artist's own stays."""
    engine = self.id_data.jewelgen.make.engine
    if self.model in ("", *(diffusion_state.suits(engine, "controlnet", kind) for kind in CONTROLS)):
        self.model = diffusion_state.suits(engine, "controlnet", self.kind)


class JewelGenLora(bpy.types.PropertyGroup):
    """One set of low-rank weights."""

    __annotations__ = annotations_of(Lora, path=_file(Lora, "path", "LoRA"), weight=_weight(Lora))


class JewelGenImagePrompt(bpy.types.PropertyGroup):
    """One picture that the model is to heed."""

    __annotations__ = annotations_of(
        ImagePrompt,
        path=_file(ImagePrompt, "path", "Picture"),
        weight=_weight(ImagePrompt),
        part=EnumProperty(
            name="Part", description="What of the picture is heeded", default="all",
            items=[("all", "All", "Everything"), ("style", "Style", "Only how it is drawn"), ("layout", "Layout", "Only where things stand")],
        ),
    )  # fmt: skip


class JewelGenControl(bpy.types.PropertyGroup):
    """One picture that the model keeps to."""

    __annotations__ = annotations_of(
        Control,
        kind=EnumProperty(
            name="Keep", description="What of the picture is kept", default="canny", update=_kept,
            items=[("canny", "Edges", "Its lines"), ("tile", "Shapes", "Its coarse shapes and colours"), ("depth", "Depth", "What is near and far: light is near")],
        ),
        path=_file(Control, "path", "Picture"),
        model=_file(Control, "model", "ControlNet"),
        weight=_weight(Control),
    )  # fmt: skip


class JewelGenPictures(bpy.types.PropertyGroup):
    """What a picture model is told besides the design."""

    __annotations__ = annotations_of(
        DiffusionParams,
        ("upscale",),
        model=StringProperty(
            name="Model", description="Name of a model, a folder, a .safetensors file, or a hub id with @revision if need be", maxlen=280,
            get=_model, set=_choose_model, search=_models, search_options={"SUGGESTION"}, options={"SKIP_SAVE"},
        ),
        steps=_own("steps", "Steps", "Denoising steps; 0 takes the model's own"),
        guidance=_own("guidance", "Guidance", "How closely the words are followed; -1 takes the model's own"),
        pixels=_own("pixels", "Longer Side (px)", "Longer side of what the model draws; 0 takes the model's own"),
        scheduler=EnumProperty(
            name="Scheduler", description="Rule of the steps", translation_context=CONTEXT,
            items=[
                (items([value])[0][0], label, "")
                for value, label in (
                    ("", "Model's Own"), ("ddim", "DDIM"), ("euler", "Euler"), ("euler-ancestral", "Euler Ancestral"), ("dpm++", "DPM++"), ("unipc", "UniPC"),
                    ("lcm", "LCM"), ("flow-euler", "Flow Euler"),
                )
            ],
        ),
        tiling=EnumProperty(
            name="Tiling", description="Sides of the picture that run on into each other", default="auto",
            items=[
                ("auto", "Automatic", "As the surface does: round a ring the right side runs on into the left one"), ("none", "None", "No side runs on"),
                ("x", "Left and Right", "The right side runs on into the left one"), ("y", "Top and Bottom", "The lower side runs on into the upper one"),
                ("both", "All Sides", "A tile that can be laid in every direction"),
            ],
        ),
        manner=EnumProperty(
            name="Ask For", description="What the model draws", default="height",
            items=[
                ("height", "Height", "A height: white is high"), ("picture", "Picture", "A photograph of the ornament, whose height is then found"),
            ],
        ),
        method=EnumProperty(name="Height From", description="How the height is found in the drawn picture", default="auto", items=_METHODS),
        times=EnumProperty(
            name="Enlarge", description="Draw it larger afterwards, detail added", default="1", items=[("1", "As Drawn", ""), ("2", "2 Times", ""), ("4", "4 Times", "")]
        ),
        start=_file(DiffusionParams, "start", "Picture"),
        mask=_file(DiffusionParams, "mask", "Mask"),
        adapter=_file(DiffusionParams, "adapter", "IP-Adapter"),
        region=EnumProperty(
            name="Draw Anew", description="What of the picture to start from is drawn anew", default="ALL", update=_boxed,
            items=[
                ("ALL", "All", "The whole picture"), ("MASK", "Mask", "The light parts of another picture; the rest stays to the bit"),
                ("BOX", "Box", "A rectangle; the rest stays to the bit"),
            ],
        ),
        area=FloatVectorProperty(
            name="Box", description="Rectangle that is drawn anew, in shares of the picture: left, top, width, height", size=4, min=0.0, max=1.0, step=1,
            precision=3, get=_area, set=_set_area, options={"SKIP_SAVE"},
        ),
        images=CollectionProperty(name="Pictures", type=JewelGenImagePrompt),
        controls=CollectionProperty(name="Controls", type=JewelGenControl),
        loras=CollectionProperty(name="LoRAs", type=JewelGenLora),
    )  # fmt: skip


GROUPS = (JewelGenLora, JewelGenImagePrompt, JewelGenControl, JewelGenPictures)  # registered by properties.py
