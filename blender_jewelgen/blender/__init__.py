"""The only room that knows bpy: panels, operators, live relief, the studio."""


def register() -> None:
    """Add everything to Blender; called when the add-on is enabled."""
    from . import registration  # here, so that the modules of this room can be imported one by one

    registration.register()


def unregister() -> None:
    """Take everything away again, running jobs included."""
    from . import registration

    registration.unregister()
