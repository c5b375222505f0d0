"""The worker's side: one thread listens, the main one works, and what either prints goes to the log."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from .. import __version__
from ..core.errors import Cancelled, JewelGenError
from . import logfile
from . import protocol as say
from .failure import failed

_QUIET = 0.05  # s between two tellings of one step


class Tell(Protocol):
    """Hears of progress (0 to 1, what is being done, a file that can be shown); raises Cancelled when the person said so."""

    def __call__(self, fraction: float, text: str, preview: str = "") -> None: ...


Job = Callable[[dict[str, Any], Path, Tell], dict[str, Any]]


def serve(jobs: Mapping[str, Job]) -> None:
    """Answer messages on stdin until it ends, which ends the process at once, whatever it is doing.

    A job gets its parameters, its folder (made if missing, never taken away), and a ``Tell``; it gives what JSON can hold.
    """
    desk = _Desk(jobs, *_wires())
    desk.send(say.Hello(say.PROTOCOL, __version__, sys.version.split()[0], _engines()))
    threading.Thread(target=desk.listen, name="listen", daemon=True).start()
    logfile.head()
    desk.work()


def _wires() -> tuple[int, int]:
    """Copies of stdin and stdout for messages only; from here on nothing else reaches them.

    The names 0 and 1 then mean nothing and the log. On Windows that also spares a library that is loaded, and asks for
    the kind of file behind its stdin, from waiting until the pipe has something to read.
    """
    sys.stdout.flush()
    inward, outward = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return inward, outward


def _engines() -> tuple[str, ...]:
    from ..engines.registry import CARDS

    return tuple(card.name for card in CARDS)


class _Desk:
    """Jobs waiting, the one at work, and which of them are not wanted any more."""

    def __init__(self, jobs: Mapping[str, Job], inward: int, outward: int) -> None:
        self._jobs = jobs
        self._inward = open(inward, "rb", buffering=1 << 16)  # noqa: SIM115 open as long as the process
        self._outward = outward
        self._talk = threading.Lock()
        self._change = threading.Lock()
        self._waiting: queue.SimpleQueue[say.Submit] = queue.SimpleQueue()
        self._begun = ""
        self._unwanted: set[str] = set()
        self._known: set[str] = set()  # neither begun nor cancelled

    def send(self, message: say.Message) -> None:
        """Say it; ends the process if nobody is there to hear it."""
        line = say.encode(message)
        with self._talk:
            try:
                while line:
                    line = line[os.write(self._outward, line) :]
            except OSError:
                os._exit(0)

    def listen(self) -> None:
        """Hear everything, also while a job is at work. The end of stdin is the end of the program that started us."""
        for line in self._inward:
            try:
                self._hear(say.decode(line))
            except ValueError as error:
                self.send(say.Log(str(error)))
        os._exit(0)

    def _hear(self, message: say.Message) -> None:
        if isinstance(message, say.Ping):
            self.send(say.Pong(message.number))
        elif isinstance(message, say.Submit):
            with self._change:
                self._known.add(message.job)
            self._waiting.put(message)
        elif isinstance(message, say.Cancel):
            with self._change:
                waits = message.job in self._known
                self._known.discard(message.job)
                if message.job == self._begun:
                    self._unwanted.add(message.job)
            if waits:
                self.send(say.Cancelled(message.job))
        else:
            self.send(say.Log(f"a worker is not told {type(message).__name__}"))

    def work(self) -> None:
        """One job after the other, for ever."""
        while True:
            order = self._waiting.get()
            with self._change:
                if order.job not in self._known:
                    continue  # cancelled while it waited
                self._known.discard(order.job)
                self._begun = order.job
            self.send(say.Progress(order.job, 0.0, "starting"))
            logfile.note(f"job {order.job} {order.kind} begins")
            start = time.perf_counter()
            final = self._outcome(order)
            logfile.note(f"job {order.job} {type(final).__name__.lower()} after {time.perf_counter() - start:.2f} s")
            with self._change:
                if order.job in self._unwanted:  # said after the last step; what was made is not wanted
                    final = say.Cancelled(order.job)
                self._begun = ""
                self._unwanted.clear()
            self.send(final)

    def _outcome(self, order: say.Submit) -> say.Message:
        folder = Path(order.folder)
        try:
            if order.kind not in self._jobs:
                raise JewelGenError(f"this worker knows no job {order.kind[:40]!r}", field="kind")
            folder.mkdir(parents=True, exist_ok=True)
            done = say.Done(order.job, self._jobs[order.kind](order.params, folder, self._tell(order.job)))
            say.encode(done)  # what JSON cannot hold is the job's error, not the end of the worker
            return done
        except Cancelled:
            return say.Cancelled(order.job)
        except BaseException as error:  # whatever a job raises, SystemExit included, is told; the worker lives on
            if not isinstance(error, JewelGenError):
                with contextlib.suppress(OSError, MemoryError):
                    logfile.write("".join(f"{line[:400]}\n" for line in traceback.format_exc().splitlines()))
            return failed(order, error)

    def _tell(self, job: str) -> Tell:
        last, said = 0.0, ""

        def tell(fraction: float, text: str, preview: str = "") -> None:
            nonlocal last, said
            if job in self._unwanted:
                raise Cancelled("cancelled")
            now = time.monotonic()
            if text != said or preview or now - last > _QUIET:
                last, said = now, text
                self.send(say.Progress(job, min(max(float(fraction), 0.0), 1.0), text, preview))
                logfile.trim()

        return tell
