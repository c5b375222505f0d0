#!/usr/bin/env python3
"""Set up at first use, then run: ``python3 scripts/jewelgen.py make "…" --out DIR``. ``--repair`` rebuilds the environment."""

import sys

if sys.version_info < (3, 8):
    sys.exit("jewelgen: this Python is too old; use Python 3.11 or 3.13")

import environment

if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--repair"]
    repair = len(arguments) != len(sys.argv) - 1
    environment.hand_over(environment.interpreter("run", repair), ["-m", "blender_jewelgen", *arguments])
