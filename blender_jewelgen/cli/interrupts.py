"""Ctrl-C and its relatives: one way to stop, and moments in which it has to wait."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

_ALL = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
Handlers = tuple[tuple[int, Any], ...]


class Stopped(KeyboardInterrupt):
    """Ctrl-C in work of which a part is done; its text says which."""


def quit_at_once(*_: Any) -> None:
    """A handler that ends the process as Ctrl-C does, without a word."""
    os._exit(130)


def listen() -> Handlers:
    """Being ended or losing the terminal is like Ctrl-C, so that nothing half done is left; gives what was set before."""
    plain = (signal.SIG_DFL, signal.default_int_handler, quit_at_once)
    return _all(lambda number, now: signal.default_int_handler if now in plain else now)


def hold() -> Handlers:
    """From now on no signal stops this process; gives what was set before."""
    return _all(lambda number, now: signal.SIG_IGN)


def release(before: Handlers) -> None:
    """Set again what ``listen`` or ``hold`` gave."""
    for number, handler in before:
        signal.signal(number, handler)


def _all(choose: Any) -> Handlers:
    if threading.current_thread() is not threading.main_thread():
        return ()  # Python delivers signals to the main thread only
    before = tuple((number, signal.getsignal(number)) for number in _ALL)
    before = tuple((number, handler) for number, handler in before if handler is not None)  # None: set by another language
    for number, handler in before:
        signal.signal(number, choose(number, handler))
    return before
