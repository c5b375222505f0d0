"""Jobs of the worker as Blender lives with them: files are read and written in threads, results go in by small steps of a timer.

A ticket walks: prepare (thread) -> worker -> load (thread) -> apply (steps on the main thread). Between two steps nothing of
Blender's is held but session_uids: the file may be loaded anew, undone, or the object deleted meanwhile. Without a window
timers never run; there ``run`` waits until everything is done.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.app.handlers import persistent

from ..core.errors import BadInput, Cancelled, Fix, JewelGenError
from . import addon
from . import say as status_line
from .translations import say

if TYPE_CHECKING:
    from ..worker.client import Client

TICK = 0.05  # s between two looks at the worker
STEP = 0.01  # s between two steps of a result
HOLD = 0.004  # s after which a tick begins no further step
_AGAIN = 3  # times a result is put in anew after an undo

Steps = Iterator[None]
Apply = Callable[[dict[str, Any], Any], Steps]
Load = Callable[[dict[str, Any], Path], Any]


@dataclass(eq=False)
class Ticket:
    """One job from the click to the object.

    ``prepare`` and ``load`` run in a thread and touch no bpy; ``apply(result, loaded)`` yields after each small step.
    """

    kind: str
    params: dict[str, Any]
    folder: Path
    apply: Apply
    label: str = "JewelGen"
    prepare: Callable[[], None] | None = None
    load: Load | None = None
    early: str = ""  # a file of the job that is loaded and applied as soon as the worker tells of it, before the job is over
    early_load: Load | None = None
    early_apply: Apply | None = None
    shown: Callable[[Path], None] | None = None  # given the file of every other preview that the worker tells of
    failed: Callable[[JewelGenError], None] | None = None
    undo: str = ""  # name of the undo step; "" makes none
    quiet: bool = False  # nobody asked for it with a button: no bar, no message of its own, looked at more often
    state: str = "new"  # new, preparing, working, loading, applying, done, failed, cancelled
    progress: float = 0.0
    text: str = "waiting"
    job: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    error: JewelGenError | None = None
    holds: list[float] = field(default_factory=list)  # s for which each tick held the main thread while applying
    _thread: threading.Thread | None = None
    _loaded: Any = None
    _steps: Steps | None = None
    _again: int = 0

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


class _Desk:
    """The worker and the tickets; the one thing here that lives, emptied when the add-on goes."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.tickets: list[Ticket] = []

    def worker(self) -> Client:
        """The worker, started when first asked for."""
        if self.client is None:
            from ..worker.client import Client

            python = addon.setting("python", "")
            from ..worker.environment import command_for

            command, env = command_for(python or None)
            client = Client(command, log=log_file(), env=env)
            client.start()
            self.client = client
        return self.client

    def close(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            client.close()


_desk = _Desk()


def log_file() -> Path:
    """Where the worker writes what it has to say."""
    try:
        folder = addon.user_folder("logs")
    except OSError:  # a read-only disk
        folder = Path(tempfile.gettempdir())
    return folder / "worker.log"


def new_folder() -> Path:
    """A folder for one job's files; raises BadInput if the disk takes none."""
    try:
        return Path(tempfile.mkdtemp(prefix="jewelgen-", dir=bpy.app.tempdir or None))
    except OSError as error:
        raise BadInput(f"no folder for the work can be made ({error.strerror or error})", field="folder") from error


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """``new_folder`` for a job that is being put together; if that fails the folder goes again."""
    folder = new_folder()
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def submit(ticket: Ticket) -> Ticket:
    """Begin a job and come back at once; ``run`` is for operators."""
    if not ticket.quiet:
        forget_error()
    _desk.tickets.append(ticket)
    if ticket.prepare:
        _thread(ticket, "preparing", ticket.prepare)
    else:
        _order(ticket)
    _watch()
    return ticket


def _watch() -> None:
    """Show what is to be done, and see to it from now on."""
    _show()
    if not bpy.app.background and not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=TICK, persistent=True)


def run(operator: bpy.types.Operator, *tickets: Ticket) -> set[str]:
    """Begin jobs for an operator. With a window it returns at once; without one it waits and tells of errors."""
    for ticket in tickets:
        submit(ticket)
    if not bpy.app.background:
        return {"FINISHED"}
    wait(*tickets, tell=_Printer(operator.bl_label))
    for ticket in tickets:
        if ticket.error:
            operator.report({"ERROR"}, say(str(ticket.error)))
            return {"CANCELLED"}
    return {"FINISHED"}


def wait(*tickets: Ticket, tell: Callable[[float, str], None] | None = None, timeout: float = 3600.0) -> None:
    """Hold this thread until the jobs are over; errors stay in the tickets. Ctrl-C cancels them."""
    end = time.monotonic() + timeout
    try:
        while not all(ticket.over for ticket in tickets):
            if time.monotonic() > end:
                for ticket in tickets:
                    _fail(ticket, JewelGenError(f"{ticket.label} took longer than {timeout:g} s"))
            _advance(patient=False)
            if tell and (now := next((t for t in tickets if not t.over), None)):
                tell(now.progress, now.text)
            time.sleep(0.002)
        _show()
    except KeyboardInterrupt:
        cancel_all()
        raise


def here(kind: str, params: dict[str, Any], folder: Path, load: Load) -> tuple[dict[str, Any], Any]:
    """Do a quick job in this process, for operators that are redone at every turn of a slider; its result, loaded."""
    from ..worker.jobs import JOBS

    result = JOBS[kind](params, folder, lambda share, text, preview="": None)
    return result, load(result, folder)


def begin_here(label: str, work: Callable[[Any], Any], apply: Callable[[Any], Steps], undo: str) -> Ticket:
    """Numbers in a thread of this process, then their result by steps, with the bar and the Cancel button of a job.

    ``work(tell)`` touches no bpy and gives what ``apply`` puts into the file; ``tell`` stops it when the ticket is cancelled.
    """
    ticket = Ticket("here", {}, new_folder(), lambda result, loaded: apply(loaded), label=label, undo=undo)

    def tell(share: float, text: str) -> None:
        if ticket.over:
            raise Cancelled("cancelled")
        ticket.progress, ticket.text = share, text

    forget_error()
    _desk.tickets.append(ticket)
    _thread(ticket, "loading", lambda: setattr(ticket, "_loaded", work(tell)))
    _watch()
    return ticket


def run_here(operator: bpy.types.Operator, label: str, work: Callable[[Any], Any], apply: Callable[[Any], Steps], undo: str) -> set[str]:
    """``begin_here`` for an operator: with a window it returns at once, without one it waits and tells of errors."""
    ticket = begin_here(label, work, apply, undo)
    if bpy.app.background:
        wait(ticket)
        if ticket.error:
            operator.report({"ERROR"}, say(str(ticket.error)))
            return {"CANCELLED"}
    return {"FINISHED"}


def worker_state() -> str:
    """What the worker is doing, in a few words."""
    client = _desk.client
    if client is None or client.pid is None:
        return "not started; starts with the first job"
    return f"{'working' if _desk.tickets else 'waiting'}, process {client.pid}"


def start() -> None:
    """Have a worker there before the first job asks for one."""
    _desk.worker()


def expect() -> None:
    """Somebody is writing a prompt: the worker is started soon, so that Generate need not wait for it."""
    if not bpy.app.background and _desk.client is None and not bpy.app.timers.is_registered(_ahead):
        bpy.app.timers.register(_ahead, first_interval=0.5)


def _ahead() -> None:
    with contextlib.suppress(OSError, JewelGenError):  # the job that needs it will say what is wrong
        start()
        from . import motif_state  # it hands its question in here

        motif_state.ask()


def open_tickets() -> list[Ticket]:
    """The jobs that are not over."""
    return [ticket for ticket in _desk.tickets if not ticket.over]


def cancel_all(halfway: bool = True) -> int:
    """Stop every job; gives the number of those a person began. One whose result is being put in is stopped only if ``halfway``: it is there in a moment."""
    tickets = [ticket for ticket in _desk.tickets if not ticket.over and (halfway or ticket.state != "applying")]
    cancel(*tickets)
    return sum(not ticket.quiet for ticket in tickets)


def cancel(*tickets: Ticket) -> None:
    """Stop these jobs; one that is over stays as it is."""
    for ticket in tickets:
        if ticket.over:
            continue
        if ticket.job and ticket.state == "working" and _desk.client:
            with contextlib.suppress(OSError, JewelGenError):
                _desk.client.cancel(ticket.job)
        if ticket._steps:
            ticket._steps.close()
        ticket.state, ticket.error = "cancelled", Cancelled("cancelled")
    _sweep()
    _show()


def restart() -> None:
    """End the worker; the next job starts another."""
    cancel_all()
    _desk.close()


def tick() -> float | None:
    """What the timer calls: hear the worker, take one step or a few, show how far things are."""
    _advance(patient=True)
    _show()
    if not _desk.tickets:
        return None
    return STEP if any(ticket.quiet or ticket.state in ("loading", "applying") for ticket in _desk.tickets) else TICK


def _advance(patient: bool) -> None:
    _hear()
    for ticket in list(_desk.tickets):
        if ticket.state in ("preparing", "loading") and ticket._thread and not ticket._thread.is_alive():
            _thread_over(ticket)
        if ticket.state == "applying":
            if not ticket.job or not any(other.folder == ticket.folder / "early" and not other.over for other in _desk.tickets):
                _apply(ticket, HOLD if patient else 1e9)
            break  # results go in one after the other
    _sweep()


def _hear() -> None:
    if _desk.client is None:
        return
    try:
        messages = _desk.client.events()
    except JewelGenError as error:  # the worker cannot be started again
        for ticket in _desk.tickets:
            _fail(ticket, error)
        return
    by_job = {ticket.job: ticket for ticket in _desk.tickets if ticket.job}
    seen: dict[tuple[Ticket, str], Path] = {}
    for message in messages:
        ticket = by_job.get(getattr(message, "job", ""))
        if ticket is None or ticket.state != "working":
            continue
        word = type(message).__name__
        if word == "Progress":
            ticket.progress, ticket.text = message.fraction, message.text
            if ticket.early and message.preview == ticket.early:
                _begin_early(ticket)
            elif message.preview and ticket.shown:
                seen[ticket, message.preview] = ticket.folder / message.preview
        elif word == "Done":
            ticket.result = message.result
            if ticket.load:
                _thread(ticket, "loading", lambda t=ticket: setattr(t, "_loaded", t.load(t.result, t.folder)))
            else:
                ticket.state = "applying"
        elif word == "Failed":
            fix = Fix(message.fix_label, message.fix_option) if message.fix_option else None
            _fail(ticket, (BadInput if message.kind == "bad_input" else JewelGenError)(message.message, field=message.field, fix=fix))
        elif word == "Cancelled":
            ticket.state, ticket.error = "cancelled", Cancelled("cancelled")
    for (ticket, _), file in seen.items():  # each file once, as it is by now
        if ticket.shown:
            ticket.shown(file)


def _begin_early(ticket: Ticket) -> None:
    """What is finished already is put in by a ticket of its own, which stands before the job's and is over before it."""
    load, apply, folder = ticket.early_load, ticket.early_apply, ticket.folder
    assert load is not None and apply is not None
    part = Ticket(ticket.kind, {}, folder / "early", apply, label=ticket.label, progress=ticket.progress, text=ticket.text)
    ticket.early = ""
    _desk.tickets.insert(_desk.tickets.index(ticket), part)
    _thread(part, "loading", lambda: setattr(part, "_loaded", load({}, folder)))


def _thread(ticket: Ticket, state: str, work: Callable[[], None]) -> None:
    def guarded() -> None:
        try:
            work()
        except JewelGenError as error:
            ticket.error = error
        except OSError as error:
            ticket.error = BadInput(f"a file of the work cannot be used ({error.strerror or error})", field="folder")
        except Exception as error:  # a thread's exception would be printed and forgotten
            ticket.error = JewelGenError(f"{ticket.label} met an error of the program: {type(error).__name__}: {error}")

    ticket.state = state
    ticket._thread = threading.Thread(target=guarded, name=f"jewelgen {state}", daemon=True)
    ticket._thread.start()


def _thread_over(ticket: Ticket) -> None:
    ticket._thread = None
    if ticket.error:
        _fail(ticket, ticket.error)
    elif ticket.state == "preparing":
        _order(ticket)
    else:
        ticket.state = "applying"


def _order(ticket: Ticket) -> None:
    ticket.state = "working"
    try:
        ticket.job = _desk.worker().submit(ticket.kind, {"online": bool(bpy.app.online_access), **ticket.params}, ticket.folder)
    except JewelGenError as error:
        _fail(ticket, error)
    except OSError as error:
        _fail(ticket, JewelGenError(f"the worker cannot be started ({error.strerror or error})"))


def _apply(ticket: Ticket, hold: float) -> None:
    """Steps of one result until the time is used up."""
    start = time.perf_counter()
    try:
        if ticket._steps is None:
            ticket._steps = ticket.apply(ticket.result, ticket._loaded)
        while True:
            next(ticket._steps)
            if time.perf_counter() - start > hold:
                break
    except StopIteration:
        ticket.state, ticket.progress = "done", 1.0
        push_undo(ticket.undo)
    except JewelGenError as error:
        _fail(ticket, error)
    except ReferenceError:  # what was made or meant a step ago has been deleted by the person
        _fail(ticket, JewelGenError(f"what {ticket.label} was for was deleted while it was put in"))
    except Exception as error:  # the timer must live on; the sentence names what happened
        _fail(ticket, JewelGenError(f"{ticket.label} could not be put into the scene: {type(error).__name__}: {error}"))
    ticket.holds.append(time.perf_counter() - start)


def _fail(ticket: Ticket, error: JewelGenError) -> None:
    if ticket.over:
        return
    ticket.state, ticket.error = "failed", error
    if not ticket.quiet:
        show_error(error)
    if ticket.failed:
        ticket.failed(error)


def _sweep() -> None:
    """Forget tickets that are over, with their folders; the files are taken away in a thread, for disks can be slow."""
    over = [ticket for ticket in _desk.tickets if ticket.over]
    if over:
        _desk.tickets = [ticket for ticket in _desk.tickets if not ticket.over]
        folders = [ticket.folder for ticket in over]
        threading.Thread(target=lambda: [shutil.rmtree(folder, ignore_errors=True) for folder in folders], daemon=True).start()


def show_error(error: JewelGenError) -> None:
    """Put an error and its mend where the panel shows them."""
    now = bpy.context.window_manager.jewelgen
    now.error = str(error.args[0]) if error.args else str(error)
    now.error_field = error.field
    now.fix_label, now.fix_option = (error.fix.label, error.fix.option) if error.fix else ("", "")


def forget_error() -> None:
    """The panel shows no error any more."""
    now = bpy.context.window_manager.jewelgen
    for name in ("error", "error_field", "fix_label", "fix_option"):
        if getattr(now, name):
            setattr(now, name, "")


def _show() -> None:
    """Progress into the window manager, and the sidebars drawn anew if anything changed."""
    now = bpy.context.window_manager.jewelgen
    tickets = [ticket for ticket in _desk.tickets if not ticket.quiet]
    count = len(tickets)
    state = (bool(tickets), tickets[0].progress if count else 0.0, tickets[0].text if count else "")
    if count > 1:
        state = (True, state[1], f"{state[2]} ({count} jobs)")
    if (now.busy, now.status) == (state[0], state[2]) and abs(now.progress - state[1]) < 0.004:
        return
    now.busy, now.progress, now.status = state
    redraw()


def redraw() -> None:
    """Have the sidebars drawn anew."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


def push_undo(name: str) -> None:
    """One undo step for what was just put in; without a window there is no undo."""
    windows = bpy.context.window_manager.windows
    if not name or bpy.app.background or not windows:
        return
    with bpy.context.temp_override(window=windows[0]):
        if bpy.ops.ed.undo_push.poll():
            bpy.ops.ed.undo_push(message=name)


class _Printer:
    """Progress of a blocking job on stdout, a line a stage, as batch scripts read it."""

    def __init__(self, label: str) -> None:
        self._label, self._text = label, ""

    def __call__(self, share: float, text: str) -> None:
        if text != self._text:
            self._text = text
            sys.stdout.write(f"JewelGen {self._label}: [{share:4.0%}] {text}\n")
            sys.stdout.flush()


@persistent
def _another_file(*_: Any) -> None:
    """Jobs belong to the file they were begun in."""
    cancel_all()
    forget_error()


@persistent
def _undone(*_: Any) -> None:
    """What a half applied result had made is gone or stale: it is put in anew, from its files."""
    for ticket in _desk.tickets:
        if ticket._steps is not None and ticket.state == "applying":
            ticket._steps.close()
            ticket._steps = None
            ticket._again += 1
            if ticket._again > _AGAIN:
                _fail(ticket, JewelGenError(f"{ticket.label} was undone while it was put in"))


_HANDLERS = (("load_pre", _another_file), ("undo_post", _undone), ("redo_post", _undone))


def register() -> None:
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Everything gone: jobs, process, timer, handlers."""
    with contextlib.suppress(AttributeError):  # the properties may be gone already
        cancel_all()
    status_line.hush()
    _desk.tickets.clear()
    _desk.close()
    for timer in (tick, _ahead):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    for name, handler in _HANDLERS:
        found = getattr(bpy.app.handlers, name)
        if handler in found:
            found.remove(handler)
