#!/usr/bin/env python3
"""Set up at first use, then run all tests: ``python3 scripts/test.py [pytest arguments]``."""

import sys

if sys.version_info < (3, 8):  # noqa: UP036 an old Python gets a sentence, too
    sys.exit("jewelgen: this Python is too old; use Python 3.11 or 3.13")

import environment

if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--repair"]
    python = environment.interpreter("test", len(arguments) != len(sys.argv) - 1)
    import os

    os.chdir(environment.ROOT)
    environment.hand_over(python, ["-m", "pytest", *arguments])
