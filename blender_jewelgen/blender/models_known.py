"""What Blender knows of models: the rows of the list as the worker found them, what is chosen and accepted, what is being fetched."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import contextlib
from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from ..core.errors import JewelGenError
from . import jobs

_LOOK_AFTER = 0.2  # s after the panel is first drawn
STATES = [
    ("HERE", "Here", "It can be drawn with"), ("BROKEN", "Broken", "Something of it is missing or damaged"), ("HALF", "Half Here", "Its download was stopped and can go on"),
    ("FETCH", "Can Be Fetched", "It is not on this computer"), ("NEVER", "Cannot Be Fetched", "This program does not fetch it"),
]  # fmt: skip
_USES = [
    ("YES", "Commercial", "Its licence allows commercial use"), ("CONDITIONS", "On Conditions", "Its licence allows commercial use on conditions"),
    ("NO", "Non-Commercial", "Its licence forbids commercial use"), ("UNKNOWN", "Not Known", "Nothing is known of its licence"),
]  # fmt: skip


def _decided(self: Any, context: bpy.types.Context) -> None:
    """The switch is kept beside the models, where the command line finds it too."""
    from ..engines.weights import places

    try:
        if places.commercial_only() == self.commercial_only:
            return
        places.change(commercial_only=self.commercial_only)
    except JewelGenError as error:
        jobs.show_error(error)
    self.known = False
    if not bpy.app.background:
        look()


def _chosen(self: Any, context: bpy.types.Context) -> None:
    self.accept = False  # one licence is accepted at a time


class JewelGenModel(bpy.types.PropertyGroup):
    """One model of the list."""

    name: StringProperty(name="Model", description="Name as it is typed after diffusers:")
    label: StringProperty(name="Label", description="Its full name")
    family: StringProperty(name="Family", description="Its architecture")
    state: EnumProperty(name="State", description="Whether it is on this computer", items=STATES, default="FETCH")
    use: EnumProperty(name="Use", description="Whether its licence allows commercial use", items=_USES, default="UNKNOWN")
    gated: BoolProperty(name="Gated", description="The hub asks for a token and for consent")
    own: BoolProperty(name="Added", description="Added by you; its files stay where they are")
    size: FloatProperty(name="Size", description="Its download in GB")
    large: StringProperty(name="Too Large", description="Why it does not fit this machine")
    way: StringProperty(name="Held", description="How it would be held in memory")
    reason: StringProperty(name="Reason", description="What is wrong with it")
    card: StringProperty(name="Licence Card", description="What its licence says")  # name, tab, text; one a line
    page: StringProperty(name="Licence Page", description="Where its licence stands in full")


class JewelGenModels(bpy.types.PropertyGroup):
    """The models as the worker found them, and what is being fetched; never saved."""

    rows: CollectionProperty(type=JewelGenModel)
    index: IntProperty(name="Model", description="The chosen model", default=0, min=0, update=_chosen)
    known: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})
    commercial_only: BoolProperty(
        name="Commercial Only", description="Only models whose licence allows commercial use are listed, fetched and drawn with", update=_decided, options={"SKIP_SAVE"}
    )
    accept: BoolProperty(name="I Accept This Licence", description="You have read the licence of this model and accept it", options={"SKIP_SAVE"})
    machine: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    recommended: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    why: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    place: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    left_out: IntProperty(options={"HIDDEN", "SKIP_SAVE"})
    wish: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # the model to choose once the list is there
    fetching: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # name of the model that comes
    progress: FloatProperty(options={"HIDDEN", "SKIP_SAVE"}, min=0.0, max=1.0)
    status: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    error: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # why the last download ended early


def known(context: bpy.types.Context | None = None) -> JewelGenModels:
    """What is known of the models."""
    return (context or bpy.context).window_manager.jewelgen_models


def chosen(context: bpy.types.Context) -> JewelGenModel | None:
    """The model that is chosen in the list."""
    own = known(context)
    return own.rows[own.index] if own.index < len(own.rows) else None


def look() -> jobs.Ticket | None:
    """Have the worker look at the models and at this machine; the answer comes into the window manager."""
    with contextlib.suppress(JewelGenError):  # a disk that takes no folder is told of by the job that a person begins
        return jobs.submit(jobs.Ticket("models", {}, jobs.new_folder(), _looked, label="Models", quiet=True))
    return None


def look_soon() -> None:
    """For panels, which may only draw: a look shortly after, unless there was one."""
    if not bpy.app.background and not known().known and not jobs.open_tickets() and not bpy.app.timers.is_registered(_look_now):
        bpy.app.timers.register(_look_now, first_interval=_LOOK_AFTER)


def _look_now() -> None:
    if not known().known and not jobs.open_tickets():
        look()


def _looked(result: dict[str, Any], loaded: Any) -> jobs.Steps:
    put(result)
    yield


def put(result: dict[str, Any]) -> None:
    """Keep the list that the worker made; the same model stays chosen."""
    own, memory = known(), result["memory"]
    before = own.wish or (own.rows[own.index].name if own.index < len(own.rows) else "")
    own.wish = ""
    accepted = own.accept
    own.rows.clear()
    for told in result["models"]:
        if told["shut"]:
            continue
        row = own.rows.add()
        for name in ("name", "label", "family", "gated", "own", "large", "way", "page"):
            setattr(row, name, told[name])
        row.state, row.use, row.size = told["state"].upper(), told["commercial"].upper(), told["size_gb"]
        row.reason = told["reason"]
        row.card = "\n".join("\t".join(line) for line in told["card"])
    names = [row.name for row in own.rows]
    own.recommended, own.why = result["recommended"]["name"], result["recommended"]["why"]
    own.index = names.index(before) if before in names else names.index(own.recommended) if own.recommended in names else 0
    own.accept = accepted and before in names
    own.left_out = len(result["models"]) - len(names)
    own.place = result["where"]
    if memory["device"] in ("cuda", "mps"):
        own.machine = f"{memory['name']}, {memory['total_gb']:.0f} GB"
    else:
        own.machine = "No graphics card" if memory["device"] == "cpu" else "Graphics memory not known"
    own.known = True
    own.commercial_only = result["commercial_only"]
    jobs.redraw()


CLASSES = (JewelGenModel, JewelGenModels)


def register() -> None:
    bpy.types.WindowManager.jewelgen_models = PointerProperty(type=JewelGenModels)


def unregister() -> None:
    if bpy.app.timers.is_registered(_look_now):
        bpy.app.timers.unregister(_look_now)
    if hasattr(bpy.types.WindowManager, "jewelgen_models"):
        del bpy.types.WindowManager.jewelgen_models
