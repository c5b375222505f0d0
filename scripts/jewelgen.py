#!/usr/bin/env python3
"""Set up at first use, then run: ``python3 scripts/jewelgen.py make "…" --out DIR``. ``--repair`` rebuilds the environment."""

import sys

if sys.version_info < (3, 8):  # noqa: UP036 an old Python gets a sentence, too
    sys.exit("jewelgen: this Python is too old; use Python 3.11 or 3.13")

import environment

if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--repair"]
    repair = len(arguments) != len(sys.argv) - 1
    python = environment.interpreter("run", repair)
    if arguments or not repair:
        environment.hand_over(python, ["-m", "blender_jewelgen", *arguments])
