"""What can go wrong, in one sentence each: what happened, which field, which limit, and the mend if one is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fix:
    """A mend a person can take with one click or one option."""

    label: str
    option: str  # as typed on the command line, such as "--depth 0.6"


class JewelGenError(Exception):
    """Base of every error that is the reader's to mend; its text is one sentence without a traceback."""

    def __init__(self, message: str, *, field: str = "", fix: Fix | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.fix = fix

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text} (try {self.fix.option})" if self.fix else text


class BadInput(JewelGenError, ValueError):
    """A prompt, option, picture, mesh or recipe that cannot be used; exit code 2."""


class Cancelled(JewelGenError):
    """The person stopped the work; nothing was written."""
