"""The one model that a worker keeps between its jobs, and the thread that reads it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Tell = Callable[[float, str], None]
_LOOK = 0.1  # s between two looks at whether the person still wants the model


class Dropped(Exception):
    """The reading thread was told to stop; nobody waits for its result."""


@dataclass
class Reading:
    """What the thread that reads a model tells, and what it is told."""

    share: float = 0.0
    text: str = "reading the model"
    stop: bool = False

    def at(self, share: float, text: str) -> None:
        """Note how far it is; raises Dropped if nobody waits any more."""
        if self.stop:
            raise Dropped
        self.share, self.text = share, text


@dataclass
class Kept:
    """The model in memory with the key it was loaded by; at most one, since two hardly fit anywhere."""

    key: Any = None
    value: Any = None
    thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Any, read: Callable[[Reading], Any], tell: Tell) -> Any:
        """The value of ``key``: the one in hand, or read anew by ``read`` while ``tell`` is heard ten times a second."""
        with self._lock:
            if self.value is not None and self.key == key:
                return self.value
            self.free()
            self.value = self._patiently(read, tell)
            self.key = key
            return self.value

    def free(self) -> None:
        """Let go of the model and give its memory back."""
        self.key = self.value = None
        emptied()

    def _patiently(self, read: Callable[[Reading], Any], tell: Tell) -> Any:
        """``read`` in a thread, so that a cancel is heard at once also while the library reads a file of 20 GB."""
        while self.thread is not None and self.thread.is_alive():  # an abandoned reader ends at its next part
            tell(0.0, "waiting for the model before it to be put away")
            self.thread.join(_LOOK)
        reading, outcome = Reading(), {}

        def work() -> None:
            try:
                outcome["value"] = read(reading)
            except BaseException as error:  # whatever it is, it is raised where it is waited for
                outcome["error"] = error

        self.thread = threading.Thread(target=work, name="jewelgen-model", daemon=True)
        self.thread.start()
        try:
            tell(0.0, Reading.text)  # always: a small model is read sooner than the first look
            while self.thread.is_alive():
                self.thread.join(_LOOK)
                tell(reading.share, reading.text)
        except BaseException:
            reading.stop = True
            raise
        self.thread = None
        if "error" in outcome:
            raise outcome["error"]
        return outcome["value"]


def emptied() -> None:
    """Give memory that nothing holds back to the device."""
    gc.collect()
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif getattr(torch.backends, "mps", None) is not None and torch.backends.mps.is_available():
        torch.mps.empty_cache()


KEPT = Kept()  # of this process; a worker has one thread of jobs
