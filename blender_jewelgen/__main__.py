"""``python -m blender_jewelgen`` is the command line."""

import sys

from .cli.main import main

sys.exit(main(sys.argv[1:]))
