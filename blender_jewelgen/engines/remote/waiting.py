"""Waiting for a task of a service, and bringing its mesh."""

from __future__ import annotations

import time
from pathlib import Path

from ...core.errors import BadInput
from . import faults, tasks
from .faults import Refused
from .http import Line
from .service import Seen, Service

EVERY = 3.0  # s between two looks; three times that after the first minute
LONGEST = 45 * 60.0  # s that a task is waited for; it stays on the list
_RUN_OUT = (403, 404, 410)  # what an expired link answers


def waited(service: Service, line: Line, task: tasks.Task) -> Seen:
    """How a task is once it is done. Raises BadInput for one that failed, which is struck off, or that does not end, which stays; Cancelled."""
    assert service.look is not None
    begun, high = time.monotonic(), 0.0
    line.phase(0.05, f"{service.label} is asked how far it is")
    while True:
        seen = service.look(line, task.handle)
        high = max(high, min(max(seen.share, 0.0), 1.0))
        if seen.state == "done":
            return seen
        if seen.state == "failed":
            tasks.strike(task)
            told = faults.plain(seen.told, line.key)
            raise BadInput(f"{service.label} could not make the body{f' ({told})' if told else ''}; try another picture", field="task")
        minutes = (time.monotonic() - begun) / 60.0
        if minutes * 60.0 > LONGEST:
            raise BadInput(f"{service.label} has worked on the task for {minutes:.0f} min without an end; it stays on the list", field="task")
        line.phase(0.05 + 0.8 * high, f"{service.label} has it in its queue" if seen.state == "waiting" else f"{service.label} is making the body, {high:.0%}")
        line.rest(EVERY if minutes < 1.0 else 3.0 * EVERY)


def brought(service: Service, line: Line, task: tasks.Task, seen: Seen, file: Path) -> None:
    """Fetch the mesh of a task that is done; a link that has run out is asked for anew, once. Raises BadInput, Refused and Cancelled."""
    assert service.look is not None
    line.phase(0.86, f"fetching the body from {service.label}")
    try:
        line.fetch(seen.link, file)
    except Refused as error:
        if error.status not in _RUN_OUT:
            raise
        line.phase(0.86, f"the link to the body has run out; {service.label} is asked for another")
        try:
            line.fetch(service.look(line, task.handle).link, file)
        except Refused as again:
            if again.status not in _RUN_OUT:
                raise
            raise BadInput(f"the link that {service.label} gives to the body has run out; ask again later", field="task") from again
