"""The whole craft in plain numbers: no Blender, no torch, no network. Millimetres, grams, degrees."""
