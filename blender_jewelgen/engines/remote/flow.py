"""How every service is asked for a body: allowed, keyed, ordered, waited for, fetched; gone on with after a restart."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.body import Body
from ...core.errors import BadInput, Cancelled, Fix
from . import address, faults, keys, tasks
from .faults import Refused
from .http import Line
from .sent import Picture, picture
from .service import Service, of
from .waiting import brought, waited

if TYPE_CHECKING:
    from ...core.body import BodyOrder, Tell
    from ...core.mesh.arrays import Mesh


def made(service: Service, order: BodyOrder, tell: Tell) -> Body:
    """The body that a service makes of an order; one that was begun before is gone on with, and not paid for again.

    A service makes one body: each costs money. Raises BadInput (network, key, picture, server, task, mesh) and Cancelled; a
    task that was begun stays on the list then.
    """
    if order.task:
        return resumed(order.task, order.online, tell)
    typed = order.params.server or service.home
    server = address.own_server(service.label, typed, service.home) if service.key else address.proper_server(service.label, typed)
    _may(service, server, order.online)
    line = _line(service, server, tell)
    line.phase(0.0, f"reading the picture for {service.label}")
    shown = picture(order.picture) if order.picture is not None else None
    if shown is None and not (service.words and order.prompt.strip()):
        raise BadInput(f"{service.label} makes bodies of a picture{' or words' if service.words else ''}; name one", field="picture")
    model = order.params.model.strip() or service.usual
    known = {"engine": service.engine, "label": service.label, "server": server, "mark": _mark(service, server, order, shown), "seed": order.seed}
    known |= {"model": Path(model).name, "picture": shown.file if shown else "", "prompt": order.prompt[:300]}
    before = tasks.like(known["mark"])
    if before is not None:
        return _gone_on(service, line, before)
    if service.at_once is not None:
        return _at_once(service, line, order, shown, model, known)
    with _told(service), faults.understood(service.label):
        handle = _ordered(service, line, order, shown, model, known)
    return _fetched(service, line, tasks.opened(handle=handle, **known), ())


def resumed(name: str, online: bool, tell: Tell) -> Body:
    """The body of a task by its id, or of its beginning. Raises BadInput and Cancelled as ``made`` does."""
    from ..bodies.registry import card

    task = tasks.found(name)
    service = of(task.engine)
    here = task.state == "done" and task.mesh.is_file()
    if not here:
        _may(service, task.server, online)
    body = _gone_on(service, _line(service, task.server, tell, keyed=not here), task)
    return replace(body, credit=card(task.engine).credit() | body.credit)


def _ordered(service: Service, line: Line, order: BodyOrder, shown: Picture | None, model: str, known: dict[str, Any]) -> dict[str, str]:
    """Send the order; gives what the service calls the task. A cancel that comes too late leaves the task on the list."""
    assert service.order is not None and service.handle is not None
    line.phase(0.02, f"sending the order to {service.label}")
    post = service.order(line, order, shown, model)

    def handle(answer: object) -> dict[str, str]:
        return {**service.handle(answer), **post.about}

    def late(answer: object) -> None:
        tasks.opened(handle=handle(answer), **known)

    return handle(line.post(post.path, post.body, form=post.form, files=post.files, again=post.again, late=late))


def _may(service: Service, server: str, online: bool) -> None:
    """A server of one's own on this computer needs no network."""
    if service.key or not address.loopback(server):
        address.allowed(service.label, online)


def _line(service: Service, server: str, tell: Tell, keyed: bool = True) -> Line:
    key = keys.key(service.key) if service.key and keyed else ""
    return Line(service.label, server, tell, key, dict(service.head))


def _mark(service: Service, server: str, order: BodyOrder, shown: Picture | None) -> str:
    """What makes two orders the same: all that is sent, in a few letters."""
    words = order.prompt if shown is None or service.both else ""
    kept = [service.engine, server, order.params.model, order.params.steps, order.params.guidance, words, order.seed, shown.sum if shown else "", _sum(order.params.model)]
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:32]


def _sum(model: str) -> str:
    """Of a model that is a file, such as a workflow, what is in it."""
    path = Path(model).expanduser()
    return hashlib.sha256(path.read_bytes()).hexdigest() if model and path.is_file() else ""


def _gone_on(service: Service, line: Line, task: tasks.Task) -> Body:
    if task.state == "done" and task.mesh.is_file():
        free = ", and nothing was charged" if service.key else ""
        note = f"{service.label} made this body on {task.begun}; it was taken as it was{free}; another seed orders anew"
        return _body(service, task, task.mesh, line, (note,), task.cost)
    return _fetched(service, line, task, (f"the task that was begun on {task.begun} was gone on with",))


def _fetched(service: Service, line: Line, task: tasks.Task, notes: tuple[str, ...]) -> Body:
    """Wait for a task and bring its mesh."""
    try:
        with tempfile.TemporaryDirectory(prefix="jewelgen-") as name, _told(service, task), faults.understood(service.label):
            seen = waited(service, line, task)
            file = Path(name) / f"mesh.{seen.suffix}"
            brought(service, line, task, seen, file)
            body = _body(service, task, file, line, notes, seen.cost)
            if seen.suffix == "glb":
                tasks.finished(task, file, seen.cost)
            else:  # of a workflow of one's own; it is not kept
                tasks.strike(task)
            return body
    except Cancelled:
        if service.stop is not None:
            _stopped(service, line, task)
        raise


def _body(service: Service, task: tasks.Task, file: Path, line: Line, notes: tuple[str, ...], cost: str) -> Body:
    named = next(iter(task.handle.values()), "")
    credit = {"revision": task.model} | ({"task": named} if named else {})
    return Body(mesh=_read(service, line, file), credit=credit, notes=(*notes, *filter(None, [service.terms])), cost=cost)


def _at_once(service: Service, line: Line, order: BodyOrder, shown: Picture | None, model: str, known: dict[str, Any]) -> Body:
    """A service that answers an order with the mesh; what was paid for is kept as that of a finished task."""
    assert service.at_once is not None
    with tempfile.TemporaryDirectory(prefix="jewelgen-") as name, _told(service):
        file = Path(name) / "mesh.glb"
        line.phase(0.05, f"{service.label} is making the body")
        with faults.understood(service.label):
            cost = service.at_once(line, order, shown, model, file)
        mesh = _read(service, line, file)
        if service.key:
            tasks.finished(tasks.opened(handle={"task": ""}, **known), file, cost)
    return Body(mesh=mesh, credit={"revision": model}, notes=tuple(filter(None, [service.terms])), cost=cost)


def _read(service: Service, line: Line, file: Path) -> Mesh:
    """The mesh in a file, in the service's own units, z up."""
    from ...core.mesh.read import read_mesh

    line.phase(0.95, "reading the body")
    mesh, _ = read_mesh(file, scale=1.0)
    line.phase(1.0, f"the body of {service.label} is here")
    return mesh


def _stopped(service: Service, line: Line, task: tasks.Task) -> None:
    """Have a server of one's own stop."""
    assert service.stop is not None
    try:
        service.stop(Line(line.label, line.server, lambda share, text: None, line.key, line.head), task.handle)
    except (BadInput, Refused):
        return
    tasks.strike(task)


@contextmanager
def _told(service: Service, task: tasks.Task | None = None) -> Iterator[None]:
    """Refusals become sentences; a task that the service does not have any more is struck off."""
    try:
        yield
    except Refused as error:
        if task is not None and error.status in (404, 410):
            tasks.strike(task)
            raise BadInput(f"{service.label} does not have the task any more{f' ({error.told})' if error.told else ''}; order anew", field="task") from error
        refusal = faults.refusal(service.label, error, service.key, service.page)
        raise _mendable(refusal, task) from error
    except BadInput as error:
        raise _mendable(error, task) from error.__cause__


def _mendable(error: BadInput, task: tasks.Task | None) -> BadInput:
    """The same with what to do about the task that stays on the list: go on with it, or, if its mesh is no good, forget it."""
    if task is not None and error.fix is None and any(one.id == task.id for one in tasks.listed()):
        bad = error.field == "mesh"
        error.fix = Fix("Forget the Task", f"jewelgen tasks forget {task.id}") if bad else Fix("Resume the Task", f"jewelgen tasks resume {task.id}")
    return error
