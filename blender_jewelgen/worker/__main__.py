"""``python -m blender_jewelgen.worker`` answers messages on stdin until it ends; people start it for curiosity only."""

from __future__ import annotations

from .start import start

start()
