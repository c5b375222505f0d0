"""The metal of the piece at work, worked again while its settings are changed: half a second after the last change, in the worker.

What a live relief cannot show (a sheet hollow behind, openings, wires, granules, stones, letters inside or through the metal) is
another body. It is as fine as a preview; what is seen stays until the new one is there. A newer change takes the place of one
that is still being worked on. The settings themselves are the object's recipe and the inputs of its modifier, so that undo,
saving and Make for Print know nothing of all this.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import replace
from typing import Any

import bpy
from bpy.app.handlers import persistent

from ..core.errors import BadInput, JewelGenError
from ..core.form.params import FormParams
from ..core.recipe import Recipe
from . import crafted, images, jobs, laying, mesh_steps, nodes_metal, nodes_relief, orders, properties, scene_recipe

REST = 0.5  # s without a change before the metal is worked
_LOOK = 0.1  # s between two looks


class _Desk:
    """Pieces that were changed, when that was, and the job under way; the one thing here that lives."""

    def __init__(self) -> None:
        self.due: dict[int, float] = {}  # session_uid: time.monotonic()
        self.ticket: jobs.Ticket | None = None
        self.piece, self.key = 0, ""  # session_uid of the ticket's, and the fingerprint it had
        self.left: dict[int, str] = {}  # fingerprints that were cancelled or refused: not tried again by themselves
        self.refused = ""  # the error that is shown because of it

    def clear(self) -> None:
        self.due.clear()
        self.left.clear()
        self.ticket, self.piece, self.refused = None, 0, ""


_desk = _Desk()


def at_work(context: bpy.types.Context) -> bpy.types.Object | None:
    """The live relief that changes of craft, lettering and stones go to: the one the scene's settings are of, if it or its print is active."""
    ob = context.active_object
    if ob is not None and ob.jewelgen.kind == "print":
        ob = ob.jewelgen.origin
    if ob is None or ob.jewelgen.kind != "relief" or nodes_relief.modifier_of(ob) is None or ob.library is not None:
        return None
    mark = context.scene.jewelgen.at_work
    return ob if mark and ob.jewelgen.uid == mark and properties.object_of(mark) == ob else None


def changed(scene: bpy.types.Scene, part: str) -> None:
    """A part of the recipe ("craft", "texts" or "stones") was changed by hand: into the recipe of the piece at work, which is worked again soon.

    Where another object is active the change is for the next piece, and no piece is at work any more.
    """
    if bpy.context.scene != scene:
        return
    ob = at_work(bpy.context)
    if ob is None:
        scene.jewelgen.at_work = ""
        return
    settings = scene.jewelgen
    try:
        recipe = Recipe.from_json(ob.jewelgen.recipe)
        values: dict[str, Any] = {
            "craft": scene_recipe.craft_of, "texts": scene_recipe.lines_of, "stones": scene_recipe.stones_of,
        }  # fmt: skip
        recipe = replace(recipe, **{part: values[part](settings)})
    except BadInput as error:
        jobs.show_error(error)
        return
    ob.jewelgen.recipe = recipe.to_json()
    later(ob)


def mended(context: bpy.types.Context, name: str) -> None:
    """A measure of the form, or the technique, was set because of a message about the piece at work: it is that piece's too, drawn anew."""
    ob, settings = at_work(context), context.scene.jewelgen
    part = "form" if name in FormParams.__dataclass_fields__ else "design" if name == "technique" else ""
    if ob is None or not part or settings.target == "SELECTED":
        return
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    wanted = scene_recipe.read_recipe(context.scene)
    value = getattr(getattr(wanted, part), name)
    ob.jewelgen.recipe = replace(recipe, **{part: replace(getattr(recipe, part), **{name: value})}).to_json()
    ob.jewelgen.lettered = "old"
    refresh(context, ob)


def take_up(scene: bpy.types.Scene, ob: bpy.types.Object) -> None:
    """Make an object the piece at work: craft, lettering and stones of the scene become its own. Raises BadInput."""
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    settings = scene.jewelgen
    with scene_recipe.quiet(scene):
        scene_recipe.write(settings.craft, recipe.craft)
        scene_recipe.fill(settings.texts, [scene_recipe.values_of(line) for line in recipe.texts])
        scene_recipe.fill(settings.stones, [scene_recipe.values_of(stone) for stone in recipe.stones])
        scene_recipe.touch(settings.design, "texts")
    settings.at_work = properties.mark(ob)
    scene_recipe.reread(scene)


def later(ob: bpy.types.Object) -> None:
    """Work the metal of a piece when its settings have rested; without a window nothing happens by itself."""
    if bpy.app.background:
        return
    _desk.due[ob.session_uid] = time.monotonic() + REST
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=_LOOK)


def refresh(context: bpy.types.Context, ob: bpy.types.Object) -> None:
    """The same for an operator: with a window soon, without one at once. Raises JewelGenError."""
    if not bpy.app.background:
        later(ob)
    elif is_stale(ob, context.scene):
        ticket = jobs.submit(ticket_of(context.scene, ob, quiet=True))
        jobs.wait(ticket)
        if ticket.error:
            raise ticket.error


def is_stale(ob: bpy.types.Object, scene: bpy.types.Scene) -> bool:
    """Whether what is seen of a piece is not what its settings say."""
    own = ob.jewelgen
    try:
        recipe = orders.live_recipe(ob, scene)
    except BadInput:
        return False
    if orders.letters(recipe) != own.lettered:
        return True
    has_metal = crafted.has_metal(recipe)
    if not has_metal:
        return nodes_metal.modifier_of(ob) is not None
    return nodes_metal.modifier_of(ob) is None or own.worked != orders.fingerprint(ob, scene)


def is_working(ob: bpy.types.Object | None) -> bool:
    """Whether the metal of a piece is being worked now."""
    return ob is not None and _desk.ticket is not None and not _desk.ticket.over and _desk.piece == ob.session_uid


def was_left(ob: bpy.types.Object) -> bool:
    """Whether the metal of a piece is not what its settings say because the work was stopped or refused."""
    return ob.session_uid in _desk.left


def cancel() -> None:
    """Leave the metal as it is seen; it is worked again at the next change."""
    ticket = _desk.ticket
    if ticket is not None and not ticket.over:
        ob = _object(_desk.piece)
        if ob is not None:
            _desk.left[ob.session_uid] = orders.fingerprint(ob, bpy.context.scene)
        jobs.cancel(ticket)
    _desk.ticket = None
    _say("")


def ticket_of(scene: bpy.types.Scene, ob: bpy.types.Object, quiet: bool) -> jobs.Ticket:
    """The job that works the metal of a piece as its settings are now. Raises BadInput."""
    recipe = orders.live_recipe(ob, scene)
    where = laying.Where(bpy.context, ob)
    key, asked = orders.fingerprint(ob, scene), recipe.to_json()
    with jobs.work_folder() as folder:
        params: dict[str, Any] = {"recipe": asked, "form_mark": ob.jewelgen.form_mark, **orders.drawing(ob, recipe, folder)}
        prepare = orders.bodies_along(scene, ob, params, folder, where.unit)

    def apply(result: dict[str, Any], laid: laying.Laid) -> jobs.Steps:
        yield from _put(result, laid, where, asked)

    def refused(error: JewelGenError) -> None:
        now = where.object_now()
        if now is not None:
            _desk.left[now.session_uid] = key
        _desk.refused = str(error.args[0])
        jobs.show_error(error)

    return jobs.Ticket(
        "work", params, folder, apply, label=f"Metal {ob.name}", prepare=prepare, load=lambda result, at: laying.load(result, at, where.unit),
        failed=refused if quiet else None, quiet=quiet, undo="" if quiet else "Work the Metal",
    )  # fmt: skip


def _put(result: dict[str, Any], laid: laying.Laid, where: laying.Where, asked: str) -> jobs.Steps:
    """What the worker made of the recipe that was ``asked`` onto the piece it was made for: another form, picture and body, each if it is another."""
    ob = where.object_now()
    live = nodes_relief.modifier_of(ob)
    if ob is None or live is None:
        return
    own = ob.jewelgen
    if laid.bare is not None:
        data = yield from mesh_steps.steps(laid.bare, ob.data.name)
        laying.replace_mesh(ob, data)
        own.form_mark = result["form_mark"]
        nodes_relief.set(live, "Wrap", laid.wrap)
    if (laid.folder / "ready.png").exists():
        height = images.image_from_png(laid.folder / "height.png", f"{ob.name} Height")
        yield
        ready = images.image_from_png(laid.folder / "ready.png", f"{ob.name} Ready")
        yield
        before = [image for image in (own.height, nodes_relief.get(live, "Height")) if image is not None]
        nodes_relief.set_all(live, {"Height": ready, "Mirrored": laid.mirrored})
        own.height, own.lettered = height, orders.letters(Recipe.from_json(asked))
        _remember(where.scene_now(), ob)
        for image in before:
            if not image.users:
                bpy.data.images.remove(image)
    yield from laying.put_metal(ob, laid, result)
    own.report, own.worked = "", ""
    if nodes_metal.modifier_of(ob) is not None:
        same = orders.live_recipe(ob, where.scene_now()).to_json() == asked  # nothing was changed while it was worked
        own.worked = orders.fingerprint(ob, where.scene_now()) if same else "old"
    ob[laying.say.NOTES] = "\n".join(result["notes"])
    _remember(where.scene_now(), ob)
    if _desk.refused and bpy.context.window_manager.jewelgen.error == _desk.refused:
        jobs.forget_error()
    _desk.refused = ""
    yield


def _remember(scene: bpy.types.Scene, ob: bpy.types.Object) -> None:
    """The newest row of history of a piece is what the piece is now."""
    rows = [row for row in scene.jewelgen.history if row.uid and row.uid == ob.jewelgen.uid]
    if rows:
        rows[-1].recipe, rows[-1].height, rows[-1].report = ob.jewelgen.recipe, ob.jewelgen.height, ""


def _object(uid: int) -> bpy.types.Object | None:
    return next((ob for ob in bpy.data.objects if ob.session_uid == uid and ob.users_scene), None)


def _tick() -> float | None:
    """Begin what has rested, tell how far it is; ends when there is nothing to do."""
    with contextlib.suppress(ReferenceError):  # a piece went while it was looked at: the timer lives on
        _begin()
        _show()
    busy = _desk.ticket is not None and not _desk.ticket.over
    return _LOOK if _desk.due or busy else None


def _begin() -> None:
    now = time.monotonic()
    for uid in [uid for uid, due in _desk.due.items() if due <= now]:
        ob = _object(uid)
        if ob is None or nodes_relief.modifier_of(ob) is None:
            del _desk.due[uid]
            continue
        scene = bpy.context.scene
        open_one = _desk.ticket if _desk.ticket is not None and not _desk.ticket.over else None
        if bpy.context.window_manager.jewelgen.busy or (open_one is not None and open_one.state == "applying"):
            return  # a job somebody asked for goes first; what is being put in is a change itself
        del _desk.due[uid]
        key = orders.fingerprint(ob, scene)
        if open_one is not None and (_desk.piece, _desk.key) == (uid, key):
            continue
        if _desk.left.get(uid) == key or ob.mode == "EDIT" or scene not in ob.users_scene or not is_stale(ob, scene):
            continue
        if open_one is not None:
            jobs.cancel(open_one)
        try:
            _desk.ticket, _desk.piece, _desk.key = jobs.submit(ticket_of(scene, ob, quiet=True)), uid, key
        except JewelGenError as error:
            _desk.left[uid] = key
            jobs.show_error(error)


def _show() -> None:
    ticket = _desk.ticket
    if ticket is None or ticket.over:
        if ticket is not None and ticket.state == "done":
            _desk.left.pop(_desk.piece, None)
        _desk.ticket = None
        _say("")
        return
    _say(ticket.text or "waiting", ticket.progress)


def _say(text: str, share: float = 0.0) -> None:
    now = bpy.context.window_manager.jewelgen
    if (now.working, round(now.work_share, 2)) != (text, round(share, 2)):
        now.working, now.work_share = text, share
        jobs.redraw()


@persistent
def _scene_changed(scene: bpy.types.Scene, graph: bpy.types.Depsgraph) -> None:
    """A live relief whose metal is shown was changed: its depth, its mesh, its materials."""
    for update in graph.updates:
        ob = update.id
        if not isinstance(ob, bpy.types.Object) or not (update.is_updated_geometry or update.is_updated_shading):
            continue
        ob = ob.original
        if nodes_metal.modifier_of(ob) is not None:
            nodes_metal.dress(ob)
            if ob.session_uid not in _desk.due:
                later(ob)


@persistent
def _undone(scene: bpy.types.Scene, *_: Any) -> None:
    """What is seen may not be what the settings say again."""
    if bpy.app.background:
        return
    for ob in scene.objects:
        if ob.jewelgen.kind == "relief" and (ob.jewelgen.worked or ob.jewelgen.lettered or nodes_metal.modifier_of(ob) is not None or ob.jewelgen.uid == scene.jewelgen.at_work):
            later(ob)


@persistent
def _another_file(*_: Any) -> None:
    _desk.clear()


_HANDLERS = (("load_pre", _another_file), ("depsgraph_update_post", _scene_changed), ("undo_post", _undone), ("redo_post", _undone))
CLASSES = ()


def register() -> None:
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """The timer and the handlers go."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    _desk.clear()
    for name, handler in _HANDLERS:
        found = getattr(bpy.app.handlers, name)
        if handler in found:
            found.remove(handler)


def facts(ob: bpy.types.Object) -> dict[str, Any]:
    """What is known of the metal of a piece."""
    try:
        return dict(json.loads(ob.jewelgen.work_facts or "{}"))
    except ValueError:
        return {}
