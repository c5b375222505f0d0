"""The command line; ``blender -b --command jewelgen`` runs the same code."""
