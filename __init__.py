"""The extension's door: Blender asks for a package beside the manifest; the code lives in ``blender_jewelgen``.

Anything else that finds this file, pytest above all, must not import it as a package of its own.
"""

if (__package__ or "").startswith("bl_ext."):
    from .blender_jewelgen.blender import register, unregister  # noqa: F401
