"""One running worker process: a thread that reads what it says, a thread that writes what it is told, and its end."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import logfile
from . import protocol as say
from .start import TIED


@dataclass(frozen=True, eq=False)
class Ended:
    """The last thing heard of a process; ``code`` as subprocess has it, below 0 the signal."""

    process: Process
    code: int

    @property
    def how(self) -> str:
        """Its end in words."""
        if self.code >= 0:
            return f"ended with code {self.code}"
        try:
            return f"was ended by {signal.Signals(-self.code).name}"
        except ValueError:
            return f"was ended by signal {-self.code}"


class Process:
    """Starts at birth, raising OSError if it cannot; everything it says goes to ``hear``, in the reading thread."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path, hear: Callable[[say.Message | Ended], None]) -> None:
        self._hear = hear
        if threading.current_thread() is threading.main_thread():
            env = {**env, TIED: str(os.getpid())}
        handle = logfile.begin(log)
        try:
            self._popen = subprocess.Popen(
                command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=handle, env=env,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0), start_new_session=os.name == "posix",
            )
        finally:
            os.close(handle)
        self.pid = self._popen.pid
        self._orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._threads = tuple(threading.Thread(target=work, name=f"worker {self.pid} {work.__name__.strip('_')}", daemon=True) for work in (self._read, self._write))
        for thread in self._threads:
            thread.start()

    def say(self, message: say.Message) -> None:
        """Hand a message over; never waits, a worker that listens no more included."""
        self._orders.put(say.encode(message))

    def kill(self) -> None:
        """End it now, and what it may have started."""
        with contextlib.suppress(OSError):
            if os.name == "posix":
                if self._popen.poll() is None:
                    os.killpg(self.pid, signal.SIGKILL)
            else:
                self._popen.kill()

    def close(self, patience: float) -> None:
        """Let it end, and end it if it does not within ``patience`` seconds; afterwards no thread and no process is left."""
        self._orders.put(b"")
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
        for thread in self._threads:
            thread.join(10.0)
        self._popen.wait()

    def _write(self) -> None:
        pipe = self._popen.stdin
        assert pipe
        with contextlib.suppress(OSError):  # it is gone; the reading thread tells
            while line := self._orders.get():
                while line:
                    line = line[pipe.write(line) :]
        with contextlib.suppress(OSError):
            pipe.close()

    def _read(self) -> None:
        assert self._popen.stdout
        with open(self._popen.stdout.fileno(), "rb", buffering=1 << 16, closefd=False) as lines:
            for line in lines:
                try:
                    message = say.decode(line)
                except ValueError as error:
                    message = say.Log(str(error))
                self._hear(message)
        self._popen.stdout.close()
        code = self._popen.wait()
        self._orders.put(b"")  # so that the writing thread ends too
        self._hear(Ended(self, code))
