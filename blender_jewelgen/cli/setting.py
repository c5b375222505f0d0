"""Where the command line runs: a terminal, or Blender's own ``blender -b --command jewelgen``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Setting:
    """What differs from place to place.

    ``picture``: the command that takes pictures, to which the name of a request is added; empty for this Python with bpy.
    ``aloud``: progress goes to stdout, where farms look for it, unless JSON is asked for there.
    """

    picture: tuple[str, ...] = ()
    aloud: bool = False

    @property
    def camera(self) -> tuple[str, ...]:
        """The command that takes pictures."""
        return self.picture or (sys.executable, "-m", f"{__package__.rpartition('.')[0]}.blender.camera")

    def stream(self, json: bool) -> TextIO:
        """Where progress goes, given whether stdout is to hold JSON alone."""
        return sys.stdout if self.aloud and not json else sys.stderr
