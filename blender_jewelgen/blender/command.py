"""``blender -b --command jewelgen VERB ...``: the command line inside Blender, with its verbs, options, files and exit codes."""

from __future__ import annotations

import signal
from pathlib import Path

import bpy

_HERE = Path(__file__).resolve().parents[1]  # the package, whatever an extension is called


class Registered:
    """Blender's handle of the command; without it the command cannot be taken back."""

    handle: object | None = None


def register() -> None:
    """Add the command."""
    Registered.handle = bpy.utils.register_cli_command("jewelgen", run)


def unregister() -> None:
    """Take the command away."""
    if Registered.handle is not None:
        bpy.utils.unregister_cli_command(Registered.handle)
        Registered.handle = None


def run(arguments: list[str]) -> int:
    """Run one command line; the return value is Blender's exit code."""
    from ..cli.main import main
    from ..cli.setting import Setting

    # Blender's own answer to Ctrl-C is to stop a render and go on; here it stops the command.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    return main(arguments, Setting(picture=picture_command(), aloud=True))


def picture_command() -> tuple[str, ...]:
    """The command that takes pictures: this Blender without window and add-ons; empty where bpy is a module of Python."""
    binary = bpy.app.binary_path
    if getattr(bpy.app, "module", False) or not binary:
        return ()
    start = f"import sys; sys.path.insert(0, {str(_HERE.parent)!r}); from {_HERE.name}.blender.camera import run; run(sys.argv[sys.argv.index('--') + 1:])"
    return (binary, "--background", "--factory-startup", "--python-exit-code", "1", "--python-expr", start, "--")
