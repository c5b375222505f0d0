"""What the panel From a Picture keeps in the file, and what is known of services now: keys, open tasks, the last body's candidates."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import contextlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, IntProperty, PointerProperty, StringProperty

from ..core.body import BodyParams
from ..core.errors import JewelGenError
from ..core.solid.params import FLATS, MIRRORS, SolidParams
from . import jobs
from .settings import annotations_of, items, read
from .translations import CONTEXT

_LOOK_AFTER = 0.2  # s after the panel is first drawn
_SIZES = ("US 5", "US 6", "US 7", "US 8", "US 9", "US 10", "UK N", "EU 54", "JP 14", "17.3 mm")
_LENGTHS = ("18 mm", "20 mm", "25 mm", "30 mm", "40 mm")
AUTO = "auto"
_TO_THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Way:
    """What is known of an engine here: its card (None for auto), and why it cannot be used now, "" if it can."""

    card: Any
    reason: str = ""


def _engines(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    return [AUTO, *(card.name for card in cards())]


def _fingers(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    return list(_SIZES)


def _lengths(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    return list(_LENGTHS)


def solid_annotations() -> dict[str, Any]:
    """Properties of ``SolidParams``, for the panel and for the dialog of Make Solid."""
    tip = {name: f.metadata["tip"] for name, f in SolidParams.__dataclass_fields__.items()}
    return annotations_of(
        SolidParams,
        size=StringProperty(name="Longest Side", description=tip["size"], maxlen=40, search=_lengths, search_options={"SUGGESTION"}),
        finger=StringProperty(name="Finger Size", description=tip["finger"], maxlen=40, search=_fingers, search_options={"SUGGESTION"}),
        symmetric=EnumProperty(name="Symmetric", description=tip["symmetric"], items=items(MIRRORS, "None")),
        flat=EnumProperty(name="Flat Side", description=tip["flat"], items=items(FLATS, "None")),
        caps=BoolProperty(name="Take Off Box Walls", description=tip["caps"], default=True),
    )


class JewelGenSolid(bpy.types.PropertyGroup):
    """How a mesh that comes in is made solid."""

    __annotations__ = solid_annotations()


class JewelGenBody(bpy.types.PropertyGroup):
    """What a body is made of, and by whom."""

    __annotations__ = annotations_of(
        BodyParams,
        engine=StringProperty(
            name="Engine", description="Who makes the body of the picture; auto fits a ring of ours, or raises a relief", default=AUTO, maxlen=300,
            search=_engines, search_options={"SUGGESTION"}, translation_context=CONTEXT,
        ),
        model=StringProperty(
            name="Model", description="Weights of a local model, or the workflow of a ComfyUI server: a name, a folder or a file; empty: the engine's own",
            maxlen=1023, subtype="FILE_PATH", translation_context=CONTEXT,
        ),
        picture=StringProperty(
            name="Picture", description="Photograph or drawing of one piece, on a plain ground at best; or a mesh of it, such as a scan", maxlen=1023, subtype="FILE_PATH",
            options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        ),
        prompt=StringProperty(name="Words", description="What the body shows, for engines that make bodies of words", maxlen=1000),
        seed=IntProperty(name="Seed", description="Seed of the first body; the others count on", default=0, min=0, max=2**31 - 20, translation_context=CONTEXT),
        solid=PointerProperty(type=JewelGenSolid),
        mend=BoolProperty(name="Make Solid", description="One closed body of its size, ready to be cast; otherwise the mesh as the engine gave it", default=True),
    )  # fmt: skip


class JewelGenBodyCandidate(bpy.types.PropertyGroup):
    """One of the bodies that the engine made."""

    seed: IntProperty(name="Seed", description="Seed it was made with")
    line: StringProperty(name="Numbers", description="What was measured of it")
    refused: StringProperty(name="Refused", description="Why it was not taken; empty if it could be")


class JewelGenKey(bpy.types.PropertyGroup):
    """A service and whether its key is there; never the key."""

    provider: StringProperty(name="Service", description="Name of the service")
    label: StringProperty(name="Label", description="Its full name")
    where: StringProperty(name="Kept In", description="Where its key is kept: keyring, environment or session; empty where there is none")
    page: StringProperty(name="Page", description="Where keys are made")


class JewelGenTask(bpy.types.PropertyGroup):
    """Work that a service was asked for; it can be fetched as long as it stands here."""

    task: StringProperty(name="Task", description="Its name in the list")
    engine: StringProperty(name="Engine", description="Who works on it")
    of: StringProperty(name="Of", description="The picture's file, or the words")
    begun: StringProperty(name="Begun", description="When it was ordered")
    done: BoolProperty(name="Done", description="Its mesh was fetched and is kept")
    cost: StringProperty(name="Cost", description="What the service charged")


class JewelGenBodies(bpy.types.PropertyGroup):
    """What came of the last picture, and what is known of services; never saved."""

    candidates: CollectionProperty(type=JewelGenBodyCandidate)
    engine: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    cost: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    notes: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    error: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # what a body, or Make Solid, was refused with last
    of_solid: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})  # which of the two
    piece: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})  # the last body was to become a piece, not a mesh alone
    keys: CollectionProperty(type=JewelGenKey)
    tasks: CollectionProperty(type=JewelGenTask)
    known: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})
    ring: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})  # this computer has a key ring that keys can be put into


def known(context: bpy.types.Context | None = None) -> JewelGenBodies:
    """What is known of bodies and services."""
    return (context or bpy.context).window_manager.jewelgen_bodies


def failed(error: JewelGenError, of_solid: bool = False) -> None:
    """Keep what a body, or Make Solid, was refused with, so that its mend is theirs."""
    own = known()
    own.error, own.of_solid = str(error.args[0]), of_solid
    if error.field == "key":
        own.known = False


def cards() -> tuple[Any, ...]:
    """The engines there are; their list imports nothing heavy."""
    from ..engines.bodies.registry import CARDS

    return CARDS


def card_of(engine: str) -> Any:
    """The card of an engine; None for auto and for a name there is none of."""
    return next((card for card in cards() if card.name == engine), None)


def label_of(engine: str) -> str:
    """What an engine is called on the screen."""
    card = card_of(engine)
    return "Automatic" if engine == AUTO else card.label if card is not None else engine


def way(context: bpy.types.Context, engine: str) -> Way:
    """Whether an engine can be used now, and if not, why."""
    card = card_of(engine)
    if card is None:
        return Way(None, "" if engine == AUTO else "There is no engine of this name")
    if card.kind == "remote" and not bpy.app.online_access:
        return Way(card, "Online access is off in Blender; allow it in the preferences, under System")
    if card.kind == "server" and not bpy.app.online_access and not on_this_computer(context.scene.jewelgen_body.server):
        return Way(card, "Its server is elsewhere, and online access is off in Blender")
    if card.key and known(context).known and not has_key(context, card.key):
        return Way(card, "Its key is not known; set it under API Keys")
    return Way(card)


def on_this_computer(server: str) -> bool:
    """Whether an address leads nowhere else; the engines' own ones do not."""
    try:
        return not server.strip() or (urlsplit(server.strip()).hostname or "") in _TO_THIS_COMPUTER
    except ValueError:
        return False


def has_key(context: bpy.types.Context, provider: str) -> bool:
    """Whether the key of a service is there."""
    return any(row.provider == provider and row.where for row in known(context).keys)


def makes_meshes(engine: str, picture: str = "") -> bool:
    """Whether an engine gives a mesh, and no form of ours; of a file that is a mesh every engine does."""
    card = card_of(engine)
    return is_mesh(picture) or (card is not None and (card.kind != "embedded" or card.name == "file"))


def is_mesh(path: str) -> bool:
    """Whether a file's name is that of a mesh, such as a scan."""
    from ..engines.bodies.file import ENDINGS

    return path.strip().lower().endswith(ENDINGS)


def body_params(group: Any) -> BodyParams:
    """The parameters of the panel. Raises BadInput."""
    return read(group, BodyParams)


def look() -> jobs.Ticket | None:
    """Have the worker look which keys there are and which tasks are open; nothing goes online for that."""
    with contextlib.suppress(JewelGenError):  # a disk that takes no folder is told of by the job that a person begins
        return jobs.submit(jobs.Ticket("keys", {}, jobs.new_folder(), _keys_there, label="API Keys", failed=_not_there, quiet=True))
    return None


def look_soon() -> None:
    """For panels, which may only draw: a look shortly after, unless there was one."""
    if not bpy.app.background and not known().known and not jobs.open_tickets() and not bpy.app.timers.is_registered(_look_now):
        bpy.app.timers.register(_look_now, first_interval=_LOOK_AFTER)


def _look_now() -> None:
    if not known().known and not jobs.open_tickets():
        look()


def _not_there(error: JewelGenError) -> None:
    """No panel asks again by itself what cannot be answered."""
    put_keys({"keys": [], "ring": False})


def _keys_there(result: dict[str, Any], loaded: Any) -> jobs.Steps:
    put_keys(result)
    yield
    with contextlib.suppress(JewelGenError):
        jobs.submit(jobs.Ticket("tasks", {}, jobs.new_folder(), _tasks_there, label="Open Tasks", quiet=True))
    yield


def _tasks_there(result: dict[str, Any], loaded: Any) -> jobs.Steps:
    put_tasks(result)
    yield


def put_keys(result: dict[str, Any]) -> None:
    """Keep which keys the worker found: {keys: [{provider, label, page, where}], ring}."""
    own = known()
    own.keys.clear()
    for told in result["keys"]:
        row = own.keys.add()
        for name in ("provider", "label", "page", "where"):
            setattr(row, name, told[name] or "")
    own.ring = bool(result.get("ring"))
    own.known = True
    jobs.redraw()


def put_tasks(result: dict[str, Any]) -> None:
    """Keep which tasks the worker found: {tasks: [{id, engine, picture, prompt, begun, state, cost}]}."""
    own = known()
    own.tasks.clear()
    for told in result["tasks"]:
        row = own.tasks.add()
        row.task, row.engine, row.of, row.begun = told["id"], told["engine"], told["picture"] or told["prompt"], told["begun"]
        row.done, row.cost = told["state"] == "done", told["cost"]
    jobs.redraw()


CLASSES = (JewelGenSolid, JewelGenBody, JewelGenBodyCandidate, JewelGenKey, JewelGenTask, JewelGenBodies)


def register() -> None:
    bpy.types.Scene.jewelgen_body = PointerProperty(type=JewelGenBody)
    bpy.types.WindowManager.jewelgen_bodies = PointerProperty(type=JewelGenBodies)


def unregister() -> None:
    if bpy.app.timers.is_registered(_look_now):
        bpy.app.timers.unregister(_look_now)
    for owner, name in ((bpy.types.Scene, "jewelgen_body"), (bpy.types.WindowManager, "jewelgen_bodies")):
        if hasattr(owner, name):
            delattr(owner, name)
