"""``python -m blender_jewelgen`` is the command line."""

import signal
import sys

from .cli.interrupts import quit_at_once

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, quit_at_once)  # while modules load there is nothing to clean up

from .cli.main import main

sys.exit(main(sys.argv[1:]))
