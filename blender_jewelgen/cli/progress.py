"""Progress: one line that moves on a terminal, a line a stage elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO


class Progress:
    """Callable with a share (0 to 1) and a text; prints on stderr, or on ``stream``."""

    def __init__(self, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._quiet = quiet
        self._stream = stream or sys.stderr
        self._moving = self._stream.isatty()
        self._text = ""
        self._last = 0.0
        self._high = 0.0

    def __call__(self, share: float, text: str) -> None:
        self._high = max(self._high, share)
        now = time.monotonic()
        if self._quiet or (text == self._text and now - self._last < (0.1 if self._moving else 5.0)):
            return
        self._text, self._last = text, now
        line = f"[{self._high:4.0%}] {text}"
        self._print(f"\r{line:<70}" if self._moving else f"{line}\n")

    def clear(self) -> None:
        """Take the moving line away, so that another text can be printed in its place."""
        if self._moving and self._text:
            self._print("\r" + " " * 72 + "\r")

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def _print(self, text: str) -> None:
        try:
            print(text, end="", file=self._stream, flush=True)
        except OSError:  # nobody listens any more; the work goes on
            self._quiet = True
