"""A sketch that is followed while it is drawn: at each lift of the pen the motif and the relief on the piece become what it shows.

A timer looks at a checksum of the strokes, or of the picture, and does nothing while a stroke is being drawn. A newer sketch takes
the place of one that is still being worked on. First comes a coarse picture, put into the image that the modifier reads; once the
hand rests, the same motif is drawn as finely as Generate would.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ..core.errors import BadInput, JewelGenError
from ..core.recipe import Recipe
from ..core.words.design import Motif
from . import (
    convert,
    images,
    jobs,
    laying,
    motif_state,
    motif_tiles,
    nodes_metal,
    nodes_relief,
    previews,
    scene_recipe,
    sketch_source,
    subject,
)

LOOK = 0.05  # s between two looks at the strokes
REST = 0.8  # s without a change after which the fine picture is drawn
PIXELS = 16.0  # px a mm of the coarse one
STEPS = 6
STRENGTH = 0.5  # where the artist has set none: what is drawn live is to be seen in what it becomes
_TILE = 96  # px of its thumbnail
_STROKES = ("GREASE_PENCIL_OT_", "PAINT_OT_image_paint", "SCULPT_OT_")  # operators that are at work while the pen is down


@dataclass(eq=False)
class Session:
    """One time of sketching: whose piece, what was seen last, what is under way."""

    where: laying.Where
    pen: int  # session_uid of the pen's object, 0 while a picture is followed
    folder: Path  # of what a mesh of the artist needs
    mesh: str = ""
    seen: int = 0
    changed: float = 0.0
    stale: bool = False  # the fine picture is not that of the last motif yet
    ticket: jobs.Ticket | None = None
    made: dict[str, Any] | None = None
    wish: str = ""
    image: int = 0  # session_uid of the coarse picture
    sheet: sketch_source.Laid = field(default_factory=sketch_source.Laid)
    view: Any = None  # where the pen is used, kept by the operator
    times: list[dict[str, float]] = field(default_factory=list)


class _Desk:
    """The session, if there is one; the one thing here that lives."""

    session: Session | None = None


_desk = _Desk()


def session() -> Session | None:
    """The session that goes on."""
    return _desk.session


def piece_to_follow(context: bpy.types.Context) -> bpy.types.Object | None:
    """The relief that is at work, None without one. Raises BadInput where it has no motifs."""
    piece = motif_tiles.piece_of(context)
    if piece is not None and Recipe.from_json(piece.jewelgen.recipe).height is not None:
        raise BadInput("this relief was made of a picture, which has no motifs; make one of words", field="motifs")
    return piece


def begin(context: bpy.types.Context, pen: bpy.types.Object | None, piece: bpy.types.Object | None) -> Session:
    """Follow the strokes of ``pen``, or the wish's picture, onto ``piece`` if there is one. Raises BadInput."""
    end()
    now = Session(laying.Where(context, piece), pen.session_uid if pen is not None else 0, jobs.new_folder())
    if piece is not None and not subject.is_own(piece):
        convert.save_mesh(now.folder / "mesh.npz", subject.mesh_of(piece, now.where.unit))
        now.mesh = str(now.folder / "mesh.npz")
    now.sheet.under = sketch_source.drawn_over(context.scene)
    _desk.session = now
    motif_state.ask()
    _warm(now)
    _say("Draw a stroke")
    if not bpy.app.background and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=LOOK)
    return now


def end(finish: bool = False) -> None:
    """Follow no longer. ``finish``: the fine picture is drawn, a row of history and an undo step made; otherwise all stays as it is."""
    now, _desk.session = _desk.session, None
    if now is None:
        return
    if now.ticket is not None:
        jobs.cancel(now.ticket)
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    _say("")
    for row in now.where.scene_now().jewelgen.tiles:
        if row.live:
            row.live = False
            if row.image is not None:
                motif_tiles.kept(row.image)
    _keep(now)
    if finish and now.made is not None:
        if now.where.object_now() is not None:
            jobs.submit(_fine(now, row=True))
            return
        scene_recipe.put_motifs(now.where.scene_now(), _rows(now))
    shutil.rmtree(now.folder, ignore_errors=True)


def look() -> bool:
    """Look at the sketch once; True if a job was begun. The timer calls this, and whoever has no timer."""
    now = _desk.session
    if now is None or _pen_is_down():
        return False
    try:
        mark, read = sketch_source.look(now.where.scene_now(), now.pen, now.sheet, now.where.unit)
    except BadInput as error:
        _say(str(error))
        return False
    if mark != now.seen:
        now.seen, now.changed = mark, time.perf_counter()
        return mark != 0 and _follow(now, read)
    resting = time.perf_counter() - now.changed > REST
    if now.stale and resting and (now.ticket is None or now.ticket.over) and now.where.object_now() is not None:
        now.stale = False
        now.ticket = jobs.submit(_fine(now, row=False))
        return True
    return False


def look_again() -> None:
    """What is asked of the sketch has changed: it is followed anew, unchanged strokes or not."""
    if _desk.session is not None:
        _desk.session.seen = 0


def _tick() -> float | None:
    if _desk.session is None:
        return None
    began = time.perf_counter()
    try:
        look()
    except (ReferenceError, JewelGenError) as error:  # the pen or the piece went while it was looked at: the timer lives on
        _say(str(error))
    return max(LOOK, 10.0 * (time.perf_counter() - began))  # a huge picture takes long to read


def _pen_is_down() -> bool:
    windows = bpy.context.window_manager.windows
    return any(operator.bl_idname.startswith(_STROKES) for window in windows for operator in window.modal_operators)


def _follow(now: Session, read: sketch_source.Read) -> bool:
    """Begin the job that follows the sketch as it is now."""
    if now.ticket is not None:
        jobs.cancel(now.ticket)
    scene, piece = now.where.scene_now(), now.where.object_now()
    raster = read()
    wish = None
    if not scene.jewelgen.wish.plain:
        wish = motif_tiles.wish_of(scene, function="sketch", count=1, steps=STEPS, vary="", blend="")
        wish["strength"] = wish["strength"] or STRENGTH
    now.wish = json.dumps(wish) if wish else ""
    folder = jobs.new_folder()
    clock = {"lift": time.perf_counter()}

    def prepare() -> None:
        np.savez(folder / "sketch.npz", coverage=raster())
        clock["rasterised"] = time.perf_counter()

    def apply(result: dict[str, Any], loaded: Any) -> jobs.Steps:
        clock["drawn"] = time.perf_counter()
        now.made, now.stale = result["motif"], True
        _raise(now, folder / "ready.npy")
        clock["shown"] = time.perf_counter()
        now.times.append(clock)
        _say(now.made["reason"] or "Following each stroke")
        yield
        _tile(now)
        jobs.redraw()
        yield

    params: dict[str, Any] = {"sketch": "sketch.npz", "wish": wish, "mesh": now.mesh}
    if piece is not None:
        params |= {"recipe": piece.jewelgen.recipe, "pixels": PIXELS}
    now.ticket = jobs.submit(jobs.Ticket("follow", params, folder, apply, label="Sketch", prepare=prepare, failed=_failed, quiet=True))
    _say("Following each stroke")
    return True


def _failed(error: JewelGenError) -> None:
    if error.field == "engine":
        motif_state.put(str(error.args[0]))
    _say(str(error.args[0]))


def _raise(now: Session, path: Path) -> None:
    """The coarse picture of a motif onto the piece, into the image that the modifier reads already or a new one."""
    piece = now.where.object_now()
    live = nodes_relief.modifier_of(piece)
    if live is None or not path.exists():
        return
    ready = np.load(path, allow_pickle=False)
    nodes_metal.show(piece, False)  # the metal follows when the hand rests
    image = next((i for i in bpy.data.images if i.session_uid == now.image), None)
    new = images.put_array(ready[::-1], f"{piece.name} Sketch", image)
    before = nodes_relief.get(live, "Height")
    values: dict[str, Any] = {"Mirrored": bool(np.abs(ready[0] - ready[-1]).max() >= 0.1)}
    if before != new:
        now.image, values["Height"] = new.session_uid, new
    nodes_relief.set_all(live, values)
    if before is not None and not before.users:
        bpy.data.images.remove(before)


def _tile(now: Session) -> None:
    """The tile of the sketch, the first one, picked; made when there is none."""
    from ..core.pattern import drawn

    settings = now.where.scene_now().jewelgen
    place = next((k for k, row in enumerate(settings.tiles) if row.live), -1)
    if place < 0:
        settings.tiles.add().live = True
        place = 0
        settings.tiles.move(len(settings.tiles) - 1, place)
    row = settings.tiles[place]
    motif_tiles.fill(row, now.made, now.made["name"], now.wish)
    row.image = images.image_from_colours(motif_tiles.gold(drawn.unpack(row.cell), _TILE), "Sketch Thumbnail", row.image)
    previews.stamp(row.image)
    settings.tiles_index = place


def _fine(now: Session, row: bool) -> jobs.Ticket:
    """The job that draws the last motif on the piece as finely as its recipe says, and puts it into the design."""
    piece, made = now.where.object_now(), now.made
    recipe = Recipe.from_json(piece.jewelgen.recipe)
    motif = Motif(name=made["name"], cell=made["cell"])
    recipe = replace(recipe, design=replace(recipe.design, motifs=(motif,)))
    wish = now.wish

    def apply(result: dict[str, Any], laid: laying.Pictures) -> jobs.Steps:
        yield from laying.new_pictures(result, laid, now.where, wish, row)
        scene_recipe.put_motifs(now.where.scene_now(), _rows(now))
        if row:
            shutil.rmtree(now.folder, ignore_errors=True)
        yield

    return jobs.Ticket(
        "follow", {"recipe": recipe.to_json(), "mesh": now.mesh}, jobs.new_folder(), apply, label="Sketch", load=laying.load_pictures,
        failed=_failed, quiet=not row, undo="Sketch" if row else "",
    )  # fmt: skip


def _rows(now: Session) -> list[dict[str, Any]]:
    """The last motif as a row of the design."""
    return [{"name": now.made["name"], "weight": 1.0, "cell": now.made["cell"]}]


def _warm(now: Session) -> None:
    """Have the worker work out the form before the first stroke is done."""
    piece = now.where.object_now()
    if piece is not None:
        params = {"recipe": piece.jewelgen.recipe, "pixels": PIXELS, "mesh": now.mesh}
        jobs.submit(jobs.Ticket("follow", params, jobs.new_folder(), lambda result, loaded: iter(()), label="Sketch", quiet=True))


def _keep(now: Session) -> None:
    """The coarse picture is packed where it stays: the file may be saved."""
    image = next((i for i in bpy.data.images if i.session_uid == now.image), None)
    if image is not None and image.users:
        image.pack()


def _say(text: str) -> None:
    bpy.context.window_manager.jewelgen.sketch = text


@persistent
def _another_file(*_: Any) -> None:
    end()


@persistent
def _saving(*_: Any) -> None:
    if _desk.session is not None:
        _keep(_desk.session)


_HANDLERS = (("load_pre", _another_file), ("save_pre", _saving))
CLASSES = ()


def register() -> None:
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """The timer and the handlers go."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    _desk.session = None
    for name, handler in _HANDLERS:
        found = getattr(bpy.app.handlers, name)
        if handler in found:
            found.remove(handler)
