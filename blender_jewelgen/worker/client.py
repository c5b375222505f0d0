"""The program's side of a worker: jobs are handed in and followed, the process is started, watched and replaced by itself."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import BadInput, Cancelled, Fix
from . import logfile
from . import protocol as say
from .environment import command_for
from .failure import JobFailed, WorkerDied
from .process import Ended, Process

_TRIES = 3  # processes in a row that may end before they begin a job
Tell = Callable[[float, str], None]


@dataclass(eq=False)
class _Job:
    order: say.Submit
    begun: bool = False
    cancelled: float | None = None  # when it was asked for, by the monotonic clock
    mute: bool = False  # nobody wants to hear of it any more


class Client:
    """A worker that is there when it is needed.

    Every method may be called from any thread and none but ``wait`` and ``close`` waits for anything. Jobs run one after
    the other in the order they were handed in, and each gets one final message. If the process ends, the job that it was
    at has failed (nothing is tried twice) and those behind it go on in a new one, which is started by whoever calls next:
    ``events`` from a timer, or ``wait``. Call from a thread that lives on, best the main one.
    """

    def __init__(
        self, command: list[str] | None = None, log: Path | None = None, env: dict[str, str] | None = None, grace: float = 5.0, patience: float = 60.0
    ) -> None:
        """``command`` and ``env`` are those of ``command_for`` by default; without ``log`` a temporary file is used.

        ``grace``: seconds a cancelled job may take before the process is ended; ``patience``: seconds it may take to start.
        """
        own_command, own_env = command_for(None) if command is None or env is None else ([], {})
        self._command, self._env = command or own_command, own_env if env is None else env
        self._grace, self._patience = grace, patience
        self._own_log = log is None
        self.log = log or _temporary_log()
        self._changed = threading.Condition(threading.RLock())
        self._arrived: deque[say.Message | Ended] = deque()
        self._outbox: deque[say.Message] = deque()
        self._jobs: dict[str, _Job] = {}
        self._waited: set[str] = set()  # their messages are for ``wait``
        self._pongs: set[int] = set()
        self._numbers = itertools.count(1)
        self._process: Process | None = None
        self._started = 0.0
        self._hello: say.Hello | None = None
        self._barren = 0  # processes in a row that ended before they began a job
        self._closed = False

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def hello(self) -> say.Hello | None:
        """What the running process said of itself; None while it starts, or without one."""
        with self._changed:
            self._pump()
            return self._hello

    @property
    def pid(self) -> int | None:
        """The number of the process that runs, if one does."""
        with self._changed:
            return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process ahead of the first job."""
        with self._changed:
            self._refuse_closed()
            self._pump()
            if self._process is None:
                self._spawn()

    def submit(self, kind: str, params: dict[str, Any], folder: Path) -> str:
        """Hand a job in; gives its id. ``folder`` is the caller's: the worker writes into it and leaves it."""
        with self._changed:
            self._refuse_closed()
            order = say.Submit(str(next(self._numbers)), kind, os.path.abspath(folder), params)
            say.encode(order)  # what cannot be sent is the caller's error, now
            self._pump()
            self._jobs[order.job] = _Job(order)
            if self._process:
                self._process.say(order)
            else:
                self._spawn()
            return order.job

    def cancel(self, job: str) -> None:
        """Ask that a job ends; its final message tells when it did. A job that is over is left alone."""
        with self._changed:
            found = self._jobs.get(job)
            if found and found.cancelled is None:
                found.cancelled = time.monotonic()
                if self._process:
                    self._process.say(say.Cancel(job))

    def events(self) -> list[say.Message]:
        """What was said since the last call, but of jobs that are waited for; never waits. Also restarts and ends processes."""
        with self._changed:
            self._pump()
            heard = [m for m in self._outbox if _job(m) not in self._waited]
            self._outbox = deque(m for m in self._outbox if _job(m) in self._waited)
            return heard

    def wait(self, job: str, timeout: float | None = None, tell: Tell | None = None, preview: Callable[[str], None] | None = None) -> dict[str, Any]:
        """The result of a job; its progress goes to ``tell``, names of files to look at to ``preview``.

        Raises BadInput, Cancelled, JobFailed (an error of the program), WorkerDied with the end of the log, or
        TimeoutError after ``timeout`` seconds, when the job goes on. If ``tell`` raises, the job is cancelled.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            self._waited.add(job)
        try:
            while True:
                message = self._next(job, end)
                if not isinstance(message, say.Progress):
                    break
                if tell:
                    tell(message.fraction, message.text)
                if preview and message.preview:
                    preview(message.preview)
        except BaseException as error:
            if not isinstance(error, (TimeoutError, JobFailed)):  # Ctrl-C, or a ``tell`` that says enough
                self._drop(job)
            raise
        finally:
            with self._changed:
                self._waited.discard(job)
        return _result(message, self.log)

    def run(
        self, kind: str, params: dict[str, Any], folder: Path, timeout: float | None = None, tell: Tell | None = None, preview: Callable[[str], None] | None = None
    ) -> dict[str, Any]:
        """``submit`` and ``wait`` in one: of this job ``events`` hears nothing, from its beginning on."""
        with self._changed:
            job = self.submit(kind, params, folder)
            self._waited.add(job)
        return self.wait(job, timeout, tell, preview)

    def ping(self, timeout: float = 10.0) -> float:
        """Seconds that a message there and back takes."""
        number = next(self._numbers)
        with self._changed:
            self.start()
            assert self._process
            start = time.perf_counter()
            self._process.say(say.Ping(number))
            while number not in self._pongs:
                if not self._changed.wait(timeout - (time.perf_counter() - start)):
                    raise TimeoutError("the worker does not answer")
                self._pump()
            self._pongs.remove(number)
            return time.perf_counter() - start

    def restart(self) -> None:
        """End the process with the job it is at; those behind it go on in a new one."""
        with self._changed:
            self._barren = 0
            if self._process:
                self._process.kill()
            else:
                self.start()

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log."""
        return logfile.tail(self.log, lines)

    def close(self, patience: float = 1.0) -> None:
        """End everything: open jobs are cancelled, the process has ``patience`` seconds to go, no thread is left."""
        with self._changed:
            self._closed = True
            process = self._process
            for job in self._jobs.values():
                job.cancelled = job.cancelled or time.monotonic()
        if process:
            process.close(patience)
        with self._changed:
            self._process = None
            for job in list(self._jobs):
                self._finish(say.Cancelled(job))
            self._changed.notify_all()
        if self._own_log:
            with contextlib.suppress(OSError):
                self.log.unlink()

    # -- below: with the lock held

    def _refuse_closed(self) -> None:
        if self._closed:
            raise WorkerDied("the worker was closed")

    def _hear(self, message: say.Message | Ended) -> None:
        with self._changed:
            self._arrived.append(message)
            self._changed.notify_all()

    def _next(self, job: str, end: float | None) -> say.Message:
        """The next message of a job; waits for it until ``end``."""
        with self._changed:
            while True:
                self._pump()
                for message in self._outbox:
                    if _job(message) == job:
                        self._outbox.remove(message)
                        return message
                if job not in self._jobs:
                    raise JobFailed(f"job {job} is not known, or its end was told already")
                now = time.monotonic()
                if end is not None and now >= end:
                    raise TimeoutError(f"job {job} is not done yet")
                moments = [moment for moment in (end, self._next_duty()) if moment is not None]
                self._changed.wait(max(0.001, min(moments) - now) if moments else None)

    def _drop(self, job: str) -> None:
        with self._changed:
            self.cancel(job)
            if job in self._jobs:
                self._jobs[job].mute = True
            self._outbox = deque(m for m in self._outbox if _job(m) != job)

    def _pump(self) -> None:
        """Take in what arrived; end a process that hangs; start one if there is work and none runs."""
        while self._arrived:
            self._take(self._arrived.popleft())
        if self._process is None:
            if self._jobs and not self._closed:
                self._spawn()
            return
        due = self._next_duty()
        if due is not None and time.monotonic() >= due:
            if self._hello is None:
                self._fail_all(f"the worker did not start within {self._patience:g} s{self._last_words()}")
            self._process.kill()

    def _next_duty(self) -> float | None:
        """When the process is to be ended unless it says what is expected of it."""
        if self._process is None:
            return None
        moments = [job.cancelled + self._grace for job in self._jobs.values() if job.begun and job.cancelled is not None]
        if self._hello is None:
            moments.append(self._started + self._patience)
        return min(moments, default=None)

    def _spawn(self) -> None:
        for name, job in list(self._jobs.items()):
            if job.cancelled is not None:
                self._finish(say.Cancelled(name))
        self._hello, self._started = None, time.monotonic()
        try:
            self._process = Process(self._command, self._env, self.log, self._hear)
        except OSError as error:
            self._fail_all(f"the worker cannot be started: {error.filename or self._command[0]} ({error.strerror or error})")
            return
        for job in self._jobs.values():
            self._process.say(job.order)

    def _take(self, message: say.Message | Ended) -> None:
        if isinstance(message, Ended):
            if message.process is self._process:
                self._ended(message)
        elif isinstance(message, say.Hello):
            self._hello = message
            if message.protocol != say.PROTOCOL:
                self._fail_all(
                    f"the worker speaks protocol {message.protocol}, this program {say.PROTOCOL}: they are of different versions; "
                    "install the same version in both"
                )
                assert self._process
                self._process.kill()
        elif isinstance(message, say.Progress):
            job = self._jobs.get(message.job)
            if job:
                job.begun, self._barren = True, 0
                if not job.mute:
                    self._outbox.append(message)
        elif isinstance(message, (say.Done, say.Failed, say.Cancelled)):
            self._finish(message)
        elif isinstance(message, say.Pong):
            self._pongs.add(message.number)
        else:
            self._outbox.append(message)

    def _finish(self, message: say.Done | say.Failed | say.Cancelled) -> None:
        job = self._jobs.pop(message.job, None)
        if job and not job.mute:
            self._outbox.append(message)

    def _ended(self, ended: Ended) -> None:
        early = self._hello is None
        self._process = self._hello = None
        begun = [job for job in self._jobs.values() if job.begun]
        for job in begun:
            name = job.order.job
            told = f"the worker {ended.how} in {job.order.kind}{self._last_words()}"
            self._finish(say.Cancelled(name) if job.cancelled is not None else say.Failed(name, told, kind="died"))
        self._barren = self._barren + 1 if self._jobs and not begun else 0
        if self._barren >= _TRIES and self._jobs:
            words = self._last_words()
            self._fail_all(f"the worker {ended.how} while starting{words}" if early else f"the worker {ended.how} without a job{words}")

    def _fail_all(self, sentence: str) -> None:
        self._barren = 0
        for name in list(self._jobs):
            self._finish(say.Failed(name, sentence, kind="died"))

    def _last_words(self) -> str:
        words = logfile.last_words(self.log)
        return f": {words}" if words else ""


def _result(message: say.Message, log: Path) -> dict[str, Any]:
    """The result in a final message; raises what the message tells of."""
    if isinstance(message, say.Done):
        return message.result
    if isinstance(message, say.Failed):
        if message.kind == "bad_input":
            fix = Fix(message.fix_label, message.fix_option) if message.fix_option else None
            raise BadInput(message.message, field=message.field, fix=fix)
        raise (WorkerDied if message.kind == "died" else JobFailed)(message.message, logfile.tail(log))
    raise Cancelled("cancelled")


def _job(message: say.Message) -> str | None:
    return getattr(message, "job", None)


def _temporary_log() -> Path:
    import tempfile  # takes as long as all the rest of this module

    handle, name = tempfile.mkstemp(prefix="jewelgen-worker-", suffix=".log")
    os.close(handle)
    return Path(name)
